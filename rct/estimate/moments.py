"""Least squares from moments: streaming passes over fixed chunks of rows, never a wide matrix in memory.

The model is y = group effect + columns'beta + e, weights w. The group effects (an intercept, the blocks, or
the cells of arm and block) are absorbed: columns are centered within groups, and every leverage keeps the
group's share w_i / W_g. Each column is shifted by its mean and scaled before anything is multiplied, so
that 1,000,000 + noise loses no digits. X'WX is factored by Cholesky while its scaled condition number is
under 1e8, else by QR of the rows, chunk by chunk; columns that add less than 1e-10 of their length are
dropped by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from rct.errors import stop, visible
from rct.estimate.records import Codes, Floats

CHUNK = 2_048  # rows; larger chunks leave the processor's cache and were 1.5 to 6 times slower
RANK_TOLERANCE = 1e-10
CONDITION_LIMIT = 1e8


@dataclass(frozen=True)
class Rows:
    """The rows of one regression. Columns are indicators of `arms` first, then the columns `use` of x.

    y (n,); group (n,) codes 0..groups-1, each present; take (n,) the rows of x, or None for all of them;
    arm (n,) codes; weight (n,) or None.
    """

    y: Floats
    group: Codes
    groups: int
    x: Floats
    take: Codes | None = None
    use: tuple[int, ...] = ()
    arm: Codes | None = None
    arms: tuple[int, ...] = ()
    weight: Floats | None = None

    @property
    def k(self) -> int:
        return len(self.arms) + len(self.use)

    def column(self, j: int) -> Floats:
        """Column j over all rows, (n,)."""
        if j < len(self.arms) and self.arm is not None:
            return np.asarray(self.arm == self.arms[j], dtype=float)
        values = self.x[:, self.use[j - len(self.arms)]]
        return np.asarray(values if self.take is None else values[self.take], dtype=float)

    def matrix(self, at: slice | Codes) -> Floats:
        """All columns over the rows `at`, (m, k)."""
        x = np.asarray(self.x[at] if self.take is None else self.x[self.take[at]], dtype=float)
        if self.use != tuple(range(x.shape[1])):
            x = x[:, list(self.use)]
        if self.arm is None or not self.arms:
            return x
        return np.hstack([(self.arm[at][:, None] == np.array(self.arms)).astype(float), x])

    def without(self, columns: set[int]) -> Rows:
        """The same rows without some columns of x (numbers of x's columns)."""
        return replace(self, use=tuple(j for j in self.use if j not in columns))


@dataclass(frozen=True)
class Solution:
    """A solved regression in scaled columns z = (column - center) / unit - group mean, so that Z'WZ = R'R.

    totals (C,) weight of each group; means (C, k) and y_means (C,) group means of (column - center) / unit
    and of y - y_center; beta (k,) in scaled columns; inverse (k, k) = R^-1; dropped: columns of x and why.
    """

    rows: Rows
    totals: Floats
    center: Floats
    unit: Floats
    means: Floats
    y_center: float
    y_means: Floats
    beta: Floats
    inverse: Floats
    dropped: tuple[tuple[int, str], ...]

    @property
    def rank(self) -> int:
        return self.rows.groups + self.rows.k

    @property
    def n(self) -> int:
        return len(self.rows.y)

    def z(self, at: slice | Codes) -> Floats:
        """Scaled, group-centered columns of the rows `at`, (m, k)."""
        return (self.rows.matrix(at) - self.center) / self.unit - self.means[self.rows.group[at]]

    def y(self, at: slice | Codes) -> Floats:
        """Group-centered outcome of the rows `at`, (m,)."""
        return self.rows.y[at] - self.y_center - self.y_means[self.rows.group[at]]

    def weight(self, at: slice | Codes) -> Floats:
        w = self.rows.weight
        return np.ones(len(self.rows.y[at])) if w is None else w[at]

    def negligible(self) -> float:
        """A residual no larger than this is rounding: the outcome is fitted exactly."""
        return 1e-12 * float(np.max(np.abs(self.rows.y - self.y_center), initial=0.0))


def chunks(n: int) -> Iterator[slice]:
    """Fixed chunks in row order, so that the same rows give the same bits."""
    for low in range(0, n, CHUNK):
        yield slice(low, min(low + CHUNK, n))


def solve(rows: Rows, names: tuple[str, ...]) -> Solution:
    """Weighted least squares of y on groups and columns; of dependent columns of x the later are dropped.

    names: of x's columns, for messages. Raises RctError when an arm's indicator depends on groups and arms
    (an arm that shares no group with another).
    """
    dropped: list[tuple[int, str]] = []
    while True:
        result = _attempt(rows)
        if isinstance(result, Solution):
            return replace(result, dropped=tuple(dropped))
        for j, _ in result:
            if j < len(rows.arms):
                stop(
                    "arm_not_comparable",
                    "an arm shares no block with the arm that it is compared with",
                    "use the estimator difference_in_means with merged blocks, or check the assignment",
                )
        lost = [(rows.use[j - len(rows.arms)], why) for j, why in result]
        dropped += [(j, f"{visible(names[j])} {why}") for j, why in lost]
        rows = rows.without({j for j, _ in lost})


def _attempt(rows: Rows) -> Solution | list[tuple[int, str]]:
    """One solution, or the columns (by position) that must go first, with the reason."""
    n, k, groups = len(rows.y), rows.k, rows.groups
    w = np.ones(n) if rows.weight is None else rows.weight
    totals = _group_sums(rows, w)
    center, unit, spread = np.zeros(k), np.ones(k), np.ones(k)
    means = np.zeros((groups, k))
    bad: list[tuple[int, str]] = []
    for j in range(k):  # pass 1: shift, scale, group means
        column = rows.column(j)
        if np.ptp(column) == 0:
            bad.append((j, "is the same for everyone"))
            continue
        center[j] = column.mean()
        unit[j] = np.max(np.abs(column - center[j]))
        column = (column - center[j]) / unit[j]
        spread[j] = np.sqrt(np.mean(column**2))
        means[:, j] = _group_sums(rows, w * column) / totals
    if bad:
        return bad
    y_center = float(rows.y.mean())
    y_means = _group_sums(rows, w * (rows.y - y_center)) / totals
    raw = Solution(rows, totals, center, unit, means, y_center, y_means, np.zeros(k), np.eye(k), ())
    moments = np.zeros((k, k))
    cross = np.zeros(k)
    for at in chunks(n):  # pass 2: moments
        z = raw.z(at)
        wz = z * w[at, None]
        moments += wz.T @ z
        cross += wz.T @ raw.y(at)
    length = np.sqrt(np.diag(moments))
    flat = length <= RANK_TOLERANCE * spread * np.sqrt(totals.sum())
    if flat.any():
        return [(int(j), "is the same for everyone in each block") for j in np.flatnonzero(flat)]
    scaled = replace(raw, unit=unit * length, means=means / length)
    factor = _factor(scaled, moments / np.outer(length, length))
    if isinstance(factor, list):
        return factor
    inverse = _inverse(factor)
    beta = inverse @ (inverse.T @ (cross / length))
    gradient = np.zeros(k)
    for at in chunks(n):  # pass 3: one step of refinement, from residuals of the rows
        z = scaled.z(at)
        gradient += z.T @ (w[at] * (scaled.y(at) - z @ beta))
    return replace(scaled, beta=beta + inverse @ (inverse.T @ gradient), inverse=inverse)


def _group_sums(rows: Rows, values: Floats) -> Floats:
    if rows.groups == 1:
        return np.array([values.sum()])
    return np.bincount(rows.group, weights=values, minlength=rows.groups).astype(float)


def _factor(s: Solution, correlation: Floats) -> Floats | list[tuple[int, str]]:
    """Upper triangular R with R'R = Z'WZ (unit diagonal), or the dependent columns."""
    k = len(correlation)
    if k == 0:
        return correlation
    eigen = np.linalg.eigvalsh(correlation)
    if eigen[0] > 0 and eigen[-1] / eigen[0] < CONDITION_LIMIT:
        return np.asarray(np.linalg.cholesky(correlation).T)
    r: Floats = np.zeros((0, k))
    for at in chunks(s.n):
        r = np.asarray(np.linalg.qr(np.vstack([r, s.z(at) * np.sqrt(s.weight(at))[:, None]]), mode="r"))
    dependent = _dependent(r)
    if dependent:
        return [(j, "follows from the columns before it") for j in dependent]
    return r


def _inverse(r: Floats) -> Floats:
    """Inverse of an upper triangular matrix, row by row from below. (LAPACK's starts threads even for k = 2.)"""
    out = np.eye(len(r))
    for i in reversed(range(len(r))):
        out[i] = (out[i] - r[i, i + 1 :] @ out[i + 1 :]) / r[i, i]
    return out


def _dependent(r: Floats) -> list[int]:
    """Columns of r that add less than 1e-10 of their length to the columns before them."""
    basis: list[Floats] = []
    dependent = []
    for j in range(r.shape[1]):
        v = r[:, j].copy()
        length = np.linalg.norm(v)
        for _ in range(2):  # twice is enough (Kahan; Parlett 1980)
            for q in basis:
                v -= q * (q @ v)
        if np.linalg.norm(v) <= RANK_TOLERANCE * length:
            dependent.append(j)
        else:
            basis.append(v / np.linalg.norm(v))
    return dependent
