"""Who sends what each arm gets: rct from a template, someone else, or nobody.

An arm without a template is a holdout, or its mail was made elsewhere. Which of the two, the definition need not say;
a cost, the fate of pieces, or a draw that was itself made elsewhere does.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from rct.definition.resolve import Definition, arm_templates

Sent = Literal["rct", "elsewhere", "unknown", "nothing"]


def sending(definition: Definition, *, replayed: bool = False, told: Collection[str] = ()) -> dict[str, Sent]:
    """Arm → who sends. `told`: arms of whose pieces something was told.

    unknown: the control of a draw that was made elsewhere, of which nothing says that it got anything.
    """
    named = any(arm_templates(arm) for arm in definition.arms.values())
    found: dict[str, Sent] = {}
    for name, arm in definition.arms.items():
        if arm_templates(arm):
            found[name] = "rct"
        elif name in told or arm.unit_cost or (not arm.control and (replayed or not named)):
            found[name] = "elsewhere"
        else:
            found[name] = "unknown" if replayed else "nothing"
    return found


def cost_is_known(definition: Definition, sent: dict[str, Sent], arm: str) -> bool:
    """Whether a unit's cost is named, or is nothing because nothing is sent."""
    return definition.arms[arm].unit_cost is not None or sent[arm] == "nothing"
