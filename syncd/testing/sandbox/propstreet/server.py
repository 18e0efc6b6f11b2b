"""What all tables of the server share: its clock, its counters, the shape it answers in. It holds no rows."""

from __future__ import annotations

import base64

from syncd.clock import Clock

from . import stamps
from .render import Renderer
from .switches import Switches

APP, API = "ui", "api"  # changeOrigin: opaque to clients


class Server:
    """Not thread-safe: the twin's lock is around it."""

    def __init__(self, clock: Clock, switches: Switches, first_id: int) -> None:
        self.clock = clock
        self.switches = switches
        self.render = Renderer(switches)
        self.lags = False  # is any write on its way to readers?
        self._next_id = first_id
        self._version = 0

    def switch(self, switches: Switches) -> None:
        self.switches = switches
        self.render = Renderer(switches)

    def new_id(self) -> str:
        """No two rows of any kind have the same."""
        self._next_id += 1
        return str(self._next_id - 1)

    def new_etag(self) -> str:
        """A weak tag around an eight-byte counter, as the real ones look (section 6)."""
        self._version += 1
        return f'W/"{base64.b64encode(self._version.to_bytes(8, "big")).decode()}"'

    def stamp(self, *, ago_s: float = 0.0) -> str:
        """The server's time now or so long ago, by the server's clock."""
        now = self.clock.time() + self.switches.clock_skew_s - ago_s
        return stamps.shown(stamps.ticks_at(now, self.switches.sub_ms_ticks))

    def visible_at(self, late_s: float) -> float | None:
        """When readers see what is written now; None: at once."""
        lag_s = max(late_s, self.switches.read_lag_s)
        if lag_s <= 0:
            return None
        self.lags = True
        return self.clock.time() + lag_s
