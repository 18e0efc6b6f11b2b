"""What every row of every list has, and the external refs by which others know it (propstreet.md, sections 6 and 13).

A row is frozen: a write puts another one in its place. The field names are the wire's in snake case, and absent
values are left out, so that a row is its own JSON. Nothing here decides anything.
"""

from __future__ import annotations

import msgspec


class Ref(msgspec.Struct, frozen=True, gc=False):
    namespace: str
    id: str

    @property
    def key(self) -> tuple[str, str]:
        """Refs with equal keys are the same: the namespace is case-insensitive, the id exact (section 13)."""
        return self.namespace.lower(), self.id


class Record(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename="camel"):
    id: str
    uri: str
    external_refs: tuple[Ref, ...] = ()
    created_utc: str
    updated_utc: str
    deleted_utc: str | None = None
    etag: str
    change_type: str
    change_origin: str

    @property
    def deleted(self) -> bool:
        return self.deleted_utc is not None

    @property
    def scope(self) -> str:
        """Where its list and its refs are: a project's id for a prospect, nothing where the tenant has one list."""
        return ""
