"""One request on its way through the twin: what handlers are given and what they give back."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from syncd.testing.sandbox.wire import Request

from .access import Access
from .account import Account
from .records import Source
from .refusal import Refusal
from .switches import App

Body = TypeVar("Body")


class Answer(msgspec.Struct, frozen=True):
    status: int
    content: Any = None  # None: no body


class Call:
    """A request that has been let in. Path segments are decoded; `rest` is what follows the area's name."""

    def __init__(self, request: Request, rest: tuple[str, ...], *, app: App, account: Account, dated: bool) -> None:
        self.method = request.method
        self.rest = rest
        self.app = app
        self.account = account
        self.dated = dated  # the 2026-09 family, whose batch answers differ
        self.path, _, self.query_string = request.target.partition("?")
        self._body = request.body
        self._query: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query_string, keep_blank_values=True):
            self._query.setdefault(name, []).append(value)

    @property
    def source(self) -> Source:
        return Source("INTEGRATION", str(self.app.id))

    def need(self, *scopes: str) -> None:
        """One of these scopes, else 403."""
        Access.demand(self.app, scopes)

    def body(self, shape: type[Body]) -> Body:
        """The JSON body. Unknown keys are dropped without a word, as HubSpot does (trap 37)."""
        try:
            return msgspec.json.decode(self._body, type=shape)
        except msgspec.ValidationError as exc:
            raise Refusal(f"Invalid input JSON: {exc}") from exc
        except msgspec.DecodeError as exc:
            raise Refusal("Invalid input JSON on line 1, column 1: Unable to parse the body") from exc

    @property
    def body_characters(self) -> int:
        return len(self._body.decode("utf-8", "replace"))

    def many(self, name: str) -> list[str]:
        """A list from the query, as repeated keys, joined by commas, or both."""
        return [part for value in self._query.get(name, []) for part in value.split(",") if part]

    def one(self, name: str) -> str | None:
        return self._query.get(name, [None])[-1] or None

    def flag(self, name: str) -> bool:
        """In any case, because SDK 12 sends `True` (trap 38)."""
        value = (self.one(name) or "false").lower()
        if value not in ("true", "false"):
            raise Refusal(f"Invalid boolean for query parameter {name}")
        return value == "true"

    def whole(self, name: str, default: int) -> int:
        value = self.one(name)
        if value is None:
            return default
        if not (value.isascii() and value.isdigit()):
            raise Refusal(f"Invalid integer for query parameter {name}")
        return int(value)
