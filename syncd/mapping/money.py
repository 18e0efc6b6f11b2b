"""Money as one canonical value, "150000000 SEK": an exact decimal and a currency, and its codec for the CRM side.

Knows nothing of exchange rates: money in another currency than a property can hold is refused, never converted.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from syncd.core.model import FieldType, Value

from .codecs import Unwritable, Wire
from .decimals import plain, rounded
from .scalars import Unreadable

SCALES = {"none": 0, "thousands": 3, "millions": 6, "billions": 9}
"""Propstreet's scales as powers of ten (propstreet.md section 10.2)."""

_CURRENCY = re.compile(r"[A-Za-z]{3}", re.ASCII)


def money_of(amount: Any, currency: Any, shift: int = 0) -> str | None:
    """Canonical money; None when there is no amount. `shift` is the power of ten that the amount is given in."""
    if amount is None or amount == "":
        return None
    code = currency_of(currency)
    if code is None:
        raise Unreadable("is an amount without a currency")
    try:
        return f"{plain(amount, shift)} {code}"
    except ValueError as exc:
        raise Unreadable(str(exc)) from exc


def split(value: Value) -> tuple[str, str]:
    """Amount and currency of canonical money."""
    amount, _, currency = str(value).partition(" ")
    return amount, currency


def currency_of(raw: Any) -> str | None:
    """Three capital letters, or None."""
    if raw is None or raw == "":
        return None
    if not isinstance(raw, str):
        raise Unreadable("has a currency that is not a text")
    return _currency_code(raw)


@lru_cache(maxsize=1024)
def _currency_code(text: str) -> str:
    code = text.strip()
    if not _CURRENCY.fullmatch(code):
        raise Unreadable("has a currency that is not a three-letter code")
    return code.upper()


class Money:
    """An amount in one property, in a currency that is fixed by the table or stands in a second property.

    With `decimals` the amount is rounded on its way out, since the property keeps no more.
    """

    type = FieldType.MONEY

    def __init__(self, currency: str | None = None, decimals: int | None = None) -> None:
        self.currency = currency
        self.decimals = decimals
        self.lossy = decimals is not None

    def decode(self, raw: Any) -> Value:
        return money_of(raw, self.currency)

    def encode(self, value: Value) -> Wire:
        """The amount alone, for a property of the fixed currency."""
        if value is None:
            return None
        amount, currency = self.encode_parts(value)
        if currency != self.currency:
            raise Unwritable("is in another currency than the property it goes to")
        return amount

    def decode_parts(self, amount: Any, currency: Any) -> Value:
        """From two properties; the fixed currency stands in for an empty one."""
        return money_of(amount, currency or self.currency)

    def encode_parts(self, value: Value) -> tuple[str, str]:
        amount, currency = split(value)
        if not currency:
            raise Unwritable("is not money")
        return (amount if self.decimals is None else rounded(amount, self.decimals)), currency
