"""The adapter itself: the contract of syncd.adapters.base, each method handed to the module that knows how."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from typing import TypeVar

from syncd.adapters.base import (
    Brood,
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

from . import batch, changes, creates, deletes, health, matching, reads, role_writes, roles, schema, updates
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
    """Adapter, SetsUp, Nests, Matches, StartsNow and Identifies for Salesforce.

    Thread-safe; it keeps its session and what it was described.
    """

    name = "salesforce"
    match_max = matching.MATCH_MAX
    parents_max = roles.PARENTS_MAX

    def __init__(self, setting: Setting) -> None:
        self._options = decode_options(setting.options)
        self.nested = frozenset(kind for kind, spec in setting.objects.items() if spec.nested)
        roles.check_nested(setting.objects)
        self._one_by_one = threading.Lock()
        login = Login(self._options, setting)
        self._client = Client(self._options, login, clock=setting.clock, transport=setting.transport)
        self._descriptions = Descriptions(self._client, self._options, setting.objects, setting.clock)
        self.capabilities = Capabilities(
            guarded_update=True,
            stamp=f"the field {self._options.ref_field}",
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

    def identity(self, *, ask: bool) -> str | None:
        """The organisation's id. It comes with the login, and a pass logs in in any case."""
        return self._client.signed.organisation or None

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

    def start(self, kind: Kind) -> str:
        return self._read(kind, lambda records: changes.start(self._client, records))

    def within(self, kind: Kind, parents: Sequence[str]) -> list[Brood]:
        return self._read(kind, lambda records: roles.within(self._client, records, parents)) if parents else []

    def fetch(self, kind: Kind, ids: Sequence[str]) -> dict[str, Remote]:
        fetch = roles.fetch if kind in self.nested else reads.fetch
        return self._read(kind, lambda records: fetch(self._client, records, ids)) if ids else {}

    def find(self, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
        """Roles carry no stamp: nobody's is found."""
        if not refs or kind in self.nested:
            return {}
        return self._read(kind, lambda records: reads.find(self._client, records, refs))

    def match(self, kind: Kind, keys: Sequence[str]) -> dict[str, list[Remote]]:
        return self._read(kind, lambda records: matching.match(self._client, records, keys)) if keys else {}

    def create(self, kind: Kind, items: Sequence[CreateItem]) -> list[Outcome]:
        create = role_writes.create if kind in self.nested else creates.create
        return self._write(kind, items, partial(create, self._client))

    def update(self, kind: Kind, items: Sequence[UpdateItem]) -> list[Outcome]:
        update = role_writes.update if kind in self.nested else updates.update
        lately_s = max(self._options.overlap_s, _RECENT_S)
        return self._write(kind, items, partial(update, self._client, lately_s=lately_s))

    def delete(self, kind: Kind, items: Sequence[DeleteItem]) -> list[Outcome]:
        delete = role_writes.delete if kind in self.nested else deletes.delete
        return self._write(kind, items, partial(delete, self._client))

    def compare(self, kind: Kind, wanted: Sequence[WantedField]) -> list[SetupItem]:
        return schema.compare(self._client, self._descriptions, kind, wanted)

    def provision(self, kind: Kind, items: Sequence[SetupItem]) -> list[SetupItem]:
        return schema.provision(self._client, self._descriptions, kind, items)

    def close(self) -> None:
        self._client.close()

    def _records(self, kind: Kind) -> RecordType:
        """Raises ConfigError for a kind that is not mapped, Forbidden without its stamp field or links."""
        if kind not in self._descriptions.objects:
            known = ", ".join(self._descriptions.objects)
            raise ConfigError(f"{kind} is not a kind of record that the mapping names", remedy=f"use {known}")
        records = self._descriptions.of(kind)
        return (self._descriptions.told(kind) if records.lacking else records).keyed()

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
        """Roles go one call at a time, for each locks the opportunities and accounts that it is about."""
        with self._one_by_one if kind in self.nested else nullcontext():
            return self._judged(kind, items, call)

    def _judged(
        self, kind: Kind, items: Sequence[Item], call: Callable[[RecordType, Sequence[Item]], list[Outcome]]
    ) -> list[Outcome]:
        """Never raises RemoteError; a kind that can't be described fails every item, unsent.

        What was refused for its fields is judged again by a new description, if there is one: it may know a new field
        or choice, or say of a field that it is hidden and not missing.
        """
        if not items:
            return []
        try:
            records = self._records(kind)
            outcomes = call(records, items)
        except RemoteError as error:
            return [Failed(error)] * len(items)
        unfit = [place for place, outcome in enumerate(outcomes) if self._is_unfit(kind, outcome)]
        fresh = self._fresh(kind, records) if unfit else records
        if fresh is not records:
            again = call(fresh, [items[place] for place in unfit])
            for place, outcome in zip(unfit, again, strict=True):
                outcomes[place] = outcome
                self._is_unfit(kind, outcome)
        return outcomes

    def _fresh(self, kind: Kind, records: RecordType) -> RecordType:
        """The kind as it is described by now, if it can be; else this, and what was found by it stands."""
        try:
            return self._descriptions.told(kind, at_most_s=_RECENT_S).keyed()
        except RemoteError:
            return records

    def _is_unfit(self, kind: Kind, outcome: Outcome) -> bool:
        """Was it refused for its fields, by us or by Salesforce? By the latter, the description is out of date."""
        return isinstance(outcome, Failed) and (self._out_of_date(kind, outcome.error) or outcome.error.code == UNFIT)

    def _out_of_date(self, kind: Kind, error: RemoteError) -> bool:
        """Does this prove the description wrong? It is forgotten then (section 3.8)."""
        if not isinstance(error, Rejected) or error.code != "INVALID_FIELD":
            return False
        self._descriptions.forget(kind)
        return True
