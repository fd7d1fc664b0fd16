"""Balance of the arms on what was known before the draw: means, normalized differences, one omnibus test.

The omnibus test is Hansen and Bowers' (2008, Statistical Science 23(2), 219-236) d-squared: how far the arms'
covariate sums lie from what the draw makes them on average, measured against the draw itself. It is carried
here from two arms to any number. It is a check of what was done, never a reason for another draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
RANK_TOLERANCE = 1e-10  # of the largest eigenvalue, after scaling


@dataclass(frozen=True)
class CovariateBalance:
    """One column. `means` has an entry an arm; `differences` one an arm too, None for the control."""

    name: str
    means: tuple[float, ...]
    differences: tuple[float | None, ...]


@dataclass(frozen=True)
class Balance:
    """The table, and the omnibus test: d2 is chi-squared with df degrees of freedom if all was done by lot.

    p_value is None when df is 0: no column varies within the blocks.
    """

    arms: tuple[str, ...]
    control: int
    rows: tuple[CovariateBalance, ...]
    d2: float
    df: int
    p_value: float | None


def balance(
    x: Floats,
    names: Sequence[str],
    arm: Ints,
    arms: Sequence[str],
    control: int = 0,
    block: Ints | None = None,
    cluster: Ints | None = None,
) -> Balance:
    """The balance of a draw.

    x (n, p) finite numbers;   arm (n,) codes into `arms`;   block, cluster (n,) codes from 0, None: none
    """
    if not np.isfinite(x).all():
        raise ValueError("covariates are finite; missing ones are refused or filled in before the draw")
    d2, df = omnibus(x, arm, len(arms), block, cluster)
    p_value = float(chdtrc(df, d2)) if df else None
    rows = tuple(_row(name, x[:, j], arm, len(arms), control) for j, name in enumerate(names))
    return Balance(tuple(arms), control, rows, d2, df, p_value)


def indicators(name: str, values: Sequence[str]) -> tuple[list[str], Floats]:
    """A category as columns of 0 and 1, one a level in byte order: names `name = level`, (n, levels)."""
    levels = sorted(set(values))
    place = {level: i for i, level in enumerate(levels)}
    x = np.zeros((len(values), len(levels)))
    x[np.arange(len(values)), [place[v] for v in values]] = 1.0
    return [f"{name} = {level}" for level in levels], x


def normalized_difference(treated: Floats, control: Floats) -> float | None:
    """(mean_a - mean_0) / sqrt((s2_a + s2_0) / 2), variances with divisor n - 1.

    Imbens and Rubin (2015), Causal Inference, chapter 14. It does not grow with the sample. None where an arm
    has fewer than two units or neither arm varies.
    """
    if min(len(treated), len(control)) < 2:
        return None
    spread = (np.var(treated, ddof=1) + np.var(control, ddof=1)) / 2
    return float((treated.mean() - control.mean()) / np.sqrt(spread)) if spread > 0 else None


def omnibus(
    x: Floats, arm: Ints, n_arms: int, block: Ints | None = None, cluster: Ints | None = None
) -> tuple[float, int]:
    """Hansen and Bowers' d-squared and its degrees of freedom, for any number of arms, given the counts.

    In each block, given how many are in each arm, every arrangement is equally likely. With z_i the
    covariates centered in the block, T_a the sum of z_i over arm a, n units in the block and p_a = n_a / n:

        E T_a = 0,    Cov(T_a, T_c) = n / (n - 1) * (p_a [a = c] - p_a p_c) * sum_i z_i z_i'

    because the indicators of arm have covariance p_a [a = c] - p_a p_c for one unit and that times
    -1/(n - 1) for two, and the z_i sum to nothing. Blocks are drawn apart, so sums and covariances add.
    d2 = T' Cov^- T over all arms but one (the last sum follows from the others), with as many degrees of
    freedom as Cov has rank. With two arms this is Hansen and Bowers' statistic; with one block it is (n - 1)
    times Pillai's trace.

    Where clusters are drawn, a cluster counts as one and its z is the total over its members of the
    covariates centered at the frame's mean, so that adding a constant to a column changes nothing. Totals, as
    Hansen and Bowers have it: a mean over a random number of units has no exact variance.
    """
    x = x - x.mean(axis=0)
    if cluster is not None:
        _, first, member = np.unique(cluster, return_index=True, return_inverse=True)
        x = _sums(x, member, len(first))
        arm = arm[first]
        block = None if block is None else block[first]
    if block is None:
        block = np.zeros(len(arm), dtype=np.int64)
    n_blocks = int(block.max()) + 1
    counts = np.bincount(block * n_arms + arm, minlength=n_blocks * n_arms).reshape(n_blocks, n_arms)
    size = counts.sum(axis=1)
    part = counts / np.maximum(size, 1)[:, None]
    z = x - (_sums(x, block, n_blocks) / np.maximum(size, 1)[:, None])[block]
    scale = np.sqrt(np.einsum("ij,ij->j", z, z))
    z = z[:, scale > 1e-12 * np.maximum(np.sqrt(np.einsum("ij,ij->j", x, x)), 1e-300)]
    p, free = z.shape[1], n_arms - 1
    if not p:
        return 0.0, 0
    z = z / np.sqrt(np.einsum("ij,ij->j", z, z))
    total = _sums(z, arm, n_arms)[:free].ravel()
    covariance = np.empty((free * p, free * p))
    grown = size / np.maximum(size - 1, 1)
    for a in range(free):
        for c in range(a, free):
            weight = grown * part[:, a] * ((a == c) - part[:, c])
            cell = (z * weight[block][:, None]).T @ z
            covariance[a * p : (a + 1) * p, c * p : (c + 1) * p] = cell
            covariance[c * p : (c + 1) * p, a * p : (a + 1) * p] = cell
    return _quadratic(total, covariance)


def _quadratic(t: Floats, covariance: Floats) -> tuple[float, int]:
    """t' C^- t and the rank of C, by eigenvalues of C scaled to a unit diagonal."""
    diagonal = np.sqrt(np.diag(covariance))
    kept = diagonal > RANK_TOLERANCE * max(float(diagonal.max()), 1e-300)
    if not kept.any():
        return 0.0, 0
    scale = diagonal[kept]
    values, vectors = np.linalg.eigh(covariance[np.ix_(kept, kept)] / np.outer(scale, scale))
    used = values > RANK_TOLERANCE * values[-1]
    along = vectors[:, used].T @ (t[kept] / scale)
    return float(np.sum(along**2 / values[used])), int(used.sum())


def _sums(x: Floats, code: Ints, n: int) -> Floats:
    """The sums of the rows of x (m, p) by code: (n, p)."""
    sums = np.empty((n, x.shape[1]))
    for j in range(x.shape[1]):
        sums[:, j] = np.bincount(code, weights=x[:, j], minlength=n)
    return sums


def _row(name: str, x: Floats, arm: Ints, n_arms: int, control: int) -> CovariateBalance:
    of = [x[arm == a] for a in range(n_arms)]
    means = tuple(float(v.mean()) if len(v) else float("nan") for v in of)
    differences = tuple(
        None if a == control else normalized_difference(of[a], of[control]) for a in range(n_arms)
    )
    return CovariateBalance(name, means, differences)
