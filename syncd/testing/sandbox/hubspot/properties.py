"""Property definitions and groups over HTTP (hubspot.md, section 5.12). The rules are in `schema`."""

from __future__ import annotations

from typing import Any

import msgspec

from .account import Collection
from .call import Answer, Call
from .definitions import Property
from .refusal import NoSuchPath, Refusal, WrongMethod
from .schema import CreateBody, PatchBody, create, drop, existing, patch
from .values import iso

INPUTS_MAX = 100


class NameInput(msgspec.Struct):
    name: str


class NamesBody(msgspec.Struct):
    inputs: list[NameInput]
    archived: bool = False


class CreateManyBody(msgspec.Struct):
    inputs: list[CreateBody]


class GroupBody(msgspec.Struct, rename="camel"):
    name: str
    label: str
    display_order: int = -1


def handle(call: Call) -> Answer:
    """/crm/v3/properties/{type}/..."""
    if not call.rest:
        raise NoSuchPath
    within = call.account.collection(call.rest[0], definitions=True)
    _check_scope(call, within)
    match call.method, call.rest[1:]:
        case "GET", ():
            return _list(call, within)
        case "POST", ():
            return Answer(201, shown(create(within, call.body(CreateBody))))
        case "POST", ("batch", action):
            return _batch(call, within, action)
        case "GET" | "POST", ("groups",):
            return _groups(call, within)
        case "GET", (name,):
            definitions = within.dropped if call.flag("archived") else within.properties
            return Answer(200, shown(existing(definitions, name), archived=call.flag("archived")))
        case "PATCH", (name,):
            return Answer(200, shown(patch(within, name, call.body(PatchBody))))
        case "DELETE", (name,):
            drop(within, name)
            return Answer(204)
        case _, () | (_,):
            raise WrongMethod
    raise NoSuchPath


def _check_scope(call: Call, within: Collection) -> None:
    scope = within.kind.scope
    reads = call.method == "GET" or call.rest[1:] == ("batch", "read")
    if reads:
        call.need(f"crm.objects.{scope}.read", f"crm.schemas.{scope}.read")
    else:
        call.need(f"crm.schemas.{scope}.write")


def _list(call: Call, within: Collection) -> Answer:
    archived = call.flag("archived")
    definitions = within.dropped if archived else within.properties
    return Answer(200, {"results": [shown(it, archived=archived) for it in definitions.values()]})


def _batch(call: Call, within: Collection, action: str) -> Answer:
    match action:
        case "create":
            bodies = call.body(CreateManyBody).inputs
            _check_size(bodies)
            return _complete(call, 201, [shown(create(within, body)) for body in bodies])
        case "read":
            body = call.body(NamesBody)
            _check_size(body.inputs)
            definitions = within.dropped if body.archived else within.properties
            found = [shown(existing(definitions, item.name)) for item in body.inputs]
            return _complete(call, 200, found)
        case "archive":
            names = call.body(NamesBody).inputs
            _check_size(names)
            for item in names:
                drop(within, item.name)
            return Answer(204)
    raise NoSuchPath


def _complete(call: Call, status: int, results: list[dict[str, Any]]) -> Answer:
    moment = iso(call.account.now_ms())
    return Answer(status, {"status": "COMPLETE", "results": results, "startedAt": moment, "completedAt": moment})


def _groups(call: Call, within: Collection) -> Answer:
    if call.method == "GET":
        return Answer(200, {"results": [_group(name, label) for name, label in within.groups.items()]})
    body = call.body(GroupBody)
    if body.name in within.groups:
        raise Refusal("A property group with this name exists.", status=409, category="OBJECT_ALREADY_EXISTS")
    within.groups[body.name] = body.label
    return Answer(201, _group(body.name, body.label))


def _group(name: str, label: str) -> dict[str, Any]:
    return {"name": name, "label": label, "displayOrder": -1, "archived": False}


def _check_size(inputs: list[Any]) -> None:
    if len(inputs) > INPUTS_MAX:
        raise Refusal(f"The batch is too large: at most {INPUTS_MAX} inputs are allowed.")


def shown(it: Property, *, archived: bool = False) -> dict[str, Any]:
    """A definition as JSON."""
    body = {
        "name": it.name,
        "label": it.label,
        "type": it.type,
        "fieldType": it.field_type,
        "groupName": it.group,
        "description": it.description,
        "options": [msgspec.to_builtins(option) for option in it.options],
        "displayOrder": it.display_order,
        "calculated": it.calculated,
        "externalOptions": it.external,
        "hasUniqueValue": it.unique,
        "hidden": it.hidden,
        "formField": it.form_field,
        "archived": archived,
        "hubspotDefined": it.hubspot_defined,
        "modificationMetadata": {
            "archivable": not it.hubspot_defined,
            "readOnlyDefinition": it.hubspot_defined,
            "readOnlyOptions": it.hubspot_defined,
            "readOnlyValue": it.read_only or it.calculated,
        },
        "createdAt": iso(it.created_ms),
        "updatedAt": iso(it.updated_ms),
    }
    return body | ({"referencedObjectType": "OWNER"} if it.name == "hubspot_owner_id" else {})
