"""The wire: time limits, limits of the org, retries, and answers that are none."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from syncd.adapters.salesforce.line import Line, ToOrigin
from syncd.adapters.salesforce.options import decode_options
from syncd.errors import Forbidden, OutcomeUnknown, QuotaExhausted, RateLimited, RemoteError, ServerTrouble
from syncd.testing.sandbox.salesforce import RateLimit
from syncd.testing.sandbox.wire import Fault, FaultKind

from .rig import PROJECT, Rig, deal, done, error

OPTIONS = decode_options({"domain": "acme.my", "client_id_env": "ID", "client_secret_env": "SECRET"})


class Ear(HTTPAdapter):
    """Remembers how it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[dict[str, Any]] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **named: Any) -> requests.Response:
        self.heard.append({"url": request.url, **named})
        answer = requests.Response()
        answer.status_code, answer.url = 204, str(request.url)
        return answer


def test_no_call_is_without_a_time_limit() -> None:
    """salesforce.md trap 3: most of the library's calls have none, and take none."""
    ear = Ear()

    Line(OPTIONS, ear, lambda headers: None).get("https://acme.my.salesforce.com/")

    assert [one["timeout"] for one in ear.heard] == [(5.0, 60.0)]


def test_one_origin_stands_for_all_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """salesforce.md 2.3: the library writes https:// into every address; Host keeps the real name."""
    heard: list[tuple[str | None, str | bytes]] = []

    def send(self: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **named: Any) -> requests.Response:
        heard.append((request.url, request.headers["Host"]))
        answer = requests.Response()
        answer.status_code = 204
        return answer

    monkeypatch.setattr(HTTPAdapter, "send", send)
    line = Line(OPTIONS, ToOrigin("http://127.0.0.1:8080"), lambda headers: None)

    line.get("https://acme.my.salesforce.com/services/data/?q=a%2Fb")

    assert heard == [("http://127.0.0.1:8080/services/data/?q=a%2Fb", "acme.my.salesforce.com")]


def exhaust(rig: Rig, id: str) -> None:
    for _ in range(100):
        rig.fetch(id)


def test_we_stop_before_the_days_calls_are_spent() -> None:
    """salesforce.md trap 27: at our share, unsent, with what is left for the org's other programs."""
    rig = Rig(switches={"rate_limit": RateLimit(daily_max=100)})
    id = rig.add()
    with pytest.raises(QuotaExhausted) as caught:
        exhaust(rig, id)
    calls = rig.adapter.calls

    outcome = rig.adapter.create(PROJECT, [deal("PS-1")])[0]

    assert isinstance(error(outcome), QuotaExhausted)
    assert rig.adapter.calls == calls
    assert 100 - rig.twin.meter.used(rig.twin.org) == 20
    assert caught.value.remedy


def test_calls_go_again_when_the_window_has_rolled() -> None:
    rig = Rig(switches={"rate_limit": RateLimit(daily_max=10)})
    id = rig.add()
    with pytest.raises(QuotaExhausted):
        exhaust(rig, id)
    rig.clock.advance(86_500.0)

    assert not rig.fetch(id)[id].deleted


def test_a_spent_day_pauses_and_is_not_a_lack_of_permission() -> None:
    """salesforce.md trap 28: it comes as a 403 too."""
    rig = Rig()
    rig.warm()
    rig.twin.switch(rate_limit=RateLimit(daily_max=1))

    with pytest.raises(QuotaExhausted):
        rig.scan()
    assert len(rig.calls()) == 1, "a spent quota was asked again at once"


def test_a_crowd_is_waited_for() -> None:
    rig = Rig()
    rig.warm()
    rig.twin.switch(busy=True)
    before = rig.clock.time()

    with pytest.raises(RateLimited):
        rig.scan()

    assert rig.clock.time() - before >= 5.0
    rig.twin.switch(busy=False)
    rig.scan()


def test_a_lack_of_permission_is_said_once() -> None:
    rig = Rig()
    rig.twin.switch(api_enabled=False)

    with pytest.raises(Forbidden, match="api_disabled_for_org"):
        rig.fetch(rig.add())


@pytest.mark.parametrize("status", [406, 420, 500, 503])
def test_a_read_survives_a_page_of_the_edge(status: int) -> None:
    """salesforce.md trap 40."""
    rig = Rig()
    id = rig.add()
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/query", status=status, body=b"<html>", times=2))

    assert not rig.fetch(id)[id].deleted


def test_an_exceptions_text_does_not_travel() -> None:
    """salesforce.md trap 41: the library's exceptions print queries and quote what the server said."""
    rig = Rig()
    said = json.dumps([{"errorCode": "MALFORMED_QUERY", "message": "Storgatan 4711"}]).encode()
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/query", status=400, body=said))

    with pytest.raises(RemoteError) as caught:
        rig.fetch(rig.add())

    assert "Storgatan 4711" not in "".join(traceback.format_exception(caught.value))
    assert "SELECT" not in str(caught.value)


@pytest.mark.parametrize("body", [b"null", b"[]", b'{"records":[{}]}', b'{"records":{},"done":true}', b"7", b"{"])
def test_an_answer_of_another_shape_is_trouble(body: bytes) -> None:
    rig = Rig()
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/query", status=200, body=body, times=-1))

    with pytest.raises(ServerTrouble):
        rig.fetch(rig.add())


@pytest.mark.parametrize("body", [b"null", b"[]", b"{}", b'{"compositeResponse":[]}', b"<html>"])
def test_a_writes_answer_of_another_shape_is_unknown(body: bytes) -> None:
    """salesforce.md traps 7 and 16: no answer, or `[]` that the library makes None of, confirms nothing."""
    rig = Rig()
    rig.line.plan(Fault(kind=FaultKind.STATUS, path="/composite$", status=200, body=body))

    assert isinstance(error(rig.adapter.create(PROJECT, [deal("PS-1")])[0]), OutcomeUnknown)


def test_decimals_are_kept_both_ways() -> None:
    """salesforce.md trap 33: 0.1 drifts in floats, and the library's encoders take no Decimal at all."""
    rig = Rig()

    made = done(rig.adapter.create(PROJECT, [deal("PS-1", Amount="123456789012345.67")])[0])

    assert format(made.remote.raw["Amount"], "f") == "123456789012345.67"
    assert b'"Amount":123456789012345.67' in rig.asked[-1].body
