"""One record's associations over HTTP (hubspot.md, section 5.10): read, set, set the default, remove."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from urllib.parse import urlencode

from .account import Collection
from .associating import Spec, associate, check_related, check_room, checked, dissociate, located
from .association_types import AssociationType, Key
from .batch import batch_answer
from .call import Answer, Call
from .linked import seen
from .links import Pair
from .refusal import NoSuchPath, Refusal, WrongMethod, not_found

PAGE_MAX = 500


def handle(call: Call) -> Answer:
    """/crm/v4/objects/{from}/{id}/associations/..., `rest` being what varies in it."""
    match call.method, call.rest:
        case "PUT", (source, id, "default", target, to_id):
            return _set_default(call, *ends(call, source, target, "write"), id, to_id)
        case "GET", (source, id, target):
            return _read(call, *ends(call, source, target, "read"), id)
        case "PUT", (source, id, target, to_id):
            return _set(call, *ends(call, source, target, "write"), id, to_id)
        case "DELETE", (source, id, target, to_id):
            return _remove(call, *ends(call, source, target, "write"), id, to_id)
        case _, (_, _, _) | (_, _, _, _) | (_, _, "default", _, _):
            raise WrongMethod
    raise NoSuchPath


def ends(call: Call, source: str, target: str, right: str) -> tuple[Collection, Collection]:
    """The two object types of a path; the scopes of both are needed (section 2.3)."""
    found = call.account.collection(source, definitions=True), call.account.collection(target, definitions=True)
    for within in found:
        call.need(f"crm.objects.{within.kind.scope}.{right}")
    return found


def _read(call: Call, source: Collection, target: Collection, id: str) -> Answer:
    record = source.shelf.survivor(id)
    if record is None or record.archived_ms is not None:
        raise not_found(source.kind.label, [id])
    limit = call.whole("limit", PAGE_MAX)
    if not 1 <= limit <= PAGE_MAX:
        raise Refusal(f"limit must be between 1 and {PAGE_MAX}")
    content = page(call, source, record.version.id, target, limit, call.one("after"))
    return Answer(200, {("results" if name == "to" else name): value for name, value in content.items()})


def page(call: Call, source: Collection, id: int, target: Collection, limit: int, after: str | None) -> dict[str, Any]:
    """`to`, and `paging` where there is more. The cursor is opaque."""
    start = 0 if after is None else _position(after)
    ways = [way for way in seen(call.account, source, id, target) if way[0] >= start]
    content: dict[str, Any] = {"to": [shown(to_id, types) for to_id, types in ways[:limit]]}
    if len(ways) > limit:
        cursor = urlsafe_b64encode(f"{target.kind.type_id}-{ways[limit][0]}".encode()).decode()
        path = f"/crm/v4/objects/{source.kind.type_id}/{id}/associations/{target.kind.type_id}"
        link = f"https://api.hubapi.com{path}?{urlencode({'after': cursor, 'limit': limit})}"
        content["paging"] = {"next": {"after": cursor, "link": link}}
    return content


def _position(after: str) -> int:
    try:
        return int(urlsafe_b64decode(after).decode().rpartition("-")[2])
    except (binascii.Error, ValueError) as exc:
        raise Refusal("Invalid paging cursor") from exc


def shown(to_id: int, types: list[AssociationType]) -> dict[str, Any]:
    """The id is a number on the wire, whatever the specification says."""
    return {
        "toObjectId": to_id,
        "associationTypes": [{"category": it.category, "typeId": it.id, "label": it.label} for it in types],
    }


def _set(call: Call, source: Collection, target: Collection, id: str, to_id: str) -> Answer:
    specs = call.body(list[Spec])
    pair = located(call.account, source, id, target, to_id)
    return Answer(201, link(call, pair, specs))


def link(call: Call, pair: Pair, specs: list[Spec]) -> dict[str, Any]:
    """Set these types, and show what there is between the two; no types at all link nothing (trap 30)."""
    if not specs and call.account.switches.empty_types == "refuse":
        raise Refusal("Invalid input JSON: each association needs at least one type")
    keys = checked(call.account, pair, specs)
    if keys:
        check_room(call.account, pair)
        written(call, "associate", pair, associate(call.account, pair, keys, call.source))
    account = call.account
    held = sorted(account.links.between(pair), key=lambda key: key[1])
    labels = [it.label for it in map(account.association_types.types.__getitem__, held) if it.label is not None]
    return {
        "fromObjectTypeId": account.collections[pair.source].kind.type_id,
        "fromObjectId": pair.id,
        "toObjectTypeId": account.collections[pair.target].kind.type_id,
        "toObjectId": pair.to_id,
        "labels": labels,
    }


def _set_default(call: Call, source: Collection, target: Collection, id: str, to_id: str) -> Answer:
    pair = located(call.account, source, id, target, to_id)
    return batch_answer(call, 200, link_plainly(call, pair), [])


def link_plainly(call: Call, pair: Pair) -> list[dict[str, Any]]:
    """The unlabelled type; both directions are shown."""
    check_related(call.account, pair.source, pair.target)
    plain = call.account.association_types.plain(pair.source, pair.target)
    check_room(call.account, pair)
    written(call, "associate", pair, associate(call.account, pair, {plain.key}, call.source))
    there = _default(pair, plain.key)
    return [there, _default(pair.turned, plain.inverse)]


def _default(pair: Pair, key: Key) -> dict[str, Any]:
    spec = {"associationCategory": key[0], "associationTypeId": key[1]}
    return {"from": {"id": str(pair.id)}, "to": {"id": str(pair.to_id)}, "associationSpec": spec}


def _remove(call: Call, source: Collection, target: Collection, id: str, to_id: str) -> Answer:
    unlink(call, source, id, target, to_id, None)
    return Answer(204)


def unlink(
    call: Call, source: Collection, id: str | int, target: Collection, to_id: str | int, keys: set[Key] | None
) -> None:
    """Idempotent: what is not linked, or not there, stays as it is."""
    record, other = source.shelf.survivor(str(id)), target.shelf.survivor(str(to_id))
    if record is not None and other is not None:
        pair = Pair(source.kind.name, record.version.id, target.kind.name, other.version.id)
        written(call, "dissociate", pair, dissociate(call.account, pair, keys, call.source))


def written(call: Call, verb: str, pair: Pair, changed: bool) -> None:
    """Journal an edit that changed something."""
    if changed:
        within = call.account.collections[pair.source]
        other = (pair.target, str(pair.to_id))
        call.account.write_down(verb, within, pair.id, call.app.id, changes={}, other=other)
