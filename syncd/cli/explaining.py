"""explain: why a record is as it is. All of it is in the store: nothing connects."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

from syncd.core.model import Kind, Side
from syncd.engine.connection import Connection
from syncd.engine.explain import IN_SYNC, Explanation, FieldView, Investor, explain
from syncd.engine.inside import with_investors
from syncd.engine.titles import title
from syncd.errors import ConfigError
from syncd.store import mirror

from .open import each_stored
from .output import listed, moment, print_json, shortened, shown, table

SHOWN_MAX = 5  # ids to choose from


def run_explain(path: Path, name: str | None, id: str, *, json: bool) -> int:
    found = [one for some in each_stored(path, name, lambda connection: _named(connection, id)) for one in some]
    if not found:
        raise ConfigError(f"syncd has never seen a record {id}", remedy="check the id, or run: syncd delta")
    if json:
        print_json([one for one, _ in found])
    else:
        for one, title in found:
            _print_explanation(one, title)
    return 0


def _named(connection: Connection, id: str) -> list[tuple[Explanation, str]]:
    """What is known about it, and what people call it."""
    found = explain(connection, id) or explain(connection, _whole_id(connection, id))
    with connection.store.read() as tx:
        titles = [title(tx, connection, Kind(one.kind), _ids(one)) for one in found]
    return [(with_investors(connection, one), title) for one, title in zip(found, titles, strict=True)]


def _ids(one: Explanation) -> dict[Side, str | None]:
    return {Side.PROPSTREET: one.propstreet_id, Side.CRM: one.crm_id}


def _whole_id(connection: Connection, id: str) -> str:
    """A prospect goes by its project's id and its own; its own will do where no other project has one of that id."""
    with connection.store.read() as tx:
        found = mirror.ids_ending(tx, connection.name, Side.PROPSTREET, Kind.PROSPECT, f"/{id}", limit=SHOWN_MAX)
    if len(found) > 1:
        raise ConfigError(f"several projects have a prospect {id}", remedy=f"say which: {', '.join(found)}")
    return found[0] if found else id


def _print_explanation(one: Explanation, title: str) -> None:
    head = f"{one.kind} {title}".rstrip()
    print(f"{head}: propstreet {one.propstreet_id or '–'} ↔ crm {one.crm_id or '–'}  ({one.state})")
    print(f"  {one.why}")
    print(f"  next: {one.next}")
    if one.propstreet_id is not None and one.crm_id is not None:
        _print_fields(one.fields)
    for disputed in one.conflicts:
        print(f"  conflict {disputed.id} ({disputed.state}) on {disputed.field or 'the record'}: {disputed.reason}")
    for op in one.open:
        told = ": ".join(filter(None, (f"{op.verb} in {op.side}", shortened(op.fields), op.reason)))
        print(f"  {op.state} {op.id}: {told}")
        if op.remedy:
            print(f"    → {op.remedy}")
    _print_investors(one.investors)
    for op in one.history[:10]:
        print(f"  {moment(op.changed)}  {op.verb} in {op.side}: {shortened(op.fields) or 'the stamp'}")


def _print_investors(investors: list[Investor]) -> None:
    """Those who are not in sync, each with the reason; the others in a line."""
    if not investors:
        return
    well = [one for one in investors if one.why == IN_SYNC]
    print(f"  investors in sync: {len(well)} of {len(investors)}")
    for one in investors:
        if one not in well:
            print(f"    {one.title or one.id}  [{one.id}]: {one.why}")
            print(f"      next: {one.next}")


def _print_fields(fields: list[FieldView]) -> None:
    """All that a person must look at, and the rest in a line; --json has every value."""
    quiet = [view for view in fields if view.verdict in ("in sync", "not known")]
    empty = [view for view in quiet if view.propstreet is None and view.crm is None]
    same = [view for view in quiet if view.verdict == "in sync" and view not in empty]
    rest = [view for view in fields if view not in same and view not in empty]
    if rest:
        rows = [(view.field, shown(view.propstreet), shown(view.crm), view.verdict, view.rule) for view in rest]
        table("fields that differ", ("field", "propstreet", "crm", "verdict", "why"), rows)
    for what, views in (("in sync", same), ("empty on both sides", empty)):
        if views:
            print(indent(listed(what, [view.field for view in views]), "  "))
