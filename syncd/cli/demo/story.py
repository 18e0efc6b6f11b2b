"""The story of the demo, step by step. Anna works in Propstreet, Bo in the CRM; syncd is run after each move.

Nothing is made up: commands go through the command line, tables are read back from both systems, and what is
claimed is looked up there. It ends with exit code 0 only if all of it was true.
"""

from __future__ import annotations

from collections.abc import Callable

from syncd.core.model import Side
from syncd.testing.sandbox.wire import Fault, FaultKind, Request, Response

from .investors import add_both_ways, gate_matches, meet_investors, merge_people, move_stage, settle_doubt, take_off
from .proof import prove
from .show import Narrator
from .stage import INVESTED, Stage, staged

PROJECTS = 60
A_PERSON_MUST_ACT = 3  # exit code
FEEDS = 3  # lists of Propstreet's that every pass asks what changed: projects, contacts, companies


def run_demo(crm: str) -> int:
    """0 only if everything held. Raises ConfigError for a CRM that has no twin."""
    with staged(crm, PROJECTS) as stage:
        title = stage.crm.title
        print(f"syncd keeps Propstreet and {title} equal, in both directions. Here both are sandboxes on this machine;")
        print(f"syncd, its clients and the HTTP between them are real. Anna works in Propstreet, Bo in {title}.")
        print(
            "So that nobody has to wait, every pass looks for investors where a teaser is out (lively_staleness_s = 0)."
        )
        narrator = Narrator(title)
        for scene in SCENES:
            scene(stage, narrator)
    if narrator.failed:
        print("\nnot everything held:", *narrator.failed, sep="\n  ")
    return 1 if narrator.failed else 0


def set_up(stage: Stage, narrator: Narrator) -> None:
    projects, copies = _counts(stage)
    crm = stage.crm
    narrator.scene(
        f"Propstreet has {projects} projects, {INVESTED} of them with {stage.cast.prospects} investors;"
        f" {crm.title} has {_several(stage, copies)}."
    )
    if crm.by_hand:
        narrator.tells(crm.by_hand)
    stage.typed("setup", "--apply")
    narrator.claims(f"{crm.title} is ready", true=not stage.lacking())


def load_first(stage: Stage, narrator: Narrator) -> None:
    narrator.scene(f"First load: every project becomes {_one(stage)}, with its investors on it.")
    stage.typed("backfill")
    narrator.tells("The updates in Propstreet: each project and person now carries its counterpart's id.")
    project = stage.plain_project(0)
    names = ("name", "price", "exclusivity", "progress")
    narrator.compares(names, stage.project(project), stage.copy(stage.copy_of(project)), title="one of them")
    projects, copies = _counts(stage)
    narrator.claims(f"{projects} projects, {_several(stage, copies)}", true=projects == copies == PROJECTS)
    meet_investors(stage, narrator)


def merge_edits(stage: Stage, narrator: Narrator) -> None:
    narrator.scene(
        f"Anna renames a project; Bo changes the price of its {stage.crm.noun}. Different fields: both count."
    )
    project = stage.plain_project(1)
    copy = stage.copy_of(project)
    stage.propstreet.edit_project(project, name="Norra Kajen, Sundsvall")
    stage.crm.reprice(copy, 123_500_000)
    stage.typed("plan")
    stage.typed("delta")
    left, right = stage.project(project), stage.copy(copy)
    narrator.compares(("name", "price"), left, right)
    renamed = left["name"] == right["name"] == "Norra Kajen, Sundsvall"
    narrator.claims("merged field by field", true=renamed and _same_price(stage, project, copy, "123500000"))


def adopt_deal(stage: Stage, narrator: Narrator) -> None:
    narrator.scene(f"Bo makes {_one(stage)} in {stage.crm.title}. It becomes a project.")
    copy = stage.crm.add("Kvarnholmen 7", 88_000_000)
    stage.typed("delta")
    project = stage.project_of(copy)
    narrator.claims(f"{stage.crm.noun} {copy} is project {project or 'none'} now", true=bool(project))
    if project:
        narrator.compares(("name", "price", "status"), stage.project(project), stage.copy(copy))


def survive_race(stage: Stage, narrator: Narrator) -> None:
    narrator.scene(
        f"Bo renames {_one(stage)}; while syncd writes that to Propstreet, Anna edits the very same project."
    )
    project = stage.plain_project(2)
    copy = stage.copy_of(project)
    line = stage.lines[Side.PROPSTREET]
    refusals = 0

    def edit_in_between(request: Request) -> None:
        if request.method == "PATCH" and request.path.endswith(f"/{project}"):
            line.on_request = None
            stage.propstreet.edit_project(project, exclusivity="other")

    def count_refusals(request: Request, response: Response) -> None:
        nonlocal refusals
        refusals += response.status == 412

    line.on_request, line.on_response = edit_in_between, count_refusals
    stage.crm.rename(copy, "Slakthusområdet 3")
    stage.typed("delta")
    line.on_request = line.on_response = None
    narrator.tells(f"Propstreet refused {refusals} write (412: it moved). syncd read it again, merged, and wrote.")
    left, right = stage.project(project), stage.copy(copy)
    narrator.compares(("name", "exclusivity"), left, right)
    both = (
        left["name"] == right["name"] == "Slakthusområdet 3" and left["exclusivity"] == right["exclusivity"] == "other"
    )
    narrator.claims("neither edit was lost", true=refusals == 1 and both)


def decide_conflict(stage: Stage, narrator: Narrator) -> None:
    narrator.scene(
        "Both change the same price. The mapping says `hold`: a person decides, and syncd overwrites nobody."
    )
    project = stage.plain_project(3)
    copy = stage.copy_of(project)
    price = stage.propstreet.project(project)["price"]
    stage.propstreet.edit_project(project, price={**price, "value": 210, "scale": "millions"})
    stage.crm.reprice(copy, 205_000_000)
    code = stage.typed("delta")
    left, right = stage.project(project), stage.copy(copy)
    kept = str(left["price"]).startswith("210000000 ") and str(right["price"]).startswith("205000000 ")
    narrator.claims("both values are still there, and the exit code is 3", true=kept and code == A_PERSON_MUST_ACT)
    stage.typed("explain", project)
    number = stage.asked("conflicts", "list")[0]["id"]
    stage.typed("conflicts", "resolve", str(number), "--take", "crm")
    stage.typed("delta")
    narrator.compares(("price",), stage.project(project), stage.copy(copy))
    narrator.claims("decided, and equal", true=_same_price(stage, project, copy, "205000000"))


def lose_answers(stage: Stage, narrator: Narrator) -> None:
    narrator.scene(
        f"A new project and a new {stage.crm.noun}; the answers to both creates get lost, after they took effect."
    )
    hits = {side: line.hits for side, line in stage.lines.items()}
    stage.lines[Side.PROPSTREET].plan(Fault(kind=FaultKind.TIMEOUT_AFTER, method="POST", path="/projects$"))
    stage.lines[Side.CRM].plan(stage.crm.lost_create)
    project = stage.propstreet.add_project(name="Hammarby Gård")
    copy = stage.crm.add("Liljeholmen 12")
    stage.typed("delta")
    paired = bool(stage.project_of(copy)) and bool(stage.copy_of(project))
    hit = all(line.hits == hits[side] + 1 for side, line in stage.lines.items())
    narrator.tells("A sync that just tries again makes two of each. How many are there?")
    names = ("Hammarby Gård", "Liljeholmen 12")
    counts = [stage.named(name) for name in names]
    narrator.tabulates(
        [("", "Propstreet", stage.crm.title), *((name, *count) for name, count in zip(names, counts, strict=True))]
    )
    narrator.claims("one of each, and they know each other", true=hit and counts == [(1, 1)] * 2 and paired)


def delete_both_ways(stage: Stage, narrator: Narrator) -> None:
    narrator.scene(
        f"Anna deletes a project, Bo another one's {stage.crm.noun}. With `archive`, deletions travel, recoverably."
    )
    gone, lost = stage.plain_project(4), stage.plain_project(5)
    copy, other = stage.copy_of(gone), stage.copy_of(lost)
    stage.propstreet.delete_project(gone)
    stage.crm.delete(other)
    stage.typed("delta")
    rows = [
        (stage.propstreet.project(one)["name"], *stage.alive(one, its)) for one, its in ((gone, copy), (lost, other))
    ]
    narrator.tabulates([("", "Propstreet", stage.crm.title), *rows])
    narrator.claims("gone on both sides", true=all(row[1:] == ("deleted", "deleted") for row in rows))


def stay_quiet(stage: Stage, narrator: Narrator) -> None:
    narrator.scene("Nothing to do. One pass, not shown, heard the echo of syncd's own writes; this one hears nothing.")
    writes = stage.writes()
    stage.asked("delta")
    calls, sets = stage.calls_in_all(), stage.sets_read()
    stage.typed("delta")
    written, called, looked = stage.writes() - writes, stage.calls_in_all() - calls, stage.sets_read() - sets
    narrator.claims(
        f"both together: {written} writes; this one: {called} calls, {looked} of them for the investors of projects",
        true=written == 0 and called - looked <= FEEDS + stage.crm.quiet_calls,
    )


def prove_equal(stage: Stage, narrator: Narrator) -> None:
    narrator.scene("The proof: everything in both systems, read without syncd and compared.")
    proof = prove(stage)
    for fault in proof.faults[:10]:
        narrator.tells(fault)
    narrator.claims(
        f"{proof.projects} projects = {_several(stage, proof.copies)}, {proof.people} people, {proof.investors}"
        f" investors, each in both once; {proof.fields} values compared, {len(proof.faults)} differ",
        true=not proof.faults and proof.projects == proof.copies,
    )


SCENES: tuple[Callable[[Stage, Narrator], None], ...] = (
    set_up,
    load_first,
    settle_doubt,
    merge_edits,
    adopt_deal,
    survive_race,
    decide_conflict,
    lose_answers,
    delete_both_ways,
    add_both_ways,
    move_stage,
    gate_matches,
    merge_people,
    take_off,
    stay_quiet,
    prove_equal,
)


def _counts(stage: Stage) -> tuple[int, int]:
    return len(stage.propstreet.live_projects()), len(stage.crm.live())


def _one(stage: Stage) -> str:
    noun = stage.crm.noun
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _several(stage: Stage, count: int) -> str:
    noun = stage.crm.noun
    several = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {several}"


def _same_price(stage: Stage, project: str, copy: str, amount: str) -> bool:
    return stage.project(project)["price"] == stage.copy(copy)["price"] == f"{amount} SEK"
