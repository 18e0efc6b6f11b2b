"""Prospects as Python values: investors of a project, and where else an investor is one (propstreet.md 11 and 12)."""

from __future__ import annotations

from typing import TypedDict

from .records import ExternalRefBody, Named, Record, View, decimal, text, texts
from .wire import text_id


class ProspectBody(TypedDict, total=False):
    """A new prospect: exactly one of `contactId` (preferred) and `companyId`, though reads may show both (trap 50)."""

    contactId: str
    companyId: str
    externalRefs: list[ExternalRefBody]


class ProspectPatch(TypedDict, total=False):
    """What may change in a prospect; a field that is left out stays as it is."""

    classification: str  # not_contacted, contacted, interested, not_interested, bidder
    externalRefs: list[ExternalRefBody]  # replaced whole


class ProspectTeaser(View, frozen=True):
    @property
    def accepted_utc(self) -> str | None:
        return text(self.raw.get("acceptedUtc"))

    @property
    def deadline_utc(self) -> str | None:
        return text(self.raw.get("deadlineUtc"))


class Prospect(Record, frozen=True):
    """An investor in a project: added by the broker, or matched by Propstreet when the teaser was communicated."""

    @property
    def project_id(self) -> str | None:
        return text_id(self.raw.get("projectId"))

    @property
    def contact_id(self) -> str | None:
        """None on a company placeholder, and possible on a matched investor (propstreet.md trap 52)."""
        return text_id(self.raw.get("contactId"))

    @property
    def company_id(self) -> str | None:
        return text_id(self.raw.get("companyId"))

    @property
    def display_name(self) -> str | None:
        """With `organization_name`, maybe all that is known of a matched investor."""
        return text(self.raw.get("displayName"))

    @property
    def organization_name(self) -> str | None:
        return text(self.raw.get("organizationName"))

    @property
    def classification(self) -> str | None:
        return text(self.raw.get("classification"))

    @property
    def capabilities(self) -> list[str]:
        """`chat` once the teaser was accepted."""
        return texts(self.raw.get("capabilities"))

    @property
    def tags(self) -> list[str]:
        """Those of the contact or company; their order means nothing (propstreet.md trap 48)."""
        return texts(self.raw.get("tags"))

    @property
    def teaser(self) -> ProspectTeaser | None:
        """Present, even if empty, exactly when the teaser was communicated to this investor."""
        given = self.raw.get("teaser")
        return ProspectTeaser(given) if isinstance(given, dict) else None


class AssociatedProject(Named, frozen=True):
    """A project in which a contact or company is a prospect. Id, stamps and etag are the project's."""

    @property
    def prospect_id(self) -> str | None:
        return text_id(self.raw.get("prospectId"))

    @property
    def status(self) -> str | None:
        return text(self.raw.get("status"))

    @property
    def classification(self) -> str | None:
        """The project's work stage."""
        return text(self.raw.get("classification"))

    @property
    def prospect_classification(self) -> str | None:
        return text(self.raw.get("prospectClassification"))

    @property
    def prospect_count(self) -> int | None:
        """The documents disagree on what is counted; for show only (propstreet.md section 12)."""
        count = decimal(self.raw.get("prospectCount"))
        return None if count is None else int(count)
