"""What a body may say about a contact, a company or a link, and what it comes to (section 17)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from syncd.testing.sandbox.propstreet.bodies import TEXT_MAX, Attributes, Reader, object_of, read, refs, tags, text
from syncd.testing.sandbox.propstreet.http import invalid
from syncd.testing.sandbox.propstreet.switches import Switches

from . import addresses
from .record import Company, Contact, Link

CONNECTIONS_MAX = 50  # our own bound


class Connection(msgspec.Struct, frozen=True):
    """A company that a contact is to be linked to."""

    company_id: str
    job_title: str | None
    is_primary: bool


def contact(sent: Mapping[str, Any], current: Contact | None, switches: Switches) -> Attributes:
    """Raises 400. `connections` and `blocked` are no attributes of the row: its owner takes them out."""
    attributes = addresses.together(read(sent, _CONTACT, current, switches), current)
    known = ("first_name", "last_name", "email", "phone")
    if current is None and not any(attributes.get(name) for name in known):
        raise invalid({"name": ["a name, an e-mail address or a phone number is required"]})
    return attributes


def company(sent: Mapping[str, Any], current: Company | None, switches: Switches) -> Attributes:
    """Raises 400. A homepage decides on the domain, whatever the body says about that."""
    attributes = read(sent, _COMPANY, current, switches, required=("name",))
    if "homepage_url" in attributes:
        attributes.pop("domain", None)
        if attributes["homepage_url"] is not None:
            attributes["domain"] = addresses.host_of(attributes["homepage_url"])
    return attributes


def link(sent: Mapping[str, Any], current: Link | None, switches: Switches) -> Attributes:
    """Raises 400. Its ends are given once; whether it is the primary one is said later."""
    if current is None:
        return read(sent, _NEW_LINK, None, switches, required=("contactId", "companyId"))
    return read(sent, _LINK, current, switches)


def _name(value: Any, current: Any, switches: Switches) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > TEXT_MAX:
        raise ValueError(f"must be text of 1 to {TEXT_MAX} characters")
    return value


def id_of(value: Any, current: Any, switches: Switches) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be an id")
    return value


def _code(value: Any, current: Any, switches: Switches) -> str | None:
    if value is None or (isinstance(value, str) and len(value) == 2 and value.isascii() and value.isalpha()):
        return value
    raise ValueError("must be two letters")


def _flag(value: Any, current: Any, switches: Switches) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _as_sent(value: Any, current: Any, switches: Switches) -> Any:
    return value


def _connections(value: Any, current: Any, switches: Switches) -> tuple[Connection, ...]:
    if not isinstance(value, list) or len(value) > CONNECTIONS_MAX:
        raise ValueError(f"must be a list of at most {CONNECTIONS_MAX}")
    return tuple(_connection(item, switches) for item in value)


def _connection(value: Any, switches: Switches) -> Connection:
    sent = object_of(value, "companyId", "jobTitle", "isPrimary")
    return Connection(
        id_of(sent.get("companyId"), None, switches),
        text()(sent.get("jobTitle"), None, switches),
        _flag(sent.get("isPrimary", False), None, switches),
    )


_CONTACT: Mapping[str, Reader] = {
    "firstName": text(),
    "lastName": text(),
    "email": addresses.email,
    "phone": addresses.phone,
    "linkedInUrl": text(),
    "emails": addresses.emails,
    "phones": addresses.phones,
    "primaryLanguage": _code,
    "tags": tags,
    "strategy": _as_sent,
    "externalRefs": refs,
    "connections": _connections,
    "blocked": _flag,
}
_COMPANY: Mapping[str, Reader] = {
    "name": _name,
    "domain": addresses.domain,
    "homepageUrl": text(),
    "linkedInUrl": text(),
    "countryCode": _code,
    "tags": tags,
    "strategy": _as_sent,
    "externalRefs": refs,
}
_NEW_LINK: Mapping[str, Reader] = {"contactId": id_of, "companyId": id_of, "jobTitle": text()}
_LINK: Mapping[str, Reader] = {"jobTitle": text(), "isPrimary": _flag}
