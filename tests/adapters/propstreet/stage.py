"""The adapter over a twin of Propstreet, with every kind mapped: people, and their projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from syncd.adapters.base import (
    CreateItem,
    DeleteItem,
    Failed,
    ObjectSpec,
    Outcome,
    Remote,
    Setting,
    UpdateItem,
    Written,
)
from syncd.adapters.propstreet import factory
from syncd.core.model import Kind
from syncd.errors import RemoteError
from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.mount_httpx import TwinTransport
from syncd.testing.sandbox.propstreet import PropstreetTwin, Switches
from syncd.testing.sandbox.wire import Faulty

from .peer import ORIGIN, SECRETS

NESTED: Mapping[Kind, ObjectSpec] = {kind: ObjectSpec(kind.value, nested=kind is Kind.PROSPECT) for kind in Kind}
STAMPED: Mapping[Kind, ObjectSpec] = {kind: ObjectSpec(kind.value) for kind in Kind}
OTHERS = [{"namespace": "Vitec", "id": "V-1"}, {"namespace": "sf", "id": "003A"}]

E = TypeVar("E", bound=RemoteError)


class Stage:
    def __init__(
        self,
        switches: Switches = Switches(),  # noqa: B008 - frozen
        *,
        objects: Mapping[Kind, ObjectSpec] = NESTED,
        **options: Any,
    ) -> None:
        self.clock = VirtualClock()
        self.twin = PropstreetTwin(self.clock, msgspec.structs.replace(switches, rate_limit=None))
        self.line = Faulty(self.twin)
        self.adapter = factory(
            Setting(
                options={"base_url": ORIGIN, "token_env": "TWIN", **options},
                objects=objects,
                namespace="hubspot",
                clock=self.clock,
                secret=SECRETS.__getitem__,
                transport=TwinTransport(self.line),
            )
        )

    def switch(self, **switches: Any) -> None:
        self.twin.switches = msgspec.structs.replace(self.twin.switches, **switches)

    def read(self, kind: Kind, id: str) -> Remote:
        return self.adapter.fetch(kind, [id])[id]

    def create(self, kind: Kind, ref: str, fields: dict[str, Any], **more: Any) -> Outcome:
        [outcome] = self.adapter.create(kind, [CreateItem(ref, fields, f"key-{ref}", **more)])
        return outcome

    def update(self, kind: Kind, at: Remote, stamp: str | None = None, **fields: Any) -> Outcome:
        [outcome] = self.adapter.update(kind, [UpdateItem(at.id, fields, at.raw, at.version, stamp)])
        return outcome

    def delete(self, kind: Kind, at: Remote) -> Outcome:
        [outcome] = self.adapter.delete(kind, [DeleteItem(at.id, at.version)])
        return outcome

    def calls(self) -> list[str]:
        """Method and path below /api/v1 of every request since this was asked last."""
        calls = [f"{method} {path.removeprefix('/api/v1/')}" for method, path in self.line.requests]
        self.line.requests.clear()
        return calls


def written(outcome: Outcome) -> Written:
    assert isinstance(outcome, Written), outcome
    return outcome


def failed(outcome: Outcome, kind: type[E]) -> E:
    assert isinstance(outcome, Failed), outcome
    assert isinstance(outcome.error, kind), repr(outcome.error)
    return outcome.error
