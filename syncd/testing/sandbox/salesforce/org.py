"""The organisation behind the twin: its time, its objects with their rows, its set-up, and the journal.

It owns state and the few rules that tie state together; what may be asked of it is in the modules of the API.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from syncd.clock import Clock

from . import stages, stamps, visibility
from .catalogue import OBJECTS
from .ids import full
from .kinds import ObjectKind
from .refusal import Refusal
from .stages import Stage
from .switches import Switches
from .table import Table, Values

JOURNAL_MAX = 1_000_000


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """On whose behalf something is written. `api` is False for what people do."""

    user_id: str
    api: bool = False
    client: str | None = None  # from Sforce-Call-Options
    allow_save: bool = False  # from Sforce-Duplicate-Rule-Header


class Applied(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One write of an API client, as it took effect; an oracle reads these."""

    at_s: int
    verb: str  # create, update, delete
    object: str
    id: str
    changes: Mapping[str, Any]  # empty: the write changed nothing
    client: str | None = None


class Org:
    """Everything that the twin remembers. The twin's lock is around all of it."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self.clock = clock
        self.switches = switches
        self.rng = random.Random(switches.seed)
        self.tables: dict[str, Table] = {kind.name.lower(): Table(kind) for kind in OBJECTS}
        self.by_prefix: dict[str, Table] = {table.kind.prefix: table for table in self.tables.values()}
        self.journal: deque[Applied] = deque(maxlen=JOURNAL_MAX)
        self.born_hidden: set[tuple[str, str]] = set()  # object and field: nobody sees it until granted
        self.locks: dict[str, int] = {}  # id → how many more writes meet UNABLE_TO_LOCK_ROW
        self.approvals: set[str] = set()  # locked by an approval process
        self.schema_at_s = int(clock.time())
        self._open = False
        self.stages: dict[str, Stage] = {}
        self.api_user = self._furnish("user", {"Username": "syncd@acme.test", "Name": "Sync Daemon", "IsActive": True})
        self.person = self._furnish("user", {"Username": "britta@acme.test", "Name": "Britta Berg", "IsActive": True})
        self.set_stages(stages.FACTORY)
        self.redefine()

    # Time

    def now(self) -> float:
        return self.clock.time() + self.switches.clock_offset_s

    def stamp(self) -> str:
        return stamps.shown(int(self.now()))

    # Objects

    def table(self, name: str) -> Table:
        return self.tables[name.lower()]

    def find(self, name: str) -> Table | None:
        """As the API user sees it: None for what is missing or hidden."""
        table = self.tables.get(name.lower())
        return None if table is None or table.name in self.switches.hidden_objects else table

    def row(self, id: str) -> Values | None:
        """Any row of any object, live or deleted."""
        table = self.by_prefix.get(id[:3])
        return None if table is None else table.rows.get(id)

    def exists(self, id: str, objects: tuple[str, ...]) -> bool:
        values = self.row(id)
        return values is not None and not values["IsDeleted"] and self.by_prefix[id[:3]].name in objects

    # Set-up

    def add_object(self, kind: ObjectKind) -> Table:
        """Refused when its name or prefix is taken."""
        if kind.name.lower() in self.tables or kind.prefix in self.by_prefix:
            raise Refusal("DUPLICATE_DEVELOPER_NAME", f"There is already an object named {kind.name}.", fields=["Name"])
        table = Table(kind)
        self.tables[kind.name.lower()] = self.by_prefix[kind.prefix] = table
        self.redefine()
        return table

    @property
    def organization_id(self) -> str:
        id = full(f"00DQy00000{self.switches.organization:05d}")
        assert id is not None
        return id

    def set_stages(self, listed: tuple[Stage, ...]) -> None:
        """An admin replaces the stages; records keep a stage that is none any more."""
        table = self.table("OpportunityStage")
        for id in list(table.rows):
            table.put(id, None)
        self.stages = {stage.name: stage for stage in listed}
        for order, stage in enumerate(listed, 1):
            self._furnish("OpportunityStage", stages.shown(stage, order))
        self.redefine()

    def furnish_organization(self) -> None:
        table = self.table("Organization")
        if self.organization_id in table.rows:
            return
        for id in list(table.rows):
            table.put(id, None)
        facts = {"Name": "Acme", "InstanceName": "QY1", "IsSandbox": False, "OrganizationType": "Enterprise Edition"}
        self._furnish("Organization", facts, id=self.organization_id)

    def _furnish(self, object: str, facts: Values, id: str | None = None) -> str:
        """A row that is simply there."""
        table = self.table(object)
        id = id or table.mint.new_id()
        stamp = self.stamp()
        table.put(id, facts | audit(id, stamp, "005Qy00000000001AA"))
        return id

    def add_user(self, name: str, *, active: bool = True) -> str:
        return self._furnish("user", {"Username": f"{name}@acme.test", "Name": name, "IsActive": active})

    def redefine(self) -> None:
        """Definitions, permissions, stages or switches have changed."""
        self.schema_at_s = int(self.now())
        self.furnish_organization()
        if self.switches.multi_currency:
            self._adopt_currency()
        for table in self.tables.values():
            visibility.redefine(self, table)

    def _adopt_currency(self) -> None:
        """Records from before the org had several currencies are in its own."""
        for table in self.tables.values():
            if table.kind.currency:
                for id in [id for id, values in table.rows.items() if "CurrencyIsoCode" not in values]:
                    table.put(id, table.rows[id] | {"CurrencyIsoCode": self.switches.currency})

    # Writing

    def write_down(self, verb: str, table: Table, id: str, author: Author, changes: Mapping[str, Any]) -> None:
        if author.api and self.switches.journal and not table.kind.setup:
            self.journal.append(
                Applied(
                    at_s=int(self.now()), verb=verb, object=table.name, id=id, changes=changes, client=author.client
                )
            )

    @contextmanager
    def transaction(self, *, keep: Callable[[], bool]) -> Iterator[None]:
        """Everything put meanwhile is taken back unless `keep()` says otherwise at the end. One level deep."""
        if self._open:
            yield
            return
        taken: list[tuple[Table, str, Values | None, int | None]] = []
        noted = len(self.journal)

        def remember(table: Table, id: str, old: Values | None) -> None:
            taken.append((table, id, old, table.deleted_at.get(id)))

        self._watch(remember)
        try:
            yield
        finally:
            self._watch(None)
            if not keep():
                for table, id, old, deleted_at in reversed(taken):
                    table.put(id, old)
                    _set(table.deleted_at, id, deleted_at)
                while len(self.journal) > noted:
                    self.journal.pop()
                if any(table.kind.setup for table, *_ in taken):
                    self.redefine()

    def _watch(self, remember: Callable[[Table, str, Values | None], None] | None) -> None:
        self._open = remember is not None
        for table in self.tables.values():
            table.on_put = remember

    def purge(self) -> None:
        for table in self.tables.values():
            if table.deleted_at or table.vanished_at:
                table.purge(self.now())

    def demand(self, table: Table, right: str) -> None:
        """The object permission of the API user: create, edit or delete."""
        refused = f"{table.name}.{right}" in self.switches.denied or table.kind.readable_only
        if refused or (table.kind.setup and not self.switches.may_customize):
            raise Refusal("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", fields=())


def audit(id: str, stamp: str, user_id: str) -> Values:
    return {
        "Id": id,
        "IsDeleted": False,
        "CreatedDate": stamp,
        "CreatedById": user_id,
        "LastModifiedDate": stamp,
        "LastModifiedById": user_id,
        "SystemModstamp": stamp,
    }


def _set(there: dict[str, int], id: str, second: int | None) -> None:
    if second is None:
        there.pop(id, None)
    else:
        there[id] = second
