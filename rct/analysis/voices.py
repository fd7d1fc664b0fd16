"""Who answered the survey, and what residents said of their own accord: counts beside the analysis, never in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from rct.analysis.data import levels_of
from rct.estimate.levels import in_order
from rct.registry import remarks, store
from rct.registry.trial import Trial

BY_ARM = ""  # in place of a column: the level is an arm


@dataclass(frozen=True)
class Response:
    """Units drawn, and of these the units that answered, in one level of `column` (an arm's name where BY_ARM)."""

    outcome: str
    column: str
    level: str
    drawn: int
    answered: int


@dataclass(frozen=True)
class Theme:
    """Units that said something of one kind and theme."""

    kind: str
    theme: str
    units: int


@dataclass(frozen=True)
class KindCount:
    """Units of one arm that said anything of one kind."""

    kind: str
    arm: str
    units: int


def responses(trial: Trial) -> list[Response]:
    """For every outcome from a survey: by arm, then by each block and subgroup column."""
    definition, frame, arms = trial.definition, trial.frame, trial.arms
    asked = [name for name, o in definition.outcomes.items() if o.source == "survey"]
    columns = list(dict.fromkeys([*definition.design.blocks, *definition.analysis.subgroups]))
    found = []
    for outcome in asked:
        values = store.read_outcome(trial.db, trial.name, outcome)
        answered = [values.get(unit) is not None for unit in frame.units]
        parts = [(BY_ARM, list(definition.arms), arms)]
        for column in columns:
            levels = levels_of(frame.columns[column])
            parts.append((column, in_order(levels), levels))
        for column, levels, of_unit in parts:
            drawn = Counter(of_unit)
            known = Counter(level for level, yes in zip(of_unit, answered, strict=True) if yes)
            found += [Response(outcome, column, level, drawn[level], known[level]) for level in levels]
    return found


def said(trial: Trial) -> tuple[list[Theme], list[KindCount]]:
    """Themes by the number of people, the most first; and kinds by arm, in the plan's order of arms."""
    definition, told = trial.definition, remarks.read_remarks(trial.db, trial.name)
    if not told:
        return [], []
    themes = Counter((r.kind, r.theme) for r in told)
    ranked = sorted(themes.items(), key=lambda item: (-item[1], item[0]))
    arm_of = {row.unit: row.arm for row in store.read_assignment(trial.db, trial.name)}
    people = {(r.kind, r.unit) for r in told}
    kinds = Counter((kind, arm_of[unit]) for kind, unit in people)
    listed = [
        KindCount(k, arm, kinds[k, arm]) for k in sorted({k for k, _ in people}) for arm in definition.arms
    ]
    return [Theme(kind, theme, n) for (kind, theme), n in ranked], listed
