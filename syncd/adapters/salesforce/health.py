"""Are we let in, and may we do what is needed? The answer of `syncd check` for Salesforce.

Only reads. What the fields are like is schema's to compare; here it is whether they are there and seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from syncd.adapters.base import Health, Problem
from syncd.core.model import Kind
from syncd.errors import Forbidden

from .client import Client
from .currency import CURRENCY, NAME_IT
from .describe import Descriptions
from .options import Options
from .records import STAMP, RecordType

_NEARLY = 0.8  # of our share of the day


def check(client: Client, descriptions: Descriptions, options: Options) -> Health:
    """What a person must mend. Raises what is no refusal: that passes by itself, or is told by its error."""
    problems = [*_version(client, options)]
    for kind in descriptions.objects:
        problems += _problems(descriptions, kind)
    problems += _budget(client, options)
    signed = client.signed
    once = tuple(dict.fromkeys(problems))  # what is the org's is told by each of its objects
    return Health(account=f"salesforce {signed.organisation or signed.host}", problems=once)


def _version(client: Client, options: Options) -> Iterator[Problem]:
    offered = client.versions()
    if options.api_version not in offered:
        newest = max(offered, key=float, default="none")
        yield Problem(
            f"salesforce does not offer API version {options.api_version}; the newest is {newest}",
            "set api_version to one that the org offers",
        )


def _problems(descriptions: Descriptions, kind: Kind) -> Iterator[Problem]:
    try:
        records = descriptions.told(kind, at_most_s=0.0)
    except Forbidden as error:
        yield Problem(str(error), error.remedy or "")
        return
    yield from _stamp(records) if records.stamped else _ties(records)
    yield from _links(records)
    yield from _fields(records)
    yield from _currency(records)


def _stamp(records: RecordType) -> Iterator[Problem]:
    """Without a unique external id there is no safe create (traps 9, 11)."""
    field = records.fields.get(records.ref)
    if field is None:
        yield _unseen(records, records.ref)
        return
    if not (field.unique and field.external_id):
        remedy = "tick unique and External ID in Setup > Object Manager, or name another ref_field"
        yield Problem(f"the field {records.ref} of {records.name} is not a unique external id", remedy)
    if not (field.createable and field.updateable):
        remedy = "grant edit access to it in our user's permission set"
        yield Problem(f"the field {records.ref} of {records.name} can't be written by us", remedy)


def _links(records: RecordType) -> Iterator[Problem]:
    """Without them, nobody knows whose a record is; nor with one that leads elsewhere (section 7.4)."""
    for link in records.links:
        if link.field in records.lacking:
            yield _unseen(records, link.field)
    for link, fault in records.misled:
        yield Problem(fault, link.steps(records.name))
    for name in records.links.unwritable:
        what = f"the lookup {name} of {records.name} can't be written by us"
        yield Problem(what, "grant edit access to it in our user's permission set, or name another lookup")
    for name in records.links.late:
        what = (
            f"salesforce takes {name} of {records.name} only when a record is made: what lacks it is not linked later"
        )
        yield Problem(what, "name a lookup of the org's own instead as link in the mapping", fatal=False)


def _ties(records: RecordType) -> Iterator[Problem]:
    """Where there is no stamp, these say which record it is."""
    for name in records.lacking:
        yield _unseen(records, name)


def _fields(records: RecordType) -> Iterator[Problem]:
    stamp = records.fields.get(STAMP)
    if records.stamped and (stamp is None or not stamp.filterable):
        yield Problem(f"{records.name} can't be read by {STAMP}", "sync another object: this one tells no changes")
    for name in records.hidden:
        if name == records.ref:
            continue
        if name != CURRENCY or records.unseen.hides(name):
            yield _unseen(records, name)
        elif records.currency.assumed is None:
            yield Problem(f"the org has one currency, so {records.name} has no field {name}", NAME_IT)


def _unseen(records: RecordType, name: str) -> Problem:
    """Until it is mended, the field is not read, and never taken for empty (trap 17)."""
    what = f"the field {name} of {records.name} {records.unseen.reason(name)}"
    return Problem(what, records.remedy(name))


def _currency(records: RecordType) -> Iterator[Problem]:
    """What goes wrong, or is said in vain, in an org with several currencies (trap 37)."""
    if not records.currency.shown:
        return
    if records.currency.named is not None:
        what = f"the org has several currencies: `currency` in [connections.crm] is not used, {CURRENCY} is"
        yield Problem(what, "take `currency` out of [connections.crm]", fatal=False)
    for name in records.currency.unread_amounts:
        what = f"the org has several currencies, and the mapping takes {name} to be in one"
        yield Problem(what, f'write crm = {{ amount = "{name}", currency = "{CURRENCY}" }}', fatal=False)


def _budget(client: Client, options: Options) -> Iterator[Problem]:
    usage = client.budget.usage
    if usage is not None and usage.used >= usage.total * options.daily_share * _NEARLY:
        yield Problem(
            f"{usage.used} of the org's {usage.total} daily calls are used; we stop at {options.daily_share:.0%}",
            "poll less often, or buy more API calls from salesforce",
            fatal=False,
        )
