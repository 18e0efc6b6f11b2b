"""Refuses a prospect's terms that contradict each other, and tables that need another one which is not there.

As in `checks`, every breach is noted and none stops at the first.
"""

from __future__ import annotations

from collections.abc import Mapping

from syncd.core.model import Kind

from .table import KindTable
from .terms import PEOPLE, Form, Unresolved


def check_terms(tables: Mapping[Kind, KindTable]) -> None:
    """Add all problems of these tables, which are one document, to their nodes' problems."""
    prospects = tables.get(Kind.PROSPECT)
    if prospects is not None:
        _check_form(prospects)
        _check_links(prospects)
        _check_company(prospects, tables)
        _check_object(prospects, tables)
    for kind in PEOPLE:
        if kind in tables and prospects is None and not tables[kind].terms.everyone:
            what = "is prospects, and there is no [prospect] table"
            tables[kind].node.wrong("needed", what, f'write needed = "all" to sync every {kind}, or map prospects')


def _check_form(table: KindTable) -> None:
    """An association joins a deal and a person: it has no links beside them, and it is nothing without the person."""
    if table.terms.form is Form.RECORD:
        return
    if "links" in table.node:
        table.node.wrong("links", "is for records only", 'take the key out, or write form = "record"')
    if table.terms.unresolved is Unresolved.CREATE:
        what = "is create, and an association needs a person"
        table.node.wrong("unresolved", what, 'write unresolved = "hold", or form = "record"')


def _check_links(table: KindTable) -> None:
    links = table.terms.links
    if table.terms.form is Form.RECORD:
        if Kind.PROJECT not in links:
            table.node.wrong("links.project", "is missing", "name what leads from the record to its deal")
        if not any(kind in links for kind in PEOPLE):
            table.node.wrong("links", "lead to no person", 'name what leads to the contact, as in contact = "…"')
    owners = {field.property: name for name, field in table.fields.items()}
    for kind, name in links.items():
        owner = owners.setdefault(name, kind)
        if owner != kind:
            table.node.wrong(f"links.{kind}", f"is what {owner} is mapped to", "give each a name of its own")


def _check_object(table: KindTable, tables: Mapping[Kind, KindTable]) -> None:
    """Deals in one pipeline may be projects, and in another one prospects; nothing but `where` tells which."""
    projects = tables.get(Kind.PROJECT)
    if projects is None or projects.object != table.object:
        return
    apart = any(set(values).isdisjoint(table.where.get(name, values)) for name, values in projects.where.items())
    if not apart:
        remedy = "write a `where` in both tables that no record fits twice, as two pipelines or two record types"
        table.node.wrong("where", f"does not tell prospects from projects, which are {table.object} too", remedy)


def _check_company(table: KindTable, tables: Mapping[Kind, KindTable]) -> None:
    """A prospect lives in a project and is about a person: without them there is nothing to pair it by."""
    if Kind.PROJECT not in tables:
        table.node.wrong("object", "is mapped without its projects", "write a [project] table, too")
    if table.terms.form is Form.ASSOCIATION and not any(kind in tables for kind in PEOPLE):
        table.node.wrong("object", "is mapped without its people", "write a [contact] table, too")
    for kind in PEOPLE:
        if kind in table.terms.links and kind not in tables:
            table.node.wrong(
                f"links.{kind}", f"leads to a {kind}", f"write a [{kind}] table, too, or take the link out"
            )
