"""Named two-way codecs between a raw value and its canonical form. They know no vendor, only tolerance.

- `decode` takes whatever JSON a system shows (numbers as text, text as numbers, epoch milliseconds) and answers
  with a canonical value, or raises Unreadable. An empty text is None; UNSET means "as if it were not there".
- `encode` answers with None, bool, int, str or a tuple of str; a decimal number is plain text. What has no raw
  form raises Unwritable.
- decode(encode(v)) == v, except where `lossy` says that the other side keeps less.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

from msgspec import UNSET, UnsetType

from syncd.core.model import FieldType, Value

from .scalars import Unreadable, day_of, instant_of, text_of, whole_of
from .spellings import Spelling

Wire = None | bool | int | str | tuple[str, ...]
"""What an encoded value looks like; the adapter puts it into its system's own JSON."""


class Unwritable(ValueError):
    """This canonical value has no form on that side. The message is the reason and never holds the value."""


class Unknown(StrEnum):
    """What to do with an enum value that the table does not list."""

    HOLD = "hold"  # unreadable: the field waits for a person
    IGNORE = "ignore"  # the field is as if it were not there
    PASS = "pass"  # taken as it is, in both directions


class Codec(Protocol):
    @property
    def type(self) -> FieldType: ...

    @property
    def lossy(self) -> bool:
        """Does encoding keep less than the canonical value says?"""

    def decode(self, raw: Any) -> Value | UnsetType: ...

    def encode(self, value: Value) -> Wire: ...


class Text:
    """Text as it is; numbers and flags as they would be written."""

    type = FieldType.TEXT
    lossy = False

    def decode(self, raw: Any) -> Value:
        return text_of(raw)

    def encode(self, value: Value) -> Wire:
        return None if value is None else str(value)


class Tidy(Text):
    """Text in its canonical spelling; nothing but blanks is nothing."""

    def __init__(self, spelling: Spelling) -> None:
        self._tidy = spelling.tidy

    def decode(self, raw: Any) -> Value:
        text = text_of(raw)
        return None if text is None else self._tidy(text) or None

    def encode(self, value: Value) -> Wire:
        return None if value is None else self._tidy(str(value)) or None


class Ref(Text):
    """An opaque id or link: kept character for character."""

    type = FieldType.REF


class Whole:
    """A whole number; 5, "5" and "5.0" are the same one."""

    type = FieldType.WHOLE
    lossy = False

    def decode(self, raw: Any) -> Value:
        return whole_of(raw)

    def encode(self, value: Value) -> Wire:
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise Unwritable("is not a whole number")


class Flag:
    """Yes or no, in JSON or in words."""

    type = FieldType.FLAG
    lossy = False
    _words: Mapping[str, bool] = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

    def decode(self, raw: Any) -> Value:
        if raw is None or isinstance(raw, bool):
            return raw
        text = text_of(raw)
        if text is None:
            return None
        flag = self._words.get(text.strip().lower())
        if flag is None:
            raise Unreadable("is neither true nor false")
        return flag

    def encode(self, value: Value) -> Wire:
        if value is None or isinstance(value, bool):
            return value
        raise Unwritable("is neither true nor false")


class Date:
    """A calendar day; a moment counts only when it is exactly midnight UTC (hubspot.md section 4.2)."""

    type = FieldType.DATE
    lossy = False

    def decode(self, raw: Any) -> Value:
        return day_of(raw)

    def encode(self, value: Value) -> Wire:
        return None if value is None else str(value)


class Instant:
    """A moment, in ISO 8601 or epoch milliseconds. The other side keeps `decimals` digits of a second, cut."""

    type = FieldType.INSTANT

    def __init__(self, decimals: int = 3) -> None:
        self.decimals = decimals
        self.lossy = decimals < 7

    def decode(self, raw: Any) -> Value:
        return instant_of(raw)

    def encode(self, value: Value) -> Wire:
        if value is None:
            return None
        text = str(value)
        return f"{text[:20]}{text[20 : 20 + self.decimals]}Z" if self.decimals else f"{text[:19]}Z"


class Enum:
    """One of a list; `values` maps canonical names to the other side's own, one-to-one.

    A `pass` never lets a value through that would come back as another one.
    """

    type = FieldType.ENUM
    lossy = False

    def __init__(self, values: Mapping[str, str], unknown: Unknown = Unknown.HOLD) -> None:
        self.values = dict(values)
        self.unknown = unknown
        self._canonical: dict[Any, str] = {raw: name for name, raw in values.items()}

    def decode(self, raw: Any) -> Value | UnsetType:
        text = text_of(raw)
        if text is None:
            return None
        if text in self._canonical:
            return self._canonical[text]
        if self.unknown is Unknown.IGNORE:
            return UNSET
        if self.unknown is Unknown.PASS and text not in self.values:
            return text
        raise Unreadable("is a value that the mapping does not list")

    def encode(self, value: Value) -> Wire:
        if value is None:
            return None
        name = str(value)
        known = self.values.get(name)
        if known is not None:
            return known
        if self.unknown is Unknown.PASS and name not in self._canonical:
            return name
        raise Unwritable("is a value that the mapping does not list")


class Set:
    """A set of texts, from a list or from text joined by ";". The empty set is None (propstreet.md trap 48)."""

    type = FieldType.SET
    lossy = False

    def decode(self, raw: Any) -> Value:
        if raw is None:
            return None
        parts = raw if isinstance(raw, list | tuple) else (text_of(raw) or "").split(";")
        members = {member.strip() for part in parts if (member := text_of(part))}
        return tuple(sorted(members - {""})) or None

    def encode(self, value: Value) -> Wire:
        if value is None:
            return None
        if not isinstance(value, tuple):
            raise Unwritable("is not a set")
        if any(";" in member for member in value):
            raise Unwritable("has a member with a semicolon, which separates members")
        return value


class Joined(Set):
    """A set in a plain text property, "core; value_add": for members that nobody can list beforehand."""

    def encode(self, value: Value) -> Wire:
        members = super().encode(value)
        return "; ".join(members) or None if isinstance(members, tuple) else members
