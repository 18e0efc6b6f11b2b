"""What people and companies are recognised by: addresses in the fields that Salesforce itself has for them.

Fields of our own are no evidence: only what carries our stamp already has them filled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from syncd.core.match import domain_key, email_key, keys_of
from syncd.core.model import Kind

from .shapes import Field, Row

EMAIL, WEBSITE = "Email", "Website"

_KEYS: Mapping[Kind, Callable[[Any], str | None]] = {Kind.CONTACT: email_key, Kind.COMPANY: domain_key}


def key_fields(kind: Kind, mapped: Sequence[str], fields: Mapping[str, Field]) -> tuple[str, ...]:
    """Of a contact, Email and the mapped fields of that type; of a company, Website. Only what can be searched by."""
    wanted = {Kind.CONTACT: (EMAIL, *mapped), Kind.COMPANY: (WEBSITE,)}.get(kind, ())
    types = {Kind.CONTACT: "email", Kind.COMPANY: "url"}
    shown = (name for name in dict.fromkeys(wanted) if name in fields)
    return tuple(name for name in shown if fields[name].type == types[kind] and fields[name].filterable)


def keys_in(kind: Kind, raw: Row, names: Sequence[str]) -> tuple[str, ...]:
    """As Remote.keys wants them."""
    return keys_of(_KEYS[kind](raw.get(name)) for name in names)
