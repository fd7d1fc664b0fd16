"""Results as rows of a table for the terminal: the same rounding as the memo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rct.definition import Definition
from rct.estimate.levels import reference_of
from rct.report import numbers as show

HEAD = ("arm", "where", "effect", "interval", "p", "adjusted", "n")


def result_rows(
    definition: Definition, rows: Sequence[Mapping[str, Any]], outcome: str
) -> list[tuple[str, ...]]:
    """One line a result of `outcome`; effects of a binary outcome in percentage points."""
    binary = definition.outcomes[outcome].kind == "binary"
    alpha = float(definition.analysis.alpha)
    mine = [row for row in rows if row["outcome"] == outcome]
    first = {column: _first(mine, column) for column in {r["subgroup"] for r in mine if r["subgroup"]}}
    places = _places(mine, binary)
    return [
        (
            row["arm"],
            _where(row, first),
            _value(row["estimate"], binary, places),
            _interval(row, binary, places),
            _p(row["p_value"], alpha),
            _p(row["p_adjusted"], alpha),
            f"{row['n']:,}",
        )
        for row in mine
    ]


def unit_of(definition: Definition, outcome: str) -> str:
    return "percentage points" if definition.outcomes[outcome].kind == "binary" else "in its own unit"


def _first(rows: Sequence[Mapping[str, Any]], column: str) -> str:
    """The level that the interactions of `column` are measured from."""
    within, between = (
        {r["level"] for r in rows if r["subgroup"] == column and r["term"] == term}
        for term in ("arm", "interaction")
    )
    return reference_of(within, between) or "the first"


def _where(row: Mapping[str, Any], first: Mapping[str, str]) -> str:
    if row["term"] == "between":
        return f"less {row['control']} (exploratory)"
    mark = "" if row["role"] == "confirmatory" else " (exploratory)"
    if row["subgroup"] is None:
        return f"all{mark}"
    if row["term"] == "interaction":
        return f"{row['subgroup']}: {row['level']} less {first[row['subgroup']]}{mark}"
    return f"{row['subgroup']}: {row['level']}{mark}"


def _places(rows: Sequence[Mapping[str, Any]], binary: bool) -> int:
    """Decimals that show the smallest interval of the table to two figures; points always have two."""
    widths = [row["conf_high"] - row["conf_low"] for row in rows if row["conf_low"] is not None]
    return 2 if binary or not widths else show.places_for(min(widths) / 2, 2, figures=2)


def _interval(row: Mapping[str, Any], binary: bool, places: int) -> str:
    if row["conf_low"] is None:
        return ""
    return f"{_value(row['conf_low'], binary, places)} to {_value(row['conf_high'], binary, places)}"


def _value(value: float | None, binary: bool, places: int) -> str:
    if value is None:
        return ""
    return ("+" if value > 0 else "") + (
        show.points(value, places) if binary else show.decimal(value, places)
    )


def _p(p: float | None, alpha: float) -> str:
    return "" if p is None else show.p_number(p, alpha)
