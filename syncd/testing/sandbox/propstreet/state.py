"""The server behind the API: its tables, which follow one another. Rules about who may write what are elsewhere."""

from __future__ import annotations

from syncd.clock import Clock

from .network.tables import CompanyTable, ContactTable, LinkTable
from .projects.table import ProjectTable
from .prospects.table import ProspectTable
from .server import Server
from .switches import Switches


class State:
    """Not thread-safe: the twin's lock is around it."""

    def __init__(self, clock: Clock, switches: Switches, first_id: int) -> None:
        self.server = Server(clock, switches, first_id)
        self.projects = ProjectTable(self.server)
        self.contacts = ContactTable(self.server)
        self.companies = CompanyTable(self.server)
        self.links = LinkTable(self.server, self.contacts, self.companies)
        self.prospects = ProspectTable(self.server, self.projects, self.contacts, self.companies, self.links)
        tables = (self.projects, self.contacts, self.companies, self.links, self.prospects)
        self._ledgers = [table.ledger for table in tables]

    def reveal(self) -> None:
        """Let readers see what is due."""
        if self.server.lags:
            now = self.server.clock.time()
            for ledger in self._ledgers:
                ledger.reveal(now)
            self.server.lags = any(ledger.lags for ledger in self._ledgers)
