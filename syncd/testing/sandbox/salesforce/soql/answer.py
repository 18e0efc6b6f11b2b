"""A query's whole answer: which rows, in which order, and how one is shown.

Rows are never changed in place, so the list is a snapshot that a cursor can go on reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from operator import itemgetter
from typing import Any

import msgspec

from syncd.testing.sandbox.salesforce.fields import TEXTS, Field
from syncd.testing.sandbox.salesforce.org import Org
from syncd.testing.sandbox.salesforce.refusal import Refusal
from syncd.testing.sandbox.salesforce.table import Table, Values

from . import binding, grammar
from .binding import Place
from .conditions import Binder, Clause
from .grammar import Query, Selected
from .tokens import refused

MACRO_MAX = 200  # rows, with FIELDS(ALL)
LONG_TEXT_PAGE = 200
LONG_TEXTS = 2  # so many of an object's own cap a page

Show = Callable[[Values], dict[str, Any]]


class Result(msgspec.Struct, frozen=True):
    rows: list[Values]
    show: Show
    page_max: int | None = None  # the query itself asks for small pages
    counts: bool = False  # only the number of rows is the answer


class Shape:
    """Columns of one object, and of its parents."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.names: list[str] = []
        self.parents: dict[str, tuple[Field, Shape]] = {}

    def add(self, org: Org, steps: tuple[Field, ...], name: str) -> None:
        if not steps:
            if name not in self.names:
                self.names.append(name)
            return
        first = steps[0]
        key = first.relationship or ""
        if key not in self.parents:
            self.parents[key] = (first, Shape(org.table(first.reference_to[0])))
        self.parents[key][1].add(org, steps[1:], name)

    def show(self, org: Org, base: str, values: Values) -> dict[str, Any]:
        url = f"{base}/sobjects/{self.table.name}/{values['Id']}"
        row: dict[str, Any] = {"attributes": {"type": self.table.name, "url": url}}
        for name in self.names:
            row[name] = values.get(name)
        for key, (reference, shape) in self.parents.items():
            parent = org.row(values.get(reference.name) or "")
            row[key] = None if parent is None else shape.show(org, base, parent)
        return row


def answer(org: Org, soql: str, *, base: str, deleted_too: bool, tooling: bool = False) -> Result:
    """`base` is the path up to the version, for the urls of the rows."""
    query = grammar.parse(soql)
    table = binding.source(org, soql, query.source, tooling=tooling)
    places = _columns(org, table, query)
    rows = _found(org, table, query, deleted_too=deleted_too)
    rows = _ordered(org, table, query, rows)
    rows = rows[query.offset :] if query.limit is None else rows[query.offset : query.offset + query.limit]
    if query.counts:
        return Result(rows, dict, counts=True)
    if any(column.aggregate for column, _ in places):
        return _aggregated(org, query, places, rows)
    shape = Shape(table)
    for _, place in places:
        shape.add(org, place.steps, place.field.name)
    long = sum(place.field.is_long and place.field.custom for _, place in places)
    return Result(rows, lambda values: shape.show(org, base, values), LONG_TEXT_PAGE if long >= LONG_TEXTS else None)


def _columns(org: Org, table: Table, query: Query) -> list[tuple[Selected, Place]]:
    columns = [(column, binding.place(org, query.soql, table, column.field)) for column in query.selected]
    if query.fields_macro is None:
        return columns
    wanted = {"ALL": (True, False), "STANDARD": (False,), "CUSTOM": (True,)}.get(query.fields_macro)
    if wanted is None:
        raise refused(query.soql, query.source.at, f"unexpected token: '{query.fields_macro}'")
    if len(wanted) == 2 and (query.limit is None or query.limit > MACRO_MAX):
        raise Refusal("MALFORMED_QUERY", "The SOQL FIELDS function must have a LIMIT of at most 200")
    token = query.source
    fields = [field for field in table.visible.values() if field.custom in wanted]
    return columns + [(Selected(token), Place(table, field, ())) for field in fields]


def _found(org: Org, table: Table, query: Query, *, deleted_too: bool) -> list[Values]:
    clause = Clause(lambda values: True)
    if query.where is not None:
        clause = Binder(org, table, query.soql, deleted_too=deleted_too).clause(query.where)
    test, unshared = clause.test, table.unshared
    candidates: Iterable[Values] = clause.candidates(table)
    if not deleted_too:
        candidates = (values for values in candidates if not values["IsDeleted"])
    if unshared:
        candidates = (values for values in candidates if values["Id"] not in unshared)
    found = (values for values in candidates if test(values))
    if query.limit is not None and not query.orders:
        return list(islice(found, query.offset + query.limit))
    return list(found)


def _ordered(org: Org, table: Table, query: Query, rows: list[Values]) -> list[Values]:
    """Stable sorts from the last key to the first."""
    for order in reversed(query.orders):
        place = binding.place(org, query.soql, table, order.field)
        if place.field.is_long:
            raise refused(
                query.soql,
                order.field.at,
                f"field '{place.field.name}' can not be sorted in a query call",
            )
        key = _sort_key(place, place.getter(org))
        keyed = [(key(row), row) for row in rows]
        filled = sorted((it for it in keyed if it[0] is not None), key=itemgetter(0), reverse=order.descending)
        empty = [row for value, row in keyed if value is None]
        present = [row for _, row in filled]
        rows = empty + present if order.nulls_first else present + empty
    return rows


def _sort_key(place: Place, get: binding.Get) -> binding.Get:
    if place.field.type in TEXTS and not place.field.case_sensitive:
        return lambda values: value.casefold() if (value := get(values)) is not None else None
    return get


def _aggregated(org: Org, query: Query, places: list[tuple[Selected, Place]], rows: list[Values]) -> Result:
    """One row over all: there is no GROUP BY here."""
    row: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
    for number, (column, place) in enumerate(places):
        if column.aggregate is None:
            raise refused(query.soql, column.field.at, f"Field must be grouped or aggregated: {column.field.text}")
        get = place.getter(org)
        values = [value for it in rows if (value := get(it)) is not None]
        row[column.alias or f"expr{number}"] = _aggregate(column.aggregate, values)
    return Result([row], lambda values: values)


def _aggregate(name: str, values: list[Any]) -> Any:
    match name:
        case "COUNT":
            return len(values)
        case "COUNT_DISTINCT":
            return len(set(values))
        case "SUM":
            return sum(values) if values else None
        case "MIN":
            return min(values, default=None)
    return max(values, default=None)
