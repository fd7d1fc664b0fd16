"""Pairs: the regression of pair differences, Lin's estimator for a design whose every block is a pair.

Fogarty (2018): pair differences of the outcome on pair differences of the covariates (centered at 0, their
mean under the draw; centering them at their sample mean would undo the adjustment but not its smaller
error) and on pair means centered at their own mean. The intercept is the effect; HC2; df = pairs - 1 - 2p.
"""

from __future__ import annotations

import numpy as np

from rct.estimate.cells import Cells, settle
from rct.estimate.effects import Effect, Fitted, Regression, Term, count, need_df
from rct.estimate.least_squares import prediction, robust
from rct.estimate.moments import Rows, solve
from rct.estimate.records import Floats, Sample


def is_paired(sample: Sample) -> bool:
    """Two arms, no clusters, and every block was drawn as one unit of each, standing alone in its stratum."""
    if sample.block is None or sample.cluster is not None or sample.arms != 2:
        return False
    alone = sample.strata is None or len(set(sample.strata)) == len(sample.strata)
    drawn = np.bincount(sample.block * 2 + sample.arm, minlength=2 * len(sample.block_labels))
    present = drawn.reshape(-1, 2)[np.unique(sample.block)]
    return alone and bool(np.all(present == 1))


def pair_regression(sample: Sample, reference: int, se_type: str) -> Fitted:
    """The other arm's effect. A pair that lost an outcome joins the next; the regression is then weighted
    by the units of each stratum."""
    cells = settle(sample, 1)
    arm = 1 - reference
    names = [*(f"{n} (difference within pairs)" for n in sample.x_names)]
    names += [f"{n} (mean of pairs)" for n in sample.x_names]
    x = sample.columns[cells.rows]
    difference = np.empty((len(cells.units), x.shape[1] * 2))
    p = x.shape[1]
    for j in range(p):
        means = _means(cells, x[:, j])
        difference[:, j] = means[:, arm] - means[:, reference]
        difference[:, p + j] = np.bincount(cells.stratum, weights=x[:, j]) / cells.n_b
    y = _means(cells, cells.y)
    tau = y[:, arm] - y[:, reference]
    weight = None if np.all(cells.n_b == cells.n_b[0]) else cells.n_b / cells.n_b.mean()
    rows = Rows(
        tau, np.zeros(len(tau), dtype=np.int64), 1, difference, use=tuple(range(2 * p)), weight=weight
    )
    dropped: list[tuple[str, str]] = []
    while True:
        s = solve(rows, tuple(names))
        dropped += [(names[j], why) for j, why in s.dropped]
        need_df(s.n - s.rank)
        at = np.array([0.0 if j < p else float(cells.share @ difference[:, j]) for j in s.rows.use])
        c = prediction(s, np.ones(1), at - s.center)
        v = robust(s, [c], se_type)
        if v.lone is None:
            break
        dropped.append((names[v.lone], "rests on one pair alone"))
        rows = s.rows.without({v.lone})
    residual = float(s.n - s.rank)
    middle = float(cells.share @ (y[:, arm] + y[:, reference]) / 2)
    made_of = Regression(s, np.arange(len(tau)), None, tuple(names), of_strata=True)
    terms = (Term(1.0, made_of, c),)
    effect = Effect(c.value, float(v.values[0]), residual, residual, middle - c.value / 2, terms=terms)
    counted = {arm: count(cells, [0, 1], arm, reference)}
    return Fitted(cells, reference, {arm: effect}, counted, tuple(dropped), cells.notes)


def _means(cells: Cells, values: Floats) -> Floats:
    """(S, 2) cell means."""
    code = cells.stratum * 2 + cells.arm
    shift = float(values.mean())
    sums = np.bincount(code, weights=values - shift, minlength=cells.units.size)
    return sums.reshape(cells.units.shape) / cells.units + shift
