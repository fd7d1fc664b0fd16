"""The difference in means: `rct.estimate.difference_in_means` computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rct.estimate.estimators.base import Estimator, MethodStep, PlanShape
from rct.language import t

if TYPE_CHECKING:
    from rct.estimate.effects import Fitted
    from rct.estimate.estimators.base import Counts
    from rct.estimate.records import Floats, Sample


class DifferenceInMeans(Estimator):
    """Each arm's mean less the control's, within blocks; nothing is adjusted for."""

    name = "difference_in_means"
    summary = "each arm's mean less the control's, within blocks where there are any; nothing is adjusted for"
    by_clusters = True

    def least_cell(self, *, clustered: bool) -> int:
        return 2 if clustered else 1

    def fit(self, sample: Sample, reference: int, se_type: str) -> Fitted:
        from rct.estimate.difference_in_means import difference_in_means

        return difference_in_means(sample, reference, se_type)

    def cluster_weights(self, all_arms: Counts, two: Counts, own: Counts) -> Floats:
        import numpy as np

        return np.asarray(all_arms * two / np.maximum(own * (two - own), 1))

    def formula(self, *, blocked: bool, clustered: bool, paired: bool) -> str:
        if not clustered:
            return "means"
        return "pairs_of_clusters" if paired else "means_clustered"

    def df_by_arm(self, *, blocked: bool, clustered: bool) -> bool:
        return not blocked and not clustered

    def df_may_be_few(self, *, blocked: bool, clustered: bool) -> bool:
        return clustered or blocked

    def estimation(self, shape: PlanShape) -> list[MethodStep]:
        if shape.clustered:
            if not shape.blocked:
                return [
                    MethodStep(
                        t(
                            "Estimator: least squares of the outcome on an indicator of the arm, on the rows of the "
                            "arm and the control: the difference of the two means over units."
                        )
                    )
                ]
            return [
                MethodStep(
                    t(
                        "Estimator: least squares of the outcome on an indicator of the arm and block effects, on "
                        "the rows of the arm and the control. Each block has one weight, the same for both arms, so "
                        "that blocks count by their clusters: G counts clusters, of all arms (G_b), of the two "
                        "compared (G_2b), of each (G_ba, G_b0)."
                    ),
                    "y ~ arm + block effects;   v_b = (G_b / G_2b) · G_2b² / (G_ba · G_b0)",
                ),
                MethodStep(
                    t(
                        "Where every block has one cluster of each of two arms, the estimate is the mean of the pair "
                        "differences of cluster means, weighted by units (Imai, King and Nall 2009)."
                    ),
                    "τ = Σ_b (n_b/N) τ_b;   V = B/((B − 1) N²) · Σ_b (n_b τ_b − N τ/B)²;   df = B − 1",
                ),
            ]
        if not shape.blocked:
            return [
                MethodStep(
                    t(
                        "Estimator: the difference in means, each arm against the control, on the rows of these two "
                        "arms (Neyman 1923; Imbens and Rubin 2015, chapter 6). Degrees of freedom: Welch 1947."
                    ),
                    "τ_a = ȳ_a − ȳ_0;   V = s²_a/n_a + s²_0/n_0;   "
                    "df = V² / [ (s²_a/n_a)²/(n_a − 1) + (s²_0/n_0)²/(n_0 − 1) ]",
                )
            ]
        return [
            MethodStep(
                t(
                    "Estimator: the difference in means within each block, averaged with weights n_b/N, where n_b "
                    "counts the units of all arms, so that differences between arms add up (Miratrix, Sekhon and Yu "
                    "2013; Imbens and Rubin 2015, chapter 9). B is the number of blocks."
                ),
                "τ_a = Σ_b (n_b/N)(ȳ_ba − ȳ_b0);   V = Σ_b (n_b/N)² (s²_ba/n_ba + s²_b0/n_b0);   "
                "df = Σ_b (n_ba + n_b0) − 2B",
            ),
            MethodStep(
                t(
                    "If every block is a pair, the estimate is the mean of the pair differences (Imbens and Rubin "
                    "2015, chapter 10)."
                ),
                "V = Σ_b (τ_b − τ̄)² / (B(B − 1));   df = B − 1",
                of_pairs=True,
            ),
        ]

    def error_words(self, shape: PlanShape) -> MethodStep:
        if shape.clustered:
            return super().error_words(shape)
        return MethodStep(
            t(
                "Standard errors: HC2, robust to different variances (MacKinnon and White 1985); for a difference in "
                "means it is Neyman's variance."
            )
        )

    def small_blocks(self, shape: PlanShape) -> list[MethodStep]:
        if shape.clustered:
            return super().small_blocks(shape)
        return [
            MethodStep(
                t(
                    "Blocks with a cell of one unit form a group S of their own (Pashley and Miratrix 2021), if "
                    "there are 3 or more and each has under half of the group's N_S; otherwise they are merged as "
                    "above. The groups are joined with L, the blocks with two in both cells, and Satterthwaite "
                    "degrees of freedom."
                ),
                "V_S = Σ_S c_b / (N_S + Σ c) · (τ_b − τ_S)²,   c_b = n_b² / (N_S − 2n_b),   df = B_S − 1;   "
                "V = (N_L/N)² V_L + (N_S/N)² V_S",
            )
        ]

    @property
    def idle(self) -> str:
        return t("a difference in means is not adjusted")
