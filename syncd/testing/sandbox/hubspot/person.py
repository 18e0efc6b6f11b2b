"""The side door: what people do in HubSpot's own user interface (hubspot.md, section 12).

Nothing of it counts towards a limit or is journalled, and all of it shows in history as CRM_UI. It refuses what
the user interface would refuse too: Refusal, a ValueError; KeyError for a record that is not there. Associations are
in `relations`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partialmethod
from typing import Any

import msgspec

from . import custom, merge, privacy, schema, seed
from .account import Collection
from .definitions import Option
from .linked import settle
from .pipelines import PipelineBody, StageBody, add_pipeline
from .reading import shown_after_write
from .records import Record
from .refusal import Refusal
from .relations import PERSON, Relations
from .upkeep import forget
from .writing import archive, carry_out, prepare_create, prepare_update

Shown = dict[str, str | None]


class Person(Relations):
    """Acts on deals unless `objects` names another type. Ids are strings, as on the wire."""

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
            self.add_object,
            self.add_property,
            self.set_options,
            self.archive_property,
            self.add_pipeline,
            self.erase_contact,
            self.seed,
            *self.acts,
        )
        doors = {act.__name__: act for act in acts}
        return doors | {name: getattr(self, name) for name in (*_OF_CONTACTS, *_OF_COMPANIES)}

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
            prepared = prepare_update(within, self._within(within, id), props, {}, dated=False, by_person=True)
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
            archive(self._account, within, self._within(within, id), PERSON, app_id=None)

    def restore_deal(self, id: str, *, objects: str = "deals") -> None:
        """From the recycle bin. It comes back as an ordinary modified record; no contact whose email is taken does."""
        with self._lock:
            within = self._account.collection(objects)
            within.shelf.purge(self._account.now_ms())
            record = within.shelf.at(id)
            if record is None or record.archived_ms is None:
                raise KeyError(id)
            taken = _taken(within, record)
            if "email" in taken:
                raise Refusal("Another contact has this email address by now.")
            changes = {} if self._account.switches.restore_keeps_taken_unique else taken
            within.shelf.restore(record)
            within.shelf.change(record, changes, PERSON, self._account.now_ms())
            self._account.publish(within, record)
            if not self._account.switches.restore_brings_associations:
                forget(self._account, within, record.version.id)
            settle(self._account, within, record.version.id, PERSON)

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

    def add_object(
        self, name: str, *, display: str = "name", to: Sequence[str] = ("deals", "contacts", "companies")
    ) -> str:
        """An admin makes a custom object, to be associated with these; its type id, by which it is `objects`."""
        with self._lock:
            return custom.add_object(self._account, name, display, to).kind.name

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

    def erase_contact(self, id: str) -> None:
        """Deleted for good, on the contact's own request; nothing restores it."""
        with self._lock:
            within = self._account.collection("contacts")
            record = within.shelf.survivor(id)
            if record is None:
                raise KeyError(id)
            privacy.erase(self._account, within, record)

    def seed(self, deals: int = 20, *, seed_number: int = 1) -> list[str]:
        """Believable Nordic companies, contacts, deals and investor deals, linked; returns the ids of the deals."""
        with self._lock:
            return seed.sow(self, deals, seed_number)

    def _within(self, within: Collection, id: str) -> Record:
        return self._live(within.kind.name, id)[1]

    # Of contacts

    add_contact = partialmethod(add_deal, objects="contacts")
    edit_contact = partialmethod(edit_deal, objects="contacts")
    delete_contact = partialmethod(archive_deal, objects="contacts")
    restore_contact = partialmethod(restore_deal, objects="contacts")
    merge_contacts = partialmethod(merge_deals, objects="contacts")
    contact = partialmethod(deal, objects="contacts")
    live_contacts = partialmethod(live_deals, objects="contacts")

    # Of companies

    add_company = partialmethod(add_deal, objects="companies")
    edit_company = partialmethod(edit_deal, objects="companies")
    delete_company = partialmethod(archive_deal, objects="companies")
    restore_company = partialmethod(restore_deal, objects="companies")
    merge_companies = partialmethod(merge_deals, objects="companies")
    company = partialmethod(deal, objects="companies")
    live_companies = partialmethod(live_deals, objects="companies")


_OF_CONTACTS = (
    "add_contact",
    "edit_contact",
    "delete_contact",
    "restore_contact",
    "merge_contacts",
    "contact",
    "live_contacts",
)
_OF_COMPANIES = (
    "add_company",
    "edit_company",
    "delete_company",
    "restore_company",
    "merge_companies",
    "company",
    "live_companies",
)


def _taken(within: Collection, record: Record) -> dict[str, str | None]:
    """The record's unique values that somebody else has by now, to be cleared."""
    shelf = within.shelf
    return {name: None for name, held in shelf.unique.items() if held.keys() & shelf.held(name, record.version.values)}


def _options(values: Sequence[str]) -> list[dict[str, Any]]:
    return [{"label": value, "value": value, "displayOrder": order} for order, value in enumerate(values)]
