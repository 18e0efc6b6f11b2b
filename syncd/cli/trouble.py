"""An error as text for people: what happened, to which record, and what to type next."""

from __future__ import annotations

import sys

from syncd.errors import ConfigError, RemoteError, SyncdError


def report(error: SyncdError) -> None:
    """What happened, and what to type next, on standard error."""
    print(f"syncd: {error}", file=sys.stderr)
    print(f"  → {error.remedy or _remedy(error)}", file=sys.stderr)


def _remedy(error: SyncdError) -> str:
    """Where to look when an error does not know better."""
    match error:
        case ConfigError():
            return "config/README.md describes every key"
        case RemoteError():
            return "syncd check tells what is wrong with the connection"
        case _:
            return "syncd delta tries again; --verbose shows each step"
