"""Record ids: 15 characters whose case matters, or the same with a checksum that makes 18 (salesforce.md 8.1).

Everything here is kept in the long form, or the same record would have two names (trap 21).
"""

from __future__ import annotations

import re

_FORM = re.compile(r"[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?", re.ASCII)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def full_id(id: str) -> str | None:
    """The 18 characters of this id; None if it is none, or its checksum is wrong."""
    if not _FORM.fullmatch(id):
        return None
    long = id[:15] + _checksum(id[:15])
    return long if id in (long, long[:15]) else None


def _checksum(short: str) -> str:
    """Bit k of a letter says that character k of its group of five is a capital."""
    groups = (short[start : start + 5] for start in (0, 5, 10))
    return "".join(_LETTERS[sum(1 << k for k, letter in enumerate(group) if "A" <= letter <= "Z")] for group in groups)
