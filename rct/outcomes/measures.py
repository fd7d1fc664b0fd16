"""Which of the plan's outcomes a file holds, and how each is read from it.

An outcome is in the file when its column is. One that counts events (`any`, `count`) may do without: then
every row in the window is an event, where the file has its date column and no other outcome of that date
column has its own column there. A file has one row a unit or one row an event; outcomes of both kinds come in
two files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from rct.errors import Problem, RctError, stop, visible
from rct.kinds import kind_of
from rct.tables import Table
from rct.tables.columns import missing_column
from rct.tables.table import delete_above, shown_names

if TYPE_CHECKING:
    from rct.definition import Definition


@dataclass(frozen=True)
class Measure:
    """One outcome as this file holds it.

    `column` None: every row is an event. `aggregate` None: one row a unit. The window is start ≤ day ≤ end;
    `end` None: no last day. `date_column` None: no dates, the value is final.
    """

    name: str
    kind: str
    aggregate: str | None
    column: str | None
    date_column: str | None
    start: date
    end: date | None

    @property
    def yes_no(self) -> bool:
        """Whether the column holds yes or no (else numbers)."""
        return kind_of(self.kind).yes_no if self.aggregate is None else self.aggregate in ("any", "count")

    @property
    def window(self) -> str:
        return f"{self.start} or later" if self.end is None else f"{self.start} to {self.end}"


def measures(table: Table, definition: Definition) -> tuple[list[Measure], list[Problem]]:
    """(the outcomes that `table` holds, in the plan's order; warnings about how they are read).

    Raises `RctError`: no outcome is in the file, a date column is missing, units and events are mixed, or
    rows without a column could be events of several outcomes.
    """
    columns = set(table.header) - {""}
    outcomes = definition.outcomes
    held = [name for name, outcome in outcomes.items() if outcome.column in columns]
    kinds = {outcomes[name].rows for name in held}
    if len(kinds) > 1:
        _refuse_mixed(table, definition, held)
    bare = [] if "unit" in kinds else list(_without_column(columns, definition, held))
    if not held and not bare:
        columns_wanted = dict.fromkeys(outcome.column for outcome in outcomes.values())
        wanted = shown_names(columns_wanted)
        below = table.line_of_header(columns_wanted)
        if below is not None:
            rule = f"The first line is not the header: it has {shown_names(table.header)}, and line {below:,} has names."
            stop("no_outcome_column", rule, delete_above(below), file=table.file, line=1)
        rule = f"The file holds no outcome of the plan: {wanted}. It has: {shown_names(table.header)}."
        fix = "Say which column it is: --rename file_column=name"
        stop("no_outcome_column", rule, fix, file=table.file, line=1)
    _refuse_ambiguous(table, definition, bare)
    found = [_measure(definition, name, name in held) for name in outcomes if name in held or name in bare]
    dates = dict.fromkeys(m.date_column for m in found if m.date_column is not None)
    missing = [missing_column(table, name) for name in dates if name not in columns]
    if missing:
        raise RctError(missing)
    return found, [_every_row(table, definition, name) for name in bare]


def _without_column(columns: set[str], definition: Definition, held: list[str]) -> Iterator[str]:
    outcomes = definition.outcomes
    claimed = {outcomes[name].date_column for name in held}
    for name, outcome in outcomes.items():
        events = outcome.rows == "event" and outcome.aggregate in ("any", "count")
        if (
            name not in held
            and events
            and outcome.date_column in columns
            and outcome.date_column not in claimed
        ):
            yield name


def _measure(definition: Definition, name: str, held: bool) -> Measure:
    outcome = definition.outcomes[name]
    return Measure(
        name=name,
        kind=outcome.kind,
        aggregate=outcome.aggregate if outcome.rows == "event" else None,
        column=outcome.column if held else None,
        date_column=outcome.date_column,
        start=definition.trial.start,
        end=definition.window_end(name),
    )


def _refuse_mixed(table: Table, definition: Definition, held: list[str]) -> None:
    unit = shown_names(name for name in held if definition.outcomes[name].rows == "unit")
    event = shown_names(name for name in held if definition.outcomes[name].rows == "event")
    rule = f"The file holds outcomes with one row a unit ({unit}) and with one row an event ({event})."
    fix = "Load two files: one with a row for each unit, one with a row for each event."
    stop("mixed_rows", rule, fix, file=table.file, line=1)


def _refuse_ambiguous(table: Table, definition: Definition, bare: list[str]) -> None:
    """Rows that could be events of several outcomes, each with a column of its own in the plan."""
    outcomes = definition.outcomes
    named = {outcomes[name].column for name in bare if outcomes[name].column != name}
    if len(named) > 1:
        rule = f"The file has none of the columns {shown_names(sorted(named))}: whose events are its rows?"
        fix = "Add the column that says which rows count for which outcome."
        stop("which_event", rule, fix, file=table.file, line=1)


def _every_row(table: Table, definition: Definition, name: str) -> Problem:
    outcome = definition.outcomes[name]
    return Problem(
        code="every_row_counts",
        rule=f"There is no column '{visible(outcome.column)}': every row in the window counts for {name}.",
        fix=f"If only some rows count, add the column '{visible(outcome.column)}' with yes or no.",
        file=table.file,
        field=outcome.column,
    )
