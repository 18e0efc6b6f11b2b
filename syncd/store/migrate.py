"""Migrations: from whatever version the tables are at to the one this program knows, in the caller's transaction.

Alembic runs them from `migrations/`, which ships with the package. To write the next one, see its README.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from .bulk import Tx
from .schema import VERSION_TABLE


def upgrade(tx: Tx) -> list[str]:
    """The revisions that were applied, oldest first."""
    config = _config()
    at = MigrationContext.configure(tx, opts={"version_table": VERSION_TABLE}).get_current_revision()
    ahead = [step.revision for step in _scripts(config).iterate_revisions("head", at or "base")]
    config.attributes["connection"] = tx
    command.upgrade(config, "head")
    return ahead[::-1]


def known() -> list[str]:
    """The revisions that this program has, newest first."""
    return [step.revision for step in _scripts(_config()).walk_revisions()]


def _config() -> Config:
    config = Config()
    # The option is interpolated, so a per cent sign in the path has to be doubled.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def _scripts(config: Config) -> ScriptDirectory:
    return ScriptDirectory.from_config(config)
