"""One object's rows, live and in the Recycle Bin, kept so that no query by id, key, parent or stamp is a scan.

Nothing is validated here and nothing of HTTP is known. A row is replaced, never changed in place, because an open
cursor still holds the older one. `put` is the only way in, so that a transaction can take it back.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .fields import Field
from .ids import Mint, full
from .kinds import ObjectKind, fields_of

if TYPE_CHECKING:
    from .values import Writer

Values = dict[str, Any]
"""What a row shows, by field name; a field without a value is absent. Texts, bools, ints, Decimals."""

Move = Callable[[str, Any, Any], None]
"""Tells an index the row's id, and what it held before and holds now."""

RETENTION_S = 15 * 86_400
_NOTHING: Values = {}


class Index:
    """The live rows that hold each value of one field."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self._folds = not field.case_sensitive
        self._holders: dict[str, tuple[str, ...]] = {}

    def holders(self, value: str) -> tuple[str, ...]:
        return self._holders.get(self.key(value), ())

    def key(self, value: str) -> str:
        return value.casefold() if self._folds else value

    def move(self, id: str, old: str | None, new: str | None) -> None:
        if old is not None:
            key = self.key(old)
            left = tuple(other for other in self._holders[key] if other != id)
            if left:
                self._holders[key] = left
            else:
                del self._holders[key]
        if new is not None:
            key = self.key(new)
            self._holders[key] = (*self._holders.get(key, ()), id)


class Ties:
    """The live rows that refer to each parent by one field."""

    def __init__(self) -> None:
        self._children: dict[str, dict[str, None]] = {}

    def holders(self, parent: str) -> tuple[str, ...]:
        return tuple(self._children.get(parent, ()))

    def move(self, id: str, old: str | None, new: str | None) -> None:
        if old is not None:
            left = self._children[old]
            del left[id]
            if not left:
                del self._children[old]
        if new is not None:
            self._children.setdefault(new, {})[id] = None


class Table:
    """Definitions and rows of one object."""

    def __init__(self, kind: ObjectKind) -> None:
        self.kind = kind
        self.name = kind.name
        self.fields: dict[str, Field] = fields_of(kind)
        self.rows: dict[str, Values] = {}
        self.deleted_at: dict[str, int] = {}  # the Recycle Bin, and when
        self.gone_with: dict[str, str] = {}  # of what is in it: the parent that took it along
        self.let_go: dict[str, list[tuple[str, str, str]]] = {}  # of what is in it: object, field, id that led there
        self.vanished_at: dict[str, int] = {}  # rows deleted without a trace, and when
        self.unshared: set[str] = set()  # rows that the API user may not see
        self.indexes: dict[str, Index] = {name: Index(it) for name, it in self.fields.items() if it.indexed}
        self.ties: dict[str, Ties] = {name: Ties() for name, it in self.fields.items() if it.is_tie}
        self.plain = not (kind.compounds or kind.traceless)  # nothing else follows from what is written in a row
        self.mint = Mint(kind.prefix)
        self.on_put: Callable[[Table, str, Values | None], None] | None = None  # while a transaction is open
        self._moves: list[tuple[str, Move]] = [(name, index.move) for name, index in self.indexes.items()]
        self._moves += [(name, ties.move) for name, ties in self.ties.items()]
        self._seconds: list[str] = []  # the stamps there are, ascending
        self._stamped: dict[str, dict[str, None]] = {}  # stamp → ids

        # What follows from the definitions and the switches; Org.redefine() sets it.
        self.present: dict[str, Field] = {}  # lower-case name → field, as people see it
        self.visible: dict[str, Field] = {}  # ... as the API user sees it
        self.readonly: frozenset[str] = frozenset()
        self.writers: dict[str, Writer] = {}
        self.fast: dict[str, Writer] = {}  # the writers of what the API user may create and update
        self.required: tuple[str, ...] = ()
        self.blank: Values = {}

    def add_field(self, field: Field) -> None:
        self.fields[field.name] = field
        if field.indexed:
            self.indexes[field.name] = index = Index(field)
            self._moves.append((field.name, index.move))
        if field.is_tie:
            self.ties[field.name] = ties = Ties()
            self._moves.append((field.name, ties.move))

    def known(self, id: str) -> str | None:
        """The long form of an id that is in use here, live or deleted."""
        if id in self.rows:
            return id
        long = full(id)
        return long if long in self.rows else None

    def put(self, id: str, values: Values | None) -> None:
        """Replace a row; None forgets it for ever."""
        old = self.rows.get(id)
        if self.on_put is not None:
            self.on_put(self, id, old)
        if values is None:
            self.rows.pop(id, None)
            self.deleted_at.pop(id, None)
            self.gone_with.pop(id, None)
            self.let_go.pop(id, None)
        else:
            self.rows[id] = values
        self._restamp(id, old, values)
        before = _NOTHING if old is None or old["IsDeleted"] else old
        after = _NOTHING if values is None or values["IsDeleted"] else values
        for name, move in self._moves:
            was, now = before.get(name), after.get(name)
            if was != now:
                move(id, was, now)
        if self.gone_with and after is values:
            self.gone_with.pop(id, None)
        if self.vanished_at and values is not None:
            self.vanished_at.pop(id, None)  # a rollback

    def _restamp(self, id: str, old: Values | None, new: Values | None) -> None:
        was = None if old is None else old["SystemModstamp"]
        now = None if new is None else new["SystemModstamp"]
        if was == now:
            return
        if was is not None:
            bucket = self._stamped[was]
            del bucket[id]
            if not bucket:
                del self._stamped[was]
                del self._seconds[bisect_left(self._seconds, was)]
        if now is not None:
            if now not in self._stamped:
                self._stamped[now] = {}
                insort(self._seconds, now)
            self._stamped[now][id] = None

    def stamped(self, low: str, high: str) -> Iterator[str]:
        """Ids of rows whose SystemModstamp is within, both ends included, oldest first."""
        for second in self._seconds[bisect_left(self._seconds, low) : bisect_right(self._seconds, high)]:
            yield from self._stamped[second]

    def live(self) -> Iterable[Values]:
        return (values for values in self.rows.values() if not values["IsDeleted"])

    def purge(self, now_s: float) -> None:
        """Forget what has been in the Recycle Bin for 15 days (section 5), and that a row vanished."""
        for kept in (self.deleted_at, self.vanished_at):
            while kept:
                id, second = next(iter(kept.items()))
                if second >= now_s - RETENTION_S:
                    break
                self.put(id, None)
                kept.pop(id, None)
