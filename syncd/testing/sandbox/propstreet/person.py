"""What a person's moves in the app need, whatever they are about."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from .http import Refusal
from .state import State


class Person:
    """Acts on the truth, at once, with the same stamps and tags as anybody. Nothing of it is journalled.

    Fields go by their wire names. A mistake of the caller is a ValueError, a row that is not there a KeyError.
    """

    _state: State
    _lock: threading.RLock


@contextlib.contextmanager
def as_mistakes() -> Iterator[None]:
    """What the API would refuse is the caller's mistake here."""
    try:
        yield
    except Refusal as refusal:
        wrong = [f"{name} {problem}" for name, problems in (refusal.errors or {}).items() for problem in problems]
        raise ValueError("; ".join(wrong) or str(refusal)) from None
