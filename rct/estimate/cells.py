"""Strata and arms of the units whose outcome is known, and what happens when a cell was emptied.

The strata come from the draw. A stratum can be left with too few units in some arm:

- By lot (one level of a subgroup, or small blocks whose set no longer stands): it joins the next stratum of
  blocks with the same assignment shares, the last one the one before it. Joined they are one draw with these
  shares.
- Because outcomes are missing: which cells they emptied is no lot's doing, and a stratum of one arm beside one of
  both would compare blocks in place of arms (pairs sorted by a balance, 30 % of one arm missing, no effect: an arm
  to adopt in 38 of 100 draws). The stratum is without comparison: it leaves the estimate, n_b and N, and with it
  the members of a pair or triple whose partner's outcome is missing.
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
    joined; apart (K,): units with a known outcome, by arm, in blocks without comparison: they are no rows here.
    Where every row is used, y, arm and cluster are the sample's own arrays.
    """

    sample: Sample
    known: Codes | None
    stratum: Codes
    units: Counts
    clusters: Counts | None
    members: tuple[tuple[str, ...], ...]
    notes: tuple[Note, ...]
    apart: Codes

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
    """Count the observed units (and clusters) by stratum and arm; what can't stand joins the next, or leaves.

    least: what each arm needs in each stratum, in clusters if there are any. control: for a difference in
    means of units, the reference arm: single units are then allowed in strata whose set gives a variance.
    Raises RctError when an arm has no observed outcome at all or when all strata together are too few.
    """
    missing = np.isnan(sample.y)
    _refuse_empty_arms(sample, missing)
    if sample.block is None:
        known = np.flatnonzero(~missing) if missing.any() else None
        arm = sample.arm if known is None else sample.arm[known]
        stratum = one_group(len(arm))
        units = _count(stratum, arm, 1, sample.arms)
        clusters = _clusters(sample, known, stratum, arm, units.shape)
        if not _sweep([0], units if clusters is None else clusters, np.array([least]))[0]:
            _refuse((units if clusters is None else clusters)[0], sample)
        return Cells(sample, known, stratum, units, clusters, (), (), np.zeros(sample.arms, dtype=np.int64))
    return _settle_blocks(sample, missing, least, control)


def _refuse_empty_arms(sample: Sample, missing: Mask) -> None:
    for name, n in zip(
        sample.arm_names, np.bincount(sample.arm[~missing], minlength=sample.arms), strict=True
    ):
        if not n:
            stop(
                "arm_without_outcomes",
                f"no unit of the arm '{visible(name)}' has a known outcome",
                "load the outcomes of every arm, then analyze again",
                found=visible(name),
            )


def _settle_blocks(sample: Sample, missing: Mask, least: int, control: int | None) -> Cells:
    assert sample.block is not None
    blocks = len(sample.block_labels)
    of = np.arange(blocks) if sample.strata is None else np.array(sample.strata)
    possible = np.ones(blocks, dtype=bool) if sample.possible is None else np.array(sample.possible)
    labels: list[list[str]] = [[] for _ in range(int(of.max()) + 1)]
    joinable = np.ones(len(labels), dtype=bool)
    for block, code in enumerate(of):
        if code >= 0:
            labels[code].append(sample.block_labels[block])
            joinable[code] &= possible[block]
    home = of[sample.block]
    drawn, drawn_units = _table(sample, np.flatnonzero(home >= 0), home, len(labels))
    observed, units = _table(sample, np.flatnonzero((home >= 0) & ~missing), home, len(labels))
    present = np.flatnonzero(drawn_units.sum(axis=1))  # a subgroup's level need not meet every stratum
    alone, groups, notes = _stand_or_join(drawn, observed, units, present, joinable, least, control, sample)
    where = np.full(len(labels) + 1, -1)  # the last is for blocks without comparison since the draw
    for code, group in enumerate(groups):
        where[group] = code
    stratum = where[home]
    use = (stratum >= 0) & ~missing
    known = None if use.all() else np.flatnonzero(use)
    members = tuple(tuple(label for g in group for label in labels[g]) for group in groups)
    apart = np.bincount(sample.arm[(stratum < 0) & ~missing], minlength=sample.arms)
    if alone or apart.any():
        notes += (_apart_note(apart, [labels[g] for g in alone], of, sample),)
    return Cells(
        sample,
        known,
        stratum if known is None else stratum[known],
        _sum_by(units, where[:-1], len(groups)),
        None if sample.cluster is None else _sum_by(observed, where[:-1], len(groups)),
        members,
        notes,
        apart,
    )


def _table(sample: Sample, rows: Codes, home: Codes, strata: int) -> tuple[Counts, Counts]:
    """(strata, K) counts of what was randomized, and of units, among some rows."""
    units = _count(home[rows], sample.arm[rows], strata, sample.arms)
    clusters = _clusters(sample, rows, home[rows], sample.arm[rows], units.shape)
    return units if clusters is None else clusters, units


def _stand_or_join(
    drawn: Counts,
    observed: Counts,
    units: Counts,
    present: Codes,
    joinable: Mask,
    least: int,
    control: int | None,
    sample: Sample,
) -> tuple[list[int], list[list[int]], tuple[Note, ...]]:
    """(strata without comparison, groups of strata in order, notes). A difference in means of units may need
    two units where a set of single ones does not stand; what then joins or leaves can undo another's set."""
    need = np.full(len(drawn), least)
    apart: set[int] = set()
    before = len(present)
    while True:
        for s in present:
            emptied = observed[s].min() < need[s] <= drawn[s].min()
            if emptied or (observed[s].min() < need[s] and not joinable[s]):
                apart.add(int(s))
        standing = [int(s) for s in present if int(s) not in apart]
        groups, left = _join(standing, observed, need, joinable)
        if not groups:
            _refuse(observed[standing or present].sum(axis=0), sample)
        apart |= set(left)
        if control is None:
            break
        more = _singles_in_need(groups, observed, units, control)
        more = [s for s in more if need[s] < 2]
        if not more:
            break
        need[more] = 2
    joined = before - len(apart) - len(groups)
    missing = bool(np.any(observed != drawn))
    return sorted(apart), groups, _notes(before, joined, missing)


def _singles_in_need(groups: list[list[int]], counts: Counts, units: Counts, control: int) -> list[int]:
    """Strata that hold a single unit of an arm without being part of a set that gives a variance."""
    total = np.array([counts[g].sum(axis=0) for g in groups])
    n_b = np.array([units[g].sum() for g in groups])
    found: list[int] = []
    for arm in range(counts.shape[1]):
        small = small_strata(total, arm, control)
        if arm != control and small.any() and not small_set_stands(n_b[small]):
            found += [s for g in np.flatnonzero(small) for s in groups[g]]
    return found


def _notes(before: int, joined: int, missing: bool) -> tuple[Note, ...]:
    if not joined:
        return ()
    text = f"{joined} of {before} strata had too few known outcomes in an arm and joined the next one"
    return (Note("strata_joined", text, deviation=missing),)


def _apart_note(apart: Codes, lost: list[list[str]], of: Codes, sample: Sample) -> Note:
    """How many, and in how many blocks. Their names stay here: the note goes where a block's few people may be known."""
    labels = [b for b, code in zip(sample.block_labels, of, strict=True) if code < 0]
    blocks = len({*labels, *(b for group in lost for b in group)})
    units = int(apart.sum())
    lie = f"{units:,} unit{'' if units == 1 else 's'} with a known outcome {'lies' if units == 1 else 'lie'}"
    where = f"{blocks:,} block{'' if blocks == 1 else 's'} without comparison"
    return Note(
        "without_comparison",
        f"{lie} in {where}: no number here speaks of {'it' if units == 1 else 'them'}",
        deviation=True,
        counts=tuple(apart.tolist()),
        bare=f"some units with a known outcome lie in {where}: no number here speaks of them",
    )


def _join(
    strata: list[int], counts: Counts, need: Codes, joinable: Mask
) -> tuple[list[list[int]], list[int]]:
    """Groups of strata, in order, after every stratum that cannot stand has joined the next of its kind; and
    those that found none to join."""
    groups, left = _sweep([s for s in strata if joinable[s]], counts, need)
    return sorted(groups + [[s] for s in strata if not joinable[s]]), left


def _sweep(strata: list[int], counts: Counts, need: Codes) -> tuple[list[list[int]], list[int]]:
    """From the first stratum on: each takes in the next until every arm has what its members need; what is
    left at the end joins the stratum before it, or is returned where there is none."""
    groups: list[list[int]] = []
    open_: list[int] = []
    total, wanted = np.zeros(counts.shape[1], dtype=np.int64), 0
    for s in strata:
        open_.append(s)
        total, wanted = total + counts[s], max(wanted, int(need[s]))
        if total.min() >= wanted:
            groups.append(open_)
            open_, total, wanted = [], np.zeros_like(total), 0
    if open_ and groups:
        groups[-1] = groups[-1] + open_
        open_ = []
    return groups, open_


def _refuse(total: Codes, sample: Sample) -> NoReturn:
    what = "units" if sample.cluster is None else "clusters"
    few = int(np.argmin(total))
    if total[few] >= 2:
        stop(
            "no_block_compares",
            "in no block are there known outcomes of every arm, so no arm can be compared with another",
            "wait for more outcomes, or find out why those of an arm are missing",
            field="design.blocks",
        )
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


def _clusters(
    sample: Sample, rows: Codes | None, stratum: Codes, arm: Codes, shape: tuple[int, ...]
) -> Counts | None:
    """Counts of the clusters that some rows (None: all) belong to; stratum and arm are those rows' own."""
    if sample.cluster is None:
        return None
    _, first = np.unique(sample.cluster if rows is None else sample.cluster[rows], return_index=True)
    return _count(stratum[first], arm[first], shape[0], shape[1])


def _sum_by(counts: Counts, where: Codes, groups: int) -> Counts:
    out = np.zeros((groups, counts.shape[1]), dtype=np.int64)
    np.add.at(out, where[where >= 0], counts[where >= 0])
    return out
