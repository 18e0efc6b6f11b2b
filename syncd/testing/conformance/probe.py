"""How the suite looks at an adapter: whole scans, single records, outcomes with a readable complaint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

import msgspec
import pytest

from syncd.adapters.base import (
    Adapter,
    ChangePage,
    CreateItem,
    DeleteItem,
    Failed,
    Outcome,
    UpdateItem,
    Written,
)
from syncd.core.remote import Raw, Remote
from syncd.errors import AlreadyExists, RemoteError

from .breakage import Breakage
from .peer import Peer

PAGES_MAX = 1_000
"""A scan longer than this does not end."""

_numbers = count(1)


class Scan(msgspec.Struct, kw_only=True):
    """One pass over the feed: what it told about each id, last word first."""

    rows: dict[str, Remote] = {}
    hints: dict[str, str | None] = {}  # id → modified
    absorbed: dict[str, str] = {}  # id → survivor
    cursor: str = ""

    @property
    def ids(self) -> set[str]:
        return {*self.rows, *self.hints}

    def take(self, page: ChangePage) -> None:
        for row in page.rows:
            self.rows[row.id] = row
            self.absorbed.update(dict.fromkeys(row.absorbed, row.id))
        for hint in page.hints:
            self.hints[hint.id] = hint.modified
        self.cursor = page.cursor


def scan(peer: Peer, cursor: str | None = None, adapter: Adapter | None = None) -> Scan:
    """A whole pass from the cursor. Checks that only its last page is complete."""
    seen = Scan()
    for page in pages(peer, cursor, adapter):
        seen.take(page)
    return seen


def pages(peer: Peer, cursor: str | None = None, adapter: Adapter | None = None) -> Iterator[ChangePage]:
    """The pages of a pass, each checked for form."""
    complete = False
    for number, page in enumerate((adapter or peer.adapter).changes(peer.kind, cursor)):
        assert not complete, "a page came after the one that was complete"
        assert page.cursor, f"page {number} has no cursor to resume after"
        assert number < PAGES_MAX, f"no end of the feed after {PAGES_MAX} pages"
        complete = page.complete
        yield page
    assert complete, "the feed ended without a complete page"


def shown(peer: Peer, seen: Scan) -> dict[str, Remote]:
    """The records behind a scan: its rows, and what fetch() says where it gave only hints."""
    asked = [id for id in seen.hints if id not in seen.rows]
    return {**fetched(peer, asked), **seen.rows}


def fetched(peer: Peer, ids: Sequence[str]) -> dict[str, Remote]:
    """fetch() in as many calls as its limit asks for."""
    found: dict[str, Remote] = {}
    size = peer.adapter.capabilities.of(peer.kind).fetch_max
    for start in range(0, len(ids), size):
        found.update(peer.adapter.fetch(peer.kind, ids[start : start + size]))
    return found


def fetch_one(peer: Peer, id: str) -> Remote:
    answer = peer.adapter.fetch(peer.kind, [id])
    assert set(answer) == {id}, f"fetch was asked for one id and answered {len(answer)}"
    return answer[id]


def item(peer: Peer, n: int, *, ref: str | None = None, key: str | None = None) -> CreateItem:
    """A create of sample(n), under a ref and a key of its own unless given."""
    serial = next(_numbers)
    return CreateItem(ref or f"ref-{serial}", peer.sample(n), key or f"key-{serial}")


def created(peer: Peer, n: int, *, ref: str | None = None) -> Remote:
    """sample(n), created through the adapter."""
    return written(peer.adapter.create(peer.kind, [item(peer, n, ref=ref)])).remote


def updated(peer: Peer, current: Remote, fields: Raw, **options: str | None) -> list[Outcome]:
    """update() of one record, on top of what was read."""
    return peer.adapter.update(peer.kind, [UpdateItem(current.id, fields, current.raw, **options)])


def deleted(peer: Peer, id: str) -> list[Outcome]:
    return peer.adapter.delete(peer.kind, [DeleteItem(id)])


def written(outcomes: Sequence[Outcome]) -> Written:
    """The only outcome, which must be a success."""
    outcome = only(outcomes)
    if isinstance(outcome, Failed):
        pytest.fail(f"expected it to be written, but: {outcome.error!r}")
    return outcome


def named(outcomes: Sequence[Outcome], id: str) -> Written:
    """The answer of a create on a taken ref: the record that carries it, or AlreadyExists with its id."""
    outcome = only(outcomes)
    if isinstance(outcome, Failed):
        error = failed(outcomes, AlreadyExists)
        assert error.existing_id in (None, id), "AlreadyExists names another record"
        return Written(Remote(id=id), created=False)
    assert outcome.remote.id == id, "create() answered with another record than the one that carries the ref"
    return outcome


def failed(outcomes: Sequence[Outcome], *classes: type[RemoteError]) -> RemoteError:
    """The error of the only outcome, which must be a failure of one of these classes."""
    outcome = only(outcomes)
    names = " or ".join(cls.__name__ for cls in classes)
    if isinstance(outcome, Written):
        pytest.fail(f"expected {names}, but it claims to be written")
    if not isinstance(outcome.error, classes):
        pytest.fail(f"expected {names}, got {outcome.error!r}")
    return outcome.error


def only(outcomes: Sequence[Outcome]) -> Outcome:
    assert len(outcomes) == 1, f"one item was given, {len(outcomes)} outcomes came back"
    return outcomes[0]


def shows(peer: Peer, raw: Raw | None, fields: Raw) -> bool:
    return raw is not None and peer.shows(raw, fields)


def broken(peer: Peer, breakage: Breakage, *, writes_only: bool = False) -> None:
    """Break the line, or skip with the peer's reason."""
    if breakage in peer.unbreakable:
        pytest.skip(f"{breakage.value}: {peer.unbreakable[breakage]}")
    peer.break_(breakage, writes_only=writes_only)
