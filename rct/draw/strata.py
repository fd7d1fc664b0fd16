"""The strata of a draw: which small blocks are analyzed together, fixed before any outcome is known."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from rct.definition import Definition
from rct.design.strata import Strata
from rct.registry.store import Frame


def block_counts(frame: Frame, in_order: Sequence[str], arms: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Units (clusters, if clustered) by block and arm; blocks in byte order, `in_order` the frame's arms."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    seen: set[str] = set()
    for arm, block, cluster in zip(in_order, frame.blocks, frame.clusters, strict=True):
        if cluster and cluster in seen:
            continue
        seen.add(cluster)
        counted[block][arm] += 1
    return {b: tuple(counted[b][a] for a in arms) for b in sorted(counted)}


def drawn_strata(definition: Definition, counts: Mapping[str, tuple[int, ...]]) -> Strata | None:
    """The partition for the plan's estimator; `counts` by block, arms in the definition's order.

    None without blocks. Raises RctError when small blocks have nothing to join.
    """
    if not definition.design.blocks:
        return None
    control_first = [i for i, a in enumerate(definition.arms) if a == definition.control]
    order = [*control_first, *(i for i in range(len(definition.arms)) if i not in control_first)]
    labels = sorted(counts)
    table = np.array([counts[b] for b in labels], dtype=np.int64)[:, order]
    shares = [definition.shares[i] for i in order]
    return definition.scheme.strata(labels, table, shares, definition.estimator)
