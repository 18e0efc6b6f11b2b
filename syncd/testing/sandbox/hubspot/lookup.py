"""Which record an id of a request means (hubspot.md, sections 5.2, 5.5, 5.6)."""

from __future__ import annotations

from .account import Collection
from .records import Record
from .refusal import Refusal


def locate(
    within: Collection, id: str, id_property: str | None, *, follow: bool, archived: bool = False
) -> Record | None:
    """The record that an id of a request means, by record id or by a unique property of a live record."""
    if id_property is None or id_property == "hs_object_id":
        return within.shelf.survivor(id) if follow else within.shelf.at(id)
    check_id_property(within, id_property)
    return None if archived else within.shelf.holder(id_property, id)


def check_id_property(within: Collection, name: str) -> None:
    if not within.is_unique(name):
        raise Refusal(f"The idProperty {name} is a non-unique property of {within.kind.label.upper()}.")
