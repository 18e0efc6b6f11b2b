"""The endpoints under /api/v1/network/contacts (propstreet.md, section 17.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from syncd.testing.sandbox.propstreet.bodies import Attributes, json_of
from syncd.testing.sandbox.propstreet.http import Refusal, Reply, invalid
from syncd.testing.sandbox.propstreet.idempotency import Replays
from syncd.testing.sandbox.propstreet.journal import Applied
from syncd.testing.sandbox.propstreet.record import Ref
from syncd.testing.sandbox.propstreet.resource import Resource
from syncd.testing.sandbox.propstreet.server import API
from syncd.testing.sandbox.propstreet.state import State
from syncd.testing.sandbox.wire import Request

from . import body
from .associated import projects_of
from .record import Contact

_ACTION = "X-Propstreet-Upsert-Action"


class Contacts(Resource[Contact]):
    def __init__(self, state: State, replays: Replays, journal: list[Applied]) -> None:
        super().__init__(state, state.contacts, replays, journal)

    def projects(self, id: str, request: Request) -> Reply:
        return projects_of(self._state, self._readable(id).id, request)

    def upsert(self, namespace: str, id: str, request: Request) -> Reply:
        """The contact with this ref: changed, revived, adopted by its e-mail address, or made."""
        sent = json_of(request)
        asked = _asked(request)
        ref = Ref(namespace, id)
        found, action = self._found(ref, sent, asked)
        if found is not None:
            self._match(found, request)
        attributes = self._read(sent, found)
        attributes["external_refs"] = _with(ref, attributes, found)
        if found is None:
            row = self._made_of(attributes, "")
        elif action == "revived":
            row = self._revived(found, attributes)
        else:
            row = self._changed(found, attributes)
        self._note("PATCH", row, sent, action=action)
        reply = self._created(row) if found is None else self._shown(200, row)
        return msgspec.structs.replace(reply, headers={**reply.headers, _ACTION: action})

    def _found(self, ref: Ref, sent: Mapping[str, Any], asked: Mapping[str, str]) -> tuple[Contact | None, str]:
        contacts = self._state.contacts
        holder = contacts.find_living(contacts.ledger.holder(ref) or "")
        if holder is not None:
            return holder, "updated"
        gone = contacts.ledger.truth(contacts.ledger.buried(ref) or "")
        if gone is not None and gone.deleted and asked.get("revive", "true") == "true":
            return gone, "revived"
        email = sent.get("email")
        if asked.get("match") == "email" and isinstance(email, str):
            twin = contacts.with_email(email.strip())
            if twin is not None:
                return twin, "updated"
        return None, "created"

    def _read(self, sent: Mapping[str, Any], current: Contact | None) -> Attributes:
        return body.contact(sent, current, self._server.switches)

    def _check(self, attributes: Attributes, owner: Contact | None, scope: str) -> None:
        super()._check(attributes, owner, scope)
        email = attributes.get("email")
        holder = self._state.contacts.with_email(email) if email else None
        if holder is not None and (owner is None or holder.id != owner.id):
            raise Refusal(409, "duplicate-email", "Another contact has this e-mail address.")
        for connection in attributes.get("connections", ()):
            if self._state.companies.find_living(connection.company_id) is None:
                raise invalid({"connections": ["no such company"]})

    def _made(self, sent: Mapping[str, Any], scope: str) -> Contact:
        return self._made_of(self._read(sent, None), scope)

    def _made_of(self, attributes: Attributes, scope: str) -> Contact:
        self._check(attributes, None, scope)
        beside = _beside(attributes)
        return self._settled(self._table.create(attributes, origin=API), beside)

    def _changed(self, row: Contact, attributes: Attributes) -> Contact:
        self._check(attributes, row, "")
        beside = _beside(attributes)
        return self._settled(super()._changed(row, attributes), beside)

    def _revived(self, row: Contact, attributes: Attributes) -> Contact:
        """The old contact with the same id, and what the body says."""
        self._check({"email": row.email, **attributes}, row, "")
        beside = _beside(attributes)
        return self._settled(self._table.change(row, {**attributes, "deleted_utc": None}, origin=API), beside)

    def _settled(self, row: Contact, beside: Mapping[str, Any]) -> Contact:
        """Write what is no part of the row: whether it is blocked, and links, of which none is taken away."""
        if "blocked" in beside:
            blocked = self._state.contacts.blocked
            (blocked.add if beside["blocked"] else blocked.discard)(row.id)
        links = self._state.links
        for connection in beside.get("connections", ()):
            if links.between(row.id, connection.company_id) is None:
                links.join(
                    row.id,
                    connection.company_id,
                    connection.job_title,
                    origin=API,
                    primary=connection.is_primary,
                )
        return row

    def _joined(self, row: Contact) -> Contact:
        return self._state.links.shown_contact(row)

    def _joined_all(self, rows: list[Contact]) -> list[Contact]:
        return [self._state.links.shown_contact(row) for row in rows]


def _beside(attributes: Attributes) -> Attributes:
    """What is no attribute of the row, taken out."""
    return {name: attributes.pop(name) for name in ("connections", "blocked") if name in attributes}


def _asked(request: Request) -> dict[str, str]:
    asked = dict(request.query)
    if asked.get("match", "email") != "email":
        raise invalid({"match": ["must be email"]})
    if asked.get("revive", "true") not in ("true", "false"):
        raise invalid({"revive": ["must be true or false"]})
    if "create_only" in asked:
        raise invalid({"create_only": ["is not served by the sandbox: name and description disagree (section 17.1)"]})
    return asked


def _with(ref: Ref, attributes: Attributes, found: Contact | None) -> tuple[Ref, ...]:
    """The refs sent, or those it has, and this one. Raises when there is another in its namespace."""
    refs: tuple[Ref, ...] = attributes.get("external_refs", found.external_refs if found is not None else ())
    if ref.key in {held.key for held in refs}:
        return refs
    if any(held.namespace.lower() == ref.namespace.lower() for held in refs):
        raise Refusal(409, "duplicate-external-ref", "The contact has another reference in this namespace.")
    return (*refs, ref)
