"""`rct lock`: the plan is fixed, hashed and printed.

A lock makes the plan's canonical bytes (plan.json), the seed with its commitment, and the plan document that
carries the lock's own head. All of it is one change: there is no lock without its plan.
"""

from __future__ import annotations

from dataclasses import replace

from rct.acts.plan import MadePlan, in_another_language, paths_of, write_plan
from rct.audit.known import level as what_is_known
from rct.audit.lockable import check_loaded, check_sending, late
from rct.definition import Definition, plan
from rct.design.tickets import seed_commitment
from rct.errors import Problem, RctError, stop
from rct.language import SOURCE, require
from rct.registry import chain, keys, state
from rct.registry.change import changing, tidy
from rct.registry.events import LockBody
from rct.registry.trial import Locked, opened
from rct.registry.workspace import Workspace


def lock(
    ws: Workspace,
    definition: Definition,
    person: str,
    *,
    approved_by: str | None = None,
    known: str | None = None,
    language: str = SOURCE.code,
) -> MadePlan:
    """Fix the plan. The same plan again changes nothing; a changed one is refused: amend it.

    `language`: the plan is printed in it too, beside the English one; a locked plan can be printed in one more later.
    `known`: what was known of the data (a key of `rct.audit.known.LEVELS`); None takes the level from the day.
    """
    require(language)
    name = definition.name
    data = plan.plan_json(definition, ws.templates)
    tidy(ws)
    with opened(ws, name) as trial:
        trial_state = trial.state
        state.require(trial_state)
        already = None
        if trial_state.plan is not None:
            already = _locked_already(trial.locked(), data)
        else:
            check_sending(ws, definition)
            if trial_state.frame is not None:
                check_loaded(definition, trial.frame)
    if already is not None:
        return replace(already, paths=in_another_language(trial.locked(), person, language))
    if approved_by is not None and approved_by.strip().casefold() == person.casefold():
        stop(
            "approval_by_self",
            "A plan is approved by a second person.",
            "Name someone else.",
            field="--approved-by",
        )
    today = chain.due_date(list(trial_state.events))
    level = what_is_known(known, definition.trial.start, today)
    with changing(ws, name, person, seen=len(trial_state.events)) as change:
        seed = keys.new_seed()
        body = LockBody(
            trial=name,
            plan_hash=plan.plan_hash(data),
            seed_commitment=seed_commitment(seed),
            beacon=definition.design.beacon,
            approved_by=approved_by or "",
            start=definition.trial.start.isoformat(),
            date=definition.analysis.date.isoformat(),
            today=today.isoformat(),
            known=level,
            threshold=ws.settings.threshold,
            files={},  # the plan's file, once it is written
        )
        change.write(keys.seed_file(ws, name), seed.encode("ascii"), private=True)
        event = write_plan(change, body, data, trial_state, definition, language)
    return MadePlan(
        event,
        body.plan_hash,
        body.seed_commitment,
        paths_of(ws, change),
        True,
        tuple(late(definition, today)),
    )


def _locked_already(trial: Locked, new: bytes) -> MadePlan:
    changes = plan.differing(trial.plan_parts, plan.read_plan(new))
    if changes:
        raise RctError(
            Problem(
                code="locked_changed",
                rule=f"The plan was locked on {trial.lock.time}; what is on disk differs from it in: "
                + "; ".join(str(c) for c in changes[:10]),
                fix=f'Change it in the open: rct amend {trial.name} --reason "…"  (or undo the edit).',
                found=f"{len(changes)} change{'s' if len(changes) > 1 else ''}",
            )
        )
    return MadePlan(trial.plan, trial.plan.body.plan_hash, trial.lock.body.seed_commitment, (), False)
