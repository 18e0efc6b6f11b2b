"""The same over a real socket: urllib3's own pool, its timeouts and its connection errors."""

from __future__ import annotations

import pytest

from syncd.adapters.base import CreateItem, Failed, Written
from syncd.clock import SystemClock
from syncd.errors import OutcomeUnknown, Unauthorized
from syncd.testing.sandbox.hubspot import App, HubSpotTwin, RateLimit, Switches
from syncd.testing.sandbox.serve import serve
from syncd.testing.sandbox.wire import Fault, FaultKind, Faulty

from .peer import adapter_at
from .rig import IN_PIPELINE, PROJECT


@pytest.mark.parametrize("api", ["v3", "2026-09"])
def test_a_story_over_http(api: str) -> None:
    """Create, lose an answer, send again, read, scan, lose the token; and the pool is given back at the end."""
    twin = HubSpotTwin(SystemClock(), Switches(rate_limit=RateLimit()))
    twin.person.add_property("propstreet_id", unique=True)
    line = Faulty(twin)
    with serve(line, hang_s=0.3) as served:
        adapter = adapter_at(None, base_url=served.url, read_timeout_s=0.1, api=api)
        items = [CreateItem(f"PS-{n}", {"dealname": f"n {n} ä", **IN_PIPELINE}, f"k-{n}") for n in range(20)]

        line.plan(Fault(kind=FaultKind.TIMEOUT_AFTER))
        lost = adapter.create(PROJECT, items)
        again = adapter.create(PROJECT, items)
        rows = [remote for page in adapter.changes(PROJECT, None) for remote in page.rows]
        twin.switch(apps={"another": App()})
        with pytest.raises(Unauthorized):
            adapter.check()
        adapter.close()

    assert {OutcomeUnknown} == {type(one.error) for one in lost if isinstance(one, Failed)}
    assert {False} == {one.created for one in again if isinstance(one, Written)}
    assert 20 == len(rows) == len(twin.person.live_deals())
    assert {item.ref for item in items} == {remote.ref for remote in rows}
