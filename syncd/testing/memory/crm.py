"""A memory adapter with a CRM's traits.

Hints instead of rows, upserts in batches, no conditional writes but an audit afterwards, and a schema that can be
set up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncd.adapters.base import AuditItem, Capabilities, Overwritten, SetupItem
from syncd.core.model import Kind
from syncd.mapping.wanted import WantedField

from .adapter import HINTS, MemoryAdapter
from .system import MemorySystem

CRM_CAPABILITIES = Capabilities(
    guarded_update=False, create_overwrites=True, create_max=100, update_max=100, delete_max=100
)


class MemoryCrm(MemoryAdapter):
    """A MemoryAdapter with a CRM's traits, and the two optional protocols: SetsUp and Audits."""

    audit_max = 50

    def __init__(
        self,
        system: MemorySystem,
        *,
        name: str = "memory-crm",
        namespace: str = "propstreet",
        capabilities: Capabilities = CRM_CAPABILITIES,
        feed: str = HINTS,
        page_max: int = 100,
        overlap_s: float = 5.0,
    ) -> None:
        super().__init__(
            system,
            name=name,
            namespace=namespace,
            capabilities=capabilities,
            feed=feed,
            page_max=page_max,
            overlap_s=overlap_s,
        )

    def compare(self, kind: Kind, wanted: Sequence[WantedField]) -> list[SetupItem]:
        return self._call("compare", lambda: [self._compare_one(kind, field) for field in wanted])

    def provision(self, kind: Kind, items: Sequence[SetupItem]) -> list[SetupItem]:
        missing = [item.field for item in items if item.state == "missing"]
        self._call("provision", lambda: self._add_fields(kind, missing))
        return self.compare(kind, [item.field for item in items])

    def overwritten(self, kind: Kind, items: Sequence[AuditItem]) -> list[Overwritten]:
        assert len(items) <= self.audit_max
        return self._call("overwritten", lambda: [lost for item in items for lost in self._lost(kind, item)])

    def _compare_one(self, kind: Kind, field: WantedField) -> SetupItem:
        has = (self.system.schema or {}).get(kind, {}).get(field.name)
        if self.system.schema is None or has is field.type:
            return SetupItem(kind=kind, field=field, state="ok")
        if has is None:
            return SetupItem(kind=kind, field=field, state="missing")
        detail = f"it is a {has} and should be a {field.type}; rename it or map another"
        return SetupItem(kind=kind, field=field, state="wrong", detail=detail)

    def _add_fields(self, kind: Kind, fields: Sequence[WantedField]) -> None:
        for field in fields:
            assert self.system.schema is not None
            self.system.schema[kind][field.name] = field.type

    def _lost(self, kind: Kind, item: AuditItem) -> Iterator[Overwritten]:
        """What stood just before our last write and was not what we had read."""
        states = self.system.states(kind, item.id)
        ours = max((n for n, row in enumerate(states) if row.by == self.name), default=0)
        if ours == 0:
            return
        before, after = states[ours - 1].fields, states[ours].fields
        for name, was in item.was.items():
            if before.get(name) != was and after.get(name) != before.get(name):
                yield Overwritten(item.id, name, before.get(name))
