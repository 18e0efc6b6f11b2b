"""What goes to Propstreet and what comes back: one call, one answer, and JSON between them.

Numbers with a fraction are Decimal in both directions; nothing is ever a float. What a record means is in
`records`, what a failure means in `problems`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from syncd.adapters.limiter import Priority
from syncd.errors import Rejected

SYSTEM = "propstreet"
URL_MAX = 8_000  # characters, propstreet.md section 1
BODY_MAX = 10 * 1024 * 1024  # bytes, propstreet.md section 1

Json = dict[str, Any]
"""A JSON object as it came, unknown fields and all."""

QueryValue = str | int | Sequence[str]
"""A sequence repeats its name: `?tags=vip&tags=nordic`."""

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request below the origin. `what` names the record in error messages."""

    method: str
    target: str  # path and query, percent-encoded
    what: str
    body: bytes | None = None
    headers: Mapping[str, str] = {}
    priority: Priority = Priority.LIVE
    creates: bool = False  # a new record, and not only a step of one that is there

    @property
    def writes(self) -> bool:
        return self.method != "GET"


class Answer(msgspec.Struct, frozen=True):
    status: int
    headers: Mapping[str, str]  # lower-case names
    body: bytes


def encode(value: object) -> bytes:
    """JSON text; a Decimal becomes a number."""
    return _encoder.encode(value)


def decode_object(body: bytes) -> Json | None:
    """The JSON object in this body; None when it is empty, a proxy's page, cut off, or no object."""
    try:
        value = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return value if isinstance(value, dict) else None


def target(*segments: str, query: Mapping[str, QueryValue | None] | None = None) -> str:
    """A path below /api/v1, every segment percent-encoded; query entries that are None are left out.

    Raises Rejected for what no URL can carry: an empty segment, a dot segment, more than 8,000 characters.
    """
    if any(segment in ("", ".", "..") for segment in segments):
        raise Rejected("an empty or dotted id can't be part of a propstreet address", system=SYSTEM)
    path = "/api/v1/" + "/".join(quote(segment, safe=":") for segment in segments)
    given = {name: value for name, value in (query or {}).items() if value is not None}
    text = f"{path}?{urlencode(given, doseq=True)}" if given else path
    if len(text) > URL_MAX:
        raise Rejected(f"an address longer than {URL_MAX} characters is more than propstreet takes", system=SYSTEM)
    return text


def text_id(value: object) -> str | None:
    """An id as text: v1 shows strings, old pages show bare numbers (propstreet.md section 22)."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None
