"""Random histories of an office with investors: people, prospects, and who stands on which deal."""

from .history import FORMS as FORMS
from .history import Form as Form
from .history import InvestorHistory as InvestorHistory
from .promises import check as check
