"""One kind's records as HubSpot shows them: what to ask for, and how a row becomes a Remote.

Another object type is another line in `_TRAITS`, nothing more; a custom object needs not even that.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

import msgspec

from syncd.adapters.base import ObjectSpec, Raw, Remote
from syncd.core.instant import canonical_instant
from syncd.core.match import domain_key, email_key, keys_of

from .associations import Way
from .shapes import Row

MERGED = "hs_merged_object_ids"
ID = "hs_object_id"

_LIST_PROPERTIES_MAX = 50  # beyond, a GET's address gets too long for somebody on the way (trap 36)
_LIST_CHARACTERS_MAX = 3000


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between object types."""

    modified: str = "hs_lastmodifieddate"
    group: str | None = None  # where our properties go; None: beside hs_object_id
    pipeline: str = "hs_pipeline"
    stage: str = "hs_pipeline_stage"
    scopes: str = "custom"
    emails: tuple[str, ...] = ()  # what a record is recognised by: the first one is unique, the others are lists
    domains: tuple[str, ...] = ()
    website: str | None = None  # stands in for a domain

    @property
    def recognised_by(self) -> tuple[str, ...]:
        return (*self.emails, *self.domains, *((self.website,) if self.website else ()))


_TRAITS = {
    "deals": Traits(group="dealinformation", pipeline="pipeline", stage="dealstage", scopes="deals"),
    # hs_lastmodifieddate exists on contacts too, but searching by it finds nothing, without an error (trap 7).
    "contacts": Traits(
        modified="lastmodifieddate",
        group="contactinformation",
        scopes="contacts",
        emails=("email", "hs_additional_emails"),
    ),
    "companies": Traits(
        group="companyinformation",
        scopes="companies",
        domains=("domain", "hs_additional_domains"),
        website="website",
    ),
}
_TYPE_IDS = {"0-1": "contacts", "0-2": "companies", "0-3": "deals"}
_SINGULARS = {"contact": "contacts", "company": "companies", "deal": "deals"}


class RecordType(msgspec.Struct, frozen=True, kw_only=True):
    """A kind on HubSpot's side."""

    name: str  # the path segment
    ref: str  # the unique property that holds the stamp
    properties: tuple[str, ...]  # all that is asked for
    traits: Traits
    links: tuple[Way, ...] = ()  # the associations that say where a record belongs; properties don't

    @property
    def own(self) -> frozenset[str]:
        """What is asked for whether it is mapped or not."""
        return frozenset({self.ref, self.traits.modified, MERGED, ID, *self.traits.recognised_by})

    @property
    def fits_in_address(self) -> bool:
        """May a GET name all the properties?"""
        characters = sum(len(name) + len("&properties=") for name in self.properties)
        return len(self.properties) <= _LIST_PROPERTIES_MAX and characters <= _LIST_CHARACTERS_MAX

    def remote(self, row: Row) -> Remote:
        """The record, its properties as they came."""
        raw = cast(Raw, row.properties)
        modified = _instant(raw.get(self.traits.modified) or row.updated_at)
        if row.archived:
            modified = max(filter(None, (modified, _instant(row.archived_at))), default=None)
        return Remote(
            id=row.id,
            raw=raw,
            ref=raw.get(self.ref) or None,
            modified=modified,
            absorbed=_parts(raw.get(MERGED)),
            deleted=row.archived,
            keys=_keys(self.traits, raw),
        )

    def written(self, row: Row, sent: Mapping[str, str]) -> Remote:
        """What a write's answer tells: it carries other properties than a read, and none that are empty (4.2).

        A property that was cleared is null. A record that the write made shows null for all that it was not given.
        """
        carried = row.properties
        empty = self.properties if row.new else (name for name, value in sent.items() if value == "")
        shown: dict[str, str | None] = dict.fromkeys(empty)
        shown |= {name: carried[name] for name in (*self.properties, *sent) if name in carried}
        return self.remote(msgspec.structs.replace(row, properties=shown))


def record_type(spec: ObjectSpec, ref_property: str, links: tuple[Way, ...] = ()) -> RecordType:
    """What this kind is on HubSpot's side."""
    traits = traits_of(spec.name)
    own = (ref_property, traits.modified, MERGED, ID, *traits.recognised_by)
    properties = dict.fromkeys((*spec.fields, *own))
    return RecordType(name=spec.name, ref=ref_property, properties=tuple(properties), traits=traits, links=links)


def traits_of(name: str) -> Traits:
    """Of an object type by name or type id; one that is not known is a custom object's."""
    return _TRAITS.get(type_name(name), Traits())


def type_name(name: str) -> str:
    """An object type in the one spelling of it: HubSpot takes `deals`, `Deal` and `0-3` for the same."""
    known = _TYPE_IDS.get(name, name.casefold())
    return _SINGULARS.get(known, known)


def to_wire(value: Any) -> str:
    """A value as HubSpot is sent it: always a string, "" to clear, never null (section 4.2, trap 26)."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case tuple() | list():
            return ";".join(str(entry) for entry in value)
        case _:
            return str(value)


def _instant(text: str | None) -> str | None:
    """Both spellings that HubSpot uses, ISO and epoch milliseconds; None for what is neither."""
    try:
        return canonical_instant(text) if text else None
    except ValueError:
        return None


def _keys(traits: Traits, raw: Raw) -> tuple[str, ...]:
    """What this record may be recognised by, from HubSpot's own properties, mapped or not."""
    emails = [email_key(part) for name in traits.emails for part in _parts(raw.get(name))]
    domains = [domain_key(part) for name in traits.domains for part in _parts(raw.get(name))]
    if traits.website is not None and not any(domains):
        domains = [domain_key(raw.get(traits.website))]
    return keys_of([*emails, *domains])


def _parts(text: str | None) -> tuple[str, ...]:
    return tuple(filter(None, text.split(";"))) if text else ()
