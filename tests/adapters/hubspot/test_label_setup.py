"""The labels that the mapping wants: shown, made, read back; and what a person is told of them."""

from __future__ import annotations

import pytest

from syncd.adapters.base import SetupItem
from syncd.adapters.hubspot.associations import Way
from syncd.adapters.hubspot.label_setup import definition_name
from syncd.core.model import FieldType
from syncd.errors import Forbidden, Rejected
from syncd.mapping.wanted import WantedField
from syncd.testing.sandbox.hubspot import App
from syncd.testing.sandbox.wire import Fault, FaultKind

from .peer import TOKEN
from .room import CONTACT, HOT, PROSPECT, TEXTS, Room, done, label_of, new

LABELS = WantedField(
    name="label", label="Label", type=FieldType.ENUM, options=tuple((text, text.lower()) for text in TEXTS)
)
ON_CONTACTS = [
    "propstreet_contact_investor_not_contacted",
    "propstreet_contact_investor_interested",
    "propstreet_contact_investor_bidder",
]


def states(items: list[SetupItem]) -> dict[str, str]:
    return {item.field.name: item.state for item in items}


def setup(room: Room) -> list[SetupItem]:
    return room.adapter.provision(PROSPECT, room.adapter.compare(PROSPECT, [LABELS]))


def told(room: Room) -> str:
    return "; ".join(f"{problem.what}: {problem.remedy}" for problem in room.adapter.check().problems)


def test_every_label_is_made_for_every_kind_of_person() -> None:
    """In both directions, so that the person's own page says it too (section 5.11)."""
    room = Room(labels=False)
    before = room.adapter.compare(PROSPECT, [LABELS])

    made = room.adapter.provision(PROSPECT, before)

    names = [*ON_CONTACTS, *(name.replace("contact_", "company_", 1) for name in ON_CONTACTS)]
    assert names == [item.field.name for item in before]
    assert {"missing"} == set(states(before).values())
    assert {"ok"} == set(states(made).values())
    assert states(made) == states(room.adapter.compare(PROSPECT, [LABELS]))
    deal, anna = room.deal(), room.contact()
    assert label_of(room.adapter.create(PROSPECT, [new(deal, anna, HOT)])[0]) == HOT
    room.person.associate(anna, deal, label=f"{HOT} in", objects="contacts", to="deals")


def test_what_is_there_is_never_changed() -> None:
    """A label that an admin made, under whatever name, is ours to use by its text."""
    room = Room()
    room.line.requests.clear()

    items = setup(room)

    assert {"ok"} == set(states(items).values())
    assert {"GET"} == {method for method, _ in room.line.requests}


def test_contacts_alone_where_companies_are_not_mapped() -> None:
    room = Room(labels=False, companies=False)

    assert [item.field.name for item in room.adapter.compare(PROSPECT, [LABELS])] == ON_CONTACTS


def test_the_others_are_left_alone_where_one_is_missing() -> None:
    room = Room()
    room.person.drop_label(HOT)

    assert [item.state for item in room.adapter.compare(PROSPECT, [LABELS]) if item.state != "ok"] == ["missing"]
    assert {"ok"} == set(states(setup(room)).values())


def test_a_label_that_an_admin_renamed_is_told_and_not_doubled() -> None:
    """Names are permanent: the second label of this name is refused, and says where the first one is."""
    room = Room(labels=False)
    setup(room)
    room.person.rename_label(HOT, "Bidding", inverse="Bidding in")

    (wrong,) = (item for item in setup(room) if item.state != "ok")

    assert (wrong.state, wrong.field.name) == ("wrong", "propstreet_contact_investor_bidder")
    assert "rename it back" in wrong.detail


def test_a_label_that_an_admin_renamed_or_deleted_is_a_problem() -> None:
    """hubspot.md trap 31: with what to type, and the name under which setup knows it."""
    room = Room()
    assert told(room) == ""
    room.person.rename_label(HOT, "Bidding", inverse="Bidding in")
    room.person.drop_label(TEXTS[0], to="companies")

    found = told(room)

    assert f"deals and contacts have no label {HOT} (propstreet_contact_investor_bidder)" in found
    assert f"deals and companies have no label {TEXTS[0]} (propstreet_company_investor_not_contacted)" in found
    assert found.count("syncd setup --apply") == 2


def test_without_the_scope_it_says_what_to_do_by_hand() -> None:
    """Section 2.3: to make definitions takes other scopes than to use them."""
    room = Room(labels=False)
    scopes = {
        f"crm.objects.{kind}.{right}" for kind in ("deals", "contacts", "companies") for right in ("read", "write")
    }
    room.twin.switch(apps={TOKEN: App(scopes=frozenset(scopes))})

    with pytest.raises(Forbidden) as caught:
        setup(room)

    remedy = caught.value.remedy or ""
    assert "crm.schemas.deals.write and crm.schemas.contacts.write" in remedy
    assert TEXTS[0] in remedy


def test_scopes_for_people_are_told() -> None:
    """Section 2.3: associations take the scopes of both sides, also where only companies are mapped."""
    room = Room()
    scopes = {"crm.objects.deals.read", "crm.objects.deals.write", "crm.objects.contacts.read"}
    room.twin.switch(apps={TOKEN: App(scopes=frozenset(scopes))})

    found = told(room)

    assert "crm.objects.contacts.write" in found
    assert "crm.objects.companies.read" in found
    assert "may not read the labels between deals and companies" in found
    assert "may not read the labels between deals and contacts" not in found


def test_more_labels_than_an_account_may_have() -> None:
    """Section 3.4: the 51st is answered with 437."""
    room = Room(labels=False)
    for n in range(49):
        room.person.add_label(f"Theirs {n}")

    with pytest.raises(Rejected) as caught:
        setup(room)

    assert "delete labels" in (caught.value.remedy or "")


def test_only_what_is_read_back_counts() -> None:
    room = Room(labels=False)
    room.line.plan(
        Fault(kind=FaultKind.STATUS, status=200, method="POST", path="/labels$", body=b'{"results":[]}', times=-1)
    )

    assert {"missing"} == set(states(setup(room)).values())


def test_an_association_has_no_other_fields() -> None:
    room = Room()
    other = WantedField(name="role", label="Role", type=FieldType.TEXT)

    (wrong,) = (item for item in room.adapter.compare(PROSPECT, [LABELS, other]) if item.state != "ok")

    assert (wrong.field.name, wrong.state) == ("role", "wrong")
    assert [wrong] == room.adapter.provision(PROSPECT, [wrong])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Investor: bidder", "propstreet_contact_investor_bidder"),
        ("Köpare – het!", "propstreet_contact_kopare_het"),
        ("投資家", "propstreet_contact_b07fdc7a"),
        ("投資家 A", "propstreet_contact_a_8f33f8a7"),
    ],
)
def test_names_of_definitions(text: str, name: str) -> None:
    """Always the same, and of letters that HubSpot takes."""
    assert name == definition_name(Way("deals", "contacts", CONTACT), text)


def test_setup_and_use_share_the_text() -> None:
    """What setup made is what a write finds."""
    room = Room(labels=False)
    setup(room)
    deal, anna = room.deal(), room.contact()

    (outcome,) = room.adapter.create(PROSPECT, [new(deal, anna, HOT)])

    assert room.labels_of(deal, anna) == [HOT]
    assert done(outcome).created
