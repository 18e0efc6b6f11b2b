"""A prospect as the server holds it (propstreet.md, section 11.2). Nothing here decides anything."""

from __future__ import annotations

import msgspec

from syncd.testing.sandbox.propstreet.record import Record, Ref


class ProspectTeaser(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename="camel"):
    accepted_utc: str | None = None
    deadline_utc: str | None = None


class Prospect(Record, frozen=True, gc=False, kw_only=True):
    project_id: str
    contact_id: str | None = None
    company_id: str | None = None
    display_name: str | None = None
    organization_name: str | None = None
    classification: str
    capabilities: tuple[str, ...]
    tags: tuple[str, ...]
    teaser: ProspectTeaser | None = None  # only when it was communicated to this investor
    external_refs: tuple[Ref, ...]

    @property
    def scope(self) -> str:
        return self.project_id

    @property
    def removed(self) -> bool:
        """Taken off the list, which can be undone: `prospect.updated` fires, so it is no delete (section 16.2)."""
        return self.deleted and self.change_type != "delete"


CLASSIFICATIONS = ("not_contacted", "contacted", "interested", "not_interested", "bidder")
CHAT = "chat"
