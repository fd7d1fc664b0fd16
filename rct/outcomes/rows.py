"""What reading an outcomes file gives: values by unit, and an account of every row. Nothing by arm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rct.errors import Problem, stop
from rct.tables import Counts, Refusals

BUSY = 5


@dataclass(frozen=True)
class RecordsReach:
    """How far a file reaches into the window of one outcome. last: the latest day in it, None without any. busy:
    whether as many days up to that one as the window goes on for after it hold `BUSY` rows, so that nothing at all
    later would be strange. loaded: the day it was read."""

    last: date | None
    busy: bool
    loaded: date


@dataclass(frozen=True)
class OutcomeRows:
    """The values that a file holds, by outcome and the city's own id, and what became of all rows.

    A value of None is unobserved: the file names the unit and has no value. A unit whose events are all
    outside the window has 0. `refused`: by outcome the ids whose value a refused row leaves open; `unplaced`: refused rows
    that could not be told to belong to anyone. `last`: the ordinal of the last day on which a unit has something that
    counts, of outcomes with dates. `outside` counts events outside, `unobserved` rows without a value; both are
    kept.
    """

    file: str
    sha256: str
    encoding: str | None
    delimiter: str | None
    values: dict[str, dict[str, float | None]]
    refused: dict[str, frozenset[str]]
    last: dict[str, dict[str, int]]
    unplaced: int
    outside: dict[str, int]
    unobserved: dict[str, int]
    until: dict[str, RecordsReach]  # of the outcomes with a window
    counts: Counts
    refusals: Refusals
    warnings: list[Problem]
    ignored: list[str]

    def settle(self, *, refuse_bad_rows: bool) -> None:
        """Raise `RctError` if the file can't be stored: defects not waved through, or no row left."""
        if self.refusals and not refuse_bad_rows:
            raise self.refusals.error()
        if not self.counts.kept:
            reasons = ", ".join(f"{n:,} {code}" for code, n in self.counts.reasons.items())
            rule = f"No row is left: of {self.counts.rows:,} rows all are excluded or refused ({reasons})."
            stop("no_outcome_rows", rule, "Check that the file belongs to this trial.", file=self.file)
