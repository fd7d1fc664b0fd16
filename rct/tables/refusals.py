"""The fate of rows: counts that add up, and every defect with its row, line and field.

A file may have a million defects: they are kept as small tuples and become sentences only when they are
shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rct.errors import MAX_LISTED, Problem, RctError, visible
from rct.tables.alike import AlikeDates, Defect, alike_dates
from rct.tables.people import csv_for_people

# Why a row is left out without being wrong.
EXCLUDED = (
    "blank_line", "not_eligible", "opted_out", "excluded_unit", "repeated_status", "staff_piece", "unmatched",
    "shared_contact", "before_draw", "nothing_yet", "other_message", "outsider",
)  # fmt: skip
_SHOWN = 200  # characters of a value that are kept for a message

# code → (rule, fix). {field} is the column, {detail} what the reader added.
RULES: dict[str, tuple[str, str]] = {
    "control_character": (
        "The value in '{field}' holds {detail}.",
        "Take the character out, or put a space in its place.",
    ),
    "count_not_whole": (
        "A count in '{field}' must be a whole number, 0 or more.",
        "Correct the value, or leave it empty if it is not known.",
    ),
    "garbled_text": (
        "The value in '{field}' is garbled and holds {detail}: text in UTF-8 was read as another encoding.",
        "Export the file again as UTF-8; without this character the name would still be wrong.",
    ),
    "date_in_future": ("The date in '{field}' is later than today, {detail}.", "Correct the date."),
    "date_before_draw": (
        "The date in '{field}' is before a piece of this trial can have gone out, {detail}.",
        "Correct the date, or delete the row: it belongs to another mailing.",
    ),
    "date_missing": (
        "There is a value in '{detail}' and no date in '{field}'.",
        "Fill in the date, or empty the value.",
    ),
    "date_outside_window": (
        "The date in '{field}' is outside the outcome's window, {detail}.",
        "If the date is right, it does not count: write no (0) in place of the value, and keep the row.",
    ),
    "duplicate_id": ("The same id stands in {detail}.", "Keep one row for each id."),
    "empty_cluster": (
        "The column '{field}' is empty: the unit belongs to no cluster.",
        "Fill it in; a unit alone is a cluster of its own.",
    ),
    "empty_id": ("The column '{field}' is empty: the row has no id.", "Fill in the id, or delete the row."),
    "field_count": (
        "The row has {detail}.",
        "Look for a missing or extra delimiter, or a quote, in this row.",
    ),
    "missing_covariate": (
        "The column '{field}' is empty.",
        'Fill it in, or set missing_covariates = "impute" in [frame] to take the frame\'s mean and mark it.',
    ),
    "not_a_date": ("'{field}' must be a day of the calendar, written YYYY-MM-DD.", "Correct the date."),
    "not_a_version": (
        "A piece of another version has that version's letter in '{field}', or nothing: one of {detail}.",
        "Write the letter as it stands in the vendor file.",
    ),
    "number_spoiled": (
        "'{field}' holds a number that a spreadsheet has cut to its first digits.",
        "Export the report again, and load it without opening and saving it in a spreadsheet first.",
    ),
    "own_version": (
        "The version in '{field}' is the one that was drawn for this piece.",
        "Write the letter of the version that it had, or delete the row if it had its own.",
    ),
    "not_in_format": (
        "'{field}' must be written as {detail}, the format that [formats] of the definition declares.",
        "Correct the value, or declare how it is written in [formats].",
    ),
    "not_an_address": (
        "A letter has '{field}' as the address of a link: it must be {detail}, without spaces or quotes.",
        "Correct the address, or put {{% if … %}} around the link for who has none.",
    ),
    "not_a_number": (
        "'{field}' must be a number such as 12, -3.5 or 1e6: no thousands separator, decimal comma or word.",
        "Write it with plain digits and a decimal point.",
    ),
    "number_too_large": (
        "The number in '{field}' is beyond 1e30: nothing that is paid or measured is as large.",
        "Correct the value: most often digits or an exponent were typed by mistake.",
    ),
    "number_missing": (
        "'{field}' is empty, and the condition in frame.eligible compares it with a number.",
        "Fill it in, also where the rest of the condition leaves the row out; or prepare a yes/no column.",
    ),
    "reference_mistyped": (
        "This is no reference code: its check character does not fit.",
        "Read the code from the paper again: three groups of four, no I, L, O or U.",
    ),
    "reference_twice": (
        "The same piece has this status more than once, in {detail}.",
        "Keep the row that is right.",
    ),
    "reference_unknown": (
        "No piece of this trial has this code; it is typed right.",
        "Check which trial the piece belongs to.",
    ),
    "split_cluster": (
        "The cluster of this row lies in more than one block: {detail}.",
        "Give all rows of the cluster the same block values.",
    ),
    "spreadsheet_error": ("Cell {detail} holds an error.", "Repair the cell, or empty it."),
    "spreadsheet_format": (
        "Cell {detail} is a number shown in a format: what you see is not what is stored.",
        "Say in trial.toml how it is to be read, under [formats]: "
        'columns = {{ "{field}" = "M/D/YYYY" }}, "$1,234.50", or "00000" for digits with zeros in front.',
    ),
    "spreadsheet_formula": (
        "Cell {detail} is a formula without a stored value.",
        "Open the workbook in the spreadsheet program and save it again.",
    ),
    "spreadsheet_long_number": (
        "Cell {detail} is a number of more than 15 digits; the spreadsheet has changed the last ones.",
        "Format the column as Text and enter the values again from the source.",
    ),
    "theme_length": ("'{field}' must hold 1 to {detail} characters.", "Code the remark in a few words."),
    "theme_personal": (
        "'{field}' holds this person's own name or address, which may not leave private/.",
        "Code the remark in words that name nobody.",
    ),
    "unknown_kind": ("'{field}' must be one of: {detail}.", "Write the one that comes nearest."),
    "unknown_unit": (
        "No unit of the frame has this id{detail}.",
        "Correct the id, or delete the row: only units of the frame can have outcomes.",
    ),
    "unknown_reason": (
        "'{field}' must be empty or one of: {detail}.",
        "Write the one that comes nearest; other is one of them.",
    ),
    "unknown_status": (
        "'{field}' must be one of: {detail}.",
        "Write the one that comes nearest, or delete the row.",
    ),
    "unknown_version": (
        "'{field}' must be a version that was handed over: {detail}.",
        "Write the letter as it stands in the vendor file.",
    ),
    "unreadable_opt_out": (
        "'{field}' must be yes, y, true, 1, x or no, n, false, 0 or empty{detail}.",
        "Write one of these words: whether a person opted out is never guessed.",
    ),
    "version_twice": (
        "The same version stands in {detail}.",
        "If they are batches, add their numbers up in one row; if one repeats the other, keep one.",
    ),
    "unreadable_yes_no": (
        "'{field}' must be yes, y, true, 1, x or no, n, false, 0, or empty if it is not known{detail}.",
        "Write one of these words.",
    ),
}


@dataclass
class Refusals:
    """The defects of one file.

    `hidden` names the columns whose values are personal: never shown outside private/.
    """

    file: str
    hidden: frozenset[str] = frozenset()
    defects: list[Defect] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    kept_in: str | None = None  # the file under private/ that lists all of them

    def add(
        self,
        code: str,
        row: int,
        line: int,
        field: str | None = None,
        found: str | None = None,
        detail: str = "",
        fix: str = "",
    ) -> None:
        """Refuse the row for `code`, a key of RULES; `fix` in place of the rule's own.

        A row may be refused for several reasons; it counts once.
        """
        if any(d.row == row and d.code == code and d.field == field for d in reversed(self.defects[-8:])):
            return  # one cell, asked for twice
        cut = found if found is None or len(found) <= _SHOWN else found[:_SHOWN] + "…"
        self.defects.append(Defect(row, line, code, field, cut, detail, fix))
        self.rows.add(row)

    def __bool__(self) -> bool:
        return bool(self.defects)

    def sort(self) -> None:
        """In the file's order; the defects of one row in the order they were found."""
        self.defects.sort(key=lambda d: d.row)

    def problems(self, limit: int = MAX_LISTED) -> list[Problem]:
        """The first `limit` defects, for the screen; dates that are all written alike are one of them."""
        dates, left = alike_dates(self.defects)
        said = [self._alike(each) for each in dates]
        return said + [self._problem(d) for d in left[: limit - len(said)]]

    def error(self, *, may_go: bool = True) -> RctError:
        """What refuses the file. `may_go`: the command can load it without these rows."""
        rest = ""
        if len(self.defects) > 1:
            rest = f"{len(self.defects):,} defects in {len(self.rows):,} rows."
            rest += f" All are listed in {self.kept_in}." if self.kept_in else ""
            rest += f" {self._without()}" if may_go else ""
        return RctError(self.problems(), rest)

    def _without(self) -> str:
        """How to load the rest of the file; not where that would mislead: rows from outside the window are of those who
        came too late, more often of one arm than of another."""
        late = {d.row for d in self.defects if d.code == "date_outside_window"}
        if not late:
            return 'To load the file without these rows: --refuse-bad-rows --reason "…"'
        which = "these rows" if late == self.rows else "the rows dated outside the window"
        return f"Do not load the file without {which}: that would bias the result."

    def reasons(self) -> dict[str, int]:
        """Refused rows by the first defect of each, so that the numbers add up to the refused."""
        first: dict[int, str] = {}
        for d in self.defects:
            first.setdefault(d.row, d.code)
        return _tally(first.values())

    def csv(self) -> bytes:
        """All defects, for `private/NAME/refused.csv`: a CSV for people, with the values found."""
        header = ("row", "line", "field", "found", "rule", "fix", "code")
        return csv_for_people(
            header, ((d.row, d.line, d.field, d.found, *_sentences(d), d.code) for d in self.defects)
        )

    def _alike(self, each: AlikeDates) -> Problem:
        rule = f"{each.count:,} values of '{visible(each.field)}' are written as {each.pattern}, and must be YYYY-MM-DD."
        found = None if each.field in self.hidden else each.example
        return Problem(
            "not_a_date", rule, each.fix, self.file, each.row, each.line, field=each.field, found=found
        )

    def _problem(self, d: Defect) -> Problem:
        rule, fix = _sentences(d)
        found = None if d.field in self.hidden else d.found
        return Problem(
            code=d.code,
            rule=rule,
            fix=fix,
            file=self.file,
            row=d.row,
            line=d.line,
            field=d.field,
            found=found,
        )


def listed(rows: list[int]) -> str:
    """`3, 9 and 12`; after ten, how many more."""
    if len(rows) > 10:
        return ", ".join(map(str, rows[:10])) + f" and {len(rows) - 10:,} more"
    return ", ".join(map(str, rows[:-1])) + (" and " if len(rows) > 1 else "") + str(rows[-1])


def _sentences(d: Defect) -> tuple[str, str]:
    rule, fix = RULES[d.code]
    field = visible(d.field or "")
    return rule.format(field=field, detail=d.detail), d.fix or fix.format(field=field, detail=d.detail)


def _tally(codes: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for code in codes:
        counts[code] = counts.get(code, 0) + 1
    return dict(sorted(counts.items()))


@dataclass(frozen=True)
class Counts:
    """What became of a file's rows: `rows` = `kept` + `excluded` + `refused`, always.

    `reasons` counts the last two.
    """

    rows: int
    kept: int
    excluded: int
    refused: int
    reasons: dict[str, int]

    def __post_init__(self) -> None:
        if self.rows != self.kept + self.excluded + self.refused:
            raise ValueError("rows must be kept + excluded + refused")
        if sum(self.reasons.values()) != self.excluded + self.refused:
            raise ValueError("every row that is not kept has one reason")

    def told(self) -> dict[str, Any]:
        """As an event has it: rows, kept, and why others were excluded or refused."""
        return {
            "rows": self.rows,
            "kept": self.kept,
            "excluded": {k: n for k, n in self.reasons.items() if k in EXCLUDED},
            "refused": {k: n for k, n in self.reasons.items() if k not in EXCLUDED},
        }
