"""What is confirmatory: what the plan had that was in force when the first outcome was loaded, or results first seen.

A plan may be amended later, in the open. But an outcome that such an amendment makes primary, or measures in another
way, or a subgroup that it adds, was chosen when outcomes could be known: it is exploratory, and so is every line of
another estimator. The family that p-values are adjusted in stays that of the plan as it was; a line of it that is
not to be had any more counts as one with p = 1, so that nobody gains by leaving one out.
"""

from __future__ import annotations

from dataclasses import dataclass

from rct.definition import Definition, plan
from rct.registry import state
from rct.registry.events import AmendBody
from rct.registry.state import State
from rct.registry.trial import Trial

# What an outcome is, for the analysis: with another of these it is another outcome.
MEASURE = ("kind", "direction", "column", "date_column", "rows", "aggregate", "window_days", "missing")
FIRST = ("outcomes", "analyze")


@dataclass(frozen=True)
class Planned:
    """The plan in force (`now`) against the one that counts (`then`); mostly they are the same."""

    now: Definition
    then: Definition

    def outcome(self, name: str) -> bool:
        """Whether the plan had this outcome, as it is measured and estimated now, and no lower in rank."""
        before, after = self.then.outcomes.get(name), self.now.outcomes[name]
        if before is None or (after.primary and not before.primary):
            return False
        if after.window_days is not None and self.now.trial.start != self.then.trial.start:
            return False
        how = (self.now.analysis, self.then.analysis)
        same = how[0].estimator == how[1].estimator and how[0].standard_errors == how[1].standard_errors
        return same and all(getattr(before, key) == getattr(after, key) for key in MEASURE)

    def subgroup(self, name: str, column: str) -> bool:
        """Whether the plan had this subgroup of this outcome."""
        primary = name in self.then.primary
        return primary and column in self.then.analysis.subgroups and self.outcome(name)

    def deciding(self) -> str:
        """The outcome that decides: the first primary one of the plan as it was, that is still measured as it was.

        Where none is left, the first primary one of the plan in force: then nothing is confirmed, and none adopted.
        """
        kept = [o for o in self.then.primary if o in self.now.outcomes and self.outcome(o)]
        return kept[0] if kept else self.now.primary[0]

    def lost(self) -> int:
        """Primary outcomes of the plan as it was that are measured no more, or in another way."""
        return sum(o not in self.now.outcomes or not self.outcome(o) for o in self.then.primary)


def planned(trial: Trial) -> Planned:
    """The plan in force against the one that was when the first outcome or result came. RctError where it is gone."""
    return trial.once("planned", lambda: _planned(trial))


def _planned(trial: Trial) -> Planned:
    trial_state, now = trial.state, trial.definition
    first = next((e for e in trial_state.events if e.kind in FIRST), None)
    if first is None or not trial_state.after(AmendBody, event=first):
        return Planned(now, now)
    before = State(trial_state.name, [e for e in trial_state.events if e.seq < first.seq])
    if before.plan is None:  # outcomes that came before any plan: the first one counts
        before = State(
            trial_state.name,
            trial_state.events[: next(i for i, e in enumerate(trial_state.events) if e.kind == "lock") + 1],
        )
    return Planned(now, plan.from_plan(state.read_plan(trial.ws, trial.db, before)))
