"""A query's whole answer: which rows, in which order, and how one is shown.

Rows are never changed in place, so the list is a snapshot that a cursor can go on reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from operator import itemgetter
from typing import Any

import msgspec

from syncd.testing.sandbox.salesforce.fields import TEXTS, Field
from syncd.testing.sandbox.salesforce.org import Org
from syncd.testing.sandbox.salesforce.refusal import Refusal
from syncd.testing.sandbox.salesforce.table import Table, Values

from . import binding, catalogue, grammar
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
    under: tuple[Under, ...] = ()


class Under(msgspec.Struct, frozen=True):
    """What a subquery found, by the id of the parent; a parent without any is not in it."""

    called: str
    results: Mapping[str, Result]


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
            parent = binding.parent_of(values, reference.name, shape.table)
            row[key] = None if parent is None else shape.show(org, base, parent)
        return row


def answer(org: Org, soql: str, *, base: str, deleted_too: bool, tooling: bool = False) -> Result:
    """`base` is the path up to the version, for the urls of the rows."""
    query = grammar.parse(soql)
    table = binding.source(org, soql, query.source, tooling=tooling)
    if table.kind.catalogue:
        catalogue.demand(table.name, query)
    places = _columns(org, table, query)
    clause = _clause(org, table, query, deleted_too=deleted_too)
    rows = _found(org, table, query, clause, clause.candidates(table), deleted_too=deleted_too)
    if query.counts:
        return Result(rows, dict, counts=True)
    if any(column.aggregate for column, _ in places):
        return _aggregated(org, query, places, rows)
    long = sum(place.field.is_long and place.field.custom for _, place in places)
    return Result(
        rows,
        _show(org, table, places, base),
        LONG_TEXT_PAGE if long >= LONG_TEXTS else None,
        under=tuple(_under(org, table, below, rows, base, deleted_too=deleted_too) for below in query.subqueries),
    )


def _under(org: Org, table: Table, query: Query, parents: list[Values], base: str, *, deleted_too: bool) -> Under:
    """A subquery, for each of these parents; found now, so that pages stay a snapshot."""
    below, field = binding.children(org, query.soql, table, query.source)
    show = _show(org, below, _columns(org, below, query), base)
    clause = _clause(org, below, query, deleted_too=deleted_too)
    gone: dict[str, list[str]] = {}
    for id in below.deleted_at if deleted_too else ():
        gone.setdefault(below.rows[id].get(field.name, ""), []).append(id)
    results: dict[str, Result] = {}
    for parent in parents:
        ids = (*below.ties[field.name].holders(parent["Id"]), *gone.get(parent["Id"], ()))
        candidates = [below.rows[id] for id in ids]
        rows = _found(org, below, query, clause, candidates, deleted_too=deleted_too) if candidates else []
        if rows:
            results[parent["Id"]] = Result(rows, show)
    return Under(field.children or "", results)


def _show(org: Org, table: Table, places: list[tuple[Selected, Place]], base: str) -> Show:
    shape = Shape(table)
    for _, place in places:
        shape.add(org, place.steps, place.field.name)
    return lambda values: shape.show(org, base, values)


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


def _clause(org: Org, table: Table, query: Query, *, deleted_too: bool) -> Clause:
    if query.where is None:
        return Clause(lambda values: True)
    return Binder(org, table, query.soql, deleted_too=deleted_too).clause(query.where)


def _found(
    org: Org, table: Table, query: Query, clause: Clause, candidates: Iterable[Values], *, deleted_too: bool
) -> list[Values]:
    """Those of the candidates that the query asks for, in its order."""
    test, unshared = clause.test, table.unshared
    if not deleted_too:
        candidates = (values for values in candidates if not values["IsDeleted"])
    if unshared:
        candidates = (values for values in candidates if values["Id"] not in unshared)
    found = (values for values in candidates if test(values))
    end = None if query.limit is None else query.offset + query.limit
    if end is not None and not query.orders:
        return list(islice(found, query.offset, end))
    return _ordered(org, table, query, list(found))[query.offset : end]


def _ordered(org: Org, table: Table, query: Query, rows: list[Values]) -> list[Values]:
    """Stable sorts from the last key to the first."""
    for order in reversed(query.orders):
        place = binding.place(org, query.soql, table, order.field)
        if not place.field.filterable:
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
    if query.subqueries:
        raise refused(query.soql, query.subqueries[0].source.at, "subqueries are not allowed beside aggregates")
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
