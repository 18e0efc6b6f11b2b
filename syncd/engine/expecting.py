"""For a preview: what a pass would plan of prospects once it has paired the projects and people that they wait for."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from syncd.core.model import Kind, Side
from syncd.core.ops import Hold
from syncd.core.plan import plan
from syncd.core.remote import Remote, one_person
from syncd.store import bindings
from syncd.store.bindings import BindingState
from syncd.store.bulk import Tx

from . import kin
from .connection import Connection
from .decide import Planned


class Expected:
    """The pairs that this preview has planned so far; kinds must come in their order, parents and people first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._coming: set[tuple[Kind, Side, str]] = set()

    def after(self, kind: Kind, planned: Sequence[Planned]) -> list[Planned]:
        """These plans, as they are when what was planned before has been carried out."""
        if kind is kin.CHILD:
            with self._connection.store.read() as tx:
                return [self._awaited(tx, one) for one in planned]
        for one in planned:
            if one.ops and not any(isinstance(op, Hold) and op.field == "" for op in one.ops):
                rows = [(side, row) for side in Side if (row := one.pair.record(side)) is not None]
                self._coming |= {(kind, side, row.id) for side, row in rows if not row.deleted}
        return list(planned)

    def _awaited(self, tx: Tx, one: Planned) -> Planned:
        situation, row = one.situation, _only(one)
        if row is None or one.pair.hold is not None or (situation.waits or situation.unresolved) is None:
            return one
        side, here = row
        who = one_person(here.person)
        if here.parent is None or who is None:
            return one
        if not all(self._is_there(tx, kind, side, id) for kind, id in ((kin.PARENT, here.parent), who)):
            return one
        situation = msgspec.structs.replace(situation, waits=None, unresolved=None)
        return Planned(one.pair, situation, plan(situation, self._connection.mappers[kin.CHILD].policy))

    def _is_there(self, tx: Tx, kind: Kind, side: Side, id: str) -> bool:
        if (kind, side, id) in self._coming:
            return True
        bound = bindings.by_ids(tx, self._connection.name, kind, side, [id]).get(id)
        return bound is not None and bound.state is BindingState.BOUND


def _only(one: Planned) -> tuple[Side, Remote] | None:
    """The one record of a pair that is not made yet."""
    rows = [(side, row) for side in Side if (row := one.pair.record(side)) is not None and not row.deleted]
    return rows[0] if len(rows) == 1 else None
