"""Recognises people and companies without a stamp: what counts as the same, and when a person must look.

Ambiguity is never guessed: an address that two records share, that is nobody's own, or whose holders go by different
names is evidence for a person to weigh, not a match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from .remote import Remote

EMAIL, DOMAIN = "email", "domain"

SHARED = frozenset(
    [
        "admin",
        "booking",
        "contact",
        "desk",
        "faktura",
        "finance",
        "hej",
        "hello",
        "help",
        "hi",
        "info",
        "information",
        "invest",
        "investment",
        "investor",
        "invoice",
        "jobs",
        "kansli",
        "kontakt",
        "kontor",
        "mail",
        "marketing",
        "no-reply",
        "noreply",
        "office",
        "ops",
        "post",
        "reception",
        "sales",
        "service",
        "support",
        "team",
        "transactions",
        "vd",
        "web",
    ]
)
"""Local parts that name a desk, not a person."""


def email_key(address: Any) -> str | None:
    """ "email:anna@example.com", or None for what is no address. Case never tells two mailboxes apart in practice."""
    text = str(address or "").strip().casefold()
    local, at, host = text.rpartition("@")
    return f"{EMAIL}:{text}" if local and at and "." in host and " " not in text else None


def domain_key(address: Any) -> str | None:
    """ "domain:example.com" of a domain or a web address; None for what names no host."""
    text = str(address or "").strip().casefold()
    if not text or any(sign.isspace() for sign in text):
        return None
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return None
    host = host.removeprefix("www.").rstrip(".")
    return f"{DOMAIN}:{host}" if "." in host.strip(".") else None


def keys_of(keys: Iterable[str | None]) -> tuple[str, ...]:
    """As Remote.keys wants them: sorted, each once."""
    return tuple(sorted({key for key in keys if key is not None}))


def is_shared(key: str) -> bool:
    """Is this a desk's address rather than a person's?"""
    kind, _, rest = key.partition(":")
    local = rest.partition("@")[0].partition("+")[0]
    return kind == EMAIL and local in SHARED


Agree = Callable[[Remote, Remote], bool]
"""Do the two go by the same name, as far as both say?"""


class Match(msgspec.Struct, frozen=True):
    """This is the one."""

    remote: Remote
    key: str


class Doubt(msgspec.Struct, frozen=True):
    """A person must look. Holds ids, never names or addresses."""

    reason: str


def recognise(
    here: Remote, candidates: Sequence[tuple[str, Remote]], rivals: Sequence[Remote], *, agree: Agree
) -> Match | Doubt | None:
    """Which of the candidates (key, record of the other side) is `here`? None: nobody looks like it.

    `rivals` are other records of this side that have one of its keys.
    """
    found = {remote.id: (key, remote) for key, remote in candidates if not remote.deleted}
    if not found:
        return None
    ids = " and ".join(sorted(found))
    if len(found) > 1:
        return Doubt(f"{ids} both look like it")
    ((key, remote),) = found.values()
    if rivals:
        others = " and ".join(sorted(rival.id for rival in rivals))
        return Doubt(f"{ids} looks like it, and like {others}")
    if is_shared(key):
        return Doubt(f"{ids} has its e-mail address, which is a shared mailbox's")
    if not agree(here, remote):
        return Doubt(f"{ids} has its e-mail address and another name")
    return Match(remote, key)
