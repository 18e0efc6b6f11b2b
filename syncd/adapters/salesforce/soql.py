"""Queries as text, short enough for an address (salesforce.md 3.2, trap 26).

Names come from describe and from checked options; values are quoted here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import quote_plus

from simple_salesforce.format import format_soql

from syncd.core.instant import to_epoch_ms

_QUERY_MAX = 14_000  # bytes, encoded: the address ends at 16,384 and so does it with the headers
VALUES_MAX = 400  # in one IN list


def select(
    fields: Iterable[str], name: str, where: str = "", *, order: Sequence[str] = (), limit: int | None = None
) -> str:
    text = f"SELECT {','.join(fields)} FROM {name}"
    text += f" WHERE {where}" if where else ""
    text += f" ORDER BY {','.join(order)}" if order else ""
    return text if limit is None else f"{text} LIMIT {limit}"


def quoted(value: str) -> str:
    return str(format_soql("{}", value))


def listed(field: str, values: Iterable[str]) -> str:
    """An IN list; never empty, since `IN ()` is no SOQL (section 2.11)."""
    return f"{field} IN ({','.join(map(quoted, values))})"


def instant(canonical: str) -> str:
    """A dateTime literal: to the second, as the documented forms are, unless there is more to say."""
    milliseconds = to_epoch_ms(canonical) % 1000
    return f"{canonical[:19]}.{milliseconds:03}Z" if milliseconds else f"{canonical[:19]}Z"


def like(field: str, pattern: str, value: str) -> str:
    """`pattern` with the value in the place of its braces; wildcards in the value are letters like any other."""
    return f"{field} LIKE '{pattern.format(format_soql('{:like}', value))}'"


def portions(values: Sequence[str], rest: str, *, times: int = 1) -> Iterator[list[str]]:
    """The values in as many IN lists as it takes for a query whose other text is `rest`; each is used `times`."""
    return _fitting(values, rest, lambda value: times * len(quote_plus(f"{quoted(value)},")))


def alternatives(conditions: Sequence[str], rest: str) -> Iterator[str]:
    """The conditions, each a comparison or several with OR, as the WHERE of as many queries as it takes."""
    for some in _fitting(conditions, rest, lambda condition: len(quote_plus(f"{condition} OR "))):
        yield " OR ".join(some)


def _fitting(values: Sequence[str], rest: str, length_of: Callable[[str], int]) -> Iterator[list[str]]:
    room = _QUERY_MAX - len(quote_plus(rest))
    portion: list[str] = []
    size = 0
    for value in values:
        length = length_of(value)
        if portion and (size + length > room or len(portion) == VALUES_MAX):
            yield portion
            portion, size = [], 0
        portion.append(value)
        size += length
    if portion:
        yield portion
