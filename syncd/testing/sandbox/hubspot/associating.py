"""The rules of associations (hubspot.md, sections 5.10 and 9; traps 8, 28 and 30).

- An association is seen from both ends, each with its own type ids; the unlabelled type is always among them.
- Setting types is additive and idempotent. A record has one primary company: setting another takes it from the first.
- Associations of an archived record are not seen, and nobody's modified date moves by an edit unless a switch says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from .account import Account, Collection
from .association_types import AssociationType, Key
from .linked import live_targets, settle
from .links import Pair
from .records import Source
from .refusal import Refusal


class Spec(msgspec.Struct, frozen=True, rename="camel"):
    """A type as it is sent."""

    association_category: str
    association_type_id: int


def associate(account: Account, pair: Pair, keys: AbstractSet[Key], source: Source) -> bool:
    """Add these types, of the pair's direction, to what there is. Says whether anything changed."""
    before = set(account.links.between(pair))
    types = account.association_types.types
    forward = {*keys, account.association_types.plain(pair.source, pair.target).key}
    forward |= _automatic(account, pair) | {types[key].inverse for key in _automatic(account, pair.turned)}
    backward = {types[key].inverse for key in forward}
    for end, own in ((pair, forward), (pair.turned, backward)):
        for key in own:
            if types[key].alone:
                _displace(account, end, types[key])
    account.links.add(pair, forward)
    account.links.add(pair.turned, backward)
    return _edited(account, pair, before, source)


def dissociate(account: Account, pair: Pair, keys: AbstractSet[Key] | None, source: Source) -> bool:
    """Remove these types; None, or the unlabelled one among them, removes the association with all its labels."""
    links = account.links
    before = set(links.between(pair))
    if keys is None or account.association_types.plain(pair.source, pair.target).key in keys:
        links.cut(pair)
    else:
        types = account.association_types.types
        links.take(pair, keys)
        links.take(pair.turned, {types[key].inverse for key in keys})
    return _edited(account, pair, before, source)


def located(account: Account, source: Collection, id: str | int, target: Collection, to_id: str | int) -> Pair:
    """The pair that these ids mean, merges followed; refused unless both records are live."""
    ends = [(source, source.shelf.survivor(str(id)), str(id)), (target, target.shelf.survivor(str(to_id)), str(to_id))]
    missing = [(within, asked) for within, record, asked in ends if record is None or record.archived_ms is not None]
    if missing:
        raise _invalid_objects(missing)
    first, second = (record.version.id for _, record, _ in ends if record is not None)
    return Pair(source.kind.name, first, target.kind.name, second)


def checked(account: Account, pair: Pair, specs: Iterable[Spec]) -> set[Key]:
    """The types that are meant; refused when there is no such type, or it goes elsewhere or the other way."""
    keys = set()
    for spec in specs:
        it = known(account, spec)
        if (it.source, it.target) != (pair.source, pair.target):
            raise _wrong_way(account, it, pair)
        keys.add(it.key)
    return keys


def known(account: Account, spec: Spec) -> AssociationType:
    it = account.association_types.types.get((spec.association_category, spec.association_type_id))
    if it is not None:
        return it
    text = f"{spec.association_category}={spec.association_type_id}"
    raise _invalid({"INVALID_ASSOCIATION_TYPE_ID": [f"{text} is not a valid association definition id"]}, spec=[text])


def check_related(account: Account, source: str, target: str) -> None:
    """Custom objects are associated with what an admin allows. What this refusal looks like is not known."""
    if not account.association_types.between(source, target):
        raise Refusal(f"No association is defined between {source} and {target}.")


def check_room(account: Account, pair: Pair) -> None:
    """Neither record may have more associations than an admin allows. What this refusal looks like is not known."""
    limits = account.switches.association_limits
    if not limits or account.links.between(pair):
        return
    for end in (pair, pair.turned):
        most = limits.get(f"{end.source}/{end.target}")
        if most is not None and len(live_targets(account, end)) >= most:
            target = account.collections[end.target].kind.singular
            raise _invalid({"ASSOCIATION_LIMIT_EXCEEDED": [f"{end.id} has its {most} {target} associations"]})


def planned(account: Account, within: Collection, id: int, sent: Sequence[Any]) -> list[tuple[Pair, set[Key]]]:
    """What a create says of associations, for a record that will have this id; the types tell the target's type."""
    plan = []
    for item in sent:
        for spec in item.types:
            it = known(account, spec)
            target = account.collections[it.target]
            record = target.shelf.survivor(str(item.to.id))
            if record is None or record.archived_ms is not None:
                raise _invalid_objects([(target, str(item.to.id))])
            pair = Pair(within.kind.name, id, target.kind.name, record.version.id)
            if it.source != pair.source:
                raise _wrong_way(account, it, pair)
            check_room(account, pair)
            plan.append((pair, {it.key}))
    return plan


def _automatic(account: Account, pair: Pair) -> set[Key]:
    """The first company of a record becomes its primary one."""
    sole = account.association_types.sole(pair.source, pair.target)
    if sole is None or not account.switches.first_company_is_primary or live_targets(account, pair):
        return set()
    return {sole.key}


def _displace(account: Account, pair: Pair, it: AssociationType) -> None:
    for to_id, held in account.links.of(pair.source, pair.id, pair.target).items():
        if it.key in held:
            other = Pair(pair.source, pair.id, pair.target, to_id)
            account.links.take(other, {it.key})
            account.links.take(other.turned, {it.inverse})


def _edited(account: Account, pair: Pair, before: AbstractSet[Key], source: Source) -> bool:
    if before == account.links.between(pair):
        return False
    for end in (pair, pair.turned):
        within = account.collections[end.source]
        if end.source == "contacts" and end.target == "companies":
            settle(account, within, end.id, source)
        record = within.shelf.records.get(end.id)
        if account.switches.association_edits_bump and record is not None and record.archived_ms is None:
            account.change(within, record, {}, source, always=True)
    return True


def _invalid(context: dict[str, list[str]], spec: list[str] | None = None) -> Refusal:
    more = {} if spec is None else {"associationSpec": spec}
    return Refusal("One or more associations are invalid", context={**context, **more})


def _invalid_objects(missing: list[tuple[Collection, str]]) -> Refusal:
    kinds = [within.kind.singular.upper() for within, _ in missing]
    ids = [id for _, id in missing]
    texts = [f"{kind}={id} is not valid" for kind, id in zip(kinds, ids, strict=True)]
    return _invalid({"INVALID_OBJECT_IDS": texts, "objectType": kinds, "objectId": ids})


def _wrong_way(account: Account, it: AssociationType, pair: Pair) -> Refusal:
    ids = {name: collection.kind.type_id for name, collection in account.collections.items()}
    if it.source != pair.source:
        way, sent, expected = "from", ids[pair.source], ids[it.source]
    else:
        way, sent, expected = "to", ids[pair.target], ids[it.target]
    return Refusal(f"invalid {way} object type {sent} for associations to be created. expected: {expected}")
