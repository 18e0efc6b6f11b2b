"""Prospects as people on a deal: contacts and companies that are associated with it, and the label of ours they have.

A prospect has no record of its own here, and no stamp: its id says which deal and whom. Reading never takes absence
for more than it is: a person is off a deal when the deal is there and they are not on it (hubspot.md traps 29, 41).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from syncd.adapters.base import Brood, ObjectSpec, Raw, Remote, Sizes
from syncd.core.model import Kind
from syncd.core.remote import person_of, split_person

from . import associations
from .associations import Pair, Way
from .batches import BATCH_MAX
from .client import Client
from .labels import Labels, is_ours
from .reads import read_batch
from .records import ID, RecordType
from .shapes import Associated

LABEL = "label"
PARENTS_MAX = associations.READ_MAX
SIZES = Sizes(
    fetch_max=associations.READ_MAX,
    find_max=associations.READ_MAX,
    create_max=associations.LABEL_MAX,
    update_max=associations.ARCHIVE_MAX,
    delete_max=associations.ARCHIVE_MAX,
)
PEOPLE = {Kind.CONTACT: "contacts", Kind.COMPANY: "companies"}
"""The kinds that can be on a deal, and what HubSpot calls them unless the mapping does."""


class Nest(msgspec.Struct, frozen=True):
    """The form that prospects have in one account."""

    client: Client
    deals: RecordType
    ways: Mapping[Kind, Way]  # from the deals to the people, by kind
    shown: tuple[Kind, ...]  # the kinds that are prospects; what is on a deal beside them is left alone
    texts: frozenset[str]  # the labels of ours
    labels: Labels


class Place(msgspec.Struct, frozen=True):
    """One person on one deal, there or not."""

    deal: str
    kind: Kind
    person: str

    @property
    def id(self) -> str:
        return f"{self.deal}:{self.kind.value}:{self.person}"

    @property
    def pair(self) -> Pair:
        return self.deal, self.person

    @property
    def facts(self) -> Raw:
        return {"deal": self.deal, "person": person_of(self.kind, self.person)}

    def remote(self, held: Iterable[str]) -> Remote:
        """With these labels of ours: more than one is what no mapping can read, and a person has to sort out."""
        raw = {**self.facts, LABEL: ";".join(sorted(set(held))) or None}
        return Remote(id=self.id, raw=raw, parent=self.deal, person=raw["person"])

    def taken_off(self) -> Remote:
        return Remote(
            id=self.id, raw=self.facts, parent=self.deal, person=person_of(self.kind, self.person), deleted=True
        )


def nest_of(client: Client, deals: RecordType, objects: Mapping[Kind, ObjectSpec]) -> Nest:
    """Contacts are always looked at; companies where the mapping has them."""
    names = {kind: objects[kind].name if kind in objects else name for kind, name in PEOPLE.items()}
    return Nest(
        client=client,
        deals=deals,
        ways={kind: Way(deals.name, name, kind) for kind, name in names.items()},
        shown=(Kind.CONTACT, *((Kind.COMPANY,) if Kind.COMPANY in objects else ())),
        texts=frozenset(objects[Kind.PROSPECT].values.get(LABEL, ())),
        labels=Labels(client),
    )


def within(nest: Nest, deals: Sequence[str]) -> list[Brood]:
    """Everybody on these deals: a call for each kind of person, and more where a deal has hundreds."""
    broods: dict[str, list[Remote]] = {deal: [] for deal in deals}
    for kind in nest.shown:
        for place, associated in standing(nest, kind, list(broods)):
            broods[place.deal].append(place.remote(held(nest, associated)))
    return [Brood(deal, rows) for deal, rows in broods.items()]


def fetch(nest: Nest, ids: Sequence[str]) -> dict[str, Remote]:
    """Every asked id: there, taken off by evidence, or bare where the deal itself is not to be read."""
    places = {id: place for id in ids if (place := place_of(id)) is not None}
    found: dict[str, Remote] = {}
    for kind in nest.ways:
        deals = dict.fromkeys(place.deal for place in places.values() if place.kind is kind)
        if deals:
            there = standing(nest, kind, list(deals))
            found |= {place.id: place.remote(held(nest, associated)) for place, associated in there}
    missing = {id: place for id, place in places.items() if id not in found}
    live = _live_deals(nest, [place.deal for place in missing.values()])
    found |= {id: place.taken_off() for id, place in missing.items() if place.deal in live}
    return {id: found.get(id) or Remote(id=id, deleted=True) for id in ids}


def standing(nest: Nest, kind: Kind, deals: Sequence[str]) -> Iterator[tuple[Place, Associated]]:
    """Who of this kind is on these deals, and how."""
    for deal, people in associations.read(nest.client, nest.ways[kind], deals).items():
        for associated in people:
            yield Place(deal, kind, associated.id), associated


def held(nest: Nest, associated: Associated) -> list[str]:
    """The labels of ours that this person has on the deal."""
    return [it.label for it in associated.association_types if it.label and is_ours(it, nest.texts)]


def place_of(id: str) -> Place | None:
    """The place that an id names; None for what is no id of a prospect."""
    deal, _, person = id.partition(":")
    return placed(deal, person)


def placed(deal: str | None, person: str | None) -> Place | None:
    """The place of this person on this deal; None where HubSpot can have no such place."""
    try:
        kind, id = split_person(person or "")
    except ValueError:
        return None
    if kind not in PEOPLE or not (deal or "").isdecimal() or not id.isdecimal():
        return None
    return Place(deal or "", kind, id)


def _live_deals(nest: Nest, deals: Sequence[str]) -> set[str]:
    """Those that are there under these very ids. Raises when HubSpot does not say of every one."""
    wanted = list(dict.fromkeys(deals))
    live: set[str] = set()
    for start in range(0, len(wanted), BATCH_MAX):
        rows = read_batch(nest.client, nest.deals, wanted[start : start + BATCH_MAX], properties=[ID])
        live |= {row.id for row in rows if not row.archived}
    return live
