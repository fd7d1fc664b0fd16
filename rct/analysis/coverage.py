"""Whether the outcomes files reach to the end of the windows: what comes after a file's last day is not in it.

An event that no file holds counts as none. A file that was made before a window ended, or that stops in the middle of
it, turns every later event into a no, for all arms alike: the effect is then that of a shorter window.

Where they stop for one arm alone, the noes are that arm's, and look like an effect. No verdict is refused for it: an offer
that ends earlier for one arm than for another has such records by its nature, and no other file could be asked for. It is
told beside the verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from rct.analysis.compute import Outcomes
from rct.analysis.data import in_order, sample
from rct.definition import Definition
from rct.errors import Problem
from rct.estimate.checks import RATIO_WARNS
from rct.estimate.ends import cut_short
from rct.registry import store
from rct.registry.state import State
from rct.registry.store import Frame
from rct.registry.trial import Trial

QUIET = 0.1  # of the window: a shorter silence at its end is told of nobody
LONG = 1 / 3  # of the window: a longer one always is


@dataclass(frozen=True)
class Uncovered:
    """One outcome whose records stop too early. end: the window's last day. last: the latest day in its files, None
    where that is late enough. loaded: the day of its last load, None where that is not before `end`."""

    outcome: str
    end: date
    last: date | None
    loaded: date | None


def uncovered(state: State, definition: Definition) -> list[Uncovered]:
    """The outcomes of the plan whose files stop before their window does, as the log tells of what was loaded."""
    uncovereds = []
    for outcome in definition.outcomes:
        end = definition.window_end(outcome)
        untils = state.records_of(outcome)
        if end is None or not untils:
            continue
        loaded = max(date.fromisoformat(u.loaded) for u in untils)
        days = [date.fromisoformat(u.last) for u in untils if u.last]
        last = max(days, default=None)
        busy = any(u.busy for u in untils if u.last and date.fromisoformat(u.last) == last)
        stops = last is not None and too_early(definition.trial.start, end, last, busy=busy)
        if stops or loaded < end:
            uncovereds.append(
                Uncovered(outcome, end, last if stops else None, loaded if loaded < end else None)
            )
    return uncovereds


def last_days(trial: Trial, outcomes: Sequence[str]) -> dict[str, dict[str, float | None]]:
    """Of each of `outcomes` whose absent records count as none: the last day of each unit that has something."""
    open_ended = [o for o in outcomes if trial.definition.outcomes[o].missing == "zero"]
    days = {o: store.read_outcome(trial.db, trial.name, store.LAST + o) for o in open_ended}
    return {o: last for o, last in days.items() if last}


def cut_arms(
    definition: Definition, frame: Frame, arms: Sequence[str], values: Outcomes, last: Outcomes
) -> list[str]:
    """The outcomes in `last` whose records of some arm end before those of others, as lots would not have it. values: of
    each of them, by unit; last: as `last_days` gives it.

    Only where the day of every unit that has something is known.
    """
    made = replace(sample(definition, frame, arms, np.zeros(len(arms))), x=np.empty((0, 0)), x_names=())
    sentences = []
    for outcome, days in last.items():
        something = (u for u, v in values[outcome].items() if v and v == v)  # nan: a row that was refused
        if not all(map(days.__contains__, something)):
            continue  # loaded by an rct that kept no days
        day = np.nan_to_num(in_order(frame.units, days, 0.0)).astype(np.int64)
        if cut_short(made, day) < RATIO_WARNS:
            sentences.append(outcome)
    return sentences


def cut_warnings(trial: Trial, outcomes: Sequence[str]) -> list[Problem]:
    """A warning for each that ends so: that it does, and of no arm or day, for no result may be seen before its date."""
    last = last_days(trial, outcomes)
    if not last:
        return []
    values = {o: store.read_outcome(trial.db, trial.name, o) for o in last}
    return [
        Problem(
            code="records_cut",
            rule=f"The files for {outcome} end earlier for some arm than for others. What came later counts as none.",
            fix="Find out whether the records of every arm reach as far, and load those that are missing.",
            field=outcome,
        )
        for outcome in cut_arms(trial.definition, trial.units, trial.arms, values, last)
    ]


def too_early(start: date, end: date, last: date, *, busy: bool) -> bool:
    """Whether a quiet end of the window is no likely reason that nothing comes after `last`. busy: there was much in as
    many days before it."""
    silent, window = (end - last).days, (end - start).days
    return silent > LONG * window or (silent > QUIET * window and busy)


def early_ends(state: State, definition: Definition, outcomes: Sequence[str]) -> list[Problem]:
    """A warning for each of `outcomes` whose files, as far as they are loaded, stop before its window does."""
    problems = []
    for each in uncovered(state, definition):
        if each.outcome not in outcomes:
            continue
        what = []
        if each.last is not None:
            what.append(f"the last day in the files for {each.outcome} is {each.last}")
        if each.loaded is not None:
            what.append(f"the files for {each.outcome} were loaded on {each.loaded}")
        rule = " and ".join(what)
        problems.append(
            Problem(
                code="records_end_early",
                rule=f"{rule[0].upper()}{rule[1:]}, but days up to {each.end} count. What came later counts as none.",
                fix="Load a file of the whole window once it has ended.",
                field=each.outcome,
            )
        )
    return problems
