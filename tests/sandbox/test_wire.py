"""Which requests a planned fault hits."""

from __future__ import annotations

import pytest

from syncd.testing.sandbox.wire import Fault, FaultKind, Faulty, Request, Response


class Echo:
    name = "echo"

    def __call__(self, request: Request) -> Response:
        return Response(200, {}, request.body)


@pytest.mark.parametrize(
    ("fault", "hit"),
    [
        ({}, True),
        ({"method": "PATCH"}, False),
        ({"path": "^/composite$"}, True),
        ({"path": "^/query$"}, False),
        ({"sent": '"Propstreet_Id__c"'}, True),
        ({"sent": "/sobjects/Account"}, False),
        ({"path": "^/query$", "sent": '"Propstreet_Id__c"'}, False),
        ({"skip": 1}, False),
        ({"times": 0}, False),
    ],
)
def test_a_fault_hits_what_it_names_and_nothing_else(fault: dict[str, str | int], hit: bool) -> None:
    """By method, path and what is sent, where it says anything of them."""
    line = Faulty(Echo())
    line.plan(Fault(kind=FaultKind.STATUS, status=503, **fault))  # type: ignore[arg-type]

    answer = line(
        Request("POST", "/composite?x=/query", {}, '{"url":"…/Propstreet_Id__c","key":"Propstreet_Id__c"}'.encode())
    )

    assert (answer.status == 503, line.hits == 1) == (hit, hit)


def test_a_body_that_is_no_text_is_searched_all_the_same() -> None:
    line = Faulty(Echo())
    line.plan(Fault(kind=FaultKind.STATUS, status=503, sent="end$"))

    assert line(Request("POST", "/", {}, b"\xff\x00 end")).status == 503
