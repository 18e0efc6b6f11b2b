"""Breakages for adapters that are tested over a sandbox twin, or over anything else behind `Faulty`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from syncd.testing.sandbox.wire import Fault, FaultKind, Faulty

from .breakage import Breakage

Answer = tuple[Mapping[str, str], bytes]
"""Headers and body of an error, as the system at hand words it."""

KINDS = {
    Breakage.BROKEN_AFTER: FaultKind.STATUS_AFTER,
    Breakage.TIMEOUT_BEFORE: FaultKind.TIMEOUT_BEFORE,
    Breakage.TIMEOUT_AFTER: FaultKind.TIMEOUT_AFTER,
    Breakage.RESET_BEFORE: FaultKind.RESET_BEFORE,
    Breakage.RESET_AFTER: FaultKind.RESET_AFTER,
    Breakage.REFUSED: FaultKind.REFUSED,
    Breakage.HTML_200: FaultKind.HTML_200,
    Breakage.GARBAGE_200: FaultKind.GARBAGE_200,
}

STATUS = {
    Breakage.UNAUTHORIZED: 401,
    Breakage.FORBIDDEN: 403,
    Breakage.MISSING: 404,
    Breakage.CONFLICT: 409,
    Breakage.PRECONDITION: 412,
    Breakage.INVALID: 422,
    Breakage.RATE_LIMITED: 429,
    Breakage.BROKEN: 500,
    Breakage.BROKEN_AFTER: 500,
    Breakage.UNAVAILABLE: 503,
}

EVERYTHING = (("*", ""),)


def break_line(
    line: Faulty,
    breakage: Breakage,
    answer: Callable[[int], Answer],
    *,
    only: Sequence[tuple[str, str]] = EVERYTHING,
    retry_after_s: float,
    skip: int = 0,
) -> None:
    """Fail each request that one of `only` (method, path pattern) matches, once `skip` of them have gone through.

    `answer` words the error of a status.
    """
    status = STATUS.get(breakage, 500)
    headers, body = answer(status)
    if breakage is Breakage.RATE_LIMITED:
        headers = {**headers, "retry-after": f"{retry_after_s:g}"}
    for method, path in only:
        fault = Fault(
            kind=KINDS.get(breakage, FaultKind.STATUS),
            method=method,
            path=path,
            status=status,
            headers=headers,
            body=body,
            times=-1,
            skip=skip,
        )
        line.plan(fault)
