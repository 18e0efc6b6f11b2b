"""The currency of amounts, also where the org has only one (salesforce.md trap 37).

CurrencyIsoCode is there only in orgs with several currencies. In any other, all amounts are in the org's own, which
the contract knows no call for: a person names it as `currency` in [connections.crm]. It is then shown with every record
as if the field were there, and left out of what is sent. Money in another currency is refused together with its
amount: nothing is converted, and no amount is put down in a currency that it is not in.
"""

from __future__ import annotations

from collections.abc import Mapping

from syncd.core.remote import Raw

from .shapes import Field, Row

CURRENCY = "CurrencyIsoCode"
NAME_IT = (
    'write currency = "SEK" under [connections.crm], or whichever currency Setup > Company Information of salesforce '
    "names"
)


class Currency:
    """How the records of one object tell the currency of their amounts."""

    def __init__(self, named: str | None, fields: Mapping[str, Field], mapped: tuple[str, ...]) -> None:
        self.named = named  # in the connection
        self.shown = CURRENCY in fields  # by the records themselves
        self._mapped = mapped
        self._amounts = frozenset(name for name, field in fields.items() if field.type == "currency")

    @property
    def assumed(self) -> str | None:
        """What all amounts are in, where the mapping asks, no record says so, and a person did."""
        return self.named if CURRENCY in self._mapped and not self.shown else None

    def told(self, raw: Row) -> Row:
        """The record, with its currency."""
        return raw if self.assumed is None else {**raw, CURRENCY: self.assumed}

    def untold(self, fields: Raw) -> Raw:
        """What is to be sent of these fields: no currency where the records keep none."""
        return fields if self.assumed is None else {name: fields[name] for name in fields if name != CURRENCY}

    def refusals(self, fields: Raw) -> dict[str, str]:
        """Why some must not be written: a currency that is not kept there, and the amounts that are in it."""
        if self.shown or CURRENCY not in fields:
            return {}
        if self.named is None:
            return {CURRENCY: "is missing or hidden from us", **self._with(fields, "would be in no known currency")}
        if fields[CURRENCY] in (None, self.named):
            return {}
        return {
            CURRENCY: f"would be another than {self.named}, the only one of the org",
            **self._with(fields, f"is not in {self.named}"),
        }

    @property
    def remedy(self) -> str:
        """For a write that was refused for its currency."""
        if self.shown:
            return (
                "activate the currency in Setup > Manage Currencies of salesforce, and let our user write "
                f"{CURRENCY}; then syncd held retry"
            )
        if self.named is None:
            return f"{NAME_IT}; then syncd held retry"
        return (
            f"price it in {self.named} in propstreet, or map it to an amount and a currency of its own, as price_min "
            "is; then syncd held retry"
        )

    @property
    def unread_amounts(self) -> tuple[str, ...]:
        """Mapped amounts that each record has in a currency of its own, which the mapping does not look at."""
        if not self.shown or CURRENCY in self._mapped:
            return ()
        return tuple(name for name in self._mapped if name in self._amounts)

    def _with(self, fields: Raw, why: str) -> dict[str, str]:
        return {name: why for name, value in fields.items() if name in self._amounts and value is not None}
