"""The `[connections.propstreet]` table and the adapter that is built from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from syncd.adapters.base import Setting
from syncd.adapters.limiter import Limiter
from syncd.errors import ConfigError

from .adapter import PropstreetAdapter
from .auth import Auth, ClientCredentials, TokenAuth
from .client import PropstreetClient
from .paging import PAGE_SIZE_MAX
from .transport import Timeouts
from .wire import SYSTEM

_WINDOW_S = 60.0  # limits are per minute, propstreet.md section 3


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    base_url: str
    token_env: str | None = None  # or both of the next two
    client_id_env: str | None = None
    client_secret_env: str | None = None
    overlap_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 300.0  # rows may become visible this late
    page_size: Annotated[int, msgspec.Meta(ge=1, le=PAGE_SIZE_MAX)] = PAGE_SIZE_MAX
    workers: Annotated[int, msgspec.Meta(ge=1, le=32)] = 4
    remove_prospects: Literal["remove", "delete"] = "remove"  # removed: the history stays, and a person can undo it
    connect_timeout_s: Annotated[float, msgspec.Meta(gt=0, le=120)] = 10.0
    read_timeout_s: Annotated[float, msgspec.Meta(gt=0, le=600)] = 30.0


def factory(setting: Setting) -> PropstreetAdapter:
    """The adapter of this setting; `setting.transport` may be an httpx transport. Raises ConfigError."""
    options = read_options(setting.options)
    auth = _auth(options, setting)
    limiter = Limiter(setting.clock, name=SYSTEM, limit=auth.per_minute, window_s=_WINDOW_S)
    client = PropstreetClient(
        options.base_url,
        auth,
        clock=setting.clock,
        limiter=limiter,
        timeouts=Timeouts(connect_s=options.connect_timeout_s, read_s=options.read_timeout_s),
        workers=options.workers,
        peer=setting.transport,
    )
    return PropstreetAdapter(
        client,
        objects=setting.objects,
        namespace=_namespace(setting.namespace),
        overlap_s=options.overlap_s,
        page_size=options.page_size,
        workers=options.workers,
        personal=auth.personal,
        deletes_for_good=options.remove_prospects == "delete",
    )


def read_options(table: Mapping[str, Any]) -> Options:
    """Raises ConfigError that names the key."""
    try:
        options = msgspec.convert(dict(table), Options)
    except msgspec.ValidationError as exc:
        raise ConfigError(
            f"the propstreet options are not usable: {_named(str(exc))}",
            remedy="correct this key in [connections.propstreet]",
        ) from exc
    by_token = options.token_env is not None
    given = [options.client_id_env, options.client_secret_env]
    if by_token == any(given) or (any(given) and not all(given)):
        raise ConfigError(
            "the propstreet table names no way to sign in, or more than one",
            remedy="give either token_env, or client_id_env and client_secret_env",
        )
    return options


def _auth(options: Options, setting: Setting) -> Auth:
    if options.token_env is not None:
        return TokenAuth(setting.secret(options.token_env))
    assert options.client_id_env is not None
    assert options.client_secret_env is not None
    return ClientCredentials(
        setting.secret(options.client_id_env), setting.secret(options.client_secret_env), clock=setting.clock
    )


def _namespace(namespace: str) -> str:
    if not 1 <= len(namespace) <= 50 or namespace.strip() != namespace:
        raise ConfigError(
            "the externalRefs namespace must have 1 to 50 characters, without spaces around them",
            remedy="correct `namespace` in [connections.crm]",
        )
    return namespace


def _named(complaint: str) -> str:
    """msgspec's sentence, beginning in lower case, with its path written as a key."""
    return (complaint[:1].lower() + complaint[1:]).replace("`$.", "`")
