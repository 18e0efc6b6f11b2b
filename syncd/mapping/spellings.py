"""Texts that are the same in several spellings: phone numbers, e-mail addresses, domains (propstreet.md trap 54).

Both sides are read into the one canonical spelling, so that a number that somebody put blanks into, or an address that
a system put into lower case, is no edit. What does not look like what it should be is kept as it is: it may be held
or refused further on, but never altered.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from syncd.core.match import domain_key
from syncd.core.model import Value

LOCAL_MIN = 7  # digits of a national number, its trunk zero apart: with fewer, a common ending proves nothing
COUNTRY_MAX = 3  # digits of a country code
LENGTH_MAX = 100  # beyond, it is no phone number, whatever it is
_PHONE = re.compile(r"[\s(]*\+?[\d\s()./\-\u2010-\u2015]+", re.ASCII)
_NO_DIGIT = re.compile(r"\D", re.ASCII)
_ABROAD = re.compile(r"00[1-9]", re.ASCII)
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)", re.ASCII)
_ALPHA_2 = re.compile(r"[A-Za-z]{2}", re.ASCII)


class Spelling(msgspec.Struct, frozen=True):
    """How a text is spelt canonically, and when two canonical spellings mean the same after all."""

    tidy: Callable[[str], str]  # idempotent; "" means that nothing is left
    also: Callable[[str, str], bool] | None = None

    def same(self, left: Value, right: Value) -> bool:
        one, other = self._tidied(left), self._tidied(right)
        return one == other or (self.also is not None and one != "" and other != "" and self.also(one, other))

    def _tidied(self, value: Value) -> str:
        return "" if value is None else self.tidy(str(value))


def trimmed(text: str) -> str:
    return text.strip()


def email(text: str) -> str:
    """Case never tells two mailboxes apart in practice, and HubSpot keeps none (hubspot.md section 4.2)."""
    return text.strip().lower()


def domain(text: str) -> str:
    """ "acme.se", also out of a web address; Propstreet keeps it in lower case without www (section 17.2)."""
    key = domain_key(text)
    if key is None:
        return text.strip().lower()
    host = key.partition(":")[2]
    while host.startswith("www.") and host.count(".") > 1:
        host = host.removeprefix("www.")
    return host


def phone(text: str) -> str:
    """Digits, with a leading + where the number is international; what holds anything else is kept as it is."""
    text = text.strip()
    number = text.removeprefix("tel:").replace("\u00a0", " ").replace("\u202f", " ").strip()
    if len(number) > LENGTH_MAX or not _PHONE.fullmatch(number):
        return text
    if number.lstrip("( ").startswith(("+", "00")):
        number = _TRUNK_ZERO.sub("", number)
    digits = _NO_DIGIT.sub("", number)
    if not digits:
        return text
    if "+" in number:
        return f"+{digits}"
    return f"+{digits[2:]}" if _ABROAD.match(digits) else digits


def same_number(left: str, right: str) -> bool:
    """Is one of them the other as it is dialled at home? The server makes "+4686789012" of "08-678 90 12"."""
    if left.startswith("+") == right.startswith("+"):
        return False
    international, national = (left[1:], right) if left.startswith("+") else (right[1:], left)
    local = national.removeprefix("0")
    if not (international.isdigit() and local.isdigit()) or len(local) < LOCAL_MIN:
        return False
    return international.endswith(local) and len(international) - len(local) <= COUNTRY_MAX


def country(text: str) -> str:
    """A two-letter code in capitals."""
    text = text.strip()
    return text.upper() if _ALPHA_2.fullmatch(text) else text


def language(text: str) -> str:
    """A two-letter code in small letters."""
    text = text.strip()
    return text.lower() if _ALPHA_2.fullmatch(text) else text


def is_code(text: str) -> bool:
    """Two letters, as in the ISO lists of countries and languages."""
    return _ALPHA_2.fullmatch(text) is not None


TRIMMED = Spelling(trimmed)
EMAIL = Spelling(email)
DOMAIN = Spelling(domain)
PHONE = Spelling(phone, same_number)
COUNTRY = Spelling(country)
LANGUAGE = Spelling(language)
