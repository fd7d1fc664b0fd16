"""What the registry holds for each criterion of a city certification, item by item, each with its event and files.

The criteria follow those on evaluation that What Works Cities Certification asks of a city (its EVAL 1 to 4, its
criterion on a lead for rigorous evaluation, and equity), in our own words. An item supports a criterion; whether it
meets it is the assessors' to say. What no log can hold, such as a policy that the council passed, is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from rct.evidence.documents import Document, printed
from rct.language import day, listed
from rct.registry.chain import Event
from rct.registry.events import AnalyzeBody, Body, DecideBody, DrawBody, FollowupBody, LockBody
from rct.registry.trial import Locked
from rct.report.words.phrases import prose, sentence

B = TypeVar("B", bound=Body)


@dataclass(frozen=True)
class CriterionEvidence:
    """One thing that supports a criterion: what, by which event of which trial, with which files."""

    trial: str
    text: str
    event: Event
    files: tuple[Document, ...] = ()


@dataclass(frozen=True)
class Criterion:
    """One question of the assessors. `beyond`: what the registry can't show; `without`: what would support it."""

    key: str
    title: str
    asks: str
    items: tuple[CriterionEvidence, ...]
    summary: str
    without: str
    beyond: str

    @property
    def supported(self) -> bool:
        return bool(self.items)


@dataclass(frozen=True)
class Window:
    """The days looked at, both included."""

    since: date
    until: date

    def holds(self, event: Event) -> bool:
        return self.since <= date.fromisoformat(event.time[:10]) <= self.until

    @property
    def quarters(self) -> list[tuple[int, int]]:
        """Every calendar quarter that the window touches."""
        first, last = _quarter(self.since), _quarter(self.until)
        count = 4 * (last[0] - first[0]) + last[1] - first[1] + 1
        return [
            (year, number + 1)
            for year, number in (divmod(4 * first[0] + first[1] - 1 + i, 4) for i in range(count))
        ]


def criteria(trials: Sequence[Locked], window: Window) -> list[Criterion]:
    """Every criterion with what supports it. Only real trials are given; results before their date are left out."""
    return [
        _commitment(trials, window),
        _process(trials, window),
        _decisions(trials, window),
        _adapted(trials, window),
        _lead(trials, window),
        _equity(trials, window),
    ]


def _commitment(trials: Sequence[Locked], window: Window) -> Criterion:
    items = []
    late = elsewhere = approved = 0
    for t, e in _events(trials, window, LockBody):
        sentences = ["Plan locked"]
        if e.body.approved_by:
            sentences.append(f"approved by {prose(e.body.approved_by)}")
        if _late(e):
            late += 1
            sentences.append("after the trial's start")
        elsewhere += t.state.replayed
        approved += bool(e.body.approved_by)
        text = f"{', '.join(sentences)}. Basis: {sentence(prose(t.definition.trial.ethics))}"
        items.append(CriterionEvidence(t.name, text, e, _plan_files(t)))
    doubts = [
        *([f"{late} only after the trial's start"] if late else []),
        *([f"{elsewhere} for an assignment made elsewhere"] if elsewhere else []),
    ]
    return Criterion(
        "commitment",
        "A commitment to rigorous evaluation",
        "Is the city's commitment to evaluate rigorously written down, and put into practice?",
        tuple(items),
        f"{_count(len(items), 'plan')} locked and hashed, {approved} with the name of who approved it"
        + (f"; {' and '.join(doubts)}." if doubts else "; each before the trial's start."),
        "Lock a trial's plan with the name of who approves it: rct lock NAME --approved-by …",
        "A policy, agenda or budget line that the city adopted: attach it.",
    )


def _late(lock: Event[LockBody]) -> bool:
    """Whether the letters were to be out already when the plan was locked."""
    return lock.body.today > lock.body.start


def _process(trials: Sequence[Locked], window: Window) -> Criterion:
    items = []
    drawn = taken = 0
    for t, e in _events(trials, window, DrawBody, AnalyzeBody):
        if isinstance(e.body, DrawBody):
            units = f"{sum(e.body.units.values()):,}"
            elsewhere = e.body.replay is not None
            drawn, taken = drawn + (not elsewhere), taken + elsewhere
            how = "Assignment of {} taken over" if elsewhere else "Lots drawn for {}"
            items.append(
                CriterionEvidence(t.name, f"{how.format(units)}: {prose(t.definition.trial.title)}", e)
            )
        elif isinstance(e.body, AnalyzeBody) and t.due:
            early = f", before its date: {prose(e.body.reason)}" if e.body.early else ""
            text = f"Analysis {e.body.run} of the locked plan{early}"
            items.append(CriterionEvidence(t.name, text, e, _memo_files(t)))
    locked = [e for _, e in _events(trials, window, LockBody)]
    over = f", {taken} more in groups made elsewhere" if taken else ""
    busy = {_quarter(date.fromisoformat(e.time[:10])) for e in locked}
    departments = sorted({t.definition.trial.department for t in trials if t.definition.trial.department})
    return Criterion(
        "process",
        "A regular process to launch rigorous evaluations",
        "Are evaluations chosen, launched and resourced regularly, not once?",
        tuple(items),
        f"{_count(len(locked), 'trial')} locked and {drawn} drawn{over}; a plan was locked in {len(busy)} of "
        f"{_count(len(window.quarters), 'quarter')}."
        + (f" Departments: {listed([prose(d) for d in departments])}." if departments else ""),
        "Draw a trial: rct draw NAME. A process shows when trials start in one quarter after another.",
        "How trials are chosen, and who pays for them.",
    )


def _decisions(trials: Sequence[Locked], window: Window) -> Criterion:
    items, decided = [], 0
    used: set[str] = set()
    for t, e in _events(trials, window, DecideBody, FollowupBody):
        if not t.due:
            continue
        if isinstance(e.body, DecideBody):
            decided += 1
            as_ruled = "as the agreed rule said" if e.body.rule == e.body.verdict else f"rule: {e.body.rule}"
            text = f"Decided: {e.body.verdict} ({as_ruled}). {prose(e.body.note)}"
            items.append(CriterionEvidence(t.name, text, e, _memo_files(t)))
        elif isinstance(e.body, FollowupBody):
            if e.body.adopted in ("yes", "partly"):
                used.add(t.name)
            text = f"After {e.body.months} months: adopted {e.body.adopted}. {prose(e.body.note)}"
            items.append(CriterionEvidence(t.name, text, e))
    return Criterion(
        "decisions",
        "Results used in decisions",
        "Do results of rigorous evaluations regularly lead to decisions?",
        tuple(items),
        f"{_count(decided, 'decision')} recorded beside what the rule said; a tested version was put to use after "
        f"{_count(len(used), 'trial')}.",
        "Record decisions, and later what became of them: rct decide NAME …, rct followup NAME …",
        "Budgets, contracts and minutes that carry a decision out.",
    )


def _adapted(trials: Sequence[Locked], window: Window) -> Criterion:
    items = []
    for t, e in _events(trials, window, LockBody):
        source = adapted_from(t)
        if source is not None and t.definition.adapted is not None:
            changes = len(t.definition.adapted.changes)
            text = f"Local replication of {source}; {_count(changes, 'change')} from the original named"
            items.append(CriterionEvidence(t.name, text, e, _plan_files(t)))
    return Criterion(
        "adapted",
        "Evidence from elsewhere adapted",
        "Does the city look for what worked elsewhere, and test it at home?",
        tuple(items),
        f"{_count(len(items), 'local replication')} of another city's trial.",
        "Start a local replication of another city's trial: rct adapt BUNDLE NAME",
        "Programs that were taken over without a trial.",
    )


def adapted_from(trial: Locked) -> str | None:
    """The trial of another city that this one replicates, as its plan says; None where it is no replication."""
    source = trial.definition.adapted
    if source is None:
        return None
    return f"{prose(source.trial)} of {prose(source.city)}" if source.city else prose(source.trial)


def _lead(trials: Sequence[Locked], window: Window) -> Criterion:
    items = []
    for t, e in _events(trials, window, LockBody):
        trial = t.definition.trial
        text = f"Owner: {prose(trial.owner)}. Analyst: {prose(trial.analyst)}"
        items.append(CriterionEvidence(t.name, text, e, _plan_files(t)))
    analysts = sorted({prose(t.definition.trial.analyst) for t, _ in _events(trials, window, LockBody)})
    return Criterion(
        "lead",
        "A named lead for rigorous evaluation",
        "Who is responsible for evaluations, and do they have the skills?",
        tuple(items),
        f"{_count(len(items), 'plan')} {'names' if len(items) == 1 else 'name'} an owner and an analyst"
        + (f": {listed(analysts)}." if analysts else "."),
        "Every plan names its owner and analyst; lock one.",
        "A job description or an order that names the lead for the whole city.",
    )


def _equity(trials: Sequence[Locked], window: Window) -> Criterion:
    items = []
    for t, e in _events(trials, window, LockBody):
        planned = t.definition.analysis.subgroups
        languages = sorted({code for arm in t.definition.arms.values() for code in arm.templates or {}})
        sentences = [
            *(
                [f"Effects by {listed([prose(s) for s in planned])} planned, interaction tested"]
                if planned
                else []
            ),
            *([f"letters in {listed([prose(c) for c in languages])}"] if len(languages) > 1 else []),
        ]
        if sentences:
            text = "; ".join(sentences)
            items.append(
                CriterionEvidence(
                    t.name,
                    text[0].upper() + text[1:],
                    e,
                    (*_plan_files(t), *(_memo_files(t) if t.due else ())),
                )
            )
    return Criterion(
        "equity",
        "Equity",
        "Does the city ask whom a program reaches, and for whom it works?",
        tuple(items),
        f"{_count(len(items), 'plan')} that looked at groups, or wrote in several languages, before results were seen.",
        'Name the groups in the plan: [analysis] subgroups = ["language"], or letters in several languages.',
        "Goals for groups, and what residents said.",
    )


def _events(trials: Sequence[Locked], window: Window, *kinds: type[B]) -> Iterator[tuple[Locked, Event[B]]]:
    """The events of these kinds in the window, in order of time."""
    found = [(t, e) for t in trials for e in t.state.all(*kinds) if window.holds(e)]
    yield from sorted(found, key=lambda pair: (pair[1].time, pair[0].name, pair[1].seq))


def _plan_files(trial: Locked) -> tuple[Document, ...]:
    event = trial.state.plan
    plan = [] if event is None else [Document(f, d, event) for f, d in event.body.files.items()]
    pages = printed(trial.state, "plan")
    return (*plan, *(pages[f] for f in ("plan.pdf",) if f in pages))


def _memo_files(trial: Locked) -> tuple[Document, ...]:
    """The memo as it was last printed."""
    pages = printed(trial.state, "memo")
    return tuple(pages[f] for f in ("memo.pdf",) if f in pages)


def _quarter(of: date) -> tuple[int, int]:
    return of.year, (of.month - 1) // 3 + 1


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def period(window: Window) -> str:
    """March 2, 2026 to March 1, 2027."""
    return f"{day(window.since)} to {day(window.until)}"
