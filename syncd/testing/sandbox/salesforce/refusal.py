"""How Salesforce says no (salesforce.md, section 6.1): one exception, in the two shapes of its error objects.

As the answer to a request it is a list of `{message, errorCode, fields}`; as a row of a collection it has
`statusCode` instead. Pages of HTML and OAuth's own shape are exceptions of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

STATUSES = {
    "NOT_FOUND": 404,
    "ENTITY_IS_DELETED": 404,
    "INVALID_SESSION_ID": 401,
    "INVALID_AUTH_HEADER": 401,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "API_DISABLED_FOR_ORG": 403,
    "INSUFFICIENT_ACCESS": 403,
    "INSUFFICIENT_ACCESS_OR_READONLY": 403,
    "METHOD_NOT_ALLOWED": 405,
    "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE": 412,
}


class Refusal(ValueError):
    """The request, or one row of it, is refused. `status` is the answer's when the whole request is."""

    def __init__(
        self, code: str, message: str, *, fields: Sequence[str] | None = None, extra: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields
        self.extra = extra or {}  # beside the usual keys, at the top level only
        self.status = STATUSES.get(code, 400)

    def body(self) -> list[dict[str, Any]]:
        """The answer to a request; `fields` is often missing there."""
        item: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            item["fields"] = list(self.fields)
        return [item | self.extra]

    def row(self) -> dict[str, Any]:
        """One row of a collection's answer."""
        error = {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ())}
        return {"success": False, "errors": [error | self.extra]}


class OAuthRefusal(Exception):
    """An object, not a list (section 3.1)."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "error_description": description}


class Page(Exception):
    """Not JSON: what an edge, a redirect or the SOAP endpoint answers with."""

    def __init__(self, status: int, body: str, content_type: str = "text/html;charset=UTF-8") -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.content_type = content_type


def no_such_column(object: str, name: str) -> Refusal:
    """On a write; missing and hidden by field-level security read the same."""
    return Refusal("INVALID_FIELD", f"No such column '{name}' on sobject of type {object}")


def not_found(name: str = "Id") -> Refusal:
    """The text blames an external id field, whatever was wrong (section 3.3, trap 36)."""
    return Refusal("NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}", fields=None)


def no_such_resource() -> Refusal:
    return Refusal("NOT_FOUND", "The requested resource does not exist")


def deleted() -> Refusal:
    return Refusal("ENTITY_IS_DELETED", "entity is deleted", fields=())


def wrong_method(method: str, allowed: str) -> Refusal:
    return Refusal("METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {allowed}")
