"""The suite as one class, to be subclassed once per adapter."""

from __future__ import annotations

import pytest

from .creates import CreateChecks
from .deletes import DeleteChecks
from .extras import AuditChecks, IdentityChecks, LimitChecks, LinkChecks, SetupChecks
from .failures import FailureChecks
from .feed import FeedChecks
from .nested_changes import NestedChangeChecks
from .nested_creates import NestedCreateChecks
from .nested_failures import NestedFailureChecks
from .nested_reads import NestedReadChecks
from .peer import Peer
from .people import MatchChecks, StartChecks
from .reads import ReadChecks
from .updates import UpdateChecks


class AdapterSuite(
    FeedChecks,
    ReadChecks,
    CreateChecks,
    UpdateChecks,
    DeleteChecks,
    FailureChecks,
    LimitChecks,
    SetupChecks,
    AuditChecks,
    IdentityChecks,
    LinkChecks,
    NestedReadChecks,
    NestedCreateChecks,
    NestedChangeChecks,
    NestedFailureChecks,
    MatchChecks,
    StartChecks,
):
    """Everything that syncd relies on in an adapter. Override `peer`; override no test."""

    @pytest.fixture
    def peer(self) -> Peer:
        """The system under test, fresh for each test."""
        pytest.fail("override the fixture `peer` in your subclass of AdapterSuite")
