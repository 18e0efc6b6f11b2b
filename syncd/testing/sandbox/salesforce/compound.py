"""Fields that Salesforce puts together from others: a contact's name, addresses (salesforce.md, 7.3 and 8.2).

They are read and never written, and an address can be neither filtered nor sorted.
"""

from __future__ import annotations

from .table import Table, Values

PARTS = ("City", "Country", "PostalCode", "State", "Street")


def fill(table: Table, values: Values) -> None:
    """Work the compounds out anew, in place, before the row is put."""
    for name in table.kind.compounds:
        whole = _full_name(values) if name == "Name" else _address(values, name.removesuffix("Address"))
        if whole is None:
            values.pop(name, None)
        else:
            values[name] = whole


def _full_name(values: Values) -> str:
    return " ".join(part for part in (values.get("FirstName"), values.get("LastName")) if part)


def _address(values: Values, prefix: str) -> Values | None:
    """An object without any part of it is null."""
    shown = {part[0].lower() + part[1:]: values.get(prefix + part) for part in PARTS}
    if not any(shown.values()):
        return None
    return shown | {"geocodeAccuracy": None, "latitude": None, "longitude": None}
