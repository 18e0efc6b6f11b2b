"""db upgrade: the state store brought up to date, and nothing else."""

from __future__ import annotations

from pathlib import Path

from syncd.config.build import store_url
from syncd.config.load import load_config
from syncd.store.db import connect


def run_upgrade(path: Path) -> int:
    store = connect(store_url(load_config(path), path))
    try:
        applied = store.upgrade()
        version = store.version()
    finally:
        store.close()
    print(f"applied {', '.join(applied)}; the store is at {version}" if applied else f"up to date at {version}")
    return 0
