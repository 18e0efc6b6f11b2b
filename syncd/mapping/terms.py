"""On which terms a kind enters the CRM: what a prospect is there, which of them may, and whose people come along.

Only the table's own words; that these tables fit together is checked elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from syncd.core.model import Kind

from .entry import Raw
from .node import Node
from .prospect import read_accepted, read_origin
from .scalars import Unreadable

PEOPLE = (Kind.COMPANY, Kind.CONTACT)
OWNERS: Mapping[str, tuple[Kind, ...]] = {
    "form": (Kind.PROSPECT,),
    "matched": (Kind.PROSPECT,),
    "unresolved": (Kind.PROSPECT,),
    "links": (Kind.PROSPECT,),
    "needed": PEOPLE,
}
"""The keys that only tables of these kinds have."""

LINKED = (Kind.PROJECT, Kind.CONTACT, Kind.COMPANY)


class Form(StrEnum):
    """What a prospect is in the CRM."""

    ASSOCIATION = "association"  # a person on the deal
    RECORD = "record"  # a record of its own, with links to the deal and the person


class Matched(StrEnum):
    """Which of the investors that Propstreet matched by itself may enter the CRM (propstreet.md trap 53)."""

    ACCEPTED = "accepted"  # who has accepted the teaser
    COMMUNICATED = "communicated"  # everyone to whom it was communicated
    NEVER = "never"


class Unresolved(StrEnum):
    """What becomes of a prospect that names neither a contact nor a company (propstreet.md trap 52)."""

    HOLD = "hold"
    CREATE = "create"  # a record without a person


class Needed(StrEnum):
    """Which contacts or companies are synced."""

    PROSPECTS = "prospects"  # those that a synced prospect is about
    ALL = "all"


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    form: Form = Form.ASSOCIATION
    matched: Matched = Matched.ACCEPTED
    unresolved: Unresolved = Unresolved.HOLD
    links: Mapping[Kind, str] = {}  # the CRM's own name of the field or association that leads to each
    everyone: bool = True  # no record has to be needed by another


def read_terms(kind: Kind, node: Node) -> Terms:
    """What this table says, beside what tables of every kind say. Other kinds' keys become problems."""
    for key, owners in OWNERS.items():
        if key in node and kind not in owners:
            node.wrong(key, f"is for {' and '.join(f'[{owner}]' for owner in owners)} only", "take the key out")
    return Terms(
        form=node.choice("form", Form, Form.ASSOCIATION),
        matched=node.choice("matched", Matched, Matched.ACCEPTED),
        unresolved=node.choice("unresolved", Unresolved, Unresolved.HOLD),
        links=_links(node) if kind is Kind.PROSPECT else {},
        everyone=kind not in PEOPLE or node.choice("needed", Needed, Needed.PROSPECTS) is Needed.ALL,
    )


def enters(terms: Terms, raw: Raw) -> str | None:
    """Why this prospect of Propstreet's, raw, may not get a counterpart in the CRM; None if it may."""
    try:
        if terms.matched is Matched.COMMUNICATED or read_origin(raw) == "added":
            return None
        if terms.matched is Matched.NEVER:
            return "it was matched by Propstreet, and the mapping keeps such investors out of the CRM"
        return None if read_accepted(raw) else "it was matched by Propstreet, and has not accepted the teaser yet"
    except Unreadable as why:
        return f"it {why}, so nobody can tell whether it was accepted"


def _links(node: Node) -> dict[Kind, str]:
    inner = node.node("links")
    if inner is None:
        return {}
    inner.only(LINKED)
    return {kind: name for kind in LINKED if (name := inner.text(kind))}
