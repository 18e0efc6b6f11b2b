"""What an object is, and the fields that every object has."""

from __future__ import annotations

import msgspec

from .fields import Field


class ObjectKind(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    label: str
    prefix: str
    fields: tuple[Field, ...]
    mergeable: bool = False  # Salesforce itself can merge them (section 7.3)
    owned: bool = True
    currency: bool = False  # has a CurrencyIsoCode where the org has several currencies
    setup: bool = False  # part of the org's set-up: writing it takes the right to customise
    readable_only: bool = False
    tooling: bool = False
    catalogue: bool = False  # of the Metadata Catalog: derived from the other objects, and barely filtered
    etag: bool = False  # rows carry an ETag: Account only (section 4)
    compounds: tuple[str, ...] = ()  # fields that are made of others (section 7.3)
    traceless: bool = False  # deleted by itself, a row is gone for ever (section 7.2)

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def undeletable(self) -> bool:
        """Out of the Recycle Bin again."""
        return (self.owned or self.custom) and not self.traceless

    @property
    def replicated(self) -> bool:
        """In the lists of what was deleted and updated (section 3.7)."""
        return self.owned or self.custom or self.traceless


def kept(name: str, type: str, **more: object) -> Field:
    """A field that Salesforce fills in by itself."""
    more = {"nillable": False, "createable": False, "updateable": False, "defaulted": True} | more
    return msgspec.convert({"name": name, "type": type} | more, Field)


def user(name: str, relationship: str) -> Field:
    return kept(name, "reference", reference_to=("User",), relationship=relationship)


AUDIT = (
    kept("Id", "id"),
    kept("IsDeleted", "boolean"),
    kept("CreatedDate", "datetime"),
    user("CreatedById", "CreatedBy"),
    kept("LastModifiedDate", "datetime"),
    user("LastModifiedById", "LastModifiedBy"),
    kept("SystemModstamp", "datetime"),
)
OWNER = Field(
    name="OwnerId", type="reference", nillable=False, defaulted=True, reference_to=("User",), relationship="Owner"
)
CURRENCY = Field(
    name="CurrencyIsoCode", type="picklist", restricted=True, nillable=False, defaulted=True, multi_currency_only=True
)


def master(kind: ObjectKind) -> Field:
    """Which record this one was merged into."""
    return kept("MasterRecordId", "reference", nillable=True, reference_to=(kind.name,), relationship="MasterRecord")


def fields_of(kind: ObjectKind) -> dict[str, Field]:
    """By name: the object's own between the audit fields that every object of rows has."""
    own = (AUDIT[0], *kind.fields)
    if kind.catalogue:
        return {field.name: field for field in own}
    if kind.owned:
        own += (OWNER,)
    if kind.currency:
        own += (CURRENCY,)
    if kind.mergeable:
        own += (master(kind),)
    return {field.name: field for field in own + AUDIT[1:]}
