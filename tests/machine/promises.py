"""What must hold after any history, checked against both systems' true state (DESIGN.md section 2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from syncd.core.model import LEFT, RIGHT, Kind, Side, Situation, Snapshot, Value
from syncd.core.ops import Hold, Op, Update
from syncd.core.plan import plan
from syncd.core.policy import FieldPolicy, Flow, OnDelete
from syncd.engine.explain import explain
from syncd.store import bindings, conflicts, outbox
from syncd.store.bindings import Binding, BindingState
from syncd.store.outbox import Entry, OpState
from tests.engine.world import SECRETS

from .crm_people import Record
from .edits import EUROS, FOREIGN_NAMESPACE, Edit, Group
from .history import History


class Broken(AssertionError):
    """A promise does not hold; the message names it."""


def check(history: History) -> None:
    """Raises Broken."""
    Checker(history).check()


class Checker:
    """Of projects; what else was synced does not concern it."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._world = history.world
        self._people = history.people
        self._crm = history.people.crm
        self._mapper = self._world.mapper
        self._policy = self._mapper.policy
        self._projects = {str(project["id"]) for project in self._world.propstreet.live_projects()}
        self._deals = self._crm.live()
        with self._world.store.read() as tx:
            self._bindings = bindings.page(tx, "test", kind=Kind.PROJECT, limit=100_000)
            self._disputed = conflicts.of_bindings(tx, [one.id for one in self._bindings])
            self._held = defaultdict[int, list[Entry]](list)
            for entry in outbox.held(tx, "test"):
                self._held[entry.binding].append(entry)
            self._journal = outbox.iterate(tx, "test", OpState.DONE, limit=100_000)

    def check(self) -> None:
        self.no_duplicates()
        self.settled()
        self.everything_has_a_counterpart()
        self.no_deletion_unseen()
        self.no_lost_edit()
        self.no_price_in_another_currency()
        self.only_what_is_mapped()
        self.discreet()
        self.explains_itself()

    def no_duplicates(self) -> None:
        """P3: what a person made once is there once on each side."""
        for what, names in (
            ("projects", [str(self._world.propstreet.project(id)["name"]) for id in self._projects]),
            ("deals", [self._name(deal) for id, deal in self._deals.items() if id not in self._people.merged]),
        ):
            markers = [name.split(" ")[0] for name in names]
            # The project of a deal that was merged goes by the survivor's name, which may have been another project's.
            merged = {self._name(self._deals[id]).split(" ")[0] for id in self._people.merged & self._deals.keys()}
            twice = {marker for marker in markers if markers.count(marker) > 1} - merged
            require(not twice, f"P3: {what} there twice: {sorted(twice)}")
        stamps = [deal[self._crm.stamp] for deal in self._deals.values() if deal.get(self._crm.stamp)]
        require(len(stamps) == len(set(stamps)), "P3: two deals carry one stamp")

    def settled(self) -> None:
        """P4, P1: planned from the truth, no pair wants a write; what is in dispute is on the list."""
        for binding in self._bound():
            situation = self._situation(binding)
            if situation is None:
                continue
            planned = plan(situation, self._policy)
            listed = {one.field for one in self._disputed.get(binding.id, [])}
            listed |= {name for entry in self._held[binding.id] for name in _fields_of(entry.op)}
            writes = [op for op in planned.ops if not isinstance(op, Hold)]
            visible = bool(self._held[binding.id])
            require(not writes or visible, f"P4: {binding.left_id}/{binding.right_id} still wants {writes}")
            for conflict in planned.conflicts:
                require(conflict.field in listed, f"P2: {conflict} of {binding} is on no list")
            holds = [op for op in planned.ops if isinstance(op, Hold)]
            require(not holds or visible, f"P10: {holds} are held and on no list")

    def everything_has_a_counterpart(self) -> None:
        """P1: a project without a deal, or a deal in scope without a project, is one that must have none."""
        by_left = {one.left_id: one for one in self._bindings}
        by_right = {one.right_id: one for one in self._bindings}
        for id in sorted(self._projects):
            if self._policy.create.reaches(RIGHT):
                self._has_counterpart(LEFT, id, by_left.get(id))
        for id in sorted(self._deals):
            if id not in self._people.outside and self._policy.create.reaches(LEFT):
                self._has_counterpart(RIGHT, id, by_right.get(id))

    def _has_counterpart(self, side: Side, id: str, binding: Binding | None) -> None:
        require(binding is not None, f"P1: {side} {id} was never looked at")
        assert binding is not None
        visible = bool(self._held[binding.id]) or binding.id in self._disputed
        over = binding.state in (BindingState.ENDED, BindingState.MERGED)
        whole = binding.left_id is not None and binding.right_id is not None
        require(whole or over or visible, f"P1: {side} {id} has no counterpart, and nothing says why: {binding}")

    def no_deletion_unseen(self) -> None:
        """P1: of a pair that stands, both are there, unless the mapping ignores deletions or a person has to decide."""
        for binding in self._bindings:
            there = {LEFT: binding.left_id in self._projects, RIGHT: binding.right_id in self._deals}
            whole = len(set(there.values())) == 1
            if binding.state is not BindingState.BOUND or whole or binding.right_id in self._people.merged:
                continue
            gone = LEFT if there[RIGHT] else RIGHT
            seen = self._policy.on_delete(gone) is OnDelete.IGNORE or binding.id in self._disputed
            require(seen or bool(self._held[binding.id]), f"P1: nobody saw that {gone} is gone of {binding}")

    def no_lost_edit(self) -> None:
        """P1 and P2: what only one side edited is on both; of two edits, one is on both and the other is kept."""
        for binding in self._bound():
            if self._muddled(binding):
                continue
            assert binding.left_id is not None
            assert binding.right_id is not None
            for name in ("name", "price", "exclusivity"):
                groups = [
                    self._people.groups.get((side, id, name))
                    for side, id in ((LEFT, binding.left_id), (RIGHT, binding.right_id))
                ]
                self._field(binding, self._policy.fields[name], [group for group in groups if group])

    def _field(self, binding: Binding, policy: FieldPolicy, groups: list[Group]) -> None:
        edits = sorted((edit for group in groups for edit in group.edits), key=lambda edit: edit.at)
        if not edits or policy.flow is not Flow.BOTH or self._visible(binding, policy.name):
            return
        left = self._people.shown(LEFT, binding.left_id or "").get(policy.name)
        right = self._people.shown(RIGHT, binding.right_id or "").get(policy.name)
        rivals = contenders(groups)
        sides = {edit.side for edit in rivals}
        last = {side: [edit.value for edit in rivals if edit.side is side][-1:] for side in Side}
        where = f"{policy.name} of {binding.left_id}/{binding.right_id}: {left!r} / {right!r}, edits {rivals}"
        if len(sides) == 1:
            (side,) = sides
            mine, other = (left, right) if side is LEFT else (right, left)
            require(spelled(mine, last[side][0]), f"P1: an edit was overwritten: {where}")
            require(self._arrived(other, last[side][0]), f"P1: an edit did not arrive: {where}")
            return
        values = [value for found in last.values() for value in found]
        require(any(self._arrived(left, value) for value in values), f"P2: neither edit is there: {where}")
        require(self._arrived(left, right) or self._arrived(right, left), f"P1: the sides differ: {where}")

    def _arrived(self, shown: Value, value: Value) -> bool:
        """As the target may spell it: one that rounds millions to whole ones loses a lot."""
        coarse = self._world.propstreet.switches.price_decimals is not None
        return spelled(shown, value, 1e6 if coarse else 1.0)

    def no_price_in_another_currency(self) -> None:
        """P1: what was typed in euro is nowhere shown as kronor, settled or not (salesforce.md trap 37)."""
        for side, ids in ((LEFT, self._projects), (RIGHT, self._deals)):
            for id in sorted(ids):
                price = self._people.shown(side, id).get("price")
                wrong = isinstance(price, str) and price.endswith(f"{EUROS} SEK")
                require(not wrong, f"P1: euros have become kronor: {price} of {side} {id}")

    def only_what_is_mapped(self) -> None:
        """P7: other systems' refs, unmapped fields and records out of scope are as people left them."""
        for id in self._people.foreign & self._projects:
            refs = self._world.propstreet.project(id).get("externalRefs", [])
            kept = [ref for ref in refs if ref["namespace"] == FOREIGN_NAMESPACE]
            require(len(kept) == 1, f"P7: another system's ref of {id} is gone: {refs}")
        writes = self._crm.writes()
        outside = {one.id for one in writes} & self._people.outside
        require(not outside, f"P7: {self._crm.what} out of scope was written: {sorted(outside)}")
        mapped = {*self._mapper.crm_fields, self._crm.stamp} | self._crm.derived()
        for one in writes:
            require(one.names <= mapped, f"P7: unmapped properties were written: {set(one.names - mapped)}")

    def discreet(self) -> None:
        """P9: no token and no value in what was logged."""
        text = repr(self._history.logged)
        for secret in SECRETS.values():
            require(secret not in text, "P9: a token was logged")
        for marker in self._people.born:
            require(f"{marker} " not in text, f"P9: a name was logged ({marker})")

    def explains_itself(self) -> None:
        """P10: every record has an answer."""
        for id in sorted(self._projects | self._deals.keys()):
            found = explain(self._world.connection, id)
            require(bool(found) and all(one.why and one.next for one in found), f"P10: nothing to say about {id}")

    def _name(self, deal: Record) -> str:
        return str(self._mapper.read(RIGHT, self._crm.seen(deal, self._mapper)).fields.get("name") or "")

    def _bound(self) -> list[Binding]:
        return [
            one
            for one in self._bindings
            if one.state is BindingState.BOUND and one.left_id in self._projects and one.right_id in self._deals
        ]

    def _situation(self, binding: Binding) -> Situation | None:
        assert binding.left_id is not None
        assert binding.right_id is not None
        records = {}
        with self._world.store.read() as tx:
            decided = conflicts.resolutions(tx, [binding.id]).get(binding.id, {})
            standing = conflicts.standing(tx, [binding.id]).get(binding.id, {})
            former = bindings.former_ids(tx, [binding.id]).get(binding.id, frozenset())
        for side, id in ((LEFT, binding.left_id), (RIGHT, binding.right_id)):
            raw = self._people.raw(side, id)
            reading = self._mapper.read(side, raw)
            ref = self._deals[id].get(self._crm.stamp) if side is RIGHT else _own_ref(raw, self._world.namespace)
            records[side] = Snapshot(
                id=id,
                fields=reading.fields,
                unreadable=reading.unreadable,
                ref=ref,
                modified=None,
            )
        return Situation(
            base=binding.base,
            left=records[LEFT],
            right=records[RIGHT],
            resolutions=decided,
            disputed=frozenset(one.field for one in self._disputed.get(binding.id, [])),
            standing=standing,
            former=former,
        )

    def _visible(self, binding: Binding, field: str) -> bool:
        disputed = any(one.field in (field, "") for one in self._disputed.get(binding.id, []))
        return disputed or bool(self._held[binding.id])

    def _muddled(self, binding: Binding) -> bool:
        """Deletes, restores and merges have rules of their own."""
        ids = {(LEFT, binding.left_id), (RIGHT, binding.right_id)}
        return bool(ids & self._people.deleted) or binding.right_id in self._people.merged


def _fields_of(op: Op) -> Iterable[str]:
    """What a held op holds back of a pair's fields."""
    match op:
        case Hold(field=field):
            return (field,)
        case Update(changes=changes):
            return changes.keys()
        case _:
            return ()


def contenders(groups: list[Group]) -> list[Edit]:
    """The edits among which the outcome lies: those not settled yet when the last of all was made."""
    ordered = sorted(groups, key=lambda group: group.edits[-1].at)
    last = ordered[-1]
    first = last.edits[0].at
    rivals = [edit for group in ordered[:-1] if (group.settled_at or first) >= first for edit in group.edits]
    return sorted([*rivals, *last.edits], key=lambda edit: edit.at)


def spelled(shown: Value, value: Value, tolerance: float = 1.0) -> bool:
    """Is this what a system that trims, cuts or rounds may show of the value?"""
    if shown == value:
        return True
    if not isinstance(shown, str) or not isinstance(value, str):
        return False
    for currency in (" SEK", " EUR"):
        if value.endswith(currency) and shown.endswith(currency):
            return abs(float(value[:-4]) - float(shown[:-4])) <= tolerance
    cut = [value.strip()[:size].strip() for size in (12, 14, 200)]
    return shown.strip() in cut


def _own_ref(raw: dict[str, object], namespace: str) -> str | None:
    refs = raw.get("externalRefs")
    assert refs is None or isinstance(refs, list)
    return next((ref["id"] for ref in refs or () if ref["namespace"].lower() == namespace), None)


def require(holds: bool, message: str) -> None:
    if not holds:
        raise Broken(message)
