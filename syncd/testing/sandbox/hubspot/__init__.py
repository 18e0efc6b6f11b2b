"""A twin of HubSpot's CRM: deals, contacts, companies and their associations, written from hubspot.md."""

from .access import SCOPES as SCOPES
from .account import Applied as Applied
from .refusal import Refusal as Refusal
from .switches import App as App
from .switches import Lag as Lag
from .switches import Lossy as Lossy
from .switches import RateLimit as RateLimit
from .switches import Switches as Switches
from .switches import WriteRule as WriteRule
from .twin import HubSpotTwin as HubSpotTwin
