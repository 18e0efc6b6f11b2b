"""One kind's records as Salesforce shows them: what to ask for, and how a row becomes a Remote.

Any object will do; what it has, describe tells. A field that is hidden from us is left out of the query and of the
record, so that nobody takes it for empty (salesforce.md traps 17, 37). Rows of a nested kind carry no stamp: which
record they are, two references say. A record of its own that belongs to others shows whom by its links.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import Any

from syncd.adapters.base import ObjectSpec, Remote
from syncd.core.instant import canonical_instant
from syncd.core.model import Kind
from syncd.errors import Forbidden

from .currency import Currency
from .errors import SYSTEM
from .ids import full_id
from .keys import key_fields, keys_in
from .links import Link, Links
from .options import Options
from .shapes import Description, Field, Row
from .unseen import NOT_ASKED, Unseen

ID, DELETED, STAMP, MASTER, AUTHOR = "Id", "IsDeleted", "SystemModstamp", "MasterRecordId", "LastModifiedById"
OWN = (ID, DELETED, STAMP, MASTER, AUTHOR)
OPPORTUNITY, CONTACT = "OpportunityId", "ContactId"  # of a contact role


class RecordType:
    """A kind on Salesforce's side, as it is described now."""

    unseen = NOT_ASKED

    def __init__(
        self, kind: Kind, spec: ObjectSpec, options: Options, description: Description, links: Sequence[Link] = ()
    ) -> None:
        self.kind = kind
        self.name = spec.name
        self.ref = options.ref_field
        self.prefix = description.key_prefix
        self.fields: Mapping[str, Field] = {field.name: field for field in description.fields}
        self.mapped = spec.fields
        self.values = spec.values
        self.stamped = not spec.nested
        # What a row is tied to says which record it is: one that changes it is another from then on.
        self.ties = (OPPORTUNITY, CONTACT) if spec.nested else ()
        self.links = Links(kind, links, self.fields)
        self.currency = Currency(options.currency, self.fields, spec.fields)

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The fields of every query."""
        names = dict.fromkeys((*OWN, *self.needed, *self.key_fields, *self.mapped))
        return tuple(name for name in names if name in self.fields)

    @cached_property
    def key_fields(self) -> tuple[str, ...]:
        """What people are recognised by, as far as we are shown it."""
        return key_fields(self.kind, self.mapped, self.fields)

    @property
    def needed(self) -> tuple[str, ...]:
        """Without these, no record is known for what it is."""
        return (self.ref, *self.links.names) if self.stamped else self.ties

    @property
    def hidden(self) -> tuple[str, ...]:
        """What the mapping names and we are not shown: missing, or hidden by field-level security."""
        return tuple(name for name in self.mapped if name not in self.fields)

    @property
    def lacking(self) -> tuple[str, ...]:
        """Those of the needed ones that we are not shown."""
        return tuple(name for name in self.needed if name not in self.fields)

    @property
    def unshown(self) -> tuple[str, ...]:
        """Both."""
        return tuple(dict.fromkeys((*self.hidden, *self.lacking)))

    def knowing(self, unseen: Unseen) -> RecordType:
        """The same, with word on what we are not shown."""
        informed = copy(self)
        informed.unseen = unseen
        return informed

    def parts_of(self, name: str) -> tuple[str, ...]:
        """What a compound field is made of: it is read as a whole, and its parts are written (section 7.3)."""
        return tuple(field.name for field in self.fields.values() if field.compound_field_name == name != field.name)

    @property
    def mergeable(self) -> bool:
        """Accounts and contacts can be merged; opportunities can't (section 7.3)."""
        return MASTER in self.fields

    @property
    def misled(self) -> tuple[tuple[Link, str], ...]:
        """The links whose fields lead to other objects than they should, and how."""
        found = ((link, link.fault(self.name, self.fields[link.field])) for link in self.links if self.shows(link))
        return tuple((link, fault) for link, fault in found if fault is not None)

    def shows(self, link: Link) -> bool:
        return link.field in self.fields

    def keyed(self) -> RecordType:
        """Itself. Raises Forbidden without its stamp field: every record would look as if it had no counterpart.

        And without its links, or with one that leads elsewhere: every record would look as if it belonged to nobody.
        """
        for name in self.lacking:
            raise self._unusable(name, f"the field {name} of {self.name} {self.unseen.reason(name)}", self.remedy(name))
        for link, fault in self.misled:
            raise self._unusable(link.field, fault, link.steps(self.name))
        return self

    def remedy(self, name: str) -> str:
        """What a person can do about a field that we are not shown. Setup makes no lookups."""
        link = self.links.of(name)
        if link is not None and not self.unseen.hides(name):
            return link.steps(self.name)
        return self.unseen.remedy(self.name, name, ours=name == self.ref)

    def _unusable(self, name: str, what: str, remedy: str) -> Forbidden:
        return Forbidden(what, system=SYSTEM, fields=(name,), remedy=remedy)

    def id_of(self, text: str) -> str | None:
        """The long form of an id that can be this object's, or None."""
        id = full_id(text)
        return id if id is not None and (self.prefix is None or id.startswith(self.prefix)) else None

    def remote(self, row: Row, absorbed: tuple[str, ...] = ()) -> Remote:
        """The record, its fields as they came."""
        raw = self.currency.told({name: value for name, value in row.items() if name != "attributes"})
        stamp = raw.get(STAMP)
        return Remote(
            id=full_id(raw[ID]) or raw[ID],
            raw=raw,
            ref=(raw.get(self.ref) or None) if self.stamped else None,
            version=stamp,
            modified=instant_of(stamp),
            absorbed=absorbed,
            deleted=raw.get(DELETED) is True,
            parent=self.links.parent(raw),
            person=self.links.person(raw),
            keys=keys_in(self.kind, raw, self.key_fields),
        )


def instant_of(stamp: Any) -> str | None:
    """ "2026-11-21T16:58:14.000+0000", canonical."""
    try:
        return canonical_instant(stamp) if isinstance(stamp, str) else None
    except ValueError:
        return None
