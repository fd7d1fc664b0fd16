"""What a list would give, before anything is stored: units, blocks, arms a block, and cells that are too small."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rct.definition import Definition
from rct.definition.links import Linked
from rct.design.probabilities import possible_counts
from rct.design.strata import foresee
from rct.errors import Problem, RctError, stop
from rct.frame.read import read_frame
from rct.frame.rows import FrameRows
from rct.registry.optout import Ledger
from rct.tables import read_table
from rct.tables.packed import Same


@dataclass(frozen=True)
class Block:
    """One block: its label, its units (clusters, if clustered), and the least and most that each arm would get."""

    label: str
    units: int
    arms: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Preview:
    rows: FrameRows
    clusters: int
    blocks: list[Block]
    arms: dict[str, tuple[int, int]]
    merged: int
    problems: list[Problem]


def preview(
    definition: Definition,
    file: Path,
    *,
    encoding: str | None = None,
    rename: Mapping[str, str] | None = None,
    ledger: Ledger | None = None,
    links: Sequence[Linked] = (),
) -> Preview:
    """Read `file` as the frame, without who stands in `ledger`; `links` are the columns that letters have as addresses.

    Every defect and every cell too small for the estimator is a problem.
    """
    rows = read_frame(read_table(file, encoding=encoding, rename=rename), definition, ledger, links)
    problems = rows.refusals.problems()
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
    listed = [Block(b, n, possible_counts(n, definition.shares)) for b, n in sorted(sizes.items())]
    clusters = len(set(rows.clusters)) if rows.clusters is not None else 0
    return Preview(rows, clusters, listed if rows.blocks is not None else [], bounds, merged, problems)


def check_size(definition: Definition, rows: FrameRows, sizes: Mapping[str, int], merged: int) -> None:
    """`refuse_too_many_covariates` for a list as read."""
    levels = {name: len(set(values)) for name, values in rows.categories.items()}
    strata = fewest_strata(definition, sizes, merged)
    refuse_too_many_covariates(definition, rows.counts.kept, strata, levels, len(rows.missing))


def refuse_too_many_covariates(
    definition: Definition, units: int, strata: int, levels: Mapping[str, int], imputed: int = 0
) -> None:
    """Refuse a regression that has as many coefficients as units: it could never be analyzed.

    `levels` by category; `strata` the fewest that the blocks can become. With clusters the number that counts
    is of clusters, and the estimator says so when it is run.
    """
    estimator, arms = definition.analysis.estimator, len(definition.arms)
    if estimator == "difference_in_means":
        return
    columns = len(definition.frame.covariates) + imputed + sum(n - 1 for n in levels.values())
    rank = arms * (strata + columns) if estimator == "lin" else strata + arms - 1 + columns
    if units <= rank:
        stop(
            "too_few_for_covariates",
            f"The plan's regression has {rank:,} coefficients, and the list has {units:,} units.",
            "Name fewer covariates or categories, or use fewer, larger blocks.",
            field="analysis.estimator",
            found=estimator,
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
    found = foresee(sizes, shares, definition.analysis.estimator, clustered=definition.clustered)
    return len(found.merged) if definition.blocked else 0
