"""From words to a tree: what a query says, before anyone knows whether its names exist.

    SELECT names | (SELECT … FROM children …) | COUNT() | aggregates  FROM object
    [WHERE …] [ORDER BY …] [LIMIT n] [OFFSET n]

A subquery in SELECT is one level deep and has neither aggregates nor macros. Subqueries in WHERE, GROUP BY, TYPEOF,
USING SCOPE, FOR and date functions are refused.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from syncd.testing.sandbox.salesforce.refusal import Refusal

from .tokens import Token, refused, tokens

COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM"})
OFFSET_MAX = 2000
_RESERVED = frozenset({"FROM", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "ORDER", "LIMIT", "OFFSET", "SELECT", "BY"})


class Compare(msgspec.Struct, frozen=True):
    field: Token
    operator: str  # one of COMPARISONS, or LIKE
    literal: Token


class Among(msgspec.Struct, frozen=True):
    field: Token
    literals: tuple[Token, ...]
    negated: bool


class Not(msgspec.Struct, frozen=True):
    part: Condition


class And(msgspec.Struct, frozen=True):
    parts: tuple[Condition, ...]


class Or(msgspec.Struct, frozen=True):
    parts: tuple[Condition, ...]


Condition = Compare | Among | Not | And | Or


class Selected(msgspec.Struct, frozen=True):
    field: Token
    aggregate: str | None = None
    alias: str | None = None


class Order(msgspec.Struct, frozen=True):
    field: Token
    descending: bool
    nulls_first: bool


class Query(msgspec.Struct, frozen=True, kw_only=True):
    soql: str
    selected: tuple[Selected, ...]
    subqueries: tuple[Query, ...]  # on what the source calls its children
    fields_macro: str | None  # ALL, STANDARD or CUSTOM
    counts: bool  # SELECT COUNT()
    source: Token
    where: Condition | None
    orders: tuple[Order, ...]
    limit: int | None
    offset: int


class Selection(msgspec.Struct, frozen=True):
    """What stands between SELECT and FROM."""

    columns: tuple[Selected, ...] = ()
    subqueries: tuple[Query, ...] = ()
    macro: str | None = None
    counts: bool = False


def parse(soql: str) -> Query:
    return _Reader(soql).query()


class _Reader:
    def __init__(self, soql: str) -> None:
        self._soql = soql
        self._tokens = tokens(soql)
        self._at = 0

    def query(self) -> Query:
        query = self._query(self._selection)
        if self._here.kind != "end":
            raise self._unexpected()
        return query

    def _query(self, select: Callable[[], Selection]) -> Query:
        self._expect("SELECT")
        selection = select()
        self._expect("FROM")
        source = self._name()
        where = self._either() if self._took("WHERE") else None
        orders = self._orders() if self._took("ORDER") else ()
        limit = self._whole() if self._took("LIMIT") else None
        offset = self._whole() if self._took("OFFSET") else 0
        if offset > OFFSET_MAX:
            raise Refusal("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {OFFSET_MAX}")
        return Query(
            soql=self._soql,
            selected=selection.columns,
            subqueries=selection.subqueries,
            fields_macro=selection.macro,
            counts=selection.counts,
            source=source,
            where=where,
            orders=orders,
            limit=limit,
            offset=offset,
        )

    # What is selected

    def _selection(self) -> Selection:
        selected: list[Selected] = []
        subqueries: list[Query] = []
        macro = None
        while True:
            if self._took("("):
                subqueries.append(self._query(self._columns))
                self._expect(")")
            elif (name := self._name()) and not self._took("("):
                selected.append(Selected(name))
            elif name.word == "FIELDS":
                macro = self._name().word
                self._expect(")")
            elif name.word == "COUNT" and self._took(")"):
                if selected or subqueries or self._here.word != "FROM":
                    raise self._unexpected()
                return Selection(counts=True)
            elif name.word in AGGREGATES:
                selected.append(self._aggregate(name))
            else:
                raise self._unexpected(name)
            if not self._took(","):
                return Selection(tuple(selected), tuple(subqueries), macro)

    def _columns(self) -> Selection:
        """Of a subquery: names, and nothing else."""
        selected = [Selected(self._name())]
        while self._took(","):
            selected.append(Selected(self._name()))
        return Selection(tuple(selected))

    def _aggregate(self, name: Token) -> Selected:
        field = self._name()
        self._expect(")")
        alias = self._name().text if self._here.kind == "name" and self._here.word not in _RESERVED else None
        return Selected(field, name.word, alias)

    # Conditions

    def _either(self) -> Condition:
        """AND and OR are never mixed without parentheses."""
        parts = [self._one()]
        joint = self._here.word
        if joint not in ("AND", "OR"):
            return parts[0]
        while self._took(joint):
            parts.append(self._one())
        if self._here.word in ("AND", "OR"):
            raise self._unexpected()
        return And(tuple(parts)) if joint == "AND" else Or(tuple(parts))

    def _one(self) -> Condition:
        if self._took("NOT"):
            return Not(self._one())
        if self._took("("):
            inside = self._either()
            self._expect(")")
            return inside
        return self._comparison()

    def _comparison(self) -> Condition:
        field = self._name()
        mark = self._here.word
        if mark in COMPARISONS or mark == "LIKE":
            self._at += 1
            return Compare(field, mark, self._literal())
        negated = self._took("NOT")
        self._expect("IN")
        return Among(field, self._list(), negated)

    def _list(self) -> tuple[Token, ...]:
        self._expect("(")
        literals = [self._literal()]
        while self._took(","):
            literals.append(self._literal())
        self._expect(")")
        return tuple(literals)

    def _literal(self) -> Token:
        token = self._here
        if token.kind in ("mark", "end"):
            raise self._unexpected()
        self._at += 1
        return token

    # The rest

    def _orders(self) -> tuple[Order, ...]:
        self._expect("BY")
        orders = [self._order()]
        while self._took(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        """Without NULLS, null is the smallest value."""
        field = self._name()
        descending = self._took("DESC")
        if not descending:
            self._took("ASC")
        nulls_first = not descending
        if self._took("NULLS"):
            nulls_first = self._took("FIRST")
            if not nulls_first:
                self._expect("LAST")
        return Order(field, descending, nulls_first)

    def _whole(self) -> int:
        token = self._literal()
        if token.kind != "number" or not token.text.isdigit():
            raise self._unexpected(token)
        return int(token.text)

    # One token at a time

    @property
    def _here(self) -> Token:
        return self._tokens[self._at]

    def _took(self, word: str) -> bool:
        if self._here.word != word:
            return False
        self._at += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._took(word):
            raise self._unexpected()

    def _name(self) -> Token:
        token = self._here
        if token.kind != "name" or token.word in _RESERVED:
            raise self._unexpected()
        self._at += 1
        return token

    def _unexpected(self, token: Token | None = None) -> Refusal:
        token = token or self._here
        return refused(self._soql, token.at, f"unexpected token: '{token.text or '<EOF>'}'")
