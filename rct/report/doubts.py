"""Facts that cautions rest on, read off the log and the analysis: whose rows were refused, what came after results."""

from __future__ import annotations

from typing import Literal

from rct.analysis.compute import AnalysisResults
from rct.registry.events import AnalyzeBody, OutcomesBody
from rct.registry.state import State
from rct.report.record import BoundsRecord, RefusedRows


def refused_rows(state: State, analysis: AnalysisResults) -> tuple[RefusedRows, ...]:
    """Of each outcome of whose files rows were refused and left something open."""
    said = []
    for check in analysis.checks:
        unplaced = sum(_unplaced(e.body) for e in state.all(OutcomesBody) if check.outcome in e.body.outcomes)
        if check.refused or unplaced:
            said.append(RefusedRows(check.outcome, check.refused, unplaced))
    return tuple(said)


def _unplaced(load: OutcomesBody) -> int:
    """Refused rows of which it is not known whose they are; an older rct kept it of none."""
    return sum(load.refused.values()) if load.unplaced is None else load.unplaced


def bounds(analysis: AnalysisResults) -> tuple[BoundsRecord, ...]:
    return tuple(BoundsRecord(c.outcome, b.arm, b.low, b.high) for c in analysis.checks for b in c.bounds)


def after_results(state: State, outcome: str) -> Literal["", "added", "corrected"]:
    """Whether values of `outcome` were corrected after any results were seen, or added to them.

    To add is what a memo without a verdict asks for, and what follows an early look, which is told as such.
    """
    loads = [e for e in state.all(OutcomesBody) if outcome in e.body.outcomes]
    events = state.all(AnalyzeBody)
    if any(e.body.changed and any(a.seq < e.seq for a in events) for e in loads):
        return "corrected"
    whole = [a for a in events if not a.body.early and outcome not in (a.body.refused or ())]
    added = any(e.body.new and any(a.seq < e.seq for a in whole) for e in loads)
    return "added" if added else ""
