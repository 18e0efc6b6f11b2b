"""A WHERE clause as a test on rows, and where to look for rows that may pass it.

Looking is by id, by external id or by a span of SystemModstamp; everything else is a scan. What is looked up is
tested all the same, so a place to look may be too wide but never too narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from syncd.testing.sandbox.salesforce.ids import full
from syncd.testing.sandbox.salesforce.org import Org
from syncd.testing.sandbox.salesforce.table import Table, Values

from . import binding, literals
from .grammar import Among, And, Compare, Condition, Not, Or
from .places import Ids, Span, Where
from .tokens import Token, refused

Test = Callable[[Values], bool]


class Clause(msgspec.Struct, frozen=True):
    test: Test
    where: Where = None

    def candidates(self, table: Table) -> Iterable[Values]:
        match self.where:
            case Ids(ids):
                return [table.rows[id] for id in dict.fromkeys(ids) if id in table.rows]
            case Span(low, high):
                return [table.rows[id] for id in table.stamped(low, high)]
        return table.rows.values()


class Binder:
    """Binds the conditions of one query on one table."""

    def __init__(self, org: Org, table: Table, soql: str, *, deleted_too: bool) -> None:
        self._org = org
        self._table = table
        self._soql = soql
        self._deleted_too = deleted_too

    def clause(self, condition: Condition) -> Clause:
        match condition:
            case And(parts):
                return self._all([self.clause(part) for part in parts])
            case Or(parts):
                return self._any([self.clause(part) for part in parts])
            case Not(part):
                test = self.clause(part).test
                return Clause(lambda values: not test(values))
            case Among():
                return self._among(condition)
            case Compare():
                return self._compare(condition)

    def _all(self, clauses: list[Clause]) -> Clause:
        tests = [clause.test for clause in clauses]
        listed = [clause.where for clause in clauses if isinstance(clause.where, Ids)]
        spans = [clause.where for clause in clauses if isinstance(clause.where, Span)]
        where: Where = None
        if listed:
            where = min(listed, key=lambda found: len(found.ids))
        elif spans:
            where = Span(max(span.low for span in spans), min(span.high for span in spans))
        return Clause(_every(tests), where)

    def _any(self, clauses: list[Clause]) -> Clause:
        tests = [clause.test for clause in clauses]
        listed = [clause.where for clause in clauses if isinstance(clause.where, Ids)]
        spans = [clause.where for clause in clauses if isinstance(clause.where, Span)]
        where: Where = None
        if len(listed) == len(clauses):
            where = Ids(tuple(id for found in listed for id in found.ids))
        elif len(spans) == len(clauses):
            where = Span(min(span.low for span in spans), max(span.high for span in spans))
        return Clause(lambda values: any(test(values) for test in tests), where)

    def _compare(self, it: Compare) -> Clause:
        place = self._place(it.field)
        get = place.getter(self._org)
        reading = literals.reading(place.field, it, self._soql, self._org.now())
        test = reading.test(get)
        if place.steps:
            return Clause(test)
        match place.field.name, it.operator:
            case "Id", "=":
                return Clause(test, self._ids([it.literal]))
            case "SystemModstamp", "=" | "<" | "<=" | ">" | ">=":
                return Clause(test, reading.span())
            case name, "=" if it.literal.kind == "string" and (name in self._table.ties or place.field.indexed):
                return Clause(test, self._keyed(place, [it.literal]))
        return Clause(test)

    def _among(self, it: Among) -> Clause:
        place = self._place(it.field)
        get = place.getter(self._org)
        found = literals.members(place.field, it.literals, self._soql)
        key = literals.folding(place.field)
        if it.negated:
            return Clause(lambda values: key(get(values)) not in found)
        test = _is_in(key, get, found)
        if place.steps:
            return Clause(test)
        if place.field.name == "Id":
            return Clause(test, self._ids(it.literals))
        name, table = place.field.name, self._table
        if (name in table.ties or place.field.indexed) and all(literal.kind == "string" for literal in it.literals):
            return Clause(test, self._keyed(place, it.literals))
        return Clause(test)

    def _place(self, token: Token) -> binding.Place:
        place = binding.place(self._org, self._soql, self._table, token)
        if not place.field.filterable:
            raise refused(
                self._soql,
                token.at,
                f"field '{place.field.name}' can not be filtered in a query call",
                "INVALID_FIELD",
            )
        return place

    def _ids(self, found: Iterable[Token]) -> Ids:
        return Ids(tuple(id for literal in found if (id := full(literal.text)) is not None))

    def _keyed(self, place: binding.Place, found: Iterable[Token]) -> Ids:
        """By external id, or by parent."""
        name, table = place.field.name, self._table
        index = table.ties[name] if name in table.ties else table.indexes[name]
        wanted = (literals.member(place.field, literal, self._soql) for literal in found)
        ids = [id for value in wanted for id in index.holders(value)]
        if self._deleted_too:
            ids += self._table.deleted_at  # an index knows live rows only
        return Ids(tuple(ids))


def _every(tests: list[Test]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda values: first(values) and second(values)
    return lambda values: all(test(values) for test in tests)


def _is_in(key: Callable[[Any], Any], get: binding.Get, found: frozenset[Any]) -> Test:
    return lambda values: key(get(values)) in found
