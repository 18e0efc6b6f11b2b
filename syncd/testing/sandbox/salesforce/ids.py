"""Record ids (salesforce.md, section 8.1): three characters of prefix, twelve that count, three of checksum.

An id of 15 characters is case-sensitive; the 18-character form guards its capitals. Both name the same record, and
inside the twin only the long form exists.
"""

from __future__ import annotations

import re
from functools import lru_cache

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
POD = "Qy00000"  # which instance made it; a capital, so that checksums differ from AAA

_ID = re.compile(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?")


def checksum(short: str) -> str:
    """Per group of five, which characters are capitals."""
    letters = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place, character in enumerate(short[start : start + 5]) if "A" <= character <= "Z")
        letters += CHECK[bits]
    return letters


@lru_cache(maxsize=65_536)
def full(id: str) -> str | None:
    """The 18-character form; None for what is no id, or has another id's checksum."""
    if _ID.fullmatch(id) is None:
        return None
    long = id[:15] + checksum(id[:15])
    return long if len(id) == 15 or id == long else None


class Mint:
    """Makes the ids of one object, in ascending order."""

    def __init__(self, prefix: str) -> None:
        self._head = prefix + POD
        self.count = 0

    def new_id(self) -> str:
        self.count += 1
        number, tail = self.count, ""
        while number:
            number, digit = divmod(number, 62)
            tail = DIGITS[digit] + tail
        short = self._head + tail.rjust(5, "0")
        return short + checksum(short)
