"""What an estimator is asked. A new one is a class that answers otherwise, and a place in `rct.estimate.estimators`.

The answers here are those of one that adjusts for nothing, compares each arm with the control on their own rows, and needs
two of each arm in a block. Nothing here imports numpy before it is called: a list of trials asks estimators too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from rct.estimate.scales import DIFFERENCE, EffectScale
from rct.language import t

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rct.estimate.effects import Fitted
    from rct.estimate.records import Floats, Sample

    Counts = NDArray[Any]

ROBUST = ("HC0", "HC1", "HC2", "HC3")
CLUSTERED = ("CR0", "CR1", "CR2")


@dataclass(frozen=True)
class MethodStep:
    """A sentence of method in the language spoken, its formula where it has one, and whether it is of pairs alone."""

    text: str
    formula: str | None = None
    of_pairs: bool = False


@dataclass(frozen=True)
class PlanShape:
    """What of a plan its estimator's words hang on. pairs: a block may be a pair, one unit of each of two arms."""

    blocked: bool
    clustered: bool
    pairs: bool = True
    by_precision: bool = False  # block_weights = "precision"
    columns: bool = False  # covariates or categories are named


class Estimator:
    """A way to compare arms.

    name      as in trial.toml, plan.json and the results
    summary   one plain line: docs/methods.md lists them
    scale     what its estimates are numbers of, and where no difference lies
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    scale: ClassVar[EffectScale] = DIFFERENCE

    # --- what it compares
    adjusts: ClassVar[bool] = False  # takes out what columns from before the draw explain
    joint: ClassVar[bool] = (
        False  # one fit over all arms: a line's counts are of all, and lines stand or fall together
    )
    slopes_by_arm: ClassVar[bool] = False  # each arm has its own slopes of the covariates
    by_clusters: ClassVar[bool] = (
        False  # blocks of clusters count by their clusters, and pairs of them pair by pair
    )
    regresses_pairs: ClassVar[bool] = False  # in pairs of units it regresses their differences on columns
    weighs_blocks: ClassVar[bool] = False  # whether `block_weights` may say how blocks of units count

    # --- its errors
    def errors(self, *, clustered: bool) -> tuple[str, ...]:
        """The standard errors that it can be asked for; those of a plan are among them."""
        return CLUSTERED if clustered else ROBUST

    def standard_error(self, usual: str) -> str:
        """What a plan's `standard_errors` is where its scheme's own is `usual`: HC2, or CR2 where clusters are drawn."""
        return usual

    def errors_to_use(self, clustered: bool) -> str:
        """The design's own, for a fix."""
        return self.standard_error("CR2" if clustered else "HC2")

    # --- small blocks
    def least_cell(self, *, clustered: bool) -> int:
        """How many units (clusters, if clustered) of every arm let a block stand alone: 2, or 1 where blocks with a cell of
        one have an error of their own (`rct.design.strata`)."""
        return 2

    def refuses_small_cells(self, *, clustered: bool) -> bool:
        """Whether a draw that may leave an arm under two of a block is refused."""
        return False

    def rank(
        self, units: int, strata: int, arms: int, columns: int, *, blocked: bool, clustered: bool
    ) -> tuple[int, int, str] | None:
        """Coefficients of the regression on `columns` covariate columns, how many rows it has, and what a row is; None
        where the number of columns can't be too large. strata: the fewest there can be."""
        return None

    # --- fit
    def fit(self, sample: Sample, reference: int, se_type: str) -> Fitted:
        """Every other arm against the reference (codes). Raises RctError where cells are too small."""
        raise NotImplementedError

    @property
    def bare(self) -> Estimator:
        """What it is without covariates: by that, degrees of freedom are foreseen before the draw."""
        return self

    def cluster_weights(self, all_arms: Counts, two: Counts, own: Counts) -> Floats:
        """(S,) each block's weight, from its clusters: of all arms, of the two compared, of the arm alone."""
        import numpy as np

        return np.ones(len(two))

    def formula(self, *, blocked: bool, clustered: bool, paired: bool) -> str | None:
        """Which formula of the exported scripts gives its numbers; None: none of them does."""
        return None

    # --- its words
    def estimation(self, shape: PlanShape) -> list[MethodStep]:
        """What is estimated and how, as plan, appendix and registries tell it."""
        raise NotImplementedError

    def error_words(self, shape: PlanShape) -> MethodStep:
        """Its standard errors."""
        if shape.clustered:
            return MethodStep(
                t(
                    "Standard errors: CR2, clustered as the lots were drawn (Bell and McCaffrey 2002), with Satterthwaite "
                    "degrees of freedom unless others are given above (Pustejovsky and Tipton 2018); the working covariance "
                    "is the identity."
                )
            )
        return MethodStep(
            t("Standard errors: HC2, robust to different variances (MacKinnon and White 1985).")
        )

    def df_by_arm(self, *, blocked: bool, clustered: bool) -> bool:
        """Whether its degrees of freedom have each arm's own variance in them (Welch's)."""
        return False

    def df_may_be_few(self, *, blocked: bool, clustered: bool) -> bool:
        """Whether its degrees of freedom are Satterthwaite's, which can fall under 4."""
        return clustered

    def small_blocks(self, shape: PlanShape) -> list[MethodStep]:
        """What it does with small blocks, after what holds for all of them."""
        count = t("clusters") if shape.clustered else t("units")
        if not shape.pairs:
            return [
                MethodStep(
                    t("Every block with a cell of fewer than 2 {count} is merged likewise.", count=count)
                )
            ]
        return [
            MethodStep(
                t(
                    "Every block with a cell of fewer than 2 {count} is merged likewise, unless there are three or more "
                    "pairs (blocks with one of the {count} in each arm) and no larger block: then pairs stay as they are.",
                    count=count,
                )
            )
        ]

    @property
    def adjustment(self) -> str:
        """What becomes of constant columns of covariates, where it adjusts for them."""
        if self.slopes_by_arm:
            return t(
                "Constant or collinear columns (pivoted at 1e-10 after scaling) are dropped, and named in the log and the "
                "appendix; a column that is constant within any arm is dropped for all."
            )
        return t(
            "Constant or collinear columns (pivoted at 1e-10 after scaling) are dropped, and named in the log and the "
            "appendix."
        )

    @property
    def idle(self) -> str:
        """Why covariates serve the balance table only, where it doesn't adjust."""
        return t("{estimator} is not adjusted", estimator=self.name)
