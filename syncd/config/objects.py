"""What an adapter is told of the mapping: for each kind, the object, its fields and their values, and its form."""

from __future__ import annotations

from syncd.adapters.base import ObjectSpec
from syncd.core.model import LEFT, Kind, Side
from syncd.mapping import Mapper
from syncd.mapping.terms import Form


def object_spec(side: Side, mapper: Mapper) -> ObjectSpec:
    """`links` are not among `fields`, for only the adapter knows which of them are fields and which associations."""
    nested = mapper.kind is Kind.PROSPECT and mapper.form is Form.ASSOCIATION
    if side is LEFT:
        return ObjectSpec(mapper.kind.value, nested=nested)
    values = {field.name: tuple(raw for raw, _ in field.options) for field in mapper.wanted() if field.options}
    return ObjectSpec(mapper.object, mapper.crm_fields, values, nested, mapper.links)
