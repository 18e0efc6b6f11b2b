"""Exact decimal numbers as plain text: no exponent, no trailing zeros, no float arithmetic, no decimal context.

Raises ValueError for whatever is not a finite number of reasonable length; reasons are given without the value.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal

DIGITS_MAX = 60  # of the number as given; System.Decimal has 28, a CRM's number 18 to 32
PLACES_MAX = 30  # before and after the point: keeps 1E+999999 from becoming a megabyte of zeros
_EXACT = Context(prec=3 * DIGITS_MAX)
_PLAIN = re.compile(r"(-?)(\d{1,100})(?:\.(\d{1,100}))?", re.ASCII)
_WHOLE = re.compile(r"-?[1-9]\d{0,29}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)


def plain(number: object, shift: int = 0) -> str:
    """This number times ten to the power of `shift`, as plain text. Takes int, Decimal, float and text."""
    if type(number) is int and shift >= 0 and -(10**15) < number < 10**15:
        return str(number * 10**shift)
    if shift >= 0 and isinstance(number, str) and _WHOLE.fullmatch(number):
        return number + "0" * shift
    # Moving a point needs no arithmetic.
    digits = _PLAIN.fullmatch(str(number)) if isinstance(number, (str, Decimal)) else None
    digits = digits or _PLAIN.fullmatch(format(exact(number), "f"))
    assert digits is not None, "exact() bounds what format() writes"
    sign, whole, fraction = digits.groups()
    return _shifted(sign, whole, fraction or "", shift)


def exact(number: object) -> Decimal:
    """This number, exactly: a float is taken as it is written, never as it is stored."""
    value = _parsed(number)
    if not value.is_finite():
        raise ValueError("is not a finite number")
    if not value:
        return Decimal(0)
    if abs(value.adjusted()) > PLACES_MAX or len(value.as_tuple().digits) > DIGITS_MAX:
        raise ValueError("is a number out of all proportion")
    return value


def rounded(number: str, decimals: int) -> str:
    """The number at this many places after the point, half away from zero, as a CRM's number field does it."""
    step = Decimal((0, (1,), -decimals))
    return plain(Decimal(number).quantize(step, ROUND_HALF_UP, _EXACT))


def _parsed(number: object) -> Decimal:
    match number:
        case bool():
            raise ValueError("is a flag, not a number")
        case Decimal():
            return number
        case int() if number.bit_length() <= 200:
            return Decimal(number)
        case float():
            return Decimal(repr(number))
        case str() if len(number) <= 2 * DIGITS_MAX and _NUMBER.fullmatch(number.strip()):
            return Decimal(number.strip())
    raise ValueError("is not a number")


def _shifted(sign: str, whole: str, fraction: str, shift: int) -> str:
    digits, point = whole + fraction, len(whole) + shift
    if point < 0:
        digits, point = digits.rjust(len(digits) - point, "0"), 0
    whole = digits[:point].ljust(point, "0").lstrip("0") or "0"
    fraction = digits[point:].rstrip("0")
    text = f"{whole}.{fraction}" if fraction else whole
    return text if text == "0" else sign + text
