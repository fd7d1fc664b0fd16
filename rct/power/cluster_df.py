"""What clusters' sizes alone say of a test before it is run: Satterthwaite's degrees of freedom under redraws.

The degrees of freedom of CR2 hang on who is drawn and on no outcome. So they can be had from the list: the plan's
shares are drawn a few times, and the plan's own estimator says what it would count with. Set beside what clusters of
one size would give, under the same shares, they show how much unlike sizes cost.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rct.design.schemes import Scheme
from rct.errors import RctError
from rct.estimate import Sample, estimate
from rct.estimate.estimators import Estimator
from rct.estimate.records import Floats

DRAWS = 25
DRAWS_OF_MANY = 5  # of MANY clusters or more, where one draw is like another
MANY = 2_000
PLENTY = 100  # of clusters of one size, to which those of the smallest arm come, less the blocks
ROWS = (
    5_000  # the degrees of freedom know ratios of sizes only, so sizes are scaled down to about so many units
)
ENOUGH = 20.0  # degrees of freedom, from which on unlike sizes do no harm


@dataclass(frozen=True)
class ClusterDf:
    """One arm against the control. arm: its place; clusters: of the two arms, expected.

    df: the median over redraws; alike: the same were all clusters of one size (not told, hence df, from ENOUGH on).
    """

    arm: int
    clusters: float
    df: float
    alike: float


def cluster_df(
    sizes: Mapping[str, Sequence[int]],
    shares: Sequence[int],
    control: int,
    estimator: Estimator,
    scheme: Scheme,
) -> list[ClusterDf]:
    """`sizes`: units of each cluster by block label (one entry '' without blocks); `scheme`: how they are drawn.

    Empty where there are clusters in plenty, or the estimator could not work: the draw or `check --frame` says so.
    """
    if _plenty(sizes, shares):
        return []
    order = [control, *(i for i in range(len(shares)) if i != control)]
    weights = [shares[i] for i in order]
    try:
        real = _medians(sizes, weights, estimator, scheme)
        few = [df for df in real if df < ENOUGH]
        alike = (
            _medians({b: [1] * len(s) for b, s in sizes.items()}, weights, estimator, scheme) if few else real
        )
    except RctError:
        return []
    clusters = sum(map(len, sizes.values()))
    return [
        ClusterDf(i, clusters * (shares[i] + shares[control]) / sum(shares), df, like if df < ENOUGH else df)
        for i, df, like in zip(order[1:], real, alike, strict=True)
    ]


def _plenty(sizes: Mapping[str, Sequence[int]], shares: Sequence[int]) -> bool:
    """Whether the smallest arm has so many clusters, unlike as they are, that nothing needs to be computed."""
    members = np.concatenate([np.asarray(s, dtype=np.float64) for s in sizes.values()])
    alike = members.sum() ** 2 / (members**2).sum()
    return bool(alike * min(shares) / sum(shares) - len(sizes) >= PLENTY)


def guessed_sizes(units: float, mean: float, cv: float) -> list[int]:
    """Sizes of clusters of which mean and coefficient of variation are guessed: quantiles of a lognormal."""
    count = max(round(units / mean), 1)
    if cv == 0:
        return [1] * count
    spread = math.sqrt(math.log(1 + cv * cv))
    at = (np.arange(min(count, 10 * MANY)) + 0.5) / min(count, 10 * MANY)
    drawn = np.exp(spread * _normal_quantiles(at))
    return [max(1, round(s)) for s in mean * drawn / drawn.mean()]


def _normal_quantiles(at: Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(at), dtype=np.float64)


def _medians(
    sizes: Mapping[str, Sequence[int]], weights: list[int], estimator: Estimator, scheme: Scheme
) -> list[float]:
    """By arm, the median of its degrees of freedom over redraws; 0 where a draw gives none."""
    labels = sorted(sizes, key=lambda s: s.encode())
    home = np.repeat(np.arange(len(labels)), [len(sizes[b]) for b in labels])
    members = np.concatenate([np.asarray(sizes[b], dtype=np.float64) for b in labels])
    scale = min(1.0, ROWS / members.sum())
    members = np.maximum(np.round(members * scale), 1).astype(np.int64)
    cluster = np.repeat(np.arange(len(home)), members)
    blocked = len(labels) > 1
    rng = np.random.default_rng(len(home))
    y = rng.normal(size=len(cluster))  # any outcome: the degrees of freedom don't hang on it
    names = ("control", *(f"arm{i}" for i in range(1, len(weights))))
    bare = estimator.bare
    found = []
    for _ in range(DRAWS if len(home) < MANY else DRAWS_OF_MANY):
        arm = scheme.redraw(rng, home, len(labels), weights)
        strata = None
        if blocked:
            counts = np.bincount(home * len(weights) + arm, minlength=len(labels) * len(weights))
            table = counts.reshape(len(labels), len(weights))
            strata = scheme.strata(labels, table, weights, bare).of
        sample = Sample(
            y, arm[cluster], names, tuple(weights), home[cluster] if blocked else None,
            tuple(labels) if blocked else (), strata, cluster,
        )  # fmt: skip
        found.append(
            [line.df or 0.0 for line in estimate(sample, bare.name, bare.errors_to_use(clustered=True)).lines]
        )
    return [float(m) for m in np.median(np.array(found), axis=0)]
