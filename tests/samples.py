"""Trials drawn and measured on paper, for tests of estimators: blocks, clusters, unequal shares, small blocks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rct.design.strata import drawn_counts, sort_blocks
from rct.estimate import Sample
from rct.estimate.estimators import ESTIMATORS


def units(seed, shares=(1, 2, 1), sizes=(17, 24, 31, 40), p=2):
    """A blocked sample of units with unequal shares that differ a little from block to block."""
    rng = np.random.default_rng(seed)
    block = np.repeat(np.arange(len(sizes)), sizes)
    arm = np.empty(len(block), dtype=np.int64)
    for b, size in enumerate(sizes):
        dealt = np.resize(np.repeat(np.arange(len(shares)), shares), size)
        arm[block == b] = rng.permutation(dealt)
    x = rng.normal(size=(len(block), p)) + 0.3 * block[:, None]
    y = 2 + block + 0.5 * arm + x @ rng.normal(size=p) * (1 + arm) + rng.normal(size=len(block)) * (1 + arm)
    names = tuple(f"arm{i}" for i in range(len(shares)))
    labels = tuple(f"B{b}" for b in range(len(sizes)))
    return Sample(y, arm, names, tuple(shares), block, labels, x=x, x_names=tuple(f"x{j}" for j in range(p)))


def clusters(seed, shares=(1, 1, 2), sizes=(9, 12, 16), p=2, blocks=True):
    """Clusters of unequal size, drawn to arms within blocks (or in one go), with unequal shares."""
    rng = np.random.default_rng(seed)
    block, arm, cluster = [], [], []
    code = 0
    for b, size in enumerate(sizes):
        for a in rng.permutation(np.resize(np.repeat(np.arange(len(shares)), shares), size)):
            m = int(rng.integers(1, 8))
            block += [b] * m
            arm += [a] * m
            cluster += [code] * m
            code += 1
    order = rng.permutation(len(arm))
    block, arm, cluster = (np.array(v)[order] for v in (block, arm, cluster))
    x = rng.normal(size=(len(arm), p))
    y = (
        1
        + 0.3 * block
        + arm
        + x @ rng.normal(size=p)
        + rng.normal(size=code)[cluster]
        + rng.normal(size=len(arm))
    )
    names = tuple(f"arm{i}" for i in range(len(shares)))
    labels = tuple(f"B{b}" for b in range(len(sizes)))
    where = (block, labels) if blocks else (None, ())
    return Sample(
        y, arm, names, tuple(shares), *where, cluster=cluster, x=x, x_names=tuple(f"x{j}" for j in range(p))
    )


def blocked(sizes, counts, seed=0, shares=None, p=0):
    """A sample whose block b has counts[b][a] units in arm a."""
    rng = np.random.default_rng(seed)
    block = np.repeat(np.arange(len(sizes)), sizes)
    arm = np.concatenate([rng.permutation(np.repeat(np.arange(len(c)), c)) for c in counts])
    arms = len(counts[0])
    x = rng.normal(size=(len(arm), p))
    y = 3 + 0.4 * block + arm + x.sum(axis=1) + rng.normal(size=len(arm))
    return Sample(
        y=y,
        arm=arm,
        arm_names=tuple(f"arm{a}" for a in range(arms)),
        shares=shares or (1,) * arms,
        block=block,
        block_labels=tuple(f"B{b:02d}" for b in range(len(sizes))),
        x=x if p else np.empty((0, 0)),
        x_names=tuple(f"x{j}" for j in range(p)),
    )


def with_strata(s, estimator):
    units = None if s.cluster is None else s.cluster
    counts = drawn_counts(s.block, s.arm, len(s.block_labels), s.arms, units)
    return replace(
        s,
        strata=sort_blocks(
            s.block_labels, counts, s.shares, ESTIMATORS[estimator], clustered=units is not None
        ).of,
    )
