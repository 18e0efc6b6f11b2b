"""What Propstreet's resources share: one record, a list page by page, and writes that show what they made.

A resource names its paths, its fields and its filters; how a call is made, guarded and read is here, once. Bodies
are checked against what Propstreet lets anybody write, so that a read model can't be sent back by mistake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypedDict, TypeVar

import msgspec

from syncd.adapters.limiter import Priority
from syncd.errors import Missing, Rejected

from .paging import PAGE_SIZE_MAX, Page, read_page, walk
from .problems import broken_answer
from .records import Record
from .transport import Transport
from .wire import SYSTEM, Answer, Call, QueryValue, decode_object, encode, target, text_id

R = TypeVar("R", bound=Record)
B = TypeVar("B", bound=Mapping[str, Any])

Path = tuple[str, ...]


class Created(msgspec.Struct, Generic[R], frozen=True):
    record: R
    new: bool  # False: the server answered with a record that it had already


class PageOptions(TypedDict, total=False):
    page_size: int  # 1 to 500; the most when left out
    priority: Priority


class DeltaFilters(PageOptions, total=False):
    updated_since: str | None  # an ISO instant, inclusive
    include_deleted: bool  # tombstones come only with it


class Resource:
    """The calls themselves. `what` names the record in error messages."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _list_page(
        self, path: Path, what: str, known: frozenset[str], cursor: str | None, filters: Mapping[str, Any]
    ) -> Page:
        where = target(*path, query=_query(filters, known, cursor))
        priority = filters.get("priority", Priority.LIVE)
        answer = self._transport.read(Call(method="GET", target=where, what=f"the list of {what}", priority=priority))
        return read_page(answer, what)

    def _list(
        self, record: type[R], path: Path, what: str, known: frozenset[str], filters: Mapping[str, Any]
    ) -> Iterator[R]:
        """All pages, with the same filters and page size on every one (propstreet.md section 4)."""
        for page in walk(lambda cursor: self._list_page(path, what, known, cursor, filters), what=what):
            yield from map(record, page.rows)

    def _one(self, record: type[R], path: Path, what: str, priority: Priority) -> R:
        call = Call(method="GET", target=target(*path), what=what, priority=priority)
        raw = self._transport.read(call)
        if text_id(raw.get("id")) is None:
            raise broken_answer(Answer(200, {}, b""), call)
        return record(raw)

    def _one_by_ref(
        self, record: type[R], path: Path, namespace: str, id: str, what: str, priority: Priority
    ) -> R | None:
        try:
            return self._one(record, (*path, "external", namespace, id), f"{what} with {namespace} id {id}", priority)
        except Missing:
            return None

    def _create(self, record: type[R], path: Path, body: bytes, key: str, what: str, priority: Priority) -> Created[R]:
        call = Call(
            method="POST",
            target=target(*path),
            what=what,
            body=body,
            headers={"idempotency-key": key},
            priority=priority,
            creates=True,
        )
        answer = self._transport.write(call)
        return Created(shown(record, answer, call), answer.status == 201)

    def _patch(
        self, record: type[R], path: Path, body: bytes, if_match: str | None, what: str, priority: Priority
    ) -> R:
        where, headers = target(*path), _guard(if_match)
        call = Call(method="PATCH", target=where, what=what, body=body, headers=headers, priority=priority)
        return shown(record, self._transport.write(call), call)

    def _delete(self, path: Path, if_match: str | None, what: str, priority: Priority) -> None:
        headers = _guard(if_match)
        self._done(Call(method="DELETE", target=target(*path), what=what, headers=headers, priority=priority))

    def _act(self, path: Path, body: bytes | None, what: str, priority: Priority) -> None:
        """A POST that moves one record and creates none."""
        self._done(Call(method="POST", target=target(*path), what=what, body=body, priority=priority))

    def _done(self, call: Call) -> None:
        answer = self._transport.write(call)
        if answer.body and decode_object(answer.body) is None:
            raise broken_answer(answer, call)


class Collection(Resource, Generic[R, B]):
    """Records at a fixed path, read and written one by one: projects, contacts, companies."""

    def __init__(
        self, transport: Transport, path: Path, record: type[R], *, noun: str, writable: frozenset[str]
    ) -> None:
        super().__init__(transport)
        self._path = path
        self._record = record
        self._noun = noun
        self._writable = writable

    def get(self, id: str, *, priority: Priority = Priority.LIVE) -> R:
        """One record; a deleted one is Missing, or a tombstone (both are seen). Raises Missing."""
        return self._one(self._record, (*self._path, id), f"{self._noun} {id}", priority)

    def find_by_external_ref(self, namespace: str, id: str, *, priority: Priority = Priority.LIVE) -> R | None:
        """The record that carries this ref (a tombstone, maybe), or None. The namespace folds case, the id does not."""
        return self._one_by_ref(self._record, self._path, namespace, id, f"the {self._noun}", priority)

    def create(self, body: B, *, idempotency_key: str, priority: Priority = Priority.LIVE) -> Created[R]:
        """A new record. The key stays the same on every resend of the same body (propstreet.md trap 26).

        Put an external ref into the body, so that a lost answer can be looked up. Raises AlreadyExists,
        OutcomeUnknown, Rejected.
        """
        content = written(body, self._writable)
        return self._create(self._record, self._path, content, idempotency_key, f"a new {self._noun}", priority)

    def patch(self, id: str, body: B, *, if_match: str | None, priority: Priority = Priority.LIVE) -> R:
        """Write these fields; the answer is the whole record. External refs are replaced whole: see `with_ref`.

        `if_match` is the etag of the record that the change is based on; None writes over whatever is there.
        Raises PreconditionFailed, Missing, AlreadyExists, OutcomeUnknown, Rejected.
        """
        content = written(body, self._writable)
        return self._patch(self._record, (*self._path, id), content, if_match, f"{self._noun} {id}", priority)


def unwritable(fields: Mapping[str, Any], writable: frozenset[str]) -> tuple[str, ...]:
    """The names that Propstreet lets nobody write, or that we must not send (propstreet.md traps 31 and 32)."""
    return tuple(sorted(name for name in fields if name not in writable))


def written(fields: Mapping[str, Any], writable: frozenset[str]) -> bytes:
    """The body of a write. Raises Rejected, naming the fields, for what must not be sent."""
    names = unwritable(fields, writable)
    if fields.get("externalRefs", ()) is None:
        names = (*names, "externalRefs")  # what null does is not documented (section 9); [] clears
    if names:
        message = f"propstreet does not let us write {', '.join(names)}"
        raise Rejected(message, system=SYSTEM, fields=names, remedy="let these fields flow to the CRM only")
    return encode(fields)


def shown(record: type[R], answer: Answer, call: Call) -> R:
    """The record that a write answered with. Raises OutcomeUnknown when it shows none."""
    raw = decode_object(answer.body)
    if raw is None or text_id(raw.get("id")) is None:
        raise broken_answer(answer, call)
    return record(raw)


def _query(filters: Mapping[str, Any], known: frozenset[str], cursor: str | None) -> dict[str, QueryValue | None]:
    """Raises TypeError for a name that is no filter: sent all the same, it would list everything."""
    if strangers := sorted(filters.keys() - known):
        raise TypeError(f"{strangers[0]} is not a filter of this list")
    ours = ("page_size", "priority")
    query = {name: _filter(value) for name, value in filters.items() if name not in ours}
    return {**query, "page_size": filters.get("page_size", PAGE_SIZE_MAX), "cursor": cursor}


def _filter(value: Any) -> QueryValue | None:
    if isinstance(value, bool):
        return "true" if value else None
    return value or None


def _guard(if_match: str | None) -> dict[str, str]:
    return {} if if_match is None else {"if-match": if_match}
