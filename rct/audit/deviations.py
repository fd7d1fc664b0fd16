"""Deviations: every difference between the plan and what happened, read off the log and the data.

Nobody has to remember them, and nobody can leave one out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rct.analysis.compute import AnalysisResults
from rct.analysis.coverage import uncovered
from rct.audit.clock import wrong_clocks
from rct.audit.edits import edits
from rct.audit.mail import counted, delivery_texts, mailed_texts
from rct.definition import Definition
from rct.design.balance import Balance
from rct.design.schemes import SCHEMES
from rct.errors import visible
from rct.kinds import kind_of
from rct.language import tell
from rct.registry.chain import Event
from rct.registry.events import (
    AmendBody,
    AnalyzeBody,
    DrawBody,
    LockBody,
    MailedBody,
    OutcomesBody,
    PrintedBody,
    Replay,
    StopBody,
)
from rct.registry.state import State
from rct.registry.trial import Trial

UNLIKELY = 0.001  # below this, balance or sample ratio is told as a deviation
DRAWN_ELSEWHERE = (
    "The draw was made elsewhere and read in: rct can't vouch for it. The plan said that rct draws."
)
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
    trial: Trial, analysis: AnalysisResults | None, balance: Balance | None, *, few: int = 0
) -> list[Deviation]:
    """In the order of the log; what is of the data comes last. few: smaller counts of people are not told."""
    state = trial.state
    # Before outcomes no deviation needs the plan's words, and the plan may not be written yet.
    definition = None if state.last(OutcomesBody) is None else trial.definition
    labels = {} if definition is None else {o: _label(definition, o) for o in definition.outcomes}
    clocks = {w.event.seq: w.text for w in wrong_clocks(state.events)}
    told = [d for event in state.events for d in _of_event(state, event, labels, clocks.get(event.seq), few)]
    at = state.analysis or (state.events[-1] if state.events else None)
    if at is None:
        return told
    for notice in edits(trial):
        told.append(
            Deviation("edited_after_lock", None, at.time, at.person, notice[0].upper() + notice[1:] + ".")
        )
    told += _threshold(state, trial.ws.settings.threshold, at)
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
    if state.last(MailedBody) is not None and state.plan is not None:
        told += [Deviation(c, None, at.time, at.person, t) for c, t in delivery_texts(trial, few)]
    if definition is not None:
        said = [*_of_records(state, definition), *(_of_data(analysis, definition, few) if analysis else ())]
        told += [Deviation(c, None, at.time, at.person, t) for c, t in said]
    return told


def _threshold(state: State, now: int, at: Event) -> list[Deviation]:
    """Smaller counts are printed, or were once, than the office said when it locked the plan."""
    held = [
        (e, e.body.threshold)
        for e in state.events
        if isinstance(e.body, LockBody | PrintedBody) and e.body.threshold is not None
    ]
    said = held[0][1] if held else now
    lower = [(e, least) for e, least in held if least < said]
    if now >= said and not lower:
        return []
    event, few = (None, now) if now < said else lower[0]
    text = f"Counts of {few} people and more were printed; when the plan was locked those under {said} were to be withheld."
    when, who = (at.time, at.person) if event is None else (event.time, event.person)
    return [Deviation("threshold_lowered", None if event is None else event.seq, when, who, text)]


def _of_event(
    state: State, event: Event, labels: Mapping[str, str], clock: str | None, few: int
) -> Iterator[Deviation]:
    for code, text in _texts(state, event, labels, few):
        yield Deviation(code, event.seq, event.time, event.person, text)
    if clock is not None:
        yield Deviation("clock_wrong", event.seq, event.time, event.person, clock)


def _texts(state: State, event: Event, labels: Mapping[str, str], few: int) -> Iterator[tuple[str, str]]:
    """What an event tells of, as (code, sentence)."""
    body = event.body
    if isinstance(body, LockBody):
        yield from _lock_texts(body)
    elif isinstance(body, AmendBody) and body.after:
        yield _amend_text(body, body.after)
    elif isinstance(body, DrawBody) and body.replay:
        yield "drawn_elsewhere", DRAWN_ELSEWHERE
        if body.replay.impossible_blocks:
            yield "impossible_counts", impossible_counts(body, body.replay)
    elif isinstance(body, MailedBody):
        yield from mailed_texts(body, few)
    elif isinstance(body, OutcomesBody):
        yield from _outcome_texts(state, body, event.seq, few)
    elif isinstance(body, AnalyzeBody):
        yield from _analyze_texts(body, labels)
    elif isinstance(body, StopBody):
        yield "stopped", f"The trial was stopped early ({body.reason})."


def _lock_texts(body: LockBody) -> Iterator[tuple[str, str]]:
    if body.today > body.start:
        text = tell(
            "The plan was locked on {today}, after the start on {start}.", today=body.today, start=body.start
        )
        yield "locked_after_start", text
    if body.today > body.date:
        text = tell(
            "The plan was locked on {today}, after the analysis date {date}.",
            today=body.today,
            date=body.date,
        )
        yield "locked_after_date", text


def _amend_text(body: AmendBody, after: str) -> tuple[str, str]:
    changes = "; ".join(f"{c.where}: {c.old or 'absent'} → {c.new or 'absent'}" for c in body.changes)
    text = f"The plan was changed after {_AFTER[after]} ({body.reason}): {changes}."
    return "amended_after_results" if after == "analysis" else "amended_late", text


def _analyze_texts(body: AnalyzeBody, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if body.early:
        yield "early", f"Results were seen before their date {body.due} ({body.reason})."
    if body.run > 1:
        text = f"The analysis was run again (run {body.run}) after the data or the plan changed."
        yield "analyzed_again", text
    for outcome in body.not_analyzed:
        label = labels.get(outcome, outcome)
        yield "not_analyzed", f"The planned outcome {label} was not analyzed: no file held it."


def impossible_counts(draw: DrawBody, replay: Replay) -> str:
    """What is said of a draw, made elsewhere, whose counts the plan's shares could not have given."""
    scheme = SCHEMES.get(draw.scheme)  # a log from elsewhere may name one that is not known here
    if scheme is None or not scheme.needs_blocks:
        return (
            "The shares could not have given these group sizes; tossing a coin for each cluster could."
            if draw.clusters
            else "The shares could not have given these group sizes; tossing a coin for each unit could."
        )
    n = replay.impossible_blocks
    return f"The shares could not have given the group sizes in {n:,} block{'s' if n > 1 else ''}."


def _outcome_texts(state: State, body: OutcomesBody, seq: int, few: int) -> Iterator[tuple[str, str]]:
    refused, corrected = sum(body.refused.values()), body.changed
    if refused:
        rows = counted(refused, few)
        yield "outcomes_refused", f"{rows} rows of an outcomes file were refused ({body.reason})."
    if corrected:
        yield (
            "outcomes_corrected",
            f"{counted(corrected, few)} outcomes were corrected after they were loaded ({body.reason}).",
        )
    if state.draw is None or seq < state.draw.seq:
        yield "outcomes_before_draw", "Outcomes were loaded before the draw."


def _of_records(state: State, definition: Definition) -> Iterator[tuple[str, str]]:
    for each in uncovered(state, definition):
        label, window = _label(definition, each.outcome), f"days up to {each.end} count"
        if each.last is not None:
            yield "records_end_early", f"The last day in the files for {label} is {each.last}, and {window}."
        if each.loaded is not None:
            yield "records_end_early", f"The files for {label} were loaded on {each.loaded}, and {window}."


def _label(definition: Definition, outcome: str) -> str:
    return f"“{visible(definition.outcomes[outcome].label)}”"


def _of_data(analysis: AnalysisResults, definition: Definition, few: int) -> Iterator[tuple[str, str]]:
    for note in analysis.notes:
        if note.deviation:
            text = note.told(few)
            yield note.code, text[0].upper() + text[1:] + "."
    for outcome in analysis.cut:
        label = _label(definition, outcome)
        yield "records_cut", f"The files for {label} end earlier for some arm than for others."
    for check in analysis.checks:
        label, naming = _label(definition, check.outcome), check.naming
        none = "no" if kind_of(definition.outcomes[check.outcome].kind).yes_no else "zero"
        if check.ratio is not None and check.ratio.warns:
            yield (
                "sample_ratio",
                f"The outcome {label} was observed in other proportions than the arms were drawn.",
            )
        if check.attrition.warns:
            yield "attrition", f"Whether the outcome {label} is known differs between an arm and the control."
        if naming is not None and naming.refused:
            yield (
                "named_unevenly",
                f"The files for {label} list people, and leave out more of some arms than lots would. Whom they "
                f"leave out counts as {none}, so no verdict rests on it.",
            )
        if naming is not None and naming.lopsided:
            yield (
                "named_few",
                f"The files for {label} name hardly anyone of some arm. Whom they leave out counts as {none}.",
            )
