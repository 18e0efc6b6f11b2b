"""Are we let in, and may we do what is needed? The answer of `syncd check` for Salesforce.

Only reads. What the fields are like is schema's to compare; here it is whether they are there and seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from syncd.adapters.base import Health, Problem
from syncd.core.model import Kind
from syncd.errors import Missing, Rejected

from .client import Client
from .describe import Descriptions
from .options import Options
from .records import CURRENCY, STAMP, RecordType
from .schema import unseen_fields

_NEARLY = 0.8  # of our share of the day


def check(client: Client, descriptions: Descriptions, options: Options) -> Health:
    """What a person must mend. Raises what is no refusal: that passes by itself, or is told by its error."""
    problems = [*_version(client, options)]
    for kind in descriptions.objects:
        problems += _problems(client, descriptions, kind)
    problems += _budget(client, options)
    signed = client.signed
    return Health(account=f"salesforce {signed.organisation or signed.host}", problems=tuple(problems))


def _version(client: Client, options: Options) -> Iterator[Problem]:
    offered = client.versions()
    if options.api_version not in offered:
        newest = max(offered, key=float, default="none")
        yield Problem(
            f"salesforce does not offer API version {options.api_version}; the newest is {newest}",
            "set api_version to one that the org offers",
        )


def _problems(client: Client, descriptions: Descriptions, kind: Kind) -> Iterator[Problem]:
    name = descriptions.objects[kind].name
    try:
        records = descriptions.of(kind, at_most_s=0.0)
    except (Missing, Rejected):
        yield Problem(
            f"there is no object {name}, or it is hidden from us",
            "correct `object` in the mapping, or grant the object in our user's permission set",
        )
        return
    yield from _stamp(records)
    yield from _fields(client, records)


def _stamp(records: RecordType) -> Iterator[Problem]:
    """Without a unique external id there is no safe create (traps 9, 11)."""
    field = records.fields.get(records.ref)
    if field is None:
        yield Problem(f"{records.name} has no field {records.ref}, or it is hidden", "run `syncd setup --apply`")
        return
    if not (field.unique and field.external_id):
        remedy = "tick unique and External ID in Setup > Object Manager, or name another ref_field"
        yield Problem(f"the field {records.ref} of {records.name} is not a unique external id", remedy)
    if not (field.createable and field.updateable):
        remedy = "grant edit access to it in our user's permission set"
        yield Problem(f"the field {records.ref} of {records.name} can't be written by us", remedy)


def _fields(client: Client, records: RecordType) -> Iterator[Problem]:
    stamp = records.fields.get(STAMP)
    if stamp is None or not stamp.filterable:
        yield Problem(f"{records.name} can't be read by {STAMP}", "sync another object: this one tells no changes")
    hidden = [name for name in records.hidden if name != records.ref]
    there = unseen_fields(client, records, hidden)
    for name in hidden:
        if name == CURRENCY:
            yield Problem(
                f"the org has one currency, so {records.name} has no field {name}",
                "name it as `currency` in [connections.crm], or map the amount alone",
            )
        elif there is not None and name in there:
            remedy = "grant it in our user's permission set; until then it is not read, and never taken for empty"
            yield Problem(f"the field {name} of {records.name} is hidden from us", remedy)
        elif there is not None:
            yield Problem(f"{records.name} has no field {name}", "run `syncd setup` or correct the mapping")
        else:
            remedy = "run `syncd setup`, grant it in our user's permission set, or correct the mapping"
            yield Problem(f"{records.name} has no field {name}, or it is hidden from us", remedy)


def _budget(client: Client, options: Options) -> Iterator[Problem]:
    usage = client.budget.usage
    if usage is not None and usage.used >= usage.total * options.daily_share * _NEARLY:
        yield Problem(
            f"{usage.used} of the org's {usage.total} daily calls are used; we stop at {options.daily_share:.0%}",
            "poll less often, or buy more API calls from salesforce",
            fatal=False,
        )
