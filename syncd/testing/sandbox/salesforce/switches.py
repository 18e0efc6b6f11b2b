"""The knobs of the Salesforce twin (salesforce.md, sections 11 and 14), each at what a live org most likely does.

Where the contract marks a behaviour as believed only, there is a switch, so that a client can be shown both.
Faults of the line (timeouts, resets, 302, 406, 420, 5xx) are `wire.Faulty`'s; `faults` has their bodies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec


class App(msgspec.Struct, frozen=True, kw_only=True):
    """An external client app: who may ask for a token."""

    secret: str | None = None  # None: any
    public_key: str | None = None  # PEM, for JWT bearer; None: signatures are not checked
    usernames: frozenset[str] | None = None  # whom a JWT may name; None: anybody


class Lossy(msgspec.Struct, frozen=True, kw_only=True):
    """What this org does to values on their way in. Unique fields are spared the cuts."""

    trim_text: bool = True  # Salesforce does (section 8.2)
    decimals: int | None = None  # numbers are rounded to this many, beyond the field's own scale
    length_max: int | None = None  # text is cut here, as a trigger would
    reorder_sets: bool = True  # a multi-select comes back in the org's order
    newlines: Literal["keep", "lf", "crlf"] = "keep"
    fields: frozenset[str] | None = None  # None: all


class RateLimit(msgspec.Struct, frozen=True, kw_only=True):
    """Section 5: rolling 24 hours, shared by every integration of the org."""

    daily_max: int = 15_000
    used_by_others: int = 0


class ValidationRule(msgspec.Struct, frozen=True, kw_only=True):
    """An admin's rule: while `field` is `value`, these must have values too."""

    object: str
    field: str
    value: str | bool
    requires: tuple[str, ...]
    message: str = "This record breaks a rule of the organisation."


class DuplicateRule(msgspec.Struct, frozen=True, kw_only=True):
    """Another live record with the same values in all these fields is a duplicate."""

    object: str
    fields: tuple[str, ...]
    action: Literal["alert", "block"] = "alert"  # allowSave passes an alert, never a block
    name: str = "Standard_Rule"


class Switches(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set about a twin; `SalesforceTwin.switch()` changes it under way."""

    seed: int = 0
    journal: bool = True  # keep what API clients wrote, for oracles
    clock_offset_s: float = 0.0  # Salesforce's clock against ours
    latency_s: float = 0.0  # every request takes this long on the clock
    my_domain: str = "acme"
    organization: int = 1  # another number is another org: a sandbox refresh, a copy (trap 43)
    versions: tuple[str, ...] = ("58.0", "59.0", "60.0", "61.0", "62.0", "63.0", "64.0", "65.0", "66.0", "67.0")

    apps: Mapping[str, App] | None = None  # by consumer key; None: any
    grants: frozenset[str] = frozenset({"client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"})
    jwt_expiry: Literal["ignored", "checked"] = "ignored"  # a client's clock is seldom the virtual one
    session_life_s: float = 7200.0
    session_incurable: bool = False  # 401 for every session, however fresh (trap 39)
    api_enabled: bool = True

    rate_limit: RateLimit | None = RateLimit()  # None: no limit and no Sforce-Limit-Info
    busy: bool = False  # every call meets the concurrent limit (trap 28)
    uri_max: int = 16_384  # bytes: 414 for the URI, 431 for URI and headers

    multi_currency: bool = False  # CurrencyIsoCode exists only then (trap 37)
    currency: str = "EUR"  # the org's own
    currencies: tuple[str, ...] = ("EUR", "SEK", "NOK", "DKK", "USD")
    hidden_fields: frozenset[str] = frozenset()  # "Opportunity.Amount": field-level security (trap 17)
    readonly_fields: frozenset[str] = frozenset()
    hidden_objects: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()  # "Opportunity.create", ".edit", ".delete"
    may_customize: bool = True  # the API user may add fields and permission sets
    may_view_setup: bool = True  # the API user may ask the Tooling API
    catalogue_shows_hidden: bool = True  # FieldDefinition lists what field-level security hides
    new_fields_visible: bool = False  # a field made by API is hidden until a permission set grants it
    grants_need_assignment: bool = True  # and until that permission set is assigned to the API user
    view_all_data: bool = True  # needed to upsert on a key that is not unique (trap 11)

    lossy: Lossy = Lossy()
    stage_restricted: bool = False  # else the API stores any text as a stage (trap 23)
    noop_bumps: bool = True  # a write that changes nothing moves the stamps
    validation_rules: tuple[ValidationRule, ...] = ()
    duplicate_rules: tuple[DuplicateRule, ...] = ()
    duplicate_key: Literal["duplicateResut", "duplicateResult"] = "duplicateResut"  # trap 8
    countries: frozenset[str] | None = None  # coded address lists are on, and know these
    lock_share: float = 0.0  # this share of written rows meets UNABLE_TO_LOCK_ROW; drawn, seeded
    bad_field_sinks_call: bool = False  # an unknown field in one row of a collection refuses the whole call

    guard_stamp: Literal["SystemModstamp", "LastModifiedDate"] = "SystemModstamp"  # what If-Unmodified-Since meets
    stale_body: Literal["list", "empty"] = "list"  # the body of a 412 is not documented
    composite_guards: bool = True  # False: httpHeaders of a subrequest mean nothing
    tags_collections: bool = False  # Sforce-Call-Options shows on collections and composite too (trap 38)

    delete_moves_stamp: bool = True
    deleted_lists_roles: bool = True  # /deleted/ knows roles that queryAll has forgotten (section 14, trap 12)
    contact_takes_roles: bool = False  # roles go with a deleted contact; else they stay and name it (section 7.2)
    merge_moves_children: bool = True  # what a merge hands to the winner gets a new SystemModstamp
    role_custom_fields: bool = True  # an admin may add fields to OpportunityContactRole (section 14)
    clearing_moves_stamp: bool = True  # what loses a lookup, or gets it back, gets a new SystemModstamp (section 7.4)
    undelete_relinks: bool = True  # lookups come back with the record that they led to, unless replaced by then
    private_contacts: bool = False  # others' contacts without an account are invisible (section 7.3)
    master_record_everywhere: bool = False  # invented: MasterRecordId on objects that Salesforce can't merge
    replication_lag_s: float = 0.0  # latestDateCovered is held back by so much
    page_max: int = 2000  # the server may always return fewer (trap 15)
    cursor_life_s: float = 2 * 86_400.0
