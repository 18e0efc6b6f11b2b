"""The adapter contract over the file CRM: a complete example of an adapter that is not part of syncd.

config/ADAPTERS.md in syncd goes through it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from syncd.adapters.base import (
    Adapter,
    Capabilities,
    ChangePage,
    CreateItem,
    DeleteItem,
    Failed,
    Health,
    Outcome,
    Problem,
    Setting,
    SetupItem,
    UpdateItem,
    Written,
)
from syncd.core.instant import from_epoch_ms
from syncd.core.model import FieldType, Kind
from syncd.core.remote import Remote
from syncd.errors import ConfigError, CursorRefused, Missing, RemoteError
from syncd.mapping.wanted import WantedField

from .crm import OWN, Crm, CrmError, Row
from .errors import SYSTEM, WIRE, remote_error

T = TypeVar("T")

COLUMN_TYPES = {
    FieldType.MONEY: "DECIMAL_TEXT",
    FieldType.DATE: "DATE_TEXT",
    FieldType.INSTANT: "INSTANT_TEXT",
    FieldType.WHOLE: "INTEGER",
    FieldType.FLAG: "INTEGER",
}
"""Everything else is TEXT."""


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of [connections.crm] that are ours; syncd has taken `adapter` and `namespace` out."""

    path: str
    token_env: str
    stamp_column: str = "propstreet_id"
    page_max: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100
    overlap_s: Annotated[float, msgspec.Meta(ge=0)] = 5.0


class Mark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What our cursors say: where the scan starts, and how far it has come."""

    since_ms: int = 0
    began_ms: int | None = None  # the server's time when the scan began
    after: tuple[int, int] = (0, 0)  # (modified, id) of the last row shown


def factory(setting: Setting) -> Adapter:
    """What the entry point names. Refuses bad options; does not connect yet."""
    try:
        options = msgspec.convert(dict(setting.options), Options)
    except msgspec.ValidationError as error:
        raise ConfigError(str(error).lower(), remedy="correct [connections.crm]") from error
    crm = setting.transport or Crm(Path(options.path), setting.secret(options.token_env), setting.clock.time)
    return FileCrmAdapter(setting, options, crm)


class FileCrmAdapter:
    """Rows in the feed, guarded updates one by one, creates in batches, and setup."""

    name = SYSTEM
    capabilities = Capabilities(guarded_update=True, create_overwrites=False, create_max=50)

    def __init__(self, setting: Setting, options: Options, crm: Crm) -> None:
        self.calls = 0
        self._crm = crm
        self._tables = {kind: spec.name for kind, spec in setting.objects.items()}
        self._stamp = options.stamp_column
        self._page_max = options.page_max
        self._overlap_ms = round(options.overlap_s * 1000)

    # Reads: they raise.

    def check(self) -> Health:
        account = self._read("sign-in", self._crm.account)
        return Health(account=account, problems=tuple(self._problems()))

    def changes(self, kind: Kind, cursor: str | None) -> Iterator[ChangePage]:
        mark = read_cursor(cursor)
        while True:
            search = partial(self._crm.search, self._tables[kind], mark.since_ms, mark.after, self._page_max)
            rows, server_ms = self._read("search", search)
            began_ms = server_ms if mark.began_ms is None else mark.began_ms
            complete = len(rows) < self._page_max
            if complete:  # the next scan starts where this one began, a little earlier: commits may come late
                mark = Mark(since_ms=max(mark.since_ms, began_ms - self._overlap_ms))
            else:
                mark = Mark(mark.since_ms, began_ms, (rows[-1]["modified_ms"], rows[-1]["id"]))
            cursor = msgspec.json.encode(mark).decode()
            yield ChangePage(rows=[self._remote(row) for row in rows], cursor=cursor, complete=complete)
            if complete:
                return

    def fetch(self, kind: Kind, ids: Sequence[str]) -> dict[str, Remote]:
        rows = {remote.id: remote for remote in self._get(kind, "id", ids)}
        return {id: rows.get(id, Remote(id=id, deleted=True)) for id in ids}

    def find(self, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
        found = self._get(kind, self._stamp, refs)
        return {remote.ref: remote for remote in found if remote.ref is not None and not remote.deleted}

    # Writes: they never raise, and answer item by item.

    def create(self, kind: Kind, items: Sequence[CreateItem]) -> list[Outcome]:
        assert len(items) <= self.capabilities.create_max
        if not items:
            return []
        rows = [{**item.fields, self._stamp: item.ref} for item in items]
        try:
            answers = self._call("create", partial(self._crm.insert, self._tables[kind], rows), writes=True)
        except RemoteError as error:
            return [Failed(error) for _ in items]
        return [self._created(answer) for answer in answers]

    def update(self, kind: Kind, items: Sequence[UpdateItem]) -> list[Outcome]:
        assert len(items) <= self.capabilities.update_max
        return [self._update(kind, item) for item in items]

    def delete(self, kind: Kind, items: Sequence[DeleteItem]) -> list[Outcome]:
        assert len(items) <= self.capabilities.delete_max
        return [self._delete(kind, item) for item in items]

    def close(self) -> None:
        """Nothing is held between calls."""

    # SetsUp: `syncd setup` shows and creates columns.

    def compare(self, kind: Kind, wanted: Sequence[WantedField]) -> list[SetupItem]:
        columns = self._read("look at the columns", partial(self._crm.columns, self._tables[kind]))
        stamp = WantedField(name=self._stamp, label="Propstreet id", type=FieldType.TEXT, unique=True)
        return [compared(kind, field, columns.get(field.name)) for field in (stamp, *wanted)]

    def provision(self, kind: Kind, items: Sequence[SetupItem]) -> list[SetupItem]:
        table = self._tables[kind]
        for field in (item.field for item in items if item.state == "missing"):
            add = partial(self._crm.add_column, table, field.name, column_type(field), unique=field.unique)
            self._call(f"adding column {field.name}", add, writes=True)
        return self.compare(kind, [item.field for item in items if item.field.name != self._stamp])

    def _problems(self) -> Iterator[Problem]:
        for kind, table in self._tables.items():
            if self._stamp not in self._read("look at the columns", partial(self._crm.columns, table)):
                yield Problem(f"{table} has no column {self._stamp} for the {kind}'s id", "run: syncd setup --apply")

    def _get(self, kind: Kind, column: str, values: Sequence[str]) -> list[Remote]:
        assert len(values) <= self.capabilities.fetch_max
        if not values:
            return []
        rows = self._read("get", partial(self._crm.get, self._tables[kind], column, values))
        return [self._remote(row) for row in rows]

    def _created(self, answer: Row | CrmError) -> Outcome:
        if isinstance(answer, CrmError):
            return Failed(remote_error(answer, "create", writes=True))
        return Written(self._remote(answer), created=True)

    def _update(self, kind: Kind, item: UpdateItem) -> Outcome:
        values = item.fields if item.stamp is None else {**item.fields, self._stamp: item.stamp}
        patch = partial(self._crm.patch, self._tables[kind], item.id, values, revision(item.if_version))
        try:
            return Written(self._remote(self._call(f"update of {item.id}", patch, writes=True)))
        except RemoteError as error:
            return Failed(error)

    def _delete(self, kind: Kind, item: DeleteItem) -> Outcome:
        remove = partial(self._crm.remove, self._tables[kind], item.id, revision(item.if_version))
        try:
            return Written(self._remote(self._call(f"delete of {item.id}", remove, writes=True)))
        except Missing:
            return Written(Remote(id=item.id, deleted=True))  # gone already is what was wanted
        except RemoteError as error:
            return Failed(error)

    def _remote(self, row: Row) -> Remote:
        return Remote(
            id=str(row["id"]),
            raw={name: value for name, value in row.items() if name not in (*OWN, self._stamp)},
            ref=row.get(self._stamp),
            version=str(row["revision"]),
            modified=from_epoch_ms(row["modified_ms"]),
            deleted=bool(row["deleted"]),
        )

    def _read(self, what: str, ask: Callable[[], T]) -> T:
        return self._call(what, ask, writes=False)

    def _call(self, what: str, ask: Callable[[], T], *, writes: bool) -> T:
        """Every request goes through here: counted, and its errors translated."""
        self.calls += 1
        try:
            return ask()
        except WIRE as exc:
            raise remote_error(exc, what, writes=writes) from exc


def read_cursor(cursor: str | None) -> Mark:
    if cursor is None:
        return Mark()
    try:
        return msgspec.json.decode(cursor, type=Mark)
    except msgspec.MsgspecError as exc:
        raise CursorRefused(f"{SYSTEM}: this is no cursor of ours", system=SYSTEM) from exc


def compared(kind: Kind, field: WantedField, has: Any) -> SetupItem:
    if has is None:
        return SetupItem(kind=kind, field=field, state="missing")
    if has == column_type(field):
        return SetupItem(kind=kind, field=field, state="ok")
    detail = f"it is a column of {has} and should be one of {column_type(field)}: map another"
    return SetupItem(kind=kind, field=field, state="wrong", detail=detail)


def column_type(field: WantedField) -> str:
    return COLUMN_TYPES.get(field.type, "TEXT")


def revision(version: str | None) -> int | None:
    return None if version is None else int(version)
