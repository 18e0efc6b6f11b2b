"""Texts on their way to Propstreet: in their canonical spelling, within the lengths that it takes, or refused by name.

A refusal costs no call and leaves the neighbours alone; what Propstreet refuses sinks the whole write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from syncd.core.model import Fields

from .readings import Writing
from .spellings import TRIMMED, Spelling

TEXT_MAX = 255  # propstreet.md sections 17.1 and 21, as are the next two
EMAIL_MAX = 254
PHONE_MAX = 50
COMPANY_NAME_MAX = 200  # the smaller of the documented limits of names (section 21)


class Rule(msgspec.Struct, frozen=True):
    """How a text is written, and what of it Propstreet would not take."""

    wire: str
    most: int = TEXT_MAX
    spelling: Spelling = TRIMMED
    fits: Callable[[str], bool] | None = None
    otherwise: str = ""  # the reason, where it does not fit


def write_texts(rules: Mapping[str, Rule], values: Fields) -> Writing:
    """The members for those of these fields that have a rule; None clears."""
    wire: dict[str, str | None] = {}
    refused: dict[str, str] = {}
    for name, rule in rules.items():
        if name not in values:
            continue
        text = spelt(rule, values[name])
        misfit = None if text is None else misfit_of(rule, text)
        if misfit is None:
            wire[rule.wire] = text
        else:
            refused[name] = misfit
    return Writing(wire, refused)


def spelt(rule: Rule, value: object) -> str | None:
    return None if value is None else rule.spelling.tidy(str(value)) or None


def misfit_of(rule: Rule, text: str) -> str | None:
    """Why Propstreet would refuse this text, if it would."""
    if len(text) > rule.most:
        return f"is longer than the {rule.most} characters that Propstreet takes"
    if rule.fits is not None and not rule.fits(text):
        return rule.otherwise
    return None
