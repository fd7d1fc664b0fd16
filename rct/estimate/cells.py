"""Strata and arms of the units whose outcome is known, and what happens when a cell was emptied.

The strata come from the draw. Missing outcomes (or one level of a subgroup) can leave a stratum without
enough units in some arm; it then joins the next stratum by label, the last one the one before it. No block
is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from rct.errors import stop, visible
from rct.estimate.records import Codes, Floats, Mask, Note, Sample, one_group

Counts = Codes  # (S, K)


@dataclass(frozen=True)
class Cells:
    """The rows with an outcome, by stratum and arm.

    known (n,) positions in the sample, None = all of it; stratum (n,), arm (n,) codes; units (S, K) counts;
    clusters (S, K) counts or None; members: block labels of each stratum (empty without blocks); notes: what
    joined. Where every outcome is known, y, arm and cluster are the sample's own arrays.
    """

    sample: Sample
    known: Codes | None
    stratum: Codes
    units: Counts
    clusters: Counts | None
    members: tuple[tuple[str, ...], ...]
    notes: tuple[Note, ...]

    @property
    def rows(self) -> Codes:
        return np.arange(len(self.sample.y)) if self.known is None else self.known

    @property
    def y(self) -> Floats:
        return self.sample.y if self.known is None else self.sample.y[self.known]

    @property
    def arm(self) -> Codes:
        return self.sample.arm if self.known is None else self.sample.arm[self.known]

    @property
    def cluster(self) -> Codes | None:
        if self.sample.cluster is None or self.known is None:
            return self.sample.cluster
        return self.sample.cluster[self.known]

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


def small_strata(counts: Counts, arm: int, control: int) -> Mask:
    """(S,) strata whose smaller cell, of these two arms, is a single unit."""
    return np.asarray(counts[:, [arm, control]].min(axis=1) == 1)


def small_set_stands(n_small: Codes) -> bool:
    """Pashley and Miratrix (2021) need three strata, each under half of their units."""
    return len(n_small) >= 3 and bool(np.all(2 * n_small < n_small.sum()))


def settle(sample: Sample, least: int, control: int | None = None) -> Cells:
    """Count the observed units (and clusters) by stratum and arm; let strata that cannot stand join the next.

    least: what each arm needs in each stratum, in clusters if there are any. control: for a difference in
    means of units, the reference arm: single units are then allowed in strata whose set gives a variance.
    Raises RctError when an arm has no observed outcome at all or when all strata together are too few.
    """
    missing = np.isnan(sample.y)
    known = np.flatnonzero(~missing) if missing.any() else None
    arm = sample.arm if known is None else sample.arm[known]
    for name, n in zip(sample.arm_names, np.bincount(arm, minlength=sample.arms), strict=True):
        if not n:
            stop(
                "arm_without_outcomes",
                f"no unit of the arm '{visible(name)}' has a known outcome",
                "load the outcomes of every arm, then analyze again",
                found=visible(name),
            )
    if sample.block is None:
        stratum = one_group(len(arm))
        labels: list[list[str]] = [[]]
    else:
        of = np.arange(len(sample.block_labels)) if sample.strata is None else np.array(sample.strata)
        labels = [[] for _ in range(int(of.max()) + 1)]
        for block, code in enumerate(of):
            labels[code].append(sample.block_labels[block])
        stratum = of[sample.block if known is None else sample.block[known]]
        drawn = np.unique(of[sample.block])  # a subgroup's level need not meet every stratum
        stratum = np.searchsorted(drawn, stratum)
        labels = [labels[code] for code in drawn]
    units = _count(stratum, arm, len(labels), sample.arms)
    clusters = None
    if sample.cluster is not None:
        cluster = sample.cluster if known is None else sample.cluster[known]
        clusters = _clusters(cluster, stratum, arm, units.shape)
    joined = _join(units, units if clusters is None else clusters, least, control, sample)
    home = np.repeat(np.arange(len(joined)), [len(g) for g in joined])
    where = np.empty(len(labels), dtype=np.int64)
    where[np.concatenate(joined)] = home
    members = tuple(tuple(label for g in group for label in labels[g]) for group in joined)
    return Cells(
        sample,
        known,
        where[stratum] if len(labels) > 1 else stratum,
        _sum_by(units, where, len(joined)),
        None if clusters is None else _sum_by(clusters, where, len(joined)),
        members if sample.block is not None else (),
        _notes(len(labels), len(joined), known is not None),
    )


def _notes(before: int, after: int, missing: bool) -> tuple[Note, ...]:
    if before == after:
        return ()
    text = f"{before - after} of {before} strata had too few known outcomes in an arm and joined the next one"
    return (Note("strata_joined", text, deviation=missing),)


def _join(units: Counts, counts: Counts, least: int, control: int | None, sample: Sample) -> list[list[int]]:
    """Groups of strata, in order, after every stratum that cannot stand has joined the next."""
    groups = _sweep(counts, np.full(len(counts), least), sample)
    while control is not None:
        total = np.array([counts[g].sum(axis=0) for g in groups])
        n_b = np.array([units[g].sum() for g in groups])
        need = np.ones(len(groups), dtype=np.int64)
        for arm in range(counts.shape[1]):
            small = small_strata(total, arm, control)
            if arm != control and small.any() and not small_set_stands(n_b[small]):
                need[small] = 2
        if need.max() == 1:
            break
        wider = _sweep(total, need, sample)
        groups = [[s for g in group for s in groups[g]] for group in wider]
    return groups


def _sweep(counts: Counts, need: Codes, sample: Sample) -> list[list[int]]:
    """From the first stratum on: each takes in the next until every arm has what its members need; what is
    left at the end joins the stratum before it."""
    groups: list[list[int]] = []
    open_: list[int] = []
    total, wanted = np.zeros(counts.shape[1], dtype=np.int64), 0
    for s in range(len(counts)):
        open_.append(s)
        total, wanted = total + counts[s], max(wanted, int(need[s]))
        if total.min() >= wanted:
            groups.append(open_)
            open_, total, wanted = [], np.zeros_like(total), 0
    if open_ and not groups:
        _refuse(total, sample)
    if open_:
        groups[-1] = groups[-1] + open_
    return groups


def _refuse(total: Codes, sample: Sample) -> NoReturn:
    what = "units" if sample.cluster is None else "clusters"
    few = int(np.argmin(total))
    stop(
        "too_few_units",
        f"the arm '{visible(sample.arm_names[few])}' has too few {what} with a known outcome: "
        f"{int(total[few])}, at least 2 are needed",
        "wait for more outcomes, or join arms",
        found=str(int(total[few])),
    )


def _count(stratum: Codes, arm: Codes, strata: int, arms: int) -> Counts:
    if strata == 1:
        return np.bincount(arm, minlength=arms).reshape(1, arms)
    return np.bincount(stratum * arms + arm, minlength=strata * arms).reshape(strata, arms)


def _clusters(cluster: Codes, stratum: Codes, arm: Codes, shape: tuple[int, ...]) -> Counts:
    _, first = np.unique(cluster, return_index=True)
    return _count(stratum[first], arm[first], shape[0], shape[1])


def _sum_by(counts: Counts, where: Codes, groups: int) -> Counts:
    out = np.zeros((groups, counts.shape[1]), dtype=np.int64)
    np.add.at(out, where, counts)
    return out
