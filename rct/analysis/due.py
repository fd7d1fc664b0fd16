"""Whether results may be seen today, and whether they are those of the data as they stand: commands and Python are told
no here."""

from __future__ import annotations

from datetime import date
from typing import NoReturn

from rct.definition import Definition
from rct.errors import stop
from rct.registry import chain
from rct.registry.events import AnalyzeBody
from rct.registry.state import State


def require_due(definition: Definition, today: date, *, early: bool) -> bool:
    """Whether this is ahead of the plan's date; RctError `not_due` unless that was said."""
    if today >= definition.analysis.date:
        return False
    if not early:
        _not_yet(definition, today)
    return True


def is_open(state: State, definition: Definition) -> bool:
    """Whether outcomes may be read beside the arms: the date is there, or they were seen early and are still the same.

    What changed since an early analysis has been seen by nobody.
    """
    due = definition.analysis.date
    return state.results_open(due) and (not state.outdated or chain.due_date(list(state.events)) >= due)


def require_open(state: State, definition: Definition) -> None:
    """RctError `not_due` where `is_open` says no."""
    if not is_open(state, definition):
        _not_yet(definition, chain.due_date(list(state.events)))


def _not_yet(definition: Definition, today: date) -> NoReturn:
    stop(
        "not_due",
        f"The plan shows no result by arm before {definition.analysis.date}; today is {today}.",
        f'Wait until then. If it can\'t wait: rct analyze {definition.name} --early --reason "…" (a deviation).',
        found=str(today),
    )


def require_current(state: State) -> chain.Event[AnalyzeBody]:
    """The last analysis; RctError where there is none, or outcomes or plan changed since."""
    event = state.analysis
    if event is None:
        stop("not_analyzed", f"{state.name} has not been analyzed.", f"Run: rct analyze {state.name}")
    if state.outdated:
        stop(
            "analysis_stale",
            "Outcomes or plan changed since the last analysis.",
            f"Run it again: rct analyze {state.name}",
        )
    return event
