"""Which kinds of association there are between two object types, per direction (hubspot.md, sections 5.10 and 5.11).

HubSpot's own ids are the same everywhere. The ids of labels, and of what custom objects are associated by, are this
account's: resolve them, never carry them over (trap 31). Who may add labels is in `labels`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

Category = Literal["HUBSPOT_DEFINED", "USER_DEFINED"]
Key = tuple[str, int]  # category and id

FIRST_LABEL_ID = 36


class AssociationType(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of association, in one direction."""

    category: Category
    id: int
    inverse_id: int  # the same association, seen from the other side
    source: str
    target: str
    name: str  # as inline associations call it
    label: str | None = None
    alone: bool = False  # a source has at most one such target: its primary company

    @property
    def key(self) -> Key:
        return self.category, self.id

    @property
    def inverse(self) -> Key:
        return self.category, self.inverse_id


class Catalogue:
    """The association types of one account."""

    def __init__(self, seed: int) -> None:
        self.types: dict[Key, AssociationType] = {it.key: it for it in _factory()}
        own = self.types.values()
        self._plain = {(it.source, it.target): it for it in own if it.label is None}
        self._sole = {(it.source, it.target): it for it in own if it.alone}
        self._next_id = FIRST_LABEL_ID + 2 * (seed % 100)

    def between(self, source: str, target: str) -> list[AssociationType]:
        """By id."""
        found = [it for it in self.types.values() if (it.source, it.target) == (source, target)]
        return sorted(found, key=lambda it: it.id)

    def plain(self, source: str, target: str) -> AssociationType:
        """The unlabelled type, which every association has."""
        return self._plain[source, target]

    def sole(self, source: str, target: str) -> AssociationType | None:
        """The type of which a source has at most one, if there is one in this direction."""
        return self._sole.get((source, target))

    def labelled(self, source: str, target: str, label: str) -> AssociationType:
        """By its text in this direction; KeyError when there is no such label."""
        for it in self.between(source, target):
            if it.label == label:
                return it
        raise KeyError(label)

    def labels(self, source: str, target: str) -> list[AssociationType]:
        """What an admin has made; the unlabelled type of a custom object is not among them."""
        return [it for it in self.between(source, target) if it.category == "USER_DEFINED" and it.label is not None]

    def relate(self, source: str, target: str) -> None:
        """Records of these two types can be associated from now on; one of them is a custom object."""
        assert source != target
        assert (source, target) not in self._plain
        there = AssociationType(
            category="USER_DEFINED",
            id=self._next_id,
            inverse_id=self._next_id + 1,
            source=source,
            target=target,
            name=f"{source}_to_{target}",
        )
        back = {"id": there.inverse_id, "inverse_id": there.id, "source": target, "target": source}
        self._next_id += 2
        for it in (there, msgspec.structs.replace(there, **back, name=f"{target}_to_{source}")):
            self.types[it.key] = it
            self._plain[it.source, it.target] = it

    def add_label(self, source: str, target: str, name: str, label: str, inverse: str | None) -> list[AssociationType]:
        """One id per direction; between records of one type a label that reads the same both ways has one id."""
        one_way = source == target and inverse is None
        first, second = self._next_id, self._next_id + (0 if one_way else 1)
        self._next_id += 1 if one_way else 2
        directions = [(first, second, source, target, label)]
        if not one_way:
            directions.append((second, first, target, source, inverse or label))
        made = [
            AssociationType(
                category="USER_DEFINED", id=id, inverse_id=other, source=from_, target=to, name=name, label=text
            )
            for id, other, from_, to, text in directions
        ]
        self.types |= {it.key: it for it in made}
        return made

    def rename(self, it: AssociationType, label: str, inverse: str | None) -> None:
        """Without an inverse text both directions get the same one."""
        self.types[it.inverse] = msgspec.structs.replace(self.types[it.inverse], label=inverse or label)
        self.types[it.key] = msgspec.structs.replace(it, label=label)

    def drop(self, it: AssociationType) -> None:
        """Both directions."""
        del self.types[it.key]
        self.types.pop(it.inverse, None)


_PLAIN = (
    ("deals", "contacts", 3, 4, "deal_to_contact", "contact_to_deal"),
    ("deals", "companies", 341, 342, "deal_to_company_unlabeled", "company_to_deal_unlabeled"),
    ("contacts", "companies", 279, 280, "contact_to_company_unlabeled", "company_to_contact_unlabeled"),
    ("deals", "deals", 451, 451, "deal_to_deal", "deal_to_deal"),
    ("contacts", "contacts", 449, 449, "contact_to_contact", "contact_to_contact"),
    ("companies", "companies", 450, 450, "company_to_company", "company_to_company"),
)
_PRIMARY = (
    ("deals", "companies", 5, 6, "deal_to_company", "company_to_deal"),
    ("contacts", "companies", 1, 2, "contact_to_company", "company_to_contact"),
)


def _factory() -> Iterator[AssociationType]:
    for rows, label in ((_PLAIN, None), (_PRIMARY, "Primary")):
        for source, target, id, inverse_id, name, inverse_name in rows:
            there = AssociationType(
                category="HUBSPOT_DEFINED",
                id=id,
                inverse_id=inverse_id,
                source=source,
                target=target,
                name=name,
                label=label,
                alone=label is not None,
            )
            yield there
            if id != inverse_id:
                back = {"id": inverse_id, "inverse_id": id, "source": target, "target": source, "name": inverse_name}
                yield msgspec.structs.replace(there, **back, alone=False)
