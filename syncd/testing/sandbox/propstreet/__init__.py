"""A twin of Propstreet's public API, as far as its deals reach: projects, prospects and the network of people.

Written from the contract, never from a client.
"""

from .journal import Applied
from .switches import RateLimit, Switches
from .twin import PropstreetTwin

__all__ = ["Applied", "PropstreetTwin", "RateLimit", "Switches"]
