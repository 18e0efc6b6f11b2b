"""What a literal means beside a field of some type (salesforce.md, section 3.2).

Text compares without case except on case-sensitive fields, ids in their long form, instants at their own second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from syncd.testing.sandbox.salesforce import stamps
from syncd.testing.sandbox.salesforce.fields import NUMBERS, TEXTS, Field
from syncd.testing.sandbox.salesforce.ids import full

from .grammar import Compare
from .places import HIGHEST, LOWEST, Span
from .tokens import Token, refused, unescape

Get = Callable[[Any], Any]
Test = Callable[[Any], bool]

_COUNTED = re.compile(r"(LAST|NEXT)_N_DAYS:(\d+)")
_SINGLE_DAYS = {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1}


class Reading(msgspec.Struct, frozen=True):
    """One comparison; `low` and `high` differ where the literal is a whole day or longer (high is outside)."""

    operator: str
    low: Any
    high: Any = None
    key: Callable[[Any], Any] = lambda value: value
    like: re.Pattern[str] | None = None

    def test(self, get: Get) -> Test:
        low, high, key = self.low, self.high, self.key
        if self.like is not None:
            matches = self.like.fullmatch
            return lambda values: (value := get(values)) is not None and matches(value) is not None
        if high is not None:
            return self._test_range(get)
        match self.operator:
            case "=":
                return lambda values: bool(key(get(values)) == low)
            case "!=":
                return lambda values: bool(key(get(values)) != low)
            case "<":
                return lambda values: (value := key(get(values))) is not None and value < low
            case "<=":
                return lambda values: (value := key(get(values))) is not None and value <= low
            case ">":
                return lambda values: (value := key(get(values))) is not None and value > low
        return lambda values: (value := key(get(values))) is not None and value >= low

    def _test_range(self, get: Get) -> Test:
        low, high = self.low, self.high
        match self.operator:
            case "=":
                return lambda values: (value := get(values)) is not None and low <= value < high
            case "!=":
                return lambda values: (value := get(values)) is None or not low <= value < high
            case "<":
                return lambda values: (value := get(values)) is not None and value < low
            case "<=":
                return lambda values: (value := get(values)) is not None and value < high
            case ">":
                return lambda values: (value := get(values)) is not None and value >= high
        return lambda values: (value := get(values)) is not None and value >= low

    def span(self) -> Span | None:
        """Where stamps that pass must be; None when nothing is known, as for null."""
        if self.low is None:
            return None
        high = self.high or self.low
        match self.operator:
            case "=":
                return Span(self.low, high)
            case "<" | "<=":
                return Span(LOWEST, high)
        return Span(self.low, HIGHEST)


def reading(field: Field, it: Compare, soql: str, now: float) -> Reading:
    """How this comparison reads; MALFORMED_QUERY or INVALID_FIELD where the literal does not fit the field."""
    literal, operator = it.literal, it.operator
    if operator == "LIKE":
        if field.type not in TEXTS or literal.kind != "string":
            raise refused(soql, literal.at, "invalid operator LIKE", "INVALID_FIELD")
        return Reading(operator, None, like=_pattern(field, text_of_pattern=literal.text))
    if literal.word == "NULL":
        _demand_equality(soql, it)
        return Reading(operator, None)
    if field.type in ("date", "datetime") and literal.kind == "name":
        low, high = _days(soql, literal, now)
        if field.type == "date":
            return Reading(operator, low.isoformat(), high.isoformat())
        return Reading(operator, stamps.midnight(low), stamps.midnight(high))
    if field.type in ("boolean", "id", "reference"):
        _demand_equality(soql, it, also_ordered=field.type == "id")
    return Reading(operator, member(field, literal, soql), key=folding(field))


def members(field: Field, found: Sequence[Token], soql: str) -> frozenset[Any]:
    return frozenset(None if it.word == "NULL" else member(field, it, soql) for it in found)


def member(field: Field, literal: Token, soql: str) -> Any:
    """The literal in the form in which it compares with this field's values."""
    match field.type, literal.kind:
        case "id" | "reference", "string":
            return full(literal.text) or literal.text
        case "boolean", "name" if literal.word in ("TRUE", "FALSE"):
            return literal.word == "TRUE"
        case type, "number" if type in NUMBERS:
            return Decimal(literal.text)
        case "date", "date":
            if (day := stamps.read_day(literal.text)) is not None:
                return day
        case "datetime", "datetime":
            if (instant := stamps.read(literal.text)) is not None:
                return instant
        case type, "string" if type in TEXTS:
            return folding(field)(text(literal))
    if field.type == "id":
        raise refused(soql, literal.at, f"invalid ID field: {literal.text}", "INVALID_QUERY_FILTER_OPERATOR")
    quotes = "should be enclosed in quotes" if field.type in TEXTS else "should not be enclosed in quotes"
    raise refused(
        soql,
        literal.at,
        f"value of filter criterion for field '{field.name}' must be of type {field.type} and {quotes}",
        "INVALID_FIELD",
    )


def folding(field: Field) -> Callable[[Any], Any]:
    if field.type in TEXTS and not field.case_sensitive:
        return lambda value: value.casefold() if value is not None else None
    return lambda value: value


def text(literal: Token) -> str:
    return unescape(literal.text)


def _pattern(field: Field, *, text_of_pattern: str) -> re.Pattern[str]:
    """% is any text and _ any character, unless escaped."""
    parts = re.findall(r"\\.|.", text_of_pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    pattern = "".join(wild.get(part) or re.escape(unescape(part)) for part in parts)
    return re.compile(pattern, re.DOTALL | (0 if field.case_sensitive else re.IGNORECASE))


def _demand_equality(soql: str, it: Compare, *, also_ordered: bool = False) -> None:
    if it.operator in ("=", "!=") or also_ordered:
        return
    raise refused(soql, it.literal.at, f"invalid operator on {it.field.text}: {it.operator}", "INVALID_FIELD")


def _days(soql: str, literal: Token, now: float) -> tuple[date, date]:
    """First day and the day after the last, in UTC. LAST_N_DAYS ends with today, NEXT_N_DAYS begins tomorrow."""
    today = stamps.day_of(now)
    if literal.word in _SINGLE_DAYS:
        first = stamps.days_after(today, _SINGLE_DAYS[literal.word])
        return first, stamps.days_after(first, 1)
    counted = _COUNTED.fullmatch(literal.word)
    if counted is None:
        raise refused(soql, literal.at, f"unexpected token: '{literal.text}'")
    days = int(counted[2])
    if counted[1] == "LAST":
        return stamps.days_after(today, -days), stamps.days_after(today, 1)
    return stamps.days_after(today, 1), stamps.days_after(today, days + 1)
