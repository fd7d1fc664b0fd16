"""The last step of an estimate: few enough numbers to hand on, and enough to do the step again.

A regression leaves X'X (after the groups are absorbed), X'y and the summed meat; an effect is a contrast of such
regressions, its variance the same contrast of bread, meat, bread, its degrees of freedom rows less rank, the two
traces of Satterthwaite's, or those of its groups of parts. No row, block or cluster is in any of them. `redo` is
what a reader does: it needs no data, and takes the sums of residuals inside the meat on trust.

Where the columns of covariates may not be shown they are taken out: the arms' block alone, by Schur complement,
gives the same estimates and errors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from scipy import stats

from rct.estimate.cells import Cells, small_strata
from rct.estimate.clusters import cluster_parts, traces
from rct.estimate.difference_in_means import cell_moments, small_variance
from rct.estimate.effects import Effect, Fitted, Regression, SignedParts, Term, without_dust
from rct.estimate.least_squares import Contrast, coefficient, row_shares
from rct.estimate.moments import Solution
from rct.estimate.records import Floats

Matrix = tuple[tuple[float, ...], ...]
ILL = 1e6  # beyond this condition number the arms' block alone is handed on: the whole would lose digits


@dataclass(frozen=True)
class Sums:
    """What one regression leaves. columns: k names; xx (k, k) and xy (k,) after absorption.

    base: the weighted sum of group means of y that a contrast may start from, None where none does. meat:
    (m, m) with m = k, one more (the first) with a base. full: covariates are among the columns.
    """

    columns: tuple[str, ...]
    xx: Matrix
    xy: tuple[float, ...]
    base: float | None
    meat: Matrix
    full: bool


@dataclass(frozen=True)
class SignedContrast:
    """sign times a contrast (m,) of `sums[of]`: weights on the base, if there is one, and on the coefficients."""

    sign: float
    of: int
    contrast: tuple[float, ...]


@dataclass(frozen=True)
class Freedom:
    """Degrees of freedom. residual: rows less rank. satterthwaite: trace² / square. groups: (sum V)² / sum V²/df
    over groups of pieces, each with its own df. given: none of these can be handed on, so the number itself."""

    kind: Literal["residual", "satterthwaite", "groups", "given"]
    rows: float = 0.0
    rank: float = 0.0
    trace: float = 0.0
    square: float = 0.0
    groups: tuple[tuple[int, ...], ...] = ()
    df: tuple[float, ...] = ()


@dataclass(frozen=True)
class EffectStep:
    """One effect: its pieces, the covariances of pieces whose clusters meet (i, j, value), its freedom."""

    pieces: tuple[SignedContrast, ...]
    freedom: Freedom
    cross: tuple[tuple[int, int, float], ...] = ()


@dataclass(frozen=True)
class Redone:
    """What a reader gets from a step. None: no test and no interval (no error, or no degrees of freedom)."""

    estimate: float
    std_error: float
    df: float | None
    statistic: float | None
    p_value: float | None
    conf_low: float | None
    conf_high: float | None


def redo(sums: Sequence[Sums], step: EffectStep, conf_level: float, null: float = 0.0) -> Redone:
    """The estimate, its error and its test against `null` from a step. Raises ValueError where the numbers make no step."""
    values, variances = [], []
    for piece in step.pieces:
        value, variance = _piece(sums[piece.of], piece.contrast)
        values.append(piece.sign * value)
        variances.append(variance)
    total = sum(variances)
    for i, j, value in step.cross:
        total += 2 * step.pieces[i].sign * step.pieces[j].sign * value
    if not math.isfinite(total) or total < 0:
        raise ValueError("a variance below zero")
    estimate, se = sum(values), math.sqrt(total)
    df = _freedom(step.freedom, variances)
    if se == 0.0 or df is None or not df > 0:
        return Redone(estimate, se, None, None, None, None, None)
    half = float(stats.t.ppf((1 + conf_level) / 2, df)) * se
    t = (estimate - null) / se
    return Redone(estimate, se, df, t, float(2 * stats.t.sf(abs(t), df)), estimate - half, estimate + half)


def _piece(sums: Sums, contrast: Sequence[float]) -> tuple[float, float]:
    k, lead = len(sums.columns), 0 if sums.base is None else 1
    meat = np.array(sums.meat, dtype=float).reshape(k + lead, k + lead)
    c = np.array(contrast, dtype=float)
    if len(c) != k + lead:
        raise ValueError("a contrast of another length")
    value, weights = 0.0, c.copy()
    if k:
        xx = np.array(sums.xx, dtype=float).reshape(k, k)
        try:
            value = float(c[lead:] @ np.linalg.solve(xx, np.array(sums.xy, dtype=float)))
            weights[lead:] = np.linalg.solve(xx, c[lead:])
        except np.linalg.LinAlgError as error:
            raise ValueError("X'X has no inverse") from error
    if sums.base is not None:
        value += float(c[0]) * sums.base
    return value, float(weights @ meat @ weights)


def _freedom(freedom: Freedom, variances: Sequence[float]) -> float | None:
    if freedom.kind == "residual":
        return freedom.rows - freedom.rank
    if freedom.kind == "satterthwaite":
        return freedom.trace**2 / freedom.square if freedom.square > 0 else None
    if freedom.kind == "given":
        return freedom.df[0] if freedom.df else None
    parts = [sum(variances[i] for i in group) for group in freedom.groups]
    spread = sum(v**2 / df for v, df in zip(parts, freedom.df, strict=True) if df > 0)
    return sum(parts) ** 2 / spread if spread > 0 else None


class Stepping:
    """Collects the sums of the fits of one trial, each regression once, and the steps that rest on them."""

    def __init__(self, se_type: str, least: int):
        """least: how many units an arm must have in what a part of blocks tells of."""
        self.sums: list[Sums] = []
        self._se_type, self._least = se_type, least
        self._place: dict[Hashable, int] = {}
        self._hidden: frozenset[str] = frozenset()
        self._alive: list[Fitted] = []  # keys are identities, so what they name must stay

    def step(self, fitted: Fitted, arm: int, *, full: bool, hidden: Collection[str] = ()) -> EffectStep:
        """The last step of one arm's effect. full: the covariates' own sums may be shown. hidden: arms that are
        taken out of the sums too, since their counts are withheld."""
        self._alive.append(fitted)
        self._hidden = frozenset(hidden)
        effect = without_dust(fitted.effects[arm])
        if effect.variance == 0.0:
            return self._whole(effect, Freedom("given"))
        if effect.of_means:
            return self._of_means(fitted, arm)
        if not effect.terms:
            return self._whole(effect, Freedom("given", df=() if effect.df is None else (effect.df,)))
        pieces = tuple(self._piece(fitted, term, full) for term in effect.terms)
        return EffectStep(pieces, _freedom_of(fitted, arm, effect))

    def interaction(
        self,
        levels: Sequence[Fitted],
        level: Fitted,
        first: Fitted,
        arm: int,
        *,
        full: Sequence[bool],
        hidden: Sequence[Collection[str]] = ((), ()),
    ) -> EffectStep:
        """One level's effect less the first's. levels: every level that was fitted; full, hidden: of level, first."""
        a, b = level.effects[arm], first.effects[arm]
        mine = self.step(level, arm, full=full[0], hidden=hidden[0])
        theirs = self.step(first, arm, full=full[1], hidden=hidden[1])
        pieces = mine.pieces + tuple(replace(p, sign=-p.sign) for p in theirs.pieces)
        if a.parts:
            trace, square = traces((*a.parts, *((-sign, part) for sign, part in b.parts)))
            return EffectStep(
                pieces,
                Freedom("satterthwaite", trace=trace, square=square),
                tuple(_meeting(a.parts, b.parts)),
            )
        residual = [f.effects[arm].residual_df for f in levels]
        if all(r is not None for r in residual):
            return EffectStep(pieces, Freedom("residual", rows=float(sum(r or 0.0 for r in residual))))
        split = len(mine.pieces)
        groups = (tuple(range(split)), tuple(range(split, len(pieces))))
        return EffectStep(pieces, Freedom("groups", groups=groups, df=(a.df or 0.0, b.df or 0.0)))

    def _piece(self, fitted: Fitted, term: Term, full: bool) -> SignedContrast:
        regression, c = term.regression, term.contrast
        s = regression.solution
        full = full and not regression.of_strata and not _ill(s)
        if not np.any(c.omega):
            names = _names(regression, fitted)
            gone = self._hidden & set(names[: len(s.rows.arms)])
            last = s.rows.k if full and not gone else len(s.rows.arms)
            keep = [j for j in range(last) if names[j] not in gone]
            at = self._put(
                ("slopes", id(s), tuple(keep)), lambda: _slopes(regression, names, self._se_type, keep)
            )
            asked = keep.index(int(np.flatnonzero(c.slope)[0]))
            return SignedContrast(term.sign, at, tuple(float(i == asked) for i in range(len(keep))))
        shift = (
            0.0 if regression.of_strata else float(fitted.cells.y.mean())
        )  # of both arms: it goes in the difference
        if full:
            at = self._put(("base", id(s), id(c)), lambda: _with_base(regression, c, shift, self._se_type))
            return SignedContrast(term.sign, at, (1.0, *map(float, c.slope * s.unit)))
        at = self._put(("base", id(s), id(c)), lambda: _alone(regression, c, shift, self._se_type))
        return SignedContrast(term.sign, at, (1.0,))

    def _put(self, key: Hashable, make: Callable[[], Sums]) -> int:
        if key not in self._place:
            self._place[key] = self._add(make())
        return self._place[key]

    def _add(self, sums: Sums) -> int:
        self.sums.append(sums)
        return len(self.sums) - 1

    def _of_means(self, fitted: Fitted, arm: int) -> EffectStep:
        """A difference in means of units: weighted sums of cell means over blocks, never a block's own. Of pairs of
        clusters the whole, with the number of pairs."""
        cells, reference, effect = fitted.cells, fitted.reference, fitted.effects[arm]
        if cells.clusters is not None:
            return self._whole(effect, Freedom("residual", rows=float(len(cells.units)), rank=1.0))
        moments = cell_moments(cells)
        if cells.blocked and small_strata(cells.units, arm, reference).any():
            return self._with_small(cells, arm, reference, effect, moments.apart)
        pieces = []
        for sign, a in ((1.0, arm), (-1.0, reference)):
            make = partial(_mean, cells, a, moments.apart[:, a], moments.squares[:, a])
            pieces.append(SignedContrast(sign, self._put(("mean", id(cells), a), make), (1.0,)))
        if cells.blocked:
            return EffectStep(tuple(pieces), _residual(float(fitted.counted[arm].n), effect.df))
        df = tuple(float(cells.units[0, a] - 1) for a in (arm, reference))
        return EffectStep(tuple(pieces), Freedom("groups", groups=((0,), (1,)), df=df))

    def _with_small(
        self, cells: Cells, arm: int, reference: int, effect: Effect, means: Floats
    ) -> EffectStep:
        """The large strata's part and the small ones', where each speaks of enough; else both as one number."""
        small = small_strata(cells.units, arm, reference)
        two = cells.units[:, [arm, reference]]
        if small.all():
            return self._whole(effect, Freedom("residual", rows=float(small.sum()), rank=1.0))
        if any(at.sum() < 2 or two[at].sum(axis=0).min() < self._least for at in (small, ~small)):
            return self._whole(effect, Freedom("given", df=() if effect.df is None else (effect.df,)))
        tau = (means[:, arm] - means[:, reference]) * cells.share
        part, df_small = small_variance(cells.n_b[small], (tau / cells.share)[small])
        part *= float(cells.share[small].sum()) ** 2
        pieces = (
            SignedContrast(1.0, self._add(_base(tau[~small].sum(), effect.variance - part)), (1.0,)),
            SignedContrast(1.0, self._add(_base(tau[small].sum(), part)), (1.0,)),
        )
        df = (float(two[~small].sum() - 2 * (~small).sum()), df_small)
        return EffectStep(pieces, Freedom("groups", groups=((0,), (1,)), df=df))

    def _whole(self, effect: Effect, freedom: Freedom) -> EffectStep:
        return EffectStep(
            (SignedContrast(1.0, self._add(_base(effect.estimate, effect.variance)), (1.0,)),), freedom
        )


def _meeting(a: SignedParts, b: SignedParts) -> Iterator[tuple[int, int, float]]:
    """Covariances of pieces of two effects whose clusters meet."""
    for i, (_, one) in enumerate(a):
        for j, (_, other) in enumerate(b, start=len(a)):
            _, at, to = np.intersect1d(one.ids, other.ids, assume_unique=True, return_indices=True)
            if len(at):
                yield i, j, float(one.s[at] @ other.s[to])


def _freedom_of(fitted: Fitted, arm: int, effect: Effect) -> Freedom:
    if effect.parts:
        trace, square = traces(effect.parts)
        if effect.df == (trace**2 / square if square > 0 else None):
            return Freedom("satterthwaite", trace=trace, square=square)
    counted = fitted.counted[arm]
    rows = float(counted.n if counted.n_clusters is None else counted.n_clusters)
    if effect.terms[0].regression.of_strata:
        rows = float(effect.terms[0].regression.solution.n)
    return _residual(rows, effect.df)


def _mean(cells: Cells, arm: int, means: Floats, squares: Floats) -> Sums:
    """An arm's mean, less a number that both arms share: over all its units its sums; over blocks the weighted mean
    and its variance."""
    n = cells.units[:, arm].astype(float)
    if cells.blocked:
        return _base(float(cells.share @ means), float(cells.share**2 @ (squares / (n - 1) / n)))
    count, meat = float(n[0]), float(squares[0] * n[0] / (n[0] - 1))
    name = cells.sample.arm_names[arm]
    return Sums((name,), ((count,),), (count * float(means[0]),), None, ((meat,),), True)


def _base(value: float, variance: float) -> Sums:
    return Sums((), (), (), float(value), ((float(variance),),), False)


def _residual(rows: float, df: float | None) -> Freedom:
    return Freedom("given") if df is None else Freedom("residual", rows=rows, rank=rows - df)


def _ill(s: Solution) -> bool:
    """Whether X'X with unit diagonal is so near to singular that handing it on would lose digits."""
    if not s.rows.k:
        return False
    r = np.linalg.inv(s.inverse)
    return bool(np.linalg.cond(r) ** 2 > ILL)


def _names(regression: Regression, fitted: Fitted | None) -> tuple[str, ...]:
    rows = regression.solution.rows
    arms = () if fitted is None else tuple(fitted.cells.sample.arm_names[a] for a in rows.arms)
    return arms + tuple(regression.names[j] for j in rows.use)


def _bread(s: Solution) -> tuple[Floats, Floats, Floats]:
    """X'X, X'y and the coefficients in the columns' own units."""
    r = np.linalg.inv(s.inverse)
    xx = r.T @ r * np.outer(s.unit, s.unit)
    beta = s.beta / s.unit
    return xx, xx @ beta, beta


def _spread(regression: Regression, contrasts: list[Contrast], se_type: str) -> Floats:
    """The covariance matrix of contrasts of one regression."""
    s = regression.solution
    if regression.cluster is not None:
        parts = cluster_parts(s, contrasts, regression.cluster, se_type).parts
        shares = np.array([p.s for p in parts])
        return np.asarray(shares @ shares.T)
    total = np.zeros((len(contrasts), len(contrasts)))
    for _, share in row_shares(s, contrasts, se_type):
        total += share.T @ share
    return total


def _slopes(regression: Regression, names: tuple[str, ...], se_type: str, keep: list[int]) -> Sums:
    """A regression whose coefficients are asked for; the columns that are not kept are taken out of its sums."""
    s = regression.solution
    xx, _, beta = _bread(s)
    spread = _spread(regression, [coefficient(s, j) for j in keep], se_type)
    out = [j for j in range(len(xx)) if j not in keep]
    full = not out
    if out:
        aside = xx[np.ix_(keep, out)]
        xx = xx[np.ix_(keep, keep)] - aside @ np.linalg.solve(xx[np.ix_(out, out)], aside.T)
    columns = tuple(names[j] for j in keep)
    return Sums(
        columns, _matrix(xx), tuple(map(float, xx @ beta[keep])), None, _matrix(xx @ spread @ xx), full
    )


def _with_base(regression: Regression, c: Contrast, shift: float, se_type: str) -> Sums:
    """A regression whose prediction, less `shift`, is asked for: the base, then its coefficients."""
    s = regression.solution
    k = s.rows.k
    xx, xy, _ = _bread(s)
    base = Contrast(c.omega, np.zeros(k), c.base, float(c.omega @ s.y_means))
    spread = _spread(regression, [base, *(coefficient(s, j) for j in range(k))], se_type)
    turn = np.eye(k + 1)
    turn[1:, 1:] = xx
    meat = turn @ spread @ turn
    above = c.base - shift + base.apart
    return Sums(_names(regression, None), _matrix(xx), tuple(map(float, xy)), above, _matrix(meat), True)


def _alone(regression: Regression, c: Contrast, shift: float, se_type: str) -> Sums:
    """The prediction, less `shift`, as one number, its covariates taken out."""
    return _base(c.base - shift + c.apart, float(_spread(regression, [c], se_type)[0, 0]))


def _matrix(values: Floats) -> Matrix:
    return tuple(tuple(map(float, row)) for row in values)
