"""Difference in means, each arm against the reference, on those two arms' rows.

Complete: Neyman's variance with Welch's df. Blocked: strata weighted by n_b / N over all arms, so that 2-1
plus 3-2 is 3-1; strata with both cells of two or more by Neyman, strata with a single unit in a cell by
Pashley and Miratrix (2021), which for pairs is the classical paired variance; df by Satterthwaite of the
two parts. The estimand is the average over units.

Clustered: y ~ arm on units with CR2 and Satterthwaite. Blocked and clustered: the same with block effects, each
block weighted by v_b = (G_b / G_2b) G_2b^2 / (G_ba G_b0) from cluster counts (G_b of all arms, G_2b of the two),
constant within the block: so the blocks count by their clusters, and no block's own ratio of two small sums is
taken, whose bias would add up over the blocks. Pairs of clusters: the mean of the pairs' differences, weighted by
their units, with the variance of Imai, King and Nall (2009, Statistical Science 24(1), 29-53), as estimatr has it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rct.errors import stop
from rct.estimate.cells import Cells, settle, small_strata
from rct.estimate.clusters import cluster_parts
from rct.estimate.effects import (
    Effect,
    Fitted,
    Regression,
    Term,
    clustered_effect,
    count,
    dust_of,
)
from rct.estimate.least_squares import coefficient
from rct.estimate.moments import Rows, solve
from rct.estimate.pairs import is_paired, settle_clusters
from rct.estimate.records import Codes, Floats, Sample


def difference_in_means(sample: Sample, reference: int, se_type: str) -> Fitted:
    """Every arm less the reference. se_type is HC2, or with clusters CR2 (CR0 and CR1 for checks)."""
    others = [a for a in range(sample.arms) if a != reference]
    if sample.cluster is not None:
        cells = settle_clusters(sample)
        if is_paired(sample):
            effects = {a: _pairs(cells, a, reference) for a in others}
        else:
            effects = {a: _clustered(cells, a, reference, se_type) for a in others}
    else:
        cells = settle(sample, 2) if sample.block is None else settle(sample, 1, reference)
        moments = cell_moments(cells)
        effects = {a: _units(cells, moments, a, reference) for a in others}
    counted = {a: count(cells, [a, reference], a, reference) for a in others}
    return Fitted(cells, reference, effects, counted, notes=cells.notes)


@dataclass(frozen=True)
class Moments:
    """Of every cell, (S, K) each: means less `shift`, so that differences keep their digits, and sums of squared
    deviations from the mean."""

    shift: float
    apart: Floats
    squares: Floats

    @property
    def means(self) -> Floats:
        return self.apart + self.shift


def cell_moments(cells: Cells) -> Moments:
    """Means and sums of squared deviations of every cell, by two passes."""
    shape = cells.units.shape
    code = cells.stratum * shape[1] + cells.arm
    y = cells.y
    shift = float(y.mean())
    size = np.maximum(cells.units.ravel(), 1)
    means = np.bincount(code, weights=y - shift, minlength=size.size) / size
    deviation = y - shift - means[code]
    deviation[np.abs(deviation) <= 1e-12 * np.max(np.abs(y - shift))] = 0.0
    squares = np.bincount(code, weights=deviation**2, minlength=size.size).astype(float)
    return Moments(shift, np.reshape(means, shape), np.reshape(squares, shape))


def _units(cells: Cells, moments: Moments, arm: int, control: int) -> Effect:
    two = [arm, control]
    n_b, n = cells.n_b, cells.units[:, two]
    tau = moments.apart[:, arm] - moments.apart[:, control]
    large = ~small_strata(cells.units, arm, control)
    total = n_b.sum()
    estimate = float(cells.share @ tau)
    mean_control = float(cells.share @ moments.apart[:, control]) + moments.shift
    dust = dust_of(cells, float(cells.share**2 @ (1 / n).sum(axis=1)))
    terms = (
        moments.squares[large][:, two] / (n[large] - 1) / n[large]
    )  # s^2 / n of both cells of each large stratum
    variance = float(((n_b[large] / total) ** 2) @ terms.sum(axis=1))
    residual = float(n[large].sum() - 2 * large.sum())
    if not cells.blocked:
        welch = float(np.sum(terms**2 / (n - 1)))
        df = variance**2 / welch if welch > 0 else None
        return Effect(estimate, variance, df, residual, mean_control, dust=dust, of_means=True)
    if large.all():
        return Effect(estimate, variance, residual, residual, mean_control, dust=dust, of_means=True)
    small = ~large
    part, df_small = small_variance(n_b[small], tau[small])
    part *= (n_b[small].sum() / total) ** 2
    if not large.any():
        return Effect(estimate, part, df_small, df_small, mean_control, dust=dust, of_means=True)
    spread = variance**2 / residual + part**2 / df_small
    df = (variance + part) ** 2 / spread if spread > 0 else None
    return Effect(estimate, variance + part, df, None, mean_control, dust=dust, of_means=True)


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


def clustered_weights(clusters: Codes, arm: int, control: int) -> Floats:
    """(S,) v_b, the weight of a stratum's rows, from counts of clusters (S, K): see the top of this module."""
    mine, theirs = clusters[:, arm], clusters[:, control]
    return np.asarray(clusters.sum(axis=1) * (mine + theirs) / (mine * theirs))


def _clustered(cells: Cells, arm: int, control: int, se_type: str) -> Effect:
    assert cells.cluster is not None
    assert cells.clusters is not None
    at = np.flatnonzero((cells.arm == arm) | (cells.arm == control))
    stratum = cells.stratum[at]
    v = clustered_weights(cells.clusters, arm, control)
    weight = None if np.all(v == v[0]) else v[stratum]
    s = solve(
        Rows(
            cells.y[at],
            stratum,
            len(cells.units),
            np.empty((len(at), 0)),
            arm=cells.arm[at],
            arms=(arm,),
            weight=weight,
        ),
        (),
    )
    c = coefficient(s, 0)
    cluster = cells.cluster[at]
    regression = Regression(s, cells.rows[at], cluster, ())
    part = cluster_parts(s, [c], cluster, se_type).parts[0]
    # The estimate's own weights on blocks: v_b n_ba n_b0 / (n_ba + n_b0), those of its block effects.
    n = cells.units[:, [arm, control]]
    own = v * n.prod(axis=1) / n.sum(axis=1)
    own /= own.sum()
    mine = cells.arm[at] == control
    sums = np.bincount(stratum[mine], weights=(cells.y[at] - s.y_center)[mine], minlength=len(own))
    mean_control = float(own @ (sums / n[:, 1])) + s.y_center
    df = None if se_type == "CR2" else float(cells.clusters[:, [arm, control]].sum() - 1)
    return clustered_effect(
        cells, c.value, ((1.0, part),), mean_control, df, None, (Term(1.0, regression, c),)
    )


def pair_shares(cells: Cells, moments: Moments, arm: int, control: int) -> Floats:
    """(S,) what each pair of clusters adds to the error of sum N_b tau_b / N: the squares' sum is the variance
    B / ((B - 1) N^2) sum (N_b tau_b - N tau / B)^2."""
    each = cells.share * (moments.apart[:, arm] - moments.apart[:, control])
    return np.asarray(np.sqrt(len(each) / (len(each) - 1)) * (each - each.mean()))


def _pairs(cells: Cells, arm: int, control: int) -> Effect:
    if len(cells.units) < 2:
        stop(
            "too_few_units",
            "missing outcomes left no two pairs of clusters that can be compared, too few to compute an error from",
            "wait for more outcomes",
        )
    moments = cell_moments(cells)
    estimate = float(cells.share @ (moments.apart[:, arm] - moments.apart[:, control]))
    variance = float(np.sum(pair_shares(cells, moments, arm, control) ** 2))
    mean_control = float(cells.share @ moments.apart[:, control]) + moments.shift
    dust = dust_of(cells, float(cells.share**2 @ (1 / cells.units[:, [arm, control]]).sum(axis=1)))
    df = float(len(cells.units) - 1)
    return Effect(estimate, variance, df, df, mean_control, dust=dust, of_means=True)
