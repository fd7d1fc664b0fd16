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
from functools import cached_property

import numpy as np

from rct.errors import stop, visible
from rct.estimate.records import Codes, Floats

CHUNK = 2_048  # rows; larger chunks leave the processor's cache and were 1.5 to 6 times slower
RANK_TOLERANCE = 1e-10
CONDITION_LIMIT = 1e8
REFINE_FROM = 1e4  # under this condition number Cholesky alone keeps 12 of 16 digits


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
        """All columns over the rows `at`, (m, k); an array of its own."""
        x = self.x[at].copy() if self.take is None else self.x.take(self.take[at], axis=0)
        if self.use != tuple(range(x.shape[1])):
            x = x.take(self.use, axis=1)
        if self.arm is None or not self.arms:
            return np.asarray(x, dtype=float)
        arm = self.arm[at]
        out = np.empty((len(arm), self.k))
        for j, code in enumerate(self.arms):
            out[:, j] = arm == code
        out[:, len(self.arms) :] = x
        return out

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
        z = self.rows.matrix(at)
        z -= _first(self._centers, len(z))
        z *= _first(self._scales, len(z))
        if self.rows.groups > 1:
            z -= self.means.take(self.rows.group[at], axis=0)
        else:
            z -= _first(self._shifts, len(z))
        return z

    @cached_property
    def _centers(self) -> Floats:
        return _tile(self.center)

    @cached_property
    def _scales(self) -> Floats:
        return _tile(1 / self.unit)

    @cached_property
    def _shifts(self) -> Floats:
        return _tile(self.means[0])

    def y(self, at: slice | Codes) -> Floats:
        """Group-centered outcome of the rows `at`, (m,)."""
        y = self.rows.y[at] - self.y_center
        y -= self.y_means[0] if self.rows.groups == 1 else self.y_means.take(self.rows.group[at])
        return y

    def weight(self, at: slice | Codes) -> Floats:
        w = self.rows.weight
        return np.ones(len(self.rows.y[at])) if w is None else w[at]

    @cached_property
    def negligible(self) -> float:
        """A residual no larger than this is rounding: the outcome is fitted exactly."""
        y = self.rows.y
        return 1e-12 * max(float(y.max()) - self.y_center, self.y_center - float(y.min()), 0.0)


def _tile(row: Floats) -> Floats:
    """`row` (k,) repeated for a whole chunk: numpy takes arrays of one shape several times faster."""
    return np.tile(row, (CHUNK, 1))


def _first(tile: Floats, rows: int) -> Floats:
    """`rows` copies of a tile's row."""
    return tile[:rows] if rows <= len(tile) else tile[:1]


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
    totals = _group_sums(rows, rows.weight)
    center, unit = _shift(rows)  # pass 1
    if np.any(unit == 0):
        return [(int(j), "is the same for everyone") for j in np.flatnonzero(unit == 0)]
    raw = _centered(rows, totals, center, unit)
    moments, cross, raw = _moments(raw)  # pass 2
    length = np.sqrt(np.maximum(np.diag(moments), 0.0))
    spread = np.sqrt(length**2 + totals @ raw.means**2)
    flat = length <= RANK_TOLERANCE * spread
    if flat.any():
        return [(int(j), "is the same for everyone in each block") for j in np.flatnonzero(flat)]
    scaled = replace(raw, unit=unit * length, means=raw.means / length)
    factor, refine = _factor(scaled, moments / np.outer(length, length))
    if isinstance(factor, list):
        return factor
    inverse = _inverse(factor)
    beta = inverse @ (inverse.T @ (cross / length))
    if not refine:
        return replace(scaled, beta=beta, inverse=inverse)
    gradient = np.zeros(rows.k)
    for at in chunks(scaled.n):  # pass 3: one step of refinement, from residuals of the rows
        z = scaled.z(at)
        gradient += z.T @ (scaled.weight(at) * (scaled.y(at) - z @ beta))
    return replace(scaled, beta=beta + inverse @ (inverse.T @ gradient), inverse=inverse)


def _shift(rows: Rows) -> tuple[Floats, Floats]:
    """Mean (k,) of each column, and its largest distance from it (0 for a constant one)."""
    low, high = np.full((CHUNK, rows.k), np.inf), np.full((CHUNK, rows.k), -np.inf)
    sums, total = np.zeros((CHUNK, rows.k)), 0.0
    for at in chunks(len(rows.y)):
        x = rows.matrix(at)
        m = len(x)
        np.minimum(low[:m], x, out=low[:m])
        np.maximum(high[:m], x, out=high[:m])
        if rows.weight is not None:
            x *= rows.weight[at][:, None]
            total += float(rows.weight[at].sum())
        sums[:m] += x
    least, most = low.min(axis=0), high.max(axis=0)
    center = sums.sum(axis=0) / (len(rows.y) if rows.weight is None else total)
    return center, np.where(least == most, 0.0, np.maximum(most - center, center - least))


def _centered(rows: Rows, totals: Floats, center: Floats, unit: Floats) -> Solution:
    """Nothing solved yet: groups' means of the shifted columns and outcome (of one group in the next pass)."""
    means, y_means = np.zeros((rows.groups, rows.k)), np.zeros(rows.groups)
    y_center = float(rows.y.mean())
    if rows.groups > 1:
        w = rows.weight
        for j in range(rows.k):
            column = rows.column(j) - center[j]
            column /= unit[j]
            means[:, j] = _group_sums(rows, column if w is None else column * w) / totals
        y = rows.y - y_center
        y_means = _group_sums(rows, y if w is None else y * w) / totals
    return Solution(
        rows, totals, center, unit, means, y_center, y_means, np.zeros(rows.k), np.eye(rows.k), ()
    )


def _moments(raw: Solution) -> tuple[Floats, Floats, Solution]:
    """Z'WZ (k, k) and Z'Wy (k,) of the centered rows, and `raw` with the means of a single group filled in."""
    k = raw.rows.k
    moments, cross, sums, y_sum = np.zeros((k, k)), np.zeros(k), np.zeros(k), 0.0
    for at in chunks(raw.n):
        z, y = raw.z(at), raw.y(at)
        w = None if raw.rows.weight is None else raw.rows.weight[at]
        wz, wy = (z, y) if w is None else (z * w[:, None], y * w)
        moments += wz.T @ z
        cross += z.T @ wy
        sums += wz.T @ np.ones(len(z))
        y_sum += float(wy.sum())
    if raw.rows.groups > 1:
        return moments, cross, raw
    total = float(raw.totals[0])
    mean, y_mean = sums / total, y_sum / total  # near 0 already: nothing cancels
    return (
        moments - total * np.outer(mean, mean),
        cross - total * mean * y_mean,
        replace(raw, means=mean[None, :], y_means=np.array([y_mean])),
    )


def _group_sums(rows: Rows, values: Floats | None) -> Floats:
    """(C,) sums of `values` (n,) by group; None counts the rows."""
    if rows.groups == 1:
        return np.array([len(rows.y) if values is None else values.sum()], dtype=float)
    return np.bincount(rows.group, weights=values, minlength=rows.groups).astype(float)


def _factor(s: Solution, correlation: Floats) -> tuple[Floats | list[tuple[int, str]], bool]:
    """Upper triangular R with R'R = Z'WZ (unit diagonal), or the dependent columns; and whether its solution
    needs a step of refinement."""
    k = len(correlation)
    if k == 0:
        return correlation, False
    eigen = np.linalg.eigvalsh(correlation)
    if eigen[0] > 0 and eigen[-1] / eigen[0] < CONDITION_LIMIT:
        return np.asarray(np.linalg.cholesky(correlation).T), bool(eigen[-1] / eigen[0] > REFINE_FROM)
    r: Floats = np.zeros((0, k))
    for at in chunks(s.n):
        r = np.asarray(np.linalg.qr(np.vstack([r, s.z(at) * np.sqrt(s.weight(at))[:, None]]), mode="r"))
    dependent = _dependent(r)
    if dependent:
        return [(j, "follows from the columns before it") for j in dependent], True
    return r, True


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
