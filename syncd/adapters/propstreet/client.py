"""A typed client of Propstreet's public API v1, usable on its own.

    auth = ClientCredentials(client_id, client_secret, clock=SystemClock())
    with PropstreetClient("https://app.propstreet.com", auth) as client:
        for project in client.projects.scan(updated_since="2026-05-01T00:00:00Z", include_deleted=True):
            print(project.id, project.name, project.price)
            for prospect in client.prospects.scan(project.id, classification="interested"):
                print(prospect.id, prospect.contact_id, prospect.capabilities)

        contact, action = client.contacts.upsert_by_external_ref("hubspot", "501", {"email": "a@b.test"}, revive=False)
        items = [{"contactId": contact.id, "externalRefs": with_ref([], "hubspot", "501-77")}]
        for pair in client.prospects.batch_add(project.id, items).paired(items):
            print(pair.item, pair.created or pair.step)

Every method raises only RemoteError. Reads are repeated a little where that helps; writes never: one whose answer
is lost raises OutcomeUnknown, and is looked up before anybody sends it again.
"""

from __future__ import annotations

import httpx

from syncd.adapters.limiter import Limiter
from syncd.clock import Clock, SystemClock

from .auth import Auth
from .companies import Companies
from .contacts import Contacts
from .links import Links
from .projects import Projects
from .prospects import Prospects
from .transport import Timeouts, Transport
from .wire import SYSTEM


class PropstreetClient:
    """Safe to share between threads. `peer` takes the place of the network in tests."""

    def __init__(
        self,
        base_url: str,
        auth: Auth,
        *,
        clock: Clock | None = None,
        limiter: Limiter | None = None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
        workers: int = 4,
        peer: httpx.BaseTransport | None = None,
    ) -> None:
        clock = clock or SystemClock()
        limiter = limiter or Limiter(clock, name=SYSTEM, limit=auth.per_minute, window_s=60.0)
        self._transport = Transport(
            base_url, auth, clock=clock, limiter=limiter, timeouts=timeouts, workers=workers, peer=peer
        )
        self.projects = Projects(self._transport)
        self.prospects = Prospects(self._transport)
        self.contacts = Contacts(self._transport)
        self.companies = Companies(self._transport)
        self.links = Links(self._transport)

    @property
    def origin(self) -> str:
        return self._transport.origin

    @property
    def calls(self) -> int:
        """HTTP requests sent since the client was built."""
        return self._transport.limiter.calls

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> PropstreetClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
