"""What people do in a CRM's own user interface, the same acts for every CRM that the proofs run over.

Values are canonical: the connection's own table says which properties they become, so no act depends on how a shipped
table names things. Each class knows its twin and nothing of syncd.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from syncd.core.instant import canonical_instant, to_epoch_ms
from syncd.core.model import RIGHT, Value
from syncd.mapping import Mapper
from syncd.testing.sandbox.hubspot import HubSpotTwin
from syncd.testing.sandbox.salesforce import SalesforceTwin

Record = dict[str, Any]


class Write(msgspec.Struct, frozen=True):
    """One write of an API client, as it took effect."""

    id: str
    names: frozenset[str]  # of what it changed


class CrmPeople(Protocol):
    """People of one CRM. A record that is not there is a KeyError, a refused act a ValueError."""

    what: str  # one record is called
    stamp: str  # the property that carries the Propstreet id
    merges: bool  # can two records become one?
    one_currency: bool  # may there be only one that its records can be priced in?

    def add(self, mapper: Mapper, values: Mapping[str, Value], *, outside: bool = False) -> str:
        """A record in the table's scope, or outside of it."""

    def edit(self, id: str, mapper: Mapper, field: str, value: Value, *, late_s: int = 0) -> None:
        """`late_s`: how long the edit was under way before it could be seen, in a CRM whose stamps tell the start."""

    def touch(self, id: str, text: str) -> None:
        """Something that no table maps."""

    def upset(self, id: str) -> str:
        """What only happens in this CRM, to this record or at large; says what it was."""

    def delete(self, id: str) -> None: ...

    def restore(self, id: str) -> None: ...

    def merge(self, primary: str, other: str) -> str:
        """The survivor's id."""

    def record(self, id: str) -> Record:
        """Everything that it shows."""

    def live(self) -> dict[str, Record]:
        """All that are not deleted, by id."""

    def seen(self, record: Record, mapper: Mapper) -> Record:
        """As a client reads it, as far as the table asks."""

    def writes(self) -> list[Write]:
        """What API clients wrote so far, setting up apart."""

    def derived(self) -> frozenset[str]:
        """Properties that change by themselves with those that are written."""


def people_of(twin: HubSpotTwin | SalesforceTwin) -> CrmPeople:
    return HubSpotPeople(twin) if isinstance(twin, HubSpotTwin) else SalesforcePeople(twin)


class HubSpotPeople:
    what = "deal"
    stamp = "propstreet_id"
    merges = True
    one_currency = False

    def __init__(self, twin: HubSpotTwin) -> None:
        self._twin = twin
        self._person = twin.person

    def add(self, mapper: Mapper, values: Mapping[str, Value], *, outside: bool = False) -> str:
        props = _properties(mapper, values)
        if outside:
            if "other" not in self._twin.account.collection("deals").pipelines:
                self._person.add_pipeline("other", {"other_open": "0.5"})
            props |= {"pipeline": "other", "dealstage": "other_open"}
        return self._person.add_deal(**props)

    def edit(self, id: str, mapper: Mapper, field: str, value: Value, *, late_s: int = 0) -> None:
        # A form knows no null: an emptied field is an empty text.
        properties = _properties(mapper, {field: value})
        self._person.edit_deal(id, **{name: "" if shown is None else shown for name, shown in properties.items()})

    def touch(self, id: str, text: str) -> None:
        self._person.edit_deal(id, description=text)

    def upset(self, id: str) -> str:
        return "nothing"

    def delete(self, id: str) -> None:
        self._person.archive_deal(id)

    def restore(self, id: str) -> None:
        self._person.restore_deal(id)

    def merge(self, primary: str, other: str) -> str:
        return self._person.merge_deals(primary, other)

    def record(self, id: str) -> Record:
        return dict(self._person.deal(id))

    def live(self) -> dict[str, Record]:
        return {id: dict(deal) for id, deal in self._person.live_deals().items()}

    def seen(self, record: Record, mapper: Mapper) -> Record:
        return {name: record.get(name) for name in mapper.crm_fields}

    def writes(self) -> list[Write]:
        journal = self._twin.journal
        return [Write(one.id, frozenset(one.changes)) for one in journal if one.object_type == "deals"]

    def derived(self) -> frozenset[str]:
        return frozenset({"createdate"})


class SalesforcePeople:
    """Of opportunities, which can be deleted and undeleted but not merged (salesforce.md section 7.3)."""

    what = "opportunity"
    stamp = "Propstreet_Id__c"
    merges = False
    one_currency = True
    SCOPE, INSIDE, OUTSIDE = "Type", "New Business", "Existing Business"

    def __init__(self, twin: SalesforceTwin) -> None:
        self._twin = twin
        self._person = twin.person

    def add(self, mapper: Mapper, values: Mapping[str, Value], *, outside: bool = False) -> str:
        scope = self.OUTSIDE if outside else self.INSIDE
        return self._person.add_record("Opportunity", **{self.SCOPE: scope}, **self._typed(mapper, values))

    def edit(self, id: str, mapper: Mapper, field: str, value: Value, *, late_s: int = 0) -> None:
        """Trap 13: late, but never with a stamp before the record's last, because an edit locks the row."""
        last = canonical_instant(self.record(id)["SystemModstamp"])
        self._person.edit_record(id, **self._typed(mapper, {field: value}))
        now = canonical_instant(self.record(id)["SystemModstamp"])
        late_s = min(late_s, (to_epoch_ms(now) - to_epoch_ms(last)) // 1000 - 1)
        if late_s > 0:
            self._person.backdate(id, late_s)

    def touch(self, id: str, text: str) -> None:
        self._person.edit_record(id, NextStep=text)

    def upset(self, id: str) -> str:
        """Sessions end, rows are locked by their neighbours (trap 30), flows move a stamp and no value (8.3)."""
        match int(self._twin.clock.time()) % 3:
            case 0:
                self._twin.expire_sessions()
                return "all sessions end"
            case 1:
                self._person.lock_row(id, times=2)
                return "locked"
        self._person.automate(id, NextStep="Call them")
        return "automated"

    def delete(self, id: str) -> None:
        self._person.delete_record(id)

    def restore(self, id: str) -> None:
        self._person.undelete_record(id)

    def merge(self, primary: str, other: str) -> str:
        raise ValueError("salesforce can't merge opportunities")

    def record(self, id: str) -> Record:
        return dict(self._person.record(id))

    def live(self) -> dict[str, Record]:
        return {id: dict(record) for id, record in self._person.live_records().items()}

    def seen(self, record: Record, mapper: Mapper) -> Record:
        """An org of one currency shows none; its users know it."""
        switches = self._twin.org.switches
        own = {} if switches.multi_currency else {"CurrencyIsoCode": switches.currency}
        return {name: record.get(name, own.get(name)) for name in mapper.crm_fields}

    def writes(self) -> list[Write]:
        journal = self._twin.journal
        return [Write(one.id, frozenset(one.changes)) for one in journal if one.object == "Opportunity"]

    def derived(self) -> frozenset[str]:
        """What Salesforce fills in by itself, and what follows the stage."""
        fields = self._twin.org.table("Opportunity").fields.values()
        filled = {field.name for field in fields if field.default is not None or field.type == "boolean"}
        return frozenset(filled) | {"OwnerId", "Probability", "ForecastCategoryName"}

    def _typed(self, mapper: Mapper, values: Mapping[str, Value]) -> dict[str, Any]:
        """Numbers as numbers, and no currency where the org has only one."""
        table = self._twin.org.table("Opportunity")
        types = {field.name: field.type for field in table.present.values()}
        properties = _properties(mapper, values)
        return {name: _number(value, types[name]) for name, value in properties.items() if name in types}


def _properties(mapper: Mapper, values: Mapping[str, Value]) -> dict[str, Any]:
    writing = mapper.write(RIGHT, dict(values), current=None)
    assert not writing.refused, writing.refused
    return dict(writing.wire)


def _number(value: Any, type: str) -> Any:
    return Decimal(value) if type in ("currency", "double", "int") and value is not None else value
