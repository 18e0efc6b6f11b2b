"""What the mapping needs to find in the CRM."""

from __future__ import annotations

import msgspec

from syncd.core.model import FieldType


class WantedField(msgspec.Struct, frozen=True, kw_only=True):
    """A property that the mapping needs in the CRM."""

    name: str
    label: str
    type: FieldType
    options: tuple[tuple[str, str], ...] = ()  # for enums and sets: (value, label)
    unique: bool = False
    written: bool = True  # False: only read
