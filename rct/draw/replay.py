"""Replay: an assignment that someone else made, taken over as it is, its differences from the plan named."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from rct.definition import Definition
from rct.design import probabilities
from rct.draw.strata import block_counts
from rct.errors import MAX_LISTED, Problem, RctError, visible
from rct.registry.store import Frame
from rct.tables import BadId, Table, clean_id


@dataclass(frozen=True)
class Replayed:
    """The arm of each unit in the frame's order, the counts by block, and what the shares could not give."""

    arms: list[str]
    counts: dict[str, tuple[int, ...]]
    probabilities: dict[str, dict[str, Fraction]]
    impossible: tuple[str, ...]  # labels of blocks whose counts the shares could not have given
    ignored: int  # rows of the file that are not in the frame


def read_replay(
    table: Table, column: str, definition: Definition, frame: Frame, unit_of: Mapping[str, str]
) -> Replayed:
    """Read arms from `column`, by their names or as the plan says that a file writes them; `unit_of` maps the city's ids
    to pseudonyms. RctError lists what is wrong."""
    arms, shares = list(definition.arms), definition.shares
    given = _read(table, column, definition.frame.id, unit_of)
    written = {(arm.value or name).strip(): name for name, arm in definition.arms.items()}
    problems = list(_problems(given, frame, written, table.file, column))
    if problems:
        raise RctError(problems[:MAX_LISTED])
    in_order = [written[given.arm[u]] for u in frame.units]
    counts = block_counts(frame, in_order, arms)
    impossible = tuple(b for b, c in counts.items() if not probabilities.could_give(c, shares))
    known = probabilities.replayed(counts, arms, shares)
    return Replayed(in_order, counts, known, impossible, given.ignored)


@dataclass
class _Given:
    arm: dict[str, str]
    row: dict[str, int]
    twice: list[tuple[int, str]]
    ragged: list[int]
    ignored: int = 0


def _read(table: Table, column: str, id_column: str, unit_of: Mapping[str, str]) -> _Given:
    missing = [c for c in (id_column, column) if c not in table.header]
    if missing:
        raise RctError(
            [
                Problem("missing_column", f"The file has: {', '.join(visible(h) for h in table.header[:20])}.",
                        "Name the right column, or give --rename file_column=name.", file=table.file, field=c)
                for c in missing
            ]
        )  # fmt: skip
    at, arm_at = table.header.index(id_column), table.header.index(column)
    given = _Given({}, {}, [], [])
    for row in table:
        if not row.cells:
            continue
        if len(row.cells) != len(table.header):
            given.ragged.append(row.number)
            continue
        unit = _unit(row.cells[at], unit_of)
        if unit is None:
            given.ignored += 1
        elif unit in given.arm:
            given.twice.append((row.number, row.cells[at]))
        else:
            given.arm[unit], given.row[unit] = row.cells[arm_at].strip(), row.number
    return given


def _unit(id: str, unit_of: Mapping[str, str]) -> str | None:
    try:
        return unit_of.get(clean_id(id))
    except BadId:
        return None


def _problems(
    given: _Given, frame: Frame, written: Collection[str], file: str, column: str
) -> Iterable[Problem]:
    fix = "Correct the file, or define the trial as it was run."
    arm_fix = (
        'Correct the file, or say how it writes the arm: value = "…" under [arms.NAME], before the lock.'
    )
    for number in given.ragged:
        yield Problem(
            "field_count", "Every row has as many fields as the header.", fix, file=file, row=number
        )
    for number, _ in given.twice:
        yield Problem("duplicate_id", "A unit stands in the file once.", fix, file=file, row=number)
    for unit, arm in given.arm.items():
        if arm not in written:
            known = ", ".join(map(visible, written))
            yield Problem("unknown_arm", f"The arms are written {known}.", arm_fix, file=file, row=given.row[unit],
                          field=column, found=visible(arm))  # fmt: skip
    absent = sum(unit not in given.arm for unit in frame.units)
    if absent:
        yield Problem("unit_without_arm", f"{absent:,} units of the frame have no row in this file.",
                      "Give every unit of the frame its arm.", file=file, field=column)  # fmt: skip
    seen: dict[str, str] = {}
    # In the order of the file: the frame's order is of pseudonyms, and would name now one member, now another.
    for unit, cluster in sorted(
        zip(frame.units, frame.clusters, strict=True), key=lambda pair: given.row.get(pair[0], 0)
    ):
        one = given.arm.get(unit)
        if cluster and one is not None and seen.setdefault(cluster, one) != one:
            yield Problem("split_cluster", "All units of a cluster were drawn together.", fix, file=file,
                          row=given.row[unit], field=column, found=visible(one))  # fmt: skip
