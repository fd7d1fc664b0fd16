"""An outcomes file against the plan: each row belongs to a unit, is excluded with its unit, or is refused."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rct.outcomes.gather import Gathered, gather
from rct.outcomes.measures import Measure, measures
from rct.outcomes.names import Names, as_written, unknown_unit
from rct.outcomes.rows import BUSY, OutcomeRows, RecordsReach
from rct.tables import Counts, Refusals, Table
from rct.tables.refusals import listed

if TYPE_CHECKING:
    from rct.definition import Definition


def read_outcomes(
    table: Table,
    definition: Definition,
    known: Callable[[str], str | None],
    *,
    today: date,
    names: Names | None = None,
) -> OutcomeRows:
    """Read `table` as outcomes of `definition` (the plan in force). Stores nothing, raises for no single row.

    `names` says how rows name people, by default by the city's own id. `known` says of such a name "kept", None for
    one that was never in the frame, and anything else for one left out of it. A date after `today` is a defect.
    Raises `RctError` for what concerns the whole file: see `measures`, and a missing id column.
    `OutcomeRows.settle` raises for defects.
    """
    names = names or Names(definition.frame.id, as_written)
    column = names.column
    found, warnings = measures(table, definition)
    if names.unknown is unknown_unit and all(definition.outcomes[m.name].outsiders == "pass" for m in found):
        names = replace(names, pass_outsiders=True)
    refusals = Refusals(table.file, frozenset([column]))
    gathered = gather(table, names, found, refusals, known, today)
    by_event = found[0].aggregate is not None
    keep = np.ones(len(gathered.unit), np.bool_) if by_event else _refuse_twins(gathered, column)
    lost = {gathered.ids[i] for i in [*gathered.unit[~keep].tolist(), *(code for code, _, _ in gathered.bad)]}
    whose = gathered.apart.union(gathered.number[~keep].tolist(), (row for _, row, _ in gathered.bad))
    gathered.only(keep)
    refusals.sort()
    values, outside, unobserved, refused = {}, {}, {}, {}
    for measure in found:
        value, inside = gathered.value[measure.name], gathered.inside[measure.name]
        unobserved[measure.name] = int(np.isnan(value).sum())
        outside[measure.name] = int((~inside & ~np.isnan(value)).sum())
        by_unit = _by_unit(measure, len(gathered.ids), gathered.unit, value, inside).tolist()
        values[measure.name] = {
            id: None if v != v else v for id, v in zip(gathered.ids, by_unit, strict=True)
        }
        refused[measure.name] = _open(measure, lost, values[measure.name])
    return OutcomeRows(
        file=table.file,
        sha256=table.sha256,
        encoding=table.encoding,
        delimiter=table.delimiter,
        values=values,
        refused=refused,
        last={m.name: _last(m, gathered) for m in found if m.date_column is not None},
        unplaced=len(refusals.rows - whose),
        outside=outside,
        unobserved=unobserved,
        until={m.name: _until(m, gathered, m.end, today) for m in found if m.end is not None},
        counts=Counts(
            gathered.rows,
            len(gathered.unit),
            sum(gathered.excluded.values()),
            len(refusals.rows),
            {**gathered.excluded, **refusals.reasons()},
        ),
        refusals=refusals,
        warnings=[*table.warnings, *warnings],
        ignored=table.ignored(gathered.columns),
    )


def _open(measure: Measure, lost: set[str], values: Mapping[str, float | None]) -> frozenset[str]:
    """Units whose refused rows leave their value open. A yes among several rows stays one, whatever the others said."""
    settled = measure.aggregate == "any"
    return frozenset(id for id in lost if not (settled and values.get(id) == 1))


def _last(measure: Measure, gathered: Gathered) -> dict[str, int]:
    day, value = gathered.day[measure.date_column or ""], gathered.value[measure.name]
    counts = (day > 0) & gathered.inside[measure.name] & ~np.isnan(value) & (value != 0)
    last = np.zeros(len(gathered.ids), np.int64)
    np.maximum.at(last, gathered.unit[counts], day[counts])
    return {id: n for id, n in zip(gathered.ids, last.tolist(), strict=True) if n}


def _until(measure: Measure, gathered: Gathered, end: date, today: date) -> RecordsReach:
    days = gathered.day.get(measure.date_column or "")
    days = None if days is None else days[days > 0]
    if days is None or not len(days):
        return RecordsReach(None, False, today)
    last = int(days.max())
    rows = int(np.count_nonzero(days > 2 * last - end.toordinal()))
    return RecordsReach(date.fromordinal(last), last < end.toordinal() and rows >= BUSY, today)


def _refuse_twins(gathered: Gathered, field: str) -> NDArray[np.bool_]:
    """Where a file has one row a unit, refuse all rows of a unit that has several; which rows stay."""
    keep = np.ones(len(gathered.unit), np.bool_)
    bad = np.array([code for code, _, _ in gathered.bad], np.int64)
    times = np.bincount(np.concatenate([gathered.unit, bad]), minlength=len(gathered.ids))
    if not (times > 1).any():
        return keep
    places: dict[int, list[tuple[int, int]]] = {}
    for i in np.flatnonzero(times[gathered.unit] > 1).tolist():
        places.setdefault(int(gathered.unit[i]), []).append((int(gathered.number[i]), int(gathered.line[i])))
        keep[i] = False
    for code, row, line in gathered.bad:
        if times[code] > 1:
            places.setdefault(code, []).append((row, line))
    for code, where in places.items():
        detail = f"rows {listed(sorted(row for row, _ in where))}"
        for row, line in where:
            gathered.refusals.add("duplicate_id", row, line, field, gathered.ids[code], detail)
    return keep


def _by_unit(
    measure: Measure,
    n: int,
    unit: NDArray[np.int64],
    value: NDArray[np.float64],
    inside: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """One value a unit; nan for units without an observed row."""
    result = np.full(n, np.nan)
    if measure.aggregate is None:
        result[unit] = value
        return result
    seen = ~np.isnan(value)
    result[unit[seen]] = 0.0
    counted = seen & inside
    unit, value = unit[counted], value[counted]
    if measure.aggregate == "any":
        np.maximum.at(result, unit, value)
    elif measure.aggregate == "count":
        np.add.at(result, unit, value)
    else:
        order = np.argsort(unit, kind="stable")
        ranked = value[order]
        edges = np.flatnonzero(np.diff(unit[order], prepend=-1, append=-1))
        for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            # Correctly rounded, so that the sum does not hang on the order of rows.
            result[unit[order[begin]]] = math.fsum(ranked[begin:end])
    return result
