"""The one place that knows how HubSpot's paths are spelled in each API version (hubspot.md 2.1, trap 42).

The SDK speaks the numbered paths only; a dated version is a rewriting of them. Paths that the SDK does not wrap
are named here too, so that no other module spells a path.
"""

from __future__ import annotations

ACCOUNT_DETAILS = "/account-info/v3/details"
TOKEN_INFO = "/oauth/v2/private-apps/get/access-token-info"

_REWRITES: dict[str, tuple[tuple[str, str], ...]] = {
    "v3": (),
    "2026-09": (
        ("/crm/v3/objects/", "/crm/objects/2026-09/"),
        ("/crm/v3/properties/", "/crm/properties/2026-09/"),
        ("/crm/v3/pipelines/", "/crm/pipelines/2026-09/"),
        ("/crm/v4/associations/", "/crm/associations/2026-09/"),
    ),
}


def in_version(api: str, path: str) -> str:
    """This numbered path as the chosen version spells it; paths without a dated form stay."""
    for numbered, dated in _REWRITES[api]:
        if path.startswith(numbered):
            return dated + path.removeprefix(numbered)
    return path
