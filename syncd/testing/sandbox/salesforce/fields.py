"""What a field is: its definition, as describe shows it (salesforce.md, section 3.8)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

TEXTS = frozenset({"string", "textarea", "email", "phone", "url", "picklist", "multipicklist", "combobox"})
NUMBERS = frozenset({"currency", "double", "percent", "int"})
LONG_TEXT_FROM = 256  # a textarea this long can be neither filtered nor sorted


class Field(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    type: str = "string"
    label: str = ""
    length: int = 255
    precision: int = 18
    scale: int = 2
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    default: Any = None  # stored on create when nothing is sent
    defaulted: bool = False  # Salesforce fills it in
    unique: bool = False
    case_sensitive: bool = False
    external_id: bool = False
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    children: str | None = None  # what a query on the parent calls the rows that refer to it
    on_delete: Literal["clear", "cascade", "restrict", "keep"] = "clear"  # when what it refers to is deleted
    derived: bool = False  # follows from other records: a copy of a reference, not one of its own
    auto_number: str = ""  # "I-": Salesforce numbers the records, I-00001, I-00002
    compound: str | None = None  # the read-only field that shows this one as a part
    values: tuple[str, ...] = ()
    restricted: bool = False
    multi_currency_only: bool = False
    help: str | None = None

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def is_long(self) -> bool:
        return self.type == "textarea" and self.length >= LONG_TEXT_FROM

    @property
    def filterable(self) -> bool:
        return not self.is_long and self.type != "address"

    @property
    def cascades(self) -> bool:
        """Deleted with its parent."""
        return self.on_delete == "cascade"

    @property
    def is_tie(self) -> bool:
        """Does the row feel what becomes of the record that this refers to? Nobody feels the end of a user."""
        foreign = self.type == "reference" and self.reference_to != ("User",)
        return foreign and not self.derived and self.name != "MasterRecordId"

    @property
    def indexed(self) -> bool:
        return self.unique or self.external_id

    @property
    def required(self) -> bool:
        """On create: section 3.8."""
        return self.createable and not (self.nillable or self.defaulted or self.type == "boolean")

    def described(self, *, readonly: bool) -> dict[str, Any]:
        textual = self.type in TEXTS or self.type in ("id", "reference")
        number = self.type in NUMBERS
        return {
            "name": self.name,
            "label": self.label or self.name,
            "type": self.type,
            "length": (18 if self.type in ("id", "reference") else self.length) if textual else 0,
            "precision": self.precision if number and self.type != "int" else 0,
            "digits": self.precision if self.type == "int" else 0,
            "scale": self.scale if number else 0,
            "nillable": self.nillable,
            "createable": self.createable and not readonly,
            "updateable": self.updateable and not readonly,
            "defaultedOnCreate": self.defaulted or self.default is not None,
            "defaultValue": self.default,
            "calculated": False,
            "autoNumber": bool(self.auto_number),
            "unique": self.unique,
            "caseSensitive": self.case_sensitive,
            "externalId": self.external_id,
            "idLookup": self.type == "id" or self.external_id,
            "custom": self.custom,
            "referenceTo": list(self.reference_to),
            "relationshipName": self.relationship,
            "picklistValues": [self._option(value) for value in self.values],
            "restrictedPicklist": self.restricted,
            "dependentPicklist": False,
            "filterable": self.filterable,
            "sortable": self.filterable and self.type != "multipicklist",
            "compoundFieldName": self.compound,
            "inlineHelpText": self.help,
        }

    def _option(self, value: str) -> dict[str, Any]:
        return {
            "value": value,
            "label": value,
            "active": True,
            "defaultValue": value == self.default,
            "validFor": None,
        }
