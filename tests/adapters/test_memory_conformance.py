"""The memory adapters pass the conformance suite; also the example of how to run it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pytest

from syncd.adapters.base import Capabilities
from syncd.core.model import FieldType, Kind
from syncd.core.remote import Raw, person_of
from syncd.errors import (
    AlreadyExists,
    Forbidden,
    Missing,
    OutcomeUnknown,
    PreconditionFailed,
    RateLimited,
    Rejected,
    RemoteError,
    ServerTrouble,
    Unauthorized,
    Unreachable,
)
from syncd.testing import AdapterSuite, Breakage, Nest, Peer
from syncd.testing.clock import VirtualClock
from syncd.testing.memory import HINTS, MemoryAdapter, MemoryCrm, MemoryNest, MemorySystem, Row

OURS = "syncd"
BATCHES = Capabilities(
    guarded_update=True, create_overwrites=False, create_max=10, update_max=10, delete_max=10, workers=4
)
SCHEMA = {"name": FieldType.TEXT, "city": FieldType.TEXT, "units": FieldType.WHOLE}

STATUS_ERRORS: dict[Breakage, tuple[type[RemoteError], int]] = {
    Breakage.UNAUTHORIZED: (Unauthorized, 401),
    Breakage.FORBIDDEN: (Forbidden, 403),
    Breakage.MISSING: (Missing, 404),
    Breakage.CONFLICT: (AlreadyExists, 409),
    Breakage.PRECONDITION: (PreconditionFailed, 412),
    Breakage.INVALID: (Rejected, 422),
    Breakage.RATE_LIMITED: (RateLimited, 429),
}
BROKEN_STATUS = {Breakage.BROKEN: 500, Breakage.BROKEN_AFTER: 500, Breakage.UNAVAILABLE: 503}
AFTER = {Breakage.BROKEN_AFTER, Breakage.TIMEOUT_AFTER, Breakage.RESET_AFTER, Breakage.GARBAGE_200}
WRITES = ("create", "update", "delete")
READS = ("check", "changes", "fetch", "find", "compare", "provision", "overwritten", "within", "match", "start")


class MemoryPeer(Peer):
    """A memory system with an adapter. There is no wire, so a breakage is scripted as the error it becomes."""

    def __init__(self, make: Callable[[MemorySystem], MemoryAdapter], **traits: float | bool) -> None:
        self.clock = VirtualClock()
        self.system = MemorySystem(
            self.clock,
            required=("name",),
            schema={kind: dict(SCHEMA) for kind in Kind},
            account="office-1",
            **traits,  # type: ignore[arg-type]
        )
        self._make = make
        self.adapter: MemoryAdapter = self.build()

    def build(self) -> MemoryAdapter:
        return self._make(self.system)

    def sample(self, n: int) -> Raw:
        return {"name": f"Oak street {n}001", "city": f"Lund {n}", "units": n}

    def change(self, n: int) -> Raw:
        return {"name": f"Birch lane {n}002", "units": 1000 + n}

    def bad(self) -> Raw:
        return {"name": "Elm road 77001", "smell": "musty 4711"}

    def add(self, fields: Raw, ref: str | None = None) -> str:
        stamps = {} if ref is None else {OURS: ref}
        return self.system.add(self.kind, fields, stamps=stamps).id

    def edit(self, id: str, fields: Raw) -> None:
        self.system.edit(self.kind, id, fields)

    def remove(self, id: str) -> None:
        self.system.remove(self.kind, id)

    def merge(self, primary: str, other: str) -> str:
        return self.system.merge(self.kind, primary, other)

    def read(self, id: str) -> Raw | None:
        return self.system.read(self.kind, id)

    def ids(self) -> set[str]:
        return self.system.ids(self.kind)

    def stamp_by_other(self, id: str, stamp: str) -> bool:
        self.system.edit(self.kind, id, {}, stamps={"other": stamp})
        return True

    def stamps_by_other(self, id: str) -> set[str]:
        stamps = self.system.row(self.kind, id).stamps
        return {ref for namespace, ref in stamps.items() if namespace != OURS}

    def break_(self, breakage: Breakage, *, writes_only: bool = False) -> None:
        self.break_verbs(breakage, WRITES if writes_only else (*WRITES, *READS))

    def break_verbs(self, breakage: Breakage, verbs: Sequence[str], *, skip: int = 0) -> None:
        for verb in verbs:
            error = partial(self._error, breakage, verb)
            self.system.fail(error, verb=verb, after=breakage in AFTER, times=-1, skip=skip)

    def heal(self) -> None:
        self.system.heal()

    def _error(self, breakage: Breakage, verb: str) -> RemoteError:
        message = f"memory: {verb} failed"
        if breakage in STATUS_ERRORS:
            cls, status = STATUS_ERRORS[breakage]
            wait = self.retry_after_s if breakage is Breakage.RATE_LIMITED else None
            return cls(message, system="memory", status=status, retry_after_s=wait)
        if breakage is Breakage.REFUSED:
            return Unreachable(message, system="memory")
        cls = OutcomeUnknown if verb in WRITES else ServerTrouble
        return cls(message, system="memory", status=BROKEN_STATUS.get(breakage))


class NestPeer(MemoryPeer):
    """Contacts that are recognised, and projects with prospects in them."""

    kind = Kind.CONTACT

    def __init__(self, make: Callable[[MemorySystem], MemoryAdapter]) -> None:
        super().__init__(make)
        self.system.required = ()
        assert self.system.schema is not None
        self.system.schema[Kind.CONTACT]["email"] = FieldType.TEXT
        self.system.schema[Kind.PROSPECT] |= {"parent": FieldType.TEXT, "person": FieldType.TEXT}
        self.nest = MemoryNestDoors(self)

    def known_by(self, n: int) -> tuple[Raw, str]:
        return {"email": f"Anna{n}001@example.test"}, f"email:anna{n}001@example.test"


class MemoryNestDoors(Nest):
    """Prospects of a memory system, whose stage is their name; what others say is a stamp of theirs."""

    page = 2
    unknown_parent, unknown_id = "m-999", "m-999:contact:m-999"

    def __init__(self, peer: MemoryPeer) -> None:
        self._peer, self._system = peer, peer.system

    def add_parent(self) -> str:
        return self._system.add(Kind.PROJECT, {"name": "Oak street"}).id

    def remove_parent(self, parent: str) -> None:
        self._system.remove(Kind.PROJECT, parent)

    def add_person(self, n: int) -> str:
        kind = (Kind.CONTACT, Kind.COMPANY)[n % 2]
        return person_of(kind, self._system.add(kind, {"name": f"Anna {n}"}).id)

    def sample(self, n: int) -> Raw:
        return {"name": f"stage {n} of 3001"}

    def bad(self) -> Raw:
        return {"name": "stage 77001", "smell": "musty 4711"}

    def put(self, parent: str, person: str, fields: Raw) -> None:
        self._system.add(self.kind, {**fields, "parent": parent, "person": person})

    def edit(self, parent: str, person: str, fields: Raw) -> None:
        self._system.edit(self.kind, self._row(parent, person).id, fields)

    def take_off(self, parent: str, person: str) -> None:
        self._system.remove(self.kind, self._row(parent, person).id)

    def inside(self, parent: str) -> dict[str, Raw]:
        if parent not in self._system.ids(Kind.PROJECT):
            return {}
        return {
            row.fields["person"]: {name: row.fields[name] for name in ("name",) if row.fields.get(name)}
            for row in self._rows()
            if row.fields["parent"] == parent
        }

    def say(self, parent: str, person: str) -> str:
        word = f"the lawyer of {person}"
        self._system.edit(self.kind, self._row(parent, person).id, {}, stamps={"other": word})
        return word

    def said(self, parent: str, person: str) -> set[str]:
        rows = [row for row in self._rows() if (row.fields["parent"], row.fields["person"]) == (parent, person)]
        return {word for row in rows for word in row.stamps.values() if word}

    def break_later(self, breakage: Breakage, *, calls: int) -> None:
        """The first call looks at the parent, and each after it brings a page."""
        self._peer.break_verbs(breakage, ["within"], skip=1 + calls)

    def _row(self, parent: str, person: str) -> Row:
        (row,) = (row for row in self._rows() if (row.fields["parent"], row.fields["person"]) == (parent, person))
        return row

    def _rows(self) -> list[Row]:
        return [self._system.row(self.kind, id) for id in self._system.ids(self.kind)]


def _nest(system: MemorySystem) -> MemoryAdapter:
    return MemoryNest(system, namespace=OURS, page_max=2)


def _deals(system: MemorySystem) -> MemoryAdapter:
    return MemoryAdapter(system, namespace=OURS, page_max=2)


def _deals_by_hint(system: MemorySystem) -> MemoryAdapter:
    return MemoryAdapter(system, namespace=OURS, page_max=2, feed=HINTS)


def _deals_in_batches(system: MemorySystem) -> MemoryAdapter:
    return MemoryAdapter(system, namespace=OURS, page_max=2, capabilities=BATCHES)


def _crm(system: MemorySystem) -> MemoryAdapter:
    return MemoryCrm(system, namespace=OURS, page_max=2)


class TestMemoryAdapter(AdapterSuite):
    """With and without whole rows, batches, a late feed and ids that survive a merge."""

    @pytest.fixture(
        params=[
            (_deals, {}),
            (_deals_by_hint, {"merge_makes_new_id": False}),
            (_deals_in_batches, {"lag_s": 20.0}),
        ],
        ids=["rows", "hints", "batches"],
    )
    def peer(self, request: pytest.FixtureRequest) -> Iterator[Peer]:
        make, traits = request.param
        peer = MemoryPeer(make, **traits)
        yield peer
        peer.close()


class TestMemoryNest(AdapterSuite):
    """Prospects that live in projects, people who are recognised, a feed that can start now."""

    @pytest.fixture
    def peer(self) -> Iterator[Peer]:
        peer = NestPeer(_nest)
        yield peer
        peer.close()


class TestMemoryCrm(AdapterSuite):
    """Upserts, hints, no guard, an audit and a schema; at once and with a late feed."""

    @pytest.fixture(params=[0.0, 20.0], ids=["at once", "late"])
    def peer(self, request: pytest.FixtureRequest) -> Iterator[Peer]:
        peer = MemoryPeer(_crm, lag_s=request.param)
        yield peer
        peer.close()
