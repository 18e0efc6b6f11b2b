"""A mapper: one kind's records to canonical fields and back, as its table says. It decides nothing.

Refusing to write one field never stops its neighbours: the engine holds what is in `refused` and sends the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from syncd.core.model import Fields, Kind, Side, Value
from syncd.core.policy import KindPolicy

from .codecs import Unwritable
from .crm_side import write_slots
from .defaults import DefaultPolicy
from .entry import Catalogue
from .readings import Reading, Writing, together
from .scalars import Unreadable, text_of
from .slots import Slot
from .terms import Form, Matched, Terms, Unresolved, enters
from .wanted import WantedField

Raw = Mapping[str, Any]
_Reader = Callable[[Raw], Value | UnsetType]


class Mapper:
    """Built by load_tables(); holds nothing that changes."""

    def __init__(
        self,
        *,
        policy: KindPolicy,
        object: str,
        catalogue: Catalogue,
        slots: Mapping[str, Slot],
        on_create: Mapping[str, str],
        defaults: Mapping[str, DefaultPolicy],
        where: Mapping[str, tuple[str, ...]],
        terms: Terms,
        wanted: tuple[WantedField, ...],
    ) -> None:
        self.policy = policy
        self.object = object
        self.terms = terms
        self._catalogue = catalogue
        self._slots = dict(slots)
        self._on_create = dict(on_create)
        self._defaults = dict(defaults)
        self._where = tuple(where.items())
        self._wanted = wanted
        self._required = tuple(name for name, field in policy.fields.items() if field.required)
        self._readers: Mapping[Side, tuple[tuple[str, _Reader], ...]] = {
            Side.PROPSTREET: tuple((name, catalogue.fields[name].read) for name in slots),
            Side.CRM: tuple((name, slot.read) for name, slot in slots.items()),
        }
        self._names = {Side.PROPSTREET: _propstreet_names(catalogue, slots), Side.CRM: _crm_names(slots)}

    @property
    def kind(self) -> Kind:
        return self.policy.kind

    @property
    def form(self) -> Form:
        """Of prospects: are they associations of a person with a deal, or records of their own?"""
        return self.terms.form

    @property
    def matched(self) -> Matched:
        return self.terms.matched

    @property
    def unresolved(self) -> Unresolved:
        return self.terms.unresolved

    @property
    def links(self) -> Mapping[Kind, str]:
        """Of prospects that are records: what leads to the project and to the person. Not among crm_fields."""
        return self.terms.links

    @property
    def everyone(self) -> bool:
        """Are all records of the kind synced, or only the people that a synced prospect is about?"""
        return self.terms.everyone

    @property
    def crm_fields(self) -> tuple[str, ...]:
        """The CRM's own names of all that is read, written or asked about."""
        return tuple(field.name for field in self._wanted)

    def wanted(self) -> tuple[WantedField, ...]:
        """What the CRM must have for this mapping to work."""
        return self._wanted

    def field_of(self, side: Side, wire_name: str) -> str | None:
        """The mapped field behind a name of that side; the first one, where several share it."""
        return self._names[side].get(wire_name)

    def in_scope(self, crm_raw: Raw) -> bool:
        """Does the table's `where` let this CRM record have a counterpart?"""
        return all(_shown_text(crm_raw.get(name)) in allowed for name, allowed in self._where)

    def enters(self, propstreet_raw: Raw) -> str | None:
        """Why this record of Propstreet's may not get a counterpart, in words; None if it may. Never raises."""
        return enters(self.terms, propstreet_raw) if self.kind is Kind.PROSPECT else None

    def read(self, side: Side, raw: Raw) -> Reading:
        """The mapped fields of a whole record.

        A key that Propstreet leaves out is null there (propstreet.md section 9). A property that the CRM leaves
        out is hidden: it may not exist, or not be ours to see.
        """
        fields: dict[str, Value] = {}
        unreadable: dict[str, str] = {}
        hidden: set[str] = set()
        for name, read in self._readers[side]:
            try:
                value = read(raw)
            except Unreadable as why:
                unreadable[name] = str(why)
            else:
                if value is not UNSET:
                    fields[name] = value
                elif self._slots[name].names[0] not in raw:
                    hidden.add(name)
        return Reading(fields, unreadable, frozenset(hidden))

    def write(self, side: Side, values: Fields, *, current: Raw | None) -> Writing:
        """What to send so that `side` shows these values; `current` is the target as it is now, raw."""
        empty = {name: "is empty, and required" for name in self._required if name in values and values[name] is None}
        values = {name: value for name, value in values.items() if name not in empty}
        return together((Writing(refused=empty), self._translate(side, values, current or {})))

    def create(self, side: Side, values: Fields) -> Writing:
        """What a new record on `side` starts with: no nulls, the table's constants and policies, required checked.

        What can't be worked out is refused under the name of the field that it is worked out of.
        """
        filled = {name: value for name, value in values.items() if value is not None}
        missing = {name: "is empty, and required" for name in self._required_on(side) if name not in filled}
        translated = self._translate(side, filled, {})
        if side is Side.PROPSTREET:
            return together((Writing({}, missing), translated))
        return together((Writing(dict(self._on_create), missing), self._worked_out(filled), translated))

    def _worked_out(self, fields: Fields) -> Writing:
        wire: dict[str, Any] = {}
        refused: dict[str, str] = {}
        for name, policy in self._defaults.items():
            try:
                wire[name] = policy.value(fields)
            except Unwritable as why:
                refused[policy.source] = f"{why}, and {name} of a new record is worked out of it"
        return Writing(wire, refused)

    def _translate(self, side: Side, values: Fields, current: Raw) -> Writing:
        if side is Side.CRM:
            return write_slots(self._slots, values, current)
        fixed = {name: "is set by Propstreet alone" for name in values if not self._catalogue.fields[name].writable}
        open_ = {name: value for name, value in values.items() if name not in fixed}
        return together((Writing(refused=fixed), self._catalogue.write(open_, current)))

    def _required_on(self, side: Side) -> tuple[str, ...]:
        """On Propstreet only what is writable there can be required."""
        if side is Side.CRM:
            return self._required
        return tuple(name for name in self._required if self._catalogue.fields[name].writable)


def _propstreet_names(catalogue: Catalogue, mapped: Mapping[str, Slot]) -> dict[str, str]:
    names: dict[str, str] = {}
    for entry in catalogue.fields.values():
        if entry.name in mapped:
            for wire_name in entry.wire:
                names.setdefault(wire_name, entry.name)
    return names


def _crm_names(slots: Mapping[str, Slot]) -> dict[str, str]:
    names: dict[str, str] = {}
    for name, slot in slots.items():
        names.setdefault(slot.names[0], name)
    for name, slot in slots.items():
        for wire_name in slot.names[1:]:
            names.setdefault(wire_name, name)
    return names


def _shown_text(raw: Any) -> str | None:
    try:
        return text_of(raw)
    except Unreadable:
        return None
