"""Facts that cautions rest on, read off the log and the analysis: whose rows were refused, what came after results."""

from __future__ import annotations

from typing import Literal

from rct.analysis.compute import Analysis
from rct.registry.chain import Event
from rct.registry.state import State
from rct.report.record import Bounds, RefusedRows


def refused_rows(found: State, analysis: Analysis) -> tuple[RefusedRows, ...]:
    """Of each outcome of whose files rows were refused and left something open."""
    said = []
    for check in analysis.checks:
        unplaced = sum(_unplaced(e) for e in found.all("outcomes") if check.outcome in e.body["outcomes"])
        if check.refused or unplaced:
            said.append(RefusedRows(check.outcome, check.refused, unplaced))
    return tuple(said)


def _unplaced(load: Event) -> int:
    """Refused rows of which it is not known whose they are; an older rct kept it of none."""
    told = load.body.get("unplaced")
    return sum(load.body["refused"].values()) if told is None else int(told)


def bounds(analysis: Analysis) -> tuple[Bounds, ...]:
    return tuple(Bounds(c.outcome, b.arm, b.low, b.high) for c in analysis.checks for b in c.bounds)


def after_results(found: State, outcome: str) -> Literal["", "added", "corrected"]:
    """Whether values of `outcome` were corrected after any results were seen, or added to them.

    To add is what a memo without a verdict asks for, and what follows an early look, which is told as such.
    """
    loads = [e for e in found.all("outcomes") if outcome in e.body["outcomes"]]
    seen = found.all("analyze")
    if any(e.body["changed"] and any(a.seq < e.seq for a in seen) for e in loads):
        return "corrected"
    whole = [a for a in seen if not a.body["early"] and outcome not in (a.body.get("refused") or ())]
    added = any(e.body["new"] and any(a.seq < e.seq for a in whole) for e in loads)
    return "added" if added else ""
