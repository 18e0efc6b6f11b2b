"""Alembic runs this for every command. The transaction comes from syncd.store.migrate, and is ended there."""

from __future__ import annotations

from alembic import context

from syncd.store.schema import VERSION_TABLE, metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("the store migrates itself; run: syncd db upgrade")

context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
    render_as_batch=True,  # SQLite alters a table by building it anew
)
context.run_migrations()
