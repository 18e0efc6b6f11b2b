"""The object types of an account's own (hubspot.md, sections 4.1 and 5.14): an admin makes them, with a few properties.

They are addressed by type id or by qualified name; the bare name is not known (O). Their schemas, which need a plan of
their own, can't be asked for here.
"""

from __future__ import annotations

from collections.abc import Sequence

from .account import Account, Collection
from .definitions import ObjectType
from .refusal import PORTAL_ID
from .schema import CreateBody, create

FIRST_TYPE = 3_456_701


def add_object(account: Account, name: str, display: str, linked: Sequence[str]) -> Collection:
    """`display` is its one required property; its records can be associated with those of the `linked` types."""
    number = FIRST_TYPE + account.switches.seed % 100 + len(account.collections)
    qualified = f"p{PORTAL_ID}_{name}"
    kind = ObjectType(
        name=f"2-{number}",
        singular=qualified.casefold(),
        type_id=f"2-{number}",
        label=name,
        group=f"{name}_information",
        shown=("hs_createdate", "hs_lastmodifieddate", "hs_object_id", display),
        required=((display,),),
        qualified=qualified,
    )
    made = account.add_object(kind)
    create(made, CreateBody(name=display, label=display, type="string", field_type="text", group_name=kind.group))
    for target in linked:
        account.association_types.relate(kind.name, account.collection(target).kind.name)
    return made
