"""A twin of Salesforce: deals, accounts, contacts, their roles and custom objects, written from salesforce.md."""

from .org import Applied as Applied
from .refusal import Refusal as Refusal
from .stages import Stage as Stage
from .switches import App as App
from .switches import DuplicateRule as DuplicateRule
from .switches import Lossy as Lossy
from .switches import RateLimit as RateLimit
from .switches import Switches as Switches
from .switches import ValidationRule as ValidationRule
from .twin import SalesforceTwin as SalesforceTwin
