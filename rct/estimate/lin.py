"""Lin's (2013) adjustment: y ~ arms x (X - mean X), all arms at once.

Without blocks of clusters this is one regression in each arm. With blocks of units the cells of arm and stratum are
absorbed and each arm has its own slopes: the arm's mean is sum (n_b / N) [ybar_ba + (xbar_b - xbar_ba)' beta_a]. HC2
with df = rows less rank of the whole; CR2 with Satterthwaite's df when clustered. No weights, whatever the shares.
Pairs of units have a regression of their own. With blocks of clusters the block effects are not crossed with the
arms: a block's own difference of means of a few clusters is a ratio whose bias would add up over the blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rct.errors import visible
from rct.estimate.cells import Cells, settle
from rct.estimate.clusters import ClusteredContrast, cluster_parts
from rct.estimate.effects import (
    Effect,
    Fitted,
    Regression,
    SignedParts,
    Term,
    clustered_effect,
    count,
    need_df,
    regression_dust,
)
from rct.estimate.least_squares import Contrast, coefficient, prediction, robust
from rct.estimate.moments import Rows, Solution, solve
from rct.estimate.ols import LONE_REASON
from rct.estimate.pairs import is_paired, pair_regression, settle_clusters
from rct.estimate.records import Codes, Floats, Sample, one_group


def lin(sample: Sample, reference: int, se_type: str) -> Fitted:
    """Every arm's adjusted mean less the reference's. se_type HC0-HC3, or CR0, CR1, CR2 with clusters."""
    if sample.cluster is not None and sample.block is not None:
        return _with_block_effects(sample, reference, se_type)
    if sample.cluster is None and is_paired(sample):
        return pair_regression(settle(sample, 1), reference, se_type)
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
        difference = arm.contrast.less(control.contrast)
        terms = (
            Term(1.0, arm.regression, arm.contrast),
            Term(-1.0, control.regression, control.contrast),
        )
        if arm.part is None or control.part is None:
            effects[code] = Effect(
                difference,
                arm.variance + control.variance,
                residual,
                residual,
                control.value,
                dust=regression_dust(cells, terms),
                terms=terms,
            )
        else:
            parts: SignedParts = ((1.0, arm.part), (-1.0, control.part))
            df = (
                None
                if se_type == "CR2"
                else float(sum(len(a.part.ids) for a in arms if a.part is not None) - 1)
            )
            effects[code] = clustered_effect(cells, difference, parts, control.value, df, residual, terms)
    every = list(range(sample.arms))
    counted = {a: count(cells, every, a, reference) for a in effects}
    return Fitted(cells, reference, effects, counted, tuple(dropped), cells.notes)


def _with_block_effects(sample: Sample, reference: int, se_type: str) -> Fitted:
    """y ~ arms x (X - mean X) + block effects, unweighted, one regression of all arms."""
    cells = settle_clusters(sample)
    others = [a for a in range(sample.arms) if a != reference]
    x = sample.columns[cells.rows]
    use, dropped = _varying_in_every_arm(cells, x)
    while True:
        centered = x[:, use] - x[:, use].mean(axis=0)
        # A covariate's columns stand together, so that the first ones that can be told apart are kept.
        each = [
            c[:, None] * np.column_stack([np.ones(len(c)), *(cells.arm == a for a in others)])
            for c in centered.T
        ]
        names = [sample.x_names[j] for j in use]
        columns = tuple(
            part for n in names for part in (n, *(f"{sample.arm_names[a]} x {n}" for a in others))
        )
        rows = Rows(
            cells.y,
            cells.stratum,
            len(cells.units),
            np.hstack([centered[:, :0], *each]),
            use=tuple(range(len(columns))),
            arm=cells.arm,
            arms=tuple(others),
        )
        s = solve(rows, columns)
        contrasts = [coefficient(s, i) for i in range(len(others))]
        lost = sorted(s.dropped)
        if not lost:
            need_df(s.n - s.rank)
            made = cluster_parts(s, contrasts, _clusters_of(cells), se_type)
            lost = [] if made.lone is None else [(made.lone, LONE_REASON)]
        if not lost:
            break
        gone = use[lost[0][0] // sample.arms]
        dropped.append((sample.x_names[gone], lost[0][1]))
        use = [j for j in use if j != gone]
    residual = float(s.n - s.rank)
    mean_control = prediction(s, cells.share, -s.center).value
    regression = Regression(s, cells.rows, _clusters_of(cells), columns)
    df = None if se_type == "CR2" else float(len(made.parts[0].ids) - 1)
    effects = {
        a: clustered_effect(
            cells,
            c.value,
            ((1.0, made.parts[i]),),
            mean_control,
            df,
            residual,
            (Term(1.0, regression, c),),
        )
        for i, (a, c) in enumerate(zip(others, contrasts, strict=True))
    }
    every = list(range(sample.arms))
    counted = {a: count(cells, every, a, reference) for a in others}
    return Fitted(cells, reference, effects, counted, tuple(dropped), cells.notes)


def _clusters_of(cells: Cells) -> Codes:
    assert cells.cluster is not None
    return cells.cluster


def _varying_in_every_arm(cells: Cells, x: Floats) -> tuple[list[int], list[tuple[str, str]]]:
    """The columns of x that vary inside each arm; of the others, name and reason."""
    names, arms = cells.sample.x_names, cells.sample.arm_names
    use, dropped = [], []
    for j in range(x.shape[1]):
        flat = [arms[a] for a in range(len(arms)) if np.ptp(x[cells.arm == a, j]) == 0]
        if flat:
            dropped.append((names[j], f"{visible(names[j])} is the same for everyone (arm {flat[0]})"))
        else:
            use.append(j)
    return use, dropped


@dataclass(frozen=True)
class _Arm:
    """One arm's adjusted mean, its variance (or clustered part), and rows less rank."""

    regression: Regression
    contrast: Contrast
    variance: float
    part: ClusteredContrast | None

    @property
    def value(self) -> float:
        return self.contrast.value

    @property
    def residual(self) -> int:
        return self.regression.solution.n - self.regression.solution.rank


def _fit_arms(cells: Cells, use: tuple[int, ...], se_type: str) -> tuple[list[_Arm], list[tuple[int, str]]]:
    """Fit each arm; or say which columns must be left out in all arms: constant or dependent in any arm,
    or resting on one unit or cluster of it."""
    sample = cells.sample
    codes, cluster = cells.arm, cells.cluster
    fits: list[Solution] = []
    takes: list[Codes] = []
    lost: dict[int, str] = {}
    # Judged in every arm before any column goes, so that the order of arms decides nothing.
    for code, name in enumerate(sample.arm_names):
        at = np.flatnonzero(codes == code)
        take = at if cells.known is None else cells.known[at]
        stratum = cells.stratum[at] if len(cells.units) > 1 else one_group(len(at))
        rows = Rows(sample.y[take], stratum, len(cells.units), sample.columns, take=take, use=use)
        s = solve(rows, sample.x_names)
        for j, why in s.dropped:
            lost.setdefault(j, f"{why} (arm {name})")
        fits.append(s)
        takes.append(take)
    if lost:
        return [], sorted(lost.items())
    need_df(min(s.n - s.rank for s in fits))
    arms = []
    for code, (s, name) in enumerate(zip(fits, sample.arm_names, strict=True)):
        c = prediction(s, cells.share, _away(fits, s))
        mine = None if cluster is None else cluster[codes == code]
        if mine is None:
            v = robust(s, [c], se_type)
            lone, variance, part = v.lone, float(v.values[0]), None
        else:
            contrasts = cluster_parts(s, [c], mine, se_type)
            lone, variance, part = contrasts.lone, 0.0, contrasts.parts[0] if contrasts.parts else None
        if lone is not None:
            return [], [(lone, f"{LONE_REASON} (arm {name})")]
        arms.append(_Arm(Regression(s, takes[code], mine, sample.x_names), c, variance, part))
    return arms, []


def _away(fits: list[Solution], s: Solution) -> Floats:
    """(k,) the mean over all arms' rows less the center of `s`: from the differences of the arms' centers,
    since the means themselves have lost digits where a column lies far from 0."""
    rows = sum(f.n for f in fits)
    apart = [f.n * (f.center - s.center) + f.unit * (f.totals @ f.means) for f in fits]
    return np.asarray(sum(apart) / rows)
