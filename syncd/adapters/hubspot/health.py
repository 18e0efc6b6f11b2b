"""Are we let in, and may we do what is needed? The answer of `syncd check` for HubSpot.

Only reads. Token introspection and account details are niceties: an account that refuses them is still healthy.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from syncd.adapters.base import Health, Problem
from syncd.errors import Forbidden, Missing, Rejected, RemoteError, Unauthorized, Unreachable

from . import label_setup, link_setup
from .client import Client
from .prospects import Nest
from .records import RecordType, Traits, traits_of
from .schema import NO_SUCH_TYPE, definitions, stage_options
from .shapes import AccountDetails, Page, TokenInfo
from .versions import ACCOUNT_DETAILS, TOKEN_INFO

T = TypeVar("T")


class Identity(msgspec.Struct, frozen=True):
    """Who we are to HubSpot, as far as it says."""

    portal: str | None = None
    app: str | None = None  # the source id of our own writes in histories
    scopes: tuple[str, ...] = ()  # empty: unknown


def identify(client: Client) -> Identity:
    """Raises Unauthorized and Unreachable; anything else only leaves gaps."""
    token = _if_told(client, client.post(TOKEN_INFO, {"tokenKey": client.token}), TokenInfo) or TokenInfo()
    details = _if_told(client, client.get(ACCOUNT_DETAILS), AccountDetails)
    portal = details.portal_id if details is not None else token.hub_id
    return Identity(
        portal=None if portal is None else str(portal),
        app=None if token.app_id is None else str(token.app_id),
        scopes=tuple(token.scopes),
    )


def portal_id(client: Client) -> str | None:
    """Whose account this is, in one call; None for a token that may not ask. Raises what passes by itself."""
    try:
        return str(client.read(client.get(ACCOUNT_DETAILS), AccountDetails).body.portal_id)
    except (Forbidden, Missing, Rejected):
        return None


def examine(client: Client, identity: Identity, kinds: Sequence[RecordType], nest: Nest | None) -> Health:
    """What a person must mend. Raises what is no refusal: those pass by themselves."""
    problems = [problem for records in kinds for problem in _problems(client, identity, records)]
    if nest is not None:
        problems += _nested(identity, nest, {records.name for records in kinds})
    account = "hubspot" if identity.portal is None else f"hubspot {identity.portal}"
    return Health(account=account, problems=tuple(dict.fromkeys(problems)))  # two kinds may be of one object type


def _problems(client: Client, identity: Identity, records: RecordType) -> Iterator[Problem]:
    yield from _scopes(identity, records.traits)
    try:
        client.read(client.basic.get_page, Page, records.name, limit=1, properties=[records.ref], archived=False)
        yield from _properties(client, records)
        yield from link_setup.problems(client, records)
    except Forbidden as exc:
        yield Problem(f"the token may not read {records.name}", exc.remedy or "give the token more scopes")
    except (Missing, Rejected):
        yield Problem(f"the account has no object type {records.name}", NO_SUCH_TYPE)


def _nested(identity: Identity, nest: Nest, kinds: Collection[str]) -> Iterator[Problem]:
    """To associate two records takes the scopes of both (section 2.3)."""
    for way in (nest.ways[kind] for kind in nest.shown):
        if way.target not in kinds:
            yield from _scopes(identity, traits_of(way.target))
    yield from label_setup.problems(nest)


def _scopes(identity: Identity, traits: Traits) -> Iterable[Problem]:
    wanted = [f"crm.objects.{traits.scopes}.{right}" for right in ("read", "write")]
    lacking = [scope for scope in wanted if identity.scopes and scope not in identity.scopes]
    return [Problem(f"the token lacks the scope {scope}", f"give the token the scope {scope}") for scope in lacking]


def _properties(client: Client, records: RecordType) -> Iterator[Problem]:
    live = definitions(client, records)
    stamp = live.get(records.ref)
    if stamp is None:
        yield Problem(f"{records.name} have no property {records.ref}", "run `syncd setup --apply`")
    elif not stamp.has_unique_value:
        remedy = "hubspot can't make it unique later: set another ref_property and run `syncd setup --apply`"
        yield Problem(f"the property {records.ref} of {records.name} is not unique", remedy)
    for name in records.properties:
        if name not in live and name not in records.own:
            yield Problem(f"{records.name} have no property {name}", "run `syncd setup` or correct the mapping")
    if not all(stage_options(client, records, records.properties).values()):
        yield Problem(f"{records.name} have no pipeline with stages", "make one in hubspot's settings")


def _if_told(client: Client, call: Callable[..., Any], shape: type[T]) -> T | None:
    try:
        return client.read(call, shape).body
    except (Unauthorized, Unreachable):
        raise
    except RemoteError:
        return None
