"""The analysis of a plan on its data: every row of results, and what the memo says beside them.

Pure of storage: a definition, a frame, an assignment and outcomes in, `AnalysisResults` out. `analyze`, `report`
and `verify` all call `compute`, so what is printed is what was stored and what can be re-derived.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal

import numpy as np

from rct.analysis.data import arm_order, levels_of, outcome_values, sample
from rct.analysis.naming import Naming, naming
from rct.analysis.planned import Planned
from rct.definition import Definition
from rct.definition.model import Arm
from rct.definition.resolve import arm_templates
from rct.disclosure import Cell
from rct.draw.strata import block_counts, drawn_strata
from rct.errors import stop
from rct.estimate import compare, estimate
from rct.estimate.attrition import Attrition, differential_attrition
from rct.estimate.bounds import Bounds, worst_cases
from rct.estimate.cells import settle
from rct.estimate.checks import RATIO_WARNS
from rct.estimate.decision import ArmInput, Between, DecisionResult, decide, reaches
from rct.estimate.fragile import newcombe_of
from rct.estimate.multiplicity import holm
from rct.estimate.randomization import RandomizationTest, randomization_test
from rct.estimate.ratio import TableTest, table_test
from rct.estimate.records import Estimate, Fit, Note, Sample
from rct.estimate.scales import EffectScale
from rct.estimate.subgroups import subgroup
from rct.kinds import kind_of
from rct.registry.results import NAMES, Result
from rct.registry.store import Frame

NEXT = 2  # other versions that the one to adopt is held against
DRAWS = 10_000  # arrangements of the randomization test; all of them where there are no more

Outcomes = Mapping[str, Mapping[str, float | None]]
Pair = Callable[[str, str], Estimate]
PValue = Callable[[Result], float | None]


@dataclass(frozen=True)
class OutcomeCheck:
    """What is told beside one outcome's estimates: units observed in each arm, and whom its files named."""

    outcome: str
    drawn: tuple[int, ...]  # by arm, control first
    observed: tuple[int, ...]
    events: tuple[int, ...] | None  # of a binary outcome
    ratio: TableTest | None  # None when every unit was observed
    attrition: Attrition
    fisher: tuple[tuple[str, float], ...]  # arm, p
    naming: Naming | None = None  # None where a unit that no file named is unobserved
    refused: bool = False  # whether units are unobserved because their rows were refused
    bounds: tuple[Bounds, ...] = ()  # of a yes/no outcome that is lopsided

    @property
    def uneven(self) -> bool:
        """Whether outcomes are missing from the arms in shares that lots seldom give."""
        return self.lopsided or self.attrition.warns

    @property
    def lopsided(self) -> bool:
        """Whether they are in shares that lots give less than once in a thousand draws."""
        p = self.attrition.p_value
        far = self.attrition.warns and (p is None or p < RATIO_WARNS)
        return far or (self.ratio is not None and self.ratio.warns)


@dataclass(frozen=True)
class FragileInterval:
    """The interval that is told of a fragile comparison in place of the t test's: Newcombe's for a yes/no outcome of
    units, else the randomization test's own (None, None where it has no end)."""

    kind: Literal["newcombe", "randomization"]
    low: float | None
    high: float | None
    p_redrawn: float | None = None  # of the randomization test, adjusted in the plan's family
    opposed: bool = False  # what that test looks at lies on the other side of no difference than the estimate


@dataclass(frozen=True)
class StoredRandomization:
    """What a randomization test gave before, of the same data and seed: its p-value and number of arrangements."""

    p_value: float | None
    draws: int


@dataclass(frozen=True)
class AnalysisResults:
    rows: tuple[Result, ...]
    deciding: str  # the outcome that the rule looks at
    decision: DecisionResult
    checks: tuple[OutcomeCheck, ...]
    cells: tuple[Cell, ...]
    notes: tuple[Note, ...]
    dropped: tuple[tuple[str, str], ...]
    not_analyzed: tuple[str, ...]  # planned secondary outcomes that no file held
    small_blocks: int  # blocks with a single unit in some arm that are not merged
    versions: tuple[Estimate, ...] = ()  # the arm to adopt against other arms that are sent: exploratory
    told: Mapping[tuple[str, str], FragileInterval] = field(
        default_factory=dict
    )  # of fragile lines on all units, by outcome, arm
    cut: tuple[str, ...] = ()  # outcomes whose records of one arm end before those of others: see `coverage`

    @property
    def refused(self) -> tuple[str, ...]:
        """The outcomes whose files leave out people of some arm: their figures are no results."""
        return tuple(c.outcome for c in self.checks if c.naming is not None and c.naming.refused)


def compute(
    definition: Definition,
    frame: Frame,
    arms: Sequence[str],
    outcomes: Outcomes,
    lots: str,
    planned: Planned | None = None,
    redrawn: Mapping[tuple[str, str], StoredRandomization] | None = None,
) -> AnalysisResults:
    """Run the plan. `lots` (the draw's key; for a replay the frame's hash) seeds the rearrangements of the
    randomization test, so that anyone gets the same p-value again. `planned` tells what is confirmatory; without it
    all of the plan is. `redrawn`, by outcome and arm: randomization tests that need not be drawn again, as far as their
    p-value is all that is asked of them. RctError when a primary outcome was never loaded or cells are too small.
    """
    planned = planned or Planned(definition, definition)
    absent = [o for o in definition.outcomes if o not in outcomes]
    for outcome in absent:
        if definition.outcomes[outcome].primary:
            stop(
                "no_outcomes",
                f"No file with the primary outcome {outcome} was loaded.",
                f"Load it with: rct outcomes {definition.name} FILE",
                field=outcome,
            )
    run = _AnalysisRun(definition, frame, arms, lots, planned, redrawn or {})
    for outcome in definition.outcomes:
        if outcome not in absent:
            run.outcome(outcome, outcome_values(definition, frame, outcome, outcomes[outcome]))
            run.names(outcome, outcomes[outcome])
    rows = _adjusted(run.rows, planned)
    deciding = planned.deciding() if planned.deciding() in run.samples else definition.primary[0]
    rows = run.still_open(run.disagreeing(rows), deciding)
    intervals = _with_redrawn(rows, planned, run.told)
    pair = _pairwise(definition, run.samples[deciding])
    refused = any(c.naming is not None and c.naming.refused for c in run.checks if c.outcome == deciding)
    decision = ruled(definition, rows, run.between(deciding, pair), deciding, intervals, refused=refused)
    versions = _versions(definition, rows, pair, deciding, decision)
    between = [_result(deciding, line, term="between", role="exploratory") for line in versions]
    return AnalysisResults(
        (*rows, *between),
        deciding,
        decision,
        tuple(run.checks),
        tuple(run.cells),
        tuple(dict.fromkeys(run.notes)),
        tuple(dict.fromkeys(run.dropped)),
        tuple(absent),
        run.small_blocks,
        versions,
        intervals,
    )


class _AnalysisRun:
    """Collects the rows of one analysis, outcome by outcome."""

    def __init__(
        self, definition: Definition, frame: Frame, arms: Sequence[str], lots: str, planned: Planned,
        redrawn: Mapping[tuple[str, str], StoredRandomization],
    ):  # fmt: skip
        self._definition, self._frame, self._arms, self._lots = definition, frame, arms, lots
        self._planned, self._known = planned, redrawn
        self._scale = definition.estimator.scale
        counts = block_counts(frame, arms, list(definition.arms))
        strata = drawn_strata(definition, counts)
        merged = set(strata.merged) if strata else set()
        gone = merged | set(strata.apart if strata else ())
        self.small_blocks = sum(min(c) == 1 for b, c in counts.items() if b not in gone) if strata else 0
        self._base = sample(definition, frame, arms, np.zeros(len(frame.units)), strata)
        self.rows: list[Result] = []
        self.samples: dict[str, Sample] = {}
        self.checks: list[OutcomeCheck] = []
        self.cells: list[Cell] = []
        self.notes: list[Note] = []
        self.dropped: list[tuple[str, str]] = []
        self.told: dict[tuple[str, str], FragileInterval] = {}

    def outcome(self, outcome: str, y: np.ndarray[Any, np.dtype[np.float64]]) -> None:
        analysis = self._definition.analysis
        made = replace(self._base, y=y)
        self.samples[outcome] = made
        primary = self._definition.outcomes[outcome].primary
        fit = estimate(made, analysis.estimator, analysis.standard_errors, analysis.alpha)
        confirms = self._planned.outcome(outcome)
        in_family = confirms and self._planned.then.outcomes[outcome].primary
        self._take(outcome, fit, family="primary" if in_family else None, confirms=confirms)
        self._rearrange(outcome, made, fit)
        self._check(outcome, made, fit)
        if primary:
            for column in analysis.subgroups:
                self._subgroup(outcome, made, column)

    def _take(
        self, outcome: str, fit: Fit, *, term: str = "arm", family: str | None = None, column: str | None = None,
        level: str | None = None, confirms: bool,
    ) -> None:  # fmt: skip
        role = "confirmatory" if confirms else "exploratory"
        self.rows += [
            _result(outcome, line, term=term, role=role, family=family, subgroup=column, level=level)
            for line in fit.lines
        ]
        self.notes += [*fit.notes, *(n for line in fit.lines for n in line.notes)]
        self.dropped += list(fit.dropped)

    def _rearrange(self, outcome: str, made: Sample, fit: Fit) -> None:
        """Fill in the randomization test of the outcome's arm rows: the last ones taken; of fragile ones also the
        interval that is told."""
        first = len(self.rows) - (made.arms - 1)
        for i, line in enumerate(fit.lines, start=first):
            known = None if line.fragile else self._known.get((outcome, line.arm))
            if known is not None:
                self.rows[i] = replace(
                    self.rows[i], p_randomization=known.p_value, randomization_draws=known.draws
                )
                continue
            code = made.arm_names.index(line.arm)
            ends = self._newcombe(outcome, made, code, line) if line.fragile else None
            test = self._redrawn(outcome, line.arm, interval=bool(line.fragile) and ends is None)
            self.rows[i] = replace(self.rows[i], p_randomization=test.p_value, randomization_draws=test.draws)
            if line.fragile:
                self.told[outcome, line.arm] = _told(self.rows[i], test, ends, self._scale)

    def disagreeing(self, rows: Sequence[Result]) -> list[Result]:
        """The rows, those of all units marked as fragile whose adjusted p-value is at most alpha and whose redrawn one,
        adjusted alike, is above it by more than drawing explains, or can't be had: no list of reasons foresees every
        outcome and design."""
        alpha = self._definition.analysis.alpha
        least = _in_families(rows, self._planned, _at_least)
        marked = []
        for i, row in enumerate(rows):
            p, redrawn = row.ruling_p, least.get(i, _at_least(row))
            known = not row.main or (row.outcome, row.arm) in self.told
            if known or p is None or p > alpha or (redrawn is not None and redrawn <= alpha):
                marked.append(row)
                continue
            marked.append(replace(row, fragile="tests_disagree"))
            self.told[row.outcome, row.arm] = _told(
                row, self._redrawn(row.outcome, row.arm), None, self._scale
            )
        return marked

    def still_open(self, rows: Sequence[Result], deciding: str) -> list[Result]:
        """Hold the outcome that decides against the least worthwhile effect itself: where an interval lies under it and
        the randomization test of just that effect does not reject it, by its own tail at alpha / 2, nothing is settled.
        A skewed outcome or unlike clusters bend one end of an interval, and a two-sided test as well. The rows, those
        that it makes fragile marked."""
        return [self._held(row) if row.main and row.outcome == deciding else row for row in rows]

    def _held(self, row: Result) -> Result:
        sign = _sign(self._definition, row.outcome)
        least = self._definition.decision.worthwhile
        effect = self._scale.at_gain(least, sign)
        key = row.outcome, row.arm
        interval = self.told.get(key)
        low, high = (row.conf_low, row.conf_high) if interval is None else (interval.low, interval.high)
        end = high if sign > 0 else low
        best = None if end is None else self._scale.gain(end, sign)
        if best is None or reaches(best, least) or (interval is not None and interval.kind == "newcombe"):
            return row
        test = self._redrawn(*key, less=effect, interval=False)
        p = less_error(test.p_tail, test.draws)
        if p is not None and p <= self._definition.analysis.alpha / 2:
            return row
        if interval is None:
            row = replace(row, fragile="worthwhile_open")
            interval = _told(row, self._redrawn(*key), None, self._scale)
        if interval.low is not None and interval.high is not None:
            interval = replace(interval, low=min(interval.low, effect), high=max(interval.high, effect))
        self.told[key] = interval
        return row

    def _redrawn(
        self,
        outcome: str,
        arm: str,
        *,
        less: float | None = None,
        interval: bool = True,
        other: str | None = None,
    ) -> RandomizationTest:
        """The randomization test of an outcome's arm, all units, of the outcomes without an effect that every unit of
        the arm had; against the control, or another arm."""
        made, analysis = self.samples[outcome], self._definition.analysis
        code = made.arm_names.index(arm)
        reference = 0 if other is None else made.arm_names.index(other)
        if less is not None:
            made = replace(made, y=self._scale.without(made.y, made.arm == code, less))
        return randomization_test(
            made,
            code,
            reference,
            draws=DRAWS,
            seed=self._seed(outcome, arm),
            alpha=analysis.alpha if interval and other is None else None,
            adjusted=self._definition.estimator.adjusts,
            scale=self._scale,
        )

    def between(self, outcome: str, pair: Pair) -> Between:
        """The p-value by which two arms are told apart: where their comparison is fragile, the larger of the t test's
        and the randomization test's."""

        def p_value(a: str, b: str) -> float | None:
            line = pair(a, b)
            if line.p_value is None or not line.fragile:
                return line.p_value
            p = self._redrawn(outcome, a, other=b).p_value
            return None if p is None else max(p, line.p_value)

        return p_value

    def _seed(self, outcome: str, arm: str) -> bytes:
        return hashlib.sha256(f"rct.ri.1|{self._lots}|{outcome}|{arm}".encode()).digest()

    def _newcombe(self, outcome: str, made: Sample, arm: int, line: Estimate) -> tuple[float, float] | None:
        """Newcombe's interval of a yes/no outcome, where units were drawn and the estimate is a difference of shares."""
        if (
            not self._scale.additive
            or not kind_of(self._definition.outcomes[outcome].kind).events
            or made.cluster is not None
            or line.estimate is None
        ):
            return None
        cells = settle(made, 2) if made.block is None else settle(made, 1, 0)
        return newcombe_of(cells, arm, 0, self._definition.analysis.alpha, line.estimate)

    def _check(self, outcome: str, made: Sample, fit: Fit) -> None:
        known = ~np.isnan(made.y)
        drawn, observed = _by_arm(made, np.ones_like(known)), _by_arm(made, known)
        held = replace(made, y=known.astype(float), x=np.empty((0, 0)), x_names=())
        ratio = table_test(held) if observed != drawn and any(observed) else None
        events = (
            _by_arm(made, known & (made.y == 1))
            if kind_of(self._definition.outcomes[outcome].kind).events
            else None
        )
        exact = tuple((line.arm, line.p_fisher) for line in fit.lines if line.p_fisher is not None)
        attrition = differential_attrition(made, self._definition.analysis.alpha)
        check = OutcomeCheck(outcome, drawn, observed, events, ratio, attrition, exact)
        if check.lopsided and events:
            check = replace(check, bounds=worst_cases(made, self._definition.analysis.alpha))
        self.checks.append(check)
        self._cells(outcome, made, None, None, known)

    def names(self, outcome: str, stored: Mapping[str, float | None]) -> None:
        """Add to the outcome's checks, the last ones made, whom its files named."""
        found = naming(self._definition, outcome, self._base, self._frame.units, stored)
        refused = any(v is not None and math.isnan(v) for v in stored.values())
        self.checks[-1] = replace(self.checks[-1], naming=found, refused=refused)

    def _subgroup(self, outcome: str, made: Sample, column: str) -> None:
        analysis = self._definition.analysis
        values = np.array(levels_of(self._frame.columns[column]))
        found = subgroup(
            made, values, analysis.estimator, analysis.standard_errors, analysis.alpha, column=column
        )
        confirms = self._planned.subgroup(outcome, column)
        for level, fit in found.within:
            self._take(outcome, fit, column=column, level=level, confirms=confirms)
            self._cells(outcome, made, column, level, ~np.isnan(made.y) & (values == level))
        for level, fit in found.interactions:
            self._take(
                outcome, fit, term="interaction", family=f"subgroup:{column}" if confirms else None,
                column=column, level=level, confirms=confirms,
            )  # fmt: skip

    def _cells(self, outcome: str, made: Sample, column: str | None, level: str | None, keep: Any) -> None:
        counted = kind_of(self._definition.outcomes[outcome].kind).events
        counts = _by_arm(made, keep)
        events = _by_arm(made, keep & (made.y == 1))
        for i, arm in enumerate(made.arm_names):
            self.cells.append(Cell(outcome, arm, column, level, counts[i], events[i] if counted else None))


def _at_least(row: Result) -> float | None:
    """The row's redrawn p-value, less two of its simulation errors."""
    return less_error(row.p_randomization, row.randomization_draws)


def monte_carlo_error(p: float, draws: int) -> float:
    """docs/methods.md, section 8: under `DRAWS` arrangements all were gone through, and p is exact."""
    return math.sqrt(p * (1 - p) / (draws + 1)) if draws >= DRAWS else 0.0


def less_error(p: float | None, draws: int | None) -> float | None:
    """A redrawn p-value less two of its simulation errors."""
    return None if p is None else float(p) - 2 * monte_carlo_error(p, draws or 0)


def _told(
    row: Result, test: RandomizationTest, newcombe: tuple[float, float] | None, scale: EffectScale
) -> FragileInterval:
    """What is told of a fragile line. The randomization test's own interval is of one effect for all, which may be
    narrower than it ought to be where few carry the outcome: so it is told no narrower than the t test's, and holds the
    estimate; it has no end where labels can fall in so few ways that no effect is ever rejected."""
    estimate, ends = row.estimate, test.interval if newcombe is None else newcombe
    opposed = estimate is not None and (estimate - scale.null) * test.difference < 0
    if ends is None or estimate is None:
        return FragileInterval("randomization", None, None, opposed=opposed)
    if newcombe is not None:
        return FragileInterval("newcombe", min(ends[0], estimate), max(ends[1], estimate), opposed=opposed)
    if row.conf_low is None or row.conf_high is None:
        raise AssertionError("a fragile line was tested")
    low, high = min(ends[0], row.conf_low, estimate), max(ends[1], row.conf_high, estimate)
    return FragileInterval("randomization", low, high, opposed=opposed)


def _result(
    outcome: str,
    line: Estimate,
    *,
    term: str,
    role: str,
    family: str | None = None,
    subgroup: str | None = None,
    level: str | None = None,
) -> Result:
    """A line as a row of the results, before adjusting and redrawing."""
    own: dict[str, Any] = {
        "outcome": outcome, "term": term, "role": role, "family": family, "subgroup": subgroup, "level": level,
        "fragile": ",".join(line.fragile) or None, "p_adjusted": None, "p_randomization": None,
        "randomization_draws": None,
    }  # fmt: skip
    return Result(**{name: getattr(line, name) for name in NAMES if name not in own}, **own)


def _adjusted(rows: Sequence[Result], planned: Planned) -> list[Result]:
    """p_adjusted within each family; no family where the plan adjusts nothing."""
    if planned.then.analysis.multiplicity == "none":
        return [replace(row, family=None) for row in rows]
    adjusted = _in_families(rows, planned, lambda row: row.p_value)
    return [replace(row, p_adjusted=adjusted.get(i)) for i, row in enumerate(rows)]


def _in_families(rows: Sequence[Result], planned: Planned, p_value: PValue) -> dict[int, float | None]:
    """The rows' p-values adjusted by Holm within each family, by row. What an amendment took out counts as 1."""
    adjusted: dict[int, float | None] = {}
    for family in dict.fromkeys(row.family for row in rows if row.family):
        members = [i for i, row in enumerate(rows) if row.family == family]
        each = len(members) // len({rows[i].outcome for i in members})
        gone: list[float | None] = [1.0] * (each * planned.lost())
        found = holm([p_value(rows[i]) for i in members] + gone)
        adjusted |= dict(zip(members, found, strict=False))
    return adjusted


def _with_redrawn(
    rows: Sequence[Result], planned: Planned, fragile_intervals: Mapping[tuple[str, str], FragileInterval]
) -> dict[tuple[str, str], FragileInterval]:
    """What is told of fragile comparisons, with the p-value by which the rule asks the randomization test."""
    adjusted = _in_families(rows, planned, lambda row: row.p_randomization)
    intervals = {}
    for i, row in enumerate(rows):
        key = row.outcome, row.arm
        if row.main and key in fragile_intervals:
            p = None if fragile_intervals[key].opposed else adjusted.get(i, row.p_randomization)
            intervals[key] = replace(fragile_intervals[key], p_redrawn=p)
    return intervals


def main_rows(rows: Sequence[Result], outcome: str) -> list[Result]:
    """The arm rows of one outcome, all units."""
    return [row for row in rows if row.outcome == outcome and row.main]


def _pairwise(definition: Definition, made: Sample) -> Pair:
    """One arm less another by the plan's estimator, unadjusted; no pair is computed twice."""
    analysis, order = definition.analysis, arm_order(definition)

    @cache
    def pair(a: str, b: str) -> Estimate:
        codes = order.index(a), order.index(b)
        return compare(made, analysis.estimator, analysis.standard_errors, analysis.alpha, *codes)

    return pair


def ruled(
    definition: Definition,
    rows: Sequence[Result],
    between: Between,
    outcome: str,
    intervals: Mapping[tuple[str, str], FragileInterval],
    *,
    refused: bool,
) -> DecisionResult:
    """The rule on the outcome that decides."""
    extra = extra_costs(definition)
    inputs = []
    for row in main_rows(rows, outcome):
        instead = intervals.get((outcome, row.arm))
        low, high = (row.conf_low, row.conf_high) if instead is None else (instead.low, instead.high)
        inputs.append(
            ArmInput(
                row.arm, row.estimate, low, high, row.ruling_p, extra[row.arm], row.mean_control,
                planned=row.role == "confirmatory",
                fragile=instead is not None,
                p_randomization=None if instead is None else instead.p_redrawn,
            )
        )  # fmt: skip
    return decide(
        inputs,
        worthwhile=definition.decision.worthwhile,
        alpha=definition.analysis.alpha,
        sign=_sign(definition, outcome),
        scale=definition.estimator.scale,
        between=between,
        refused=refused,
    )


def _versions(
    definition: Definition,
    rows: Sequence[Result],
    pair: Pair,
    outcome: str,
    decision: DecisionResult,
) -> tuple[Estimate, ...]:
    """The arm to adopt against those that it can't be told apart from and, where the control sends nothing, the
    next-best that is sent: there nobody's choice is between the arm and nothing.
    """
    chosen = decision.chosen
    if chosen is None:
        return ()
    others = [arm for arm in decision.tied if arm != chosen]
    if not arm_templates(definition.arms[definition.control]):
        others += _next_best(definition, main_rows(rows, outcome), chosen, _sign(definition, outcome))
    return tuple(pair(chosen, arm) for arm in dict.fromkeys(others))


def _next_best(definition: Definition, main: Sequence[Result], chosen: str, sign: int) -> list[str]:
    """The other arms that are sent, largest gain first, no more than `NEXT`."""
    gains = {
        row.arm: definition.estimator.scale.gain(row.estimate, sign)
        for row in main
        if row.arm != chosen and row.estimate is not None and arm_templates(definition.arms[row.arm])
    }
    return sorted(gains, key=lambda arm: -gains[arm])[:NEXT]


def _sign(definition: Definition, outcome: str) -> int:
    """1 where more is better, -1 where less is."""
    return 1 if definition.outcomes[outcome].direction == "increase" else -1


def extra_costs(definition: Definition) -> dict[str, float | None]:
    """What one unit of each arm costs more than the control's; None where either is unknown."""
    costs = {name: _cost(arm) for name, arm in definition.arms.items()}
    base = costs[definition.control]
    return {name: None if cost is None or base is None else cost - base for name, cost in costs.items()}


def _cost(arm: Arm) -> float | None:
    """An absent cost is 0 where nothing is sent, else unknown."""
    if arm.unit_cost is not None:
        return arm.unit_cost
    return None if arm_templates(arm) else 0.0


def _by_arm(made: Sample, keep: Any) -> tuple[int, ...]:
    return tuple(np.bincount(made.arm[keep], minlength=made.arms).tolist())
