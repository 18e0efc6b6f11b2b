"""Pipelines and stages as they are kept and shown (hubspot.md, section 5.13).

A record holds the ids of both, never a label; stage ids are per pipeline. Who may change them is in `pipelines`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from .definitions import STAGES
from .refusal import Refusal
from .values import Misfit, iso, to_number

STAGE_FACTS = ("hs_is_closed", "hs_is_closed_won", "hs_deal_stage_probability")


class Stage(msgspec.Struct, kw_only=True):
    id: str
    label: str
    display_order: int
    metadata: dict[str, str]
    created_ms: int = 0
    updated_ms: int = 0

    @property
    def facts(self) -> dict[str, str]:
        """What a deal in this stage shows of it."""
        probability = self.metadata["probability"]
        won = "true" if probability == "1.0" else "false"
        return dict(zip(STAGE_FACTS, (self.metadata["isClosed"], won, probability), strict=True))

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "label": self.label,
            "displayOrder": self.display_order,
            "metadata": self.metadata,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            "archived": False,
            "createdAt": iso(self.created_ms),
            "updatedAt": iso(self.updated_ms),
        }


class Pipeline(msgspec.Struct, kw_only=True):
    id: str
    label: str
    display_order: int
    stages: dict[str, Stage]
    created_ms: int = 0
    updated_ms: int = 0

    def shown(self) -> dict[str, Any]:
        stages = sorted(self.stages.values(), key=lambda stage: stage.display_order)
        return {
            "id": self.id,
            "label": self.label,
            "displayOrder": self.display_order,
            "stages": [stage.shown() for stage in stages],
            "archived": False,
            "createdAt": iso(self.created_ms),
            "updatedAt": iso(self.updated_ms),
        }


def factory_pipelines() -> dict[str, Pipeline]:
    stages = {
        id: Stage(id=id, label=label, display_order=order, metadata=stage_metadata({"probability": probability}))
        for order, (id, label, probability) in enumerate(STAGES)
    }
    return {"default": Pipeline(id="default", label="Sales Pipeline", display_order=0, stages=stages)}


def stage_metadata(sent: Mapping[str, Any]) -> dict[str, str]:
    """A deal stage needs a probability between 0 and 1; closed is what has one of the ends."""
    try:
        probability = to_number(str(sent.get("probability")))
    except Misfit as exc:
        raise Refusal("A deal stage needs metadata.probability between 0 and 1.") from exc
    if not 0 <= probability <= 1:
        raise Refusal("A deal stage needs metadata.probability between 0 and 1.")
    closed = "true" if probability in (Decimal(0), Decimal(1)) else "false"
    return {"isClosed": closed, "probability": str(float(probability))}
