"""Sorted whole numbers that can be entered anywhere: the order behind `updated_since` and cursors.

Numbers live in chunks, so that adding, removing and finding a place stay cheap with a million of them. A row that
is touched takes a new key and so moves to the end (propstreet.md, section 4, SBX).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator

_CHUNK_MAX = 2048  # moving half of this many pointers is well under a microsecond


class Keyset:
    """No number is in it twice."""

    def __init__(self) -> None:
        self._chunks: list[list[int]] = []
        self._lasts: list[int] = []  # no number of a chunk is above its entry, none of the next is at or below it

    def add(self, key: int) -> None:
        if not self._chunks:
            self._chunks, self._lasts = [[key]], [key]
            return
        at = min(bisect_left(self._lasts, key), len(self._chunks) - 1)
        chunk = self._chunks[at]
        insort(chunk, key)
        self._lasts[at] = chunk[-1]
        if len(chunk) > _CHUNK_MAX:
            self._split(at)

    def remove(self, key: int) -> None:
        """Raises KeyError when it is not there."""
        at = bisect_left(self._lasts, key)
        chunk = self._chunks[at] if at < len(self._chunks) else []
        place = bisect_left(chunk, key)
        if place == len(chunk) or chunk[place] != key:
            raise KeyError(key)
        del chunk[place]
        if not chunk:
            del self._chunks[at], self._lasts[at]

    def after(self, key: int) -> Iterator[int]:
        """Everything greater than key, ascending."""
        at = bisect_right(self._lasts, key)
        if at == len(self._chunks):
            return
        yield from self._chunks[at][bisect_right(self._chunks[at], key) :]
        for chunk in self._chunks[at + 1 :]:
            yield from chunk

    def __len__(self) -> int:
        return sum(map(len, self._chunks))

    def _split(self, at: int) -> None:
        """Appending fills a chunk and leaves it full; anything else splits it in the middle."""
        chunk = self._chunks[at]
        middle = _CHUNK_MAX if at == len(self._chunks) - 1 else len(chunk) // 2
        self._chunks[at : at + 1] = [chunk[:middle], chunk[middle:]]
        self._lasts[at : at + 1] = [chunk[middle - 1], chunk[-1]]
