"""Propstreet: a typed client that can be used on its own, and the adapter that puts it behind the contract."""

from .adapter import PropstreetAdapter
from .auth import Auth, ClientCredentials, TokenAuth
from .client import Created, Projects, PropstreetClient
from .options import Options, factory, read_options
from .records import Price, PriceRange, Project, ProjectBody, Property
from .transport import Timeouts

__all__ = [
    "Auth",
    "ClientCredentials",
    "Created",
    "Options",
    "Price",
    "PriceRange",
    "Project",
    "ProjectBody",
    "Projects",
    "Property",
    "PropstreetAdapter",
    "PropstreetClient",
    "Timeouts",
    "TokenAuth",
    "factory",
    "read_options",
]
