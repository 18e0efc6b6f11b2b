"""What can be seen of associations: an archived record is in none, and a contact shows its primary company.

`links` knows what was ever said; this is what of it holds.
"""

from __future__ import annotations

from .account import Account, Collection
from .association_types import AssociationType, Key
from .links import Pair
from .records import Source

PRIMARY_COMPANY = "associatedcompanyid"


def seen(account: Account, source: Collection, id: int, target: Collection) -> list[tuple[int, list[AssociationType]]]:
    """The live records that a record is associated with, by ascending id, and how."""
    types = account.association_types.types
    linked = account.links.of(source.kind.name, id, target.kind.name)
    return [
        (to_id, sorted((types[key] for key in linked[to_id]), key=lambda it: it.id))
        for to_id in sorted(linked)
        if target.shelf.lives(to_id)
    ]


def live_targets(account: Account, pair: Pair) -> list[int]:
    shelf = account.collections[pair.target].shelf
    return [to_id for to_id in account.links.of(pair.source, pair.id, pair.target) if shelf.lives(to_id)]


def holds(account: Account, pair: Pair, key: Key) -> bool:
    """Does the source have a live target of this type already?"""
    linked = account.links.of(pair.source, pair.id, pair.target)
    return any(key in linked[to_id] for to_id in live_targets(account, pair))


def settle(account: Account, within: Collection, id: int, source: Source) -> None:
    """This record was archived, restored or merged: contacts show their primary company, or none, accordingly."""
    contacts = account.collections["contacts"]
    if within is contacts:
        _settle_contact(account, id, source)
    elif within.kind.name == "companies":
        for contact in list(account.links.of("companies", id, "contacts")):
            _settle_contact(account, contact, source)


def _settle_contact(account: Account, id: int, source: Source) -> None:
    contacts, companies = account.collections["contacts"], account.collections["companies"]
    record = contacts.shelf.records.get(id)
    if record is None or record.archived_ms is not None:
        return
    ways = seen(account, contacts, id, companies)
    primary = next((str(to_id) for to_id, types in ways if any(it.alone for it in types)), None)
    if record.version.values.get(PRIMARY_COMPANY) != primary:
        account.adjust(contacts, record, {PRIMARY_COMPANY: primary}, source)
