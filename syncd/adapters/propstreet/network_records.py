"""Contacts, companies and the links between them as Python values (propstreet.md section 17).

The server tidies what it is given: phones to E.164, domains to lower case without `www`, a first e-mail to the
primary one. So what a write answers may differ from what was sent, and is the truth (trap 54).
"""

from __future__ import annotations

from typing import Any, TypedDict

from .records import ExternalRefBody, Named, Record, View, objects, text, texts
from .wire import text_id


class EmailBody(TypedDict, total=False):
    address: str
    type: str  # work, personal, other
    isPrimary: bool


class PhoneBody(TypedDict, total=False):
    number: str
    type: str
    isPrimary: bool


class ContactBody(TypedDict, total=False):
    """What a contact write may hold; a field that is left out stays as it is, None clears it.

    A new contact needs a name, an e-mail or a phone. `tags` has three states: left out, [] and None.
    """

    firstName: str | None
    lastName: str | None
    email: str | None
    phone: str | None
    linkedInUrl: str | None
    emails: list[EmailBody] | None
    phones: list[PhoneBody] | None
    primaryLanguage: str | None  # ISO 639-1
    strategy: Any  # shape not documented
    tags: list[str] | None
    externalRefs: list[ExternalRefBody]
    connections: list[dict[str, Any]]  # links to companies, write-only; shape not documented, `client.links` is
    blocked: bool  # write-only


class CompanyBody(TypedDict, total=False):
    """What a company write may hold; a new one needs a name. `domain` is ignored beside `homepageUrl`."""

    name: str
    domain: str | None
    homepageUrl: str | None
    linkedInUrl: str | None
    countryCode: str | None
    strategy: Any  # shape not documented
    tags: list[str] | None
    externalRefs: list[ExternalRefBody]


class LinkBody(TypedDict, total=False):
    """A new link: both ids."""

    contactId: str
    companyId: str
    jobTitle: str | None


class LinkPatch(TypedDict, total=False):
    jobTitle: str | None
    isPrimary: bool  # True takes it from the contact's primary company until now


class Email(View, frozen=True):
    @property
    def address(self) -> str | None:
        return text(self.raw.get("address"))

    @property
    def type(self) -> str | None:
        return text(self.raw.get("type"))

    @property
    def is_primary(self) -> bool:
        return self.raw.get("isPrimary") is True


class Phone(View, frozen=True):
    @property
    def number(self) -> str | None:
        """E.164 where the server could make it so, else as it was given."""
        return text(self.raw.get("number"))

    @property
    def type(self) -> str | None:
        return text(self.raw.get("type"))

    @property
    def is_primary(self) -> bool:
        return self.raw.get("isPrimary") is True


class Employer(Named, frozen=True):
    """A company in the record of its contact; `id` is the company's."""

    @property
    def job_title(self) -> str | None:
        return text(self.raw.get("jobTitle"))

    @property
    def is_primary(self) -> bool:
        return self.raw.get("isPrimary") is True


class Contact(Record, frozen=True):
    """A person in the organisation's network."""

    @property
    def first_name(self) -> str | None:
        return text(self.raw.get("firstName"))

    @property
    def last_name(self) -> str | None:
        return text(self.raw.get("lastName"))

    @property
    def email(self) -> str | None:
        """The primary one; unique in the organisation."""
        return text(self.raw.get("email"))

    @property
    def phone(self) -> str | None:
        return text(self.raw.get("phone"))

    @property
    def linkedin_url(self) -> str | None:
        return text(self.raw.get("linkedInUrl"))

    @property
    def emails(self) -> list[Email]:
        return [Email(each) for each in objects(self.raw.get("emails"))]

    @property
    def phones(self) -> list[Phone]:
        return [Phone(each) for each in objects(self.raw.get("phones"))]

    @property
    def primary_language(self) -> str | None:
        return text(self.raw.get("primaryLanguage"))

    @property
    def tags(self) -> list[str]:
        """Their order means nothing (propstreet.md trap 48)."""
        return texts(self.raw.get("tags"))

    @property
    def strategy(self) -> Any:
        return self.raw.get("strategy")

    @property
    def primary_company_id(self) -> str | None:
        return text_id(self.raw.get("primaryCompanyId"))

    @property
    def companies(self) -> list[Employer]:
        return [Employer(each) for each in objects(self.raw.get("companies"))]

    @property
    def profile_picture_url(self) -> str | None:
        return text(self.raw.get("profilePictureUrl"))


class Employee(Record, frozen=True):
    """A contact in the record, or in the list, of its company; `id` is the contact's."""

    @property
    def link_id(self) -> str | None:
        """Only in the list."""
        return text_id(self.raw.get("linkId"))

    @property
    def first_name(self) -> str | None:
        return text(self.raw.get("firstName"))

    @property
    def last_name(self) -> str | None:
        return text(self.raw.get("lastName"))

    @property
    def email(self) -> str | None:
        return text(self.raw.get("email"))

    @property
    def job_title(self) -> str | None:
        return text(self.raw.get("jobTitle"))

    @property
    def is_primary(self) -> bool:
        return self.raw.get("isPrimary") is True


class Company(Named, frozen=True):
    """An organisation in the network."""

    @property
    def domain(self) -> str | None:
        return text(self.raw.get("domain"))

    @property
    def homepage_url(self) -> str | None:
        return text(self.raw.get("homepageUrl"))

    @property
    def linkedin_url(self) -> str | None:
        return text(self.raw.get("linkedInUrl"))

    @property
    def country_code(self) -> str | None:
        return text(self.raw.get("countryCode"))

    @property
    def strategy(self) -> Any:
        return self.raw.get("strategy")

    @property
    def tags(self) -> list[str]:
        """Their order means nothing (propstreet.md trap 48)."""
        return texts(self.raw.get("tags"))

    @property
    def contacts(self) -> list[Employee]:
        return [Employee(each) for each in objects(self.raw.get("contacts"))]


class Link(Record, frozen=True):
    """This contact works for that company. Propstreet's word; what syncd keeps between systems is a binding."""

    @property
    def contact_id(self) -> str | None:
        return text_id(self.raw.get("contactId"))

    @property
    def company_id(self) -> str | None:
        return text_id(self.raw.get("companyId"))

    @property
    def job_title(self) -> str | None:
        return text(self.raw.get("jobTitle"))

    @property
    def is_primary(self) -> bool:
        """Is this the contact's primary company? There is at most one."""
        return self.raw.get("isPrimary") is True
