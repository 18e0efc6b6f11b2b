"""A person's moves with prospects, the investors' own, and what an onlooker sees of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from syncd.testing.sandbox.propstreet import stamps
from syncd.testing.sandbox.propstreet.network import seed as people
from syncd.testing.sandbox.propstreet.network.person import NetworkPerson
from syncd.testing.sandbox.propstreet.projects.person import ProjectPerson
from syncd.testing.sandbox.propstreet.server import APP
from syncd.testing.sandbox.propstreet.switches import DAY_S

from .adding import NotAdded, Party, add, newcomer
from .record import CHAT, CLASSIFICATIONS, Prospect, ProspectTeaser

DEADLINE_DAYS = 21
COMPANIES_ONLY = 0.1  # so many of the seeded prospects are a company without a person

Investor = str | Mapping[str, Any]
"""A contact of the network by its id; or somebody new by the wire names of a contact, and `organization`."""


class ProspectPerson(ProjectPerson, NetworkPerson):
    _codes: list[str]  # with which the next additions of a batch fail

    def add_prospect(self, project: str, *, contact: str | None = None, company: str | None = None) -> str:
        """A person adds a contact or a company. Raises ValueError for what the app would not do either."""
        with self._lock:
            self._state.projects.living(project)
            if (contact is None) == (company is None):
                raise ValueError("name a contact or a company")
            try:
                return add(self._state, project, Party(contact, company), (), origin=APP).id
            except NotAdded as reason:
                raise ValueError(reason.message) from None

    def edit_prospect(
        self, id: str, *, classification: str | None = None, tags: Sequence[str] | None = None, late_s: float = 0.0
    ) -> None:
        """Any classification, unheard-of ones too; tags until the contact's or the company's change again."""
        with self._lock:
            changes: dict[str, Any] = {} if classification is None else {"classification": classification}
            changes |= {} if tags is None else {"tags": tuple(tags)}
            prospect = self._state.prospects.living(id)
            self._state.prospects.change(prospect, changes, origin=APP, late_s=late_s)

    def name_contact(self, id: str, contact: str) -> None:
        """Say who it is at the company. Raises ValueError when that is known already."""
        with self._lock:
            prospect = self._state.prospects.living(id)
            if prospect.contact_id is not None:
                raise ValueError("the prospect has a contact person already")
            self._state.prospects.change(prospect, {"contact_id": contact}, origin=APP)

    def delete_prospect(self, id: str, *, late_s: float = 0.0) -> None:
        with self._lock:
            self._state.prospects.delete(self._state.prospects.living(id), origin=APP, late_s=late_s)

    def remove_prospect(self, id: str) -> None:
        """Off the list, its history kept."""
        with self._lock:
            self._state.prospects.remove(self._state.prospects.living(id), origin=APP)

    def undo_remove(self, id: str) -> None:
        """Back on the list with the same id. Raises ValueError where there is nothing to undo."""
        with self._lock:
            prospect = self._prospect(id)
            if not prospect.removed:
                raise ValueError("the prospect has not been removed")
            other = self._state.prospects.on(prospect.project_id, prospect.contact_id, prospect.company_id)
            if other is not None and not other.deleted:
                raise ValueError("the investor is on the project again")
            self._state.prospects.restore(prospect, origin=APP)

    def communicate(self, project: str, investors: int | Sequence[Investor], *, seed: int = 0) -> list[str]:
        """The teaser goes out to these investors, or to so many invented ones: their prospects' ids.

        Somebody new joins the network, unless matched prospects name no contact. A prospect that is there already gets
        a teaser too. The project's stage moves the first time, and with it the project's stamp.
        """
        with self._lock:
            held = self._state.projects.living(project)
            if held.teaser is None or held.teaser.communicated_utc is None:
                self.edit_project(project, teaser="communicated")
            rng = random.Random(seed)
            if isinstance(investors, int):
                investors = [people.investor(self._state.server.new_id(), rng) for _ in range(investors)]
            return [self._matched(project, investor) for investor in investors]

    def accept_teaser(self, id: str) -> None:
        """The investor accepts: acceptedUtc and chat. Neither is listed as a webhook trigger (section 16.2)."""
        with self._lock:
            server, prospect = self._state.server, self._state.prospects.living(id)
            if prospect.teaser is None:
                raise ValueError("the teaser was not communicated to this prospect")
            accepted = msgspec.structs.replace(prospect.teaser, accepted_utc=server.stamp())
            capabilities = tuple(dict.fromkeys((*prospect.capabilities, CHAT)))
            self._state.prospects.change(
                prospect,
                {"teaser": accepted, "capabilities": capabilities},
                origin=APP,
                silently=not server.switches.accepting_bumps,
            )

    def fail_additions(self, n: int, code: str = "action_failed") -> None:
        """The next n items of a batch that could be added fail with this code, which may be unheard-of."""
        with self._lock:
            self._codes += [code] * n

    def prospect(self, project: str, id: str) -> dict[str, Any]:
        """The truth about it, deleted or not, as JSON would show it now. Raises KeyError."""
        with self._lock:
            prospect = self._prospect(id)
            if prospect.project_id != project:
                raise KeyError(id)
            return self._state.server.render.decoded(prospect)

    def live_prospects(self, project: str) -> list[dict[str, Any]]:
        """The truth about all of a project that are neither deleted nor removed, oldest id first."""
        with self._lock:
            render = self._state.server.render
            rows = self._state.prospects.of_project(project)
            return [render.decoded(prospect) for prospect in rows if not prospect.deleted]

    def seed_prospects(self, project: str, n: int, rng: random.Random) -> list[str]:
        """N believable prospects out of the network, which grows where it has too few people for that.

        A project's first ones are spread over its life so far, later ones bear today's stamp.
        """
        with self._lock:
            state = self._state
            born = stamps.read_back(state.projects.living(project).created_utc) / stamps.TICKS_PER_S
            now = state.server.clock.time() + state.server.switches.clock_skew_s
            fresh = next(state.prospects.of_project(project), None) is None
            span_s = max(0.0, now - born) if fresh else 0.0
            ids = []
            for index, party in enumerate(self._parties(project, n, rng)):
                drawn = {"classification": _classification(rng), **newcomer(state, project, party)}
                stamp = state.server.stamp(ago_s=span_s * (n - index) / (n + 1))
                ids.append(state.prospects.create(drawn, origin=APP, stamp=stamp).id)
            return ids

    def _parties(self, project: str, n: int, rng: random.Random) -> list[Party]:
        """N contacts and companies that are not on the project."""
        contacts, companies = self._state.contacts, self._state.companies
        there = {one.contact_id or one.company_id for one in self._state.prospects.of_project(project)}

        def is_new(id: str) -> bool:
            known = contacts.find_living(id) or companies.find_living(id)
            return known is not None and id not in there and id not in contacts.blocked

        firms = filter(is_new, _shuffled(companies.ledger.ids(), rng))
        parties = [Party(company_id=id) for id in islice(firms, int(n * COMPANIES_ONLY))]
        people = list(islice(filter(is_new, _shuffled(contacts.ledger.ids(), rng)), n - len(parties)))
        short = n - len(parties) - len(people)
        if short > 0:
            people += self.seed_people(short, 0, rng)[0]
        parties += [Party(contact_id=id) for id in people]
        rng.shuffle(parties)
        return parties

    def _matched(self, project: str, investor: Investor) -> str:
        state = self._state
        teaser = ProspectTeaser(deadline_utc=state.server.stamp(ago_s=-DEADLINE_DAYS * DAY_S))
        shown: dict[str, Any] = {"contact_id": None, **_label(investor)}
        if isinstance(investor, str) or state.server.switches.matched == "contact":
            contact = state.contacts.living(investor).id if isinstance(investor, str) else self._joining(investor)
            before = state.prospects.on(project, contact, None)
            if before is not None and not before.deleted:
                return state.prospects.change(before, {"teaser": teaser}, origin=APP).id
            shown = {"contact_id": contact, **state.prospects.copied(contact, None)}
        if state.server.switches.matched == "neither":
            shown |= {"contact_id": None, "company_id": None}
        prospect = state.prospects.create({**shown, "project_id": project, "teaser": teaser}, origin=APP)
        if isinstance(investor, str) and prospect.contact_id is None:
            state.prospects.keep_unnamed(prospect, investor)
        return prospect.id

    def _joining(self, investor: Mapping[str, Any]) -> str:
        """A new contact, and its company."""
        fields = dict(investor)
        organization = fields.pop("organization", None)
        company = None if organization is None else self.add_company(name=organization)
        return self.add_contact(company=company, **fields)

    def _prospect(self, id: str) -> Prospect:
        prospect = self._state.prospects.ledger.truth(id)
        if prospect is None:
            raise KeyError(id)
        return prospect


def _shuffled(ids: list[str], rng: random.Random) -> Iterator[str]:
    """All of them in random order; those that nobody asks for cost nothing."""
    for at in range(len(ids)):
        other = rng.randrange(at, len(ids))
        ids[at], ids[other] = ids[other], ids[at]
        yield ids[at]


def _label(investor: Investor) -> dict[str, Any]:
    """How somebody is shown of whom the network knows nothing."""
    if isinstance(investor, str):
        return {}
    name = " ".join(filter(None, (investor.get("firstName"), investor.get("lastName"))))
    return {"display_name": name or investor.get("email"), "organization_name": investor.get("organization")}


def _classification(rng: random.Random) -> str:
    return rng.choices(CLASSIFICATIONS, weights=(5, 3, 2, 2, 1))[0]
