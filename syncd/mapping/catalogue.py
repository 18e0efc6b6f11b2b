"""What Propstreet has to map: per kind the fields, how each is read, and which of them it lets us write.

The one place that knows which field names a table may use. Adding a kind is adding a catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping

from syncd.core.model import Kind

from . import company, contact, project, prospect
from .entry import Catalogue

CATALOGUES: Mapping[Kind, Catalogue] = {
    Kind.COMPANY: company.CATALOGUE,
    Kind.CONTACT: contact.CATALOGUE,
    Kind.PROJECT: project.CATALOGUE,
    Kind.PROSPECT: prospect.CATALOGUE,
}
"""In the order in which the kinds are worked on: people and parents before the prospects that name them."""
