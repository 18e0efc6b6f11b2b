"""The adapter itself: the contract of syncd.adapters.base, each method handed to the module that knows how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncd.adapters.base import (
    AuditItem,
    Capabilities,
    ChangePage,
    CreateItem,
    DeleteItem,
    Health,
    Outcome,
    Overwritten,
    Remote,
    Setting,
    SetupItem,
    UpdateItem,
)
from syncd.core.model import Kind
from syncd.mapping.wanted import WantedField

from . import audit, changes, health, reads, schema, writes
from .client import Client
from .options import decode_options
from .records import RecordType, record_type


class HubSpotAdapter:
    """Adapter, SetsUp and Audits for HubSpot. Thread-safe; it keeps nothing but its connections."""

    name = "hubspot"
    audit_max = audit.AUDIT_MAX

    def __init__(self, setting: Setting) -> None:
        self._options = decode_options(setting.options)
        token = setting.secret(self._options.token_env)
        self._client = Client(self._options, token=token, clock=setting.clock, transport=setting.transport)
        self._kinds: dict[Kind, RecordType] = {
            kind: record_type(spec, self._options.ref_property) for kind, spec in setting.objects.items()
        }
        self._own_app: str | None = None
        self.capabilities = Capabilities(
            guarded_update=False,
            create_overwrites=True,
            fetch_max=reads.BATCH_MAX,
            find_max=reads.BATCH_MAX,
            create_max=writes.BATCH_MAX,
            update_max=writes.BATCH_MAX,
            delete_max=writes.BATCH_MAX,
            workers=self._options.workers,
        )

    @property
    def calls(self) -> int:
        return self._client.calls

    def check(self) -> Health:
        identity = health.identify(self._client)
        self._own_app = identity.app
        return health.examine(self._client, identity, list(self._kinds.values()))

    def changes(self, kind: Kind, cursor: str | None) -> Iterator[ChangePage]:
        return changes.changes(self._client, self._kinds[kind], self._options, cursor)

    def fetch(self, kind: Kind, ids: Sequence[str]) -> dict[str, Remote]:
        return reads.fetch(self._client, self._kinds[kind], ids) if ids else {}

    def find(self, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
        return reads.find(self._client, self._kinds[kind], refs) if refs else {}

    def create(self, kind: Kind, items: Sequence[CreateItem]) -> list[Outcome]:
        return writes.create(self._client, self._kinds[kind], items)

    def update(self, kind: Kind, items: Sequence[UpdateItem]) -> list[Outcome]:
        return writes.update(self._client, self._kinds[kind], items)

    def delete(self, kind: Kind, items: Sequence[DeleteItem]) -> list[Outcome]:
        return writes.delete(self._client, self._kinds[kind], items)

    def overwritten(self, kind: Kind, items: Sequence[AuditItem]) -> list[Overwritten]:
        return audit.overwritten(self._client, self._kinds[kind], items, own_app=self._own_app)

    def compare(self, kind: Kind, wanted: Sequence[WantedField]) -> list[SetupItem]:
        return schema.compare(self._client, self._kinds[kind], kind, wanted)

    def provision(self, kind: Kind, items: Sequence[SetupItem]) -> list[SetupItem]:
        return schema.provision(self._client, self._kinds[kind], kind, items)

    def close(self) -> None:
        self._client.close()
