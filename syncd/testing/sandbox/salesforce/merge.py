"""Several records become one (salesforce.md, section 7.3; trap 19).

Real for Account and Contact: the losers are deleted and show their master. Salesforce can merge nothing else;
what apps do for opportunities is a delete and an edit, without a trace from one to the other (unless the invented
switch `master_record_everywhere` is on).
"""

from __future__ import annotations

from collections.abc import Sequence

from . import roles
from .org import Author, Org
from .recycle import bury, ties
from .refusal import Refusal
from .table import Table, Values
from .writing import update

LOSERS_MAX = 2


def merge(org: Org, table: Table, winner: str, losers: Sequence[str], author: Author) -> None:
    """The winner keeps its own values and key; a loser's go with it, except where the winner has none."""
    if not 0 < len(losers) <= LOSERS_MAX or winner in losers:
        raise Refusal("INVALID_ARGUMENT", f"one master and at most {LOSERS_MAX} others can be merged")
    filled: Values = {}
    for loser in losers:
        for name, value in table.rows[loser].items():
            field = table.fields.get(name)
            if field and field.createable and field.updateable and not field.indexed:
                filled.setdefault(name, value)
    missing = {name: value for name, value in filled.items() if table.rows[winner].get(name) is None}
    traced = table.kind.mergeable or "MasterRecordId" in table.fields
    for loser in losers:
        _reparent(org, table, loser, winner)
        bury(org, table, loser, **({"MasterRecordId": winner} if traced else {}))
    update(org, table, winner, missing, author)


def _reparent(org: Org, parents: Table, loser: str, winner: str) -> None:
    """Children move without any trigger of their own, contact roles too; what is fixed to its parent stays with it."""
    for table, field in ties(org, parents):
        if not field.updateable:
            continue
        for id in table.ties[field.name].holders(loser):
            moved = {"SystemModstamp": org.stamp()} if org.switches.merge_moves_children else {}
            table.put(id, table.rows[id] | {field.name: winner} | moved)
            roles.follow(org, table, table.rows[id])
