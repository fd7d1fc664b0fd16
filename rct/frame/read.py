"""A frame file against a definition:

which rows are units, which are left out and why, which can't be trusted.

The order of judgement, row by row: number of values → eligibility → opt-out, by the file's column or by the
workspace's ledger → everything else. A row that is
not eligible or that opted out is excluded before its other cells are looked at. All defects of a row are
listed. What needs the whole file (equal ids, split clusters, means) comes last, in `whole.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import TYPE_CHECKING

from rct.definition.links import Linked
from rct.frame.gather import gather
from rct.frame.rows import FrameRows
from rct.frame.wanted import Wanted
from rct.frame.whole import BLOCK_JOINER, impute, refuse_split, refuse_twins, warn_lookalikes
from rct.registry.optout import Ledger
from rct.tables import Counts, Refusals, Table
from rct.tables.packed import Texts

if TYPE_CHECKING:
    from rct.definition import Definition


def read_frame(
    table: Table, definition: Definition, ledger: Ledger | None = None, links: Sequence[Linked] = ()
) -> FrameRows:
    """Read `table` as the frame of `definition`. Stores nothing, and never raises for a defective row.

    `links`: the columns that the letters have as addresses.

    Raises `RctError` for what concerns the whole file: missing columns, a file that can't be read to its end,
    a covariate to impute that has no value at all. `FrameRows.settle` raises for defects.
    """
    return read_wanted(table, Wanted.of(definition, links), ledger)


def read_wanted(table: Table, wanted: Wanted, ledger: Ledger | None = None) -> FrameRows:
    """`read_frame` for columns named directly."""
    hidden = {wanted.id, *wanted.contact, wanted.clusters} - {None}
    refusals = Refusals(table.file, frozenset(name for name in hidden if name))
    units = gather(table, wanted, refusals, ledger)
    warnings = [*table.warnings, *units.warnings]
    blocks = _joined([units.text[name] for name in wanted.blocks])
    keep = refuse_twins(units, wanted.id, warnings)
    if wanted.clusters is not None and blocks is not None:
        keep &= refuse_split(units, units.text[wanted.clusters], blocks, wanted.clusters)
    refused_ids = {unit for unit, _, _ in units.bad_ids}
    refused_ids.update(compress(units.ids, ~keep))
    if not keep.all():
        units.only(keep)
        blocks = None if blocks is None else blocks.only(keep)
    refused_ids.difference_update(units.ids if refused_ids else ())
    refusals.sort()
    missing, means = impute(units.covariates, table.file)
    warn_lookalikes(units, wanted.id, warnings)
    return FrameRows(
        file=table.file,
        sha256=table.sha256,
        encoding=table.encoding,
        delimiter=table.delimiter,
        ids=units.ids,
        number=units.number,
        line=units.line,
        clusters=None if wanted.clusters is None else units.text[wanted.clusters],
        blocks=blocks,
        block_values={name: units.text[name] for name in wanted.blocks},
        covariates=units.covariates,
        missing=missing,
        means=means,
        categories={name: units.text[name] for name in wanted.categories},
        contact={name: units.text[name] for name in wanted.contact},
        excluded_ids=units.excluded_ids,
        refused_ids=sorted(refused_ids),
        counts=Counts(
            units.rows,
            len(units.ids),
            sum(units.excluded.values()),
            len(refusals.rows),
            {**units.excluded, **refusals.reasons()},
        ),
        refusals=refusals,
        warnings=warnings,
        ignored=table.ignored(units.columns),
    )


def _joined(columns: list[Texts]) -> Texts | None:
    """The block label of each unit; None where the design has no blocks."""
    if len(columns) <= 1:
        return columns[0] if columns else None
    joined = Texts()
    for values in zip(*(column.blocks() for column in columns), strict=True):
        joined.extend(list(map(BLOCK_JOINER.join, zip(*values, strict=True))))
    return joined
