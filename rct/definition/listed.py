"""What a list of units says of the draw to come, in plain numbers: for power, and for what the planned test can bear."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class LoadedList:
    """What a loaded list says better than the plan's guess: units, and its clusters' mean size and spread.

    sizes: by block label ('' without blocks) the units of each cluster; where units are drawn, of the block.
    columns: how many the covariates and categories make.
    """

    units: int
    cluster_size: float | None = None
    cluster_size_cv: float = 0.0
    sizes: Mapping[str, Sequence[int]] = field(default_factory=dict)
    columns: int = 0


def loaded_from(
    blocks: Sequence[str], clusters: Sequence[str] | None, covariates: int, levels: Sequence[int]
) -> LoadedList:
    """From a list's rows: the block of each unit ('' without blocks), its cluster (None: units are drawn), the
    number of covariates, and how many levels each category has."""
    columns = covariates + sum(max(n - 1, 0) for n in levels)
    if clusters is None:
        return LoadedList(len(blocks), sizes={b: (n,) for b, n in Counter(blocks).items()}, columns=columns)
    members = Counter(clusters)
    sizes: dict[str, list[int]] = {}
    for cluster, block in dict(zip(clusters, blocks, strict=True)).items():
        sizes.setdefault(block, []).append(members[cluster])
    mean = len(blocks) / len(members)
    spread = math.sqrt(sum((n - mean) ** 2 for n in sorted(members.values())) / len(members))
    in_order = {
        block: sorted(sizes[block]) for block in sorted(sizes)
    }  # a file says the same in any order of its rows
    return LoadedList(len(blocks), mean, spread / mean, in_order, columns)
