"""One batch of rows on its way: each key once, and an outcome for every row, however the call as a whole ends.

It knows nothing of what the rows say. A write is sent once; only what HubSpot refused as a whole, and so did not
write at all, is sent again in halves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from syncd.adapters.base import Failed, Outcome
from syncd.errors import AlreadyExists, Missing, Rejected, RemoteError, ServerTrouble

from .errors import SYSTEM

BATCH_MAX = 100
_SPLIT_CALLS_MAX = (
    64  # to isolate the bad rows of one refused batch: four of a hundred, or three of a thousand, at least
)

T = TypeVar("T")
R = TypeVar("R")


def send_each_once(
    rows: Sequence[T], key: Callable[[T], str], doubled: RemoteError, send: Callable[[Sequence[T]], list[Outcome]]
) -> list[Outcome]:
    """HubSpot refuses a whole call over one key that is in it twice (trap 16): the later one has to wait."""
    fresh: dict[str, T] = {}
    for row in rows:
        fresh.setdefault(key(row), row)
    outcomes = dict(zip(fresh, send(list(fresh.values())), strict=True)) if fresh else {}
    return [outcomes[key(row)] if fresh[key(row)] is row else Failed(doubled) for row in rows]


def send(
    rows: Sequence[T],
    attempt: Callable[[Sequence[T]], list[R]],
    failed: Callable[[RemoteError], R],
    about_all: Callable[[RemoteError], bool],
    *,
    most: int = BATCH_MAX,
) -> list[R]:
    """A batch refused as a whole was not written at all: it is halved until the bad row is alone.

    `about_all` says of a refusal that no row can go, so that halving would only spend calls.
    """
    assert len(rows) <= most
    outcomes: list[R] = []
    waiting = [rows] if rows else []
    for _ in range(_SPLIT_CALLS_MAX):
        if not waiting:
            break
        part = waiting.pop()
        try:
            outcomes += attempt(part)
        except (Rejected, AlreadyExists, Missing) as exc:
            if len(part) == 1 or about_all(exc):
                outcomes += [failed(exc)] * len(part)
            else:
                waiting += [part[len(part) // 2 :], part[: len(part) // 2]]
        except RemoteError as exc:
            outcomes += [failed(exc)] * len(part)
    unsent = ServerTrouble("hubspot refused too many parts of this batch; this row was not tried", system=SYSTEM)
    return outcomes + [failed(unsent) for part in waiting for _ in part]
