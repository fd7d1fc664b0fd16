"""How much a person in a large cluster counts for beside one in a small cluster, where clusters are drawn within blocks.

With block effects a block counts by (its units in the arm) x (its units in the control) / (its units), as they were drawn: a
block whose large cluster fell to either side counts less than its people. So an effect that goes with the size of the
cluster is not averaged over units, and more blocks of the same kind don't mend it. In the difference in means of pairs both
clusters of a pair count alike, whatever their sizes. It hangs on the list alone, so it can be had before the draw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rct.design.schemes import Scheme
from rct.estimate.estimators import Estimator

DRAWS = 40
DRAWS_OF_MANY = 4  # of MANY clusters or more: their people are many, and the answer is an average over them
MANY = 1_000
BLOCKS = 500  # of more every second, third, … is looked at

Floats = NDArray[np.float64]


def large_beside_small(
    sizes: Mapping[str, Sequence[int]],
    shares: Sequence[int],
    control: int,
    estimator: Estimator,
    scheme: Scheme,
) -> float:
    """What the effect on a unit of the larger clusters (they hold half of the units, or somewhat more) counts for, beside
    one of the smaller clusters; the least over the arms. 1 where all count alike, without blocks, or of one size.

    sizes: units of each cluster by block label. estimator: its weights of blocks count.
    """
    labels = sorted(sizes, key=lambda s: s.encode())
    labels = labels[:: -(-len(labels) // BLOCKS)]
    home = np.repeat(np.arange(len(labels)), [len(sizes[b]) for b in labels])
    members = np.concatenate([np.asarray(sizes[b], dtype=np.float64) for b in labels])
    order = np.sort(members)
    large = members >= order[np.searchsorted(np.cumsum(order), order.sum() / 2)]
    if len(labels) < 2 or large.all():
        return 1.0
    weights = [shares[control], *(s for i, s in enumerate(shares) if i != control)]
    rng = np.random.default_rng(len(home))
    counts, drawn = np.zeros((2, len(weights), len(home)))
    for _ in range(DRAWS if len(home) < MANY else DRAWS_OF_MANY):
        arm = scheme.redraw(rng, home, len(labels), weights)
        table = np.bincount(home * len(weights) + arm, minlength=len(labels) * len(weights))
        strata = scheme.strata(labels, table.reshape(len(labels), len(weights)), weights, estimator)
        stratum = np.asarray(strata.of)[home]
        paired = estimator.by_clusters and len(weights) == 2 and len(home) == 2 * (int(stratum.max()) + 1)
        for a in range(1, len(weights)):
            two = ((arm == 0) | (arm == a)) & (stratum >= 0)
            drawn[a] += (arm == a) & two
            counts[a] += _of_units(arm == a, members, stratum, two, estimator, paired=paired)
    # What they count for when they are of the arm: large and small ones are so equally often, but for chance.
    by_size = [
        [float(c[of] @ members[of]) / max(float(d[of] @ members[of]), 1e-300) for of in (large, ~large)]
        for c, d in zip(counts[1:], drawn[1:], strict=True)
    ]
    return min(a / b if b > 0 else 1.0 for a, b in by_size)


def _of_units(
    mine: NDArray[np.bool_],
    members: Floats,
    stratum: NDArray[np.int64],
    two: NDArray[np.bool_],
    estimator: Estimator,
    *,
    paired: bool,
) -> Floats:
    """(clusters,) the weight in the estimate, up to a factor, of a unit of each cluster of the arm; 0 of others."""
    strata = int(stratum.max()) + 1
    at = stratum[two]
    both = np.bincount(at, weights=members[two], minlength=strata)
    arm = np.bincount(at, weights=(members * mine)[two], minlength=strata)
    if paired:
        return np.where(mine & two, both[stratum] / members, 0.0)
    clusters = np.bincount(at, minlength=strata)
    own = np.bincount(at, weights=mine[two].astype(float), minlength=strata)
    all_arms = np.bincount(stratum[stratum >= 0], minlength=strata)
    v = estimator.cluster_weights(all_arms, clusters, own)
    left = v * (1 - arm / np.maximum(both, 1))
    return np.where(mine & two, left[stratum] / float(left @ arm), 0.0)
