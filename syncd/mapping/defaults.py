"""Named policies for what a new CRM record must have and no field of Propstreet says, such as a close date.

A policy is worked out of the record's own canonical fields and nothing else: no clock, so that a resend of the same
create, a day later, carries the same body. A person may correct the value; it is never compared, nor written again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Protocol

import msgspec

from syncd.core.model import Fields, FieldType

from .codecs import Unwritable, Wire
from .node import Node
from .problems import suggestion

DAYS_MAX = 36_500  # a century; more is a slip of the finger


class DefaultPolicy(Protocol):
    @property
    def type(self) -> FieldType:
        """What the property must be able to hold."""

    @property
    def source(self) -> str:
        """The canonical field that it is worked out of; it must be mapped, and flow to the CRM."""

    def value(self, fields: Fields) -> Wire:
        """The value for a record with these fields. Raises Unwritable with a reason that fits behind the source."""


def read_policy(node: Node) -> DefaultPolicy | None:
    """The policy that a table of `on_create` names; None with a problem where it names none that can be used."""
    name = node.text("policy")
    if name is None:
        if "policy" not in node:
            node.wrong("policy", "is missing", f"use one of {', '.join(_POLICIES)}, or a text instead of the table")
        return None
    if name not in _POLICIES:
        node.wrong("policy", "is not one of its choices", suggestion(name, _POLICIES))
        return None
    return _POLICIES[name](node)


class DaysAfterCreated(msgspec.Struct, frozen=True):
    """`days_after_created`: the day, in UTC, on which the project was created, and so many days later."""

    days: int

    type = FieldType.DATE
    source = "created"

    def value(self, fields: Fields) -> Wire:
        created = fields.get(self.source)
        if created is None:
            raise Unwritable("is empty")
        try:
            return (date.fromisoformat(str(created)[:10]) + timedelta(days=self.days)).isoformat()
        except (ValueError, OverflowError):
            raise Unwritable("is too late for a date to come after it") from None


def _days_after_created(node: Node) -> DaysAfterCreated | None:
    node.only(("policy", "days"))
    if "days" not in node:
        node.wrong("days", "is missing", "write how many days, as in days = 180")
    days = node.whole("days", most=DAYS_MAX)
    return None if days is None else DaysAfterCreated(days)


_POLICIES: Mapping[str, Callable[[Node], DefaultPolicy | None]] = {"days_after_created": _days_after_created}
