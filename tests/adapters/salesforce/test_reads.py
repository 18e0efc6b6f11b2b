"""Reading by id and by stamp; what is gone, and what only seems to be."""

from __future__ import annotations

import json

import pytest

from syncd.adapters.salesforce.ids import full_id
from syncd.errors import Rejected, ServerTrouble
from syncd.testing.sandbox.wire import Fault, FaultKind

from .rig import PROJECT, REF, Rig


def test_two_hundred_records_are_one_call() -> None:
    """salesforce.md trap 26: well below the length of an address."""
    rig = Rig()
    rig.warm()
    ids = [rig.add(Name=f"name {n}") for n in range(200)]

    found = rig.fetch(*ids)

    assert ids == list(found)
    assert not any(remote.deleted for remote in found.values())
    assert len(rig.calls()) == 1


def test_long_stamps_are_asked_for_in_portions() -> None:
    """salesforce.md trap 26: 414 or 431 beyond 16,384 bytes."""
    rig = Rig()
    rig.warm()
    refs = [f"{n:03}-{'å' * 60}" for n in range(200)]
    ids = {ref: rig.add(**{REF: ref}) for ref in refs}

    found = rig.adapter.find(PROJECT, refs)

    assert ids == {ref: remote.id for ref, remote in found.items()}
    assert len(rig.calls()) > 1


def test_both_forms_of_an_id_are_the_same_record() -> None:
    """salesforce.md trap 21: reports hand out 15 characters; here only 18 are kept."""
    rig = Rig()
    id = rig.add()

    found = rig.fetch(id[:15], id)

    assert [id, id] == [remote.id for remote in found.values()]
    assert set(found) == {id, id[:15]}


def test_a_deleted_record_is_found_in_the_bin() -> None:
    rig = Rig()
    id = rig.add()
    rig.person.delete_record(id)

    assert rig.fetch(id)[id].deleted
    assert rig.fetch(id)[id].raw["Name"] == "Storgatan 1"


def test_a_purged_record_is_gone_by_salesforces_word() -> None:
    """Absence from a query is only a suspicion: the id is asked for by name."""
    rig = Rig()
    id = rig.add()
    rig.warm()
    rig.person.delete_record(id)
    rig.person.purge_record(id)

    assert rig.fetch(id)[id].deleted
    assert [path for _, path in rig.calls()] == ["queryAll/", "composite/sobjects/Opportunity"]


def test_a_query_that_leaves_a_record_out_is_trouble() -> None:
    rig = Rig()
    id = rig.add()
    empty = json.dumps({"totalSize": 0, "done": True, "records": []}).encode()
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/queryAll", status=200, body=empty))

    with pytest.raises(ServerTrouble, match="not in salesforce's query"):
        rig.fetch(id)


@pytest.mark.parametrize("body", [b"[]", b"[null,null]", b"[{}]"])
def test_a_word_on_fewer_records_is_no_word(body: bytes) -> None:
    """salesforce.md trap 16: `[]` becomes None in the library, and must not become "gone"."""
    rig = Rig()
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/composite/sobjects", status=200, body=body, times=-1))

    with pytest.raises(ServerTrouble):
        rig.fetch(str(full_id("006000000000zzz")))


@pytest.mark.parametrize("id", ["..", "", "006", "001D000000IqhSLIAZ", "006D000000CVE7OIAY"])
def test_what_is_no_id_of_this_object_is_never_called_deleted(id: str) -> None:
    """salesforce.md 2.6: wrong form, wrong checksum, another object's prefix."""
    rig = Rig()

    with pytest.raises(Rejected, match="can't be the id"):
        rig.fetch(id)


def test_a_chain_of_merges_is_followed_to_its_end() -> None:
    """salesforce.md trap 19: until MasterRecordId is null."""
    rig = Rig(name="Contact", fields=("LastName",))
    first, second, third = rig.add(), rig.add(), rig.add()
    rig.person.merge_records(second, [first])
    rig.person.merge_records(third, [second])

    found = rig.fetch(first, second, third)

    assert {remote.id for remote in found.values()} == {third}
    assert set(found[first].absorbed) == {first, second}


def test_a_merge_into_a_record_that_was_deleted_is_a_deletion() -> None:
    rig = Rig(name="Contact", fields=("LastName",))
    kept, lost = rig.add(), rig.add()
    rig.person.merge_records(kept, [lost])
    rig.person.delete_record(kept)

    assert rig.fetch(lost)[lost].deleted


def test_a_stamp_is_matched_letter_by_letter() -> None:
    """SOQL compares without regard to case unless the field is case-sensitive (salesforce.md 3.2)."""
    rig = Rig(stamped=False)
    rig.person.add_field(REF, unique=True, external_id=True, case_sensitive=False, length=64)
    rig.add(**{REF: "ps-abc"})

    assert rig.adapter.find(PROJECT, ["PS-ABC"]) == {}


def test_quotes_in_a_stamp_do_no_harm() -> None:
    rig = Rig()
    ref = 'it\'s \\ "quoted" % _'
    id = rig.add(**{REF: ref})

    assert rig.adapter.find(PROJECT, [ref])[ref].id == id
