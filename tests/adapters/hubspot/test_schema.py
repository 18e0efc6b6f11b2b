"""syncd setup: wanted properties against the live ones, creating, reading back."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.adapters.base import SetupItem
from syncd.core.model import FieldType
from syncd.errors import Forbidden
from syncd.mapping.wanted import WantedField
from syncd.testing.clock import VirtualClock
from syncd.testing.sandbox.hubspot import App, HubSpotTwin, Switches
from syncd.testing.sandbox.mount_urllib3 import TwinPool

from .peer import Answer, Peer, adapter_at
from .rig import PROJECT, Rig


def want(name: str, type: FieldType = FieldType.TEXT, **more: Any) -> WantedField:
    return WantedField(name=name, label=f"Label of {name}", type=type, **more)


def options(*values: str) -> tuple[tuple[str, str], ...]:
    return tuple((value, value.title()) for value in values)


ALL = (
    want("p_text"),
    want("p_money", FieldType.MONEY),
    want("p_date", FieldType.DATE),
    want("p_instant", FieldType.INSTANT),
    want("p_enum", FieldType.ENUM, options=options("open", "shut")),
    want("p_flag", FieldType.FLAG),
    want("p_whole", FieldType.WHOLE),
    want("p_set", FieldType.SET, options=options("a", "b")),
    want("p_ref", FieldType.REF),
    want("p_unique", FieldType.TEXT, unique=True),
)


def states(items: list[SetupItem]) -> dict[str, str]:
    return {item.field.name: item.state for item in items}


def fresh() -> tuple[HubSpotTwin, Any]:
    """An account in which nobody ran setup."""
    clock = VirtualClock()
    twin = HubSpotTwin(clock, Switches(rate_limit=None))
    return twin, adapter_at(TwinPool(twin), clock=clock)


def test_everything_missing_is_created_and_fits() -> None:
    """One property of every type of the field catalogue, and the stamp, unique from the start (trap 13)."""
    _, adapter = fresh()
    before = adapter.compare(PROJECT, ALL)

    made = adapter.provision(PROJECT, before)

    assert before[0].field.name == "propstreet_id"
    assert {"missing"} == set(states(before).values())
    assert {"ok"} == set(states(made).values())
    assert states(made) == states(adapter.compare(PROJECT, ALL))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("p_text", ("string", "text")),
        ("p_money", ("number", "number")),
        ("p_date", ("date", "date")),
        ("p_instant", ("datetime", "date")),
        ("p_enum", ("enumeration", "select")),
        ("p_flag", ("bool", "booleancheckbox")),
        ("p_whole", ("number", "number")),
        ("p_set", ("enumeration", "checkbox")),
        ("p_ref", ("string", "text")),
    ],
)
def test_each_type_has_its_form(name: str, form: tuple[str, str]) -> None:
    """Section 4.2: `fieldType` of a datetime is `date`; only `type` tells them apart."""
    peer = Peer(
        Answer(200, {"results": []}),
        Answer(201, {"name": name, "type": form[0]}),
        Answer(200, {"name": name, "type": form[0]}),
    )
    adapter = adapter_at(peer)
    (missing,) = [item for item in adapter.compare(PROJECT, ALL) if item.field.name == name]

    adapter.provision(PROJECT, [missing])

    sent = peer.asked[1].body
    assert (name, *form, "dealinformation") == tuple(sent[key] for key in ("name", "type", "fieldType", "groupName"))
    assert False is sent["hasUniqueValue"]
    assert (name in ("p_enum", "p_set", "p_flag")) == ("options" in sent)


def test_a_stamp_that_is_not_unique_is_wrong_for_good() -> None:
    """hubspot.md trap 13: it can't be made unique later, and setup does not try."""
    twin, adapter = fresh()
    twin.person.add_property("propstreet_id")

    (item,) = adapter.compare(PROJECT, [])
    (still,) = adapter.provision(PROJECT, [item])

    assert (item.state, still.state) == ("wrong", "wrong")
    assert "ref_property" in item.detail


def test_only_what_is_read_back_counts() -> None:
    """hubspot.md trap 13: the write's answer echoes the request; here the property came out not unique."""
    echoed = {"name": "propstreet_id", "type": "string", "hasUniqueValue": True}
    peer = Peer(Answer(200, {"results": []}), Answer(201, echoed), Answer(200, {**echoed, "hasUniqueValue": False}))
    adapter = adapter_at(peer)

    (made,) = adapter.provision(PROJECT, adapter.compare(PROJECT, []))

    assert made.state == "wrong"


def test_a_property_that_somebody_made_meanwhile_is_judged_not_changed() -> None:
    twin, adapter = fresh()
    missing = adapter.compare(PROJECT, [want("p_text")])
    twin.person.add_property("p_text", type="number", field_type="number")

    made = adapter.provision(PROJECT, missing)

    assert states(made) == {"propstreet_id": "ok", "p_text": "wrong"}


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (want("amount", FieldType.DATE), "its type is number"),
        (want("hs_lastmodifieddate", FieldType.INSTANT), "computes"),
        (want("dealstage", FieldType.ENUM, options=options("closedwon", "no such stage")), "no such stage"),
        (want("pipeline", FieldType.ENUM, options=options("default", "nowhere")), "nowhere"),
        (want("p_enum", FieldType.ENUM, options=options("open", "shut", "ajar")), "ajar"),
    ],
)
def test_what_does_not_fit_is_said(field: WantedField, said: str) -> None:
    """hubspot.md traps 22, 23, 24: read-only properties, options and stages that are not there."""
    twin, adapter = fresh()
    twin.person.add_property("p_enum", type="enumeration", field_type="select", options=("open", "shut"))

    item = adapter.compare(PROJECT, [field])[1]

    assert item.state == "wrong"
    assert said in item.detail


@pytest.mark.parametrize(
    "field",
    [
        want("amount", FieldType.MONEY),
        want("dealname"),
        want("dealstage", FieldType.ENUM, options=options("closedwon")),
        want("hs_lastmodifieddate", FieldType.INSTANT, written=False),
        want("dealname", FieldType.ENUM, options=options("any")),
    ],
)
def test_what_fits_is_ok(field: WantedField) -> None:
    """A computed property may be read; an enum may be kept in a text."""
    _, adapter = fresh()

    assert adapter.compare(PROJECT, [field])[1].state == "ok"


def test_an_option_that_an_admin_removed_is_noticed() -> None:
    """hubspot.md trap 23: definitions are read every time, never remembered."""
    twin, adapter = fresh()
    field = want("p_enum", FieldType.ENUM, options=options("open", "shut"))
    twin.person.add_property("p_enum", type="enumeration", field_type="select", options=("open", "shut"))
    before = adapter.compare(PROJECT, [field])[1]

    twin.person.set_options("p_enum", ["open"])

    assert (before.state, adapter.compare(PROJECT, [field])[1].state) == ("ok", "wrong")


def test_creating_needs_the_schema_scope() -> None:
    """Section 2.3: crm.objects.*.write is not enough; the needed scope is named."""
    twin, adapter = fresh()
    items = adapter.compare(PROJECT, [])
    twin.switch(apps={"pat-very-secret": App(scopes=frozenset({"crm.objects.deals.read", "crm.objects.deals.write"}))})

    with pytest.raises(Forbidden) as caught:
        adapter.provision(PROJECT, items)

    assert "crm.schemas.deals.write" in (caught.value.remedy or "")


def test_comparing_writes_nothing() -> None:
    rig = Rig()

    rig.adapter.compare(PROJECT, ALL)

    assert {"GET"} == {method for method, _ in rig.line.requests}
