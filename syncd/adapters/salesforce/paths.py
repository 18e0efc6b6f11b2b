"""The one place that knows how Salesforce's paths are spelled; `base` is "/services/data/v67.0".

What simple-salesforce's restful() takes is relative to the base; what a composite call takes is not.
"""

from __future__ import annotations

from urllib.parse import urlencode

TOKEN = "/services/oauth2/token"
VERSIONS = "/services/data/"
COMPOSITE = "composite"
COLLECTION = "composite/sobjects"
CUSTOM_FIELD = "sobjects/CustomField/"  # of the Tooling API


def base(version: str) -> str:
    return f"/services/data/v{version}"


def describe(name: str) -> str:
    return f"sobjects/{name}/describe"


def objects(name: str) -> str:
    return f"sobjects/{name}/"


def row(name: str, id: str) -> str:
    return f"sobjects/{name}/{id}"


def upserts(name: str, key: str) -> str:
    return f"{COLLECTION}/{name}/{key}"


def retrieves(name: str) -> str:
    return f"{COLLECTION}/{name}"


def query(soql: str) -> str:
    """Inside a composite call; elsewhere simple-salesforce builds it."""
    return "query/?" + urlencode({"q": soql})
