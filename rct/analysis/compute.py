"""The analysis of a plan on its data: every row of results, and what the memo says beside them.

Pure of storage: a definition, a frame, an assignment and outcomes in, an `Analysis` out. `analyze`, `report`
and `verify` all call `compute`, so what is printed is what was stored and what can be re-derived.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rct.analysis.data import arm_order, outcome_values, sample
from rct.definition import Definition
from rct.definition.model import Arm
from rct.draw.strata import block_counts, drawn_strata
from rct.errors import stop
from rct.estimate import compare, estimate
from rct.estimate.attrition import Attrition, differential_attrition
from rct.estimate.checks import RatioCheck, sample_ratio
from rct.estimate.decision import ArmInput, Decision, decide
from rct.estimate.multiplicity import holm
from rct.estimate.randomization import randomization_test
from rct.estimate.records import Estimate, Fit, Note, Sample
from rct.estimate.subgroups import subgroup
from rct.registry.store import Frame

DRAWS = 1_000  # arrangements of the randomization test; all of them where there are no more

CellCount = tuple[
    str, str, str | None, str | None, int, int | None
]  # outcome, arm, subgroup, level, n, events
Outcomes = Mapping[str, Mapping[str, float | None]]


@dataclass(frozen=True)
class OutcomeCheck:
    """What is told beside one outcome's estimates: units (and clusters) observed in each arm."""

    outcome: str
    drawn: tuple[int, ...]  # by arm, control first
    observed: tuple[int, ...]
    events: tuple[int, ...] | None  # of a binary outcome
    ratio: RatioCheck | None  # None when every unit was observed
    attrition: Attrition
    fisher: tuple[tuple[str, float], ...]  # arm, p


@dataclass(frozen=True)
class Analysis:
    rows: list[dict[str, Any]]
    decision: Decision
    checks: tuple[OutcomeCheck, ...]
    cells: tuple[CellCount, ...]
