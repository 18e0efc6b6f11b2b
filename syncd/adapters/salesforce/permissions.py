"""Lets us see the fields that we made: a permission set of our own, given to our own user (salesforce.md 3.10).

What the org does not let us do here is no error: the fields then stay hidden, and comparing them says who has to
grant what. Sets and users that are not ours are never touched.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.errors import AlreadyExists, Forbidden, Missing, Rejected
from syncd.mapping.wanted import WantedField

from . import paths
from .client import Client
from .shapes import Made, RowResult
from .soql import quoted, select

NAME, LABEL = "Propstreet_Sync", "Propstreet sync"


def grant_fields(client: Client, object: str, fields: Sequence[WantedField]) -> None:
    """Read and edit access for our user to these fields. Raises what is no refusal."""
    try:
        parent = _permission_set(client)
        _assign(client, parent)
        rows = [
            {
                "attributes": {"type": "FieldPermissions"},
                "ParentId": parent,
                "SobjectType": object,
                "Field": f"{object}.{field.name}",
                "PermissionsRead": True,
                "PermissionsEdit": True,
            }
            for field in fields
        ]
        client.send("POST", paths.COLLECTION, {"allOrNone": False, "records": rows}, list[RowResult])
    except (Forbidden, Rejected, Missing, AlreadyExists):
        return


def _permission_set(client: Client) -> str:
    found = client.rows(select(["Id"], "PermissionSet", f"Name = {quoted(NAME)}"))
    if found:
        return str(found[0]["Id"])
    return client.send("POST", paths.objects("PermissionSet"), {"Name": NAME, "Label": LABEL}, Made).id


def _assign(client: Client, parent: str) -> None:
    user = client.signed.user
    if not user:
        return
    where = f"PermissionSetId = {quoted(parent)} AND AssigneeId = {quoted(user)}"
    if not client.rows(select(["Id"], "PermissionSetAssignment", where)):
        body = {"PermissionSetId": parent, "AssigneeId": user}
        client.send("POST", paths.objects("PermissionSetAssignment"), body, Made)
