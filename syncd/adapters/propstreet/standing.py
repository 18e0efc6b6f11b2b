"""The prospects that stand on a project now, read whole: it shows what has left, which a delta need not (trap 19)."""

from __future__ import annotations

from syncd.adapters.base import Brood, Remote
from syncd.errors import Missing

from .prospects import Prospects
from .remotes import prospect_row


def standing(prospects: Prospects, project: str, namespace: str) -> list[Remote]:
    """All pages; neither tombstones nor removed ones. A row that moved meanwhile is shown as it was last.

    Raises Missing when the project is gone, or not ours to see.
    """
    rows = {each.id: prospect_row(project, each.raw, namespace) for each in prospects.scan(project)}
    return [row for row in rows.values() if not row.deleted]


def brood(prospects: Prospects, project: str, namespace: str) -> Brood:
    try:
        return Brood(project, standing(prospects, project, namespace))
    except Missing:
        return Brood(project, gone=True)
