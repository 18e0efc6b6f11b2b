"""Propstreet's rows as the engine sees them. Rows of lists are whole and carry their etag: none is read again."""

from __future__ import annotations

from typing import Any

from syncd.adapters.base import Remote
from syncd.core.instant import canonical_instant
from syncd.core.match import domain_key, email_key, keys_of
from syncd.core.model import Kind
from syncd.core.remote import person_of

from .network_records import Company, Contact
from .prospect_records import Prospect
from .records import Project, Record
from .wire import Json


def project_row(raw: Json, namespace: str) -> Remote:
    return _remote(Project(raw), namespace)


def contact_row(raw: Json, namespace: str) -> Remote:
    return _remote(Contact(raw), namespace, keys=contact_keys(raw))


def company_row(raw: Json, namespace: str) -> Remote:
    company = Company(raw)
    keys = keys_of(map(domain_key, (company.domain, company.homepage_url)))
    return _remote(company, namespace, keys=keys)


def prospect_row(project: str, raw: Json, namespace: str) -> Remote:
    """A prospect is known by its project and its own id together; both stay what they are."""
    prospect = Prospect(raw)
    return _remote(
        prospect,
        namespace,
        id=placed(project, prospect.id),
        deleted=prospect.deleted or _removed(raw),
        parent=project,
        person=_person(prospect),
    )


def contact_keys(raw: Json) -> tuple[str, ...]:
    """The addresses of a contact, or of a body that writes one."""
    contact = Contact(raw)
    return keys_of([email_key(contact.email), *(email_key(each.address) for each in contact.emails)])


def placed(project: str, prospect: str) -> str:
    return f"{project}/{prospect}"


def place_of(id: str) -> tuple[str, str]:
    """The project and the prospect in an id that `placed` made; of any other, no call can be made."""
    project, _, prospect = id.partition("/")
    return project, prospect


def instant_of(text: str | None) -> str | None:
    """Canonical, all seven digits kept (propstreet.md trap 5); None when it is no instant."""
    try:
        return None if text is None else canonical_instant(text)
    except ValueError:
        return None


def _remote(record: Record, namespace: str, **others: Any) -> Remote:
    common: dict[str, Any] = {
        "id": record.id,
        "ref": record.ref_in(namespace),
        "version": record.etag,
        "modified": instant_of(record.updated_utc),
        "deleted": record.deleted,
    }
    return Remote(raw=record.raw, **{**common, **others})


def _person(prospect: Prospect) -> str | None:
    """The contact where both ids are shown (propstreet.md trap 50); nobody on some matched investors (trap 52)."""
    if prospect.contact_id is not None:
        return person_of(Kind.CONTACT, prospect.contact_id)
    return None if prospect.company_id is None else person_of(Kind.COMPANY, prospect.company_id)


def _removed(raw: Json) -> bool:
    """Taken off the list, in case a row says so: how it would is not documented (section 11.1)."""
    return raw.get("removed") is True or raw.get("removedUtc") is not None
