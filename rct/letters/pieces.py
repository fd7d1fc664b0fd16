"""A pieces file row by row: which piece, what became of it, why and when.

Each row has a piece's reference code as it stands on the paper (or the city's own id) and a status; a reason and a
date where they are known. A code that was typed wrong, that no piece of the trial has, or that stands twice with the
same status is a defect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from rct.errors import Problem, stop
from rct.letters.reference import check_code, normalize
from rct.registry.doses import Dose
from rct.tables import Counts, Refusals, Table
from rct.tables.judge import DATE_NOTES, NUMBER_NOTES, Chunk, Judge
from rct.tables.refusals import listed

REFERENCE = "reference"  # the column of codes
OTHER_VERSION = "other_version"  # boxes were swapped: another version than was drawn
DELIVERY = ("mailed", "delivered", "returned", "forwarded", OTHER_VERSION)  # what happened on the way
RESPONSES = ("opened", "clicked", "replied", "stopped", "opted_out")  # what people did: results, by arm
STATUSES = DELIVERY + RESPONSES
WISHES = ("stopped", "opted_out")  # who wants nothing more
# Sending systems write a row each time; the first one counts.
REPEATED = RESPONSES
REASONS = ("moved", "vacant", "insufficient_address", "refused", "deceased", "other")

SEED = ""  # in place of a pseudonym: a piece to a staff address, outside the trial
Unit = Callable[[str], str | None]


@dataclass(frozen=True)
class PieceRows:
    """What a pieces file holds: a dose a unit and status, and an account of every row."""

    file: str
    doses: list[Dose]
    statuses: dict[str, int]
    counts: Counts
    refusals: Refusals
    warnings: list[Problem]
    ignored: list[str]
    unmatched: tuple[int, ...] = ()  # lines whose address or number nobody of the trial has
    shared: tuple[int, ...] = ()  # lines whose address or number several people of the trial have

    def settle(self, *, refuse_bad_rows: bool) -> None:
        """Raise `RctError` if the file can't be stored: defects not waved through, or no row left."""
        if self.refusals and not refuse_bad_rows:
            raise self.refusals.error()
        if not self.doses:
            rule = f"No row is left: of {self.counts.rows:,} rows all are excluded or refused."
            stop("no_piece_rows", rule, "Check that the file belongs to this trial.", file=self.file)


@dataclass
class _ReportedDose:
    dose: Dose
    rows: list[tuple[int, int]]  # row and line of each row that says so
    code: str


@dataclass
class _PieceGatherer:
    table: Table
    key: str  # the column that names the piece: reference, or the definition's id
    unit: Unit
    today: date
    refusals: Refusals
    letters: Mapping[str, str]  # unit → its version letter
    status: str | None = None  # what every row says, where the file has no such column
    rows: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    told: dict[tuple[str, str], _ReportedDose] = field(default_factory=dict)

    def run(self) -> None:
        optional = [name for name in ("reason", "date") if name in self.table.header]
        told = [] if self.status else ["status"]
        judge = Judge(self.table, [self.key, *told, *optional], self.refusals)
        for block in self.table.blocks():
            self.rows += len(block.rows)
            chunk, blank = judge.whole(block)
            self._exclude("blank_line", blank)
            self._take(judge, chunk, optional)

    def _exclude(self, reason: str, n: int) -> None:
        if n:
            self.excluded[reason] = self.excluded.get(reason, 0) + n

    def _take(self, judge: Judge, chunk: Chunk, optional: Sequence[str]) -> None:
        codes = judge.text(chunk, self.key, allow=NUMBER_NOTES if self.key == REFERENCE else frozenset())
        units = [self._whose(judge, chunk, i, code) for i, code in enumerate(codes)]
        written = [self.status] * len(chunk) if self.status else judge.text(chunk, "status")
        statuses = [_word(c) for c in written]
        whys: Sequence[str] = [""] * len(chunk)
        if "reason" in optional:
            whys = judge.text(chunk, "reason")
        reasons = [""] * len(chunk)
        days: list[str | None] = [None] * len(chunk)
        if "date" in optional:
            cells = judge.text(chunk, "date", allow=DATE_NOTES)
            days = [self._day(judge, chunk, i, cell) for i, cell in enumerate(cells)]
        for i, status in enumerate(statuses):
            if status not in STATUSES:
                judge.refuse(chunk, i, "unknown_status", "status", written[i], ", ".join(STATUSES))
            reasons[i] = self._why(judge, chunk, i, status, whys[i], units[i])
        sound = judge.sound(chunk)
        for i, unit in enumerate(units):
            if sound[i] and unit == SEED:
                self._exclude("staff_piece", 1)
            elif sound[i] and unit is not None:
                dose = Dose(unit, statuses[i], reasons[i] or None, days[i])
                self._tell(dose, codes[i], chunk.number[i], chunk.line[i])

    def _whose(self, judge: Judge, chunk: Chunk, i: int, code: str) -> str | None:
        if not code:
            judge.refuse(chunk, i, "empty_id", self.key)
        elif self.key == REFERENCE and not check_code(code):
            judge.refuse(chunk, i, "reference_mistyped", self.key, code)
        else:
            unit = self.unit(normalize(code) if self.key == REFERENCE else code)
            if unit is None:
                unknown = "reference_unknown" if self.key == REFERENCE else "unknown_unit"
                judge.refuse(chunk, i, unknown, self.key, code)
            return unit
        return None

    def _why(self, judge: Judge, chunk: Chunk, i: int, status: str, written: str, unit: str | None) -> str:
        """The reason in our words; of a piece of another version that version's letter."""
        if status == OTHER_VERSION and unit:
            version, fault = version_told(written, unit, self.letters)
            if fault:
                known = ", ".join(sorted(set(self.letters.values())))
                judge.refuse(chunk, i, fault, "reason", written, known)
            return version
        reason = _word(written)
        if reason and reason not in REASONS:
            judge.refuse(chunk, i, "unknown_reason", "reason", written, ", ".join(REASONS))
        return reason

    def _day(self, judge: Judge, chunk: Chunk, i: int, cell: str) -> str | None:
        if not cell:
            return None
        day = judge.day_of("date")(cell)
        if day is None:
            judge.refuse_unfit(chunk, i, "not_a_date", "date", cell)
        elif day > self.today:
            judge.refuse(chunk, i, "date_in_future", "date", cell, str(self.today))
        return day.isoformat() if day else None

    def _tell(self, dose: Dose, code: str, row: int, line: int) -> None:
        known = self.told.setdefault((dose.unit, dose.status), _ReportedDose(dose, [], code))
        known.rows.append((row, line))
        if len(known.rows) > 1 and dose.status in REPEATED:
            self._exclude("repeated_status", 1)
            if dose.date is not None and (known.dose.date is None or dose.date < known.dose.date):
                known.dose = replace(known.dose, date=dose.date)

    def refuse_twins(self) -> None:
        """A piece comes back once: all rows that tell the same of one piece are refused."""
        for (unit, status), dose in list(self.told.items()):
            if len(dose.rows) > 1 and status not in REPEATED:
                detail = f"rows {listed([row for row, _ in dose.rows])}"
                for row, line in dose.rows:
                    self.refusals.add("reference_twice", row, line, self.key, dose.code, detail)
                del self.told[unit, status]


def version_told(text: str, unit: str, letters: Mapping[str, str]) -> tuple[str, str]:
    """(the version that a piece had in place of its own, what is wrong with it): a letter, or empty for not told."""
    version = text.strip().upper()
    if version and version not in letters.values():
        return "", "not_a_version"
    return version, "own_version" if version and version == letters.get(unit) else ""


def read_pieces(
    table: Table,
    key: str,
    unit: Unit,
    *,
    today: date,
    letters: Mapping[str, str],
    status: str | None = None,
) -> PieceRows:
    """Read `table` as a pieces file. `key` is the column that names pieces, `unit` gives a piece's pseudonym; `letters`:
    unit → its version letter; `status`: what every row says, where the file has no such column.

    Raises `RctError` for what concerns the whole file; `PieceRows.settle` raises for defects.
    """
    personal = frozenset[str]() if key == REFERENCE else frozenset([key])
    piece_gatherer = _PieceGatherer(table, key, unit, today, Refusals(table.file, personal), letters, status)
    piece_gatherer.run()
    piece_gatherer.refuse_twins()
    piece_gatherer.refusals.sort()
    doses = sorted((t.dose for t in piece_gatherer.told.values()), key=lambda d: (d.unit, d.status))
    found = [d.status for d in doses]
    return PieceRows(
        file=table.file,
        doses=doses,
        statuses={s: found.count(s) for s in STATUSES if s in found},
        counts=Counts(
            piece_gatherer.rows,
            len(doses),
            sum(piece_gatherer.excluded.values()),
            len(piece_gatherer.refusals.rows),
            {**piece_gatherer.excluded, **piece_gatherer.refusals.reasons()},
        ),
        refusals=piece_gatherer.refusals,
        warnings=list(table.warnings),
        ignored=table.ignored([key, "status", "reason", "date"]),
    )


def _word(cell: str) -> str:
    """A status or reason as we write it: `Insufficient Address` → `insufficient_address`."""
    return "_".join(cell.lower().replace("-", " ").replace("_", " ").split())


def delivery_by_version(
    letters: Mapping[str, str], arms: Mapping[str, str], doses: Iterable[Dose]
) -> dict[str, dict[str, int]]:
    """Version letter → status → pieces, of what happened on the way; what people did is not told by version."""
    found: dict[str, dict[str, int]] = {letter: {} for letter in sorted(letters.values())}
    for dose in doses:
        if dose.status in DELIVERY:
            counts = found[letters[arms[dose.unit]]]
            counts[dose.status] = counts.get(dose.status, 0) + 1
    return found
