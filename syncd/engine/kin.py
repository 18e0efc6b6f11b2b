"""What records belong to: a prospect lives in a project and is about a person, and both have counterparts of their own.

Where the CRM nests a kind, a record of it has no stamp: the pairs of its project and of its person say which record is
its counterpart. So parents and people are paired first, and whoever waited for them is noted when that happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from syncd.adapters.base import Nests
from syncd.core.model import LEFT, RIGHT, Kind, Side
from syncd.core.remote import SEVERAL, Remote, one_person, person_of, split_person
from syncd.mapping.terms import Unresolved
from syncd.mapping.translate import Mapper
from syncd.store import bindings, mirror, notices, parents
from syncd.store.bindings import Binding, BindingState, NewBinding
from syncd.store.bulk import Tx
from syncd.store.notices import NewNotice

from .connection import Connection

PARENT, CHILD = Kind.PROJECT, Kind.PROSPECT
PEOPLE = (Kind.COMPANY, Kind.CONTACT)

OUT_OF_SCOPE = "it is outside the mapping's scope"

AnyBinding = Binding | NewBinding


class Place(msgspec.Struct, frozen=True):
    """Where the counterpart of a record belongs in the other system, or why that can't be said."""

    parent: str | None = None
    person: str | None = None
    waits: str | None = None  # for a pair that is not made yet
    unresolved: str | None = None  # a person must say
    over: str | None = None  # the pair of its parent is over

    @property
    def why_not(self) -> str | None:
        """Why nothing can be put there now."""
        return self.waits or self.unresolved or self.over


NOWHERE = Place()


def is_nested(connection: Connection, side: Side, kind: Kind) -> bool:
    """Has this kind no feed of its own on this side?"""
    adapter = connection.adapter(side)
    return isinstance(adapter, Nests) and kind in adapter.nested


def is_stamped(connection: Connection, kind: Kind) -> bool:
    """Do records of this kind carry their counterpart's id?"""
    return not is_nested(connection, RIGHT, kind)


def places(tx: Tx, connection: Connection, side: Side, remotes: Iterable[Remote]) -> dict[str, Place]:
    """Where the counterparts of these nested records of `side` belong, by the record's id."""
    rows = list(remotes)
    projects = bindings.by_ids(tx, connection.name, PARENT, side, _each(row.parent for row in rows))
    people: dict[str, Binding] = {}
    for kind in PEOPLE:
        ids = _each(id for row in rows if row.person and (id := _id_of(row.person, kind)))
        found = bindings.by_ids(tx, connection.name, kind, side, ids)
        people |= {person_of(kind, id): binding for id, binding in found.items()}
    gone = _gone(tx, connection, side.other, [*projects.values(), *people.values()])
    return {row.id: _place(connection, side, row, projects, people, gone) for row in rows}


def _gone(tx: Tx, connection: Connection, side: Side, pairs: list[Binding]) -> set[tuple[Kind, str]]:
    """Which records of this side are deleted, though the pair may stand, because the mapping ignores that."""
    found: set[tuple[Kind, str]] = set()
    for kind in (PARENT, *PEOPLE):
        ids = _each(one.id_of(side) for one in pairs if one.kind is kind)
        heads = mirror.heads(tx, connection.name, side, kind, ids) if ids else {}
        found |= {(kind, id) for id, head in heads.items() if head.deleted}
    return found


def _place(
    connection: Connection,
    side: Side,
    row: Remote,
    projects: dict[str, Binding],
    people: dict[str, Binding],
    gone: set[tuple[Kind, str]],
) -> Place:
    if row.parent is None:
        return Place(unresolved=f"{side} does not say which project it belongs to")
    if row.parent == SEVERAL:
        return Place(unresolved=f"{side} links it to several projects")
    project = projects.get(row.parent)
    if project is None or project.state is BindingState.PENDING:
        return Place(waits=f"its project {row.parent} has no counterpart yet")
    if project.state is not BindingState.BOUND:
        return Place(over=f"the pair of its project {row.parent} is over: {project.note or project.state}")
    parent = project.id_of(side.other)
    assert parent is not None
    if (PARENT, parent) in gone:
        return Place(waits=f"{parent}, the counterpart of its project {row.parent}, is deleted in {side.other}")
    if row.person == SEVERAL:
        return Place(parent, unresolved=f"{side} links it to several people")
    if row.person is None:
        return Place(parent, unresolved=_nobody(connection, side))
    kind, id = split_person(row.person)
    if kind not in connection.mappers:
        return Place(parent, unresolved=f"it is about {kind} {id}, and the mapping has no [{kind}] table")
    person = people.get(row.person)
    if person is None or person.state is BindingState.PENDING:
        if connection.mappers[kind].policy.create.reaches(side.other):
            return Place(parent, waits=f"its {kind} {id} has no counterpart yet")
        why = f"its {kind} {id} has no counterpart in {side.other}, and the mapping makes none there"
        return Place(parent, unresolved=why)
    if person.state is not BindingState.BOUND:
        return Place(parent, unresolved=f"the pair of its {kind} {id} is over: {person.note or person.state}")
    there = person.id_of(side.other)
    assert there is not None
    if (kind, there) in gone:
        return Place(parent, waits=f"{there}, the counterpart of its {kind} {id}, is deleted in {side.other}")
    return Place(parent, person_of(kind, there))


def _nobody(connection: Connection, side: Side) -> str | None:
    """Why a record about nobody that we know gets no counterpart; None where the mapping lets it have one."""
    if side is LEFT and connection.mappers[CHILD].unresolved is Unresolved.CREATE:
        return None
    return f"{side} names neither a contact nor a company for it"


def note_people(tx: Tx, connection: Connection, side: Side, rows: Iterable[Remote], *, now: float) -> None:
    """Have the people of these records looked at, as far as they are not paired yet."""
    mapper = connection.mappers[CHILD]
    mine = [row for row in rows if not row.deleted and (side is LEFT or enters_there(mapper, side, row) is None)]
    wanted = _each(row.person for row in mine)
    for kind in PEOPLE:
        ids = [id for person in wanted if (id := _id_of(person, kind))]
        if not ids or kind not in connection.mappers:
            continue
        paired = bindings.by_ids(tx, connection.name, kind, side, ids)
        alone = [id for id in ids if id not in paired]
        known = mirror.heads(tx, connection.name, side, kind, alone)
        new = [NewNotice(side, kind, id, "needed", fetch=id not in known) for id in alone]
        notices.put(tx, connection.name, new, now=now)


def needed(tx: Tx, connection: Connection, side: Side, kind: Kind, ids: Sequence[str]) -> set[str]:
    """Which of these people a prospect that may enter the other system is about; all, where the mapping says so."""
    if connection.mappers[kind].everyone or CHILD not in connection.mappers:
        return set(ids)
    mapper = connection.mappers[CHILD]
    about = mirror.about(tx, connection.name, side, CHILD, [person_of(kind, id) for id in ids])
    enters = {person for person, rows in about.items() if any(enters_there(mapper, side, row) is None for row in rows)}
    return {id for id in ids if person_of(kind, id) in enters}


def enters_there(mapper: Mapper, side: Side, row: Remote) -> str | None:
    """Why this record of `side` may not get a counterpart; None if it may."""
    if side is RIGHT:
        return None if mapper.in_scope(row.raw) or _is_of_several(mapper, row) else OUT_OF_SCOPE
    return mapper.enters(row.raw)


def _is_of_several(mapper: Mapper, row: Remote) -> bool:
    """Does it show several values, as a person on a deal may have several labels, and is one of them in scope?

    Which of them counts nobody can tell; but that it is somebody's is sure.
    """
    if mapper.kind is not CHILD:
        return False
    several = {name: value.split(";") for name, value in row.raw.items() if isinstance(value, str) and ";" in value}
    return any(mapper.in_scope({**row.raw, name: value}) for name, values in several.items() for value in values)


def note_waiting(tx: Tx, connection: Connection, side: Side, parent: str, *, now: float) -> None:
    """Somebody has left this parent: whom they kept from entering on the other side may enter now."""
    pair = bindings.by_ids(tx, connection.name, PARENT, side, [parent]).get(parent)
    there = pair.id_of(side.other) if pair is not None and pair.state is BindingState.BOUND else None
    if there is None:
        return
    inside = mirror.ids_within(tx, connection.name, side.other, CHILD, [there]).get(there, [])
    paired = bindings.by_ids(tx, connection.name, CHILD, side.other, inside)
    alone = [NewNotice(side.other, CHILD, id, "may go on") for id in inside if id not in paired]
    notices.put(tx, connection.name, alone, now=now)


def stirred(tx: Tx, connection: Connection, side: Side, ids: Sequence[str], *, now: float) -> None:
    """Something happened to these parents: what lives in them is read next, where they are paired."""
    if CHILD not in connection.mappers or not is_nested(connection, side, CHILD):
        return
    paired = bindings.by_ids(tx, connection.name, PARENT, side, ids)
    bound = [id for id, one in paired.items() if one.state is BindingState.BOUND]
    parents.hasten(tx, connection.name, side, CHILD, bound, due=now)


def doubt(tx: Tx, connection: Connection, side: Side, ids: Sequence[str], *, now: float) -> None:
    """These parents may be gone: look at them, and then at what lives in those that are not."""
    notices.put(tx, connection.name, [NewNotice(side, PARENT, id, "gone", fetch=True) for id in _each(ids)], now=now)
    heads = mirror.heads(tx, connection.name, side, PARENT, _each(ids))
    live = [id for id, head in heads.items() if not head.deleted]
    parents.hasten(tx, connection.name, side, CHILD, live, due=now)


def has_moved(before: Binding, after: Binding) -> bool:
    """Is it another pair now, for those who belong to it?"""
    return (before.state, before.left_id, before.right_id) != (after.state, after.left_id, after.right_id)


def is_strangers(connection: Connection, side: Side, row: Remote) -> bool:
    """Does this record say something else of the person, which is nobody's stage and not ours to change (P7)?"""
    if side is not RIGHT:
        return False
    mapper = connection.mappers[CHILD]
    return enters_there(mapper, side, row) is not None and bool(mapper.read(side, row.raw).unreadable)


def follow_up(tx: Tx, connection: Connection, settled: Iterable[AnyBinding], *, now: float) -> None:
    """These pairs were made or ended just now: read what lives in them, and look again at what waited for them."""
    if CHILD not in connection.mappers:
        return
    by_kind: dict[Kind, list[AnyBinding]] = {}
    for binding in settled:
        by_kind.setdefault(binding.kind, []).append(binding)
    for side in Side:
        _follow_parents(tx, connection, side, by_kind.get(PARENT, []), now)
        for kind in PEOPLE:
            persons = [person_of(kind, id) for one in by_kind.get(kind, []) if (id := one.id_of(side))]
            rows = mirror.about(tx, connection.name, side, CHILD, persons)
            _note(tx, connection, side, [row.id for some in rows.values() for row in some], now)


def follow_merge(tx: Tx, connection: Connection, side: Side, keeper: Binding, lost: str, *, now: float) -> None:
    """This id of a parent or a person names another record now: look again at all that stood by it."""
    if CHILD not in connection.mappers:
        return
    if keeper.kind is PARENT:
        parents.remove(tx, connection.name, side, CHILD, [lost])
        inside = mirror.ids_within(tx, connection.name, side, CHILD, [lost]).get(lost, [])
        # What lived in it lives in the survivor by now, under other names, and will be read there.
        mirror.forget(tx, connection.name, side, CHILD, inside)
    elif keeper.kind in PEOPLE:
        rows = mirror.about(tx, connection.name, side, CHILD, [person_of(keeper.kind, lost)])
        _note(tx, connection, side, [row.id for some in rows.values() for row in some], now)
    follow_up(tx, connection, [keeper], now=now)


def _follow_parents(tx: Tx, connection: Connection, side: Side, projects: list[AnyBinding], now: float) -> None:
    bound = _each(one.id_of(side) for one in projects if one.state is BindingState.BOUND)
    over = _each(one.id_of(side) for one in projects if one.state is not BindingState.BOUND)
    if is_nested(connection, side, CHILD):
        parents.hasten(tx, connection.name, side, CHILD, bound, due=now)
        parents.remove(tx, connection.name, side, CHILD, over)
    inside = mirror.ids_within(tx, connection.name, side, CHILD, [*bound, *over])
    _note(tx, connection, side, [id for ids in inside.values() for id in ids], now)


def _note(tx: Tx, connection: Connection, side: Side, ids: list[str], now: float) -> None:
    notices.put(tx, connection.name, [NewNotice(side, CHILD, id, "may go on") for id in ids], now=now)


def _id_of(person: str, kind: Kind) -> str | None:
    who = one_person(person)
    return who[1] if who is not None and who[0] is kind else None


def _each(ids: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(id for id in ids if id))
