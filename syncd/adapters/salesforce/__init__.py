"""Salesforce through simple-salesforce 1.12 (salesforce.md): opportunities, contacts, accounts, and any other object.

`factory` is what the entry point names. Salesforce's own words (SOQL, collections, composite) end at this package.
"""

from __future__ import annotations

from syncd.adapters.base import Adapter, Setting

from .adapter import SalesforceAdapter as SalesforceAdapter


def factory(setting: Setting) -> Adapter:
    """The adapter of one connection. Raises ConfigError; connects to nothing."""
    return SalesforceAdapter(setting)
