"""The CRM half of a mapper: slots read and written together, with what they share.

Properties may be shared in two ways: several moneys in one currency property, and constants beside several fields.
A write that would give a shared currency to an amount that is not part of the write is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.core.model import Fields

from .codecs import Unwritable, Wire
from .readings import Writing
from .scalars import Unreadable
from .slots import AmountAndCurrency, Slot

Raw = Mapping[str, Any]


def write_slots(slots: Mapping[str, Slot], values: Fields, current: Raw) -> Writing:
    """The properties that set these fields on a record that shows `current`."""
    written: dict[str, dict[str, Wire]] = {}
    refused: dict[str, str] = {}
    for name, value in values.items():
        try:
            written[name] = slots[name].write(value)
        except Unwritable as why:
            refused[name] = str(why)
    refused |= _torn_currencies(slots, written, current)
    wire: dict[str, Any] = {}
    for name, properties in written.items():
        if name not in refused:
            wire |= properties
    return Writing(wire, refused)


def _torn_currencies(slots: Mapping[str, Slot], written: Mapping[str, Raw], current: Raw) -> dict[str, str]:
    """Fields whose currency would be put on a neighbour that is in another one."""
    torn: dict[str, str] = {}
    for name in written:
        slot = slots[name]
        if not isinstance(slot, AmountAndCurrency) or slot.currency not in written[name]:
            continue
        for neighbour, other in slots.items():
            if neighbour == name or not isinstance(other, AmountAndCurrency) or other.currency != slot.currency:
                continue
            if _currency_of(other, written.get(neighbour), current) not in (None, written[name][slot.currency]):
                torn[name] = f"shares its currency property with {neighbour}, which is in another currency"
    return torn


def _currency_of(slot: AmountAndCurrency, written: Raw | None, current: Raw) -> Any:
    """The currency that the amount of this slot will be in after the write, if it has an amount."""
    if written is not None:
        return written.get(slot.currency)
    try:
        shown = slot.read(current)
    except Unreadable:
        return current.get(slot.currency)
    return str(shown).partition(" ")[2] if isinstance(shown, str) else None
