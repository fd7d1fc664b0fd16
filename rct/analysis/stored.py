"""The analysis of what is stored, made anew from it, and whether that is what was loaded and drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version

from rct.analysis.compute import AnalysisResults, StoredRandomization, compute
from rct.analysis.coverage import cut_arms, last_days
from rct.analysis.due import require_current
from rct.analysis.planned import planned
from rct.analysis.results import unwritten
from rct.errors import stop
from rct.registry.chain import Event
from rct.registry.events import AnalyzeBody, OutcomesBody
from rct.registry.results import Result
from rct.registry.trial import Drawn, Trial


def numpy_version() -> str:
    """The numpy that draws the randomization test's arrangements: another may draw others from one seed."""
    return version("numpy")


@dataclass(frozen=True, eq=False, kw_only=True)
class Analyzed(Drawn):
    """A trial that was analyzed. event: the last analysis."""

    event: Event[AnalyzeBody]

    @property
    def rows(self) -> list[Result]:
        """What the last analysis stored."""
        return self.results(self.event.body.run)


def analyzed(trial: Trial) -> Analyzed:
    """RctError `not_analyzed` before the first analysis. Outcomes or plan may have changed since the last one."""
    event = trial.state.analysis
    if event is None:
        stop("not_analyzed", f"{trial.name} has not been analyzed.", f"Run: rct analyze {trial.name}")
    at = trial.drawn()
    return Analyzed(
        at.ws, at.db, at.state, at.kept, lock=at.lock, plan=at.plan, load=at.load, draw=at.draw, event=event
    )


def current(trial: Trial) -> Analyzed:
    """The same, and RctError `analysis_stale` where the last analysis is not of the data and plan as they stand."""
    require_current(trial.state)
    return analyzed(trial)


def recompute(trial: Drawn) -> AnalysisResults:
    """The analysis of the plan on the stored rows, from nothing but plans, frame, assignment and outcomes."""
    return trial.once("analysis", lambda: _recompute(trial))


def as_stored(trial: Analyzed) -> AnalysisResults:
    """The same, with the arrangements of the randomization test as the last analysis drew them, where these rows are still
    what it wrote: 10,000 arrangements of a million people are most of an analysis, and follow from its seed. What
    `verify` holds the results against is `recompute`."""
    if "analysis" in trial.kept:
        return recompute(trial)
    return trial.once("analysis as stored", lambda: _recompute(trial, _redrawn(trial)))


def _redrawn(trial: Analyzed) -> dict[tuple[str, str], StoredRandomization]:
    """The randomization test's figures that the last analysis stored, by outcome and arm. None where its rows were changed
    since, or an older rct wrote them: then all is drawn anew."""
    if unwritten(trial.rows, trial.event.body.files["results.csv"]) != ():
        return {}
    return {
        (row.outcome, row.arm): StoredRandomization(row.p_randomization, row.randomization_draws)
        for row in trial.rows
        if row.main and row.randomization_draws is not None
    }


def _recompute(
    trial: Drawn, redrawn: Mapping[tuple[str, str], StoredRandomization] | None = None
) -> AnalysisResults:
    definition, frame, arms, outcomes = trial.definition, trial.frame, trial.arms, trial.outcomes
    lots = str(trial.draw.body.key or trial.draw.body.frame_hash)
    results = compute(definition, frame, arms, outcomes, lots, planned(trial), redrawn)
    last = last_days(trial, list(outcomes))
    return replace(results, cut=tuple(cut_arms(definition, frame, arms, outcomes, last) if last else ()))


def require_untouched(trial: Trial, *, outcomes: bool = False) -> None:
    """What is analyzed is what was loaded and drawn: rct.db can be opened by other programs too. outcomes: whether they
    are read."""
    loaded = trial.state.last(OutcomesBody)
    if trial.state.frame is not None and trial.frame_digest != trial.state.frame_digest:
        trial.refuse("frame_changed", "list")
    require_as_drawn(trial)
    if outcomes and loaded is not None and trial.outcomes_digest != loaded.body.digest:
        trial.refuse("outcomes_changed", "outcomes")


def require_as_drawn(trial: Trial) -> None:
    """Each unit's arm is the one that was drawn."""
    draw = trial.state.draw
    if draw is not None and trial.assignment_digest != draw.body.assignment:
        trial.refuse("assignment_changed", "draw")
