"""A complete adapter without a network: `MemoryAdapter`, `MemoryCrm` and `MemoryNest` over a `MemorySystem`.

system = MemorySystem(VirtualClock(), keeps={"name": trimmed})
adapter = MemoryAdapter(system, feed="hints")
system.add(Kind.PROJECT, {"name": "Oak"})                    # a person adds a record
system.fail(lambda: OutcomeUnknown("…"), verb="create", after=True)
"""

from .adapter import HINTS, ROWS, MemoryAdapter
from .crm import CRM_CAPABILITIES, MemoryCrm
from .lossy import Keep, both, clamped, lowered, rounded, shortened, trimmed
from .nest import MemoryNest
from .system import PERSON, Failure, MemorySystem, Row

__all__ = [
    "CRM_CAPABILITIES",
    "HINTS",
    "PERSON",
    "ROWS",
    "Failure",
    "Keep",
    "MemoryAdapter",
    "MemoryCrm",
    "MemoryNest",
    "MemorySystem",
    "Row",
    "both",
    "clamped",
    "lowered",
    "rounded",
    "shortened",
    "trimmed",
]
