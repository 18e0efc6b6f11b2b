"""Contacts, companies and links as the server holds them (propstreet.md, section 17).

What a row shows of other tables (`companies`, `contacts`) is empty here and joined when it is read. Nothing here
decides anything.
"""

from __future__ import annotations

from typing import Any

import msgspec

from syncd.testing.sandbox.propstreet.record import Record, Ref


class Address(msgspec.Struct, frozen=True, gc=False, kw_only=True, rename="camel"):
    """One of a contact's e-mail addresses or telephone numbers."""

    type: str = "work"
    is_primary: bool

    @property
    def value(self) -> str:
        raise TypeError("an address is an Email or a Phone")


class Email(Address, frozen=True, gc=False, kw_only=True):
    address: str

    @property
    def value(self) -> str:
        return self.address


class Phone(Address, frozen=True, gc=False, kw_only=True):
    number: str

    @property
    def value(self) -> str:
        return self.number


class CompanyOfContact(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename="camel"):
    id: str
    uri: str
    name: str
    job_title: str | None = None
    is_primary: bool


class ContactOfCompany(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, rename="camel"):
    id: str
    uri: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    job_title: str | None = None
    is_primary: bool
    link_id: str | None = None  # in the company's own list of contacts only


class Contact(Record, frozen=True, gc=False, kw_only=True):
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None  # the primary one's address
    phone: str | None = None  # the primary one's number
    linked_in_url: str | None = None
    emails: tuple[Email, ...] = ()
    phones: tuple[Phone, ...] = ()
    primary_language: str | None = None
    tags: tuple[str, ...]
    strategy: Any = None  # the schema is unknown
    primary_company_id: str | None = None
    companies: tuple[CompanyOfContact, ...] = ()
    profile_picture_url: str | None = None
    external_refs: tuple[Ref, ...]

    @property
    def label(self) -> str | None:
        """What stands for this person in lists."""
        return " ".join(filter(None, (self.first_name, self.last_name))) or self.email or self.phone


class Company(Record, frozen=True, gc=False, kw_only=True):
    name: str
    domain: str | None = None
    homepage_url: str | None = None
    linked_in_url: str | None = None
    country_code: str | None = None
    strategy: Any = None  # the schema is unknown
    tags: tuple[str, ...]
    contacts: tuple[ContactOfCompany, ...] = ()
    external_refs: tuple[Ref, ...]


class Link(Record, frozen=True, gc=False, kw_only=True):
    contact_id: str
    company_id: str
    job_title: str | None = None
    is_primary: bool


KINDS_OF_ADDRESS = ("work", "personal", "other")
