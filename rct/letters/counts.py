"""The vendor's counts: for each version, the pieces in the file it got, printed, mailed, and spoiled on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rct.errors import Problem, stop
from rct.registry.doses import VendorCount
from rct.tables import Counts, Refusals, Table
from rct.tables.judge import NUMBER_NOTES, Chunk, Judge
from rct.tables.refusals import listed

COLUMNS = ("version", "file", "printed", "mailed")
SPOILAGE = "spoilage"  # may be left out: nothing was spoiled
_WHOLE = re.compile(r"[0-9]{1,12}")
_ASK = "Ask the vendor for the number; write 0 only where there was none. It can't be left empty."


@dataclass(frozen=True)
class CountRows:
    """What a counts file holds, by version letter, and an account of every row."""

    file: str
    versions: dict[str, VendorCount]
    counts: Counts
    refusals: Refusals
    warnings: list[Problem]
    ignored: list[str]

    def settle(self, *, refuse_bad_rows: bool) -> None:
        """Raise `RctError` if the file can't be stored: defects not waved through, or no row left."""
        if self.refusals and not refuse_bad_rows:
            raise self.refusals.error()
        if not self.versions:
            rule = f"No version is left: of {self.counts.rows:,} rows all are excluded or refused."
            stop("no_piece_rows", rule, "Check that the file belongs to this trial.", file=self.file)


def read_counts(table: Table, made: Mapping[str, int]) -> CountRows:
    """Read `table` as the vendor's counts of the versions in `made` (letter → pieces that were handed over).

    Raises `RctError` for what concerns the whole file; `CountRows.settle` raises for defects.
    """
    refusals = Refusals(table.file)
    columns = [*COLUMNS, *([SPOILAGE] if SPOILAGE in table.header else [])]
    judge = Judge(table, columns, refusals)
    rows = blank = 0
    told: dict[str, list[tuple[VendorCount, int, int]]] = {}
    for block in table.blocks():
        rows += len(block.rows)
        chunk, empty = judge.whole(block)
        blank += empty
        for count, row, line in _rows(judge, chunk, columns, made):
            told.setdefault(count.version, []).append((count, row, line))
    for version, several in told.items():
        if len(several) > 1:
            detail = f"rows {listed([row for _, row, _ in several])}"
            for _, row, line in several:
                refusals.add("version_twice", row, line, "version", version, detail)
    versions = {v: several[0][0] for v, several in sorted(told.items()) if len(several) == 1}
    refusals.sort()
    excluded = {"blank_line": blank} if blank else {}
    return CountRows(
        file=table.file,
        versions=versions,
        counts=Counts(rows, len(versions), blank, len(refusals.rows), {**excluded, **refusals.reasons()}),
        refusals=refusals,
        warnings=list(table.warnings),
        ignored=table.ignored(columns),
    )


def _rows(
    judge: Judge, chunk: Chunk, columns: list[str], made: Mapping[str, int]
) -> Iterator[tuple[VendorCount, int, int]]:
    """The sound rows, each with its row and line."""
    written = judge.text(chunk, "version")
    versions = [text.upper() for text in written]
    found = {name: judge.text(chunk, name, allow=NUMBER_NOTES) for name in columns[1:]}
    numbers = {name: judge.plain_numbers(chunk, name, cells) for name, cells in found.items()}
    for i, version in enumerate(versions):
        if version not in made:
            judge.refuse(chunk, i, "unknown_version", "version", written[i], ", ".join(made))
        for name, cells in numbers.items():
            empty_is_none = name == SPOILAGE and not cells[i]
            if not empty_is_none and not _WHOLE.fullmatch(cells[i].removesuffix(".0")):
                judge.refuse(chunk, i, "count_not_whole", name, found[name][i], fix=_ASK)
    sound = judge.sound(chunk)
    for i, version in enumerate(versions):
        if sound[i]:
            by_name = {n: int(cells[i].removesuffix(".0") or 0) for n, cells in numbers.items()}
            count = VendorCount(
                version, by_name["file"], by_name["printed"], by_name["mailed"], by_name.get(SPOILAGE, 0)
            )
            yield count, chunk.number[i], chunk.line[i]


def disagreements(
    counts: Mapping[str, VendorCount], made: Mapping[str, int], *, blind: bool = False
) -> list[str]:
    """A sentence for each version whose pieces are not all accounted for. `blind`: without the number handed over.

    What was handed over, the vendor's file and what was mailed are one number; printed is as many and the spoilage.
    """
    found = []
    for version, handed in made.items():
        count = counts.get(version)
        if count is None:
            continue
        if blind and {count.file, count.mailed} != {handed}:
            found.append(f"version {version}: the vendor's pieces are not as many as were handed over")
        elif count.file != handed:
            found.append(
                f"version {version}: the vendor's file had {count.file:,} pieces, {handed:,} were handed over"
            )
        if count.printed - count.spoilage != count.mailed:
            found.append(
                f"version {version}: {count.printed:,} printed and {count.spoilage:,} spoiled, "
                f"but {count.mailed:,} mailed"
            )
        if count.mailed != handed and not blind:
            found.append(f"version {version}: {count.mailed:,} mailed of {handed:,} that were to be sent")
    return found
