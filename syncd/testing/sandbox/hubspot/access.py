"""Who may come in, and for what (hubspot.md, sections 2.2 and 2.3): tokens, scopes, introspection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .definitions import CUSTOM
from .refusal import PORTAL_ID, Refusal
from .switches import App

USER_ID = 7000001
_RECORD_SCOPES = (
    f"crm.{family}.{kind}.{right}"
    for family in ("objects", "schemas")
    for kind in ("deals", "contacts", "companies", CUSTOM)
    for right in ("read", "write")
)
SCOPES = (*_RECORD_SCOPES, "crm.objects.owners.read", "oauth")


class Access:
    """The tokens of the account. `apps` None lets any bearer token in as one app with every scope."""

    def __init__(self, apps: Mapping[str, App] | None) -> None:
        self.apps = None if apps is None else dict(apps)

    def enter(self, headers: Mapping[str, str]) -> App:
        """The app behind the Authorization header, or 401."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        return self._app(token.strip() if scheme.lower() == "bearer" else "")

    @staticmethod
    def demand(app: App, scopes: tuple[str, ...]) -> None:
        """403 unless the app has one of them."""
        if app.scopes is None or not app.scopes.isdisjoint(scopes):
            return
        error = {
            "message": "One or more of the following scopes are required.",
            "context": {"requiredGranularScopes": list(scopes)},
        }
        raise Refusal(
            "This app hasn't been granted all required scopes to make this call.",
            status=403,
            category="MISSING_SCOPES",
            errors=[error],
            extra={"links": {"scopes": "https://developers.hubspot.com/scopes"}},
        )

    def introspect(self, token: str) -> dict[str, Any]:
        """POST /oauth/v2/private-apps/get/access-token-info."""
        app = self._app(token)
        scopes = SCOPES if app.scopes is None else sorted(app.scopes)
        return {"userId": USER_ID, "hubId": PORTAL_ID, "appId": app.id, "scopes": list(scopes)}

    def _app(self, token: str) -> App:
        app = App() if self.apps is None and token else (self.apps or {}).get(token)
        if app is None:
            raise Refusal(
                "Authentication credentials not found. This API supports OAuth 2.0 authentication.",
                status=401,
                category="INVALID_AUTHENTICATION",
            )
        if app.expired:
            raise Refusal(
                "The OAuth token used to make this call expired.", status=401, category="EXPIRED_AUTHENTICATION"
            )
        return app
