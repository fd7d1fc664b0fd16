"""The outcomes file row by row: whose row it is, what it says, and whether its date counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from rct.errors import MAX_LISTED, visible
from rct.kinds import kind_of
from rct.outcomes.measures import Measure
from rct.outcomes.names import Names
from rct.tables import Refusals, Table
from rct.tables.judge import DATE_NOTES, Chunk, Judge

_EXCLUDED, _UNKNOWN, _OUTSIDER = -1, -2, -3  # in place of a unit's number
_NO_DAY, _BAD_DAY = 0, -1  # in place of a day's ordinal


@dataclass
class Gathered:
    """The kept rows: `unit` (place in `ids`, the city's own), `number`, `line`, by outcome `value` (nan: unobserved)
    and `inside` (its date counts), and by date column `day` (an ordinal, 0 where the cell is empty)."""

    refusals: Refusals
    columns: list[str]
    rows: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    bad: list[tuple[int, int, int]] = field(default_factory=list)  # unit, row, line of refused rows
    apart: set[int] = field(
        default_factory=set
    )  # refused rows that name people who were left out of the list
    ids: list[str] = field(default_factory=list)
    unit: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    number: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    line: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    value: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    inside: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    day: dict[str, NDArray[np.int64]] = field(default_factory=dict)

    def only(self, keep: NDArray[np.bool_]) -> None:
        """Drop the rows that `keep` doesn't mark, and the ids that then have no row."""
        self.unit, self.number, self.line = self.unit[keep], self.number[keep], self.line[keep]
        self.value = {name: column[keep] for name, column in self.value.items()}
        self.inside = {name: column[keep] for name, column in self.inside.items()}
        self.day = {name: column[keep] for name, column in self.day.items()}
        used = np.unique(self.unit)
        moved = np.full(len(self.ids), -1, np.int64)
        moved[used] = np.arange(len(used))
        self.unit = moved[self.unit]
        self.ids = [self.ids[i] for i in used]


def gather(
    table: Table,
    names: Names,
    measures: Sequence[Measure],
    refusals: Refusals,
    known: Callable[[str], str | None],
    today: date,
) -> Gathered:
    """Read every row once.

    Raises `RctError` where a column is missing or the file can't be read to the end.
    """
    return _OutcomeGatherer(table, names, measures, refusals, known, today).run()


class _OutcomeGatherer:
    def __init__(
        self,
        table: Table,
        names: Names,
        measures: Sequence[Measure],
        refusals: Refusals,
        known: Callable[[str], str | None],
        today: date,
    ):
        columns = [names.column]
        for measure in measures:
            columns += [name for name in (measure.column, measure.date_column) if name is not None]
        self._table, self._names, self._measures, self._today = table, names, measures, today
        self._id = names.column
        self._known = known
        self._judge = Judge(table, columns, refusals)
        self._got = Gathered(refusals, list(dict.fromkeys(columns)))
        self._codes: dict[str, int] = {}
        self._hints = 0
        self._outsiders: dict[str, bool] = {}
        self._parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = []
        self._values: dict[str, list[NDArray[np.float64]]] = {m.name: [] for m in measures}
        self._inside: dict[str, list[NDArray[np.bool_]]] = {m.name: [] for m in measures}
        self._day: dict[str, list[NDArray[np.int64]]] = {name: [] for name in self._date_columns()}

    def run(self) -> Gathered:
        gathered = self._got
        for block in self._table.blocks():
            gathered.rows += len(block.rows)
            chunk, blank = self._judge.whole(block)
            self._exclude("blank_line", blank)
            codes = self._whose(chunk)
            gone = codes != _UNKNOWN
            gone &= codes < 0
            if gone.any():
                self._exclude("excluded_unit", int(np.sum(codes == _EXCLUDED)))
                self._exclude("outsider", int(np.sum(codes == _OUTSIDER)))
                chunk, codes = chunk.only((~gone).tolist()), codes[~gone]
            self._take(chunk, codes)
        unit, number, line = zip(*self._parts, strict=True)
        gathered.unit, gathered.number, gathered.line = (
            np.concatenate(unit),
            np.concatenate(number),
            np.concatenate(line),
        )
        gathered.value = {name: np.concatenate(parts) for name, parts in self._values.items()}
        gathered.inside = {name: np.concatenate(parts) for name, parts in self._inside.items()}
        gathered.day = {name: np.concatenate(parts) for name, parts in self._day.items()}
        return gathered

    def _exclude(self, reason: str, n: int) -> None:
        if n:
            self._got.excluded[reason] = self._got.excluded.get(reason, 0) + n

    # -- whose row it is

    def _whose(self, chunk: Chunk) -> NDArray[np.int64]:
        ids = [self._names.spelled(text) for text in self._judge.text(chunk, self._id)]
        sound = self._judge.sound(chunk)
        codes = np.fromiter(map(self._code, ids), np.int64, len(chunk))
        for i in np.flatnonzero(codes == _UNKNOWN).tolist():
            if not ids[i]:
                self._judge.refuse(chunk, i, "empty_id", self._id)
            elif sound[i]:
                if self._names.pass_outsiders and self._is_outsider(ids[i]):
                    codes[i] = _OUTSIDER
                    continue
                self._judge.refuse(
                    chunk, i, self._names.unknown(ids[i]), self._id, ids[i], self._hint(ids[i])
                )
        gone = ~np.array(sound, np.bool_) & (codes == _EXCLUDED)  # refused already, not excluded too
        self._got.apart.update(chunk.number[i] for i in np.flatnonzero(gone).tolist())
        codes[gone] = _UNKNOWN
        return codes

    def _code(self, text: str) -> int:
        code = self._codes.get(text)
        if code is None:
            fate = self._known(text) if text else None
            if fate == "kept":
                code = len(self._got.ids)
                self._got.ids.append(text)
            else:
                code = _UNKNOWN if fate is None else _EXCLUDED
            self._codes[text] = code
        return code

    def _is_outsider(self, text: str) -> bool:
        """Whether nobody in the frame has this id, however a spreadsheet may have changed it: zeros that were lost are a
        defect of the file, and the row may be of somebody who takes part."""
        if text not in self._outsiders:
            self._outsiders[text] = not self._changed(text)
        return self._outsiders[text]

    def _hint(self, text: str) -> str:
        """Whether the frame has the id with other zeros or in other case. Neither is shown: a city's own id stays in
        private/."""
        self._hints += 1
        if self._hints > MAX_LISTED or not self._changed(text):
            return ""
        return "; it has one that differs only by zeros, '.0' or case"

    def _changed(self, text: str) -> bool:
        """Whether a spreadsheet may have made this id of one that the frame has."""
        bare = text.removesuffix(".0").lstrip("0")
        tries = [bare, text.removesuffix(".0"), text.upper(), text.lower()]
        tries += [bare.zfill(width) for width in range(len(bare) + 1, 17)] if bare.isdigit() else []
        return any(
            other and other != text and self._known(other) is not None for other in dict.fromkeys(tries)
        )

    # -- what it says

    def _take(self, chunk: Chunk, codes: NDArray[np.int64]) -> None:
        days = {name: self._days(chunk, name) for name in self._date_columns()}
        columns: dict[tuple[str, bool, str], NDArray[np.float64]] = {}
        taken: dict[str, tuple[NDArray[np.float64], NDArray[np.bool_]]] = {}
        for measure in self._measures:
            day = None if measure.date_column is None else days[measure.date_column]
            if measure.column is None:
                value = np.ones(len(chunk))
            else:
                key = (measure.column, measure.yes_no, measure.kind)
                if key not in columns:
                    columns[key] = self._column(chunk, *key)
                value = columns[key]
            taken[measure.name] = (value, self._inside_window(chunk, measure, value, day))
        sound = np.array(self._judge.sound(chunk), np.bool_)
        number, line = np.array(chunk.number, np.int64), np.array(chunk.line, np.int64)
        for i in np.flatnonzero(~sound & (codes >= 0)).tolist():
            self._got.bad.append((int(codes[i]), int(number[i]), int(line[i])))
        self._parts.append((codes[sound], number[sound], line[sound]))
        for name, (value, inside) in taken.items():
            self._values[name].append(value[sound])
            self._inside[name].append(inside[sound])
        for name, day in days.items():
            self._day[name].append(day[sound])

    def _date_columns(self) -> list[str]:
        return list(dict.fromkeys(m.date_column for m in self._measures if m.date_column is not None))

    def _days(self, chunk: Chunk, name: str) -> NDArray[np.int64]:
        """The column's days as ordinals; refuses what is no date, and days to come."""
        cells, refused = self._judge.read(chunk, name, allow=DATE_NOTES)
        day_of = self._judge.day_of(name)
        read = {cell: day_of(cell) for cell in set(cells)}
        ordinal = {cell: _BAD_DAY if day is None else day.toordinal() for cell, day in read.items()}
        ordinal[""] = _NO_DAY
        days = np.fromiter(map(ordinal.__getitem__, cells), np.int64, len(chunk))
        for i in np.flatnonzero(days == _BAD_DAY).tolist():
            if i not in refused:
                self._judge.refuse_unfit(chunk, i, "not_a_date", name, cells[i])
        for i in np.flatnonzero(days > self._today.toordinal()).tolist():
            self._judge.refuse(chunk, i, "date_in_future", name, cells[i], str(self._today))
        return days

    def _column(self, chunk: Chunk, name: str, yes_no: bool, kind: str) -> NDArray[np.float64]:
        """The column as numbers, yes as 1 and no as 0; nan where it is empty or refused."""
        if not yes_no:
            value, _ = self._judge.number(chunk, name)
            wrong = kind_of(kind).implausible(value)
            for i in [] if wrong is None else np.flatnonzero(wrong).tolist():
                self._judge.refuse(chunk, i, kind_of(kind).refusal, name, f"{value[i]:g}")
            return value + 0.0  # no negative zero
        cells, answers = self._judge.yes_no(chunk, name, "unreadable_yes_no")
        said = zip(cells, answers, strict=True)
        return np.array([np.nan if not cell or yes is None else float(yes) for cell, yes in said], np.float64)

    def _inside_window(
        self, chunk: Chunk, measure: Measure, value: NDArray[np.float64], day: NDArray[np.int64] | None
    ) -> NDArray[np.bool_]:
        """Whether each row's date is in the window; refuses a value without its date.

        In a file with one row a unit a yes or an amount from outside is refused too. A no or a zero needs no date, and
        may have any: nothing happened in the window. An empty value says nothing, whenever that was.
        """
        if day is None or measure.date_column is None:
            return np.ones(len(chunk), np.bool_)
        something = ~np.isnan(value) & (value != 0)
        for i in np.flatnonzero(something & (day == _NO_DAY)).tolist():
            self._judge.refuse(
                chunk, i, "date_missing", measure.date_column, None, measure.column or measure.name
            )
        inside = day >= measure.start.toordinal()
        if measure.end is not None:
            inside &= day <= measure.end.toordinal()
        if measure.aggregate is None:
            outside = something & ~inside & (day > 0) & (day <= self._today.toordinal())
            for i in np.flatnonzero(outside).tolist():
                found = date.fromordinal(int(day[i])).isoformat()
                self._judge.refuse(
                    chunk, i, "date_outside_window", measure.date_column, found, measure.window, _fix(measure)
                )
            return np.ones(len(chunk), np.bool_)
        within: NDArray[np.bool_] = inside | (day == _NO_DAY)
        return within


def _fix(measure: Measure) -> str:
    """What to do with a value from outside the window. Never to delete its row: who paid late has not paid in time, and
    a trial without the late ones compares other people.
    """
    column = visible(measure.column or measure.name)
    nothing = kind_of(measure.kind).nothing
    if nothing is not None:
        return (
            f"If the date is right, it came too late or too early to count: write {nothing} in '{column}' and keep the "
            "row. Without it the result would be biased."
        )
    return (
        f"If the date is right and '{column}' is an amount, nothing came in time: write 0. If it is something measured, "
        "it is not known for the window: empty it. Keep the row: without it the result would be biased."
    )
