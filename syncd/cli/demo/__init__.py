"""demo: the main job, shown to somebody who has never seen it, with real clients over real sockets."""

from .story import run_demo

__all__ = ["run_demo"]
