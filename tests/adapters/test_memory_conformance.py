"""The memory adapters pass the conformance suite; also the example of how to run it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from syncd.adapters.base import Capabilities
from syncd.core.model import FieldType, Kind
from syncd.core.remote import Raw
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
from syncd.testing import AdapterSuite, Breakage, Peer
from syncd.testing.clock import VirtualClock
from syncd.testing.memory import HINTS, MemoryAdapter, MemoryCrm, MemorySystem

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
READS = ("check", "changes", "fetch", "find", "compare", "provision", "overwritten")


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
        for verb in WRITES if writes_only else (*WRITES, *READS):
            error = partial(self._error, breakage, verb)
            self.system.fail(error, verb=verb, after=breakage in AFTER, times=-1)

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


class TestMemoryCrm(AdapterSuite):
    """Upserts, hints, no guard, an audit and a schema; at once and with a late feed."""

    @pytest.fixture(params=[0.0, 20.0], ids=["at once", "late"])
    def peer(self, request: pytest.FixtureRequest) -> Iterator[Peer]:
        peer = MemoryPeer(_crm, lag_s=request.param)
        yield peer
        peer.close()
