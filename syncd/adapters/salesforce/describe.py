"""What the objects look like to us, kept for an hour: describes are large, and each costs a call (section 3.8)."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from syncd.adapters.base import ObjectSpec
from syncd.clock import Clock
from syncd.core.model import Kind
from syncd.errors import Forbidden, Missing, Rejected

from . import paths
from .client import Client
from .errors import SYSTEM
from .links import links_of
from .options import Options
from .records import RecordType
from .shapes import Description
from .unseen import NOT_ASKED, ask

_KEPT_S = 3600.0


class Descriptions:
    """Thread-safe. What an answer proves to be out of date is to be forgotten by whoever sees it.

    Raises ConfigError for a link to a kind that is not mapped.
    """

    def __init__(self, client: Client, options: Options, objects: Mapping[Kind, ObjectSpec], clock: Clock) -> None:
        self.objects = dict(objects)
        self._links = {kind: links_of(kind, self.objects) for kind in self.objects}
        self._client = client
        self._options = options
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[Kind, tuple[float, RecordType]] = {}

    def of(self, kind: Kind, *, at_most_s: float = _KEPT_S) -> RecordType:
        """The kind as it was described at most this long ago. Raises RemoteError; Forbidden where there is none."""
        with self._lock:
            read_at, records = self._known.get(kind, (0.0, None))
            now = self._clock.monotonic()
            if records is not None and now - read_at < at_most_s:
                return records
            spec = self.objects[kind]
            description = self._described(spec.name)
            records = RecordType(kind, spec, self._options, description, self._links[kind])
            self._known[kind] = (now, records)
            return records

    def _described(self, name: str) -> Description:
        try:
            return self._client.get(paths.describe(name), Description)
        except (Missing, Rejected) as error:
            raise Forbidden(
                f"there is no object {name}, or it is hidden from us",
                system=SYSTEM,
                status=error.status,
                code=error.code,
                remedy="correct `object` in the mapping, or grant the object in our user's permission set",
            ) from None

    def told(self, kind: Kind, *, at_most_s: float = _KEPT_S) -> RecordType:
        """As of(), with word on the fields that we are not shown: they are asked for once for each description."""
        records = self.of(kind, at_most_s=at_most_s)
        if records.unseen is not NOT_ASKED or not records.unshown:
            return records
        informed = records.knowing(ask(self._client, records.name, records.unshown))
        with self._lock:
            read_at, known = self._known.get(kind, (0.0, None))
            if known is records:
                self._known[kind] = (read_at, informed)
        return informed

    def forget(self, kind: Kind) -> None:
        with self._lock:
            self._known.pop(kind, None)
