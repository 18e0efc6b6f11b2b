"""Where a field lives in a CRM record: one property, an amount with its currency, or with constants.

A slot reads its own properties only. A property that the record does not show is unknown, not empty: HubSpot
drops the names that it does not know or may not show (hubspot.md section 4.2), and that must not clear anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import UNSET, UnsetType

from syncd.core.model import Value

from .codecs import Codec, Enum, Unknown, Unwritable, Wire
from .money import Money
from .scalars import Unreadable, text_of

Raw = Mapping[str, Any]


class Slot(Protocol):
    @property
    def codec(self) -> Codec: ...

    @property
    def names(self) -> tuple[str, ...]:
        """The properties it reads and writes; the one that holds the value comes first."""

    def read(self, raw: Raw) -> Value | UnsetType:
        """Raises Unreadable; UNSET when the record does not say."""

    def write(self, value: Value) -> dict[str, Wire]:
        """Raises Unwritable."""


class OneProperty:
    def __init__(self, name: str, codec: Codec) -> None:
        self.codec = codec
        self.names: tuple[str, ...] = (name,)
        self._name = name
        self._decode = codec.decode

    def read(self, raw: Raw) -> Value | UnsetType:
        shown = raw.get(self._name, UNSET)
        return UNSET if shown is UNSET else self._decode(shown)

    def write(self, value: Value) -> dict[str, Wire]:
        return {self._name: self.codec.encode(value)}


class AmountAndCurrency:
    """Money in two properties. An emptied amount leaves the currency where it is."""

    def __init__(self, amount: str, currency: str, codec: Money) -> None:
        self.codec = codec
        self.names: tuple[str, ...] = (amount, currency)
        self.amount = amount
        self.currency = currency

    def read(self, raw: Raw) -> Value | UnsetType:
        amount = raw.get(self.amount, UNSET)
        return UNSET if amount is UNSET else self.codec.decode_parts(amount, raw.get(self.currency))

    def write(self, value: Value) -> dict[str, Wire]:
        if value is None:
            return {self.amount: None}
        amount, currency = self.codec.encode_parts(value)
        return {self.amount: amount, self.currency: currency}


class WithConstants:
    """A slot whose value means something only beside these constants, and is always written with them.

    A deal stage belongs to its pipeline (hubspot.md section 5.13, trap 24): in another one it is an unknown value.
    """

    def __init__(self, slot: Slot, constants: Mapping[str, str]) -> None:
        self.codec = slot.codec
        self.names: tuple[str, ...] = (*slot.names, *constants)
        self.constants = dict(constants)
        self._slot = slot
        self._ignores = isinstance(slot.codec, Enum) and slot.codec.unknown is Unknown.IGNORE

    def read(self, raw: Raw) -> Value | UnsetType:
        for name, constant in self.constants.items():
            if (text_of(raw.get(name)) or constant) != constant:
                return self._stranger(name)
        return self._slot.read(raw)

    def write(self, value: Value) -> dict[str, Wire]:
        wire = self._slot.write(value)
        return wire if value is None else {**wire, **self.constants}

    def _stranger(self, name: str) -> UnsetType:
        if self._ignores:
            return UNSET
        raise Unreadable(f"stands beside another {name} than the mapping's")


def alike(slot: Slot, left: Value, right: Value) -> bool:
    """Is `right` what this slot makes of `left`, or simply the same?

    Propstreet keeps every canonical value whole, so only the way through the CRM can lose something.
    """
    if left == right:
        return True
    try:
        return slot.read(slot.write(left)) == right
    except (Unreadable, Unwritable):
        return False
