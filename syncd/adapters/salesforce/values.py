"""Canonical values to the JSON that a field of this type takes, and raw values compared (salesforce.md 8.2).

What a field can't hold, or may not be given by us, is refused here, before it costs a call: a value that is of the
wrong JSON type would sink its whole batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from syncd.adapters.base import Raw
from syncd.errors import Rejected

from .currency import CURRENCY
from .errors import SYSTEM
from .records import RecordType
from .shapes import Field

_NUMBERS = frozenset({"currency", "double", "percent"})
_WHOLES = frozenset({"int", "long"})
_TEXTS = frozenset({"string", "textarea", "url", "email", "phone", "encryptedstring"})
_FLAGS: Mapping[Any, bool] = {True: True, False: False, "true": True, "false": False}
_CHECKED = frozenset({"StageName"})  # picklists that take any text through the API and should not (trap 23)


UNFIT = "UNFIT"  # the code of what was refused by the description, before it was sent


class _Unfit(ValueError):
    """The reason, without the value."""


def to_wire(records: RecordType, fields: Raw, *, creating: bool) -> dict[str, Any]:
    """The body of a write. Raises Rejected that names the fields."""
    body: dict[str, Any] = {}
    unfit = records.currency.refusals(fields)
    for name, value in records.currency.untold(fields).items():
        if name in unfit:
            continue
        try:
            body[name] = _one(_writable(records, name, creating=creating), value)
        except _Unfit as why:
            unfit[name] = str(why)
    if not unfit:
        return body
    reasons = "; ".join(f"{name} {why}" for name, why in unfit.items())
    raise Rejected(
        f"this can't be written: {reasons}",
        system=SYSTEM,
        code=UNFIT,
        fields=tuple(unfit),
        remedy=_remedy(records, unfit),
    )


def same(field: Field | None, left: Any, right: Any) -> bool:
    """Do two raw values of one field say the same? The order of a multi-select is the org's own (trap 24)."""
    if left == right:
        return True
    if field is not None and field.type == "multipicklist":
        return _members(left) == _members(right)
    return left in ("", None) and right in ("", None)


def _writable(records: RecordType, name: str, *, creating: bool) -> Field:
    field = records.fields.get(name)
    if field is None:
        raise _Unfit(records.unseen.reason(name))
    if not (field.createable if creating else field.updateable):
        raise _Unfit(f"is made of {', '.join(parts)}" if (parts := records.parts_of(name)) else "is not ours to write")
    return field


def _one(field: Field, value: Any) -> Any:
    if field.type == "boolean":
        return _flag(value)
    if value is None:
        return None
    if field.type in _NUMBERS:
        return _number(value)
    if field.type in _WHOLES:
        number = _number(value)
        if number != number.to_integral_value():
            raise _Unfit("takes whole numbers only")
        return int(number)
    text = _text(value)
    if field.type == "picklist" and (field.restricted_picklist or field.name in _CHECKED) and text not in field.choices:
        raise _Unfit("has no such choice")
    if field.type in _TEXTS and 0 < field.length < len(text):
        raise _Unfit(f"holds {field.length} characters at most")
    return text


def _flag(value: Any) -> bool:
    """A checkbox is never empty; null would be an error."""
    try:
        return _FLAGS[value]
    except (KeyError, TypeError):
        raise _Unfit("is a checkbox, which is either true or false") from None


def _number(value: Any) -> Decimal:
    """Exact: it goes out as a JSON number with the digits that it has, never through a float."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise _Unfit("takes numbers only") from None
    if isinstance(value, bool) or not number.is_finite():
        raise _Unfit("takes numbers only")
    return number


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case tuple() | list():
            return ";".join(str(entry) for entry in value)
        case _:
            return str(value)


def _members(value: Any) -> frozenset[str]:
    return frozenset(filter(None, value.split(";"))) if isinstance(value, str) else frozenset()


def _remedy(records: RecordType, unfit: Mapping[str, str]) -> str:
    if CURRENCY in unfit:
        return records.currency.remedy
    unseen = [name for name in unfit if name not in records.fields]
    if unseen:
        ways = (records.unseen.remedy(records.name, name, ours=name == records.ref) for name in unseen)
        return f"{'; '.join(dict.fromkeys(ways))}; then syncd held retry"
    return "see `syncd setup` for what the fields are like, correct the mapping or the record, then syncd held retry"
