"""What is told in place of the t test's figures, as it may be published: of fragile comparisons the other interval and
the p-value by drawing the lots anew, and how far off that p may be for having drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rct.analysis.compute import monte_carlo_error
from rct.analysis.results import Instead
from rct.registry.results import Result
from rct.report import suppress
from rct.report.record import Fragile, MemoRecord
from rct.report.words.finding import redrawn_doubts


@dataclass(frozen=True)
class Shown(Instead):
    """One of them as it is published: no p where it would tell of withheld rows.

    borne_out  whether drawing the lots anew finds the difference too, at the plan's alpha
    """

    borne_out: bool


@dataclass(frozen=True)
class Redrawn:
    """The randomization test of one comparison: p, the arrangements gone through, and the standard error that p has for
    having drawn them (0 where they are all that there are)."""

    outcome: str
    arm: str
    p_randomization: float
    randomization_draws: int
    std_error: float


def instead(record: MemoRecord) -> tuple[Shown, ...]:
    """The fragile comparisons whose figures are shown."""
    gone, alpha = suppress.withheld(record), float(record.definition.analysis.alpha)
    fragiles = {(f.outcome, f.arm): f for f in record.fragile}
    return tuple(
        Shown(
            *(row.outcome, row.arm, row.reasons, f.kind, f.low, f.high),
            f.p_redrawn if _shows(record, row, f, gone) else None,
            not redrawn_doubts(f, alpha),
        )
        for row in record.results
        if row.main and row.fragile and row not in gone
        if (f := fragiles.get((row.outcome, row.arm))) is not None
    )


def redrawn(record: MemoRecord) -> tuple[Redrawn, ...]:
    """Every randomization test that is shown."""
    return tuple(
        Redrawn(row.outcome, row.arm, p, draws, monte_carlo_error(p, draws))
        for row in suppress.published(record)
        if (p := row.p_randomization) is not None and (draws := row.randomization_draws) is not None
    )


def _shows(record: MemoRecord, row: Result, fragile: Fragile, gone: frozenset[Result]) -> bool:
    """Whether the adjusted p says nothing of a withheld one: as `suppress.told_adjusted` has it of the t test's."""
    p = fragile.p_redrawn
    family = [r for r in record.results if r.family is not None and r.family == row.family]
    shown = [r for r in family if r not in gone]
    if p is None or p == 1.0 or len(shown) == len(family):
        return True
    return any(_times(p, r.p_randomization, len(family)) for r in shown)


def _times(p: float, own: float | None, most: int) -> bool:
    return own is not None and any(
        math.isclose(p, k * own, rel_tol=1e-12, abs_tol=0.0) for k in range(1, most + 1)
    )


def by_arm(showns: Sequence[Shown]) -> dict[tuple[str, str], Shown]:
    """By outcome and arm."""
    return {(each.outcome, each.arm): each for each in showns}
