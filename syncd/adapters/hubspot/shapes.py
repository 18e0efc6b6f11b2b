"""HubSpot's answers, as far as syncd reads them. Decoding is the check of their shape (hubspot.md trap 4).

The SDK's own models are left aside: they are slow, drop errors, and turn a proxy's page into an empty record.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

RecordId = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,20}$")]
"""Decimal digits, unique within one object type, larger than 32 bits (section 4.1)."""


class Complaint(msgspec.Struct, frozen=True, rename="camel"):
    """An error: a whole body, one row of a batch, or one property of a row. Every part is optional in practice."""

    category: str | None = None
    sub_category: str | None = None
    code: str | None = None
    message: str | None = None
    correlation_id: str | None = None
    error_type: str | None = None
    policy_name: str | None = None
    field: str | None = msgspec.field(default=None, name="in")
    context: dict[str, Any] | None = None
    errors: list[Complaint] | None = None


class HistoryEntry(msgspec.Struct, frozen=True, rename="camel"):
    value: str | None = None
    timestamp: str | None = None
    source_type: str | None = None
    source_id: str | None = None


class Row(msgspec.Struct, frozen=True, rename="camel"):
    """A record. Property values are strings or null on the wire (section 4.2)."""

    id: RecordId
    properties: dict[str, str | None]
    updated_at: str | None = None
    archived: bool = False
    archived_at: str | None = None
    new: bool | None = None  # upsert only
    properties_with_history: dict[str, list[HistoryEntry]] | None = None


class Next(msgspec.Struct, frozen=True):
    after: str


class Paging(msgspec.Struct, frozen=True):
    next: Next | None = None


class Page(msgspec.Struct, frozen=True):
    """A page of a listing or of a search."""

    results: list[Row]
    paging: Paging | None = None

    @property
    def after(self) -> str | None:
        return self.paging.next.after if self.paging is not None and self.paging.next is not None else None


class Batch(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to a batch call: 200 or 207, and in the dated API 2xx with errors inside."""

    results: list[Row]
    errors: list[Complaint] = []


class Archived(msgspec.Struct, frozen=True):
    """The answer to a batch that archives: empty in v3 and v4, a body that may hold errors in the dated API."""

    errors: list[Complaint] = []


class AssociationType(msgspec.Struct, frozen=True, rename="camel"):
    """One way in which two records are associated, in one direction (section 5.10)."""

    category: str
    type_id: int
    label: str | None = None  # None: unlabelled


class Associated(msgspec.Struct, frozen=True, rename="camel"):
    """Whom a record is associated with, and how. Ids are numbers on the wire, whatever the specification says."""

    to_object_id: int | str
    association_types: list[AssociationType] = []

    @property
    def id(self) -> str:
        return str(self.to_object_id)


class From(msgspec.Struct, frozen=True):
    id: int | str


class Associations(msgspec.Struct, frozen=True):
    """One record's associations of one kind, or a page of them."""

    source: From = msgspec.field(name="from")
    to: list[Associated]
    paging: Paging | None = None

    @property
    def id(self) -> str:
        return str(self.source.id)

    @property
    def after(self) -> str | None:
        return self.paging.next.after if self.paging is not None and self.paging.next is not None else None


class AssociationBatch(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to a batch read. Not all errors need be in it, but all are counted (trap 29)."""

    results: list[Associations]
    errors: list[Complaint] = []
    num_errors: int = 0


class Labelled(msgspec.Struct, frozen=True, rename="camel"):
    """A pair of records as a batch create shows it afterwards."""

    from_object_id: int | str
    to_object_id: int | str
    labels: list[str] = []


class LabelledBatch(msgspec.Struct, frozen=True):
    results: list[Labelled]
    errors: list[Complaint] = []


class Joined(msgspec.Struct, frozen=True):
    """A pair of records that are associated by default, in one of the two directions."""

    source: From = msgspec.field(name="from")
    to: From

    @property
    def pair(self) -> tuple[str, str]:
        return str(self.source.id), str(self.to.id)


class JoinedBatch(msgspec.Struct, frozen=True):
    """200, with the errors of single pairs in it where there are any."""

    results: list[Joined]
    errors: list[Complaint] = []


class LabelList(msgspec.Struct, frozen=True):
    """The types of one direction; nothing shows the names of labels (section 5.11)."""

    results: list[AssociationType]


class Option(msgspec.Struct, frozen=True):
    value: str
    label: str = ""


class Modification(msgspec.Struct, frozen=True, rename="camel"):
    read_only_value: bool = False


class PropertyDefinition(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    type: str
    field_type: str = ""
    group_name: str = ""
    options: list[Option] = []
    has_unique_value: bool = False
    calculated: bool = False
    archived: bool = False
    modification_metadata: Modification | None = None

    @property
    def read_only(self) -> bool:
        return self.calculated or (
            self.modification_metadata is not None and self.modification_metadata.read_only_value
        )


class PropertyList(msgspec.Struct, frozen=True):
    results: list[PropertyDefinition]


class Stage(msgspec.Struct, frozen=True):
    id: str
    archived: bool = False


class Pipeline(msgspec.Struct, frozen=True):
    id: str
    stages: list[Stage] = []
    archived: bool = False


class PipelineList(msgspec.Struct, frozen=True):
    results: list[Pipeline]


class AccountDetails(msgspec.Struct, frozen=True, rename="camel"):
    portal_id: int | str


class TokenInfo(msgspec.Struct, frozen=True, rename="camel"):
    hub_id: int | str | None = None
    app_id: int | str | None = None
    scopes: list[str] = []
