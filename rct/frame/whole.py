"""What only the whole file can tell: equal ids, split clusters, means to impute, ids that look alike.

Equal ids. Two rows of one id that both take part: neither can be trusted, both are refused, whatever else is
wrong with one of them. A row that takes part beside one that opted out: the first is refused, since nobody is
mailed against their word. A row that takes part beside one that is not eligible (an account's closed line
beside its open one): the first is kept, and a warning says so.
"""

from __future__ import annotations

import math
import re

import numpy as np

from rct.errors import Problem, stop, visible
from rct.frame.gather import Mask, Units
from rct.tables.packed import Floats, Texts
from rct.tables.refusals import listed
from rct.tables.twins import equal_groups, lookalikes

BLOCK_JOINER = "\x1f"  # U+001F between the values of several block columns
_MOST = 100  # groups of ids that a warning lists
_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]{1,3}")


def refuse_twins(units: Units, field: str, warnings: list[Problem]) -> Mask:
    """Refuse equal ids by the rules above; which units stay.

    An id that is kept is no longer an excluded one.
    """
    ids, bad, n = units.ids, units.bad_ids, len(units.ids)
    keep = np.ones(n, np.bool_)
    every = [*ids, *(unit for unit, _, _ in bad)] if bad else ids
    for group in equal_groups(every):
        where = [_place(units, i) for i in group]
        detail = f"rows {listed(sorted(row for row, _ in where))}"
        for i, (row, line) in zip(group, where, strict=True):
            units.refusals.add("duplicate_id", row, line, field, every[i], detail)
            if i < n:
                keep[i] = False
    beside = 0
    if units.excluded_ids:
        for i, reason in enumerate(map(units.excluded_ids.get, ids)):
            if reason is None or not keep[i]:
                continue
            if reason == "opted_out":
                row, line = _place(units, i)
                detail = "another row, which says that the person opted out"
                units.refusals.add("duplicate_id", row, line, field, ids[i], detail)
                keep[i] = False
            else:
                beside += 1
                del units.excluded_ids[ids[i]]
    if beside:
        rule = f"{_count(beside, 'id')} also in rows that are not eligible; the eligible row counts."
        fix = "Check that the eligible row is the right one."
        warnings.append(Problem("excluded_twin", rule, fix, file=units.refusals.file, field=field))
    return keep


def refuse_split(units: Units, clusters: Texts, blocks: Texts, field: str) -> Mask:
    """Refuse all rows of a cluster whose rows lie in more than one block; which units stay."""
    keep = np.ones(len(clusters), np.bool_)
    suspects = _in_several_blocks(clusters, blocks)
    split: dict[str, set[str]] = {}
    for cluster, block in zip(clusters, blocks, strict=True) if suspects else ():
        if hash(cluster) in suspects:
            split.setdefault(cluster, set()).add(block)
    for i, cluster in enumerate(clusters) if split else ():
        if len(split.get(cluster, ())) > 1:
            named = ", ".join(f"'{_shown_block(b)}'" for b in sorted(split[cluster])[:5])
            units.refusals.add("split_cluster", *_place(units, i), field, cluster, named)
            keep[i] = False
    return keep


def _in_several_blocks(clusters: Texts, blocks: Texts) -> set[int]:
    """The hashes of clusters that lie in more than one block; a cluster of the same hash beside one is among them."""
    hashes = np.fromiter(map(hash, clusters), np.int64, len(clusters))
    numbers: dict[str, int] = {}
    block = np.fromiter((numbers.setdefault(b, len(numbers)) for b in blocks), np.uint32, len(blocks))
    order = np.argsort(hashes, kind="stable")
    hashes, block = hashes[order], block[order]
    return set(hashes[1:][(hashes[1:] == hashes[:-1]) & (block[1:] != block[:-1])].tolist())


def impute(covariates: dict[str, Floats], file: str) -> tuple[dict[str, Mask], dict[str, float]]:
    """Put the column's mean where a value is missing; (where, the means).

    The mean is correctly rounded, so it does not hang on the order of rows. Raises `RctError` where a column
    has no value at all.
    """
    missing: dict[str, Mask] = {}
    means: dict[str, float] = {}
    for name, column in list(covariates.items()):
        empty = np.fromiter(map(math.isnan, column), np.bool_, len(column))
        if not empty.any():
            continue
        if empty.all():
            rule = f"The column '{visible(name)}' is empty in every row: it has no mean to put in."
            fix = "Fill the column, or take it out of covariates."
            stop("covariate_without_values", rule, fix, file=file, field=name)
        mean = math.fsum(x for x in column if x == x) / int((~empty).sum())
        filled = Floats()
        for values in column.blocks():
            filled.extend([mean if x != x else x for x in values])
        covariates[name], missing[name], means[name] = filled, empty, mean
    return missing, means


def warn_lookalikes(units: Units, field: str, warnings: list[Problem]) -> None:
    """Warn of ids that are easily taken for one another, and of ids that a spreadsheet has shortened."""
    groups = lookalikes(units.ids)
    fix = "They are kept as different units. Check that they are not one."
    for group in groups[:_MOST]:
        rows = [_place(units, i)[0] for i in group]
        rule = f"The ids in rows {listed(rows)} differ only by zeros, '.0', case or look-alikes."
        row, line = _place(units, group[0])
        warnings.append(Problem("lookalike_ids", rule, fix, units.refusals.file, row, line, field=field))
    if len(groups) > _MOST:
        rule = f"{len(groups) - _MOST:,} more groups of ids differ only by zeros, '.0', case or look-alikes."
        warnings.append(Problem("lookalike_ids", rule, fix, units.refusals.file, field=field))
    short = [i for i, unit in enumerate(units.ids) if "E" in unit and _SHORTENED.fullmatch(unit)]
    if short:
        row, line = _place(units, short[0])
        many = _count(len(short), "id")
        rule = f"{many} as a spreadsheet shortens long numbers (1.23E+11): digits are lost."
        fix = "Export the ids again as text, from the source."
        warnings.append(Problem("shortened_ids", rule, fix, units.refusals.file, row, line, field=field))


def _place(units: Units, i: int) -> tuple[int, int]:
    """Row and line of unit `i`; past the last unit come the rows that were refused already."""
    n = len(units.ids)
    return units.bad_ids[i - n][1:] if i >= n else (units.number[i], units.line[i])


def _shown_block(label: str) -> str:
    return visible(label.replace(BLOCK_JOINER, " / "))


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun} stands" if n == 1 else f"{n:,} {noun}s stand"
