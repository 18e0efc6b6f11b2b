"""E-mail addresses and phone numbers of a contact: the primary one is a field, the others must stay.

From propstreet.md section 17.1: a contact shows one address in `email` and all of them in `emails`, and in a list that
is written without a single value the first one becomes primary. What a single value alone does to the others is not
documented. So it is written alone only where there are no others; otherwise the whole list goes back, the new primary
first. Phones are the same under other names.
"""

from __future__ import annotations

from typing import Any

import msgspec

from syncd.core.model import Fields

from .entry import Raw
from .members import parts
from .readings import Writing
from .scalars import Unreadable, text_of
from .spellings import EMAIL, PHONE
from .texts import EMAIL_MAX, PHONE_MAX, Rule, misfit_of, spelt


class Addresses(msgspec.Struct, frozen=True):
    name: str  # our field
    rule: Rule  # of the single value
    list: str  # the member that holds all of them
    item: str  # what an address is called in there


def _is_email(text: str) -> bool:
    local, at, host = text.partition("@")
    return bool(local and at and host) and "@" not in host and not any(mark.isspace() for mark in text)


EMAILS = Addresses("email", Rule("email", EMAIL_MAX, EMAIL, _is_email, "is not an e-mail address"), "emails", "address")
PHONES = Addresses("phone", Rule("phone", PHONE_MAX, PHONE), "phones", "number")


def write_primary(kind: Addresses, values: Fields, current: Raw) -> Writing:
    """The members that make this the primary address of a contact that shows `current`."""
    if kind.name not in values:
        return Writing()
    wanted = spelt(kind.rule, values[kind.name])
    misfit = None if wanted is None else misfit_of(kind.rule, wanted)
    if misfit is not None:
        return Writing(refused={kind.name: misfit})
    try:
        primary, others = _shown(kind, current)
    except Unreadable:
        return Writing(refused={kind.name: f"stands beside {kind.list} that can't be read"})
    if not others:
        return Writing({kind.rule.wire: wanted})
    if wanted is None:
        return Writing(refused={kind.name: "can't be emptied: another one of the contact would take its place"})
    return Writing({kind.list: _reordered(kind, wanted, primary, others)})


def _reordered(
    kind: Addresses, wanted: str, primary: dict[str, Any], others: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """One of the others that becomes primary changes places with it; a new address takes its place."""
    promoted = next((other for other in others if kind.rule.spelling.same(other[kind.item], wanted)), None)
    if promoted is not None:
        others = [other for other in (primary, *others) if other and other is not promoted]
    first = {**(primary if promoted is None else promoted), kind.item: wanted, "isPrimary": True}
    return [first, *({**other, "isPrimary": False} for other in others)]


def _shown(kind: Addresses, current: Raw) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The entry of the primary address ({} if there is none), and the others, with what can be written of them."""
    single = text_of(current.get(kind.rule.wire))
    primary: dict[str, Any] = {}
    others: list[dict[str, Any]] = []
    for shown in parts(current, kind.list):
        address = text_of(shown.get(kind.item))
        if address is None:
            continue
        entry = {key: shown[key] for key in (kind.item, "type") if shown.get(key) is not None}
        if kind.rule.spelling.same(address, single) if single else shown.get("isPrimary") is True:
            primary = primary or entry
        else:
            others.append(entry)
    return primary or ({kind.item: single} if single else {}), others
