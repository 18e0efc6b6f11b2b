"""One kind's records as Salesforce shows them: what to ask for, and how a row becomes a Remote.

Any object will do; what it has, describe tells. A field that is hidden from us is left out of the query and of the
record, so that nobody takes it for empty (salesforce.md traps 17, 37).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from syncd.adapters.base import ObjectSpec, Remote
from syncd.core.instant import canonical_instant
from syncd.errors import Forbidden

from .errors import SYSTEM
from .ids import full_id
from .options import Options
from .shapes import Description, Field, Row

ID, DELETED, STAMP, MASTER, AUTHOR = "Id", "IsDeleted", "SystemModstamp", "MasterRecordId", "LastModifiedById"
OWN = (ID, DELETED, STAMP, MASTER, AUTHOR)
CURRENCY = "CurrencyIsoCode"  # there only where multi-currency is enabled (trap 37)


class RecordType:
    """A kind on Salesforce's side, as it is described now."""

    def __init__(self, spec: ObjectSpec, options: Options, description: Description) -> None:
        self.name = spec.name
        self.ref = options.ref_field
        self.prefix = description.key_prefix
        self.fields: Mapping[str, Field] = {field.name: field for field in description.fields}
        self.mapped = spec.fields
        self.currency = options.currency

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The fields of every query."""
        names = dict.fromkeys((*OWN, self.ref, *self.mapped))
        return tuple(name for name in names if name in self.fields)

    @property
    def hidden(self) -> tuple[str, ...]:
        """What the mapping names and we are not shown: missing, or hidden by field-level security."""
        return tuple(name for name in self.mapped if name not in self.fields and not self.lacks_currency(name))

    @property
    def mergeable(self) -> bool:
        """Accounts and contacts can be merged; opportunities can't (section 7.3)."""
        return MASTER in self.fields

    def lacks_currency(self, name: str) -> bool:
        """Is this the currency of an org that has only one, which we were told?"""
        return name == CURRENCY and name not in self.fields and self.currency is not None

    def keyed(self) -> RecordType:
        """Itself. Raises Forbidden without its stamp field: every record would look as if it had no counterpart."""
        if self.ref in self.fields:
            return self
        raise Forbidden(
            f"{self.name} has no field {self.ref}, or it is hidden from us",
            system=SYSTEM,
            fields=(self.ref,),
            remedy="run `syncd setup --apply`, or grant the field in our user's permission set",
        )

    def id_of(self, text: str) -> str | None:
        """The long form of an id that can be this object's, or None."""
        id = full_id(text)
        return id if id is not None and (self.prefix is None or id.startswith(self.prefix)) else None

    def remote(self, row: Row, absorbed: tuple[str, ...] = ()) -> Remote:
        """The record, its fields as they came."""
        raw = {name: value for name, value in row.items() if name != "attributes"}
        if CURRENCY in self.mapped and self.lacks_currency(CURRENCY):
            raw[CURRENCY] = self.currency
        stamp = raw.get(STAMP)
        return Remote(
            id=full_id(raw[ID]) or raw[ID],
            raw=raw,
            ref=raw.get(self.ref) or None,
            version=stamp,
            modified=instant_of(stamp),
            absorbed=absorbed,
            deleted=raw.get(DELETED) is True,
        )


def instant_of(stamp: Any) -> str | None:
    """ "2026-11-21T16:58:14.000+0000", canonical."""
    try:
        return canonical_instant(stamp) if isinstance(stamp, str) else None
    except ValueError:
        return None
