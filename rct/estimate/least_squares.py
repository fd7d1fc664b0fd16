"""Linear contrasts of a solved regression, and their heteroskedasticity-robust variances (HC0 to HC3).

A contrast is a number `sum_c omega_c * (group effect c) + at' beta`. Each row's share in it is a_i = w_i
(omega_g / W_g + z_i M d), so that the contrast is sum_i a_i y_i and HC2 is sum a_i^2 e_i^2 / (1 - h_i) with
h_i = w_i (1 / W_g + z_i' M z_i): rows scaled by sqrt(w) (MacKinnon and White 1985; estimatr's definition).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rct.errors import stop
from rct.estimate.moments import Solution, chunks
from rct.estimate.records import Floats

_FIRST = np.zeros(1, dtype=np.int64)  # the group of every row where there is one
LONE = 1e-8  # a row or cluster with leverage of 1 less this, or more, decides a coefficient alone


@dataclass(frozen=True)
class Contrast:
    """omega (C,) weights on the groups, slope (k,) on the scaled coefficients. The estimate is value = base +
    apart, base the outcome's center where the groups have weights, else 0: a difference of two estimates adds the
    difference of their bases to that of what lies apart from them, and keeps its digits wherever the outcome lies."""

    omega: Floats
    slope: Floats
    base: float
    apart: float

    @property
    def value(self) -> float:
        return self.base + self.apart

    def less(self, other: Contrast) -> float:
        """The difference of two estimates."""
        return (self.base - other.base) + (self.apart - other.apart)


@dataclass(frozen=True)
class Variances:
    """values (q,) of q contrasts; lone = a column of x that one row or cluster decides alone, or None."""

    values: Floats
    lone: int | None


def prediction(s: Solution, omega: Floats, away: Floats) -> Contrast:
    """The mean over groups (weights omega, (C,), that sum to 1) of the fitted outcome where the columns lie `away`
    (k,) from the solution's center."""
    slope = away / s.unit - omega @ s.means
    return Contrast(omega, slope, s.y_center, float(omega @ s.y_means + slope @ s.beta))


def coefficient(s: Solution, j: int) -> Contrast:
    """The coefficient of column j, in the column's own units."""
    slope = np.zeros(s.rows.k)
    slope[j] = 1 / s.unit[j]
    return Contrast(np.zeros(s.rows.groups), slope, 0.0, float(slope @ s.beta))


def squared_weights(s: Solution, c: Contrast) -> float:
    """The sum of the squares of the rows' weights a_i in the contrast."""
    if s.rows.weight is None:  # X'X is the identity in whitened columns
        slope = s.inverse.T @ c.slope
        return float(c.omega**2 @ (1 / s.totals) + slope @ slope)
    return sum(float(np.sum(a * a)) for _, _, a, _ in _influence(s, [c]))


def robust(s: Solution, contrasts: list[Contrast], kind: str = "HC2") -> Variances:
    """Variances of the contrasts under HC0, HC1, HC2 or HC3.

    HC1 has the factor n / (n - rank). A row with leverage 1 is never passed over: `lone` names the column
    of x to leave out; RctError when no covariate is to blame (an arm or a block of one unit).
    """
    meat = np.zeros(len(contrasts))
    lone: list[int] = []
    for at, e, a, h in _influence(s, contrasts):
        e *= e
        a *= a
        if kind not in ("HC0", "HC1"):
            lone += (at.start + np.flatnonzero(h >= 1 - LONE)).tolist()
            if lone:
                continue
            np.subtract(1, h, out=h)
            e /= h * h if kind == "HC3" else h
        meat += e @ a
    if lone:
        rows = np.array(lone)
        directions = s.z(rows) @ s.inverse
        if s.rows.weight is not None:
            directions *= np.sqrt(s.rows.weight[rows])[:, None]
        return Variances(meat, lone_column(s, directions))
    if kind == "HC1":
        meat *= s.n / (s.n - s.rank)
    return Variances(meat, None)


def row_shares(s: Solution, contrasts: list[Contrast], kind: str = "HC2") -> Iterator[tuple[slice, Floats]]:
    """Chunks of rows with each row's share (m, q) in each contrast's error.

    The sum of a column's squares is the contrast's variance, of two columns' products their covariance: the
    whole sandwich, contrast by contrast. A row of leverage 1 has been refused by `robust`.
    """
    factor = np.sqrt(s.n / (s.n - s.rank)) if kind == "HC1" else 1.0
    power = {"HC2": 0.5, "HC3": 1.0}.get(kind, 0.0)
    for at, e, a, h in _influence(s, contrasts):
        yield at, a * (factor * e / (1 - h) ** power)[:, None]


def _influence(s: Solution, contrasts: list[Contrast]) -> Iterator[tuple[slice, Floats, Floats, Floats]]:
    """Chunks of rows: residuals (m,), the contrasts' weights on each row's outcome (m, q), leverages (m,)."""
    omega = np.column_stack([c.omega for c in contrasts]) / s.totals[:, None]
    slope = s.inverse @ (s.inverse.T @ np.column_stack([c.slope for c in contrasts]))
    turn = np.column_stack([s.inverse, s.beta, slope])  # one product a chunk: whitened rows, fit, weights
    k = s.rows.k
    for at in chunks(s.n):
        group = s.rows.group[at] if s.rows.groups > 1 else _FIRST
        turned = s.z(at) @ turn
        e = s.y(at) - turned[:, k]
        e[np.abs(e) <= s.negligible] = 0.0
        a = turned[:, k + 1 :] + omega.take(group, axis=0)
        h = np.einsum("ij,ij->i", turned[:, :k], turned[:, :k])
        h += 1 / s.totals.take(group)
        if s.rows.weight is not None:
            a *= s.rows.weight[at][:, None]
            h *= s.rows.weight[at]
        yield at, e, a, h


def lone_column(s: Solution, directions: Floats) -> int:
    """Which column of x makes single rows or clusters decide a coefficient alone.

    directions (d, k): in whitened columns, the combinations that are zero for every row but those of one such row or
    cluster. Of the scaled columns the one that enters all of them together most goes, of equals the last: so the
    choice hangs neither on the order of the rows nor on rounding among rows that are all equally alone. Raises
    RctError when no covariate takes part.
    """
    share = np.linalg.norm(s.inverse @ directions.T, axis=1)
    own = share[len(s.rows.arms) :]
    if not own.size or own.max() < 1e-6 * max(1.0, float(share.max())):
        stop(
            "too_few_units",
            "one unit or cluster alone decides the result of an arm or a block: no error can be computed",
            "merge small blocks, or join small arms",
        )
    last = np.flatnonzero(own >= own.max() * (1 - 1e-6))[-1]
    return s.rows.use[int(last)]
