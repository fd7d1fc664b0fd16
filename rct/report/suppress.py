"""Which result rows may be printed, and what is blanked in them: the rule of `rct.disclosure` applied.

A row whose arm or control stands in a hidden cell loses every figure, for its estimate, its error and its
counts would together give the cell away. An interaction goes where one of its two levels went. Rows that stay
beside a hidden one lose the totals over all arms, from which the hidden count could be subtracted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rct.disclosure import Key, hidden_cells
from rct.disclosure.tables import hidden_in_all
from rct.errors import RctError
from rct.report.record import BalanceRow, MemoRecord, PieceRatio, ResultRow

FIGURES = (
    *("estimate", "std_error", "statistic", "df", "p_value", "p_adjusted", "p_randomization"),
    *(
        "conf_low",
        "conf_high",
        "n",
        "n_arm",
        "n_control",
        "n_clusters",
        "n_drawn",
        "n_missing",
        "mean_control",
    ),
)
TOTALS = ("n", "n_drawn", "n_missing")


def withheld(record: MemoRecord) -> frozenset[ResultRow]:
    """The rows whose figures may not be printed."""
    gone_cells = hidden(record)
    few = {
        (c.outcome, c.subgroup, c.level)
        for c in record.cells
        if c.key in gone_cells and 0 < c.n < record.threshold and c.subgroup is not None
    }
    within = {
        row
        for row in record.results
        if row.term == "arm"
        and (
            _in_hidden_cell(row, gone_cells)
            # the degrees of freedom of one regression on all arms tell how many they all are
            or (row.estimator != "difference_in_means" and (row.outcome, row.subgroup, row.level) in few)
        )
    }
    gone = {(r.outcome, r.arm, r.subgroup, r.level, r.role) for r in within}
    first = first_levels(record.results)
    return frozenset(within) | {
        row
        for row in record.results
        if row.term == "interaction"
        and any(
            (row.outcome, row.arm, row.subgroup, level, row.role) in gone
            for level in (row.level, first.get((row.outcome, row.subgroup)))
        )
    }


def published(record: MemoRecord) -> tuple[ResultRow, ...]:
    """The results as they may leave the office: withheld rows without figures, no total beside them."""
    gone = withheld(record)
    beside = {(row.outcome, row.subgroup, row.level) for row in gone}
    return tuple(
        (
            _blank(row, FIGURES)
            if row in gone
            else _blank(row, TOTALS)
            if (row.outcome, row.subgroup, row.level) in beside
            else row
        )
        for row in record.results
    )


def first_levels(rows: tuple[ResultRow, ...]) -> dict[tuple[str, str | None], str]:
    """The level that a subgroup's interactions are measured from: the first in byte order."""
    levels: dict[tuple[str, str | None], str] = {}
    for row in rows:
        if row.subgroup is not None and row.level is not None and row.term == "arm":
            key = (row.outcome, row.subgroup)
            levels[key] = min(levels.get(key, row.level), row.level, key=lambda text: text.encode())
    return levels


def published_balance(record: MemoRecord) -> tuple[BalanceRow, ...]:
    """The balance table; an indicator that few units of some arm have, or lack, loses its figures."""
    if record.balance is None:
        return ()
    units = dict(record.draw.units)
    drawn = [units[arm] for arm in record.definition.arms]
    return tuple(
        (
            replace(
                row, means=(None,) * len(row.means), normalized=(None,) * len(row.normalized), counts=None
            )
            if row.counts is not None
            and any(min(c, n - c) < record.threshold for c, n in zip(row.counts, drawn, strict=True))
            else row
        )
        for row in record.balance.rows
    )


def small_observed(record: MemoRecord, observed: int) -> bool:
    """Whether a count of observed units is too small to print."""
    return 0 < observed < record.threshold


def published_ratios(record: MemoRecord) -> list[PieceRatio]:
    """The tests of pieces by arm but those from which a count too small to print could be had."""
    small = {p.status for p in record.pieces if small_observed(record, p.pieces)}
    return [r for r in record.piece_ratio if r.status not in small]


def hidden(record: MemoRecord) -> frozenset[Key]:
    """The cells that may not be printed, over all tables of memo, appendix and bundle together.

    Where they are too many to be audited, every level of every subgroup is hidden; `audited` says so.
    """
    try:
        return audited(record)
    except RctError:
        small = hidden_cells(record.cells, record.threshold)
        return small | {cell.key for cell in record.cells if cell.subgroup is not None}


def audited(record: MemoRecord) -> frozenset[Key]:
    """The same; RctError `too_many_cells` where coarser categories are needed."""
    arms = list(record.definition.arms)
    listed: dict[tuple[str, str, str], int] = {}
    for row in published_balance(record):
        column, _, level = row.covariate.partition(" = ")
        if row.counts is not None and level:
            listed |= {(arm, column, level): n for arm, n in zip(arms, row.counts, strict=True)}
    return hidden_in_all(record.cells, record.threshold, record.draw.units, tuple(listed.items()))


def _in_hidden_cell(row: ResultRow, hidden: frozenset[Key]) -> bool:
    return any((row.outcome, arm, row.subgroup, row.level) in hidden for arm in (row.arm, row.control))


def _blank(row: ResultRow, names: tuple[str, ...]) -> ResultRow:
    blank: dict[str, Any] = dict.fromkeys(names)
    return replace(row, **blank)
