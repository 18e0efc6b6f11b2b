"""The side door, continued: who is linked to whom, as people see and change it on a record's page.

Labels are named by their text, as in the user interface; `Primary` is the primary company. Deals and contacts are
meant unless told otherwise.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from .access import USER_ID
from .account import Account, Collection
from .associating import associate, check_room, dissociate
from .association_types import Key
from .labels import CreateBody, add_label, drop_label
from .linked import seen
from .links import Pair
from .records import Record, Source

PERSON = Source("CRM_UI", f"userId:{USER_ID}", USER_ID)


class Relations:
    """Ids are strings, as on the wire; KeyError for a record or label that is not there."""

    def __init__(self, account: Account, lock: threading.RLock) -> None:
        self._account = account
        self._lock = lock

    @property
    def acts(self) -> tuple[Callable[..., object], ...]:
        return (
            self.associate,
            self.relabel,
            self.dissociate,
            self.associations_of,
            self.allow,
            self.add_label,
            self.rename_label,
            self.drop_label,
        )

    def associate(
        self, id: str, other: str, *, label: str | None = None, objects: str = "deals", to: str = "contacts"
    ) -> None:
        """With a label, or without one. What there is already stays."""
        with self._lock:
            pair = self._pair(objects, id, to, other)
            check_room(self._account, pair)
            keys = set() if label is None else {self._key(pair, label)}
            associate(self._account, pair, keys, PERSON)

    def relabel(
        self, id: str, other: str, labels: Sequence[str], *, objects: str = "deals", to: str = "contacts"
    ) -> None:
        """These labels instead of the ones there are; they must be associated."""
        with self._lock:
            pair = self._pair(objects, id, to, other)
            held = set(self._account.links.between(pair))
            if not held:
                raise KeyError(other)
            wanted = {self._key(pair, label) for label in labels}
            types = self._account.association_types.types
            gone = {key for key in held - wanted if types[key].label is not None}
            dissociate(self._account, pair, gone, PERSON)
            associate(self._account, pair, wanted, PERSON)

    def dissociate(
        self, id: str, other: str, *, label: str | None = None, objects: str = "deals", to: str = "contacts"
    ) -> None:
        """One label, or the whole association."""
        with self._lock:
            pair = self._pair(objects, id, to, other)
            dissociate(self._account, pair, None if label is None else {self._key(pair, label)}, PERSON)

    def associations_of(self, id: str, *, objects: str = "deals") -> dict[str, dict[str, list[str]]]:
        """By type and id, the labels of every association of this live record: what is really so."""
        with self._lock:
            within, record = self._live(objects, id)
            ways = {
                name: seen(self._account, within, record.version.id, target)
                for name, target in self._account.collections.items()
            }
            return {
                name: {str(to_id): [it.label for it in types if it.label is not None] for to_id, types in found}
                for name, found in ways.items()
                if found
            }

    def allow(self, objects: str, to: str) -> None:
        """An admin lets records of these types be associated, of which one is a custom object."""
        with self._lock:
            self._account.association_types.relate(*self._names(objects, to))

    def add_label(
        self, label: str, *, inverse: str | None = None, name: str = "", objects: str = "deals", to: str = "contacts"
    ) -> int:
        """An admin makes a label; its type id in the direction asked for."""
        with self._lock:
            source, target = self._account.collection(objects), self._account.collection(to)
            body = CreateBody(name=name or label.lower().replace(" ", "_"), label=label, inverse_label=inverse)
            return add_label(self._account, source, target, body)[0].id

    def rename_label(
        self, label: str, new: str, *, inverse: str | None = None, objects: str = "deals", to: str = "contacts"
    ) -> None:
        with self._lock:
            catalogue = self._account.association_types
            catalogue.rename(catalogue.labelled(*self._names(objects, to), label), new, inverse)

    def drop_label(self, label: str, *, objects: str = "deals", to: str = "contacts") -> None:
        with self._lock:
            catalogue = self._account.association_types
            drop_label(self._account, catalogue.labelled(*self._names(objects, to), label))

    def _names(self, objects: str, to: str) -> tuple[str, str]:
        return self._account.collection(objects).kind.name, self._account.collection(to).kind.name

    def _key(self, pair: Pair, label: str) -> Key:
        return self._account.association_types.labelled(pair.source, pair.target, label).key

    def _pair(self, objects: str, id: str, to: str, other: str) -> Pair:
        source, record = self._live(objects, id)
        target, second = self._live(to, other)
        return Pair(source.kind.name, record.version.id, target.kind.name, second.version.id)

    def _live(self, objects: str, id: str) -> tuple[Collection, Record]:
        within = self._account.collection(objects)
        record = within.shelf.survivor(id)
        if record is None or record.archived_ms is not None:
            raise KeyError(id)
        return within, record
