"""The same over a real socket: one origin for all of Salesforce's hosts, requests' own pool, timeouts and errors."""

from __future__ import annotations

import pytest

from syncd.adapters.base import Failed, ObjectSpec, Setting, Written
from syncd.adapters.salesforce.adapter import SalesforceAdapter
from syncd.clock import SystemClock
from syncd.errors import OutcomeUnknown, Unauthorized, Unreachable
from syncd.testing.sandbox.salesforce import App, SalesforceTwin, Switches
from syncd.testing.sandbox.serve import serve
from syncd.testing.sandbox.wire import Fault, FaultKind, Faulty

from .rig import FIELDS, PROJECT, REF, SECRET, deal

OPTIONS = {"domain": "acme.my", "client_id_env": "ID", "client_secret_env": "SECRET"}


def adapter_at(url: str) -> SalesforceAdapter:
    return SalesforceAdapter(
        Setting(
            options={**OPTIONS, "base_url": url, "read_timeout_s": 0.4},
            objects={PROJECT: ObjectSpec("Opportunity", FIELDS)},
            namespace="salesforce",
            clock=SystemClock(),
            secret={"ID": "the-app", "SECRET": SECRET}.__getitem__,
        )
    )


def test_a_story_over_http() -> None:
    """Create, lose an answer, send again, read, scan, lose the app; and the pool is given back at the end."""
    twin = SalesforceTwin(SystemClock(), Switches())
    twin.person.add_field(REF, unique=True, external_id=True, length=64)
    line = Faulty(twin)
    items = [deal(f"PS-{n}", Name=f"n {n} ä") for n in range(20)]
    with serve(line, hang_s=0.6) as served:
        adapter = adapter_at(served.url)
        healthy = adapter.check()
        line.plan(Fault(kind=FaultKind.TIMEOUT_AFTER))
        lost = adapter.create(PROJECT, items)
        again = adapter.create(PROJECT, items)
        rows = [remote for page in adapter.changes(PROJECT, None) for remote in page.rows]
        twin.switch(apps={"another": App()})
        twin.expire_sessions()
        with pytest.raises(Unauthorized):
            adapter.check()
        adapter.close()

    assert healthy.problems == ()
    assert {OutcomeUnknown} == {type(one.error) for one in lost if isinstance(one, Failed)}
    assert {False} == {one.created for one in again if isinstance(one, Written)}
    assert 20 == len(rows) == len(twin.person.live_records())
    assert {item.ref for item in items} == {remote.ref for remote in rows}


def test_nobody_at_the_address() -> None:
    with serve(SalesforceTwin(SystemClock()), hang_s=0.1) as served:
        url = served.url
    adapter = adapter_at(url)

    with pytest.raises(Unreachable):
        adapter.check()
    adapter.close()
