"""What the server makes of telephone numbers, e-mail addresses and domains (propstreet.md, sections 17.1 and 17.2).

What it shows differs from what was written (trap 54).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from syncd.testing.sandbox.propstreet.bodies import TEXT_MAX, Attributes, Reader, object_of
from syncd.testing.sandbox.propstreet.switches import Switches

from .record import KINDS_OF_ADDRESS, Address, Contact, Email, Phone

EMAIL_MAX = 254
PHONE_MAX = 50
ADDRESSES_MAX = 50  # our own bound

A = TypeVar("A", bound=Address)

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NOT_DIALLED = re.compile(r"[\s().\-/\u00a0\u2010-\u2015]")


def e164(text: str, country: str | None) -> str:
    """+46701234567 where the number can be told for sure; otherwise as it was sent."""
    dialled = _NOT_DIALLED.sub("", text.replace("(0)", ""))
    if dialled.startswith("00"):
        dialled = "+" + dialled[2:]
    elif dialled.startswith("0") and country is not None:
        dialled = f"+{country}{dialled[1:]}"
    return dialled if re.fullmatch(r"\+[1-9]\d{6,14}", dialled) else text


def host_of(text: str) -> str | None:
    """The domain in a domain or an address: lower-case, without www. None: there is none."""
    host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    host = host.lower().removeprefix("www.").rstrip(".")
    return host or None


def email(value: Any, current: Any, switches: Switches) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > EMAIL_MAX or not _EMAIL.fullmatch(value.strip()):
        raise ValueError("must be an e-mail address")
    return value.strip()


def phone(value: Any, current: Any, switches: Switches) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > PHONE_MAX or not value.strip():
        raise ValueError(f"must be text of 1 to {PHONE_MAX} characters")
    return e164(value, switches.phone_country)


def emails(value: Any, current: Any, switches: Switches) -> tuple[Email, ...]:
    parts = _parts(value, "address", email, switches)
    return _one_primary([Email(address=text, type=kind, is_primary=primary) for text, kind, primary in parts])


def phones(value: Any, current: Any, switches: Switches) -> tuple[Phone, ...]:
    parts = _parts(value, "number", phone, switches)
    return _one_primary([Phone(number=text, type=kind, is_primary=primary) for text, kind, primary in parts])


def domain(value: Any, current: Any, switches: Switches) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > TEXT_MAX or "." not in (host_of(value) or ""):
        raise ValueError("must be a domain")
    return host_of(value)


def together(attributes: Attributes, current: Contact | None) -> Attributes:
    """The single value and the list of either sort, made to agree: the primary one is the single value."""
    whole = dict(attributes)
    if "email" in whole or "emails" in whole:
        emails = whole.get("emails", current.emails if current is not None else ())
        if "email" in whole:
            email = Email(address=whole["email"], is_primary=True) if whole["email"] is not None else None
            emails = _led_by(email, emails, replaces="emails" not in whole)
        whole |= {"emails": emails, "email": _primary(emails)}
    if "phone" in whole or "phones" in whole:
        phones = whole.get("phones", current.phones if current is not None else ())
        if "phone" in whole:
            phone = Phone(number=whole["phone"], is_primary=True) if whole["phone"] is not None else None
            phones = _led_by(phone, phones, replaces="phones" not in whole)
        whole |= {"phones": phones, "phone": _primary(phones)}
    return whole


def _led_by(first: A | None, listed: tuple[A, ...], *, replaces: bool) -> tuple[A, ...]:
    """The list with this as its primary one, in the old one's place if it `replaces` that; None empties it."""
    if first is None:
        return () if replaces else listed
    if first.value in (one.value for one in listed):
        return tuple(msgspec.structs.replace(one, is_primary=one.value == first.value) for one in listed)
    rest = [one for one in listed if not (replaces and one.is_primary)]
    return (first, *(msgspec.structs.replace(one, is_primary=False) for one in rest))


def _one_primary(listed: Sequence[A]) -> tuple[A, ...]:
    """The first that says so, or else the first."""
    at = next((at for at, one in enumerate(listed) if one.is_primary), 0)
    return tuple(msgspec.structs.replace(one, is_primary=place == at) for place, one in enumerate(listed))


def _primary(listed: Sequence[Address]) -> str | None:
    return next((one.value for one in listed if one.is_primary), None)


def _parts(value: Any, name: str, reader: Reader, switches: Switches) -> list[tuple[str, str, bool]]:
    """Value, type and whether it is primary, of each; null is none."""
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > ADDRESSES_MAX:
        raise ValueError(f"must be a list of at most {ADDRESSES_MAX}")
    return [_part(item, name, reader, switches) for item in value]


def _part(value: Any, name: str, reader: Reader, switches: Switches) -> tuple[str, str, bool]:
    sent = object_of(value, name, "type", "isPrimary")
    if sent.get(name) is None:
        raise ValueError(f"each needs its {name}")
    kind, primary = sent.get("type") or KINDS_OF_ADDRESS[0], sent.get("isPrimary") or False
    if kind not in KINDS_OF_ADDRESS or not isinstance(primary, bool):
        raise ValueError("type must be one of " + ", ".join(KINDS_OF_ADDRESS))
    return reader(sent[name], None, switches), kind, primary
