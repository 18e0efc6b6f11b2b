"""Answers and refusals in Propstreet's manner: JSON bodies and problem documents (propstreet.md, section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from syncd.testing.sandbox.wire import Response

from .switches import Switches

URL_MAX = 8_000  # section 1
BODY_MAX = 10 * 1024 * 1024  # section 1

Errors = dict[str, list[str]]


class Refusal(Exception):
    """The request is answered with a problem document. `slug` is the last segment of its type."""

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        *,
        errors: Errors | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}


class Reply(msgspec.Struct, frozen=True):
    """What an endpoint answers, before the headers that every answer carries."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}


def response(reply: Reply, common: Mapping[str, str]) -> Response:
    if not reply.body:
        return Response(reply.status, {**common, **reply.headers})
    return Response(
        reply.status, {"content-type": "application/json; charset=utf-8", **common, **reply.headers}, reply.body
    )


def refused(refusal: Refusal, switches: Switches, common: Mapping[str, str]) -> Response:
    document: dict[str, Any] = {
        "type": _type_of(refusal, switches),
        "title": refusal.slug.replace("-", " ").capitalize(),
        "status": refusal.status,
        "detail": refusal.detail,
    }
    if refusal.slug == "precondition-failed":
        del document["status"]  # the guide's own sample lacks it
    if refusal.errors:
        document["errors"] = refusal.errors
    headers = {"content-type": "application/problem+json; charset=utf-8", **common, **refusal.headers}
    return Response(refusal.status, headers, msgspec.json.encode(document))


def stale(switches: Switches) -> Refusal:
    """The If-Match tag is not the current one (section 6; the oldest guides said 409)."""
    status = 409 if switches.stale == "409" else 412
    return Refusal(status, "precondition-failed", "The resource has been modified since it was read.")


def missing() -> Refusal:
    return Refusal(404, "not-found", "No such resource, or it is not visible to you.")


def invalid(errors: Errors) -> Refusal:
    return Refusal(400, "validation-failed", "One or more fields are not valid.", errors=errors)


def _type_of(refusal: Refusal, switches: Switches) -> str:
    if refusal.slug != "precondition-failed":
        urn = switches.problem_types == "urn"
    elif switches.stale == "409":
        return "https://tools.ietf.org/html/rfc7807"
    else:
        urn = switches.stale == "412 urn"
    return f"urn:propstreet:error:{refusal.slug}" if urn else f"/help/{refusal.slug}"
