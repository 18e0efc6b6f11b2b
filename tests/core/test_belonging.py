"""Records that belong to others: they wait, they are held, they end with what they lived in, they carry no stamps."""

from __future__ import annotations

from msgspec import structs

from syncd.core.model import LEFT, Base, Situation, Snapshot
from syncd.core.ops import Create, Hold, Update
from syncd.core.plan import QUIET, plan
from syncd.core.policy import FieldPolicy, KindPolicy

POLICY = KindPolicy(fields={"classification": FieldPolicy(name="classification")})
ALONE = Situation(left=Snapshot(id="P/77", fields={"classification": "bidder"}), stamped=False)
SETTLED = {"classification": "contacted"}
PEACE = Situation(
    base=Base(SETTLED, SETTLED),
    left=Snapshot(id="P/77", fields=SETTLED),
    right=Snapshot(id="D:contact:5", fields=SETTLED),
    stamped=False,
)


def test_nothing_is_created_before_what_it_belongs_to() -> None:
    """Parents before children: it waits, and says for what."""
    waiting = plan(structs.replace(ALONE, waits="its project 9001 has no counterpart yet"), POLICY)

    assert waiting.ops == ()
    assert [decision.rule for decision in waiting.decisions] == ["its project 9001 has no counterpart yet"]
    assert isinstance(plan(ALONE, POLICY).ops[0], Create)


def test_what_belongs_to_nobody_known_is_held() -> None:
    """propstreet trap 52: never dropped."""
    (hold,) = plan(structs.replace(ALONE, unresolved="it names no contact"), POLICY).ops

    assert isinstance(hold, Hold)
    assert (hold.side, hold.id, hold.reason) == (LEFT, "P/77", "it names no contact")


def test_a_pair_ends_with_the_pair_that_it_lived_in() -> None:
    moved = structs.replace(PEACE, left=Snapshot(id="P/77", fields={"classification": "bidder"}))

    assert plan(structs.replace(moved, over="the pair of its project is over"), POLICY).ends is not None


def test_what_is_known_by_its_belongings_is_not_stamped() -> None:
    """Other systems' refs stay untouched (P7), and no write is spent on a stamp (P8)."""
    assert plan(PEACE, POLICY) is QUIET

    moved = structs.replace(PEACE, left=Snapshot(id="P/77", fields={"classification": "bidder"}, ref="another"))
    (update,) = plan(moved, POLICY).ops
    assert isinstance(update, Update)
    assert update.stamp is None
