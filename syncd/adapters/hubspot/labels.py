"""The labels of this account: which type id a text has, per direction (hubspot.md 5.11, trap 31).

Ids differ from account to account, and an admin may make, rename or delete a label at any time. So they are asked
for when first needed, once, and again when one turns out not to be known.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from .associations import Way
from .client import Client
from .shapes import AssociationType, LabelList

HUBSPOTS_OWN = "HUBSPOT_DEFINED"
_PRIMARY = frozenset({1, 2, 5, 6})  # of a company; never ours to give or to take (trap 28)

Types = Mapping[str, AssociationType]
"""By text. HubSpot's own types are not among them."""


class Labels:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[Way, Types] = {}
        self._lock = threading.Lock()

    def of(self, way: Way) -> Types:
        """As they were when somebody asked last. Raises RemoteError."""
        with self._lock:
            if way not in self._known:
                self._known[way] = listed(self._client, way)
            return self._known[way]

    def renewed(self, way: Way, stale: Types) -> Types:
        """As they are now; `stale` is what the caller has, so that of several threads one asks."""
        with self._lock:
            if self._known.get(way) is stale:
                self._known[way] = listed(self._client, way)
            return self._known[way]


def listed(client: Client, way: Way) -> Types:
    """The labels of this direction, as they are now."""
    return {it.label: it for it in types_of(client, way) if it.label is not None and it.category != HUBSPOTS_OWN}


def types_of(client: Client, way: Way) -> list[AssociationType]:
    """Every type of association in this direction, HubSpot's own and the unlabelled one included; [] if none exists."""
    return client.read_associations(client.labels.get_all, LabelList, way.source, way.target).body.results


def is_bare(it: AssociationType) -> bool:
    """Is this the unlabelled type, which every association has? A primary one is more, whatever text it shows."""
    return it.label is None and not is_primary(it)


def is_primary(it: AssociationType) -> bool:
    """Does it make the company at the other end the primary one, or this one the other's?"""
    return it.category == HUBSPOTS_OWN and it.type_id in _PRIMARY


def is_ours(it: AssociationType, texts: frozenset[str]) -> bool:
    """Does it say one of these texts? What HubSpot defines itself is never ours."""
    return it.category != HUBSPOTS_OWN and it.label in texts
