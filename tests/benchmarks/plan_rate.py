"""How many situations the planner settles per second on one core, over a mix as an ordinary pass meets it.

Pairs have 17 fields, as a mapped deal has. Every value is an object of its own, as after decoding: none of the
speed comes from two sides sharing a string.
"""

from __future__ import annotations

import random
import time

from syncd.core.model import Base, Fields, FieldType, Kind, Side, Situation, Snapshot, Value
from syncd.core.plan import plan
from syncd.core.policy import FieldPolicy, Flow, KindPolicy, OnConflict, OnDelete

BAR_PER_S = 50_000
_SEED = 1
_SITUATIONS = 2_000

_STAGES = ("draft", "active", "bidding", "signed", "closed")
_STAMPS = ("updated", "created", "teaser_sent", "teaser_opened")
_SHAPES = ("quiet", "one_sided", "both_sided", "create", "delete")
_WEIGHTS = (70, 20, 5, 3, 2)


def measure(seconds: float = 1.0) -> float:
    """Situations planned per second, running for about this long."""
    policy, situations = deal_policy(), mix()
    planned, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < seconds:
        for situation in situations:
            plan(situation, policy)
        planned += len(situations)
    return planned / elapsed


def deal_policy() -> KindPolicy:
    """17 fields: what people edit flows both ways, what Propstreet alone knows flows to the CRM."""
    both = [
        FieldPolicy(name="name", on_conflict=OnConflict.NEWEST),
        FieldPolicy(name="price", type=FieldType.MONEY),
        FieldPolicy(name="price_low", type=FieldType.MONEY),
        FieldPolicy(name="price_high", type=FieldType.MONEY),
        FieldPolicy(name="exclusivity", type=FieldType.FLAG, on_conflict=OnConflict.PROPSTREET),
        FieldPolicy(name="asset_type", type=FieldType.ENUM, order=_STAGES),
        FieldPolicy(name="asset_count", type=FieldType.WHOLE),
        FieldPolicy(name="status", type=FieldType.ENUM, order=_STAGES, on_conflict=OnConflict.FURTHEST),
        FieldPolicy(name="classification", type=FieldType.SET, on_conflict=OnConflict.UNION),
    ]
    to_crm = [
        *(FieldPolicy(name=name, type=FieldType.INSTANT, flow=Flow.TO_CRM) for name in _STAMPS),
        FieldPolicy(name="teaser_stage", type=FieldType.ENUM, order=_STAGES, flow=Flow.TO_CRM),
        FieldPolicy(
            name="progress", type=FieldType.ENUM, order=_STAGES, flow=Flow.TO_CRM, on_conflict=OnConflict.FURTHEST
        ),
        FieldPolicy(name="owner", flow=Flow.TO_CRM),
        FieldPolicy(name="link", type=FieldType.REF, flow=Flow.TO_CRM),
    ]
    return KindPolicy(
        kind=Kind.PROJECT,
        fields={field.name: field for field in (*both, *to_crm)},
        create=Flow.BOTH,
        when_propstreet_deletes=OnDelete.ARCHIVE,
        when_crm_deletes=OnDelete.ARCHIVE,
    )


def mix(count: int = _SITUATIONS) -> list[Situation]:
    """The same situations on every call: mostly quiet, some edits, a few creates and deletes, well shuffled."""
    chance = random.Random(_SEED)
    return [
        _situation(chance, number, shape) for number, shape in enumerate(chance.choices(_SHAPES, _WEIGHTS, k=count))
    ]


def _situation(chance: random.Random, number: int, shape: str) -> Situation:
    base, left, right = Base(_deal(number), _deal(number)), _deal(number), _deal(number)
    match shape:
        case "create":
            return Situation(left=_snapshot(Side.PROPSTREET, number, left, stamped=False))
        case "delete":
            left = {}
        case "one_sided":
            _edit(chance, chance.choice((left, right)), "edited")
        case "both_sided":
            _edit(chance, left, "edited in propstreet")
            _edit(chance, right, "edited in the crm")
    return Situation(base=base, left=_snapshot(Side.PROPSTREET, number, left), right=_snapshot(Side.CRM, number, right))


def _deal(number: int) -> dict[str, Value]:
    """Freshly built values: no two calls share a string."""
    day = f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
    return {
        "name": f"Kvarteret Björken {number}, Västerås",
        "price": f"{150_000_000 + number} SEK",
        "price_low": f"{140_000_000 + number} SEK",
        "price_high": f"{160_000_000 + number} SEK",
        "exclusivity": number % 2 == 0,
        "asset_type": "".join(("off", "ice")),
        "asset_count": number % 40,
        "status": _STAGES[number % 3],
        "classification": (f"core-{number % 3}", f"logistics-{number % 5}"),
        **dict.fromkeys(_STAMPS, f"{day}T10:00:00.{number:07d}Z"),
        "teaser_stage": _STAGES[number % 2],
        "progress": _STAGES[number % 3],
        "owner": f"broker-{number % 50}@example.com",
        "link": f"https://app.example/projects/{number}",
    }


def _edit(chance: random.Random, fields: dict[str, Value], text: str) -> None:
    """One to three of the fields that people edit."""
    edits: dict[str, Value] = {
        "name": f"Kvarteret Björken ({text})",
        "price": f"{150_000_000 + len(text)}.50 SEK",
        "asset_count": 40 + len(text),
        "status": _STAGES[3 + len(text) % 2],
        "classification": ("core", text),
    }
    for name in chance.sample(sorted(edits), chance.randint(1, 3)):
        fields[name] = edits[name]


def _snapshot(side: Side, number: int, fields: Fields, *, stamped: bool = True) -> Snapshot:
    """A record without fields is a tombstone."""
    ids = (f"project-{number}", f"{9_000_000 + number}")
    own, other = ids if side is Side.PROPSTREET else ids[::-1]
    return Snapshot(
        id=own,
        fields=fields,
        ref=other if stamped else None,
        version=f'W/"{number}"',
        modified=f"2026-06-01T10:00:00.{number:07d}Z",
        deleted=not fields,
    )


if __name__ == "__main__":
    print(f"{measure():,.0f} situations planned per second")
