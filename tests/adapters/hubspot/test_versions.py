"""The version table."""

from __future__ import annotations

import pytest

from syncd.adapters.hubspot.versions import ACCOUNT_DETAILS, in_version


@pytest.mark.parametrize(
    ("path", "dated"),
    [
        ("/crm/v3/objects/deals/batch/upsert", "/crm/objects/2026-09/deals/batch/upsert"),
        ("/crm/v3/objects/deals?limit=100", "/crm/objects/2026-09/deals?limit=100"),
        ("/crm/v3/properties/deals/propstreet_id", "/crm/properties/2026-09/deals/propstreet_id"),
        ("/crm/v3/pipelines/deals", "/crm/pipelines/2026-09/deals"),
        ("/crm/v4/associations/deals/contacts/batch/read", "/crm/associations/2026-09/deals/contacts/batch/read"),
        ("/crm/v4/associations/deals/contacts/labels", "/crm/associations/2026-09/deals/contacts/labels"),
        (ACCOUNT_DETAILS, ACCOUNT_DETAILS),
    ],
)
def test_paths_of_both_families(path: str, dated: str) -> None:
    """hubspot.md trap 42: numbered paths age out, so the dated ones are a setting away."""
    assert path == in_version("v3", path)
    assert dated == in_version("2026-09", path)
