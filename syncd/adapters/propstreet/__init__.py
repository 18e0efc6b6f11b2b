"""Propstreet: a typed client that can be used on its own, and the adapter that puts it behind the contract."""

from .adapter import PropstreetAdapter
from .auth import Auth, ClientCredentials, TokenAuth
from .batch import BatchCreated, BatchFailure, BatchItem, BatchResult, Classified, ClassifyFailure, ItemStep
from .client import PropstreetClient
from .companies import Companies
from .contacts import Contacts, Upserted
from .links import Links
from .network_records import (
    Company,
    CompanyBody,
    Contact,
    ContactBody,
    Email,
    Employee,
    Employer,
    Link,
    LinkBody,
    LinkPatch,
    Phone,
)
from .options import Options, factory, read_options
from .paging import Page
from .projects import Projects
from .prospect_records import AssociatedProject, Prospect, ProspectBody, ProspectPatch, ProspectTeaser
from .prospects import Prospects
from .records import ExternalRefBody, Price, PriceRange, Project, ProjectBody, Property, with_ref
from .resource import Created
from .transport import Timeouts

__all__ = [
    "AssociatedProject",
    "Auth",
    "BatchCreated",
    "BatchFailure",
    "BatchItem",
    "BatchResult",
    "Classified",
    "ClassifyFailure",
    "ClientCredentials",
    "Companies",
    "Company",
    "CompanyBody",
    "Contact",
    "ContactBody",
    "Contacts",
    "Created",
    "Email",
    "Employee",
    "Employer",
    "ExternalRefBody",
    "ItemStep",
    "Link",
    "LinkBody",
    "LinkPatch",
    "Links",
    "Options",
    "Page",
    "Phone",
    "Price",
    "PriceRange",
    "Project",
    "ProjectBody",
    "Projects",
    "Property",
    "PropstreetAdapter",
    "PropstreetClient",
    "Prospect",
    "ProspectBody",
    "ProspectPatch",
    "ProspectTeaser",
    "Prospects",
    "Timeouts",
    "TokenAuth",
    "Upserted",
    "factory",
    "read_options",
    "with_ref",
]
