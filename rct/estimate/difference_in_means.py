"""Difference in means, each arm against the reference, on those two arms' rows.

Complete: Neyman's variance with Welch's df. Blocked: strata weighted by n_b / N over all arms, so that 2-1
plus 3-2 is 3-1; strata with both cells of two or more by Neyman, strata with a single unit in a cell by
Pashley and Miratrix (2021), which for pairs is the classical paired variance; df by Satterthwaite of the
two parts. Clustered: y ~ arm on units with CR2 and Satterthwaite; blocked and clustered: CR2 in each
stratum, df = clusters of the two arms less two a stratum. The estimand is the average over units.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rct.estimate.cells import Cells, settle, small_strata
from rct.estimate.clusters import Part, cluster_parts
from rct.estimate.effects import Effect, Fitted, Regression, SignedParts, Term, clustered_effect, count
from rct.estimate.least_squares import prediction
from rct.estimate.moments import Rows, solve
from rct.estimate.records import Codes, Floats, Sample


def difference_in_means(sample: Sample, reference: int, se_type: str) -> Fitted:
    """Every arm less the reference. se_type is HC2, or with clusters CR2 (CR0 and CR1 for checks)."""
    clustered = sample.cluster is not None
    if clustered or sample.block is None:
        cells = settle(sample, 2)
    else:
        cells = settle(sample, 1, reference)
    others = [a for a in range(sample.arms) if a != reference]
    if clustered:
        effects = _clustered(cells, others, reference, se_type)
    else:
        means, squares = cell_moments(cells)
        effects = {a: _units(cells, means, squares, a, reference) for a in others}
    counted = {a: count(cells, [a, reference], a, reference) for a in others}
    return Fitted(cells, reference, effects, counted, notes=cells.notes)


def cell_moments(cells: Cells) -> tuple[Floats, Floats]:
    """Means and sums of squared deviations of every cell, (S, K) each, by two passes."""
    shape = cells.units.shape
    code = cells.stratum * shape[1] + cells.arm
    y = cells.y
    shift = float(y.mean())
    size = np.maximum(cells.units.ravel(), 1)
    means = np.bincount(code, weights=y - shift, minlength=size.size) / size
    deviation = y - shift - means[code]
    deviation[np.abs(deviation) <= 1e-12 * np.max(np.abs(y - shift))] = 0.0
    squares = np.bincount(code, weights=deviation**2, minlength=size.size).astype(float)
    return np.reshape(means + shift, shape), np.reshape(squares, shape)


def _units(cells: Cells, means: Floats, squares: Floats, arm: int, control: int) -> Effect:
    two = [arm, control]
    n_b, n = cells.n_b, cells.units[:, two]
    tau = means[:, arm] - means[:, control]
    large = ~small_strata(cells.units, arm, control)
    total = n_b.sum()
    estimate = float(cells.share @ tau)
    mean_control = float(cells.share @ means[:, control])
    terms = squares[large][:, two] / (n[large] - 1) / n[large]  # s^2 / n of both cells of each large stratum
    variance = float(((n_b[large] / total) ** 2) @ terms.sum(axis=1))
    residual = float(n[large].sum() - 2 * large.sum())
    if not cells.blocked:
        welch = float(np.sum(terms**2 / (n - 1)))
        return Effect(estimate, variance, variance**2 / welch if welch > 0 else None, residual, mean_control)
    if large.all():
        return Effect(estimate, variance, residual, residual, mean_control)
    small = ~large
    part, df_small = small_variance(n_b[small], tau[small])
    part *= (n_b[small].sum() / total) ** 2
    if not large.any():
        return Effect(estimate, part, df_small, df_small, mean_control)
    spread = variance**2 / residual + part**2 / df_small
    df = (variance + part) ** 2 / spread if spread > 0 else None
    return Effect(estimate, variance + part, df, None, mean_control)


def small_variance(n_b: Codes, tau: Floats) -> tuple[float, float]:
    """Variance and df of the mean effect over strata with a single unit in a cell.

    sum c_b / (N + sum c) (tau_b - tau)^2 with c_b = n_b^2 / (N - 2 n_b), N = sum n_b: Pashley and Miratrix
    (2021), their hybrid estimator for strata of varying size. Needs every n_b under N / 2.
    """
    return float(np.sum(small_shares(n_b, tau) ** 2)), float(len(n_b) - 1)


def small_shares(n_b: Codes, tau: Floats) -> Floats:
    """(S,) what each of these strata adds to the error: the squares' sum is `small_variance`."""
    total = n_b.sum()
    mean = float(n_b @ tau / total)
    c = n_b**2 / (total - 2 * n_b)
    return np.asarray(np.sqrt(c / (total + c.sum())) * (tau - mean))


def _clustered(cells: Cells, others: list[int], reference: int, se_type: str) -> dict[int, Effect]:
    terms: dict[int, Term] = {}
    parts: dict[int, Part] = {}
    cluster = cells.cluster
    assert cluster is not None
    assert cells.clusters is not None
    for arm in [reference, *others]:
        mine = cells.arm == arm
        rows = Rows(cells.y[mine], cells.stratum[mine], len(cells.units), np.empty((int(mine.sum()), 0)))
        s = solve(rows, ())
        c = prediction(s, cells.share, np.empty(0))
        terms[arm] = Term(1.0, Regression(s, cells.rows[mine], cluster[mine], ()), c)
        parts[arm] = cluster_parts(s, [c], cluster[mine], se_type).parts[0]
    effects = {}
    base = terms[reference]
    for arm in others:
        both: SignedParts = ((1.0, parts[arm]), (-1.0, parts[reference]))
        df = (
            float(cells.clusters[:, [arm, reference]].sum() - 2 * len(cells.units)) if cells.blocked else None
        )
        value = terms[arm].contrast.value - base.contrast.value
        made_of = (terms[arm], replace(base, sign=-1.0))
        effects[arm] = clustered_effect(value, both, base.contrast.value, df, None, made_of)
    return effects
