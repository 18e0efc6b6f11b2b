"""HubSpot through hubspot-api-client 12: deals, contacts, companies, custom objects, and who is on a deal (hubspot.md).

`factory` is what the entry point names. HubSpot's own words (properties, batches, policies) end at this package.
"""

from __future__ import annotations

from syncd.adapters.base import Adapter, Setting

from .adapter import HubSpotAdapter as HubSpotAdapter


def factory(setting: Setting) -> Adapter:
    """The adapter of one connection. Raises ConfigError; connects to nothing."""
    return HubSpotAdapter(setting)
