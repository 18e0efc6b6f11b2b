"""What slipped in between our read and our write (hubspot.md sections 7.2 and 9)."""

from __future__ import annotations

from typing import Any

from syncd.adapters.base import AuditItem, Overwritten, UpdateItem

from .peer import Peer, adapter_at, batch, not_found
from .rig import PROJECT, Rig

AT = "2026-11-21T10:00:0{}Z"


def history(*entries: tuple[int, str, str, str]) -> dict[str, Any]:
    """Newest first: second, value, source type, source id."""
    return {
        "id": "1",
        "properties": {},
        "propertiesWithHistory": {
            "amount": [
                {"timestamp": AT.format(at), "value": value, "sourceType": kind, "sourceId": source}
                for at, value, kind, source in entries
            ]
        },
    }


def told(*entries: tuple[int, str, str, str], was: str | None = "1", since: int = 1) -> list[str]:
    item = AuditItem("1", {"amount": was}, f"2026-11-21T10:00:0{since}.0000000Z")
    peer = Peer(batch(history(*entries)))
    return [one.value for one in adapter_at(peer).overwritten(PROJECT, [item])]


def test_a_persons_value_under_ours_is_told() -> None:
    assert told((3, "3", "INTEGRATION", "99"), (2, "2", "CRM_UI", "userId:7"), (1, "1", "CRM_UI", "userId:7")) == ["2"]


def test_an_edit_after_ours_is_not_overwritten() -> None:
    assert told((4, "5", "CRM_UI", "userId:7"), (3, "3", "INTEGRATION", "99"), (1, "1", "CRM_UI", "userId:7")) == []


def test_what_we_had_read_is_not_news() -> None:
    """The same value, written again, or older than our read."""
    assert told((3, "3", "INTEGRATION", "99"), (2, "1", "CRM_UI", "userId:7")) == []
    assert told((3, "3", "INTEGRATION", "99"), (1, "0", "CRM_UI", "userId:7")) == []
    assert told((3, "3", "INTEGRATION", "99"), (2, "", "CRM_UI", "userId:7"), was=None) == []


def test_without_a_write_of_ours_nothing_is_told() -> None:
    assert told((3, "3", "CRM_UI", "userId:7"), (2, "2", "CRM_UI", "userId:7")) == []


def test_order_and_odd_entries_do_not_matter() -> None:
    """Newest first is only observed; an entry without a time says nothing."""
    entries = [(2, "2", "CRM_UI", "userId:7"), (3, "3", "INTEGRATION", "99")]
    body = history(*entries)
    body["propertiesWithHistory"]["amount"].append({"value": "9", "timestamp": "soon"})
    item = AuditItem("1", {"amount": "1"}, None)

    (one,) = adapter_at(Peer(batch(body))).overwritten(PROJECT, [item])

    assert Overwritten("1", "amount", "2") == one


def test_another_programs_write_over_ours_is_not_taken_for_ours() -> None:
    """After check() we know our own app id, so ours is the older of the two."""
    rig = Rig()
    rig.adapter.check()
    assert rig.adapter._own_app == "99"
    item = AuditItem("1", {"amount": "1"}, "2026-11-21T10:00:01.0000000Z")
    entries = [(4, "4", "INTEGRATION", "5"), (3, "3", "INTEGRATION", "99"), (1, "1", "CRM_UI", "userId:7")]
    rig.adapter._client._line._pool = Peer(batch(history(*entries)))

    assert rig.adapter.overwritten(PROJECT, [item]) == []


def test_fifty_records_are_one_call_and_the_gone_are_silent() -> None:
    """Section 3.4: 50 with history."""
    rig = Rig()
    ids = [rig.add(amount="1") for _ in range(49)]
    before = {id: remote.modified for id, remote in rig.fetch(*ids).items()}
    rig.clock.advance(5)
    rig.person.edit_deal(ids[3], amount="2")
    rig.clock.advance(5)
    rig.adapter.update(PROJECT, [UpdateItem(id, {"amount": "3"}, {}) for id in ids])
    calls = rig.adapter.calls

    items = [AuditItem(id, {"amount": "1"}, before[id]) for id in ids] + [AuditItem("999", {"amount": "1"}, None)]

    assert [Overwritten(ids[3], "amount", "2")] == rig.adapter.overwritten(PROJECT, items)
    assert 50 == rig.adapter.audit_max == len(items)
    assert rig.adapter.calls - calls == 1


def test_nothing_written_costs_nothing() -> None:
    adapter = adapter_at(Peer(batch(errors=[not_found("1")])))

    assert adapter.overwritten(PROJECT, []) == []
    assert adapter.overwritten(PROJECT, [AuditItem("1", {}, None)]) == []
    assert adapter.calls == 0
