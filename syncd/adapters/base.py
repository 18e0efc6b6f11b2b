"""The adapter contract: what syncd asks of a system, and nothing about how it is done.

An adapter keeps its vendor's SDK, paths, limits and error shapes to itself. It knows neither the other side nor
the store. Reads raise RemoteError. Writes do not: they answer with one Outcome per item, in the order of the
items, so that a bad row never sinks its batch and a broken call never hides what its neighbours did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import msgspec

from syncd.clock import Clock
from syncd.core.model import Kind
from syncd.core.remote import Raw as Raw
from syncd.core.remote import Remote as Remote
from syncd.errors import RemoteError
from syncd.mapping.wanted import WantedField


class Hint(msgspec.Struct, frozen=True):
    """The feed says that this record may have changed; fetch() tells the truth."""

    id: str
    modified: str | None = None  # canonical instant; equal to what we have means no news


class ChangePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a change feed.

    `cursor` resumes after this page and is opaque to everyone but the adapter. After the last page, `complete` is
    True and `cursor` is the new watermark: server time only, never the local clock.
    """

    rows: Sequence[Remote] = ()  # whole records
    hints: Sequence[Hint] = ()
    cursor: str
    complete: bool = False
    total: int | None = None  # records in the whole scan, where the system says so


class CreateItem(msgspec.Struct, frozen=True):
    ref: str  # the counterpart's id: stamped into the new record; unique
    fields: Raw
    key: str  # idempotency key: one per logical create, the same on every resend
    parent: str | None = None  # the record of this system that it will live in, for nested kinds
    person: str | None = None  # whom it is about, as Remote.person


class UpdateItem(msgspec.Struct, frozen=True):
    id: str
    fields: Raw  # only these are written
    current: Raw  # the record that the decision was based on, for parts that a system replaces whole
    if_version: str | None = None
    stamp: str | None = None  # the counterpart's id to write into the record; other systems' stamps stay
    parent: str | None = None  # what it is to be linked to besides, as in CreateItem; no link is taken from it
    person: str | None = None


class DeleteItem(msgspec.Struct, frozen=True):
    id: str
    if_version: str | None = None


class Written(msgspec.Struct, frozen=True):
    """It is done, and this is what the target shows now. Gone already counts as deleted."""

    remote: Remote
    whole: bool = True  # is remote.raw the whole record, or only the part that the answer carried?
    created: bool | None = None  # for creates: False means that it was there already, perhaps with other values
    missed: tuple[str, ...] = ()  # for creates: fields that are not in it yet, in the system's own names


class Failed(msgspec.Struct, frozen=True):
    """It is not done, or nobody knows (OutcomeUnknown). The error names the next step."""

    error: RemoteError


Outcome = Written | Failed


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """Items per call, each."""

    fetch_max: int = 100
    find_max: int = 100
    create_max: int = 1
    update_max: int = 1
    delete_max: int = 1
    create_apart: bool = False  # creates in different parents take a call each, and one to look at what came of them


class Capabilities(Sizes, frozen=True, kw_only=True):
    """What this system can do; the engine adapts to it and never asks for the system's name."""

    guarded_update: bool  # update() honours if_version; otherwise the engine reads just before it writes
    create_overwrites: bool  # create() on a taken ref would write over the record: the engine looks first
    stamp: str = "the stamp"  # where people find it in a record, in the system's own words
    workers: int = 1  # calls that may be under way at once
    sizes: Mapping[Kind, Sizes] = {}  # of kinds whose calls take other numbers of items; all others: as above

    def of(self, kind: Kind) -> Sizes:
        """How many items of this kind one call takes."""
        return self.sizes.get(kind, self)


class Problem(msgspec.Struct, frozen=True):
    """Something a person must mend before a pass can work."""

    what: str
    remedy: str
    fatal: bool = True


class Health(msgspec.Struct, frozen=True):
    """The answer of check(): whose account this is and what is wrong with it."""

    account: str
    problems: tuple[Problem, ...] = ()


class Adapter(Protocol):
    """The contract. syncd.testing.AdapterSuite proves it."""

    name: str
    capabilities: Capabilities

    @property
    def calls(self) -> int:
        """HTTP requests sent since the adapter was built."""

    def check(self) -> Health:
        """Are we let in, and may we do what is needed? Raises Unauthorized, Unreachable."""

    def changes(self, kind: Kind, cursor: str | None) -> Iterator[ChangePage]:
        """Pages of what changed since the cursor; None reads everything, tombstones included where they exist.

        Resumable after any page. May show a row twice and late; never loses one. The final page is complete, even
        when there is nothing in it. Raises CursorRefused when the cursor is dead.
        """

    def fetch(self, kind: Kind, ids: Sequence[str]) -> dict[str, Remote]:
        """Fresh records by id, keyed by the id asked for: at most capabilities.of(kind).fetch_max ids.

        Every asked id is in the answer. A record that is gone or archived is `deleted`; one that was merged away
        answers with its survivor, whose id then differs from the key. What can't be read raises.
        """

    def find(self, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
        """Live records by the stamp they carry, keyed by ref, at most find_max; absent if none."""

    def create(self, kind: Kind, items: Sequence[CreateItem]) -> list[Outcome]:
        """Create each once per ref, at most create_max items."""

    def update(self, kind: Kind, items: Sequence[UpdateItem]) -> list[Outcome]:
        """Write only these fields, at most update_max items."""

    def delete(self, kind: Kind, items: Sequence[DeleteItem]) -> list[Outcome]:
        """Delete softly, at most delete_max items."""

    def close(self) -> None:
        """Give back connections."""


class SetupItem(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `syncd setup`: a wanted field against what the CRM has."""

    kind: Kind
    field: WantedField
    state: str  # "ok"; "missing"; "hidden": it is there, but not shown to us; "wrong"
    detail: str = ""  # what is wrong and what to do about it


@runtime_checkable
class SetsUp(Protocol):
    """Can show and create the properties that the mapping needs."""

    def compare(self, kind: Kind, wanted: Sequence[WantedField]) -> list[SetupItem]:
        """Hold the wanted fields, and the adapter's own stamp property, against the live schema."""

    def provision(self, kind: Kind, items: Sequence[SetupItem]) -> list[SetupItem]:
        """Create what is missing, have us shown what is hidden where we may, and read it back.

        Raises RemoteError; never changes what exists.
        """


class Brood(msgspec.Struct, frozen=True):
    """All that lives in one parent."""

    parent: str
    rows: Sequence[Remote] = ()
    gone: bool = False  # the parent itself is gone, or not ours to see: nothing is said about what lived in it


@runtime_checkable
class Nests(Protocol):
    """For kinds that live in a parent and have no feed of their own: changes() is never asked for them.

    Their ids name parent and person both, and stay what they are for as long as the record lives. Where the CRM nests
    a kind it carries no stamps: a record is known by its parent and its person, of which there is one at most, and
    create() on a pair that is there already answers with what is there (created=False).
    """

    nested: frozenset[Kind]
    parents_max: int

    def within(self, kind: Kind, parents: Sequence[str]) -> list[Brood]:
        """The whole live set of each of these parents, at most parents_max, in any order; one brood per parent."""


Links = tuple[str | None, str | None]
"""What the links of a record lead to: Remote.parent and Remote.person."""


@runtime_checkable
class TellsLinks(Protocol):
    """For kinds whose links are no part of the record: to link one is not to change it, and no feed tells of it.

    Where a record names what it belongs to in fields of its own, leave this out: the feed shows it.
    """

    linked: frozenset[Kind]  # the kinds that this is about, of those that are not nested; may be empty
    links_max: int

    def places(self, kind: Kind, ids: Sequence[str]) -> dict[str, Links]:
        """Where these records belong now, as fetch() would show them, at most links_max ids; all are in the answer.

        One that is gone, or goes by another id, belongs nowhere: that says nothing about its links. Raises RemoteError.
        """


@runtime_checkable
class Matches(Protocol):
    """Can look a record up by what people recognise it by."""

    match_max: int

    def match(self, kind: Kind, keys: Sequence[str]) -> dict[str, list[Remote]]:
        """Live records that have these Remote.keys, by key, at most match_max keys; absent if none.

        A search index may lag: what was just written need not be found.
        """


@runtime_checkable
class StartsNow(Protocol):
    """Can begin a feed without reading what is there already."""

    def start(self, kind: Kind) -> str:
        """A cursor after which changes() shows what changes from now on, overlap included."""


@runtime_checkable
class Identifies(Protocol):
    """Can tell whose account it works in, so that the state of one is never written into another.

    Record ids do not tell: a copy of an account has the same ones.
    """

    def identity(self, *, ask: bool) -> str | None:
        """The account's own id, always in one spelling; None where it is not known.

        From what is known already, or comes with the sign-in that every pass needs; with `ask` it may cost a call.
        Raises RemoteError when nobody lets us in.
        """


class Overwritten(msgspec.Struct, frozen=True):
    """A value that somebody wrote between our read and our write, and that our write replaced."""

    id: str
    field: str  # the system's own name of it
    value: Any  # raw


class AuditItem(msgspec.Struct, frozen=True):
    id: str
    was: Raw  # what we read just before the write, for the fields that we wrote
    since: str | None  # modified at that read


@runtime_checkable
class Audits(Protocol):
    """For systems without conditional writes: can tell afterwards what slipped between read and write."""

    audit_max: int

    def overwritten(self, kind: Kind, items: Sequence[AuditItem]) -> list[Overwritten]:
        """At most audit_max items. Never raises for a single record; an empty list means none slipped."""


class ObjectSpec(msgspec.Struct, frozen=True):
    """What a kind is called on the adapter's side, and which of its fields the mapping uses."""

    name: str
    fields: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = {}  # by field, the values that the mapping knows, where it lists them
    nested: bool = False  # the mapping wants it as a relation inside its parent, not as a record of its own
    links: Mapping[Kind, str] = {}  # what a nested record of its own belongs to → the field or association naming it;
    # never among `fields`: the adapter knows which it is


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """All that an adapter is built from. Nothing else reaches it: no globals, no environment."""

    options: Mapping[str, Any]  # its own table of the connection; the adapter decodes it into its own struct
    objects: Mapping[Kind, ObjectSpec]
    namespace: str  # the externalRefs namespace of this connection
    clock: Clock
    secret: Callable[[str], str]  # environment variable → value; raises ConfigError
    transport: Any = None  # an in-process peer instead of the network, for tests


Factory = Callable[[Setting], Adapter]
"""What an entry point of the group syncd.adapters names."""
