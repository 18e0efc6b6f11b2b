"""JSON in and out of text columns: what goes in comes out equal, tuples and exact decimals included."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from syncd.core.model import Fields, Resolution, Value
from syncd.core.ops import Op
from syncd.core.remote import Raw

_encoder = msgspec.json.Encoder(order="deterministic", decimal_format="number")
_raw = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_fields = msgspec.json.Decoder(dict[str, Value])
_value: msgspec.json.Decoder[Value] = msgspec.json.Decoder(Value)
_op: msgspec.json.Decoder[Op] = msgspec.json.Decoder(Op)
_resolution = msgspec.json.Decoder(Resolution)
_ids = msgspec.json.Decoder(tuple[str, ...])
_counts = msgspec.json.Decoder(dict[str, Any])


def encode(value: object) -> str:
    """JSON with sorted keys: equal values give equal text."""
    return _encoder.encode(value).decode()


def raw_from(text: str) -> Raw:
    return _raw.decode(text)


def fields_from(text: str) -> Fields:
    return _fields.decode(text)


def value_from(text: str) -> Value:
    return _value.decode(text)


def op_from(text: str) -> Op:
    return _op.decode(text)


def resolution_from(text: str) -> Resolution:
    return _resolution.decode(text)


def ids_from(text: str) -> tuple[str, ...]:
    return _ids.decode(text)


def counts_from(text: str) -> dict[str, Any]:
    return _counts.decode(text)
