"""Codecs: every one survives the round trip, and takes what systems really send."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from string import ascii_lowercase
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from syncd.core.instant import canonical_instant
from syncd.core.model import Value
from syncd.mapping.codecs import (
    Codec,
    Date,
    Enum,
    Flag,
    Instant,
    Joined,
    Ref,
    Set,
    Text,
    Tidy,
    Unknown,
    Unwritable,
    Whole,
)
from syncd.mapping.money import Money
from syncd.mapping.scalars import Unreadable
from syncd.mapping.spellings import DOMAIN, EMAIL, PHONE, TRIMMED

STAGES = {"proposal": "presentationscheduled", "closed_won": "closedwon"}

texts = st.text(min_size=1, max_size=30)
wholes = st.integers(-(10**17), 10**17)
days = st.dates(date(1000, 1, 1)).map(date.isoformat)
instants = st.builds(
    lambda moment, tenth: canonical_instant(f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}{tenth}Z"),
    st.datetimes(datetime(1000, 1, 1), datetime(9999, 1, 1)),
    st.integers(0, 9),
)
members = st.text(st.characters(exclude_characters=";", codec="utf-8"), min_size=1, max_size=8).map(str.strip)
sets = st.sets(members.filter(bool), min_size=1, max_size=4).map(lambda names: tuple(sorted(names)))
amounts = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15).map(
    lambda number: format(number.normalize(), "f") if number else "0"
)

anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)

LOSSLESS: list[tuple[Codec, st.SearchStrategy[Any]]] = [
    (Text(), texts),
    (Ref(), texts),
    (Whole(), wholes),
    (Flag(), st.booleans()),
    (Date(), days),
    (Instant(7), instants),
    (Set(), sets),
    (Joined(), sets),
    *((Tidy(spelling), texts.map(spelling.tidy).filter(bool)) for spelling in (TRIMMED, EMAIL, DOMAIN, PHONE)),
    (Money("SEK"), amounts.map("{} SEK".format)),
    (Enum(STAGES), st.sampled_from(sorted(STAGES))),
    (Enum(STAGES, Unknown.PASS), texts.filter(lambda text: text not in STAGES.values())),
]
ALL = [codec for codec, _ in LOSSLESS] + [Enum(STAGES, Unknown.IGNORE), Instant(), Money("EUR", 2), Money()]


def name_of(parameter: Any) -> str | None:
    return type(parameter).__name__ if not isinstance(parameter, st.SearchStrategy) else ""


@pytest.mark.parametrize(("codec", "values"), LOSSLESS, ids=name_of)
@settings(max_examples=60)
@given(data=st.data())
def test_round_trip(codec: Codec, values: st.SearchStrategy[Value], data: st.DataObject) -> None:
    """decode(encode(v)) == v, also when every value travels as text, as it does in HubSpot."""
    value = data.draw(values)
    wire = codec.encode(value)

    assert codec.decode(wire) == value
    assert codec.decode(as_text(wire)) == value
    assert not codec.lossy


@pytest.mark.parametrize("codec", ALL, ids=name_of)
@settings(max_examples=150)
@given(raw=anything)
def test_decode_never_crashes(codec: Codec, raw: Any) -> None:
    """Whatever JSON arrives, the answer is a canonical value or a reason that does not quote it; never a float."""
    try:
        value = codec.decode(raw)
    except Unreadable as why:
        reason = str(why)
    else:
        assert value is UNSET or value is None or isinstance(value, bool | int | str | tuple)
        assert value != ""
        return

    assert " " in reason
    ours = isinstance(raw, str) and set(raw) <= set(ascii_lowercase + " ")  # "numb" stands in "is not a number"
    assert not isinstance(raw, str) or len(raw) < 4 or ours or raw not in reason


@pytest.mark.parametrize("codec", ALL, ids=name_of)
@settings(max_examples=80)
@given(raw=anything)
def test_canonical_form_is_a_fixed_point(codec: Codec, raw: Any) -> None:
    """What was read once and goes back is read as itself, up to the loss that the codec declares."""
    try:
        value = codec.decode(raw)
        if value is UNSET:
            return
        again = codec.decode(codec.encode(value))
    except (Unreadable, Unwritable):
        return

    assert again == value or codec.lossy


@pytest.mark.parametrize("codec", ALL, ids=name_of)
def test_empty_is_none(codec: Codec) -> None:
    """hubspot.md trap 26: an empty text and null both read as None, and None is written as None."""
    assert codec.decode(None) is None
    assert codec.decode("") is None
    assert codec.encode(None) is None


@given(instants)
def test_instant_is_cut_to_milliseconds_never_rounded(value: str) -> None:
    """propstreet.md trap 5: seven digits become three by cutting; a second pass loses nothing more."""
    codec = Instant()
    shown = codec.decode(codec.encode(value))

    assert isinstance(shown, str)
    assert shown == value[:23] + "0000Z"
    assert shown <= value
    assert codec.decode(codec.encode(shown)) == shown


@pytest.mark.parametrize(
    "raw",
    [
        "2026-11-21T10:00:00Z",
        "2026-11-21T10:00:00.000Z",
        "2026-11-21T10:00:00.0000000Z",
        "2026-11-21T10:00:00.000+0000",
        "2026-11-21T11:00:00+01:00",
        1795255200000,
        "1795255200000",
        Decimal("1795255200000"),
    ],
)
def test_instant_in_every_spelling(raw: object) -> None:
    """hubspot.md trap 25: HubSpot's ISO and epoch milliseconds, and Salesforce's offset, are one instant."""
    assert Instant().decode(raw) == "2026-11-21T10:00:00.0000000Z"


@pytest.mark.parametrize(
    "raw", ["yesterday", "2026-13-01T10:00:00Z", "2026-01-15T10:00:00,123Z", "2026-W03-4T10:00:00Z", True, {}]
)
def test_instant_that_is_none(raw: object) -> None:
    """A comma is a point in ISO 8601; the rest is no instant, however long it is."""
    if raw == "2026-01-15T10:00:00,123Z":
        assert Instant().decode(raw) == "2026-01-15T10:00:00.1230000Z"
    else:
        with pytest.raises(Unreadable):
            Instant().decode(raw)


def test_date_from_midnight_and_from_text() -> None:
    """hubspot.md section 4.2: a date is a day in text, or epoch milliseconds that are exactly midnight UTC."""
    midnight = int(datetime(2026, 11, 21, tzinfo=UTC).timestamp() * 1000)

    assert Date().decode("2026-11-21") == Date().decode(midnight) == Date().decode(str(midnight)) == "2026-11-21"
    with pytest.raises(Unreadable, match="not a day"):
        Date().decode(midnight + 1)
    with pytest.raises(Unreadable, match="not a day"):
        Date().decode("2026-02-30")


@pytest.mark.parametrize("raw", [5, "5", "5.0", Decimal("5.00"), 5.0, " 5 ", "5e0"])
def test_whole_from_every_spelling(raw: object) -> None:
    """propstreet.md trap 37 and hubspot.md trap 25: numbers arrive as numbers or text, reformatted."""
    assert Whole().decode(raw) == 5


@pytest.mark.parametrize("raw", ["5.5", "five", True, "1e999999", "٥", [5], float("nan")])
def test_whole_that_is_none(raw: object) -> None:
    with pytest.raises(Unreadable):
        Whole().decode(raw)


@pytest.mark.parametrize(("raw", "flag"), [("true", True), ("FALSE", False), (True, True), (0, False), ("1", True)])
def test_flag_in_every_spelling(raw: object, flag: bool) -> None:
    assert Flag().decode(raw) is flag


def test_flag_that_is_none() -> None:
    with pytest.raises(Unreadable, match="neither true nor false"):
        Flag().decode("maybe")
    with pytest.raises(Unwritable, match="neither true nor false"):
        Flag().encode("true")


def test_set_compares_as_a_set() -> None:
    """propstreet.md trap 48 and hubspot.md trap 25: order and repetition mean nothing, in a list or joined."""
    assert Set().decode(["core", "value_add"]) == Set().decode("value_add;core; core;") == ("core", "value_add")
    assert Set().decode([]) is Set().decode(";") is None


@pytest.mark.parametrize("codec", [Set(), Joined()])
def test_set_member_with_the_separator_is_refused(codec: Codec) -> None:
    with pytest.raises(Unwritable, match="semicolon"):
        codec.encode(("a;b",))


def test_a_set_in_one_line_of_text() -> None:
    """For tags, whose members nobody can list beforehand as options."""
    assert Joined().encode(("core", "value_add")) == "core; value_add"
    assert Joined().encode(()) is None


def test_enum_is_exact_and_case_sensitive() -> None:
    """hubspot.md section 4.2: enumerations compare exactly."""
    assert Enum(STAGES).decode("closedwon") == "closed_won"
    with pytest.raises(Unreadable):
        Enum(STAGES).decode("ClosedWon")


def test_enum_with_an_unlisted_value() -> None:
    """hold waits for a person, ignore makes as if the field were not there, pass takes it as it is."""
    with pytest.raises(Unreadable, match="mapping does not list") as caught:
        Enum(STAGES, Unknown.HOLD).decode("secret-stage")
    assert "secret-stage" not in str(caught.value)
    assert Enum(STAGES, Unknown.IGNORE).decode("4711") is UNSET
    assert Enum(STAGES, Unknown.PASS).decode("4711") == "4711"
    assert Enum(STAGES, Unknown.PASS).encode("4711") == "4711"
    for unknown in (Unknown.HOLD, Unknown.IGNORE):
        with pytest.raises(Unwritable, match="mapping does not list"):
            Enum(STAGES, unknown).encode("4711")


def test_enum_pass_lets_nothing_through_that_would_come_back_as_another_value() -> None:
    codec = Enum(STAGES, Unknown.PASS)

    with pytest.raises(Unreadable):
        codec.decode("proposal")  # a canonical name, which is written as presentationscheduled
    with pytest.raises(Unwritable):
        codec.encode("closedwon")  # a CRM value, which is read as closed_won


def test_text_of_a_number_is_plain() -> None:
    assert Text().decode(Decimal("1E+3")) == "1000"
    assert Text().decode(True) == "true"
    with pytest.raises(Unreadable, match="structure"):
        Text().decode({"a": 1})


def as_text(wire: Any) -> Any:
    match wire:
        case None:
            return ""
        case bool():
            return "true" if wire else "false"
        case tuple():
            return ";".join(reversed(wire))
    return str(wire)
