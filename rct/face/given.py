"""Columns of a data frame as the pure functions take them, each cell looked at; a bad one is named by row and column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rct.design.balance import indicators
from rct.design.schemes import SCHEMES
from rct.design.tickets import block_label, canonical
from rct.errors import RctError, stop, visible
from rct.estimate.levels import level_name

Floats = NDArray[np.float64]


def names(given: str | Sequence[str] | None) -> list[str]:
    """One column or several, as a list."""
    return [] if given is None else [given] if isinstance(given, str) else list(given)


def column(table: pd.DataFrame, name: str) -> pd.Series[Any]:
    """One column by name. RctError where there is none, or more than one."""
    if not isinstance(table, pd.DataFrame):
        stop("usage", "A pandas DataFrame is needed here.", "Give one.", found=type(table).__name__)
    if list(table.columns).count(name) != 1:
        listed = visible(", ".join(map(str, table.columns)))
        stop(
            "no_such_column",
            f"The table has no column of this name, or several. It has: {listed}.",
            "Name a column that is there once.",
            field=visible(str(name)),
        )
    return table[name]


def texts(table: pd.DataFrame, name: str, *, empty: bool = False) -> list[str]:
    """A column of ids or labels as it is hashed: text, or whole numbers in digits; trimmed, NFC. empty: may be ''."""
    values = column(table, name)
    if pd.api.types.is_float_dtype(values.dtype):
        stop(
            "id_as_number",
            "Ids and labels are text or whole numbers; this column holds decimals.",
            "Read the column as text, so that leading zeros stay: pandas.read_csv(FILE, dtype=str).",
            field=visible(name),
        )
    found = []
    for row, value in enumerate(values.tolist(), start=1):
        missing = value is None or value is pd.NA or value is pd.NaT or value != value
        if missing or isinstance(value, float):
            _bad(name, row, value, "is empty or no text")
        try:
            text = canonical(str(value))
        except RctError as error:
            stop(
                "control_character",
                error.problems[0].rule,
                error.problems[0].fix,
                row=row,
                field=visible(name),
            )
        if not text and not empty:
            _bad(name, row, value, "is empty")
        found.append(text)
    return found


def numbers(table: pd.DataFrame, name: str, *, missing: bool = False) -> Floats:
    """A column of numbers or yes/no as (n,) floats. missing: empty cells are nan; else they are refused."""
    values = column(table, name)
    if not (pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_bool_dtype(values.dtype)):
        stop(
            "bad_cell",
            "This column must hold numbers, or True and False.",
            "Convert it first: pandas.to_numeric.",
            field=visible(name),
            found=str(values.dtype),
        )
    found = values.to_numpy(dtype=float, na_value=np.nan)
    wrong = np.isinf(found) | (np.isnan(found) & (not missing))
    if wrong.any():
        _bad(name, int(np.argmax(wrong)) + 1, found[int(np.argmax(wrong))], "is empty or not finite")
    return found


def blocks_of(table: pd.DataFrame, columns: Sequence[str]) -> list[str] | None:
    """The label of every row's block; None without columns."""
    if not columns:
        return None
    parts = [texts(table, c, empty=True) for c in columns]
    return [block_label(values) for values in zip(*parts, strict=True)]


def covariates_of(table: pd.DataFrame, columns: Sequence[str]) -> tuple[tuple[str, ...], Floats]:
    """Names and (n, p): numbers as they are, texts as indicators without the first level in byte order."""
    found: list[str] = []
    parts: list[Floats] = []
    for name in columns:
        values = column(table, name)
        if pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_bool_dtype(values.dtype):
            found.append(name)
            parts.append(numbers(table, name)[:, None])
        else:
            levels, x = indicators(name, [level_name(v) for v in texts(table, name, empty=True)])
            found += levels[1:]
            parts.append(x[:, 1:])
    return tuple(found), np.hstack(parts) if parts else np.empty((len(table), 0))


def arms_of(table: pd.DataFrame, name: str, known: Iterable[str]) -> NDArray[np.int64]:
    """(n,) codes into `known`. RctError at the first row with another arm."""
    place = {arm: i for i, arm in enumerate(known)}
    found = texts(table, name)
    for row, arm in enumerate(found, start=1):
        if arm not in place:
            stop(
                "unknown_arm",
                f"The arms are {visible(', '.join(place))}.",
                "Correct the cell, or name this arm.",
                row=row,
                field=visible(name),
                found=visible(arm),
            )
    return np.array([place[arm] for arm in found], dtype=np.int64)


def require_fit(scheme: str, blocks: Sequence[str], clusters: str | None) -> None:
    """RctError where a scheme has no blocks or clusters and needs them, or has them and doesn't."""
    if scheme not in SCHEMES:
        stop(
            "not_a_choice",
            f"The schemes are {', '.join(SCHEMES)}.",
            "Choose one of them.",
            field="scheme",
            found=visible(str(scheme)),
        )
    needs: Mapping[str, tuple[bool, bool]] = {
        "blocks": (SCHEMES[scheme].needs_blocks, bool(blocks)),
        "clusters": (SCHEMES[scheme].needs_clusters, clusters is not None),
    }
    for what, (needed, there) in needs.items():
        if needed and not there:
            stop("scheme_needs", f"The scheme {scheme} needs {what}.", f"Name them: {what}=…", field=what)
        if there and not needed:
            stop(
                "scheme_refuses",
                f"The scheme {scheme} draws without {what}.",
                f"Leave {what} out, or choose a scheme that uses them.",
                field=what,
            )


def _bad(name: str, row: int, value: object, what: str) -> None:
    stop(
        "bad_cell",
        f"This cell {what}.",
        "Fill it in, or leave the row out for a reason that you can tell.",
        row=row,
        field=visible(name),
        found=visible(str(value)),
    )
