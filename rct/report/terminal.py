"""Results as rows of a table for the terminal: the same rounding as the memo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rct.definition import Definition
from rct.report import numbers as show

HEAD = ("arm", "where", "effect", "interval", "p", "adjusted", "n")


def result_rows(definition: Definition, rows: Sequence[Mapping[str, Any]], outcome: str) -> list[tuple[str, ...]]:
    """One line a result of `outcome`; effects of a binary outcome in percentage points."""
    binary = definition.outcomes[outcome].kind == "binary"
    return [
        (
            row["arm"],
            _where(row),
            _value(row["estimate"], binary),
            "" if row["conf_low"] is None else f"{_value(row['conf_low'], binary)} to {_value(row['conf_high'], binary)}",
            _p(row["p_value"]),
            _p(row["p_adjusted"]),
            f"{row['n']:,}",
        )
        for row in rows
        if row["outcome"] == outcome
    ]


def unit_of(definition: Definition, outcome: str) -> str:
    return "percentage points" if definition.outcomes[outcome].kind == "binary" else "in its own unit"


def _where(row: Mapping[str, Any]) -> str:
    if row["subgroup"] is None:
        return "all"
    if row["term"] == "interaction":
        return f"{row['subgroup']}: {row['level']} less the first"
    return f"{row['subgroup']}: {row['level']}"


def _value(value: float | None, binary: bool) -> str:
    if value is None:
        return ""
    return f"{'+' if value > 0 else ''}{show.points(value, 2)}" if binary else show.precise(value)


def _p(p: float | None) -> str:
    return "" if p is None else show.p_number(p)
