"""Limits, closing, and the optional protocols. What an adapter does not offer is skipped by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from syncd.adapters.base import AuditItem, Audits, DeleteItem, Identifies, SetsUp, SetupItem, TellsLinks, UpdateItem
from syncd.core.model import FieldType
from syncd.errors import Forbidden, RemoteError
from syncd.mapping.wanted import WantedField

from .breakage import Breakage
from .peer import Peer
from .probe import broken, fetch_one, item, updated, written


class LimitChecks:
    """Capabilities are kept, close() works"""

    @pytest.mark.parametrize("verb", ["fetch", "find", "create", "update", "delete"])
    def test_more_than_the_limit_is_our_bug_or_is_handled(self, peer: Peer, verb: str) -> None:
        """One too many is refused aloud, by us or by the system, or is answered in full; it is never cut off."""
        count = getattr(peer.adapter.capabilities.of(peer.kind), f"{verb}_max") + 1

        try:
            answered = BULK[verb](peer, count)
        except (AssertionError, RemoteError):
            return
        assert count == answered, f"{count} were asked, {answered} were answered"

    def test_close_can_be_called_twice(self, peer: Peer) -> None:
        adapter = peer.build()

        adapter.close()
        adapter.close()

        assert fetch_one(peer, peer.add(peer.sample(1))).id, "closing one adapter closed another"


class SetupChecks:
    """SetsUp"""

    def test_what_is_missing_is_shown_then_created(self, peer: Peer) -> None:
        adapter = needs_setup(peer)
        (missing,) = lines(peer, adapter.compare(peer.kind, [wanted(peer)]))
        assert missing.state == "missing"

        (made,) = lines(peer, adapter.provision(peer.kind, [missing]))

        assert made.state == "ok"
        (again,) = lines(peer, adapter.compare(peer.kind, [wanted(peer)]))
        assert again.state == "ok"

    def test_what_exists_is_never_changed(self, peer: Peer) -> None:
        """A property of another type is wrong, says what to do about it, and stays wrong."""
        adapter = needs_setup(peer)
        adapter.provision(peer.kind, adapter.compare(peer.kind, [wanted(peer)]))
        other = wanted(peer, FieldType.DATE)

        (wrong,) = lines(peer, adapter.compare(peer.kind, [other]))
        adapter.provision(peer.kind, [wrong])

        assert wrong.state == "wrong"
        assert wrong.detail
        (still,) = lines(peer, adapter.compare(peer.kind, [wanted(peer)]))
        assert still.state == "ok"

    def test_comparing_changes_nothing(self, peer: Peer) -> None:
        adapter = needs_setup(peer)

        assert adapter.compare(peer.kind, [wanted(peer)]) == adapter.compare(peer.kind, [wanted(peer)])

    def test_not_being_allowed_to_set_up_raises(self, peer: Peer) -> None:
        adapter = needs_setup(peer)
        missing = adapter.compare(peer.kind, [wanted(peer)])
        broken(peer, Breakage.FORBIDDEN)

        with pytest.raises(Forbidden):
            adapter.provision(peer.kind, missing)


class AuditChecks:
    """Audits"""

    def test_an_edit_that_our_write_replaced_is_told(self, peer: Peer) -> None:
        """A person wrote between our read and our write: field and lost value come back."""
        adapter = needs_audit(peer)
        read = fetch_one(peer, peer.add(peer.sample(1)))
        name = next(iter(peer.change(1)))
        peer.clock.advance(2.0)
        peer.edit(read.id, {name: peer.change(1)[name]})
        lost = (peer.read(read.id) or {})[name]
        peer.clock.advance(2.0)
        written(updated(peer, read, {name: peer.change(2)[name]}))

        found = adapter.overwritten(peer.kind, [AuditItem(read.id, {name: read.raw.get(name)}, read.modified)])

        assert [(read.id, name, lost)] == [(one.id, one.field, one.value) for one in found]

    def test_nothing_slipped_nothing_told(self, peer: Peer) -> None:
        """Neither our own write nor an edit before our read counts."""
        adapter = needs_audit(peer)
        id = peer.add(peer.sample(1))
        peer.clock.advance(2.0)
        peer.edit(id, peer.change(3))
        read = fetch_one(peer, id)
        peer.clock.advance(2.0)
        written(updated(peer, read, peer.change(2)))

        was = {name: read.raw.get(name) for name in peer.change(2)}

        assert adapter.overwritten(peer.kind, [AuditItem(id, was, read.modified)]) == []

    def test_auditing_a_record_that_is_gone_is_no_error(self, peer: Peer) -> None:
        adapter = needs_audit(peer)

        assert adapter.overwritten(peer.kind, [AuditItem(peer.unknown_id, peer.change(1), None)]) == []


class IdentityChecks:
    """Identifies"""

    def test_the_account_is_always_called_the_same(self, peer: Peer) -> None:
        """Whoever asks, and however often; once it is known, asking again costs nothing."""
        adapter = needs_identity(peer)
        first = adapter.identity(ask=True)
        calls = peer.adapter.calls

        assert first
        assert [first, first] == [adapter.identity(ask=False), adapter.identity(ask=True)]
        assert calls == peer.adapter.calls
        again = peer.build()
        assert isinstance(again, Identifies)
        assert first == again.identity(ask=True)
        assert again.calls <= 1, "one call may be spent on it"
        again.close()


class LinkChecks:
    """TellsLinks"""

    def test_links_are_told_as_a_read_shows_them(self, peer: Peer) -> None:
        adapter = needs_links(peer)
        ids = [peer.add(peer.sample(n)) for n in range(3)]
        shown = peer.adapter.fetch(peer.kind, ids)

        assert adapter.places(peer.kind, ids) == {id: (one.parent, one.person) for id, one in shown.items()}

    def test_what_is_not_there_belongs_nowhere(self, peer: Peer) -> None:
        """It is in the answer, and hides nobody else."""
        adapter = needs_links(peer)
        id = peer.add(peer.sample(1))

        assert adapter.places(peer.kind, [peer.unknown_id, id]).keys() == {peer.unknown_id, id}
        assert adapter.places(peer.kind, [peer.unknown_id]) == {peer.unknown_id: (None, None)}

    @pytest.mark.parametrize("breakage", [Breakage.FORBIDDEN, Breakage.BROKEN, Breakage.HTML_200])
    def test_nothing_belongs_nowhere_because_of_an_error(self, peer: Peer, breakage: Breakage) -> None:
        adapter = needs_links(peer)
        id = peer.add(peer.sample(1))
        broken(peer, breakage)

        with pytest.raises(RemoteError):
            adapter.places(peer.kind, [id])


def needs_links(peer: Peer) -> TellsLinks:
    if not isinstance(peer.adapter, TellsLinks) or peer.kind not in peer.adapter.linked:
        pytest.skip("TellsLinks")
    return peer.adapter


def needs_identity(peer: Peer) -> Identifies:
    if not isinstance(peer.adapter, Identifies):
        pytest.skip("Identifies")
    return peer.adapter


def needs_setup(peer: Peer) -> SetsUp:
    if not isinstance(peer.adapter, SetsUp):
        pytest.skip("SetsUp")
    return peer.adapter


def needs_audit(peer: Peer) -> Audits:
    if not isinstance(peer.adapter, Audits):
        pytest.skip("Audits")
    return peer.adapter


def wanted(peer: Peer, type: FieldType = FieldType.TEXT) -> WantedField:
    return WantedField(name=peer.wanted_name, label="Conformance", type=type)


def lines(peer: Peer, items: list[SetupItem]) -> list[SetupItem]:
    """Those about wanted(); an adapter may add its own stamp property."""
    return [line for line in items if line.field.name == peer.wanted_name]


def _fetch(peer: Peer, count: int) -> int:
    return len(peer.adapter.fetch(peer.kind, [peer.add(peer.sample(n)) for n in range(count)]))


def _find(peer: Peer, count: int) -> int:
    for n in range(count):
        peer.add(peer.sample(n), ref=f"ref-{n}")
    peer.settle()
    return len(peer.adapter.find(peer.kind, [f"ref-{n}" for n in range(count)]))


def _create(peer: Peer, count: int) -> int:
    return len(peer.adapter.create(peer.kind, [item(peer, n) for n in range(count)]))


def _update(peer: Peer, count: int) -> int:
    ids = [peer.add(peer.sample(n)) for n in range(count)]
    items = [UpdateItem(id, peer.change(n), peer.read(id) or {}) for n, id in enumerate(ids)]
    return len(peer.adapter.update(peer.kind, items))


def _delete(peer: Peer, count: int) -> int:
    ids = [peer.add(peer.sample(n)) for n in range(count)]
    return len(peer.adapter.delete(peer.kind, [DeleteItem(id) for id in ids]))


BULK: dict[str, Callable[[Peer, int], int]] = {
    "fetch": _fetch,
    "find": _find,
    "create": _create,
    "update": _update,
    "delete": _delete,
}
