"""What API clients really did, for those who must know: every write that took effect, oldest first."""

from __future__ import annotations

from typing import Any

import msgspec


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """A write by an API client that took effect. People's moves are not in the journal."""

    kind: str  # project, prospect, contact, company, link
    method: str
    id: str
    fields: dict[str, Any]  # what the body said, by wire name
    at: float
    key: str | None = None  # Idempotency-Key
    action: str | None = None  # batch, classify, remove, contact-person; of an upsert: created, updated, revived
    project: str | None = None  # a prospect's
