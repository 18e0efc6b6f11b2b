"""Fields that we are not shown: hidden by field-level security, or missing (salesforce.md trap 17).

Describe leaves out both. The Tooling API tells them apart, to those whom it lets ask; for the others they stay one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from syncd.errors import Forbidden, Missing, Rejected
from syncd.mapping.build import is_ours

from .metadata import grant
from .shapes import Page
from .soql import quoted, select

if TYPE_CHECKING:
    from .client import Client


class Unseen(msgspec.Struct, frozen=True):
    """What is known of an object's fields that we are not shown."""

    there: frozenset[str] | None = None  # those that are there all the same; None: nobody told

    def hides(self, name: str) -> bool:
        """Is it there for certain?"""
        return self.there is not None and name in self.there

    def reason(self, name: str) -> str:
        if self.there is None:
            return "is missing or hidden from us"
        return "is hidden from us" if name in self.there else "is missing"

    def remedy(self, object: str, name: str, *, ours: bool = False) -> str:
        """What a person can do. `ours` for a field that setup makes whatever it is called."""
        if self.hides(name):
            return grant(object, name)
        make = "run `syncd setup --apply`" if ours or is_ours(name) else "correct the mapping"
        return make if self.there is not None else f"{make}, or {grant(object, name)}"


NOT_ASKED = Unseen()
"""By identity: who has asked and was told nothing does not ask again."""


def ask(client: Client, object: str, names: Sequence[str]) -> Unseen:
    """Which of these, none of which we are shown, are there all the same. Costs a call where there are any."""
    if not names:
        return Unseen(frozenset())
    where = f"EntityDefinition.QualifiedApiName = {quoted(object)}"
    soql = select(["QualifiedApiName"], "FieldDefinition", where)
    try:
        page = client.tooling("query/?" + urlencode({"q": soql}), Page)
    except (Forbidden, Rejected, Missing):
        return Unseen()
    there = {str(row.get("QualifiedApiName")) for row in page.records}
    return Unseen(frozenset(there & set(names)) if page.done else None)
