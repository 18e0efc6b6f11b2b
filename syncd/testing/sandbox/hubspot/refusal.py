"""How HubSpot says no (hubspot.md, section 6): one exception, rendered as a whole body or as a row of a batch."""

from __future__ import annotations

from typing import Any

import msgspec

PORTAL_ID = 4242
Context = dict[str, list[str]]


class Unfit(msgspec.Struct, frozen=True):
    """One property that can't be written."""

    name: str
    code: str
    message: str


class Refusal(ValueError):
    """The request, or one row of it, is refused. `status` is the answer's when the whole request is."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        category: str = "VALIDATION_ERROR",
        sub_category: str | None = None,
        context: Context | None = None,
        errors: list[dict[str, Any]] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.category = category
        self.sub_category = sub_category
        self.context = context or {}
        self.errors = errors or []
        self.extra = extra or {}

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The answer to a request that is refused as a whole."""
        body: dict[str, Any] = {"status": "error", "message": self.message, "correlationId": correlation_id}
        if self.category:
            body["category"] = self.category
        return body | self._details() | self.extra

    def row(self, context: Context | None = None) -> dict[str, Any]:
        """One entry of `errors` in a batch answer; `context` says which input it was."""
        row = {"status": "error", "category": self.category, "message": self.message}
        return row | self._details() | {"context": {**self.context, **(context or {})}}

    def _details(self) -> dict[str, Any]:
        details: dict[str, Any] = {}
        if self.sub_category:
            details["subCategory"] = self.sub_category
        if self.context:
            details["context"] = self.context
        if self.errors:
            details["errors"] = self.errors
        return details


class NoSuchPath(Exception):
    """Nothing is served here: HubSpot answers with a page, not with JSON."""


class WrongMethod(Exception):
    """The path exists, the method does not: a page as well."""


def unfit(problems: list[Unfit], *, structured: bool) -> Refusal:
    """Property failures: a JSON list hidden inside the message and, usually, structured twins beside it."""
    listed = [
        {
            "isValid": False,
            "message": problem.message,
            "error": problem.code,
            "name": problem.name,
            "localizedErrorMessage": problem.message,
            "portalId": PORTAL_ID,
        }
        for problem in problems
    ]
    twins = [
        {"message": problem.message, "code": problem.code, "context": {"propertyName": [problem.name]}}
        for problem in problems
    ]
    hidden = msgspec.json.encode(listed).decode()
    return Refusal(f"Property values were not valid: {hidden}", errors=twins if structured else None)


def missing_properties(code: str, label: str, names: list[str]) -> Refusal:
    """Required on create, or required by an admin's rule."""
    message = f"Error creating {label.upper()}. Some required properties were not set."
    error = {"message": message, "code": code, "context": {"properties": names}}
    return Refusal(message, context={"properties": names}, errors=[error])


def not_found(label: str, ids: list[str]) -> Refusal:
    return Refusal(
        f"Could not get some {label.upper()} objects, they may be deleted or not exist. Check that ids are valid.",
        status=404,
        category="OBJECT_NOT_FOUND",
        context={"ids": ids},
    )


def already_exists(label: str, existing_id: str) -> Refusal:
    """A create whose unique value is taken: the one prose that a client may parse."""
    return Refusal(
        f"{label} already exists. Existing ID: {existing_id}",
        status=409,
        category="CONFLICT",
        context={"existingId": [existing_id]},
    )


def value_taken(name: str, own_id: str, existing_id: str) -> Refusal:
    """An update onto a unique value of another record."""
    message = f"Cannot set property {name} on {own_id}. {existing_id} already has that value."
    error = {"message": message, "code": "CONFLICTING_UNIQUE_VALUE", "context": {"propertyName": [name]}}
    return Refusal(message, errors=[error])
