"""Ordinary least squares: `rct.estimate.ols` computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rct.estimate.estimators.base import Estimator, MethodStep, PlanShape
from rct.language import t

if TYPE_CHECKING:
    from rct.estimate.effects import Fitted
    from rct.estimate.records import Sample


class LeastSquares(Estimator):
    """One regression of all arms on the arms, the covariates and the blocks."""

    name = "ols"
    summary = "one least-squares regression over all arms, on the arms, the covariates and the blocks"
    adjusts = True
    joint = True
    weighs_blocks = True

    def least_cell(self, *, clustered: bool) -> int:
        return 2 if clustered else 1

    def rank(
        self, units: int, strata: int, arms: int, columns: int, *, blocked: bool, clustered: bool
    ) -> tuple[int, int, str]:
        return strata + arms - 1 + columns, units, "units"

    def fit(self, sample: Sample, reference: int, se_type: str) -> Fitted:
        from rct.estimate.ols import ols

        return ols(sample, reference, se_type)

    def formula(self, *, blocked: bool, clustered: bool, paired: bool) -> str:
        return self.name

    def estimation(self, shape: PlanShape) -> list[MethodStep]:
        if not shape.blocked:
            sentences = [
                t(
                    "Estimator: one least-squares regression over all arms, of the outcome on indicators of the arms and X."
                )
            ]
        elif shape.clustered or shape.by_precision:
            sentences = [
                t(
                    "Estimator: one least-squares regression over all arms, of the outcome on indicators of the arms and X "
                    "and indicators of the blocks, without weights: where shares differ by block, blocks count by precision."
                )
            ]
        else:
            sentences = [
                t(
                    "Estimator: one least-squares regression over all arms, of the outcome on indicators of the arms and X "
                    "and indicators of the blocks. It is unweighted if the share of units in each arm is the same in every "
                    "block; otherwise each unit has the weight n_b/n_ba."
                )
            ]
        sentences.append(
            t(
                "The arm's coefficient is the estimate (Freedman 2008 and Lin 2013 on what this costs and does not)."
            )
        )
        if not shape.clustered:
            df = "N − B − (K − 1) − p" if shape.blocked else t("N − rank")
            sentences.append(t("Degrees of freedom: {df}.", df=df))
        return [MethodStep(" ".join(sentences))]

    def small_blocks(self, shape: PlanShape) -> list[MethodStep]:
        return super().small_blocks(shape) if shape.clustered else []
