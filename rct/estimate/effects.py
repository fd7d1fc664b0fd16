"""From an effect and its variance to the line that is reported: t test, interval, notes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import stats

from rct.errors import stop
from rct.estimate.cells import Cells
from rct.estimate.clusters import ClusteredContrast, combine
from rct.estimate.estimators import Estimator
from rct.estimate.least_squares import Contrast, squared_weights
from rct.estimate.moments import Solution
from rct.estimate.records import Codes, Estimate, Note

SignedParts = tuple[tuple[float, ClusteredContrast], ...]


@dataclass(frozen=True)
class Regression:
    """A solved regression and whose rows it had: at (n,) positions in the sample, or numbers of strata where the
    rows are pairs; cluster (n,) codes or None; names of x's columns."""

    solution: Solution
    at: Codes
    cluster: Codes | None
    names: tuple[str, ...]
    of_strata: bool = False


@dataclass(frozen=True)
class Term:
    """What an effect adds up from: sign times a contrast of a regression."""

    sign: float
    regression: Regression
    contrast: Contrast


@dataclass(frozen=True)
class Effect:
    """One arm against the reference, before the test.

    dust: a standard error no larger than this is rounding, hence 0. df: of this fit's t; residual_df: rows less rank of
    its regression (None where there is none), which interactions add up over levels; parts: the clustered pieces, for
    covariances between levels; terms: the regressions behind it; of_means: there are none, since the cells' moments give
    it (a difference in means of units, or of pairs of clusters). With neither, the effect can't be taken apart.
    """

    estimate: float
    variance: float
    df: float | None
    residual_df: float | None
    mean_control: float | None
    parts: SignedParts = ()
    dust: float = 0.0
    notes: tuple[Note, ...] = ()
    terms: tuple[Term, ...] = ()
    of_means: bool = False


@dataclass(frozen=True)
class Counted:
    """The counts that stand beside an estimate."""

    n: int
    n_arm: int
    n_control: int
    n_clusters: int | None
    n_blocks: int | None
    n_drawn: int
    n_without_comparison: int

    def __add__(self, other: Counted) -> Counted:
        def both(a: int | None, b: int | None) -> int | None:
            return None if a is None or b is None else a + b

        return Counted(
            self.n + other.n,
            self.n_arm + other.n_arm,
            self.n_control + other.n_control,
            both(self.n_clusters, other.n_clusters),
            both(self.n_blocks, other.n_blocks),
            self.n_drawn + other.n_drawn,
            self.n_without_comparison + other.n_without_comparison,
        )


@dataclass(frozen=True)
class Fitted:
    """What an estimator returns: effects and counts by arm code, and what was left out on the way."""

    cells: Cells
    reference: int
    effects: dict[int, Effect]
    counted: dict[int, Counted]
    dropped: tuple[tuple[str, str], ...] = ()
    notes: tuple[Note, ...] = field(default=())


DUST = 1e-10
SAME = 1e-14  # of the largest outcome: values as near as that are one value


def dust_of(cells: Cells, squared_weights: float) -> float:
    """The largest standard error that is rounding: docs/methods.md, section 8. squared_weights: the sum of the
    squares of the rows' weights in the estimate."""
    y = cells.y
    spread = float(y.max() - y.min())
    if spread <= SAME * float(np.max(np.abs(y))):
        return math.inf  # 0.1 + 0.2 beside 0.3: one number
    return DUST * spread * math.sqrt(squared_weights)


def regression_dust(cells: Cells, terms: tuple[Term, ...]) -> float:
    """`dust_of` an effect that adds up from contrasts of regressions on disjoint rows."""
    return dust_of(cells, sum(squared_weights(t.regression.solution, t.contrast) for t in terms))


def without_dust(effect: Effect) -> Effect:
    """The same effect, its variance 0 where it is rounding."""
    if 0.0 < effect.variance <= effect.dust**2:
        return replace(effect, variance=0.0)
    return effect


def clustered_effect(
    cells: Cells,
    estimate: float,
    parts: SignedParts,
    mean_control: float | None,
    df: float | None,
    residual_df: float | None,
    terms: tuple[Term, ...],
) -> Effect:
    """An effect from CR parts; df None asks for Satterthwaite's."""
    variance, satterthwaite = combine(parts)
    df = satterthwaite if df is None else df
    dust = regression_dust(cells, terms)
    return Effect(estimate, variance, df, residual_df, mean_control, parts, dust, terms=terms)


def count(cells: Cells, arms: list[int], arm: int, control: int) -> Counted:
    """Counts of a fit on the rows of `arms`."""
    clusters = None if cells.clusters is None else int(cells.clusters[:, arms].sum())
    return Counted(
        n=int(cells.units[:, arms].sum()),
        n_arm=int(cells.units[:, arm].sum()),
        n_control=int(cells.units[:, control].sum()),
        n_clusters=clusters,
        n_blocks=len(cells.units) if cells.blocked else None,
        n_drawn=int(np.bincount(cells.sample.arm, minlength=cells.sample.arms)[arms].sum()),
        n_without_comparison=int(cells.apart[arms].sum()),
    )


def line(
    effect: Effect,
    counted: Counted,
    names: tuple[str, str],
    alpha: float,
    estimator: Estimator,
    se_type: str,
    null: float | None = None,
) -> Estimate:
    """The reported line, tested against `null`: by default that of the estimator's scale. names = (arm, control). A
    standard error of 0 has no test and no interval."""
    null = estimator.scale.null if null is None else null
    effect = without_dust(effect)
    notes = list(effect.notes)
    se = math.sqrt(max(effect.variance, 0.0))
    statistic = p = low = high = None
    df = effect.df
    if se == 0.0 or df is None or not df > 0:
        df = None
        notes.append(
            Note(
                "zero_variance",
                f"{_nothing_varies(counted, estimator)}: no test and no interval can be given",
                reveals=True,  # everyone, or nobody, had it
            )
            if se == 0.0
            else Note("no_df", "too few units or clusters for a test")
        )
    else:
        statistic = (effect.estimate - null) / se
        p = float(2 * stats.t.sf(abs(statistic), df))
        half = float(stats.t.ppf(1 - alpha / 2, df)) * se
        low, high = effect.estimate - half, effect.estimate + half
        if counted.n_clusters is not None and df < 4:
            notes.append(
                Note(
                    "few_clusters",
                    f"{df:.1f} degrees of freedom: with so few clusters tests and intervals are shaky",
                )
            )
    return Estimate(
        arm=names[0],
        control=names[1],
        estimate=effect.estimate,
        std_error=se,
        statistic=statistic,
        df=df,
        p_value=p,
        conf_level=1 - alpha,
        conf_low=low,
        conf_high=high,
        n=counted.n,
        n_arm=counted.n_arm,
        n_control=counted.n_control,
        n_clusters=counted.n_clusters,
        n_blocks=counted.n_blocks,
        n_drawn=counted.n_drawn,
        n_missing=counted.n_drawn - counted.n - counted.n_without_comparison,
        n_without_comparison=counted.n_without_comparison,
        mean_control=effect.mean_control,
        estimator=estimator.name,
        se_type=se_type,
        notes=tuple(notes),
    )


def _nothing_varies(counted: Counted, estimator: Estimator) -> str:
    """Why a standard error is 0, true of the design: an outcome that is all yes in one block and all no in the next
    varies within the arms, and still nothing is left by which to measure an error."""
    less = ", less what the covariates explain," if estimator.adjusts else ""
    drawn = counted.n_arm + counted.n_control if counted.n_clusters is None else counted.n_clusters
    if counted.n_blocks is not None and drawn == 2 * counted.n_blocks:
        return f"the difference{less} is the same in every pair"
    what = "the outcome" if counted.n_clusters is None else "the average outcome of clusters"
    where = "" if counted.n_blocks is None else " of each block"
    return f"{what}{less} does not vary within the arms{where}"


def need_df(residual_df: float) -> None:
    """A regression with no row to spare has no error: stop, with the remedy."""
    if residual_df <= 0:
        stop(
            "too_few_for_covariates",
            "the regression has as many coefficients as rows, so no error can be computed",
            "name fewer covariates and categories, or use difference_in_means",
        )
