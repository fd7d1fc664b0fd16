"""How the estimates of one trial move together: arms that share a control, outcomes of the same people.

Every variance here is a sum of squared shares, one a unit, a cluster or a stratum: HC2's and CR2's sandwich,
Neyman's s^2 / n, and the small strata's spread of effects. Two estimates' covariance is the sum of the products
of their shares over whom they have in common; for arms of one regression that is the sandwich's off-diagonal,
for a difference in means the control's s^2 / n (Gleser and Olkin 2009, "Stochastically dependent effect sizes").
Units whose outcome is known for one outcome alone add nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rct.estimate.cells import small_strata
from rct.estimate.difference_in_means import cell_moments, pair_shares, small_shares
from rct.estimate.effects import Fitted, Term
from rct.estimate.least_squares import row_shares
from rct.estimate.records import Codes, Floats


@dataclass(frozen=True)
class Shares:
    """One effect's error, by whom it comes from: their squares, all together, are its variance.

    units: (n,) by position in the sample, or None; clusters: (codes, shares) or None; strata: (S,) or None;
    members: the strata's blocks, since numbers of strata compare only where the strata are the same. Where a
    single unit of the arm hides what its control adds, control (n,) holds that for the covariance with arms
    whose own cell is larger.
    """

    members: tuple[tuple[str, ...], ...]
    units: Floats | None = None
    clusters: tuple[Codes, Floats] | None = None
    strata: Floats | None = None
    control: Floats | None = None


def shares(fitted: Fitted, arm: int, se_type: str) -> Shares | None:
    """The shares of one arm's effect; None where it can't be taken apart. se_type: as fitted."""
    effect = fitted.effects[arm]
    if effect.parts:
        ids = np.concatenate([p.ids for _, p in effect.parts])
        values = np.concatenate([sign * p.s for sign, p in effect.parts])
        codes, place = np.unique(ids, return_inverse=True)
        return Shares(
            fitted.cells.members, clusters=(codes, np.bincount(place, weights=values).astype(float))
        )
    if not effect.terms:
        return _of_means(fitted, arm) if effect.of_means else None
    values = np.zeros(len(fitted.cells.sample.y))
    if effect.terms[0].regression.of_strata:
        values = np.zeros(len(fitted.cells.units))
    for term in effect.terms:
        _add_rows(values, term, se_type)
    if effect.terms[0].regression.of_strata:
        return Shares(fitted.cells.members, strata=values)
    return Shares(fitted.cells.members, units=values)


def _add_rows(values: Floats, term: Term, se_type: str) -> None:
    at = term.regression.at
    for chunk, share in row_shares(term.regression.solution, [term.contrast], se_type):
        values[at[chunk]] += term.sign * share[:, 0]


def _of_means(fitted: Fitted, arm: int) -> Shares:
    """Neyman's shares w (y - mean) / sqrt(n (n - 1)) in large strata, the strata's own in small ones and in pairs of
    clusters."""
    cells, reference = fitted.cells, fitted.reference
    moments = cell_moments(cells)
    if cells.clusters is not None:
        return Shares(cells.members, strata=pair_shares(cells, moments, arm, reference))
    means = moments.apart
    small = small_strata(cells.units, arm, reference) & cells.blocked
    n = cells.units[cells.stratum, cells.arm]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = cells.share[cells.stratum] / np.sqrt(n * (n - 1.0))
        share *= cells.y - moments.shift - means[cells.stratum, cells.arm]
    share[n < 2] = 0.0
    units = np.zeros(len(cells.sample.y))
    sign = (cells.arm == arm).astype(float) - (cells.arm == reference)
    units[cells.rows] = np.where(small[cells.stratum], 0.0, sign * share)
    if not small.any():
        return Shares(cells.members, units=units)
    control = np.zeros(len(cells.sample.y))
    control[cells.rows] = np.where(small[cells.stratum] & (cells.arm == reference), -share, 0.0)
    strata = np.zeros(len(cells.units))
    strata[small] = small_shares(cells.n_b[small], (means[:, arm] - means[:, reference])[small])
    strata[small] *= cells.share[small].sum()
    return Shares(cells.members, units=units, strata=strata, control=control)


def covariance(a: Shares, b: Shares) -> float | None:
    """The covariance of two effects of one trial; None where they can't be put side by side (the strata of one
    outcome joined otherwise than those of the other)."""
    total = 0.0
    if a.strata is not None or b.strata is not None:
        if a.members != b.members:
            return None
        if a.strata is not None and b.strata is not None:
            total += float(a.strata @ b.strata)
    if a.units is not None and b.units is not None:
        total += float(a.units @ b.units)
        total += 0.0 if a.control is None else float(a.control @ b.units)
        total += 0.0 if b.control is None else float(b.control @ a.units)
    if a.clusters is not None and b.clusters is not None:
        _, i, j = np.intersect1d(a.clusters[0], b.clusters[0], assume_unique=True, return_indices=True)
        total += float(a.clusters[1][i] @ b.clusters[1][j])
    return total
