"""What syncd is told in the demo: syncd.toml, and a mapping table of the demo's own beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from syncd.config.load import shipped_tables
from syncd.core.model import Side
from syncd.testing.sandbox.serve import Served

from .crm import Crm

# The shipped tables make records in the CRM only and never delete; in the demo both travel both ways.
OWN_RULES = {
    'create = "to_crm"': 'create = "both"',
    "on_delete = {": 'on_delete = "archive"\n# on_delete = {',
    'on_delete = "unbind"                        #': 'on_delete = "archive"  #',
}


def written(folder: Path, served: Mapping[Side, Served], crm: Crm) -> Path:
    """Both files, in this folder; the first one's path."""
    table = shipped_tables()[f"{crm.name}-prospects"].read_text(encoding="utf-8")
    for old, new in OWN_RULES.items():
        assert f"\n{old}" in table, f"the shipped table has no line {old} …"
        table = table.replace(f"\n{old}", f"\n{new}")
    (folder / "table.toml").write_text(table, encoding="utf-8")
    head = dedent(f"""
        [[connections]]
        name = "demo"
        mapping = "table.toml"

        [connections.tuning]
        lively_staleness_s = 0  # a project whose teaser is out is looked into by every pass; the others take turns

        [connections.propstreet]
        base_url = "{served[Side.PROPSTREET].url}"
        token_env = "PROPSTREET_TOKEN"
        overlap_s = 0           # nothing becomes visible late here, so nothing has to be read twice

        [connections.crm]
    """)
    config = folder / "syncd.toml"
    config.write_text(f"{head.strip()}\n{crm.table(served[Side.CRM].url)}\n", encoding="utf-8")
    return config
