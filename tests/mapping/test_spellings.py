"""propstreet trap 54: what a server writes back in another spelling is no change, and a change is not taken for one."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from syncd.mapping.spellings import COUNTRY, DOMAIN, EMAIL, LANGUAGE, PHONE, TRIMMED, Spelling, same_number

ALL = [TRIMMED, EMAIL, DOMAIN, PHONE, COUNTRY, LANGUAGE]
NAMES = ["trimmed", "email", "domain", "phone", "country", "language"]
scribbles = st.text(st.sampled_from("+00(0)46 -./tel:www.acmé.SE@\u00a0\u2011"), max_size=16) | st.text(max_size=20)
national = st.from_regex(r"[1-9][0-9]{6,9}", fullmatch=True)
codes = st.sampled_from(["1", "46", "47", "358"])


@pytest.mark.parametrize("spelling", ALL, ids=NAMES)
@settings(max_examples=300)
@given(text=scribbles)
@example(text="+46 (0)70-123 45 67")
@example(text="00 (0) 0046")
@example(text="www.www.acme.se")
@example(text=".\xa0:")
@example(text="tel:tel:+46701234567")
def test_the_canonical_spelling_is_a_fixed_point(spelling: Spelling, text: str) -> None:
    """Read once is read for ever: a second reading changes nothing, and both are the same text."""
    once = spelling.tidy(text)

    assert spelling.tidy(once) == once
    assert spelling.same(text, once)
    assert spelling.same(once, text)


@pytest.mark.parametrize(
    ("shown", "canonical"),
    [
        ("+46701234567", "+46701234567"),
        (" +46 70-123 45 67 ", "+46701234567"),
        ("+46 (0)70 123 45 67", "+46701234567"),
        ("(+46) 70.123.45.67", "+46701234567"),
        ("0046 70 123 45 67", "+46701234567"),
        ("tel:+46-70-1234567", "+46701234567"),
        ("070-123 45 67", "0701234567"),
        ("070\u2011123\u00a045\u00a067", "0701234567"),
        ("(0)8 123 45", "0812345"),
        ("+46701234567 ext. 12", "+46701234567 ext. 12"),
        ("ask Eva", "ask Eva"),
        ("+", "+"),
        ("- / -", "- / -"),
    ],
)
def test_phone_numbers(shown: str, canonical: str) -> None:
    """propstreet trap 54: digits with a leading +; what holds more than a number is kept as it is."""
    assert PHONE.tidy(shown) == canonical


def test_a_text_that_is_no_number_costs_nothing() -> None:
    """Whatever its length: no reading of it may take long."""
    text = "1 " * 100_000

    assert PHONE.tidy(text) == text.strip()


@given(codes, national)
def test_a_number_that_the_server_made_international_is_the_same(code: str, local: str) -> None:
    """propstreet trap 54, section 17.1: the server makes E.164 where it can. With and without trunk zero."""
    international = f"+{code}{local}"

    for at_home in (f"0{local}", local, f"{code}{local}"):
        assert PHONE.same(international, at_home)
        assert PHONE.same(at_home, international)


@given(codes, national, codes, national)
def test_two_numbers_stay_two(code: str, local: str, other_code: str, other: str) -> None:
    """An edit is not mistaken for a spelling: other digits are another number, in one form or in both."""
    if local.endswith(other) or other.endswith(local):
        return

    assert not PHONE.same(f"+{code}{local}", f"0{other}")
    assert not PHONE.same(f"0{local}", f"0{other}")
    assert PHONE.same(f"+{code}{local}", f"+{other_code}{local}") == (code == other_code)


@pytest.mark.parametrize(
    "pair",
    [
        ("+464567", "4567"),
        ("+46701234567", "1234567"),
        ("+46701234567", "ask Eva"),
        ("+46ext7", "0701234567"),
        ("701234567", "0701234567"),
    ],
)
def test_a_common_ending_proves_nothing(pair: tuple[str, str]) -> None:
    assert not same_number(*pair)
    assert not PHONE.same(*pair)


@pytest.mark.parametrize(
    ("shown", "canonical"),
    [
        ("acme.se", "acme.se"),
        (" WWW.Acme.SE ", "acme.se"),
        ("https://www.acme.se/about?x=1", "acme.se"),
        ("www.se", "www.se"),
        ("deals.acme.se", "deals.acme.se"),
        ("Acme", "acme"),
        ("http://[", "http://["),
    ],
)
def test_domains(shown: str, canonical: str) -> None:
    """propstreet trap 54: in lower case and without www, however either side shows it."""
    assert DOMAIN.tidy(shown) == canonical


def test_the_case_of_an_address_is_no_edit() -> None:
    """hubspot.md section 4.2: HubSpot stores e-mail addresses in lower case."""
    assert EMAIL.same(" Anna@Acme.SE", "anna@acme.se")
    assert not EMAIL.same("anna@acme.se", "ann@acme.se")


def test_codes_have_one_case_and_other_texts_are_left_alone() -> None:
    assert (COUNTRY.tidy(" se"), COUNTRY.tidy("Sweden")) == ("SE", "Sweden")
    assert (LANGUAGE.tidy("SV "), LANGUAGE.tidy("sv-SE")) == ("sv", "sv-SE")


@pytest.mark.parametrize("spelling", ALL, ids=NAMES)
def test_nothing_is_nothing(spelling: Spelling) -> None:
    """None and blanks are the same; neither is the same as something."""
    assert spelling.same(None, "  ")
    assert spelling.same(None, None)
    assert not spelling.same(None, "0701234567")
