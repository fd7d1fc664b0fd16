"""Strata and arms of the units whose outcome is known, and what happens when a cell was emptied.

The strata come from the draw. Missing outcomes (or one level of a subgroup) can leave a stratum without
enough units in some arm; it then joins the next stratum by label, the last one the one before it. No block
is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rct.errors import stop, visible
from rct.estimate.records import Codes, Floats, Mask, Note, Sample

Counts = Codes  # (S, K)


@dataclass(frozen=True)
class Cells:
    """The rows with an outcome, by stratum and arm.

    rows (n,) positions in the sample; stratum (n,), arm (n,) codes; units (S, K) counts; clusters (S, K)
    counts or None; members: block labels of each stratum (empty without blocks); notes: what joined.
    """

    sample: Sample
    rows: Codes
    stratum: Codes
    units: Counts
    clusters: Counts | None
    members: tuple[tuple[str, ...], ...]
    notes: tuple[Note, ...]

    @property
    def y(self) -> Floats:
        return self.sample.y[self.rows]

    @property
    def arm(self) -> Codes:
        return self.sample.arm[self.rows]

    @property
    def cluster(self) -> Codes | None:
        return None if self.sample.cluster is None else self.sample.cluster[self.rows]

    @property
    def counts(self) -> Counts:
        """Counts of what was randomized: clusters if there are any, else units."""
        return self.units if self.clusters is None else self.clusters

    @property
    def n_b(self) -> Codes:
        """(S,) units of each stratum, all arms."""
        return np.asarray(self.units.sum(axis=1))

    @property
    def share(self) -> Floats:
        """(S,) n_b / N."""
        return np.asarray(self.n_b / self.n_b.sum())

    @property
    def blocked(self) -> bool:
        return self.sample.block is not None


Test = Callable[[Counts, Codes], Mask]  # (S, K) counts, (S,) units -> (S,) which strata cannot stand


def at_least(number: int) -> Test:
    """Strata in which some arm has fewer than `number`."""
    return lambda counts, n_b: np.asarray((counts < number).any(axis=1))


def small_strata(counts: Counts, arm: int, control: int) -> Mask:
    """(S,) strata whose smaller cell, of these two arms, is a single unit."""
    return np.asarray(counts[:, [arm, control]].min(axis=1) == 1)


def small_set_stands(n_small: Codes) -> bool:
    """Pashley and Miratrix (2021) need three strata, each under half of their units."""
    return len(n_small) >= 3 and bool(np.all(2 * n_small < n_small.sum()))


def pairwise(control: int) -> Test:
    """For differences in means of units: no empty cell, and single-unit cells only in a set that stands."""

    def cannot(counts: Counts, n_b: Codes) -> Mask:
        bad = np.asarray((counts < 1).any(axis=1))
        if bad.any():
            return bad
        for arm in range(counts.shape[1]):
            small = small_strata(counts, arm, control)
            if arm != control and small.any() and not small_set_stands(n_b[small]):
                bad |= small
        return bad

    return cannot


def settle(sample: Sample, cannot: Test) -> Cells:
    """Count the observed units (and clusters) by stratum and arm; let strata that cannot stand join the next.

    Raises RctError when an arm has no observed outcome at all or when all strata together are too few.
    """
    rows = np.flatnonzero(~np.isnan(sample.y))
    arm = sample.arm[rows]
    for code, name in enumerate(sample.arm_names):
        if not np.any(arm == code):
            stop(
                "arm_without_outcomes",
                f"no unit of the arm '{visible(name)}' has a known outcome",
                "load the outcomes of every arm, then analyze again",
                found=visible(name),
            )
    if sample.block is None:
        stratum = np.zeros(len(rows), dtype=np.int64)
        labels: list[list[str]] = [[]]
    else:
        of = np.arange(len(sample.block_labels)) if sample.strata is None else np.array(sample.strata)
        labels = [[] for _ in range(int(of.max()) + 1)]
        for block, code in enumerate(of):
            labels[code].append(sample.block_labels[block])
        stratum = of[sample.block[rows]]
        drawn = np.unique(of[sample.block])  # a subgroup's level need not meet every stratum
        stratum = np.searchsorted(drawn, stratum)
        labels = [labels[code] for code in drawn]
    units = _count(stratum, arm, len(labels), sample.arms)
    clusters = None if sample.cluster is None else _clusters(sample.cluster[rows], stratum, arm, units.shape)
    joined = _join(units, clusters, cannot, sample)
    home = np.repeat(np.arange(len(joined)), [len(g) for g in joined])
    where = np.empty(len(labels), dtype=np.int64)
    where[np.concatenate(joined)] = home
    members = tuple(tuple(label for g in group for label in labels[g]) for group in joined)
    return Cells(
        sample,
        rows,
        where[stratum],
        _sum_by(units, where, len(joined)),
        None if clusters is None else _sum_by(clusters, where, len(joined)),
        members if sample.block is not None else (),
        _notes(len(labels), len(joined), bool(np.isnan(sample.y).any())),
    )


def _notes(before: int, after: int, missing: bool) -> tuple[Note, ...]:
    if before == after:
        return ()
    text = f"{before - after} of {before} strata had too few known outcomes in an arm and joined the next one"
    return (Note("strata_joined", text, deviation=missing),)


def _join(units: Counts, clusters: Counts | None, cannot: Test, sample: Sample) -> list[list[int]]:
    """Groups of strata, in order, after every stratum that cannot stand has joined a neighbour."""
    groups = [[s] for s in range(len(units))]
    counts = units if clusters is None else clusters
    while True:
        total = np.array([counts[g].sum(axis=0) for g in groups])
        bad = np.flatnonzero(cannot(total, np.array([units[g].sum() for g in groups])))
        if not len(bad):
            return groups
        if len(groups) == 1:
            what = "clusters" if clusters is not None else "units"
            few = int(np.argmin(total[0]))
            stop(
                "too_few_units",
                f"the arm '{visible(sample.arm_names[few])}' has only {int(total[0, few])} {what} with a "
                "known outcome; an error can't be computed from so few",
                "wait for more outcomes, or join arms",
                found=str(int(total[0, few])),
            )
        first = int(bad[0])
        last = first == len(groups) - 1
        low, high = (first - 1, first) if last else (first, first + 1)
        groups[low : high + 1] = [groups[low] + groups[high]]


def _count(stratum: Codes, arm: Codes, strata: int, arms: int) -> Counts:
    return np.bincount(stratum * arms + arm, minlength=strata * arms).reshape(strata, arms)


def _clusters(cluster: Codes, stratum: Codes, arm: Codes, shape: tuple[int, ...]) -> Counts:
    _, first = np.unique(cluster, return_index=True)
    return _count(stratum[first], arm[first], shape[0], shape[1])


def _sum_by(counts: Counts, where: Codes, groups: int) -> Counts:
    out = np.zeros((groups, counts.shape[1]), dtype=np.int64)
    np.add.at(out, where, counts)
    return out
