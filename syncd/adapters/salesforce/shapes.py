"""Salesforce's answers, as far as syncd reads them. Decoding is the check of their shape.

Errors are tolerated in every spelling that was seen: lists and objects, `errorCode` and `statusCode` (trap 8).
"""

from __future__ import annotations

from typing import Any

import msgspec

Row = dict[str, Any]
"""A record with its `attributes`, numbers with a fraction as Decimal."""


class Likeness(msgspec.Struct, frozen=True):
    """A record that a duplicate rule takes for the same; its `record` has an Id."""

    record: Row = {}


class MatchResult(msgspec.Struct, frozen=True, rename="camel"):
    match_records: list[Likeness] = []


class Duplicates(msgspec.Struct, frozen=True, rename="camel"):
    match_results: list[MatchResult] = []


class Complaint(msgspec.Struct, frozen=True, rename="camel"):
    """One error of a body or of a row; every part is optional in practice (section 6.1)."""

    error_code: str | None = None  # at the top level
    status_code: str | None = None  # in a row of a collection
    message: str | None = None
    fields: list[str] | None = None
    error: str | None = None  # of a login
    duplicate_resut: Any = None  # of a duplicate rule, in Salesforce's own spelling
    duplicate_result: Any = None

    @property
    def code(self) -> str | None:
        return self.error_code or self.status_code or self.error

    @property
    def alike(self) -> list[str]:
        """The ids of the records that a duplicate rule takes for the same; none where it can't be read."""
        try:
            told = msgspec.convert(self.duplicate_resut or self.duplicate_result or {}, Duplicates)
        except msgspec.ValidationError:
            return []
        ids = (one.record.get("Id") for result in told.match_results for one in result.match_records)
        return [id for id in ids if isinstance(id, str)]


class Page(msgspec.Struct, frozen=True, rename="camel"):
    """A page of a query. Only `done` says whether it is the last, never its length (trap 15)."""

    records: list[Row]
    done: bool
    next_records_url: str | None = None


class RowResult(msgspec.Struct, frozen=True):
    """What a collections call did to one row."""

    success: bool
    id: str | None = None
    errors: list[Complaint] = []
    created: bool | None = None  # upsert only


class Part(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to one request of a composite call."""

    http_status_code: int
    body: Any = None


class Composite(msgspec.Struct, frozen=True, rename="camel"):
    composite_response: list[Part]


class PicklistValue(msgspec.Struct, frozen=True):
    value: str
    active: bool = True


class Field(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A field that we may see; those that field-level security hides are not described at all (trap 17)."""

    name: str
    type: str
    length: int = 0
    createable: bool = True
    updateable: bool = True
    nillable: bool = True
    filterable: bool = True
    unique: bool = False
    external_id: bool = False
    restricted_picklist: bool = False
    picklist_values: list[PicklistValue] | None = None
    reference_to: list[str] = []  # the objects that a lookup may lead to; several where it is polymorphic
    compound_field_name: str | None = None  # the read-only field that this one is a part of

    @property
    def choices(self) -> frozenset[str]:
        """The API values that may be chosen now."""
        return frozenset(one.value for one in self.picklist_values or () if one.active)


class Description(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    fields: list[Field]
    key_prefix: str | None = None


class Version(msgspec.Struct, frozen=True):
    version: str


class Made(msgspec.Struct, frozen=True):
    """The answer to the creation of a single row, here or in the Tooling API."""

    id: str
    success: bool = True


class Token(msgspec.Struct, frozen=True):
    """What the answer to a login says besides what simple-salesforce takes out of it."""

    id: str = ""  # https://login.salesforce.com/id/<organisation>/<user>
