"""What the contract leaves open or what changed over time, as one frozen value (propstreet.md, section 21).

The defaults are what the contract follows. Each other choice is a Propstreet that a client must survive as well.
`twin.switches = msgspec.structs.replace(twin.switches, ...)` changes them while it runs, as a release would.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

DAY_S = 86_400.0


class RateLimit(msgspec.Struct, frozen=True, kw_only=True):
    """Section 3. What the bucket's key and window are is unknown, hence the choices."""

    pat_per_minute: int = 60
    oauth_per_minute: int = 600
    window: Literal["bucket", "fixed"] = "bucket"
    per: Literal["token", "client"] = "token"
    refusals_count: bool = False  # does a 429 use up budget?


class Switches(msgspec.Struct, frozen=True, kw_only=True):
    # Reading: shape
    envelope: Literal["page", "top"] = "page"  # where nextCursor and hasMore are
    mandate: Literal["alias", "absent", "only"] = "alias"  # beside exclusivity, removed, or before the rename
    nulls: Literal["omitted", "explicit"] = "omitted"
    numbers: Literal["number", "string"] = "number"
    teaser: Literal["full", "short"] = "full"  # short: stage and the three timestamps
    extra_fields: Mapping[str, Any] = {}  # a later release's fields, on every row

    # Reading: time
    read_lag_s: float = 0.0  # readers see a write this much later
    clock_skew_s: float = 0.0  # the server's clock against ours
    sub_ms_ticks: int = 4567  # 100 ns units below the millisecond: stamps have seven fraction digits
    cursor_life_s: float | None = None  # None: cursors never die
    get_deleted: Literal["404", "200"] = "404"

    # Writing
    stale: Literal["412 urn", "412 help", "409"] = "412 urn"
    validate_before_match: bool = False  # 400 before 412; the default is 404, 412, 400
    unwritable: Literal["refuse", "ignore"] = "refuse"  # status, classification, teaser, unknown names in a body
    noop_bumps: bool = True  # does a PATCH that changes nothing move etag and updatedUtc?
    price_null: Literal["clears", "refused"] = "clears"
    price_patch: Literal["replace", "merge"] = "replace"
    duplicate_ref: Literal[409, 400, 422] = 409
    deleted_refs: Literal["freed", "reserved"] = "freed"
    second_delete: Literal["404", "204"] = "404"
    problem_types: Literal["help", "urn"] = "help"  # the 412 goes by `stale`

    # Idempotency-Key
    idempotency_conflict: Literal[422, 409] = 422
    idempotency_retention_s: float = DAY_S  # 0: keys are ignored
    idempotency_scope: Literal["token", "client"] = "token"
    in_flight_s: float = 0.0  # so long the first request counts as still at work: a duplicate gets 409

    # What the server makes of values
    trims_names: bool = False
    name_kept_max: int | None = None  # longer names are cut silently
    price_decimals: int | None = None  # amounts are rounded to so many

    # Access
    rate_limit: RateLimit | None = RateLimit()  # None: no limit and no RateLimit headers
    token_life_s: float = 3600.0
    pat_life_s: float = 30 * DAY_S

    # Prospects
    bump_project_on_prospect_change: bool = False
    removed: Literal["hidden", "tombstone"] = "hidden"  # a removed prospect in lists with include_deleted
    re_added: Literal["new", "revived"] = "new"  # a contact that was a prospect before: its id
    project_delete: Literal["keeps", "deletes"] = "keeps"  # what becomes of a deleted project's prospects
    matched: Literal["contact", "neither"] = "contact"  # do matched prospects name a contact of the network?
    delete_matched: Literal["allowed", "refused"] = "allowed"
    accepting_bumps: bool = True  # does accepting a teaser move the prospect's etag and updatedUtc?
    batch_codes: Literal["schema", "guide"] = "schema"
    batch_keys: Literal["ignored", "honoured"] = "ignored"  # Idempotency-Key on prospects:batch
    unknown_party: Literal[404, 400, 422] = 404  # a contactId or companyId that leads nowhere, in a single POST
    blocked_party: Literal[422, 409, 403] = 422  # a blocked contact, in a single POST
    prospect_count: Literal["party", "all"] = "party"  # of an associated project (section 12)

    # Network
    phone_country: str | None = "46"  # completes national numbers; None: they are kept as sent
    link_match: Literal["optional", "required"] = "optional"  # If-Match on PATCH of a link; 428 where it is missing

    journal: bool = True  # keep the list of applied API writes
