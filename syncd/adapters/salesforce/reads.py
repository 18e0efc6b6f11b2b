"""Reading the truth: records by id and by stamp, and what became of those that are not where they were.

It never takes absence from a query for a deletion. A record is deleted when the recycle bin shows it, or when
Salesforce says of this very id that there is no such record; a refusal or a broken answer raises (8.5, trap 18).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncd.adapters.base import Remote
from syncd.errors import Rejected, ServerTrouble

from . import paths
from .client import Client
from .errors import SYSTEM
from .ids import full_id
from .records import DELETED, ID, MASTER, RecordType
from .shapes import Row
from .soql import listed, portions, select

FETCH_MAX = 200
_MERGES_MAX = 10  # of one record into the next


def fetch(client: Client, records: RecordType, ids: Sequence[str]) -> dict[str, Remote]:
    """Every asked id with its record: live, in the recycle bin, gone (`deleted`), or the survivor of a merge."""
    assert len(ids) <= FETCH_MAX
    long = {id: _known_form(records, id) for id in ids}
    rows = rows_of(client, records, list(dict.fromkeys(long.values())))
    absent = [id for id in dict.fromkeys(long.values()) if id not in rows]
    if absent and (stray := told(client, records.name, absent)):
        raise ServerTrouble(f"{records.name} {stray} is there, but not in salesforce's query", system=SYSTEM)
    _follow(client, records, rows)
    return {id: _standing(records, rows, long[id]) for id in ids}


def find(client: Client, records: RecordType, refs: Sequence[str]) -> dict[str, Remote]:
    """Live records by stamp."""
    assert len(refs) <= FETCH_MAX
    wanted = set(refs)
    found: dict[str, Remote] = {}
    for portion in portions(list(dict.fromkeys(refs)), _select(records, f"{records.ref} IN ()")):
        for row in client.rows(_select(records, listed(records.ref, portion))):
            remote = records.remote(row)
            # SOQL compares without regard to case unless the field says otherwise; ids are opaque.
            if remote.ref in wanted and not remote.deleted:
                found.setdefault(remote.ref, remote)
    return found


def rows_of(client: Client, records: RecordType, ids: Sequence[str]) -> dict[str, Row]:
    """Rows by id, deleted ones too; where records can be merged, also those that were merged into them."""
    found: dict[str, Row] = {}
    wheres = [f"{ID} IN ()"] + ([f"{MASTER} IN ()"] if records.mergeable else [])
    for portion in portions(ids, _select(records, " OR ".join(wheres)), times=len(wheres)):
        where = " OR ".join(listed(field, portion) for field in ((ID, MASTER) if records.mergeable else (ID,)))
        found |= {_id(row): row for row in client.rows(_select(records, where), deleted=True)}
    return found


def survivors(client: Client, records: RecordType, rows: Iterable[Row]) -> list[Remote]:
    """The records that the merged ones among these rows live on in, naming whom they absorbed."""
    lost = [_id(row) for row in rows if _master(row) is not None]
    if not lost:
        return []
    found = [
        remote
        for start in range(0, len(lost), FETCH_MAX)
        for remote in fetch(client, records, lost[start : start + FETCH_MAX]).values()
    ]
    return list({remote.id: remote for remote in found}.values())


def _known_form(records: RecordType, id: str) -> str:
    """A wrong id is nobody's record, which is no reason to call a record deleted (section 2.6)."""
    long = records.id_of(id)
    if long is None:
        raise Rejected(f"{id} can't be the id of a record of {records.name}", system=SYSTEM, code="MALFORMED_ID")
    return long


def told(client: Client, name: str, ids: Sequence[str]) -> str | None:
    """Ask for these ids by name: null is Salesforce's word that there is no such record. The first that is there."""
    rows = client.get(paths.retrieves(name), list[Row | None], ids=",".join(ids), fields=ID)
    if len(rows) != len(ids):
        raise ServerTrouble("salesforce left out records without saying why", system=SYSTEM)
    return next((_id(row) for row in rows if row is not None), None)


def _follow(client: Client, records: RecordType, rows: dict[str, Row]) -> None:
    """Add the records that those in `rows` were merged into, and theirs (trap 19)."""
    for _ in range(_MERGES_MAX):
        ahead = {master for row in list(rows.values()) if (master := _master(row)) is not None} - rows.keys()
        if not ahead:
            return
        found = rows_of(client, records, sorted(ahead))
        for id in ahead - found.keys():
            found[id] = {ID: id, DELETED: True}
        rows |= found
    raise ServerTrouble("records were merged in a longer chain than is followed", system=SYSTEM)


def _standing(records: RecordType, rows: dict[str, Row], id: str) -> Remote:
    for _ in range(_MERGES_MAX):
        row = rows.get(id)
        if row is None:
            return Remote(id=id, deleted=True)
        master = _master(row)
        if master is None:
            return records.remote(row, _absorbed(rows, id))
        id = master
    raise ServerTrouble("records were merged in a longer chain than is followed", system=SYSTEM)


def _absorbed(rows: dict[str, Row], id: str) -> tuple[str, ...]:
    """Whom this record absorbed, through others too."""
    found: list[str] = []
    waiting = [id]
    while waiting:
        into = waiting.pop()
        lost = sorted(other for other, row in rows.items() if _master(row) == into and other not in found)
        found += lost
        waiting += lost
    return tuple(sorted(found))


def _select(records: RecordType, where: str) -> str:
    return select(records.asked, records.name, where, order=(ID,))


def _id(row: Row) -> str:
    id = row.get(ID)
    if not isinstance(id, str):
        raise ServerTrouble("a row of salesforce's query has no id", system=SYSTEM)
    return full_id(id) or id


def _master(row: Row) -> str | None:
    master = row.get(MASTER)
    return (full_id(master) or master) if master else None
