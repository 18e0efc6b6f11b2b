"""The scenes about investors: who they are, how far the talks with them are, and who comes and goes."""

from __future__ import annotations

from .show import Narrator
from .stage import Stage

A_PERSON_MUST_ACT = 3  # exit code
MATCHED = 20  # investors that Propstreet finds by itself


def meet_investors(stage: Stage, narrator: Narrator) -> None:
    """What the first load did about people; the second half of its scene."""
    _show(stage, narrator, stage.investing[0])
    doubted = stage.desk
    known, there = stage.cast.known
    same = all(
        _without(stage.listed(project), doubted) == _without(stage.placed(project), doubted)
        for project in stage.investing
    )
    narrator.claims(f"the same investors in both, each in the {stage.crm.place} of their stage", true=same)
    narrator.claims(
        f"{known.first} {known.last} was in {stage.crm.title} already: recognised by e-mail, not made twice",
        true=stage.contact_of(known.id) == there and _having(stage, known.email) == 1,
    )


def settle_doubt(stage: Stage, narrator: Narrator) -> None:
    narrator.scene("One investor has the address of a shared mailbox, as has a contact. That is no proof: it is held.")
    desk = stage.desk
    code = stage.typed("held", "list")
    narrator.claims("nobody was guessed, nobody doubled", true=code == A_PERSON_MUST_ACT and not stage.contact_of(desk))
    narrator.tells("Anna writes the investor's own address.")
    stage.propstreet.edit_contact(desk, email="ylva.sandberg@norrviken.example")
    stage.typed("delta")
    project = stage.investing[0]
    stands = stage.contact_of(desk) != "" and stage.placed(project).get(desk) == stage.listed(project)[desk]
    narrator.claims(f"{stage.name(desk)} is in both now", true=stands)


def add_both_ways(stage: Stage, narrator: Narrator) -> None:
    noun, project = stage.crm.noun, stage.investing[0]
    narrator.scene(f"Anna adds an investor to a project; Bo puts somebody new on its {noun}, as interested.")
    added = stage.cast.spare
    stage.propstreet.add_prospect(project, contact=added.id)
    new = stage.crm.add_contact("Torbjörn", "Ekvall", "torbjorn.ekvall@ekvall.example")
    stage.crm.put_on(stage.copy_of(project), new, stage.label("interested"))
    stage.typed("delta")
    _show(stage, narrator, project)
    listed = stage.listed(project)
    theirs = stage.crm.stamp_of(stage.crm.contacts()[new])
    came = listed.get(added.id) == "not_contacted" and listed.get(theirs) == "interested"
    narrator.claims("both are investors in both", true=came and listed == stage.placed(project))


def move_stage(stage: Stage, narrator: Narrator) -> None:
    project = stage.investing[0]
    moved = stage.cast.spare
    narrator.scene(f"Bo gives {moved.first} {moved.last} another {stage.crm.place}: a bid has come in.")
    stage.crm.relabel(stage.copy_of(project), stage.contact_of(moved.id), stage.label("bidder"))
    stage.typed("delta")
    narrator.claims(
        f"Propstreet says {stage.listed(project).get(moved.id)}",
        true=stage.listed(project).get(moved.id) == stage.placed(project).get(moved.id) == "bidder",
    )


def gate_matches(stage: Stage, narrator: Narrator) -> None:
    project = stage.investing[1]
    narrator.scene(
        f"Propstreet matches {MATCHED} investors. They come to {stage.crm.title} when they accept the teaser."
    )
    before = len(stage.placed(project))
    matched = stage.propstreet.communicate(project, MATCHED)
    stage.typed("delta")
    then = len(stage.placed(project))
    stage.propstreet.accept_teaser(matched[0])
    narrator.tells("One of them accepts.")
    stage.typed("delta")
    accepted = stage.propstreet.prospect(project, matched[0])["contactId"]
    arrived = accepted in stage.placed(project) and len(stage.placed(project)) == before + 1
    narrator.claims(
        f"on the {stage.crm.noun}: {before} before, {then} while nobody had accepted, {len(stage.placed(project))} now",
        true=then == before and arrived,
    )


def merge_people(stage: Stage, narrator: Narrator) -> None:
    project = stage.investing[0]
    narrator.scene("Bo finds a contact twice and merges the two; the one that syncd knew is gone.")
    merged = stage.cast.spare
    listed, gone = stage.listed(project), stage.contact_of(merged.id)
    twin = stage.crm.add_contact(merged.first, merged.last, f"second.{merged.email}")
    left = stage.crm.merge(gone, twin)
    stage.typed("delta")
    stage.asked("delta")
    kept = stage.listed(project) == listed == stage.placed(project)
    narrator.claims(
        f"{len(listed)} investors before, {len(stage.listed(project))} now; {stage.name(merged.id)} is contact {left}",
        true=kept and left != gone and stage.contact_of(merged.id) == left,
    )


def take_off(stage: Stage, narrator: Narrator) -> None:
    noun, project = stage.crm.noun, stage.investing[0]
    narrator.scene(
        f"Bo takes one investor off the {noun}, Anna another one off the list. With `archive`, that travels."
    )
    before = stage.listed(project)
    first, second = sorted(set(before) - {stage.cast.spare.id})[:2]
    stage.crm.take_off(stage.copy_of(project), stage.contact_of(first))
    (removed,) = [one["id"] for one in stage.propstreet.live_prospects(project) if one.get("contactId") == second]
    stage.propstreet.remove_prospect(removed)
    stage.typed("delta")
    after = {contact: far for contact, far in before.items() if contact not in (first, second)}
    gone = stage.listed(project) == stage.placed(project) == after
    both = bool(stage.contact_of(first)) and bool(stage.contact_of(second))
    narrator.claims(f"{len(before)} before, {len(after)} now, in both; the two contacts stay", true=gone and both)


def _show(stage: Stage, narrator: Narrator, project: str) -> None:
    """Who is in a project, in both systems."""
    listed, placed = stage.listed(project), stage.placed(project)
    contacts = sorted(listed.keys() | placed.keys())
    rows = [(_called(stage, id), listed.get(id, "–"), placed.get(id, "–")) for id in contacts]
    name = stage.propstreet.project(project)["name"]
    narrator.tabulates([(name, "Propstreet", stage.crm.title), *rows])


def _called(stage: Stage, id: str) -> str:
    try:
        return stage.name(id)
    except KeyError:  # somebody whom Propstreet does not know
        return id


def _without(people: dict[str, str], one: str) -> dict[str, str]:
    return {id: far for id, far in people.items() if id != one}


def _having(stage: Stage, email: str) -> int:
    """How many live contacts of the CRM have this address."""
    return sum(email in (shown.get("email"), shown.get("Email")) for shown in stage.crm.contacts().values())
