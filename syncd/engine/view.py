"""From what a system showed to what the core compares: the mapping applied to one record of one side."""

from __future__ import annotations

from syncd.core.model import Side, Snapshot
from syncd.core.remote import Remote
from syncd.mapping.translate import Mapper


def snapshot(mapper: Mapper, side: Side, remote: Remote) -> Snapshot:
    """The record in canonical form. Never raises: what can't be told is listed as unreadable or hidden."""
    reading = mapper.read(side, remote.raw)
    return Snapshot(
        id=remote.id,
        fields=reading.fields,
        unreadable=reading.unreadable,
        hidden=reading.hidden,
        ref=remote.ref,
        version=remote.version,
        modified=remote.modified,
        deleted=remote.deleted,
    )
