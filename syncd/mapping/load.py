"""From a parsed document to mappers: the way in. Opens no file; the caller parses and says where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.core.model import Kind

from .build import mapper_of
from .catalogue import CATALOGUES
from .checks import check
from .fitting import check_terms
from .node import Node
from .problems import Problems
from .table import KindTable, kind_table
from .translate import Mapper


def load_tables(document: Mapping[str, Any], source: str) -> dict[Kind, Mapper]:
    """A mapper per kind, in the order in which kinds are worked on: people and parents before prospects.

    Raises ConfigError with every problem found, each with its key path and a remedy.
    """
    problems = Problems(source)
    root = Node(document, "", problems)
    root.only(tuple(CATALOGUES))
    tables: dict[Kind, KindTable] = {}
    for kind, catalogue in CATALOGUES.items():
        node = root.node(kind)
        if node is not None:
            table = kind_table(kind, node, catalogue)
            check(table, catalogue)
            tables[kind] = table
    check_terms(tables)
    if not tables and not problems.found:
        problems.add("document", "maps nothing", f"write a table for one of {', '.join(CATALOGUES)}")
    problems.raise_any()
    return {kind: mapper_of(table, CATALOGUES[kind]) for kind, table in tables.items()}
