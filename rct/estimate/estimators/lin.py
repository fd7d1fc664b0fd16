"""Lin's adjustment: `rct.estimate.lin` computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rct.estimate.estimators.base import Estimator, MethodStep, PlanShape
from rct.estimate.estimators.ols import LeastSquares
from rct.language import t

if TYPE_CHECKING:
    from rct.estimate.effects import Fitted
    from rct.estimate.records import Sample


class Lin(Estimator):
    """Arms crossed with centered covariates: each arm has its own slopes."""

    name = "lin"
    summary = (
        "arms crossed with covariates that are centered on their mean, so that each arm has slopes of its own"
    )
    adjusts = True
    joint = True
    slopes_by_arm = True
    regresses_pairs = True

    def refuses_small_cells(self, *, clustered: bool) -> bool:
        return clustered

    def rank(
        self, units: int, strata: int, arms: int, columns: int, *, blocked: bool, clustered: bool
    ) -> tuple[int, int, str]:
        if blocked and not clustered and arms == 2 and abs(units - 2 * strata) <= 1:
            # Pairs: their differences on differences and means of the columns. docs/methods.md, section 6.
            return 1 + 2 * columns, strata, "pairs"
        return arms * (strata + columns), units, "units"

    def fit(self, sample: Sample, reference: int, se_type: str) -> Fitted:
        from rct.estimate.lin import lin

        return lin(sample, reference, se_type)

    @property
    def bare(self) -> Estimator:
        return LeastSquares()

    def formula(self, *, blocked: bool, clustered: bool, paired: bool) -> str:
        if not blocked:
            return self.name
        return "lin_block_effects" if clustered else "lin_pairs" if paired else self.name

    def estimation(self, shape: PlanShape) -> list[MethodStep]:
        if not shape.blocked:
            sentences = [
                t(
                    "Estimator: one least-squares regression over all arms, of the outcome on indicators of the "
                    "arms, the covariates centered on their mean, and all products of the two. The arm's coefficient "
                    "is the estimate: the average effect with chance differences in X taken out (Lin 2013)."
                )
            ]
            if not shape.clustered:
                sentences.append(t("Degrees of freedom: {df}.", df="N − K(1 + p)"))
            return [MethodStep(" ".join(sentences), "y ~ arms × (X − X̄)")]
        if shape.clustered:
            return [
                MethodStep(
                    t(
                        "Estimator: one least-squares regression over all arms, of the outcome on indicators of the "
                        "arms, the covariates centered on their mean, all products of the two, and block effects "
                        "that are not crossed with the arms, without weights: where shares differ by block, blocks "
                        "count by precision (Lin 2013)."
                    ),
                    "y ~ arms × (X − X̄) + block effects",
                )
            ]
        return [
            MethodStep(
                t(
                    "Estimator: cells of arm by block with slopes of X for each arm, averaged over blocks with "
                    "weights n_b/N; no other weights, whatever the shares (Lin 2013; Miratrix, Sekhon and Yu 2013). "
                    "β_a comes from within the cells of arm a. Degrees of freedom: N − K(B + p), with B blocks."
                ),
                "τ_a = Σ_b (n_b/N) { [ȳ_ba + (x̄_b − x̄_ba)'β_a] − [ȳ_b0 + (x̄_b − x̄_b0)'β_0] }",
            ),
            MethodStep(
                t(
                    "If every block is a pair: the regression of pair differences on the differences and the "
                    "centered pair means of X (Fogarty 2018), HC2."
                ),
                "df = B − 1 − 2p",
                of_pairs=True,
            ),
        ]

    def small_blocks(self, shape: PlanShape) -> list[MethodStep]:
        if shape.clustered:
            return [
                MethodStep(
                    t("A block with a cell that may have fewer than 2 clusters is refused before the draw.")
                )
            ]
        return super().small_blocks(shape)
