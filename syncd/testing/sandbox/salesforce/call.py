"""One request on its way through the twin: what handlers are given and what they give back.

A subrequest of a composite call is a Call of its own, so every handler serves both.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from . import stamps
from .org import Author, Org
from .refusal import Refusal, no_such_resource, wrong_method
from .table import Table

_decoder = msgspec.json.Decoder(float_hook=Decimal)


class Answer(msgspec.Struct, frozen=True):
    status: int
    content: Any = None  # None: no body
    headers: Mapping[str, str] = {}


class Call:
    """A request that has been let in. `rest` is what follows the version in the path, decoded."""

    def __init__(
        self, org: Org, method: str, target: str, headers: Mapping[str, str], body: Any, *, within: bool = False
    ) -> None:
        path, _, query = target.partition("?")
        segments = [unquote(part) for part in path.removeprefix("/services/data/").split("/")]
        self.org = org
        self.method = method
        self.headers = headers
        self.within = within  # is it a subrequest?
        self.version = segments[0].removeprefix("v")
        self.base = f"/services/data/{segments[0]}"
        self.rest = tuple(part for part in segments[1:] if part)  # with and without a trailing slash
        self._query = dict(parse_qsl(query, keep_blank_values=True))
        self._body = body

    def one(self, name: str) -> str | None:
        return self._query.get(name) or None

    def many(self, name: str) -> list[str]:
        return [part.strip() for part in (self.one(name) or "").split(",") if part.strip()]

    def flag(self, name: str) -> bool:
        return (self.one(name) or "false").lower() == "true"

    def body(self) -> dict[str, Any]:
        """The JSON object that was sent; numbers with a fraction are Decimals."""
        content = decode(self._body) if isinstance(self._body, bytes) else self._body
        if not isinstance(content, dict):
            raise Refusal("JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body.")
        return content

    def table(self, name: str) -> Table:
        table = self.org.find(name)
        if table is None or table.kind.tooling:
            raise no_such_resource()
        return table

    def author(self, *, tagged: bool = True) -> Author:
        """The API user; collections and subrequests carry no client tag (section 4)."""
        tagged = (tagged and not self.within) or self.org.switches.tags_collections
        options = header_options(self.headers.get("sforce-call-options", ""))
        rule = header_options(self.headers.get("sforce-duplicate-rule-header", ""))
        return Author(
            user_id=self.org.api_user,
            api=True,
            client=options.get("client") if tagged else None,
            allow_save=rule.get("allowsave", "").lower() == "true",
        )

    def since(self, header: str) -> int | None:
        """The second that a conditional header names; 400 when it is no HTTP date."""
        text = self.headers.get(header)
        if text is None or (self.within and not self.org.switches.composite_guards):
            return None
        second = stamps.read_http_date(text)
        if second is None:
            raise Refusal("INVALID_HEADER_TYPE", f"{header}: not a valid HTTP date")
        return second

    def demand_method(self, *allowed: str) -> None:
        if self.method not in allowed:
            raise wrong_method(self.method, ",".join(allowed))


def decode(body: bytes) -> Any:
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError as exc:
        raise Refusal("JSON_PARSER_ERROR", f"Unexpected character at [line:1, column:1]: {exc}") from exc


def header_options(text: str) -> dict[str, str]:
    """`client=x; allowSave=true`, names in lower case."""
    pairs = (part.partition("=") for part in text.replace(",", ";").split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
