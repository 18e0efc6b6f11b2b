"""The Propstreet adapter passes the conformance suite: the real client, over a twin in process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from syncd.adapters.base import Adapter, ObjectSpec, Setting
from syncd.adapters.propstreet import factory
from syncd.core.model import Kind
from syncd.core.remote import Raw
from syncd.testing import AdapterSuite, Breakage, Peer
from syncd.testing.clock import VirtualClock
from syncd.testing.conformance.line import Answer, break_line
from syncd.testing.conformance.probe import scan
from syncd.testing.sandbox.mount_httpx import TwinTransport
from syncd.testing.sandbox.propstreet import PropstreetTwin, Switches
from syncd.testing.sandbox.wire import Faulty
from tests.adapters.propstreet.nest import PropstreetNest

TOKEN, CLIENT_SECRET = "pat_c0nformance", "s3cret-c0nformance"
OURS, THEIRS = "hubspot", "fortnox"
PATHS = {Kind.PROJECT: "/projects", Kind.CONTACT: "/network/contacts"}
TYPES = {
    400: "/help/validation-failed",
    409: "/help/duplicate-external-ref",
    412: "urn:propstreet:error:precondition-failed",
}


class PropstreetPeer(Peer):
    volatile = frozenset({"etag", "updatedUtc", "changeType", "changeOrigin", "teaser"})
    secrets = (TOKEN, CLIENT_SECRET)

    def __init__(self, kind: Kind, switches: Switches, *, stamped: bool = False, **options: Any) -> None:
        """`stamped`: prospects are records of their own in the CRM, and carry its ids."""
        self.kind = kind
        self._stamped = stamped
        self.clock = VirtualClock()
        self.twin = PropstreetTwin(self.clock, switches, tokens=[TOKEN], clients={"client-1": CLIENT_SECRET})
        self.line = Faulty(self.twin)
        self._options = {"token_env": "TOKEN"} if "client_id_env" not in options else {}
        self._options |= options
        self.nest = PropstreetNest(self.twin, self.line, retry_after_s=self.retry_after_s) if self._nests else None
        self.adapter = self.build()

    @property
    def _nests(self) -> bool:
        return self.kind is Kind.PROJECT

    def build(self) -> Adapter:
        secrets = {"TOKEN": TOKEN, "CLIENT_ID": "client-1", "CLIENT_SECRET": CLIENT_SECRET}
        return factory(
            Setting(
                options={"base_url": "https://propstreet.test", "page_size": self.feed_page, **self._options},
                objects=self._objects(),
                namespace=OURS,
                clock=self.clock,
                secret=secrets.__getitem__,
                transport=TwinTransport(self.line),
            )
        )

    def _objects(self) -> dict[Kind, ObjectSpec]:
        inside = {Kind.PROSPECT: ObjectSpec("prospect", nested=not self._stamped)} if self._nests else {}
        return {self.kind: ObjectSpec(self.kind.value), **inside}

    def sample(self, n: int) -> Raw:
        if self.kind is Kind.CONTACT:
            return {"firstName": f"Oak {n}001", "phone": f"+4670100{n:04d}", "tags": ["vip"]}
        price = {"value": Decimal(f"{150 + n}000000.25"), "currency": "SEK", "scale": "none"}
        return {"name": f"Oak street {n}001", "price": price, "exclusivity": "exclusive"}

    def change(self, n: int) -> Raw:
        if self.kind is Kind.CONTACT:
            return {"firstName": f"Ash {n}002", "lastName": f"Birch {n}003"}
        price = {"value": Decimal(f"{900 + n}000000.75"), "currency": "EUR", "scale": "none"}
        return {"name": f"Birch lane {n}002", "price": price}

    def known_by(self, n: int) -> tuple[Raw, str] | None:
        if self.kind is not Kind.CONTACT:
            return None
        return {"email": f"Known.{n}001@example.test"}, f"email:known.{n}001@example.test"

    def bad(self) -> Raw:
        if self.kind is Kind.CONTACT:
            return {"firstName": "Elm 77001", "primaryLanguage": "sole-4711"}
        return {"name": "Elm road 77001", "exclusivity": "sole-4711"}

    def add(self, fields: Raw, ref: str | None = None, **more: Any) -> str:
        refs = [] if ref is None else [{"namespace": OURS, "id": ref}]
        return str(self._door("add_{}", **fields, externalRefs=refs, **more))

    def edit(self, id: str, fields: Raw) -> None:
        self._door("edit_{}", id, **fields)

    def remove(self, id: str) -> None:
        self._door("delete_{}", id)

    def read(self, id: str) -> Raw | None:
        raw: Raw = self._door("{}", id)
        return None if raw.get("deletedUtc") else raw

    def ids(self) -> set[str]:
        return {record["id"] for record in self._door("live_{}s")}

    def stamp_by_other(self, id: str, stamp: str) -> bool:
        refs = self._door("{}", id).get("externalRefs", [])
        self.edit(id, {"externalRefs": [*refs, {"namespace": THEIRS, "id": stamp}]})
        return True

    def stamps_by_other(self, id: str) -> set[str]:
        refs = self._door("{}", id).get("externalRefs", [])
        return {ref["id"] for ref in refs if ref["namespace"] != OURS}

    def shows(self, raw: Raw, fields: Raw) -> bool:
        return all(_plain(raw.get(name)) == _plain(value) for name, value in fields.items())

    def break_(self, breakage: Breakage, *, writes_only: bool = False) -> None:
        path = PATHS[self.kind]
        writes = (("POST", path), ("PATCH", path), ("DELETE", path))
        only = writes if writes_only else (("*", "/api/v1/"),)
        break_line(self.line, breakage, self._problem, only=only, retry_after_s=self.retry_after_s)

    def heal(self) -> None:
        self.line.behave()
        self.clock.advance(60.0)

    def _door(self, name: str, /, *args: Any, **fields: Any) -> Any:
        return self.twin.side_door[name.format(self.kind)](*args, **fields)

    def _problem(self, status: int) -> Answer:
        """A problem document that quotes what it must not quote, to see that nobody passes it on."""
        quoted = json.dumps([self.sample(1), self.change(1), self.secrets], default=str)
        problem = {"type": TYPES.get(status, f"/help/status-{status}"), "title": quoted, "detail": quoted}
        return {"content-type": "application/problem+json"}, json.dumps(problem).encode()


def _plain(value: Any) -> Any:
    """Amounts as exact text, whether they came as number, decimal or text."""
    match value:
        case dict():
            return {name: _plain(part) for name, part in value.items()}
        case bool() | None:
            return value
        case int() | float() | Decimal():
            return str(Decimal(str(value)).normalize())
        case _:
            return value


DEFAULT = Switches(rate_limit=None)
OTHER = Switches(
    rate_limit=None,
    envelope="top",
    nulls="explicit",
    numbers="string",
    get_deleted="200",
    second_delete="204",
    stale="412 help",
    noop_bumps=False,
    duplicate_ref=422,
    idempotency_retention_s=0.0,
    extra_fields={"later": {"than": "us"}},
)


class TestPropstreetAdapter(AdapterSuite):
    """On the Propstreet that the contract follows, and on those that its section 21 leaves open."""

    @pytest.fixture(
        params=[
            (Kind.PROJECT, DEFAULT, {}),
            (Kind.PROJECT, Switches(), {"client_id_env": "CLIENT_ID", "client_secret_env": "CLIENT_SECRET"}),
            (Kind.PROJECT, OTHER, {"stamped": True}),
            (Kind.CONTACT, DEFAULT, {}),
            (Kind.CONTACT, OTHER, {}),
        ],
        ids=["as documented", "client credentials", "the other choices", "contacts", "contacts, the other choices"],
    )
    def peer(self, request: pytest.FixtureRequest) -> Iterator[Peer]:
        kind, switches, options = request.param
        peer = PropstreetPeer(kind, switches, **options)
        yield peer
        peer.close()

    def test_a_row_that_becomes_visible_late_is_not_lost(self, peer: PropstreetPeer) -> None:
        """propstreet.md section 5: a newer row was served before; the overlap reads the older one still."""
        cursor = scan(peer).cursor
        late = peer.add(peer.sample(1), late_s=20.0)
        peer.clock.advance(5.0)
        early = peer.add(peer.sample(2))
        first = scan(peer, cursor)
        peer.clock.advance(30.0)

        second = scan(peer, first.cursor)

        assert early in first.ids
        assert late not in first.ids
        assert late in second.ids
