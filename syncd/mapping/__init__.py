"""Mapping: records of either system to canonical fields and back, as a table of data says.

`load_tables` turns a parsed TOML document into one Mapper per kind; the language is described in config/README.md.
Pure: no I/O, no clock, no randomness, no logging. It translates and refuses; who wins is decided in the core.
"""

from .codecs import Unwritable
from .load import load_tables
from .readings import Reading, Writing
from .scalars import Unreadable
from .terms import Form, Matched, Terms, Unresolved
from .translate import Mapper
from .wanted import WantedField

__all__ = [
    "Form",
    "Mapper",
    "Matched",
    "Reading",
    "Terms",
    "Unreadable",
    "Unresolved",
    "Unwritable",
    "WantedField",
    "Writing",
    "load_tables",
]
