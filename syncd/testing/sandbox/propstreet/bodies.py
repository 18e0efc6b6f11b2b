"""What bodies are made of: JSON objects whose fields are read one by one (propstreet.md, sections 1, 9 and 13).

Every wrong field is reported at once. Whether a value is taken elsewhere is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import msgspec

from syncd.testing.sandbox.wire import Request

from .http import Errors, Refusal, invalid
from .record import Ref
from .switches import Switches

NAMESPACE_MAX = 50
REF_ID_MAX = 255
REFS_MAX = 50
TEXT_MAX = 255
TAGS_MAX = 100
DIGITS_MAX = 18  # our own bound: sums stay exact

Attributes = dict[str, Any]
"""New values by attribute of a row."""

Reader = Callable[[Any, Any, Switches], Any]
"""From the value sent, the row it is for (None: a new one) and the switches to the value meant; or ValueError."""

_decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


def json_of(request: Request) -> dict[str, Any]:
    """The body's fields, numbers exact. Raises 415 or 400."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Refusal(415, "unsupported-media-type", "The body must be application/json.")
    try:
        return _decoder.decode(request.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, InvalidOperation):
        raise Refusal(400, "validation-failed", "The body is not a JSON object.") from None


def read(
    sent: Mapping[str, Any],
    readers: Mapping[str, Reader],
    current: object,
    switches: Switches,
    *,
    required: Sequence[str] = (),
) -> Attributes:
    """What the body says, by attribute. Raises 400 naming all that is wrong; `required` is for new rows."""
    errors: Errors = {}
    attributes: Attributes = {}
    for name, value in sent.items():
        reader = readers.get(name)
        if reader is None:
            if switches.unwritable == "refuse":
                errors[name] = ["cannot be written"]
            continue
        try:
            attributes[_attribute(name)] = reader(value, current, switches)
        except ValueError as exc:
            errors[name] = [str(exc)]
    if current is None:
        errors.update({name: ["is required"] for name in required if name not in sent})
    if errors:
        raise invalid(errors)
    return attributes


@cache
def _attribute(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: "_" + letter[0].lower(), name)


def text(most: int = TEXT_MAX) -> Reader:
    """Text of so many characters; null and blank text clear it."""

    def reader(value: Any, current: Any, switches: Switches) -> str | None:
        if value is not None and not isinstance(value, str):
            raise ValueError("must be text")
        if value is not None and len(value) > most:
            raise ValueError(f"must be at most {most} characters")
        return value if value is not None and value.strip() else None

    return reader


def choice(values: Sequence[str], *, nullable: bool = False) -> Reader:
    def reader(value: Any, current: Any, switches: Switches) -> str | None:
        if (nullable and value is None) or (isinstance(value, str) and value in values):
            return value
        raise ValueError("must be one of " + ", ".join(values))

    return reader


def tags(value: Any, current: Any, switches: Switches) -> tuple[str, ...]:
    """Replaced whole, each once; null clears."""
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > TAGS_MAX:
        raise ValueError(f"must be a list of at most {TAGS_MAX}")
    if not all(isinstance(tag, str) and tag.strip() and len(tag) <= TEXT_MAX for tag in value):
        raise ValueError(f"each must be text of 1 to {TEXT_MAX} characters")
    return tuple(dict.fromkeys(value))


def refs(value: Any, current: Any, switches: Switches) -> tuple[Ref, ...]:
    """Replaced whole: what is not sent is gone (trap 21). One per namespace, whatever its case."""
    if not isinstance(value, list) or len(value) > REFS_MAX:
        raise ValueError(f"must be a list of at most {REFS_MAX}")
    refs = tuple(_ref(item) for item in value)
    if len({ref.namespace.lower() for ref in refs}) < len(refs):
        raise ValueError("at most one per namespace")
    return refs


def _ref(value: Any) -> Ref:
    sent = object_of(value, "namespace", "id")
    namespace, id = sent.get("namespace"), sent.get("id")
    if not (isinstance(namespace, str) and 0 < len(namespace) <= NAMESPACE_MAX and namespace.strip()):
        raise ValueError(f"namespace must be 1 to {NAMESPACE_MAX} characters")
    if not (isinstance(id, str) and 0 < len(id) <= REF_ID_MAX and id.strip()):
        raise ValueError(f"id must be 1 to {REF_ID_MAX} characters")
    return Ref(namespace, id)


def object_of(value: Any, *known: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not value.keys() <= set(known):
        raise ValueError("must be an object of " + ", ".join(known))
    return value


def number_of(value: Any) -> Decimal:
    """From a number or a string, as the schema allows (section 1)."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError("must be a number")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError("must be a number") from None
    if not number.is_finite() or len(number.as_tuple().digits) > DIGITS_MAX or abs(number.adjusted()) > DIGITS_MAX:
        raise ValueError("must be a number of a sensible size")
    return number
