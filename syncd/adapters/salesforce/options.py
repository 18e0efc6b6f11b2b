"""What a person may set for Salesforce in `[connections.crm]`, and the refusal of what is not known.

It reads no environment: `…_env` are only names, the secrets themselves come from `Setting.secret`. There is no
login by password: Salesforce takes it away (salesforce.md 2.2, trap 6), and the refusal says what to use instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from syncd.errors import ConfigError

Positive = Annotated[float, msgspec.Meta(gt=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Name = Annotated[str, msgspec.Meta(min_length=1)]

SHARED_DOMAINS = frozenset({"login", "test"})
_BY_PASSWORD = frozenset({"password", "password_env", "security_token", "security_token_env"})


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    client_id_env: Name
    client_secret_env: Name | None = None  # client credentials; or both of the next two
    username: Name | None = None  # the JWT bearer flow
    private_key_env: Name | None = None
    domain: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$")] = "login"  # a host's prefix
    base_url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^/\s]+/?$")] | None = None  # instead of all hosts
    api_version: Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]\.0$")] = "67.0"
    ref_field: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]*__c$")] = "Propstreet_Id__c"
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")] | None = None  # of an org that has only one
    save_duplicates: bool = False  # let what a duplicate rule only warns of pass (trap 29)
    overlap_s: Annotated[float, msgspec.Meta(ge=0)] = 300.0  # read again before the mark: late commits (8.4)
    daily_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.8  # of the org's daily calls, which all share
    calls_per_s: Count = 20  # Salesforce has no such limit; it keeps a mishap from eating the day in minutes
    connect_timeout_s: Positive = 5.0
    read_timeout_s: Positive = 60.0
    page_max: Annotated[int, msgspec.Meta(ge=1, le=2000)] = 2000  # records on a page of the feed
    workers: Annotated[int, msgspec.Meta(ge=1, le=16)] = 2


def decode_options(table: Mapping[str, Any]) -> Options:
    """The options of this table. Raises ConfigError that names the key."""
    if given := sorted(_BY_PASSWORD & table.keys()):
        raise ConfigError(
            f"the salesforce options name a password login (`{given[0]}`), which salesforce ends in summer 2027",
            remedy="use an External Client App: client_id_env and client_secret_env, or username and private_key_env",
        )
    try:
        options = msgspec.convert(dict(table), Options)
    except msgspec.ValidationError as exc:
        raise ConfigError(
            f"the salesforce options are not usable: {_named(str(exc))}",
            remedy="correct this key in [connections.crm]",
        ) from exc
    _check_login(options)
    base_url = options.base_url.rstrip("/") if options.base_url is not None else None
    return msgspec.structs.replace(options, base_url=base_url)


def _check_login(options: Options) -> None:
    by_secret = options.client_secret_env is not None
    jwt = (options.username is not None, options.private_key_env is not None)
    if by_secret == any(jwt) or (any(jwt) and not all(jwt)):
        raise ConfigError(
            "the salesforce options name no way to log in, or more than one",
            remedy="give client_secret_env, or username and private_key_env",
        )
    if by_secret and options.domain in SHARED_DOMAINS:
        raise ConfigError(
            "client credentials need the org's own `domain`, not login or test",
            remedy="set domain to your My Domain, such as acme.my or acme--uat.sandbox.my",
        )


def _named(complaint: str) -> str:
    """msgspec's sentence, beginning in lower case, with its path written as a key."""
    return (complaint[:1].lower() + complaint[1:]).replace("`$.", "`")
