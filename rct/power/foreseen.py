"""Designs whose test is known to err, told before the plan is locked.

Each rule was found by simulation (docs/validity.md): without a warning here, a test that should find an effect which
is not there in 5 of 100 trials does so in 6.5 at most. The verdict has a rule of its own for the data that came
(`rct.estimate`); this one knows the design, the expectations and the list alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rct.design.schemes import Scheme
from rct.errors import Problem
from rct.estimate.estimators import Estimator
from rct.kinds import kind_of
from rct.language import tell, together
from rct.power.cluster_df import ENOUGH, ClusterDf, cluster_df, guessed_sizes
from rct.power.large_clusters import large_beside_small
from rct.power.request import PowerRequest, shifted

FEW_EVENTS = 10  # expected in an arm; then fewer than 5 come about once in thirty trials
SKEWED = 0.25  # of the difference in means, from which a t-test errs by more than 1.5 points
FEW_DF = 4.5  # three clusters in either arm
UNLIKE = 0.75  # of the degrees of freedom that clusters of one size would give
PAIRS_A_COLUMN = 20
COUNT_LESS = 0.9  # of what a person in a small cluster counts for
BESIDE_CHANCE = (
    1.0  # what is lacking times the root of the number of clusters: under it chance hides the bias
)


def of_outcome(request: PowerRequest) -> list[Problem]:
    """What the plan's expectations of one primary outcome say of its test."""
    if request.units is None:
        return []
    return _few_events(request) if kind_of(request.kind).share else _unlike_shares(request)


def _few_events(r: PowerRequest) -> list[Problem]:
    """A share of which few events or non-events are expected in an arm; the arm with the fewest is told."""
    found: list[tuple[float, str, str]] = []
    for i, arm in enumerate(r.arms):
        n = (r.units or 0) * r.shares[i] / sum(r.shares)
        p = r.baseline
        if p is None:
            found.append((n / 2, arm, tell("events")))  # the rarer answer of them, whatever the share
            continue
        moved = p if i == r.control or r.minimum_effect is None else shifted(r, r.minimum_effect)
        found += [
            (n * min(p, moved), arm, tell("events")),
            (n * (1 - max(p, moved)), arm, tell("units without the event")),
        ]
    least, arm, what = min(found)
    if least >= FEW_EVENTS and (r.baseline is None or _skew(r)[0] * _skewness(r.baseline) <= SKEWED):
        return []
    few = (
        tell("fewer than one {what}", what=what)
        if least < 1
        else tell("about {count} {what}", count=f"{least:.0f}", what=what)
    )
    values: dict[str, object] = {"outcome": r.label, "few": few, "arm": arm}
    return [
        Problem(
            "few_events_expected",
            together(
                tell("Of {outcome} {few} are expected in arm {arm}.", **values)
                if r.baseline is not None
                else tell("Of {outcome} {few} can be expected at most in arm {arm}.", **values),
                tell(
                    "With so few the test is often wrong (1 % of 2,000 units at 9:1: in 12 of 100 simulated trials "
                    "without an effect it found one, not in 5), so a verdict will ask for the randomization test too."
                ),
            ),
            tell("Plan for more people or more even shares, or for an outcome that is less rare."),
            field="power.baseline",
            found=f"{least:.3g}",
        )
    ]


def _skewness(p: float) -> float:
    """Of a yes/no outcome."""
    return abs(1 - 2 * p) / math.sqrt(p * (1 - p))


def _skew(r: PowerRequest) -> tuple[float, str]:
    """How much of the outcome's skewness the difference in means keeps, in the comparison and arm that keeps most."""
    total, worst, arm = sum(r.shares), 0.0, ""
    n0 = (r.units or 0) * r.shares[r.control] / total
    for i, name in enumerate(r.arms):
        n = (r.units or 0) * r.shares[i] / total
        kept = abs(1 / n**2 - 1 / n0**2) / (1 / n + 1 / n0) ** 1.5
        if kept > worst:
            worst, arm = kept, name
    return worst, arm


def _unlike_shares(r: PowerRequest) -> list[Problem]:
    """Amounts or counts under unequal shares: the difference in means is as skewed as its smaller arm."""
    worst, arm = _skew(r)
    if worst * kind_of(r.kind).likely_skewness <= SKEWED:
        return []
    return [
        Problem(
            "unequal_shares_amounts",
            tell(
                "Arm {arm} and the control {control} are of unlike size, and a few large values of {outcome} can then make "
                "the test wrong (amounts of which 85 % are zero, 1,000 units at 9:1: in 12 of 100 simulated trials "
                "without an effect it found one, not in 5).",
                arm=arm,
                control=r.arms[r.control],
                outcome=r.label,
            ),
            tell(
                "Give these arms equal shares, or make a yes/no outcome the one that decides; where past values are all of "
                "one order, with few zeros, unequal shares do no harm."
            ),
            field=f"arms.{arm}.share",
            found=":".join(str(s) for s in r.shares),
        )
    ]


def of_clusters(
    r: PowerRequest, scheme: Scheme, estimator: Estimator, sizes: Mapping[str, Sequence[int]] | None = None
) -> list[Problem]:
    """Few clusters, or clusters of very unlike size. scheme: how they are drawn; sizes: units of each cluster by block
    ('' without blocks), from the list; without it they are guessed from what the plan expects."""
    if not r.clustered:
        return []
    if sizes is None:
        if r.units is None or r.cluster_size is None:
            return []
        sizes = {"": guessed_sizes(r.units, r.cluster_size, r.cluster_size_cv)}
    problems = _large_count_less(r, estimator, sizes, scheme)
    cluster_dfs = cluster_df(sizes, r.shares, r.control, estimator, scheme)
    if not cluster_dfs:
        return problems
    worst = min(cluster_dfs, key=lambda each: each.df)
    if worst.alike < FEW_DF:
        return [_few_clusters(r, worst, sizes), *problems]
    if worst.df < min(UNLIKE * worst.alike, ENOUGH) or worst.df < FEW_DF:
        return [_unlike_clusters(r, worst, sizes), *problems]
    return problems


def _large_count_less(
    r: PowerRequest, estimator: Estimator, sizes: Mapping[str, Sequence[int]], scheme: Scheme
) -> list[Problem]:
    """Few clusters of unlike size within a block: what is estimated is no average over units."""
    ratio = large_beside_small(sizes, r.shares, r.control, estimator, scheme)
    clusters = sum(map(len, sizes.values()))
    if ratio >= COUNT_LESS or (1 - ratio) * math.sqrt(clusters) < BESIDE_CHANCE:
        return []
    return [
        Problem(
            "large_clusters_count_less",
            tell(
                "Few clusters of unlike size are drawn within a block, so people in the larger clusters would count for "
                "{share} % of what people in the smaller ones do. Where the effect goes with the size of the cluster the "
                "result is then no average over people, however many blocks there are (homes of 1 to 8 in 300 blocks of "
                "4, an effect that goes with the size of the home and is 0 on average: in 39 of 100 simulated trials the "
                "version did worse).",
                share=f"{100 * ratio:.0f}",
            ),
            tell("Make larger blocks, or blocks of clusters of like size, or draw clusters without blocks."),
            field="design.blocks",
            found=f"{100 * ratio:.0f} %",
        )
    ]


def _few_clusters(r: PowerRequest, told: ClusterDf, sizes: Mapping[str, Sequence[int]]) -> Problem:
    pair = _pair(r, told)
    return Problem(
        "few_clusters",
        together(
            tell("Arms {arm} and {control} would have about {clusters} clusters between them.", **pair),
            tell(
                "With so few the test is not to be relied on, so a verdict will ask for the randomization test too, which "
                "can't reach the level that was agreed: nothing could be adopted."
            )
            if _hopeless(r, told, sizes)
            else tell(
                "With so few the test is not to be relied on, so a verdict will ask for the randomization test too."
            ),
        ),
        tell("Draw more and smaller clusters, or compare fewer arms."),
        field="design.clusters",
        found=f"{told.clusters:.0f} clusters",
    )


def _hopeless(r: PowerRequest, told: ClusterDf, sizes: Mapping[str, Sequence[int]]) -> bool:
    """Whether even the most telling of all draws has a p-value over the level that one comparison is planned at."""
    if len(sizes) > 1 or len(r.arms) > 2:
        return False
    both = round(told.clusters)
    mine = both * r.shares[told.arm] // sum(r.shares)
    draws = math.comb(both, mine)
    return (2 if 2 * mine == both else 1) / draws > r.alpha / r.n_primary


def _unlike_clusters(r: PowerRequest, told: ClusterDf, sizes: Mapping[str, Sequence[int]]) -> Problem:
    everyone = [s for block in sizes.values() for s in block]
    largest: str = tell(
        "the largest has {most} of {all} units", most=f"{max(everyone):,}", all=f"{sum(everyone):,}"
    )
    if min(everyone) == max(everyone):
        largest = tell("within their blocks and arms")
    return Problem(
        "unlike_clusters",
        tell(
            "Clusters are of very unlike size ({largest}): arms {arm} and {control} have about {clusters} of them, and the "
            "test counts with {df} degrees of freedom where alike ones would give {alike}. Then it is often wrong (10 "
            "clusters, one of 200 units among 5 to 15: in 13 of 100 simulated trials without an effect it found one, not "
            "in 5).",
            largest=largest,
            df=f"{told.df:.0f}",
            alike=f"{told.alike:.0f}",
            **_pair(r, told),
        ),
        tell("Split the largest clusters or leave them out, or make blocks of clusters of like size."),
        field="design.clusters",
        found=f"{told.df:.1f} degrees of freedom",
    )


def _pair(r: PowerRequest, told: ClusterDf) -> dict[str, object]:
    return {"arm": r.arms[told.arm], "control": r.arms[r.control], "clusters": f"{told.clusters:.0f}"}


def of_pairs(arms: int, estimator: Estimator, blocks: Sequence[int], columns: int) -> list[Problem]:
    """A regression of pair differences (`lin`) with more columns than the pairs bear. blocks: units of each block."""
    pairs = sum(n == 2 for n in blocks)
    if not estimator.regresses_pairs or arms != 2 or columns == 0 or pairs < len(blocks) - 1 or pairs == 0:
        return []
    if pairs >= PAIRS_A_COLUMN * columns:
        return []
    values: dict[str, object] = {"pairs": f"{pairs:,}", "estimator": estimator.name, "least": PAIRS_A_COLUMN}
    return [
        Problem(
            "few_pairs_for_covariates",
            tell(
                "The list makes {pairs} pairs, and {estimator} adjusts for 1 column: under {least} pairs a column "
                "the test errs (8 pairs and one column: in 7 of 100 simulated trials without an effect it found one, "
                "not in 5).",
                **values,
            )
            if columns == 1
            else tell(
                "The list makes {pairs} pairs, and {estimator} adjusts for {columns} columns: under {least} pairs a column "
                "the test errs (8 pairs and one column: in 7 of 100 simulated trials without an effect it found one, "
                "not in 5).",
                columns=f"{columns:,}",
                **values,
            ),
            tell(
                'Name fewer covariates or categories, or write estimator = "difference_in_means" under [analysis].'
            ),
            field="frame.covariates",
            found=f"{pairs:,} pairs",
        )
    ]
