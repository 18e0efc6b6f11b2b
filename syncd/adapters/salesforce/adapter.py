"""The adapter itself: the contract of syncd.adapters.base, each method handed to the module that knows how."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from syncd.adapters.base import (
    Capabilities,
    ChangePage,
    CreateItem,
    DeleteItem,
    Failed,
    Health,
    Outcome,
    Remote,
    Setting,
    SetupItem,
    UpdateItem,
)
from syncd.core.model import Kind
from syncd.errors import ConfigError, Rejected, RemoteError
from syncd.mapping.wanted import WantedField

from . import batch, changes, creates, deletes, health, reads, schema, updates
from .client import Client
from .describe import Descriptions
from .login import Login
from .options import decode_options
from .records import RecordType
from .values import UNFIT

T = TypeVar("T")
Item = TypeVar("Item")

_RECENT_S = 60.0  # a description that is older is read again before a value is refused by it


class SalesforceAdapter:
    """Adapter and SetsUp for Salesforce. Thread-safe; it keeps its session and what it was described."""

    name = "salesforce"

    def __init__(self, setting: Setting) -> None:
        self._options = decode_options(setting.options)
        login = Login(self._options, setting)
        self._client = Client(self._options, login, clock=setting.clock, transport=setting.transport)
        self._descriptions = Descriptions(self._client, self._options, setting.objects, setting.clock)
        self.capabilities = Capabilities(
            guarded_update=True,
            create_overwrites=True,
            fetch_max=reads.FETCH_MAX,
            find_max=reads.FETCH_MAX,
            create_max=batch.BATCH_MAX,
            update_max=batch.BATCH_MAX,
            delete_max=batch.BATCH_MAX,
            workers=self._options.workers,
        )

    @property
    def calls(self) -> int:
        return self._client.calls

    def check(self) -> Health:
        return health.check(self._client, self._descriptions, self._options)

    def changes(self, kind: Kind, cursor: str | None) -> Iterator[ChangePage]:
        """A field that is hidden in mid-scan is left out of what follows; the scan goes on where it was."""
        at = cursor
        for attempt in (0, 1):
            try:
                for page in changes.changes(self._client, self._records(kind), self._options, at):
                    at = page.cursor
                    yield page
            except RemoteError as error:
                if attempt or not self._out_of_date(kind, error):
                    raise
            else:
                return

    def fetch(self, kind: Kind, ids: Sequence[str]) -> dict[str, Remote]:
        return self._read(kind, lambda records: reads.fetch(self._client, records, ids)) if ids else {}

    def find(self, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
        return self._read(kind, lambda records: reads.find(self._client, records, refs)) if refs else {}

    def create(self, kind: Kind, items: Sequence[CreateItem]) -> list[Outcome]:
        return self._write(kind, items, partial(creates.create, self._client))

    def update(self, kind: Kind, items: Sequence[UpdateItem]) -> list[Outcome]:
        lately_s = max(self._options.overlap_s, _RECENT_S)
        return self._write(kind, items, partial(updates.update, self._client, lately_s=lately_s))

    def delete(self, kind: Kind, items: Sequence[DeleteItem]) -> list[Outcome]:
        return self._write(kind, items, partial(deletes.delete, self._client))

    def compare(self, kind: Kind, wanted: Sequence[WantedField]) -> list[SetupItem]:
        return schema.compare(self._client, self._descriptions, kind, wanted)

    def provision(self, kind: Kind, items: Sequence[SetupItem]) -> list[SetupItem]:
        return schema.provision(self._client, self._descriptions, kind, items)

    def close(self) -> None:
        self._client.close()

    def _records(self, kind: Kind) -> RecordType:
        if kind not in self._descriptions.objects:
            known = ", ".join(self._descriptions.objects)
            raise ConfigError(f"{kind} is not a kind of record that the mapping names", remedy=f"use {known}")
        return self._descriptions.of(kind).keyed()

    def _read(self, kind: Kind, call: Callable[[RecordType], T]) -> T:
        try:
            return call(self._records(kind))
        except RemoteError as error:
            if not self._out_of_date(kind, error):
                raise
        return call(self._records(kind))

    def _write(
        self, kind: Kind, items: Sequence[Item], call: Callable[[RecordType, Sequence[Item]], list[Outcome]]
    ) -> list[Outcome]:
        """Never raises RemoteError; a kind that can't be described fails every item, unsent.

        What was refused by the description alone is judged again by a new one, which may know a new field or choice.
        """
        if not items:
            return []
        try:
            records = self._records(kind)
            outcomes = call(records, items)
            unfit = [place for place, outcome in enumerate(outcomes) if _is_unfit(outcome)]
            if unfit and (fresh := self._descriptions.of(kind, at_most_s=_RECENT_S)) is not records:
                again = call(fresh.keyed(), [items[place] for place in unfit])
                for place, outcome in zip(unfit, again, strict=True):
                    outcomes[place] = outcome
        except RemoteError as error:
            return [Failed(error)] * len(items)
        for outcome in outcomes:
            if isinstance(outcome, Failed):
                self._out_of_date(kind, outcome.error)
        return outcomes

    def _out_of_date(self, kind: Kind, error: RemoteError) -> bool:
        """Does this prove the description wrong? It is forgotten then (section 3.8)."""
        if not isinstance(error, Rejected) or error.code != "INVALID_FIELD":
            return False
        self._descriptions.forget(kind)
        return True


def _is_unfit(outcome: Outcome) -> bool:
    return isinstance(outcome, Failed) and outcome.error.code == UNFIT
