"""Two records become one (hubspot.md, section 5.9; traps 9 and 10).

The survivor has the primary's values and nothing of the other's, and normally an id of its own: both old ids lead
to it from then on. Email addresses and domains of the other are not lost but become additional ones, and the
associations of both are the survivor's.
"""

from __future__ import annotations

import msgspec

from .account import Account, Collection
from .call import Answer, Call
from .reading import shown_after_write
from .records import Record, Source, Values
from .refusal import Refusal, not_found
from .upkeep import move


class MergeBody(msgspec.Struct, rename="camel"):
    primary_object_id: str
    object_id_to_merge: str


def handle(call: Call, within: Collection) -> Answer:
    """POST /crm/v3/objects/{type}/merge"""
    call.need(f"crm.objects.{within.kind.scope}.write")
    body = call.body(MergeBody)
    survivor = merge(call.account, within, body.primary_object_id, body.object_id_to_merge)
    call.account.write_down("merge", within, survivor.version.id, call.app.id, changes={})
    return Answer(200, shown_after_write(within, survivor.version))


def merge(account: Account, within: Collection, primary_id: str, other_id: str) -> Record:
    primary, other = _live(within, primary_id), _live(within, other_id)
    if primary is other:
        raise Refusal("A record can't be merged with itself.")
    source = Source("MERGE_OBJECTS", f"{primary_id}:{other_id}")
    additional = _additional(within, primary, other)
    if account.switches.merge_keeps_primary_id:
        within.shelf.absorb(other, primary.version.id)
        account.change(within, primary, {**_absorbed(primary, other, keep_primary=True), **additional}, source)
        move(account, within, other.version.id, primary.version.id, source)
        return primary
    values = {**primary.version.values, **_absorbed(primary, other, keep_primary=False), **additional}
    new_id = within.shelf.new_id()
    within.shelf.absorb(primary, new_id)
    within.shelf.absorb(other, new_id)
    survivor = account.create(within, new_id, values, source)
    survivor.edits[:0] = primary.edits
    for absorbed in (primary, other):
        move(account, within, absorbed.version.id, new_id, source)
    return survivor


def _live(within: Collection, id: str) -> Record:
    record = within.shelf.survivor(id)
    if record is None or record.archived_ms is not None:
        raise not_found(within.kind.label, [id])
    return record


def _absorbed(primary: Record, other: Record, *, keep_primary: bool) -> Values:
    """Every id that leads to the survivor now, those of earlier merges included."""
    earlier = [record.version.values.get("hs_merged_object_ids", "") for record in (primary, other)]
    ids = [id for text in earlier for id in text.split(";") if id]
    ids += [str(other.version.id)] if keep_primary else [str(primary.version.id), str(other.version.id)]
    return {"hs_merged_object_ids": ";".join(dict.fromkeys(ids))}


def _additional(within: Collection, primary: Record, other: Record) -> Values:
    """The primary's address stays the first; where it has none, the other's first becomes it."""
    values: Values = {}
    for name, alias in within.kind.aliases.items():
        held = [part for record in (primary, other) for part in _listed(record, name, alias)]
        first, *more = dict.fromkeys(held) or [""]
        values |= {name: first} if first else {}
        values |= {alias: ";".join(more)} if more else {}
    return values


def _listed(record: Record, name: str, alias: str) -> list[str]:
    values = record.version.values
    return [part for text in (values.get(name, ""), values.get(alias, "")) for part in text.split(";") if part]
