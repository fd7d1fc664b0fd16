"""What a plan must be before it is locked or amended, and what such a change comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from rct.definition import Definition, plan
from rct.definition.weight import is_minor
from rct.errors import Problem, RctError
from rct.frame.preview import (
    fewest_strata,
    foreseen_merges,
    refuse_too_many_covariates,
    refuse_too_many_levels,
    sizes_of,
)
from rct.letters.compose import Composer
from rct.letters.letterhead import read_letterhead
from rct.letters.required import sending_problems
from rct.registry.store import Frame
from rct.registry.trial import opened
from rct.registry.workspace import Workspace

FIXED_BY_DRAW = ("frame", "design")


def late(definition: Definition, today: date) -> list[str]:
    """Sentences for a lock that comes later than the trial's start or its analysis date."""
    told = []
    if today > definition.trial.start:
        told.append(
            f"The plan is locked on {today}, after the start on {definition.trial.start}: a deviation."
        )
    if today > definition.analysis.date:
        told.append(
            f"The plan is locked on {today}, after the analysis date {definition.analysis.date}: a deviation."
        )
    return told


def preview(ws: Workspace, definition: Definition) -> list[plan.PlanChange]:
    """What an amendment would change: the diff between the plan in force and trial.toml."""
    with opened(ws, definition.name) as trial:
        old = trial.plan_bytes
    return list(plan.difference(old, plan.plan_json(definition, ws.templates)))


def check_sending(ws: Workspace, definition: Definition) -> None:
    """Refuse what is sent where it lacks what every letter, e-mail or text message must have: what `check` asks for, too."""
    problems = sending_problems(Composer(ws, definition, read_letterhead(ws)))
    if problems:
        raise RctError(problems)


def check_loaded(definition: Definition, frame: Frame) -> None:
    """Refuse a plan whose estimator could not work on the list that is loaded."""
    sizes = sizes_of(frame.blocks, frame.clusters if definition.clustered else None)
    merged = foreseen_merges(definition, sizes)
    counts = {c.name: Counter(map(str, c.values)) for c in frame.columns.values() if c.kind == "category"}
    levels = {name: len(found) for name, found in counts.items()}
    strata = fewest_strata(definition, sizes, merged)
    refuse_too_many_covariates(definition, len(frame.units), strata, levels)
    refuse_too_many_levels(definition, len(frame.units), counts)


def refuse_fixed(changes: Sequence[plan.PlanChange]) -> None:
    fixed = [c for c in changes if _is_fixed(c.field)]
    if fixed:
        raise RctError(
            [
                Problem(
                    code="fixed_by_draw",
                    field=c.field,
                    found=str(c),
                    rule="What the draw was made from can't change after it.",
                    fix="Undo this edit; another design is another trial.",
                )
                for c in fixed
            ]
        )


def require_minor(changes: Sequence[plan.PlanChange]) -> None:
    major = [c for c in changes if not is_minor(c)]
    if major:
        raise RctError(
            [
                Problem(
                    code="reason_needed",
                    field=c.field,
                    found=str(c),
                    rule="A change of what is tested, measured or drawn needs a reason.",
                    fix='Give it: --reason "…"',
                )
                for c in major
            ]
        )


def _is_fixed(field: str) -> bool:
    parts = field.split(".")
    if parts[0] in FIXED_BY_DRAW:
        return True
    return parts[0] == "arms" and (len(parts) == 2 or parts[-1] in {"share", "control"})
