"""Propstreet behind the adapter contract: projects as records, one request per record and one per page.

It knows Propstreet's rules for writing (guard by etag, external refs are replaced whole, a taken ref is looked up)
and nothing of the CRM or the store. A new kind is a new entry in `_records`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar, cast
from urllib.parse import urlsplit

from syncd.adapters.base import (
    Capabilities,
    ChangePage,
    CreateItem,
    DeleteItem,
    Failed,
    Health,
    Outcome,
    Problem,
    Raw,
    Remote,
    UpdateItem,
    Written,
)
from syncd.adapters.limiter import Priority
from syncd.core.model import Kind
from syncd.errors import (
    AlreadyExists,
    ConfigError,
    Forbidden,
    Missing,
    Rejected,
    RemoteError,
    ServerTrouble,
)

from . import feed
from .client import Projects, PropstreetClient, unwritable
from .paging import Page
from .records import Project, ProjectBody, with_ref
from .taken import holder_of, who_has_it, why_refused
from .wire import SYSTEM, Json

FETCH_MAX = 50  # one request each; a bound for one call, not a page size
REFS = "externalRefs"
_PERSONAL = Problem(
    "a personal access token gives 60 calls a minute and ends after 30 days or when its owner leaves",
    "for unattended use give client_id_env and client_secret_env of a bot user",
    fatal=False,
)

_Item = TypeVar("_Item")


class PropstreetAdapter:
    """The left side of every connection."""

    name = SYSTEM

    def __init__(
        self,
        client: PropstreetClient,
        *,
        namespace: str,
        overlap_s: float,
        page_size: int,
        workers: int,
        personal: bool,
    ) -> None:
        self._client = client
        self._namespace = namespace
        self._overlap_s = overlap_s
        self._page_size = page_size
        self._personal = personal
        self._records: Mapping[Kind, Projects] = {Kind.PROJECT: client.projects}
        self.capabilities = Capabilities(
            guarded_update=True,
            create_overwrites=False,
            fetch_max=FETCH_MAX,
            find_max=FETCH_MAX,
            create_max=1,
            update_max=1,
            delete_max=1,
            workers=workers,
        )

    @property
    def calls(self) -> int:
        return self._client.calls

    def close(self) -> None:
        self._client.close()

    def check(self) -> Health:
        """Are we let in? The API names no account, so the host stands for it."""
        account = urlsplit(self._client.origin).netloc
        problems = [_PERSONAL] if self._personal else []
        try:
            self._client.projects.page(page_size=1, priority=Priority.PERSON)
        except Forbidden as exc:
            problems.append(Problem(str(exc), exc.remedy or ""))
        except (Missing, ServerTrouble) as exc:
            if exc.status not in (404, 410):  # as JSON it is Missing; as a web page it is another server's
                raise
            remedy = "write the origin only, such as https://app.propstreet.com; syncd adds /api/v1"
            problems.append(Problem("there is no Propstreet API at base_url", remedy))
        return Health(account, tuple(problems))

    def changes(self, kind: Kind, cursor: str | None) -> Iterator[ChangePage]:
        records = self._of(kind)
        priority = Priority.BACKFILL if cursor is None else Priority.LIVE

        def fetch(scan: feed.Scan, after: str | None) -> Page:
            return records.page(
                cursor=after,
                updated_since=scan.since,
                include_deleted=True,
                page_size=scan.size,
                priority=priority,
            )

        return feed.changes(cursor, fetch, self._remote, overlap_s=self._overlap_s, page_size=self._page_size)

    def fetch(self, kind: Kind, ids: Sequence[str]) -> dict[str, Remote]:
        records = self._of(kind)
        assert len(ids) <= FETCH_MAX
        found: dict[str, Remote] = {}
        for id in ids:
            try:
                found[id] = self._remote(records.get(id).raw)
            except Missing:
                found[id] = Remote(id=id, deleted=True)
        return found

    def find(self, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
        records = self._of(kind)
        assert len(refs) <= FETCH_MAX
        found = {ref: holder_of(records, self._namespace, ref) for ref in refs}
        return {ref: self._remote(project.raw) for ref, project in found.items() if project is not None}

    def create(self, kind: Kind, items: Sequence[CreateItem]) -> list[Outcome]:
        records = self._of(kind)
        return [_outcome(self._create, records, item) for item in items]

    def update(self, kind: Kind, items: Sequence[UpdateItem]) -> list[Outcome]:
        records = self._of(kind)
        return [_outcome(self._update, records, item) for item in items]

    def delete(self, kind: Kind, items: Sequence[DeleteItem]) -> list[Outcome]:
        records = self._of(kind)
        return [_outcome(self._delete, records, item) for item in items]

    def _create(self, records: Projects, item: CreateItem) -> Written:
        fields = {**_writable(item.fields), REFS: with_ref([], self._namespace, item.ref)}
        try:
            made = records.create(cast(ProjectBody, fields), idempotency_key=item.key)
        except (AlreadyExists, Rejected) as refused:
            raise why_refused(records, self._namespace, item.ref, refused) from refused
        return Written(self._remote(made.project.raw), created=made.new)

    def _update(self, records: Projects, item: UpdateItem) -> Written:
        fields, version = _writable(item.fields), item.if_version
        if item.stamp is not None:
            current = Project(item.current) if "id" in item.current else records.get(item.id)
            fields = {**fields, REFS: with_ref(current.external_refs, self._namespace, item.stamp)}
            version = version or current.etag
        try:
            project = records.patch(item.id, cast(ProjectBody, fields), if_match=version)
        except AlreadyExists as taken:
            if item.stamp is None:
                raise
            raise who_has_it(records, self._namespace, item.stamp, item.id, taken) from taken
        return Written(self._remote(project.raw))

    def _delete(self, records: Projects, item: DeleteItem) -> Written:
        with suppress(Missing):  # gone already is what we wanted (propstreet.md section 10.3)
            records.delete(item.id, if_match=item.if_version)
        return Written(Remote(id=item.id, deleted=True), whole=False)

    def _remote(self, raw: Json) -> Remote:
        return feed.remote_of(raw, self._namespace)

    def _of(self, kind: Kind) -> Projects:
        records = self._records.get(kind)
        if records is None:
            known = ", ".join(self._records)
            raise ConfigError(f"{kind} is not a kind of record that we sync with propstreet", remedy=f"use {known}")
        return records


def _outcome(write: Callable[[Projects, _Item], Written], records: Projects, item: _Item) -> Outcome:
    try:
        return write(records, item)
    except RemoteError as error:
        return Failed(error)


def _writable(fields: Raw) -> Raw:
    """The mapped fields of a write. The external refs are the adapter's own to write, with the others' kept."""
    names = tuple(name for name in unwritable(fields) if name != REFS) + ((REFS,) if REFS in fields else ())
    if names:
        message = f"propstreet does not let a mapping write {', '.join(names)}"
        raise Rejected(message, system=SYSTEM, fields=names, remedy="let these fields flow to the CRM only")
    return fields
