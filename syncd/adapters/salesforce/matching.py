"""Looking people and companies up by their Remote.keys, among live records.

E-mail addresses are asked for as they are. A website is free text, in which the same host is written in a dozen ways,
and SOQL has nothing for hosts: records whose website has the host where a host begins are read, and the hosts are
compared here. Those are the company's own records and the few whose host only goes on after it ("nordic.se.example"),
so an answer is as long as what is found; of one key, no more is told than it takes to be in doubt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncd.adapters.base import Remote
from syncd.core.model import Kind
from syncd.errors import Forbidden

from .client import Client
from .errors import SYSTEM
from .keys import EMAIL, WEBSITE
from .metadata import grant
from .records import ID, RecordType
from .soql import alternatives, like, listed, portions, select

MATCH_MAX = 200
_SHOWN_MAX = 10  # records of one key; two are a doubt already
_PERSON = "IsPersonAccount"  # only in orgs where some accounts are people (salesforce.md 7.3)
_HOST_AT = ("{}%", "%/{}%", "%w.{}%")  # at the start, after a scheme, after www.
_STANDARD = {"Contact": EMAIL, "Account": WEBSITE}


def match(client: Client, records: RecordType, keys: Sequence[str]) -> dict[str, list[Remote]]:
    """By key. Raises Forbidden where we are not shown what to search by: nobody found would mean created twice."""
    assert len(keys) <= MATCH_MAX
    _demand_shown(records)
    found: dict[str, dict[str, Remote]] = {key: {} for key in keys}
    for where in _wheres(records, list(found)):
        for row in client.rows(select(records.asked, records.name, where, order=(ID,))):
            remote = records.remote(row)
            for key in found.keys() & remote.keys:
                found[key][remote.id] = remote
    return {key: list(rows.values())[:_SHOWN_MAX] for key, rows in found.items() if rows}


def _demand_shown(records: RecordType) -> None:
    name = _STANDARD.get(records.name)
    if name is not None and name not in records.fields:
        raise Forbidden(
            f"the field {name} of {records.name} is hidden from us, so that we recognise nobody",
            system=SYSTEM,
            fields=(name,),
            remedy=grant(records.name, name),
        )


def _wheres(records: RecordType, keys: Sequence[str]) -> Iterator[str]:
    """The conditions of as many queries as their addresses need."""
    names = records.key_fields
    if not names:
        return
    rest = select(records.asked, records.name, f"(){_people(records)}", order=(ID,))
    values = [key.partition(":")[2] for key in keys]
    if records.kind is Kind.CONTACT:
        for some in portions(values, rest + " OR ".join(listed(name, ()) for name in names), times=len(names)):
            yield " OR ".join(listed(name, some) for name in names)
        return
    hosts = [" OR ".join(like(name, at, host) for name in names for at in _HOST_AT) for host in values]
    for where in alternatives(hosts, rest):
        yield f"({where}){_people(records)}"


def _people(records: RecordType) -> str:
    """Accounts that are people are no companies."""
    return f" AND {_PERSON} = false" if _PERSON in records.fields else ""
