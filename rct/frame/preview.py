"""What a list would give, before anything is stored: units, blocks, arms a block, and cells that are too small."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rct.definition import Definition
from rct.definition.links import Linked
from rct.design.probabilities import possible_counts
from rct.errors import Problem, RctError, stop, visible
from rct.frame.read import read_frame
from rct.frame.rows import FrameRows
from rct.registry.optout import Ledger
from rct.tables import Table
from rct.tables.packed import Same

# What still ends within minutes: columns times the arms that are compared with control, cells of a table with one
# column a level, and multiplications of all the fits.
MAX_COMPARED = 1_000
MAX_CELLS = 50_000_000
MAX_WORK = 1e11


@dataclass(frozen=True)
class BlockPreview:
    """One block: its label, its units (clusters, if clustered), and the least and most that each arm would get."""

    label: str
    units: int
    arms: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Preview:
    rows: FrameRows
    clusters: int
    blocks: list[BlockPreview]
    arms: dict[str, tuple[int, int]]
    merged: int
    problems: list[Problem]
    rest: str  # what there is beyond `problems`, in words


def preview(
    definition: Definition, table: Table, ledger: Ledger | None = None, links: Sequence[Linked] = ()
) -> Preview:
    """Read `table` as the frame, without who stands in `ledger`; `links` are the columns that letters have as addresses.

    Every defect and every cell too small for the estimator is a problem.
    """
    rows = read_frame(table, definition, ledger, links)
    problems = rows.refusals.problems()
    rest = rows.refusals.error(may_go=False).rest if rows.refusals else ""
    try:
        rows.settle(refuse_bad_rows=True)
    except RctError as error:
        problems += error.problems
    sizes = block_sizes(rows)
    merged = 0
    if rows.ids:
        try:
            merged = foreseen_merges(definition, sizes)
            check_size(definition, rows, sizes, merged)
        except RctError as error:
            problems += error.problems
    total = sum(sizes.values())
    bounds = dict(zip(definition.arms, possible_counts(total, definition.shares), strict=True))
    listed = [BlockPreview(b, n, possible_counts(n, definition.shares)) for b, n in sorted(sizes.items())]
    clusters = len(set(rows.clusters)) if rows.clusters is not None else 0
    return Preview(rows, clusters, listed if rows.blocks is not None else [], bounds, merged, problems, rest)


def check_size(definition: Definition, rows: FrameRows, sizes: Mapping[str, int], merged: int) -> None:
    """`refuse_too_many_covariates` and `refuse_too_many_levels` for a list as read."""
    counts = {name: Counter(values) for name, values in rows.categories.items()}
    levels = {name: len(found) for name, found in counts.items()}
    strata = fewest_strata(definition, sizes, merged)
    refuse_too_many_covariates(definition, rows.counts.kept, strata, levels, len(rows.missing))
    refuse_too_many_levels(definition, rows.counts.kept, counts, len(rows.missing))


def refuse_too_many_covariates(
    definition: Definition, units: int, strata: int, levels: Mapping[str, int], imputed: int = 0
) -> None:
    """Refuse a regression that has as many coefficients as units: it could never be analyzed.

    `levels` by category; `strata` the fewest that the blocks can become. With clusters the number that counts
    is of clusters, and the estimator says so when it is run.
    """
    columns = len(definition.frame.covariates) + imputed + sum(n - 1 for n in levels.values())
    found = definition.estimator.rank(
        units,
        strata,
        len(definition.arms),
        columns,
        blocked=definition.blocked,
        clustered=definition.clustered,
    )
    if found is None:
        return
    rank, rows, what = found
    if rows <= rank:
        stop(
            "too_few_for_covariates",
            f"The plan's regression has {rank:,} coefficients, and the list has {rows:,} {what}.",
            "Name fewer covariates or categories, or use fewer, larger blocks.",
            field="analysis.estimator",
            found=definition.analysis.estimator,
        )


def refuse_too_many_levels(
    definition: Definition, units: int, counts: Mapping[str, Mapping[str, int]], imputed: int = 0
) -> None:
    """Refuse categories with so many levels that neither draw nor analyze would end: found out only once all is mailed.

    `counts`: units by level of each category.
    """
    named = definition.frame.covariates
    columns = len(named) + imputed + sum(map(len, counts.values()))
    shares = definition.shares
    compared = columns * (len(shares) - 1)
    work = units * columns**2 * (1 + _foreseen_fits(counts, shares))
    if not definition.estimator.adjusts:
        work = 0
    if not counts or (compared <= MAX_COMPARED and units * columns <= MAX_CELLS and work <= MAX_WORK):
        return
    richest = max(counts, key=lambda name: len(counts[name]))
    stop(
        "too_many_levels",
        f"The category {visible(richest)} has {len(counts[richest]):,} levels: comparing the arms on each of them and "
        f"adjusting for them would take hours for {units:,} units.",
        f"Take {visible(richest)} out of frame.categories, or join its rare levels into one in the file.",
        field="frame.categories",
        found=visible(richest),
    )


def _foreseen_fits(counts: Mapping[str, Mapping[str, int]], shares: Sequence[int]) -> float:
    """How many levels are likely to have a single unit of some arm: each is left out, and all is fitted anew."""
    total = sum(shares)
    return sum(
        n * p * (1 - p) ** (n - 1)
        for levels in counts.values()
        for n in levels.values()
        for p in (share / total for share in shares)
    )


def fewest_strata(definition: Definition, sizes: Mapping[str, int], merged: int) -> int:
    """How many strata the blocks become at the least: those that stand alone, and one for the merged."""
    return len(sizes) - merged + (merged > 0) if definition.blocked else 1


def block_sizes(rows: FrameRows) -> dict[str, int]:
    """Units by block, or clusters where clusters are drawn; one block '' without blocks."""
    blocks = rows.blocks if rows.blocks is not None else Same("", len(rows.ids))
    return sizes_of(blocks, rows.clusters)


def sizes_of(blocks: Sequence[str], clusters: Sequence[str] | None) -> dict[str, int]:
    """Units by block, or clusters where there are any."""
    if clusters is None:
        return dict(Counter(blocks))
    return dict(Counter(dict(zip(clusters, blocks, strict=True)).values()))


def foreseen_merges(definition: Definition, sizes: Mapping[str, int]) -> int:
    """How many small blocks the estimator would merge; RctError where it could not work at all."""
    order = [a for a in definition.arms if a == definition.control] + [
        a for a in definition.arms if a != definition.control
    ]
    shares = [definition.arms[a].share for a in order]
    foreseen = definition.scheme.foresee(sizes, shares, definition.estimator)
    return len(foreseen.merged) if definition.blocked else 0
