"""The labels that associations can have (hubspot.md, sections 3.4 and 5.11; trap 31): list, create, rename, remove."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from .account import Account, Collection
from .associating import check_related
from .association_types import AssociationType
from .call import Answer, Call
from .refusal import NoSuchPath, Refusal, WrongMethod

LABELS_MAX = 50


class CreateBody(msgspec.Struct, rename="camel"):
    name: str
    label: str
    inverse_label: str | None = None


class RenameBody(msgspec.Struct, rename="camel"):
    association_type_id: int
    label: str
    inverse_label: str | None = None


def handle(call: Call, source: str, target: str, rest: Sequence[str]) -> Answer:
    """/crm/v4/associations/{from}/{to}/labels"""
    found = _ends(call, source, target)
    match call.method, tuple(rest):
        case "GET", ():
            names = found[0].kind.name, found[1].kind.name
            return Answer(200, _listed(call.account.association_types.between(*names)))
        case "POST", ():
            body = call.body(CreateBody)
            return Answer(200, _listed(add_label(call.account, *found, body)))
        case "PUT", ():
            body_of_put = call.body(RenameBody)
            it = _own(call.account, *found, str(body_of_put.association_type_id))
            call.account.association_types.rename(it, body_of_put.label, body_of_put.inverse_label)
            return Answer(204)
        case "DELETE", (id,):
            drop_label(call.account, _own(call.account, *found, id))
            return Answer(204)
        case _, () | (_,):
            raise WrongMethod
    raise NoSuchPath


def add_label(account: Account, source: Collection, target: Collection, body: CreateBody) -> list[AssociationType]:
    """Names are unique per pair of types and never change; the 51st label of a pair is answered with 437."""
    names = source.kind.name, target.kind.name
    catalogue = account.association_types
    check_related(account, *names)
    taken = {it.name for it in catalogue.labels(*names)}
    if body.name in taken:
        raise Refusal("An association label with this name exists.", status=409, category="OBJECT_ALREADY_EXISTS")
    if len(taken) >= LABELS_MAX:
        raise Refusal(f"At most {LABELS_MAX} labels can exist between two object types.", status=437)
    return catalogue.add_label(*names, body.name, body.label, body.inverse_label)


def drop_label(account: Account, it: AssociationType) -> None:
    """Associations that had it stay, without it."""
    account.association_types.drop(it)
    account.links.drop_types({it.key, it.inverse})


def _ends(call: Call, source: str, target: str) -> tuple[Collection, Collection]:
    """Reading takes either family's scope, changing that of definitions; both types count."""
    found = call.account.collection(source, definitions=True), call.account.collection(target, definitions=True)
    for within in found:
        scope = within.kind.scope
        if call.method == "GET":
            call.need(f"crm.objects.{scope}.read", f"crm.schemas.{scope}.read")
        else:
            call.need(f"crm.schemas.{scope}.write")
    return found


def _own(account: Account, source: Collection, target: Collection, id: str) -> AssociationType:
    """A label of this account, in this direction; HubSpot's own types can't be touched."""
    for it in account.association_types.between(source.kind.name, target.kind.name):
        if str(it.id) == id and it.category == "USER_DEFINED" and it.label is not None:
            return it
    raise Refusal("No such association label", status=404, category="OBJECT_NOT_FOUND", context={"ids": [id]})


def _listed(types: list[AssociationType]) -> dict[str, Any]:
    """Without their names, which HubSpot never shows."""
    return {"results": [{"category": it.category, "typeId": it.id, "label": it.label} for it in types]}
