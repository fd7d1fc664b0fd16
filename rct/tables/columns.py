"""Whole columns at once: finding them, cleaning text, reading numbers.

Nearly every column of a block of rows is clean; one look at the joined text says so, and only the others are
walked cell by cell.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from rct.errors import Problem, RctError, typed, visible
from rct.tables.table import Table, delete_above, shown_names
from rct.tables.values import TRIM, parse_number, refused_character

# A column of numbers, a line each; possessive, so that nothing is tried twice.
_NUMBERS = re.compile(r"(?:[+-]?+[0-9]++(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+\n)*+")


def places(table: Table, names: Iterable[str]) -> dict[str, int]:
    """Where each named column stands. Raises `RctError` with one problem for each that is missing."""
    where = {name: place for place, name in enumerate(table.header) if name}
    wanted = list(dict.fromkeys(names))
    missing = [name for name in wanted if name not in where]
    below = table.line_of_header(missing) if missing else None
    if below is not None:
        raise RctError(
            _header_below(table, missing[0], below)
        )  # one thing to say, however many columns there are
    if missing:
        raise RctError([missing_column(table, name) for name in missing])
    return {name: where[name] for name in wanted}


def missing_column(table: Table, name: str) -> Problem:
    """The definition names a column that the file lacks."""
    same = [h for h in table.header if h.casefold() == name.casefold()]
    close = same or difflib.get_close_matches(name, table.header, n=1)
    guess = f" Did you mean '{visible(close[0])}'?" if close else ""
    below = table.line_of_header([name])
    if below is not None:
        return _header_below(table, name, below)
    rename = f"--rename {typed(f'{close[0]}={name}') if close else f'file_column={typed(name)}'}"
    return Problem(
        code="missing_column",
        rule=f"The file has no column '{visible(name)}'. It has: {shown_names(table.header)}.{guess}",
        fix=f"Add the column, or say which one it is: {rename}",
        file=table.file,
        line=table.header_row,
        field=name,
    )


def _header_below(table: Table, name: str, line: int) -> Problem:
    """The column names stand further down, under a title."""
    first = "The first line" if table.header_row == 1 else f"Line {table.header_row:,}"
    return Problem(
        code="missing_column",
        rule=f"{first} is not the header: it has {shown_names(table.header) or 'no names'}, and line {line:,} has the "
        f"column '{visible(name)}'.",
        fix=delete_above(line),
        file=table.file,
        line=table.header_row,
        field=name,
    )


def clean(cells: Sequence[str], kept: frozenset[str] = frozenset()) -> tuple[Sequence[str], dict[int, str]]:
    """(`cells` in NFC and trimmed, place → first refused character). Characters in `kept` are not refused."""
    joined = "".join(cells)
    if joined.isprintable() and (joined.isascii() or unicodedata.is_normalized("NFC", joined)):
        return ([c.strip(" ") for c in cells] if " " in joined else cells), {}
    out: list[str] = []
    bad: dict[int, str] = {}
    for i, cell in enumerate(cells):
        text = unicodedata.normalize("NFC", cell).strip(TRIM)
        out.append(text)
        refused = refused_character(text, kept)
        if refused is not None:
            bad[i] = refused
    return out, bad


def numbers(cells: Sequence[str]) -> tuple[NDArray[np.float64], list[int], list[int]]:
    """(values, places that are no number, places that are empty); nan stands at both."""
    joined = "\n".join(cells) + "\n"
    if joined.count("\n") == len(cells) and _NUMBERS.fullmatch(joined):  # no cell is a line more
        values = np.fromiter(map(float, cells), np.float64, len(cells))
        if np.isfinite(values).all():
            return values, [], []
    parsed = [parse_number(cell) for cell in cells]
    blank = [not cell.strip(TRIM) for cell in cells]
    bad = [i for i, value in enumerate(parsed) if value is None and not blank[i]]
    empty = [i for i, nothing in enumerate(blank) if nothing]
    return np.array([np.nan if value is None else value for value in parsed], np.float64), bad, empty
