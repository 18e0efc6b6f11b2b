"""What tests of syncd, and of adapters for it, are made from.

`AdapterSuite`, `Peer`, `Nest` and `Breakage` are loaded when asked for: they need pytest, while the sandboxes and the
clock beside them also run without it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conformance import AdapterSuite, Breakage, Nest, Peer

__all__ = ["AdapterSuite", "Breakage", "Nest", "Peer"]

if "pytest" in sys.modules:
    import pytest

    # Has to come before the first import of the package: its asserts then explain themselves in anybody's tests.
    pytest.register_assert_rewrite(f"{__name__}.conformance")


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import conformance

    found: object = getattr(conformance, name)
    return found
