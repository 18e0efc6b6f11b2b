"""kill -9 in the middle of a first load, and then a lost state file: nothing twice, nothing missing."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable

import pytest

from .office import Office, finished

PROJECTS = 2_000


@pytest.mark.slow
def test_killed_twice_and_then_forgotten(office: Office) -> None:
    """One deal per project at the end of each, by the systems' own journals; each pair knows each other."""
    office.propstreet.seed_projects(PROJECTS - 5, random.Random(11))
    office.ready()

    kill_when(office, lambda: len(office.hubspot.journal) >= 300)
    assert 0 < created(office) < PROJECTS
    kill_when(office, lambda: len(office.propstreet.journal) >= 500)
    assert not whole(office)

    assert finished(office.start("backfill"), within_s=120).code == 0
    assert whole(office)
    assert created(office) == PROJECTS

    for file in office.folder.glob("syncd.db*"):
        file.unlink()
    assert finished(office.start("backfill"), within_s=120).code == 0
    assert whole(office)
    assert created(office) == PROJECTS
    assert office.run("status", "--json").json["paired"] == PROJECTS

    writes = office.writes()
    assert office.run("delta").code == 0
    assert office.writes() == writes


def kill_when(office: Office, reached: Callable[[], bool]) -> None:
    process = office.start("backfill")
    until = time.monotonic() + 60
    while not reached():
        assert process.poll() is None, finished(process)
        assert time.monotonic() < until
        time.sleep(0.005)
    process.kill()
    process.communicate(timeout=30)


def created(office: Office) -> int:
    """Records that syncd has made, ever, in both systems."""
    deals = sum(applied.verb == "create" for applied in office.hubspot.journal)
    return deals + sum(applied.method == "POST" for applied in office.propstreet.journal)


def whole(office: Office) -> bool:
    """Has each project just one deal, and do both know it?"""
    deals = office.hubspot.person.live_deals()
    of = {shown["propstreet_id"]: id for id, shown in deals.items()}
    projects = office.propstreet.live_projects()
    stamps = {
        project["id"]: [ref["id"] for ref in project.get("externalRefs", []) if ref["namespace"] == "hubspot"]
        for project in projects
    }
    counts = Counter(shown["propstreet_id"] for shown in deals.values())
    return (
        len(projects) == len(deals) == PROJECTS
        and set(counts.values()) == {1}
        and all(stamps[id] == [of.get(id)] for id in stamps)
    )
