"""Sales stages, and what an opportunity takes over from the one it is in (salesforce.md, section 7.1)."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from .table import Values


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    probability: int
    forecast: str = "Pipeline"
    closed: bool = False
    won: bool = False
    active: bool = True


FACTORY = (
    Stage(name="Prospecting", probability=10),
    Stage(name="Qualification", probability=10),
    Stage(name="Needs Analysis", probability=20),
    Stage(name="Value Proposition", probability=50),
    Stage(name="Id. Decision Makers", probability=60),
    Stage(name="Perception Analysis", probability=70),
    Stage(name="Proposal/Price Quote", probability=75),
    Stage(name="Negotiation/Review", probability=90),
    Stage(name="Closed Won", probability=100, forecast="Closed", closed=True, won=True),
    Stage(name="Closed Lost", probability=0, forecast="Omitted", closed=True),
)
NOWHERE = Stage(name="", probability=0)


def shown(stage: Stage, order: int) -> Values:
    """The row of OpportunityStage."""
    return {
        "MasterLabel": stage.name,
        "ApiName": stage.name,
        "IsActive": stage.active,
        "IsClosed": stage.closed,
        "IsWon": stage.won,
        "DefaultProbability": Decimal(stage.probability).quantize(Decimal("0.1")),
        "ForecastCategoryName": stage.forecast,
        "SortOrder": order,
    }


def follow(stage: Stage, changes: Values) -> None:
    """A new stage resets what goes with it, unless the same call says otherwise; a stage is closed by itself."""
    changes.setdefault("Probability", Decimal(stage.probability).quantize(Decimal("0.1")))
    changes.setdefault("ForecastCategoryName", stage.forecast)
    changes["IsClosed"] = stage.closed
    changes["IsWon"] = stage.won
