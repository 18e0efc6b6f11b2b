"""What a body may say about prospects (propstreet.md, sections 11.1 to 11.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.testing.sandbox.propstreet.bodies import Attributes, Reader, choice, read, refs
from syncd.testing.sandbox.propstreet.http import invalid
from syncd.testing.sandbox.propstreet.network.body import id_of
from syncd.testing.sandbox.propstreet.record import Ref
from syncd.testing.sandbox.propstreet.switches import Switches

from .adding import Party
from .record import CLASSIFICATIONS

BATCH_MAX = 100


def addition(sent: Mapping[str, Any], switches: Switches) -> tuple[Party, tuple[Ref, ...]]:
    """Exactly one of contactId and companyId (trap 50). Raises 400."""
    attributes = read(sent, _NEW, None, switches)
    if ("contact_id" in attributes) == ("company_id" in attributes):
        raise invalid({"contactId": ["send exactly one of contactId and companyId"]})
    return Party(attributes.get("contact_id"), attributes.get("company_id")), attributes.get("external_refs", ())


def change(sent: Mapping[str, Any], switches: Switches) -> Attributes:
    """Classification and refs: nothing else can be written. Raises 400."""
    return read(sent, _CHANGE, (), switches)


def contact_person(sent: Mapping[str, Any], switches: Switches) -> str:
    contact: str = read(sent, {"contactId": id_of}, None, switches, required=("contactId",))["contact_id"]
    return contact


def classified(sent: Mapping[str, Any], switches: Switches) -> tuple[list[str], str]:
    """Which prospects, each once, and their new classification. Raises 400."""
    attributes = read(sent, _CLASSIFY, None, switches, required=("prospectIds", "classification"))
    return attributes["prospect_ids"], attributes["classification"]


def items(sent: Mapping[str, Any], switches: Switches) -> list[Any]:
    """A batch's items, unread. Raises 400."""
    listed: list[Any] = read(sent, {"items": _some}, None, switches, required=("items",))["items"]
    return listed


def _some(value: Any, current: Any, switches: Switches) -> list[Any]:
    if not isinstance(value, list) or not 1 <= len(value) <= BATCH_MAX:
        raise ValueError(f"must be a list of 1 to {BATCH_MAX}")
    return value


def _ids(value: Any, current: Any, switches: Switches) -> list[str]:
    return list(dict.fromkeys(id_of(id, None, switches) for id in _some(value, None, switches)))


_NEW: Mapping[str, Reader] = {"contactId": id_of, "companyId": id_of, "externalRefs": refs}
_CHANGE: Mapping[str, Reader] = {"classification": choice(CLASSIFICATIONS), "externalRefs": refs}
_CLASSIFY: Mapping[str, Reader] = {"prospectIds": _ids, "classification": choice(CLASSIFICATIONS)}
