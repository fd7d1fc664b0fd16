"""A vendor's report row by row, as its profile says: whose row it is, what it says became of the piece, and when.

A report by address or number may hold people of other mailings: they are passed over, counted, and named by their line.
Nothing of a row is kept but the pseudonym, statuses, a reason and a day.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from rct.errors import stop
from rct.letters.pieces import (
    OTHER_VERSION,
    REASONS,
    REPEATED,
    SEED,
    STATUSES,
    WISHES,
    PieceRows,
    Unit,
    version_told,
)
from rct.letters.profiles import Named, Profile, ReportRows
from rct.letters.reference import check_code, normalize
from rct.letters.whose import CONTACT, Of, nobody
from rct.registry.doses import Dose
from rct.tables import Counts, Refusals, Table, parse_date
from rct.tables.judge import DATE_NOTES, NUMBER_NOTES, Chunk, Judge
from rct.tables.refusals import listed
from rct.tables.table import shown_names
from rct.tables.values import parse_yes_no

REFERENCE, ID = "reference", "id"
_WITH_REASON = ("returned", "forwarded")
_SPOILED = re.compile(
    r"[0-9][.,][0-9]+E\+?[0-9]+", re.IGNORECASE
)  # a phone number that a spreadsheet has saved
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.0+)?")


@dataclass(frozen=True)
class PieceNames:
    """How a report may name a piece: `reference` and `id` give its pseudonym, `of` the units with an address or number."""

    id_column: str
    reference: Unit
    id: Unit
    of: Callable[[str], Of]  # called with the kind that the file has, so that the vault is opened only then


@dataclass(frozen=True)
class Bound:
    """A kind of rows with the columns that this file has for it."""

    rows: ReportRows
    key: tuple[str, str]  # what the column holds (reference, id, email, phone, contact), and its name
    where: Mapping[str, frozenset[str]]
    status: str | None
    date: str | None
    reason: str | None
    counts: Mapping[str, str]
    filled: Mapping[str, str]
    statuses: Mapping[str, Sequence[str]]

    @property
    def columns(self) -> list[str]:
        named = [self.key[1], *self.where, *self.counts, *self.filled]
        return [*named, *(c for c in (self.status, self.date, self.reason) if c)]


def bind(profile: Profile, header: Sequence[str], id_column: str, status: str | None = None) -> list[Bound]:
    """The kinds of rows of which the file has every column; the first of a profile is the one that counts."""
    by_word = {name.casefold(): name for name in reversed(header) if name}

    def first(names: Sequence[str]) -> str | None:
        return next((by_word[n.casefold()] for n in names if n.casefold() in by_word), None)

    bound = []
    for rows in profile.rows:
        keys = [
            (REFERENCE, first([REFERENCE])), (ID, first([id_column])), ("email", first(rows.email)),
            ("phone", first(rows.phone)), (CONTACT, first(rows.contact)),
        ]  # fmt: skip
        key = next(((kind, name) for kind, name in keys if name), None)
        where = {first([c]): frozenset(map(_word, v)) for c, v in rows.where.items()}
        told = None if status else first(rows.status)
        counts = {} if status else {c: s for n, s in rows.counts.items() if (c := first([n]))}
        filled = {} if status else {c: s for n, s in rows.filled.items() if (c := first([n]))}
        if key is None or None in where or not (status or told or rows.always or counts or filled):
            continue
        bound.append(
            Bound(
                rows, key, {c: v for c, v in where.items() if c}, told, first(rows.date), first(rows.reason), counts,
                filled, {_word(w): s for w, s in rows.statuses.items()},
            )
        )  # fmt: skip
    first_fits = bool(bound) and bound[0].rows is profile.rows[0]
    return bound if first_fits else []


def require_bound(named: Named, table: Table, id_column: str, status: str | None) -> list[Bound]:
    """`bind`, or an `RctError` that says which columns the report has, and which the file has."""
    bound = bind(named.profile, table.header, id_column, status)
    if bound:
        return bound
    rows = named.profile.rows[0]
    whom = [REFERENCE, id_column, *rows.email, *rows.phone, *rows.contact]
    what = [*rows.where, *(rows.status if not status else []), *rows.counts, *rows.filled]
    stop(
        "report_columns",
        f"This is not {named.profile.title}: that has one of {shown_names(whom)}"
        + (f", and {shown_names(what)}" if what else "")
        + f". The file has: {shown_names(table.header)}.",
        "Export it again with these columns, give another --kind, or name them: --rename file_column=name",
        file=table.file,
        line=1,
    )


@dataclass
class _Row:
    number: int
    line: int
    code: str  # what named the piece, for a message; empty where that is personal
    doses: list[Dose]


@dataclass(frozen=True)
class _Said:
    """What a sound row says: of whom, what, why as it is written and in the program's words, and when."""

    units: tuple[str, ...]
    statuses: Sequence[str]
    why: str
    reason: str
    day: date | None


@dataclass
class _ReportReader:
    profile: Profile
    bound: list[Bound]
    names: PieceNames
    of: Of
    status: str | None
    today: date
    since: date
    letters: Mapping[str, str]  # unit → its version letter
    refusals: Refusals
    rows: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    unmatched: list[int] = field(default_factory=list)
    shared: list[int] = field(default_factory=list)
    kept: list[_Row] = field(default_factory=list)
    stay: int = 0  # rows of `kept` that tell something new

    def run(self, table: Table) -> None:
        judge = Judge(table, dict.fromkeys(c for b in self.bound for c in b.columns), self.refusals)
        for block in table.blocks():
            self.rows += len(block.rows)
            chunk, blank = judge.whole(block)
            self.excluded["blank_line"] += blank
            left = list(range(len(chunk)))
            for bound in self.bound:
                wheres = [
                    (list(map(_word, judge.raw(chunk, c))), values) for c, values in bound.where.items()
                ]
                mine = [i for i in left if all(cells[i] in values for cells, values in wheres)]
                taken = set(mine)
                left = [i for i in left if i not in taken]
                if mine:
                    keep = [False] * len(chunk)
                    for i in mine:
                        keep[i] = True
                    self._take(judge, chunk.only(keep), bound)
            self.excluded["other_message"] += len(left)

    def _take(self, judge: Judge, chunk: Chunk, bound: Bound) -> None:
        kind, key = bound.key
        cells = judge.text(chunk, key, allow=NUMBER_NOTES if kind != ID else frozenset())
        told = list(self._told(judge, chunk, bound))
        days = self._days(judge, chunk, bound)
        whys = self._reasons(judge, chunk, bound)
        sound = judge.sound(chunk)
        for i, cell in enumerate(cells):
            if not sound[i]:
                continue
            units = self._units(judge, chunk, i, kind, key, cell)
            day, statuses = days[i], told[i]
            early = day is not None and day < self.since
            if units is None:
                continue
            if units == (SEED,):
                self.excluded["staff_piece"] += 1
            elif not units:
                self.excluded["unmatched"] += 1
                self.unmatched.append(chunk.line[i])
            elif early and kind in (REFERENCE, ID):
                judge.refuse(chunk, i, "date_before_draw", bound.date, str(day), str(self.since))
            elif early:
                self.excluded["before_draw"] += 1
            elif not statuses:
                self.excluded["nothing_yet"] += 1
            else:
                self._keep(judge, chunk, i, bound, _Said(units, statuses, *whys[i], day))

    def _keep(self, judge: Judge, chunk: Chunk, i: int, bound: Bound, said: _Said) -> None:
        statuses = said.statuses
        if (
            len(said.units) > 1
        ):  # whose the piece is can't be told; a wish is of the address, and so of all of them
            statuses = [s for s in statuses if s in WISHES]
            self.shared.append(chunk.line[i])
        if not statuses:
            self.excluded["shared_contact"] += 1
            return
        doses = []
        for unit in said.units:
            for status in statuses:
                reason, fault, known = self._reason(said, unit, status)
                if fault:
                    judge.refuse(chunk, i, fault, bound.reason, said.why, known)
                    return
                doses.append(Dose(unit, status, reason or None, said.day.isoformat() if said.day else None))
        kind, key = bound.key
        code = judge.raw(chunk, key)[i] if kind == REFERENCE else ""
        self.kept.append(_Row(chunk.number[i], chunk.line[i], code, doses))

    def _reason(self, said: _Said, unit: str, status: str) -> tuple[str, str, str]:
        """(the reason of this status, what is wrong with it, what it could be)."""
        if status == OTHER_VERSION:
            version, fault = version_told(said.why, unit, self.letters)
            return version, fault, ", ".join(sorted(set(self.letters.values())))
        if status not in _WITH_REASON or not said.why:
            return "", "", ""
        return said.reason, "" if said.reason else "unknown_reason", ", ".join(REASONS)

    def _units(
        self, judge: Judge, chunk: Chunk, i: int, kind: str, key: str, cell: str
    ) -> tuple[str, ...] | None:
        """None: the row is refused; (): nobody of this trial."""
        if kind not in (REFERENCE, ID):
            if _SPOILED.fullmatch(cell):
                judge.refuse(chunk, i, "number_spoiled", key, cell)
                return None
            return self.of(kind, cell)
        if not cell:
            judge.refuse(chunk, i, "empty_id", key)
        elif kind == REFERENCE and not check_code(cell):
            judge.refuse(chunk, i, "reference_mistyped", key, cell)
        else:
            unit = self.names.reference(normalize(cell)) if kind == REFERENCE else self.names.id(cell)
            if unit is not None:
                return (unit,)
            judge.refuse(chunk, i, "reference_unknown" if kind == REFERENCE else "unknown_unit", key, cell)
        return None

    def _told(self, judge: Judge, chunk: Chunk, bound: Bound) -> Iterator[list[str]]:
        """The statuses that each row tells, without repetition."""
        every = [self.status] if self.status else bound.rows.always
        said: list[list[str]] = [list(every) for _ in range(len(chunk))]
        if bound.status:
            self._worded(judge, chunk, bound, said)
        for column, status in bound.counts.items():
            for i, cell in enumerate(judge.text(chunk, column, allow=NUMBER_NOTES)):
                answer = float(cell) > 0 if _NUMBER.fullmatch(cell) else parse_yes_no(cell)
                if answer is None:
                    judge.refuse(chunk, i, "count_not_whole", column, cell)
                elif answer:
                    said[i].append(status)
        for column, status in bound.filled.items():
            for i, cell in enumerate(judge.raw(chunk, column)):
                said[i] += [status] if cell.strip() else []
        return ([s for s in STATUSES if s in statuses] for statuses in said)

    def _worded(self, judge: Judge, chunk: Chunk, bound: Bound, said: list[list[str]]) -> None:
        """What the words of the status column say; where any word may stand, the text is a person's own."""
        column, otherwise = str(bound.status), bound.rows.otherwise
        cells = judge.text(chunk, column) if otherwise is None else judge.raw(chunk, column)
        for i, cell in enumerate(cells):
            statuses = bound.statuses.get(_word(cell), otherwise)
            if statuses is None:
                judge.refuse(chunk, i, "unknown_status", column, cell, ", ".join(bound.statuses))
            else:
                said[i] += statuses

    def _days(self, judge: Judge, chunk: Chunk, bound: Bound) -> list[date | None]:
        days: list[date | None] = [None] * len(chunk)
        if not bound.date:
            return days
        for i, cell in enumerate(judge.text(chunk, bound.date, allow=DATE_NOTES)):
            if not cell:
                continue
            day = days[i] = day_of(cell, self.profile.dates)
            if day is None:
                judge.refuse(chunk, i, "not_a_date", bound.date, cell)
            elif day > self.today:
                judge.refuse(chunk, i, "date_in_future", bound.date, cell, str(self.today))
        return days

    def _reasons(self, judge: Judge, chunk: Chunk, bound: Bound) -> list[tuple[str, str]]:
        """For each row the reason as it is written, and in the program's words ('' where it has none)."""
        if not bound.reason:
            return [("", "")] * len(chunk)
        words = {_word(w): r for w, r in self.profile.reasons.items()}
        return [
            (cell, reason_of(cell, words, phrases=self.profile.phrases))
            for cell in judge.text(chunk, bound.reason)
        ]

    def settle_repeats(self) -> list[Dose]:
        """The doses of the rows that stay, the first of each with its earliest day; what tells a thing of a piece again is
        counted as repeated, or refused where a piece can have it but once."""
        if not self.profile.repeats:
            self._refuse_twins()
        told: dict[tuple[str, str], Dose] = {}
        for row in self.kept:
            if row.number in self.refusals.rows:
                continue
            new = any((d.unit, d.status) not in told for d in row.doses)
            for dose in row.doses:
                before = told.setdefault((dose.unit, dose.status), dose)
                if dose.date and (before.date is None or dose.date < before.date):
                    told[dose.unit, dose.status] = replace(before, date=dose.date)
            self.stay += new
            self.excluded["repeated_status"] += not new
        return sorted(told.values(), key=lambda d: (d.unit, d.status))

    def _refuse_twins(self) -> None:
        rows_of: dict[tuple[str, str], list[_Row]] = {}
        for row in self.kept:
            for dose in row.doses:
                if dose.status not in REPEATED:
                    rows_of.setdefault((dose.unit, dose.status), []).append(row)
        for several in rows_of.values():
            if len(several) > 1:
                detail = f"rows {listed([row.number for row in several])}"
                for row in several:
                    found = row.code or None
                    self.refusals.add("reference_twice", row.number, row.line, None, found, detail)


def read_report(
    table: Table,
    named: Named,
    names: PieceNames,
    *,
    letters: Mapping[str, str],
    today: date,
    since: date,
    status: str | None = None,
) -> PieceRows:
    """Read `table` as the report that `named` describes. `letters`: unit → its version letter; `since`: the first day on
    which a piece of this trial can have gone out; `status`: what all rows say, in place of what the profile reads.

    Raises `RctError` for what concerns the whole file; `PieceRows.settle` raises for defects.
    """
    bound = require_bound(named, table, names.id_column, status)
    kinds = {b.key[0] for b in bound} - {REFERENCE, ID}
    of = names.of(kinds.pop() if len(kinds) == 1 else CONTACT) if kinds else nobody
    hidden = (
        frozenset(c for b in bound for c in b.columns if b.key[0] != REFERENCE or b.rows.otherwise)
        - {c for b in bound for c in (b.date, b.reason, *b.counts) if c}
        - {b.status for b in bound if b.status and b.rows.otherwise is None}
    )
    reader = _ReportReader(
        named.profile, bound, names, of, status, today, since, letters, Refusals(table.file, hidden)
    )
    reader.run(table)
    doses = reader.settle_repeats()
    reader.refusals.sort()
    excluded = {k: n for k, n in reader.excluded.items() if n}
    found = Counter(d.status for d in doses)
    return PieceRows(
        file=table.file,
        doses=doses,
        statuses={s: found[s] for s in STATUSES if s in found},
        counts=Counts(
            reader.rows, reader.stay, sum(excluded.values()), len(reader.refusals.rows),
            {**excluded, **reader.refusals.reasons()},
        ),
        refusals=reader.refusals,
        warnings=list(table.warnings),
        ignored=table.ignored(c for b in bound for c in b.columns),
        unmatched=tuple(reader.unmatched),
        shared=tuple(reader.shared),
    )  # fmt: skip


def day_of(text: str, formats: Sequence[str]) -> date | None:
    """A day as YYYY-MM-DD or in one of these formats of strptime; a moment with its offset is a day of this place."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone().date() if moment.tzinfo else moment.date() if parse_date(text) else None
    except ValueError:
        pass
    found = parse_date(text)
    if found is not None:
        return found
    for each in formats:
        try:
            moment = datetime.strptime(" ".join(text.split()), each)
        except ValueError:
            continue
        return moment.astimezone().date() if moment.tzinfo else moment.date()
    return None


def reason_of(text: str, words: Mapping[str, str], *, phrases: bool) -> str:
    """One of REASONS for what is written; '' where it is none."""
    said = _word(text)
    if said in words:
        return words[said]
    plain = said.replace(" ", "_")
    if plain in REASONS:
        return plain
    if phrases:
        within = [w for w in words if " " in w or len(w) > 4 if f" {w} " in f" {said} "]
        if within:
            return words[max(within, key=lambda w: (words[w] != "other", len(w)))]
    return ""


def _word(cell: str) -> str:
    """A word of a report, without case and marks: `Attempted—Not Known` → `attempted not known`."""
    text = unicodedata.normalize("NFKC", cell).casefold()
    return " ".join(re.findall(r"[^\W_]+", text))
