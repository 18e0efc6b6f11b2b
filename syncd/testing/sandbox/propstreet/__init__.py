"""A twin of Propstreet's public API, as far as projects reach. Written from the contract, never from a client."""

from .projects import Applied
from .switches import RateLimit, Switches
from .twin import PropstreetTwin

__all__ = ["Applied", "PropstreetTwin", "RateLimit", "Switches"]
