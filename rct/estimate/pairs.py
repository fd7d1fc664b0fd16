"""Pairs: the regression of pair differences, Lin's estimator for a design whose every block is a pair.

Fogarty (2018): pair differences of the outcome on pair differences of the covariates (centered at 0, their
mean under the draw; centering them at their sample mean would undo the adjustment but not its smaller
error) and on pair means centered at their own mean. The intercept is the effect; HC2; df = pairs - 1 - 2p.
"""

from __future__ import annotations

import numpy as np

from rct.estimate.cells import Cells, settle
from rct.estimate.effects import Effect, Fitted, Regression, Term, count, dust_of, need_df
from rct.estimate.least_squares import prediction, robust, squared_weights
from rct.estimate.moments import Rows, solve
from rct.estimate.records import Floats, Sample


LEAST = 3  # pairs; with fewer there is hardly a variance between them


def is_paired(sample: Sample) -> bool:
    """Two arms, and every stratum was drawn as one pair (one unit, or cluster, of each arm), joined by nothing but
    blocks of a single one, too small for both arms."""
    if sample.block is None or sample.arms != 2:
        return False
    block, arm = sample.block, sample.arm
    if sample.cluster is not None:
        _, first = np.unique(sample.cluster, return_index=True)
        block, arm = block[first], arm[first]
    drawn = np.bincount(block * 2 + arm, minlength=2 * len(sample.block_labels)).reshape(-1, 2)
    stratum = np.arange(len(drawn)) if sample.strata is None else np.array(sample.strata)
    present = (stratum >= 0) & (drawn.sum(axis=1) > 0)
    if np.any(drawn[present].max(axis=1) > 1):
        return False
    strata = np.unique(stratum[present])
    pairs = np.bincount(stratum[present & (drawn.min(axis=1) == 1)], minlength=stratum.max() + 1)
    return len(strata) >= LEAST and bool(np.all(pairs[strata] == 1))


def settle_clusters(sample: Sample) -> Cells:
    """Cells of a clustered design: pairs stand with one cluster of each arm, all else needs two."""
    return settle(sample, 1 if is_paired(sample) else 2)


def pair_regression(cells: Cells, reference: int, se_type: str) -> Fitted:
    """The other arm's effect in pairs of units. A pair that lost an outcome has joined the next; the regression
    is then weighted by the units of each stratum."""
    sample = cells.sample
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
    y_center = float(cells.y.mean())
    y = _means(cells, cells.y - y_center)
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
    middle = float(cells.share @ (y[:, arm] + y[:, reference]) / 2) + y_center
    made_of = Regression(s, np.arange(len(tau)), None, tuple(names), of_strata=True)
    terms = (Term(1.0, made_of, c),)
    # Each unit's weight is its pair's: half of it in a pair, once for each arm.
    dust = dust_of(cells, 2 * squared_weights(s, c))
    effect = Effect(
        c.value, float(v.values[0]), residual, residual, middle - c.value / 2, dust=dust, terms=terms
    )
    counted = {arm: count(cells, [0, 1], arm, reference)}
    return Fitted(cells, reference, {arm: effect}, counted, tuple(dropped), cells.notes)


def _means(cells: Cells, values: Floats) -> Floats:
    """(S, 2) cell means."""
    code = cells.stratum * 2 + cells.arm
    shift = float(values.mean())
    sums = np.bincount(code, weights=values - shift, minlength=cells.units.size)
    return sums.reshape(cells.units.shape) / cells.units + shift
