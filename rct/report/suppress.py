"""Which result rows may be printed, and what is blanked in them: the rule of `rct.disclosure` applied.

A row whose arm or control stands in a hidden cell loses every figure, for its estimate, its error and its
counts would together give the cell away. An interaction goes where one of its two levels went, an arm against
another where the row of either against the control went. Rows that stay
beside a hidden one lose the totals over all arms, from which the hidden count could be subtracted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rct.disclosure import Hidden, Key, PrintedFacts, hide, hide_parts, is_small
from rct.errors import RctError
from rct.estimate.levels import reference_of
from rct.letters.pieces import RESPONSES, WISHES
from rct.registry.results import COLUMNS, Result
from rct.report import telling
from rct.report.record import (
    AttritionRecord,
    BalanceFacts,
    BalanceRow,
    ExactTest,
    Flow,
    LogEvent,
    MemoRecord,
    NamingRecord,
    OutcomeFlow,
    PieceFlow,
    PieceRatio,
    SampleRatio,
)

FIGURES = tuple(c.name for c in COLUMNS if c.withheld)
COUNTS = tuple(c.name for c in COLUMNS if c.withheld in ("count", "total"))
TOTALS = tuple(c.name for c in COLUMNS if c.withheld == "total")


def hidden(record: MemoRecord) -> frozenset[Key]:
    """The cells that may not be printed, over all tables of memo, appendix and bundle together."""
    return kept_back(record).cells


def kept_back(record: MemoRecord) -> Hidden:
    """What of cells, balance and observed counts may not be printed.

    Where small counts are too many to be audited, every level of every subgroup is; `audited` says so.
    """
    try:
        return _audited(record)
    except RctError:
        return Hidden(
            frozenset(c.key for c in record.cells if c.subgroup is not None or is_small(c, record.threshold)),
            frozenset(_level_of(record, row) for row in _indicators(record)),
            frozenset((o.outcome, o.arm) for o in record.outcomes if small_observed(record, o.observed)),
        )


def audited(record: MemoRecord) -> frozenset[Key]:
    """The cells, as `hidden`; RctError `too_many_cells` where coarser categories are needed."""
    return _audited(record).cells


def _audited(record: MemoRecord) -> Hidden:
    return hide(
        record.cells,
        record.threshold,
        PrintedFacts(
            record.draw.units,
            tuple((o.outcome, o.arm, o.observed) for o in record.outcomes),
            tuple((*_level_of(record, row), row.counts or ()) for row in _indicators(record)),
        ),
    )


def _indicators(record: MemoRecord) -> list[BalanceRow]:
    return [row for row in record.balance.rows if row.counts is not None] if record.balance else []


def small_observed(record: MemoRecord, observed: int) -> bool:
    """Whether a count of observed units is too small to print."""
    return 0 < observed < record.threshold


def withheld(record: MemoRecord) -> frozenset[Result]:
    """The rows whose figures may not be printed."""
    cells = hidden(record)
    within = {row for row in record.results if row.term == "arm" and _in_hidden_cell(row, cells)}
    within |= _pooled(record, cells)
    # Not small, but no results: the files of the outcome leave people of some arm out.
    within |= {r for r in record.results if any(n.refused and n.outcome == r.outcome for n in record.naming)}
    gone = {(r.outcome, r.arm, r.subgroup, r.level, r.role) for r in within}
    main = {(r.outcome, r.arm) for r in within if r.subgroup is None}
    within |= {
        r
        for r in record.results
        if r.term == "between" and any((r.outcome, arm) in main for arm in (r.arm, r.control))
    }
    first = first_levels(record.results)
    unfitted = _unfitted(record, cells)
    return frozenset(within) | {
        row
        for row in record.results
        if row.term == "interaction"
        and (
            (row.outcome, row.subgroup) in unfitted
            or any(
                (row.outcome, row.arm, row.subgroup, level, row.role) in gone
                for level in (row.level, first.get((row.outcome, row.subgroup)))
            )
        )
    }


def published_notes(record: MemoRecord) -> tuple[str, ...]:
    """The estimators' sentences; none that tells how few a withheld count is."""
    if not withheld(record):
        return record.notes
    return tuple(text for text in record.notes if text not in record.revealing)


def published(record: MemoRecord) -> tuple[Result, ...]:
    """The results as they may leave the office: withheld rows without figures, no total beside them."""
    gone = withheld(record)
    whole = {row.outcome for row in gone if row.subgroup is None}
    beside = {(row.subgroup, row.level) for row in gone if row.subgroup is not None}
    columns = {row.subgroup for row in gone if row.subgroup is not None}
    apart = few_apart(record)
    around = {(row.outcome, row.subgroup, row.level) for row in apart}
    parted = {(row.outcome, row.subgroup) for row in apart if row.subgroup is not None}

    def blank(row: Result) -> tuple[str, ...]:
        if row in gone:
            return FIGURES
        if row in apart or (row.term == "interaction" and (row.outcome, row.subgroup) in parted):
            return COUNTS
        if (row.outcome, row.subgroup, row.level) in around:
            return tuple(dict.fromkeys((*TOTALS, *beside_hidden(row))))
        return beside_hidden(row)

    def beside_hidden(row: Result) -> tuple[str, ...]:
        if row.subgroup is None:
            return TOTALS if row.outcome in whole else ()
        if row.term == "interaction":
            return COUNTS if row.subgroup in columns else ()  # they are those of every level that was fitted
        return TOTALS if (row.subgroup, row.level) in beside else ()

    adjusted = told_adjusted(record)
    return tuple(
        _blank(row, (*blank(row), *(() if row in adjusted else ("p_adjusted",)))) for row in record.results
    )


def few_apart(record: MemoRecord) -> frozenset[Result]:
    """The rows of which few people of the arm or of the control, known and yet compared with nobody, are left out: who
    is known of an arm is printed, so that the row's counts would tell them."""
    known = {c.key: c.n for c in record.cells}

    def left_out(row: Result, arm: str, compared: int | None) -> bool:
        n = known.get((row.outcome, arm, row.subgroup, row.level))
        return n is not None and compared is not None and 0 < n - compared < record.threshold

    return frozenset(
        row
        for row in record.results
        if row.n_without_comparison
        and row.term != "interaction"
        and (left_out(row, row.arm, row.n_arm) or left_out(row, row.control, row.n_control))
    )


def _pooled(record: MemoRecord, cells: frozenset[Key]) -> set[Result]:
    """Rows of one regression over all arms, of which one has too few people: N less the rank is printed as df,
    so that the rows stand or fall together."""
    if not record.definition.estimator.joint:
        return set()
    few = {
        (c.outcome, c.subgroup, c.level)
        for c in record.cells
        if c.key in cells and 0 < c.n < record.threshold
    }
    return {r for r in record.results if r.term == "arm" and (r.outcome, r.subgroup, r.level) in few}


def _unfitted(record: MemoRecord, cells: frozenset[Key]) -> set[tuple[str, str | None]]:
    """Subgroups with a level too small to fit: the regression's df over the others would count its people."""
    if not record.definition.estimator.joint:
        return set()
    return {
        (r.outcome, r.subgroup)
        for r in record.results
        if r.term == "arm" and r.subgroup is not None and r.estimate is None and _in_hidden_cell(r, cells)
    }


def told_adjusted(record: MemoRecord) -> set[Result]:
    """The rows whose adjusted p says nothing of a withheld p.

    Holm's step-down takes a p-value times its rank from below, or that of a smaller one. It may be shown where
    it is a multiple of the row's own p, or of another that is shown.
    """
    gone = withheld(record)
    results = {row for row in record.results if row.p_adjusted is None or row.p_adjusted == 1.0}
    for family in {row.family for row in record.results if row.family}:
        rows = [row for row in record.results if row.family == family]
        shown = [row for row in rows if row not in gone]
        if len(shown) == len(rows):
            results |= set(rows)
            continue
        ours = [k * row.p_value for row in shown if row.p_value for k in range(1, len(rows) + 1)]
        results |= {
            row
            for row in shown
            if row.p_adjusted is not None
            and any(math.isclose(row.p_adjusted, p, rel_tol=1e-12, abs_tol=0.0) for p in ours)
        }
    return results


def first_levels(rows: tuple[Result, ...]) -> dict[tuple[str, str | None], str]:
    """The level that a subgroup's interactions are measured from, by outcome and column."""
    levels: dict[tuple[str, str | None], dict[str, set[str]]] = {}
    for row in rows:
        if row.subgroup is not None and row.level is not None:
            of = levels.setdefault((row.outcome, row.subgroup), {"arm": set(), "interaction": set()})
            of[row.term].add(row.level)
    found = {key: reference_of(of["arm"], of["interaction"]) for key, of in levels.items()}
    return {key: level for key, level in found.items() if level is not None}


def group_fragile(rows: Iterable[Result], row: Result, base: str) -> bool:
    """Whether the effect in either of the two levels that an interaction holds against each other is fragile."""
    return any(
        r.fragile and r.term == "arm" and r.level in (row.level, base)
        for r in rows
        if (r.outcome, r.arm, r.subgroup, r.role) == (row.outcome, row.arm, row.subgroup, row.role)
    )


def published_balance(record: MemoRecord) -> BalanceFacts | None:
    """The balance table; an indicator that few units of some arm have, or lack, loses its figures, and so does
    a level from which it could be had. d² then goes, since it is a function of them all, and p is rounded."""
    balance = record.balance
    if balance is None:
        return None
    gone = kept_back(record).levels
    rows = []
    for row in balance.rows:
        if row.counts is not None and _level_of(record, row) in gone:
            empty = (None,) * len(row.means)
            row = replace(row, means=empty, normalized=(None,) * len(row.normalized), counts=None)
        rows.append(row)
    if not gone:
        return balance
    p = balance.p_value if balance.p_value is None else round(balance.p_value, 2)
    return BalanceFacts(None, balance.df, p, tuple(rows))


def _level_of(record: MemoRecord, row: BalanceRow) -> tuple[str, str]:
    """Column and level of an indicator. A yes-or-no column is one of its own: it has no other level in print."""
    for column in record.definition.frame.categories or ():
        if row.covariate.startswith(f"{column} = "):
            return column, row.covariate.removeprefix(f"{column} = ")
    return f"yes or no: {row.covariate}", row.covariate


def observed(record: MemoRecord, flow: OutcomeFlow) -> int | None:
    """Units with a known outcome; None where they are too few to print (then nor are those without)."""
    return None if (flow.outcome, flow.arm) in kept_back(record).observed else flow.observed


def missing(record: MemoRecord, flow: OutcomeFlow) -> int | None:
    """Units without a known outcome, where `observed` may be printed."""
    return None if observed(record, flow) is None else flow.missing


def published_exact(record: MemoRecord) -> tuple[ExactTest, ...]:
    """Fisher's tests but those of a row that is withheld."""
    gone = {(row.outcome, row.arm) for row in withheld(record) if row.main}
    return tuple(test for test in record.exact if (test.outcome, test.arm) not in gone)


def published_sample_ratio(record: MemoRecord) -> tuple[SampleRatio, ...]:
    """The tests of observed counts but those of an outcome with a count too small to print."""
    gone = {outcome for outcome, _ in kept_back(record).observed}
    return tuple(test for test in record.sample_ratio if test.outcome not in gone)


def published_attrition(record: MemoRecord) -> tuple[AttritionRecord, ...]:
    """The tests of who is missing, likewise."""
    gone = {outcome for outcome, _ in kept_back(record).observed}
    return tuple(test for test in record.attrition if test.outcome not in gone)


def published_naming(record: MemoRecord) -> tuple[NamingRecord, ...]:
    """Whom the files name: counts and test only of files that list people, and only where neither those named nor the
    others are few. In a file of results being named is the outcome, which the cells tell or withhold."""
    few = record.threshold
    return tuple(
        n
        if n.lists == "people" and n.named is not None and min(n.named, n.drawn - n.named) >= few
        else replace(n, named=None, p_value=None)
        for n in record.naming
    )


def pieces(record: MemoRecord, piece: PieceFlow) -> int | None:
    """Pieces of one status in one arm, or None where too few have it, or lack it.

    What people did with a piece follows the rule of outcomes, none at all being few. On the way to them only
    counts of 1 and more are about anyone; how many were sent is about the office.
    """
    return None if (piece.status, piece.arm) in _hidden_pieces(record) else piece.pieces


def published_ratios(record: MemoRecord) -> list[PieceRatio]:
    """The tests of pieces by arm but those from which a count too small to print could be had."""
    gone = {status for status, _ in _hidden_pieces(record)}
    return [r for r in record.piece_ratio if r.status not in gone]


def _hidden_pieces(record: MemoRecord) -> set[tuple[str, str]]:
    few, piece_flows = record.threshold, {(p.status, p.arm): p for p in record.pieces}
    wished = any(status in WISHES for status, _ in piece_flows)
    gone = set()
    for (status, arm), p in piece_flows.items():
        sent = piece_flows["mailed", arm].pieces if ("mailed", arm) in piece_flows else p.drawn
        if status in RESPONSES:
            small = min(p.pieces, p.drawn - p.pieces) < few
        elif status == "mailed":
            # Where people opted out, those to whom nothing was sent may be they.
            small = 0 < p.pieces < few or (wished and 0 < p.drawn - p.pieces < few)
        else:
            small = any(0 < n < few for n in (p.pieces, p.drawn - p.pieces, sent - p.pieces))
        if small:
            gone.add((status, arm))
    # Where all that was sent is accounted for, the last of the ways it went is the rest.
    for arm in {arm for _, arm in piece_flows}:
        ways = [
            piece_flows[s, arm] for s in ("delivered", "returned", "forwarded") if (s, arm) in piece_flows
        ]
        lost = [p for p in ways if (p.status, arm) in gone]
        if len(lost) == 1 and len(ways) > 1:
            rest = min((p for p in ways if p not in lost), key=lambda p: p.pieces)
            gone.add((rest.status, arm))
    return gone | {("returned", arm) for arm in _returned(record, gone)}


def _returned(record: MemoRecord, gone: set[tuple[str, str]]) -> frozenset[str]:
    """The arms whose returned pieces are hidden, so that 'whom no mail reached', by group, doesn't add up to them."""
    parts = {p.arm: p.pieces for p in record.pieces if p.status == "returned"}
    small = {arm for arm in parts if ("returned", arm) in gone}
    if not record.reach or not small:
        return frozenset(small)
    column = record.reach[0].column  # each column's levels add up to the same people
    never = sum(level.unreached for level in record.reach if level.column == column)
    only = never == sum(parts.values())
    return hide_parts(parts, small, record.threshold, never, never if only else math.inf)


def telling_levels(record: MemoRecord) -> frozenset[tuple[str, str]]:
    """(column, level) whose people over all arms, taken with what is printed by arm, would tell a hidden count.

    Those of which results or balance hide some arm's count; and those of which so few are in arms that get nothing
    that two totals, of everyone and of those to whom something was sent, differ by few.
    """
    kept = kept_back(record)
    found = {(c, level) for _, _, c, level in kept.cells if c is not None and level is not None} | kept.levels
    drawn = {(r.column, r.level): r.drawn for r in record.responses}
    for level in record.reach:
        rest = drawn.get((level.column, level.level), level.sent) - level.sent
        if 0 < rest < record.threshold:
            found.add((level.column, level.level))
    return frozenset(found)


def kinds_hidden(record: MemoRecord) -> frozenset[tuple[str, str]]:
    """(kind, arm) of what residents said whose people are too few to print, or would tell of those who are.

    A theme's people are no more than the kind's, and each of these said something: themes and arms stand side by side.
    """
    gone: set[tuple[str, str]] = set()
    for kind in {k.kind for k in record.remark_kinds}:
        parts = {k.arm: k.units for k in record.remark_kinds if k.kind == kind}
        themes = [t.units for t in record.themes if t.kind == kind]
        shown = [n for n in themes if n >= record.threshold]
        high = sum(themes) if shown == themes else math.inf
        few = {arm for arm, n in parts.items() if n < record.threshold}
        gone |= {(kind, arm) for arm in hide_parts(parts, few, record.threshold, max(shown, default=0), high)}
    return frozenset(gone)


@dataclass(frozen=True)
class Exclusions:
    """The flow from the file to the units, as it may be printed: None is a count of few, or one that would tell it."""

    rows: int | None
    excluded: dict[str, int | None]
    refused: int | None


def exclusions(flow: Flow, threshold: int) -> Exclusions:
    """Rows, rows excluded by reason, rows refused: what is small is hidden, and enough with it that the units and
    the other reasons, taken off the rows, don't tell it; the rows themselves where nothing else is enough."""
    counts = {**dict(flow.excluded), "": flow.refused}
    few = {reason for reason, n in counts.items() if 0 < n < threshold}
    while few and (len(few) == 1 or sum(counts[r] for r in few) < threshold):
        others = [r for r, n in counts.items() if r not in few and n > 0]
        if not others:
            break
        few.add(min(others, key=lambda r: (counts[r], r)))
    enough = not few or (len(few) > 1 and sum(counts[r] for r in few) >= threshold)
    shown = {r: None if r in few else n for r, n in counts.items()}
    refused = shown.pop("")
    return Exclusions(flow.rows if enough else None, shown, refused)


def staying(record: MemoRecord) -> set[str]:
    """Kinds of events whose text tells what is withheld: of outcomes the counts; of an analysis the hash of all
    results, from which few hidden counts can be had by trying them."""
    kept = kept_back(record)
    hides = bool(kept.cells or kept.levels or kept.observed or withheld(record) or few_apart(record))
    return ({"outcomes"} if kept.observed else set()) | ({"analyze"} if hides else set())


def published_log(record: MemoRecord, log: Sequence[LogEvent]) -> tuple[LogEvent, ...]:
    """The log as the appendix prints it: an event that tells of few people, or of what is withheld, by its hash
    alone. What is left of it is its place in the chain."""
    events = [_SuppressedEvent(event.kind, json.loads(event.body)) for event in log]
    why = telling.withheld(events, record.threshold, staying(record))
    return tuple(
        event if reason is None else replace(event, body=WITHHELD.format(reason))
        for event, reason in zip(log, why, strict=True)
    )


WITHHELD = "withheld: {}"


@dataclass(frozen=True)
class _SuppressedEvent:
    kind: str
    said: dict[str, Any]


def _in_hidden_cell(row: Result, cells: frozenset[Key]) -> bool:
    return any((row.outcome, arm, row.subgroup, row.level) in cells for arm in (row.arm, row.control))


def _blank(row: Result, names: tuple[str, ...]) -> Result:
    blank: dict[str, Any] = dict.fromkeys(names)
    return replace(row, **blank)
