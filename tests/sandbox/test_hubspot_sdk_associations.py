"""The real hubspot-api-client 12 and the twin's contacts and associations (hubspot.md, sections 5.10, 5.11, 13)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hubspot.crm import companies, contacts
from hubspot.crm.associations import v4 as sdk
from hubspot.crm.associations.v4 import schema
from hubspot.crm.associations.v4.exceptions import ApiException

from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.hubspot import App, HubSpotTwin, Lag, Switches

from .hubspot_sdk import connect, model, strangers

CATEGORY = "HUBSPOT_DEFINED"


@pytest.fixture
def twin() -> HubSpotTwin:
    return HubSpotTwin(VirtualClock(), Switches(search_lag=Lag(typical_s=0)))


@pytest.fixture
def v4(twin: HubSpotTwin) -> Any:
    return connect(twin).crm.associations.v4


@pytest.fixture
def deal(twin: HubSpotTwin) -> str:
    return twin.person.add_deal(dealname="Storgatan 1")


@pytest.fixture
def contact(twin: HubSpotTwin) -> str:
    twin.person.add_contact(email="first@firm.example")
    return twin.person.add_contact(email="anna@firm.example")


def ref(id: str) -> Any:
    return sdk.PublicObjectId(id=id)


def test_a_life_of_a_link(v4: Any, twin: HubSpotTwin, deal: str, contact: str) -> None:
    basic = v4.basic_api
    types = [sdk.AssociationSpec(association_category=CATEGORY, association_type_id=3)]

    made = basic.create("deals", deal, "contacts", contact, types)
    page = basic.get_page("deals", deal, "contacts", limit=500)
    basic.archive("deals", deal, "contacts", contact)
    default = basic.create_default("deals", deal, "contacts", contact)

    assert (made.from_object_type_id, str(made.to_object_id), made.labels) == ("0-3", contact, [])
    assert [(str(it.to_object_id), it.association_types[0].type_id) for it in page.results] == [(contact, 3)]
    assert page.paging is None
    assert [it.association_spec.association_type_id for it in default.results] == [3, 4]
    assert twin.person.associations_of(deal) == {"contacts": {contact: []}}


def test_batches(v4: Any, twin: HubSpotTwin, deal: str, contact: str) -> None:
    """hubspot.md trap 29: the 207 of a read decodes into the model that has errors."""
    batch = v4.batch_api
    spec = sdk.AssociationSpec(association_category=CATEGORY, association_type_id=3)
    link = sdk.PublicAssociationMultiPost(_from=ref(deal), to=ref(contact), types=[spec])
    lost = sdk.PublicAssociationMultiPost(_from=ref(deal), to=ref("999"), types=[spec])

    whole = batch.create("deals", "contacts", sdk.BatchInputPublicAssociationMultiPost(inputs=[link]))
    mixed = batch.create("deals", "contacts", sdk.BatchInputPublicAssociationMultiPost(inputs=[link, lost]))
    asked = [sdk.PublicFetchAssociationsBatchRequest(id=id) for id in (deal, "999")]
    read = batch.get_page("deals", "contacts", sdk.BatchInputPublicFetchAssociationsBatchRequest(inputs=asked))
    gone = [sdk.PublicAssociationMultiArchive(_from=ref(deal), to=[ref(contact)])]
    batch.archive("deals", "contacts", sdk.BatchInputPublicAssociationMultiArchive(inputs=gone))
    after_archive = twin.person.associations_of(deal)
    plain = [sdk.PublicDefaultAssociationMultiPost(_from=ref(deal), to=ref(contact))]
    batch.create_default("deals", "contacts", sdk.BatchInputPublicDefaultAssociationMultiPost(inputs=plain))
    after_default = twin.person.associations_of(deal)
    batch.archive_labels("deals", "contacts", sdk.BatchInputPublicAssociationMultiPost(inputs=[link]))

    assert len(whole.results) == 1
    assert (len(mixed.results), mixed.num_errors) == (1, 1)
    assert [(it._from.id, str(it.to[0].to_object_id)) for it in read.results] == [(deal, contact)]
    assert read.errors[0].sub_category == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert (after_archive, after_default) == ({}, {"contacts": {contact: []}})
    assert twin.person.associations_of(deal) == {}


def test_labels(v4: Any, twin: HubSpotTwin, deal: str, contact: str) -> None:
    definitions = v4.schema.definitions_api
    request = schema.PublicAssociationDefinitionCreateRequest(name="seller", label="Seller", inverse_label="Sold by")

    there, back = definitions.create("deals", "contacts", request).results
    spec = sdk.AssociationSpec(association_category=there.category, association_type_id=there.type_id)
    made = v4.basic_api.create("deals", deal, "contacts", contact, [spec])
    renamed = schema.PublicAssociationDefinitionUpdateRequest(association_type_id=there.type_id, label="Vendor")
    definitions.update("deals", "contacts", renamed)
    listed = {it.type_id: it.label for it in definitions.get_all("deals", "contacts").results}
    definitions.remove("deals", "contacts", there.type_id)

    assert (there.label, back.label, made.labels) == ("Seller", "Sold by", ["Seller"])
    assert listed == {3: None, there.type_id: "Vendor"}
    assert twin.person.associations_of(deal) == {"contacts": {contact: []}}


def test_contacts_and_companies(twin: HubSpotTwin) -> None:
    """hubspot.md, sections 5.4, 5.7 and 5.9: creation with a link, merge, privacy deletion."""
    crm = connect(twin).crm
    firm = crm.companies.basic_api.create(
        companies.SimplePublicObjectInputForCreate(properties={"domain": "https://firm.example"}, associations=[])
    )
    types = [contacts.AssociationSpec(association_category=CATEGORY, association_type_id=1)]
    link = contacts.PublicAssociationsForObject(to=contacts.PublicObjectId(id=firm.id), types=types)
    people = [
        crm.contacts.basic_api.create(
            contacts.SimplePublicObjectInputForCreate(properties={"email": email}, associations=[link])
        ).id
        for email in ("anna@firm.example", "anna@home.example")
    ]

    merged = crm.contacts.basic_api.merge(
        contacts.PublicMergeInput(primary_object_id=people[0], object_id_to_merge=people[1])
    )
    shown = crm.contacts.basic_api.get_by_id(people[1], properties=["associatedcompanyid"], associations=["companies"])
    crm.contacts.basic_api.purge(contacts.PublicGdprDeleteInput(object_id=merged.id))

    assert firm.properties["domain"] == "firm.example"
    assert (shown.id, shown.properties["associatedcompanyid"]) == (merged.id, firm.id)
    assert {it.type for it in shown.associations["companies"].results} == {
        "contact_to_company",
        "contact_to_company_unlabeled",
    }
    assert twin.person.live_contacts() == {}


def test_errors_are_the_sdks_own(twin: HubSpotTwin, deal: str, contact: str) -> None:
    """hubspot.md, sections 2.3 and 10.4."""
    twin.switch(apps={"pat-1": App(scopes=frozenset({"crm.objects.deals.read"}))})

    with pytest.raises(ApiException) as caught:
        connect(twin).crm.associations.v4.basic_api.get_page("deals", deal, "contacts")

    assert (caught.value.status, "crm.objects.contacts.read" in caught.value.body) == (403, True)


def test_every_key_of_an_answer_is_one_the_sdk_knows(v4: Any, twin: HubSpotTwin, deal: str, contact: str) -> None:
    """hubspot.md, section 13: walk SDK 12's own tables over the twin's raw answers."""
    twin.person.associate(deal, contact)
    twin.person.associate(deal, twin.person.add_contact(lastname="Dahl"))
    company = twin.person.add_company(name="Firm")
    types = [{"associationCategory": CATEGORY, "associationTypeId": 3}]
    pair = {"from": {"id": deal}, "to": {"id": contact}}
    packaged = "associations.v4."
    rows = "MultiAssociatedObjectWithLabelForwardPaging"
    answers = [
        (f"{packaged}CollectionResponse{rows}", v4.basic_api.get_page, ("deals", deal, "contacts"), {"limit": 1}),
        (f"{packaged}LabelsBetweenObjectPair", v4.basic_api.create, ("deals", deal, "contacts", contact, types), {}),
        (
            f"{packaged}BatchResponsePublicDefaultAssociation",
            v4.basic_api.create_default,
            ("deals", deal, "companies", company),
            {},
        ),
        (
            f"{packaged}BatchResponseLabelsBetweenObjectPair",
            v4.batch_api.create,
            ("deals", "contacts", {"inputs": [pair | {"types": types}]}),
            {},
        ),
        (
            f"{packaged}BatchResponsePublicAssociationMultiWithLabel",
            v4.batch_api.get_page,
            ("deals", "contacts", {"inputs": [{"id": deal}]}),
            {},
        ),
        (
            f"{packaged}schema.CollectionResponseAssociationSpecWithLabelNoPaging",
            v4.schema.definitions_api.get_all,
            ("deals", "contacts"),
            {},
        ),
    ]

    for name, call, args, more in answers:
        shape = model(name)
        raw = call(*args, _preload_content=False, **more)
        assert list(strangers(json.loads(raw.data), shape.__name__, shape)) == []
