"""The side door: what people do in HubSpot's own user interface (hubspot.md, section 12).

Nothing of it counts towards a limit or is journalled, and all of it shows in history as CRM_UI. It refuses what
the user interface would refuse too: Refusal, a ValueError; KeyError for a record that is not there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from . import merge, schema
from .access import USER_ID
from .account import Account, Collection
from .definitions import Option
from .pipelines import PipelineBody, StageBody, add_pipeline
from .reading import shown_after_write
from .records import Record, Source
from .writing import carry_out, prepare_create, prepare_update

Shown = dict[str, str | None]

PERSON = Source("CRM_UI", f"userId:{USER_ID}", USER_ID)


class Person:
    """Acts on deals unless `objects` names another type. Ids are strings, as on the wire."""

    def __init__(self, account: Account, lock: threading.RLock) -> None:
        self._account = account
        self._lock = lock

    def doors(self) -> Mapping[str, Callable[..., Any]]:
        """By name, for the sandbox's side door."""
        acts: tuple[Callable[..., Any], ...] = (
            self.add_deal,
            self.edit_deal,
            self.bulk_edit,
            self.archive_deal,
            self.restore_deal,
            self.merge_deals,
            self.deal,
            self.live_deals,
            self.add_property,
            self.set_options,
            self.archive_property,
            self.add_pipeline,
        )
        return {act.__name__: act for act in acts}

    def add_deal(self, *, objects: str = "deals", **props: str) -> str:
        """A deal in the default pipeline's first stage, unless told otherwise."""
        with self._lock:
            within = self._account.collection(objects)
            if within.kind.staged:
                pipeline = props.setdefault("pipeline", next(iter(within.pipelines)))
                props.setdefault("dealstage", next(iter(within.pipelines[pipeline].stages)))
            prepared = prepare_create(within, props, {}, dated=False)
            return str(carry_out(self._account, prepared, PERSON, app_id=None).version.id)

    def edit_deal(self, id: str, *, objects: str = "deals", **props: str) -> None:
        with self._lock:
            within = self._account.collection(objects)
            prepared = prepare_update(within, self._live(within, id), props, {}, dated=False)
            carry_out(self._account, prepared, PERSON, app_id=None)

    def bulk_edit(self, ids: Sequence[str], *, objects: str = "deals", **props: str) -> None:
        """All of them get the same modified stamp, to the millisecond (trap 6)."""
        with self._lock:
            self._account.stamp_ms = self._account.now_ms()
            try:
                for id in ids:
                    self.edit_deal(id, objects=objects, **props)
            finally:
                self._account.stamp_ms = None

    def archive_deal(self, id: str, *, objects: str = "deals") -> None:
        with self._lock:
            within = self._account.collection(objects)
            within.shelf.archive(self._live(within, id), self._account.now_ms())

    def restore_deal(self, id: str, *, objects: str = "deals") -> None:
        """From the recycle bin. It comes back as an ordinary modified record."""
        with self._lock:
            within = self._account.collection(objects)
            within.shelf.purge(self._account.now_ms())
            record = within.shelf.at(id)
            if record is None or record.archived_ms is None:
                raise KeyError(id)
            changes = {} if self._account.switches.restore_keeps_taken_unique else _taken(within, record)
            within.shelf.restore(record)
            within.shelf.change(record, changes, PERSON, self._account.now_ms())
            self._account.publish(within, record)

    def merge_deals(self, primary: str, other: str, *, objects: str = "deals") -> str:
        """The survivor's id."""
        with self._lock:
            within = self._account.collection(objects)
            return str(merge.merge(self._account, within, primary, other).version.id)

    def deal(self, id: str, *, objects: str = "deals") -> Shown:
        """Everything the record shows now, live or archived; an absorbed id shows its survivor."""
        with self._lock:
            within = self._account.collection(objects)
            record = within.shelf.survivor(id)
            if record is None:
                raise KeyError(id)
            shown: Shown = shown_after_write(within, record.version)["properties"]
            return shown

    def live_deals(self, *, objects: str = "deals") -> dict[str, Shown]:
        """By id, ascending."""
        with self._lock:
            within = self._account.collection(objects)
            return {str(id): self.deal(str(id), objects=objects) for id in within.shelf.live}

    def add_property(
        self,
        name: str,
        *,
        objects: str = "deals",
        type: str = "string",
        field_type: str = "text",
        label: str = "",
        options: Sequence[str] = (),
        unique: bool = False,
    ) -> None:
        with self._lock:
            within = self._account.collection(objects)
            body = {
                "name": name,
                "label": label or name,
                "type": type,
                "fieldType": field_type,
                "groupName": within.kind.group,
                "options": _options(options),
                "hasUniqueValue": unique,
            }
            schema.create(within, msgspec.convert(body, schema.CreateBody))

    def set_options(self, name: str, options: Sequence[str], *, objects: str = "deals") -> None:
        """An admin replaces the options; records keep values that are no option any more (trap 23)."""
        with self._lock:
            within = self._account.collection(objects)
            converted = tuple(msgspec.convert(option, Option) for option in _options(options))
            within.properties[name] = msgspec.structs.replace(within.properties[name], options=converted)
            within.redefine()

    def archive_property(self, name: str, *, objects: str = "deals") -> None:
        with self._lock:
            schema.drop(self._account.collection(objects), name)

    def add_pipeline(self, id: str, stages: Mapping[str, str], *, label: str = "") -> None:
        """A deal pipeline; `stages` gives each stage's probability by its id."""
        with self._lock:
            bodies = [
                StageBody(label=stage, display_order=order, metadata={"probability": likely}, stage_id=stage)
                for order, (stage, likely) in enumerate(stages.items())
            ]
            body = PipelineBody(label=label or id, stages=bodies, display_order=99, pipeline_id=id)
            add_pipeline(self._account.deals, body)

    def _live(self, within: Collection, id: str) -> Record:
        record = within.shelf.survivor(id)
        if record is None or record.archived_ms is not None:
            raise KeyError(id)
        return record


def _taken(within: Collection, record: Record) -> dict[str, str | None]:
    """The record's unique values that somebody else has by now, to be cleared."""
    values = record.version.values
    holders = within.shelf.unique.items()
    return {name: None for name, held in holders if name in values and values[name].casefold() in held}


def _options(values: Sequence[str]) -> list[dict[str, Any]]:
    return [{"label": value, "value": value, "displayOrder": order} for order, value in enumerate(values)]
