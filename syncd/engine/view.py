"""From what a system showed to what the core compares: the mapping applied to one record of one side."""

from __future__ import annotations

from syncd.core.model import Kind, Side, Snapshot
from syncd.core.ops import Update
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


def half_written(mapper: Mapper, op: Update, remote: Remote) -> bool:
    """Does somebody's place show both what was there and what was sent, and nothing else?

    A label is given before the old one is taken, in two calls (hubspot.md section 5.10): sending it again ends it.
    """
    if mapper.kind is not Kind.PROSPECT or remote.deleted or not op.changes:
        return False
    new = mapper.write(op.side, {name: change.set for name, change in op.changes.items()}, current=remote.raw).wire
    old = mapper.write(op.side, {name: change.was for name, change in op.changes.items()}, current=remote.raw).wire
    return bool(new) and all(_shows_both(remote.raw.get(name), new[name], old.get(name)) for name in new)


def _shows_both(shown: object, new: object, old: object) -> bool:
    return isinstance(shown, str) and new != old and set(shown.split(";")) == {new, old}
