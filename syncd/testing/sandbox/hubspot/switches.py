"""The knobs of the HubSpot twin (hubspot.md, section 12), each at what a live account most likely does.

Where the contract marks a behaviour as believed only, there is a switch, so that a client can be shown both.
Faults of the line (timeouts, resets, 423, 477, 5xx) are not here: `wire.Faulty` does those around any twin.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Literal

import msgspec


class Lag(msgspec.Struct, frozen=True, kw_only=True):
    """How long search goes on without seeing a write (section 7.1); drawn per write, seeded."""

    typical_s: float = 1.0
    spread_s: float = 0.0  # uniform, on top of typical_s
    tail_share: float = 0.0  # this share of writes ...
    tail_s: float = 0.0  # ... takes this much longer

    def draw(self, rng: random.Random) -> float:
        lag_s = self.typical_s
        if self.spread_s:
            lag_s += rng.random() * self.spread_s
        if self.tail_share and rng.random() < self.tail_share:
            lag_s += self.tail_s
        return lag_s


class Lossy(msgspec.Struct, frozen=True, kw_only=True):
    """What this account does to values on their way in. Unique properties are spared."""

    trim_text: bool = False
    decimals: int | None = None  # numbers are rounded to this many
    length_max: int | None = None  # text is cut here
    reorder_sets: bool = False  # `b;a` is kept as `a;b`
    properties: frozenset[str] | None = None  # None: all


class RateLimit(msgspec.Struct, frozen=True, kw_only=True):
    """Section 3.1; None switches a bucket off."""

    burst_max: int | None = 190  # requests per rolling window and app; search is exempt
    burst_window_s: float = 10.0
    search_max: int | None = 5  # searches per second, the whole account together
    associations_max: int | None = 100  # association calls per rolling window, the whole account together
    daily_max: int | None = 625_000  # requests until the account's midnight
    retry_after: bool = False  # HubSpot does not promise the header
    secondly_named: bool = True  # False: the search limit is told by its message only


class WriteRule(msgspec.Struct, frozen=True, kw_only=True):
    """An admin's rule: while `property` is `value`, these must have values too (section 2.1)."""

    property: str
    value: str
    requires: tuple[str, ...]


class App(msgspec.Struct, frozen=True, kw_only=True):
    """Who a token belongs to."""

    id: int = 99
    scopes: frozenset[str] | None = None  # None: every scope
    expired: bool = False


class Switches(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set about a twin; `HubSpotTwin.switch()` changes it under way."""

    seed: int = 0
    apps: Mapping[str, App] | None = None  # by token; None: any bearer token is App()
    rate_limit: RateLimit | None = RateLimit()
    journal: bool = True  # keep what API clients wrote, for oracles
    clock_offset_s: float = 0.0  # HubSpot's clock against ours (trap 44)
    latency_s: float = 0.0  # every request takes this long on the clock

    families: frozenset[str] = frozenset({"v3", "v4", "2026-09"})  # path families that are served
    created_status: int = 201  # 200 is what trap 4 is about

    search_lag: Lag = Lag()
    search_rows: Literal["index", "store"] = "index"  # rows as the index saw them, or as they are by now

    null_writes: Literal["refuse", "clear", "ignore"] = "refuse"  # what a JSON null does is not documented
    lossy: Lossy = Lossy()
    noop_bumps: bool = True  # a write that changes nothing moves the modified date
    recalculates_after_s: float | None = None  # HubSpot's own calculation bumps each written record once more
    epoch_properties: frozenset[str] = frozenset()  # instants that are shown as epoch milliseconds
    taken_on_create: Literal["conflict", "validation"] = "conflict"  # 409 with the id, or 400
    structured_errors: bool = True  # False: only the list hidden in `message`
    pipeline_may_default: bool = True  # a create without a pipeline gets the only one

    required_on_create: tuple[str, ...] = ()  # record-creation requirements set by an admin, on deals
    write_rules: tuple[WriteRule, ...] = ()  # conditionally required properties, on deals
    write_rules_on: Literal["2026-09", "all"] = "all"
    properties_in_use: frozenset[str] = frozenset()  # may not be deleted

    merge_keeps_primary_id: bool = False  # the "primary id preservation" beta
    batch_read_follows_merges: bool = False  # open question 8
    restore_keeps_taken_unique: bool = True  # a restored record brings its unique value back, taken or not

    bare_domains: bool = True  # a company's domain loses scheme, www. and path
    lifecycle_goes_forward: bool = True  # an API write of an earlier lifecyclestage changes nothing
    email_upsert_blanks: bool = True  # an upsert by email clears what it does not name (trap 15)

    association_edits_bump: bool = False  # linking moves the modified dates of both records (trap 8)
    association_errors_shown: int = 100  # a batch read counts all its errors and shows so many
    association_limits: Mapping[str, int] = {}  # an admin's most per record: {"deals/companies": 1}
    empty_types: Literal["ignore", "refuse"] = "ignore"  # ignore: 2xx, and nothing linked (trap 30)
    first_company_is_primary: bool = True  # a record's first company becomes its primary one
    restore_brings_associations: bool = True  # a restored record is linked as before
