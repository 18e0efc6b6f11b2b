"""The objects that describe the org itself: stages, users, permissions (salesforce.md, sections 3.10 and 7.1)."""

from __future__ import annotations

from .fields import Field
from .kinds import ObjectKind, kept

STAGE = ObjectKind(
    name="OpportunityStage",
    label="Opportunity Stage",
    prefix="01J",
    owned=False,
    readable_only=True,
    fields=(
        Field(name="MasterLabel", nillable=False),
        Field(name="ApiName", nillable=False),
        kept("IsActive", "boolean"),
        kept("IsClosed", "boolean"),
        kept("IsWon", "boolean"),
        Field(name="DefaultProbability", type="percent", precision=3, scale=0),
        Field(name="ForecastCategoryName", type="picklist"),
        Field(name="SortOrder", type="int", scale=0),
    ),
)
USER = ObjectKind(
    name="User",
    label="User",
    prefix="005",
    owned=False,
    readable_only=True,
    fields=(
        Field(name="Username", length=80, nillable=False),
        Field(name="Name", length=121, nillable=False),
        Field(name="Email", type="email", length=128),
        kept("IsActive", "boolean"),
    ),
)
ORGANIZATION = ObjectKind(
    name="Organization",
    label="Organization",
    prefix="00D",
    owned=False,
    readable_only=True,
    fields=(
        Field(name="Name", length=80),
        Field(name="InstanceName", length=5),
        kept("IsSandbox", "boolean"),
        Field(name="OrganizationType", type="picklist"),
    ),
)
PERMISSION_SET = ObjectKind(
    name="PermissionSet",
    label="Permission Set",
    prefix="0PS",
    owned=False,
    setup=True,
    fields=(
        Field(name="Name", length=80, nillable=False, unique=True),
        Field(name="Label", length=80, nillable=False),
        Field(name="Description"),
    ),
)
_PARENT_SET = ("PermissionSet",)
FIELD_PERMISSIONS = ObjectKind(
    name="FieldPermissions",
    label="Field Permissions",
    prefix="01k",
    owned=False,
    setup=True,
    fields=(
        Field(
            name="ParentId", type="reference", nillable=False, reference_to=_PARENT_SET, relationship="Parent",
            on_delete="cascade",
        ),
        Field(name="SobjectType", type="picklist", nillable=False),
        Field(name="Field", type="picklist", nillable=False),
        Field(name="PermissionsRead", type="boolean", default=False, nillable=False),
        Field(name="PermissionsEdit", type="boolean", default=False, nillable=False),
    ),
)  # fmt: skip
ASSIGNMENT = ObjectKind(
    name="PermissionSetAssignment",
    label="Permission Set Assignment",
    prefix="0Pa",
    owned=False,
    setup=True,
    fields=(
        Field(
            name="PermissionSetId", type="reference", nillable=False, reference_to=_PARENT_SET,
            relationship="PermissionSet", on_delete="cascade",
        ),
        Field(
            name="AssigneeId", type="reference", nillable=False, reference_to=("User",), relationship="Assignee"
        ),
    ),
)  # fmt: skip
CUSTOM_FIELD = ObjectKind(
    name="CustomField",
    label="Custom Field",
    prefix="00N",
    owned=False,
    readable_only=True,
    tooling=True,
    fields=(
        Field(name="DeveloperName", length=80),
        Field(name="TableEnumOrId", length=80),
        Field(name="FullName"),
    ),
)
