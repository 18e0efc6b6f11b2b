"""Instants as text that sorts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.instant import canonical_instant, from_epoch_ms, minus_seconds, to_epoch_ms

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

moments = st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC))
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
milliseconds = st.integers(-2_000_000_000_000, 7_000_000_000_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-15T10:00:00Z", "2026-01-15T10:00:00.0000000Z"),
        ("2026-01-15T10:00:00", "2026-01-15T10:00:00.0000000Z"),
        ("2026-01-15 10:00:00z", "2026-01-15T10:00:00.0000000Z"),
        ("2026-01-15T10:00Z", "2026-01-15T10:00:00.0000000Z"),
        ("2026-01-15T10:00:00.5Z", "2026-01-15T10:00:00.5000000Z"),
        ("2026-01-15T10:00:00.1234567Z", "2026-01-15T10:00:00.1234567Z"),
        ("2026-01-15T12:00:00.1234567+02:00", "2026-01-15T10:00:00.1234567Z"),
        ("2026-01-15T10:00:00.000+0000", "2026-01-15T10:00:00.0000000Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.0000000Z"),
        ("1768471200123", "2026-01-15T10:00:00.1230000Z"),
        (" 2026-01-15T10:00:00Z ", "2026-01-15T10:00:00.0000000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000Z"),
    ],
)
def test_every_spelling_has_one_form(text: str, expected: str) -> None:
    assert expected == canonical_instant(text)


@pytest.mark.parametrize(
    "text", ["2026-12-31T23:59:59.99999999Z", "2026-12-31T23:59:59.9999999999+00:00", "2026-12-31T23:59:59.99999995"]
)
def test_it_is_never_rounded_up(text: str) -> None:
    """propstreet.md trap 5: a watermark that was rounded up skips what changed in between."""
    assert canonical_instant(text) == "2026-12-31T23:59:59.9999999Z"


@pytest.mark.parametrize(
    "text", ["", "now", "2026-01-15", "2026-13-01T00:00:00Z", "2026-01-15T25:00:00Z", "2026-02-30T00:00:00+01:00", "12"]
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical_instant(text)


@given(moments, moments, offsets, offsets)
def test_text_order_is_time_order(one: datetime, two: datetime, zone: timezone, other: timezone) -> None:
    """Whatever zones they were written in."""
    texts = canonical_instant(one.astimezone(zone).isoformat()), canonical_instant(two.astimezone(other).isoformat())

    assert (texts[0] < texts[1], texts[0] == texts[1]) == (one < two, one == two)


@given(moments, st.text("0123456789", min_size=1, max_size=12))
def test_the_canonical_form_is_its_own_and_keeps_seven_digits(moment: datetime, digits: str) -> None:
    text = canonical_instant(f"{moment:%Y-%m-%dT%H:%M:%S}.{digits}Z")

    assert canonical_instant(text) == text
    assert text[20:-1] == digits[:7].ljust(7, "0")


@given(milliseconds)
def test_epoch_milliseconds_go_there_and_back(number: int) -> None:
    assert to_epoch_ms(from_epoch_ms(number)) == number


@given(moments)
def test_milliseconds_of_an_instant_are_cut(moment: datetime) -> None:
    exact = (moment - EPOCH) // timedelta(milliseconds=1)

    assert exact == to_epoch_ms(canonical_instant(moment.isoformat()))


@given(milliseconds, st.integers(0, 10_000_000))
def test_a_window_that_starts_earlier_starts_early_enough(number: int, back_ms: int) -> None:
    earlier = minus_seconds(from_epoch_ms(number), back_ms / 1000)

    assert number - back_ms - 1 <= to_epoch_ms(earlier) <= number - back_ms + 1
    assert earlier <= from_epoch_ms(number)
