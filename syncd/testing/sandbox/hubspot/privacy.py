"""POST /crm/v3/objects/contacts/gdpr-delete (hubspot.md, section 5.7): irreversible. A sync must never call it."""

from __future__ import annotations

import msgspec

from .account import Account, Collection
from .call import Answer, Call
from .lookup import locate
from .records import Record
from .upkeep import forget


class GdprBody(msgspec.Struct, rename="camel"):
    object_id: str
    id_property: str | None = None


def handle(call: Call, within: Collection) -> Answer:
    """204 also for a contact that is not there; whether HubSpot minds is not known."""
    call.need(f"crm.objects.{within.kind.scope}.write")
    body = call.body(GdprBody)
    record = locate(within, body.object_id, body.id_property, follow=True)
    if record is not None:
        erase(call.account, within, record)
        call.account.write_down("forget", within, record.version.id, call.app.id, changes={})
    return Answer(204)


def erase(account: Account, within: Collection, record: Record) -> None:
    """Neither the record nor what it was linked to is left, and no recycle bin has it."""
    within.shelf.erase(record)
    forget(account, within, record.version.id)
