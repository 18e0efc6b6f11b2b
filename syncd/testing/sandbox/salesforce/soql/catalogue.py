"""What a query of the Metadata Catalog can't do (Tooling API guide, "SOQL Operation Limitations").

Salesforce ignores a LIMIT there and answers with wrong rows; here it is refused like the rest (section 11.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from syncd.testing.sandbox.salesforce.refusal import Refusal

from .grammar import Among, And, Compare, Condition, Not, Or, Query

_REIFIED: Mapping[str, tuple[str, ...]] = {"FieldDefinition": ("EntityDefinitionId", "DurableId")}
"""By object, the columns of which a query must pin one."""


def demand(name: str, query: Query) -> None:
    """Raises Refusal where Salesforce would not answer a query of this object."""
    if query.counts or any(column.aggregate for column in query.selected):
        raise _unsupported("The requested operation is not yet supported by this SObject storage type")
    if query.limit is not None or query.offset:
        raise _unsupported("LIMIT and OFFSET mean nothing here")
    pinned = set(_pinned(query.where)) if query.where is not None else set()
    wanted = _REIFIED.get(name, ())
    if wanted and not any(_same(column, path) for column in wanted for path in pinned):
        columns = ",".join(wanted)
        raise Refusal("MALFORMED_QUERY", f"{name}: a filter on a reified column is required [{columns}]")


def _pinned(condition: Condition) -> Iterator[str]:
    """The paths that are held to a value, in lower case."""
    match condition:
        case And(parts):
            for part in parts:
                yield from _pinned(part)
        case Or():
            raise _unsupported("Disjunctions not supported")
        case Compare(operator="=") | Among(negated=False):
            yield condition.field.text.lower()
        case Compare() | Among() | Not():
            raise _unsupported("Only equals comparisons permitted")


def _same(column: str, path: str) -> bool:
    """The object may be pinned by its id or, over the relationship, by its name."""
    return path == column.lower() or path == f"{column.removesuffix('Id').lower()}.qualifiedapiname"


def _unsupported(message: str) -> Refusal:
    return Refusal("EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", message)
