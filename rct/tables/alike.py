"""Dates that are all written alike in another form: one thing to mend, however many rows have it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

FEWEST = 10  # rows of one form before they are told as one
_SLASHED = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?:[ T].*)?")
_YEAR_FIRST = re.compile(
    r"[0-9]{4}([/.])[0-9]{1,2}\1[0-9]{1,2}(?:[ T].*)?|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[ T].*)?"
)
_PACKED = re.compile(r"(?:19|20)[0-9]{6}")
_EXPORT = (
    "Have the column exported, or shown in the spreadsheet, as YYYY-MM-DD; the dates themselves may be right."
)


class Defect(NamedTuple):
    """One thing wrong with one row."""

    row: int
    line: int
    code: str
    field: str | None
    found: str | None
    detail: str
    fix: str = ""  # in place of the rule's own, where the right one hangs on what the column holds


@dataclass(frozen=True)
class AlikeDates:
    """Dates of one column that are written in one form: how many, the first of them, and what to do."""

    field: str
    pattern: str
    count: int
    row: int
    line: int
    example: str
    fix: str


def alike_dates(defects: Sequence[Defect]) -> tuple[list[AlikeDates], list[Defect]]:
    """(the forms that many dates of a column have, all other defects)."""
    forms: dict[tuple[str, str], list[Defect]] = {}
    for d in defects:
        if d.code == "not_a_date" and d.field and d.found and (form := _form(d.found)):
            forms.setdefault((d.field, form), []).append(d)
    many = {key: of for key, of in forms.items() if len(of) >= FEWEST}
    told = {id(d) for of in many.values() for d in of}
    dates = [_told(field, form, of) for (field, form), of in many.items()]
    return dates, [d for d in defects if id(d) not in told] if told else list(defects)


def _form(text: str) -> str | None:
    if slashed := _SLASHED.fullmatch(text):
        return slashed[2]
    if _YEAR_FIRST.fullmatch(text):
        return "year"
    return "packed" if _PACKED.fullmatch(text) else None


def _told(field: str, form: str, of: Sequence[Defect]) -> AlikeDates:
    first, texts = of[0], [d.found or "" for d in of]
    fix = _EXPORT
    if form == "year":
        pattern = "year, month, day in another form"
    elif form == "packed":
        pattern = "YYYYMMDD"
    else:
        parts = [m for text in texts if (m := _SLASHED.fullmatch(text))]
        months_first = any(int(m[3]) > 12 for m in parts)
        days_first = any(int(m[1]) > 12 for m in parts)
        pattern = f"day{form}month{form}year" if days_first else f"month{form}day{form}year"
        if months_first == days_first:
            pattern = f"month{form}day{form}year or day{form}month{form}year"
            fix = f"Which comes first can't be told from these values: ask where the file is from. {_EXPORT}"
    return AlikeDates(field, pattern, len(of), first.row, first.line, first.found or "", fix)
