"""A contact of Propstreet's network: a person, and what can be written of one (propstreet.md section 17.1).

Where somebody works belongs to the link between contact and company (section 17.3), so it is read here and never
written. Tags are read only: the contract does not say that they can be written, nor what a write does to the others.
"""

from __future__ import annotations

from syncd.core.model import Fields, FieldType, Value

from .addresses import EMAILS, PHONES, write_primary
from .entry import Entry, Raw, catalogue
from .members import EVERYWHERE, parts, tags, text
from .readings import Writing, together
from .scalars import text_of
from .spellings import EMAIL, LANGUAGE, PHONE, TRIMMED, is_code
from .texts import Rule, write_texts

ONE_OF = ("first_name", "last_name", "email", "phone")
RULES = {
    "first_name": Rule("firstName"),
    "last_name": Rule("lastName"),
    "linkedin": Rule("linkedInUrl"),
    "language": Rule(
        "primaryLanguage", spelling=LANGUAGE, fits=is_code, otherwise='is not a language code of two letters, like "sv"'
    ),
}


def write_contact(values: Fields, current: Raw) -> Writing:
    """The body that sets these fields on a contact that shows `current` ({} for a new one)."""
    if not current and not any(values.get(name) for name in ONE_OF):
        return Writing(refused=dict.fromkeys(values, "needs a name, an e-mail address or a phone number beside it"))
    return together(
        (
            write_texts(RULES, values),
            write_primary(EMAILS, values, current),
            write_primary(PHONES, values, current),
        )
    )


def read_company(raw: Raw) -> Value:
    """The name of the company that the contact works for first."""
    return _of_employer(raw, "name")


def read_job_title(raw: Raw) -> Value:
    """What the contact is there."""
    return _of_employer(raw, "jobTitle")


def employers(raw: Raw) -> frozenset[str]:
    """The ids of all companies that the contact is linked to."""
    return frozenset(id for each in parts(raw, "companies") if (id := text_of(each.get("id"))) is not None)


def _of_employer(raw: Raw, member: str) -> Value:
    primary_id = text_of(raw.get("primaryCompanyId"))
    linked = parts(raw, "companies")
    named = [each for each in linked if primary_id is not None and text_of(each.get("id")) == primary_id]
    for employer in named or [each for each in linked if each.get("isPrimary") is True]:
        shown = text_of(employer.get(member))
        return None if shown is None else shown.strip() or None
    return None


CATALOGUE = catalogue(
    write_contact,
    text("first_name", "firstName", writable=True),
    text("last_name", "lastName", writable=True),
    text("email", "email", EMAIL, writable=True, also="emails"),
    text("phone", "phone", PHONE, writable=True, also="phones"),
    text("linkedin", "linkedInUrl", writable=True),
    text("language", "primaryLanguage", LANGUAGE, writable=True),
    Entry(
        name="company",
        type=FieldType.TEXT,
        read=read_company,
        wire=("companies", "primaryCompanyId"),
        spelling=TRIMMED,
    ),
    Entry(
        name="job_title",
        type=FieldType.TEXT,
        read=read_job_title,
        wire=("companies", "primaryCompanyId"),
        spelling=TRIMMED,
    ),
    tags(),
    *EVERYWHERE,
    one_of=ONE_OF,
)
