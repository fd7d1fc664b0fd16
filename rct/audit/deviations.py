"""Deviations: every difference between the plan and what happened, read off the log and the data.

Nobody has to remember them, and nobody can leave one out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from rct.analysis.compute import Analysis
from rct.audit.edits import edits
from rct.audit.mail import counted, delivery_texts, mailed_texts
from rct.definition import plan
from rct.design.balance import Balance
from rct.registry import state
from rct.registry.chain import Event
from rct.registry.state import State
from rct.registry.workspace import Workspace

UNLIKELY = 0.001  # below this, balance or sample ratio is told as a deviation
_AFTER = {"analysis": "results were seen", "outcomes": "the first outcome", "draw": "the draw"}


@dataclass(frozen=True)
class Deviation:
    """The five keys of the JSON contract; `seq` is the event it was read off, None where it is of the data."""

    code: str
    seq: int | None
    time: str
    person: str
    text: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def deviations(
    ws: Workspace,
    db: sqlite3.Connection,
    found: State,
    analysis: Analysis | None,
    balance: Balance | None,
    *,
    few: int = 0,
) -> list[Deviation]:
    """In the order of the log; what is of the data comes last. few: smaller counts of people are not told."""
    told = [d for event in found.events for d in _of_event(found, event, few)]
    at = found.analysis or (found.events[-1] if found.events else None)
    if at is None:
        return told
    for notice in edits(ws, db, found):
        told.append(
            Deviation("edited_after_lock", None, at.time, at.person, notice[0].upper() + notice[1:] + ".")
        )
    told += _threshold(found, ws.settings.threshold, at)
    if balance is not None and balance.p_value is not None and balance.p_value < UNLIKELY:
        told.append(
            Deviation(
                "imbalance",
                None,
                at.time,
                at.person,
                "The arms differ before the trial more than lots usually do.",
            )
        )
    if found.last("mailed") is not None and found.plan is not None:
        definition = plan.from_plan(state.read_plan(ws, db, found))
        told += [Deviation(c, None, at.time, at.person, t) for c, t in delivery_texts(db, found, definition)]
    if analysis is not None:
        told += [Deviation(c, None, at.time, at.person, t) for c, t in _of_data(analysis)]
    return told


def _threshold(found: State, now: int, at: Event) -> list[Deviation]:
    """Smaller counts are printed, or were once, than the office said when it locked the plan."""
    held = [e for e in found.all("lock", "printed") if isinstance(e.body.get("threshold"), int)]
    said = next((int(e.body["threshold"]) for e in held), now)
    lower = [e for e in held if int(e.body["threshold"]) < said]
    if now >= said and not lower:
        return []
    event = None if now < said else lower[0]
    few = now if event is None else int(event.body["threshold"])
    text = f"Counts of {few} people and more were printed; when the plan was locked those under {said} were to be withheld."
    when, who = (at.time, at.person) if event is None else (event.time, event.person)
    return [Deviation("threshold_lowered", None if event is None else event.seq, when, who, text)]


def _of_event(found: State, event: Event, few: int) -> Iterator[Deviation]:
    for code, text in _texts(found, event, few):
        yield Deviation(code, event.seq, event.time, event.person, text)


def _texts(found: State, event: Event, few: int) -> Iterator[tuple[str, str]]:
    body = event.body
    if event.kind == "lock":
        if body["today"] > body["start"]:
            yield (
                "locked_after_start",
                f"The plan was locked on {body['today']}, after the start on {body['start']}.",
            )
        if body["today"] > body["date"]:
            yield (
                "locked_after_date",
                f"The plan was locked on {body['today']}, after the analysis date {body['date']}.",
            )
    elif event.kind == "amend" and body["after"]:
        seen = body["after"] == "analysis"
        when = _AFTER[body["after"]]
        changes = "; ".join(
            f"{c['field']}: {c['old'] or 'absent'} → {c['new'] or 'absent'}" for c in body["changes"]
        )
        text = f"The plan was changed after {when} ({body['reason']}): {changes}."
        yield "amended_after_results" if seen else "amended_late", text
    elif event.kind == "draw" and body["replay"] and body["replay"]["impossible_blocks"]:
        n = body["replay"]["impossible_blocks"]
        yield (
            "impossible_counts",
            f"The shares could not have given the counts of {n} block{'s' if n > 1 else ''}.",
        )
    elif event.kind == "mailed":
        yield from mailed_texts(event, few)
    elif event.kind == "outcomes":
        yield from _outcome_texts(found, event, few)
    elif event.kind == "analyze":
        if body["early"]:
            yield "early", f"Results were seen before their date {body['due']} ({body['reason']})."
        if body["run"] > 1:
            yield (
                "analyzed_again",
                f"The analysis was run again (run {body['run']}) after the data or the plan changed.",
            )
        for outcome in body["not_analyzed"]:
            yield "not_analyzed", f"The planned outcome {outcome} was not analyzed: no file held it."
    elif event.kind == "stop":
        yield "stopped", f"The trial was stopped early ({body['reason']})."


def _outcome_texts(found: State, event: Event, few: int) -> Iterator[tuple[str, str]]:
    body = event.body
    refused, corrected = sum(body["refused"].values()), body["changed"]
    if refused:
        rows = counted(refused, few)
        yield "outcomes_refused", f"{rows} rows of an outcomes file were refused ({body['reason']})."
    if corrected:
        yield (
            "outcomes_corrected",
            f"{counted(corrected, few)} outcomes were corrected after they were loaded ({body['reason']}).",
        )
    if found.draw is None or event.seq < found.draw.seq:
        yield "outcomes_before_draw", "Outcomes were loaded before the draw."


def _of_data(analysis: Analysis) -> Iterator[tuple[str, str]]:
    for note in analysis.notes:
        if note.deviation:
            yield note.code, note.text[0].upper() + note.text[1:] + "."
    for check in analysis.checks:
        if check.ratio is not None and check.ratio.p_value < UNLIKELY:
            yield (
                "sample_ratio",
                f"The outcome {check.outcome} was observed in other proportions than the arms were drawn.",
            )
        if check.attrition.warns:
            yield (
                "attrition",
                f"Whether the outcome {check.outcome} is known differs between an arm and the control.",
            )
