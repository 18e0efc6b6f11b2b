"""What a person may set for HubSpot in `[connections.crm]`, and the refusal of what is not known.

It reads no environment: `token_env` is only a name, the token itself comes from `Setting.secret`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from syncd.errors import ConfigError

Positive = Annotated[float, msgspec.Meta(gt=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    token_env: Annotated[str, msgspec.Meta(min_length=1)]
    base_url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^/\s]+")] = "https://api.hubapi.com"
    api: Literal["v3", "2026-09"] = "v3"
    ref_property: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$")] = "propstreet_id"
    visibility_lag_s: Annotated[float, msgspec.Meta(ge=0)] = 60.0  # how far search runs behind writes
    overlap_s: Annotated[float, msgspec.Meta(ge=0)] = 300.0  # read again before the mark, for what lagged longer
    burst_limit: Count = 100  # requests per 10 s; live headers may move it (hubspot.md 3.1)
    search_per_s: Count = 4  # the account has 5 for everybody
    association_limit: Count = 100  # association calls per 10 s, of the whole account; no header tells
    share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.9  # what is left is for the account's other programs
    connect_timeout_s: Positive = 5.0
    read_timeout_s: Positive = 30.0
    page_max: Annotated[int, msgspec.Meta(ge=1, le=200)] = 200  # records on a page; 100 at most where it is a listing
    archived_pages: Count = 10  # pages of the archived listing in one pass
    workers: Count = 2


def decode_options(table: Mapping[str, Any]) -> Options:
    """The options of this table. Raises ConfigError that names the key."""
    try:
        options = msgspec.convert(table, Options)
    except msgspec.ValidationError as exc:
        raise ConfigError(
            f"the hubspot options are not usable: {_named(str(exc))}",
            remedy="correct this key in [connections.crm]",
        ) from exc
    return msgspec.structs.replace(options, base_url=options.base_url.rstrip("/"))


def _named(complaint: str) -> str:
    """msgspec's sentence, beginning in lower case, with its path written as a key."""
    return (complaint[:1].lower() + complaint[1:]).replace("`$.", "`")
