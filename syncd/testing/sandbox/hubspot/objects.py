"""Records one at a time: list, read, create, update, archive (hubspot.md, sections 5.1, 5.2, 5.4, 5.5, 5.7)."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec

from . import batch, inline, merge, privacy, search
from .account import Collection
from .call import Answer, Call
from .lookup import locate
from .reading import check_history_limit, reader, shown_after_write, with_history
from .refusal import NoSuchPath, Refusal, WrongMethod, not_found
from .writing import NewLink, archive, carry_out, prepare_create, prepare_update

PAGE_DEFAULT = 10
PAGE_MAX = 100


class PropertiesBody(msgspec.Struct):
    properties: dict[str, Any]
    associations: tuple[NewLink, ...] = ()  # of a create


def handle(call: Call) -> Answer:
    """/crm/v3/objects/{type}/..."""
    if not call.rest:
        raise NoSuchPath
    within = call.account.collection(call.rest[0])
    match call.method, call.rest[1:]:
        case "GET", ():
            return _list(call, within)
        case "POST", ():
            return _create(call, within)
        case _, ("batch", action):
            return batch.handle(call, within, action)
        case "POST", ("search",):
            return search.handle(call, within)
        case "POST", ("merge",):
            return merge.handle(call, within)
        case "POST", ("gdpr-delete",) if within.kind.name == "contacts":
            return privacy.handle(call, within)
        case "GET", (id,):
            return _read(call, within, id)
        case "PATCH", (id,):
            return _update(call, within, id)
        case "DELETE", (id,):
            return _archive(call, within, id)
        case _, () | (_,):
            raise WrongMethod
        case _:
            raise NoSuchPath


def _list(call: Call, within: Collection) -> Answer:
    """Ascending ids; `after` is the next id, so the listing survives what happens meanwhile."""
    call.need(f"crm.objects.{within.kind.scope}.read")
    limit, histories = call.whole("limit", PAGE_DEFAULT), call.many("propertiesWithHistory")
    if not 1 <= limit <= PAGE_MAX:
        raise Refusal(f"limit must be between 1 and {PAGE_MAX}")
    check_history_limit(histories, limit)
    shelf = within.shelf
    if call.flag("archived"):
        shelf.purge(call.account.now_ms())
        ids = shelf.archived
    else:
        ids = shelf.live
    start = bisect_left(ids, call.whole("after", 0))
    show = reader(within, call.many("properties"))
    add_links = inline.adder(call, within)
    page = [shelf.records[id] for id in ids[start : start + limit]]
    results = [with_history(within, record, histories, show(record.version, record.archived_ms)) for record in page]
    if add_links is not None:
        for shown in results:
            add_links(shown)
    content: dict[str, Any] = {"results": results}
    if start + limit < len(ids):
        after = str(ids[start + limit])
        content["paging"] = {"next": {"after": after, "link": _next_link(call, after)}}
    return Answer(200, content)


def _next_link(call: Call, after: str) -> str:
    kept = [pair for pair in parse_qsl(call.query_string, keep_blank_values=True) if pair[0] != "after"]
    return f"https://api.hubapi.com{call.path}?{urlencode([*kept, ('after', after)])}"


def _read(call: Call, within: Collection, id: str) -> Answer:
    call.need(f"crm.objects.{within.kind.scope}.read")
    archived = call.flag("archived")
    record = locate(within, id, call.one("idProperty"), follow=True, archived=archived)
    if record is None or (record.archived_ms is not None) is not archived:
        raise not_found(within.kind.label, [id])
    show = reader(within, call.many("properties"))
    shown = show(record.version, record.archived_ms)
    if (add_links := inline.adder(call, within)) is not None:
        add_links(shown)
    return Answer(200, with_history(within, record, call.many("propertiesWithHistory"), shown))


def _create(call: Call, within: Collection) -> Answer:
    call.need(f"crm.objects.{within.kind.scope}.write")
    body = call.body(PropertiesBody)
    batch.check_targets(call, body.associations)
    prepared = prepare_create(within, body.properties, {}, dated=call.dated, links=body.associations)
    record = carry_out(call.account, prepared, call.source, app_id=call.app.id)
    return Answer(call.account.switches.created_status, shown_after_write(within, record.version))


def _update(call: Call, within: Collection, id: str) -> Answer:
    call.need(f"crm.objects.{within.kind.scope}.write")
    record = locate(within, id, call.one("idProperty"), follow=True)
    if record is None or record.archived_ms is not None:
        raise not_found(within.kind.label, [id])
    prepared = prepare_update(within, record, call.body(PropertiesBody).properties, {}, dated=call.dated)
    record = carry_out(call.account, prepared, call.source, app_id=call.app.id)
    return Answer(200, shown_after_write(within, record.version))


def _archive(call: Call, within: Collection, id: str) -> Answer:
    """204 also when it is archived already, or was never there."""
    call.need(f"crm.objects.{within.kind.scope}.write")
    archive(call.account, within, within.shelf.survivor(id), call.source, app_id=call.app.id)
    return Answer(204)
