"""The adapter itself: the contract of syncd.adapters.base, each method handed to the module that knows how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncd.adapters.base import (
    AuditItem,
    Brood,
    Capabilities,
    ChangePage,
    CreateItem,
    DeleteItem,
    Health,
    Links,
    Outcome,
    Overwritten,
    Remote,
    Setting,
    SetupItem,
    UpdateItem,
)
from syncd.core.model import Kind
from syncd.errors import ConfigError
from syncd.mapping.wanted import WantedField

from . import (
    associations,
    audit,
    batches,
    changes,
    classifying,
    health,
    label_setup,
    link_setup,
    linking,
    links,
    matching,
    prospects,
    reads,
    schema,
    writes,
)
from .client import Client
from .options import decode_options
from .prospects import Nest
from .records import RecordType, record_type


class HubSpotAdapter:
    """Adapter, Nests, TellsLinks, Matches, StartsNow, SetsUp, Audits and Identifies for HubSpot.

    Thread-safe; it keeps its connections, who it is, and the ids of the account's labels.
    """

    name = "hubspot"
    audit_max = audit.AUDIT_MAX
    links_max = associations.READ_MAX
    match_max = matching.MATCH_MAX
    parents_max = prospects.PARENTS_MAX

    def __init__(self, setting: Setting) -> None:
        self._options = decode_options(setting.options)
        token = setting.secret(self._options.token_env)
        self._client = Client(self._options, token=token, clock=setting.clock, transport=setting.transport)
        self._kinds: dict[Kind, RecordType] = {
            kind: record_type(spec, self._options.ref_property, links.ways_of(setting.objects, kind))
            for kind, spec in setting.objects.items()
            if not spec.nested
        }
        self._nest = self._nested(setting)
        self.nested = frozenset() if self._nest is None else frozenset({Kind.PROSPECT})
        self.linked = frozenset(kind for kind, records in self._kinds.items() if records.links)
        self._own_app: str | None = None
        self._portal: str | None = None  # a token belongs to one for good
        self.capabilities = Capabilities(
            guarded_update=False,
            stamp=f"the property {self._options.ref_property}",
            create_overwrites=True,
            fetch_max=batches.BATCH_MAX,
            find_max=batches.BATCH_MAX,
            create_max=batches.BATCH_MAX,
            update_max=batches.BATCH_MAX,
            delete_max=batches.BATCH_MAX,
            workers=self._options.workers,
            sizes=dict.fromkeys(self.nested, prospects.SIZES),
        )

    @property
    def calls(self) -> int:
        return self._client.calls

    def check(self) -> Health:
        identity = health.identify(self._client)
        self._own_app, self._portal = identity.app, identity.portal
        return health.examine(self._client, identity, list(self._kinds.values()), self._nest)

    def identity(self, *, ask: bool) -> str | None:
        """The portal's id, once check() or this has asked for it."""
        if self._portal is None and ask:
            self._portal = health.portal_id(self._client)
        return self._portal

    def changes(self, kind: Kind, cursor: str | None) -> Iterator[ChangePage]:
        return changes.changes(self._client, self._kinds[kind], self._options, cursor)

    def start(self, kind: Kind) -> str:
        return changes.start(self._client, self._kinds[kind], self._options)

    def within(self, kind: Kind, parents: Sequence[str]) -> list[Brood]:
        return prospects.within(self._inside(kind), parents) if parents else []

    def places(self, kind: Kind, ids: Sequence[str]) -> dict[str, Links]:
        return links.places(self._client, self._kinds[kind], ids) if ids else {}

    def match(self, kind: Kind, keys: Sequence[str]) -> dict[str, list[Remote]]:
        return matching.match(self._client, self._kinds[kind], keys)

    def fetch(self, kind: Kind, ids: Sequence[str]) -> dict[str, Remote]:
        if kind in self.nested:
            return prospects.fetch(self._inside(kind), ids)
        return reads.fetch(self._client, self._kinds[kind], ids) if ids else {}

    def find(self, kind: Kind, refs: Sequence[str]) -> dict[str, Remote]:
        """Nothing for a nested kind, which carries no stamps."""
        if kind in self.nested:
            return {}
        return reads.find(self._client, self._kinds[kind], refs) if refs else {}

    def create(self, kind: Kind, items: Sequence[CreateItem]) -> list[Outcome]:
        if kind in self.nested:
            return classifying.create(self._inside(kind), items)
        return linking.create(self._client, self._kinds[kind], items)

    def update(self, kind: Kind, items: Sequence[UpdateItem]) -> list[Outcome]:
        if kind in self.nested:
            return classifying.update(self._inside(kind), items)
        return linking.update(self._client, self._kinds[kind], items)

    def delete(self, kind: Kind, items: Sequence[DeleteItem]) -> list[Outcome]:
        if kind in self.nested:
            return classifying.delete(self._inside(kind), items)
        return writes.delete(self._client, self._kinds[kind], items)

    def overwritten(self, kind: Kind, items: Sequence[AuditItem]) -> list[Overwritten]:
        """Nothing for a nested kind: associations have no history, and what slipped in stands beside our label."""
        if kind in self.nested:
            return []
        return audit.overwritten(self._client, self._kinds[kind], items, own_app=self._own_app)

    def compare(self, kind: Kind, wanted: Sequence[WantedField]) -> list[SetupItem]:
        if kind in self.nested:
            return label_setup.compare(self._inside(kind), wanted)
        lines = schema.compare(self._client, self._kinds[kind], kind, wanted)
        return lines + link_setup.compare(self._client, self._kinds[kind], kind)

    def provision(self, kind: Kind, items: Sequence[SetupItem]) -> list[SetupItem]:
        if kind in self.nested:
            return label_setup.provision(self._inside(kind), items)
        return schema.provision(self._client, self._kinds[kind], kind, items)

    def close(self) -> None:
        self._client.close()

    def _inside(self, kind: Kind) -> Nest:
        assert self._nest is not None, f"{kind} is not nested"
        return self._nest

    def _nested(self, setting: Setting) -> Nest | None:
        """Prospects that are people on deals; None where the mapping has none, or has records. Raises ConfigError."""
        spec = setting.objects.get(Kind.PROSPECT)
        if spec is None or not spec.nested:
            return None
        if Kind.PROJECT not in self._kinds:
            raise ConfigError("prospects live in deals, and no deals are mapped", remedy="map [project], too")
        return prospects.nest_of(self._client, self._kinds[Kind.PROJECT], setting.objects)
