"""Lin's (2013) adjustment: y ~ arms x (X - mean X), all arms at once, which is one regression in each arm.

With blocks the cells of arm and stratum are absorbed and each arm has its own slopes: the arm's mean is
sum (n_b / N) [ybar_ba + (xbar_b - xbar_ba)' beta_a]. HC2 with df = rows less rank of the whole; CR2 with
Satterthwaite's df when clustered. No weights, whatever the shares. Pairs have a regression of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rct.estimate.cells import Cells, settle
from rct.estimate.clusters import Part, cluster_parts
from rct.estimate.effects import (
    Effect,
    Fitted,
    Regression,
    SignedParts,
    Term,
    clustered_effect,
    count,
    need_df,
)
from rct.estimate.least_squares import Contrast, prediction, robust
from rct.estimate.moments import Rows, Solution, solve
from rct.estimate.ols import LONE_REASON
from rct.estimate.pairs import is_paired, pair_regression
from rct.estimate.records import Codes, Floats, Sample, one_group


def lin(sample: Sample, reference: int, se_type: str) -> Fitted:
    """Every arm's adjusted mean less the reference's. se_type HC0-HC3, or CR0, CR1, CR2 with clusters."""
    if is_paired(sample):
        return pair_regression(sample, reference, se_type)
    cells = settle(sample, 2)
    use = tuple(range(len(sample.x_names)))
    dropped: list[tuple[str, str]] = []
    while True:
        arms, lost = _fit_arms(cells, use, se_type)
        if not lost:
            break
        dropped += [(sample.x_names[j], why) for j, why in lost]
        use = tuple(j for j in use if j not in {j for j, _ in lost})
    residual = float(sum(a.residual for a in arms))
    effects = {}
    control = arms[reference]
    for code, arm in enumerate(arms):
        if code == reference:
            continue
        difference = arm.value - control.value
        terms = (
            Term(1.0, arm.regression, arm.contrast),
            Term(-1.0, control.regression, control.contrast),
        )
        if arm.part is None or control.part is None:
            effects[code] = Effect(
                difference, arm.variance + control.variance, residual, residual, control.value, terms=terms
            )
        else:
            parts: SignedParts = ((1.0, arm.part), (-1.0, control.part))
            df = (
                None
                if se_type == "CR2"
                else float(sum(len(a.part.ids) for a in arms if a.part is not None) - 1)
            )
            effects[code] = clustered_effect(difference, parts, control.value, df, residual, terms)
    every = list(range(sample.arms))
    counted = {a: count(cells, every, a, reference) for a in effects}
    return Fitted(cells, reference, effects, counted, tuple(dropped), cells.notes)


@dataclass(frozen=True)
class _Arm:
    """One arm's adjusted mean, its variance (or clustered part), and rows less rank."""

    regression: Regression
    contrast: Contrast
    variance: float
    part: Part | None

    @property
    def value(self) -> float:
        return self.contrast.value

    @property
    def residual(self) -> int:
        return self.regression.solution.n - self.regression.solution.rank


def _fit_arms(cells: Cells, use: tuple[int, ...], se_type: str) -> tuple[list[_Arm], list[tuple[int, str]]]:
    """Fit each arm; or say which columns must be left out in all arms: constant or dependent in this arm,
    or resting on one unit or cluster of it."""
    sample = cells.sample
    codes, cluster = cells.arm, cells.cluster
    fits: list[Solution] = []
    takes: list[Codes] = []
    lost: list[tuple[int, str]] = []
    for code, name in enumerate(sample.arm_names):
        at = np.flatnonzero(codes == code)
        take = at if cells.known is None else cells.known[at]
        stratum = cells.stratum[at] if len(cells.units) > 1 else one_group(len(at))
        rows = Rows(sample.y[take], stratum, len(cells.units), sample.columns, take=take, use=use)
        s = solve(rows, sample.x_names)
        if s.dropped:
            lost = [(j, f"{why} (arm {name})") for j, why in s.dropped]
            break
        need_df(s.n - s.rank)
        fits.append(s)
        takes.append(take)
    arms = []
    for code, (s, name) in enumerate(zip(fits, sample.arm_names, strict=False)):
        c = prediction(s, cells.share, _away(fits, s))
        mine = None if cluster is None else cluster[codes == code]
        if mine is None:
            v = robust(s, [c], se_type)
            lone, variance, part = v.lone, float(v.values[0]), None
        else:
            made = cluster_parts(s, [c], mine, se_type)
            lone, variance, part = made.lone, 0.0, made.parts[0] if made.parts else None
        if lone is not None:
            return [], [(lone, f"{LONE_REASON} (arm {name})")]
        arms.append(_Arm(Regression(s, takes[code], mine, sample.x_names), c, variance, part))
    return arms, lost


def _away(fits: list[Solution], s: Solution) -> Floats:
    """(k,) the mean over all arms' rows less the center of `s`: from the differences of the arms' centers,
    since the means themselves have lost digits where a column lies far from 0."""
    rows = sum(f.n for f in fits)
    apart = [f.n * (f.center - s.center) + f.unit * (f.totals @ f.means) for f in fits]
    return np.asarray(sum(apart) / rows)
