"""The side door: what people and their automation do in Salesforce's own user interface (salesforce.md, section 11.14).

Nothing of it counts towards a limit or is journalled, and it sees what field-level security hides from the API. It
refuses what the user interface would refuse too: Refusal, a ValueError; KeyError for a record that is not there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from . import merge, recycle, seed, sharing, stamps, tooling
from .fields import Field
from .ids import full
from .org import Author, Org
from .query import Cursors
from .stages import Stage
from .table import Table, Values
from .writing import canonical, create, put, update


class Person:
    """Acts on any object; an id says by its prefix which one. Amounts may be ints, floats or Decimals."""

    def __init__(self, org: Org, cursors: Cursors, lock: threading.RLock) -> None:
        self._org = org
        self._cursors = cursors
        self._lock = lock

    def doors(self) -> Mapping[str, Callable[..., Any]]:
        """By name, for the sandbox's side door."""
        acts: tuple[Callable[..., Any], ...] = (
            self.add_record,
            self.edit_record,
            self.automate,
            self.backdate,
            self.bulk_edit,
            self.delete_record,
            self.undelete_record,
            self.purge_record,
            self.merge_records,
            self.record,
            self.live_records,
            self.share,
            self.lock_row,
            self.hold_for_approval,
            self.set_products,
            self.add_field,
            self.set_stages,
            self.add_choices,
            self.add_user,
            self.drop_cursors,
            self.seed,
        )
        return {act.__name__: act for act in acts}

    # Records

    def add_record(self, object: str = "Opportunity", **fields: Any) -> str:
        """An opportunity gets a stage and a date unless told otherwise."""
        with self._lock:
            if object == "Opportunity":
                fields = {"StageName": next(iter(self._org.stages)), "CloseDate": "2026-12-31"} | fields
            return create(self._org, self._org.table(object), _plain(fields), self._author)

    def edit_record(self, id: str, **fields: Any) -> None:
        """None clears."""
        with self._lock:
            table, id = self._live(id)
            update(self._org, table, id, _plain(fields), self._author)

    def automate(self, id: str, **fields: Any) -> None:
        """A flow or trigger changes values: only SystemModstamp moves (section 8.3)."""
        with self._lock:
            table, id = self._live(id)
            old = table.rows[id]
            changes = canonical(self._org, table, _plain(fields), self._author, creating=False)
            values = {name: value for name, value in {**old, **changes}.items() if value is not None}
            put(self._org, table, id, values | {"SystemModstamp": self._org.stamp()}, self._author)

    def backdate(self, id: str, seconds: int) -> None:
        """As if its transaction had begun so long ago and committed only now: an older stamp (trap 13)."""
        with self._lock:
            table, id = self._any(id)
            values = table.rows[id]
            stamp = stamps.shown(stamps.second_of(values["SystemModstamp"]) - seconds)
            older = {"SystemModstamp": stamp, "LastModifiedDate": min(stamp, values["LastModifiedDate"])}
            table.put(id, values | older)

    def bulk_edit(self, ids: Sequence[str], **fields: Any) -> None:
        """All of them get one stamp (section 8.4)."""
        with self._lock:
            for id in ids:
                self.edit_record(id, **fields)

    def delete_record(self, id: str) -> None:
        """Into the Recycle Bin; a contact role is gone for ever. Refused while something holds the record."""
        with self._lock:
            table, id = self._live(id)
            recycle.remove(self._org, table, id)

    def undelete_record(self, id: str) -> None:
        """Out of it again, with what went along; refused when a unique key has a new holder by now (section 3.4)."""
        with self._lock:
            table, id = self._any(id)
            if id not in table.deleted_at:
                raise KeyError(id)
            recycle.restore(self._org, table, id)

    def purge_record(self, id: str) -> None:
        """Gone for ever, from the Recycle Bin too."""
        with self._lock:
            table, id = self._any(id)
            recycle.purge(self._org, table, id)

    def merge_records(self, winner: str, losers: Sequence[str]) -> None:
        """Real for Account and Contact; for other objects it is what an app from the store does."""
        with self._lock:
            table, winner = self._live(winner)
            merge.merge(self._org, table, winner, [self._live(loser)[1] for loser in losers], self._author)

    def record(self, id: str) -> Values:
        """Everything the record shows now, live or deleted."""
        with self._lock:
            table, id = self._any(id)
            return {field.name: table.rows[id].get(field.name) for field in table.present.values()}

    def live_records(self, object: str = "Opportunity") -> dict[str, Values]:
        """By id, ascending."""
        with self._lock:
            ids = sorted(values["Id"] for values in self._org.table(object).live())
            return {id: self.record(id) for id in ids}

    # What an admin and other users bring about

    def share(self, id: str, *, visible: bool) -> None:
        """The API user may see the record, or not any more (trap 18)."""
        with self._lock:
            table, id = self._any(id)
            sharing.share(self._org, table, id, visible=visible)

    def lock_row(self, id: str, *, times: int = 1) -> None:
        """The next writes to it meet UNABLE_TO_LOCK_ROW (trap 30)."""
        with self._lock:
            self._org.locks[self._any(id)[1]] = times

    def hold_for_approval(self, id: str, *, held: bool = True) -> None:
        """Writes by API meet ENTITY_IS_LOCKED."""
        with self._lock:
            id = self._any(id)[1]
            (self._org.approvals.add if held else self._org.approvals.discard)(id)

    def set_products(self, id: str, *, amount: float | Decimal | None) -> None:
        """The opportunity has products, which make its amount; None takes them away (trap 22)."""
        with self._lock:
            table, id = self._live(id)
            has = {"HasOpportunityLineItem": amount is not None}
            table.put(id, table.rows[id] | has | {"SystemModstamp": self._org.stamp()})
            if amount is not None:
                shown = table.writers["Amount"](_plain({"Amount": amount})["Amount"])
                table.put(id, table.rows[id] | {"Amount": shown})

    def add_field(
        self, name: str, object: str = "Opportunity", *, type: str = "string", visible: bool = True, **more: Any
    ) -> None:
        """A custom field; `more` are attributes of Field, as `unique=True` or `length=64`."""
        with self._lock:
            more = {key: tuple(value) if isinstance(value, list) else value for key, value in more.items()}
            if type == "boolean":
                more = {"default": False, "nillable": False} | more
            tooling.add_field(self._org, self._org.table(object), Field(name=name, type=type, **more), visible=visible)

    def set_stages(self, names: Mapping[str, int], *, won: Sequence[str] = (), lost: Sequence[str] = ()) -> None:
        """All the stages, with their probabilities."""
        with self._lock:
            listed = tuple(
                Stage(name=name, probability=likely, closed=name in {*won, *lost}, won=name in won)
                for name, likely in names.items()
            )
            self._org.set_stages(listed)

    def add_choices(self, field: str, choices: Sequence[str], object: str = "Opportunity") -> None:
        """To a picklist, after those that it has."""
        with self._lock:
            table = self._org.table(object)
            known = table.fields[field]
            table.fields[field] = msgspec.structs.replace(known, values=(*known.values, *choices))
            self._org.redefine()

    def add_user(self, name: str, *, active: bool = True) -> str:
        with self._lock:
            return self._org.add_user(name, active=active)

    def drop_cursors(self) -> None:
        """Open queries lose their locators."""
        with self._lock:
            self._cursors.forget()

    def seed(self, opportunities: int = 100, *, seed_number: int = 1) -> list[str]:
        """Believable Nordic accounts, contacts and opportunities; returns the ids of the last."""
        with self._lock:
            return seed.sow(self._org, opportunities, seed_number, self._author)

    @property
    def _author(self) -> Author:
        return Author(user_id=self._org.person)

    def _any(self, id: str) -> tuple[Table, str]:
        long = full(id)
        table = self._org.by_prefix.get(id[:3])
        if table is None or long is None or long not in table.rows:
            raise KeyError(id)
        return table, long

    def _live(self, id: str) -> tuple[Table, str]:
        table, id = self._any(id)
        if table.rows[id]["IsDeleted"]:
            raise KeyError(id)
        return table, id


def _plain(fields: Mapping[str, Any]) -> Values:
    """A float, as JSON brings it, becomes the Decimal that it shows."""
    return {name: Decimal(str(value)) if isinstance(value, float) else value for name, value in fields.items()}
