"""`rct amend`: a locked plan is changed in the open."""

from __future__ import annotations

from rct.acts.plan import MadePlan, paths_of, write_plan
from rct.audit.lockable import check_sending, refuse_fixed, require_minor
from rct.audit.reason import require_reason
from rct.definition import Definition, plan
from rct.registry import state
from rct.registry.change import changing, tidy
from rct.registry.events import AmendBody, OutcomesBody, PlanEdit
from rct.registry.trial import opened
from rct.registry.workspace import Workspace

MINOR = "a minor change, for which none was needed"  # stands where a reason would


def amend(ws: Workspace, definition: Definition, person: str, *, reason: str | None) -> MadePlan:
    """Change a locked plan with a reason; after draw, first outcome or results it is a deviation.

    A change of minor fields alone (`rct.definition.weight`) may go without a reason.
    """
    name = definition.name
    if reason is not None:
        reason = require_reason(reason)
    tidy(ws)
    data = plan.plan_json(definition, ws.templates)
    with opened(ws, name) as trial:
        trial_state = trial.state
        state.require(trial_state)
        at = trial.locked()
        old, changes = at.definition, plan.differing(at.plan_parts, plan.read_plan(data))
    commitment = at.lock.body.seed_commitment
    if not changes:
        return MadePlan(at.plan, plan.plan_hash(data), commitment, (), False)
    if reason is None:
        require_minor(changes)
        reason = MINOR
    if any(change.field.startswith(("letter ", "arms.", "trial.channel")) for change in changes):
        check_sending(ws, definition)
    steps = (
        ("analysis", trial_state.analysis),
        ("outcomes", trial_state.last(OutcomesBody)),
        ("draw", trial_state.draw),
    )
    after = next((step for step, happened in steps if happened), "")
    if trial_state.draw:
        refuse_fixed(changes)
    if old.design.beacon != definition.design.beacon and trial_state.draw is None:
        beacon = definition.design.beacon
    else:
        beacon = at.lock.body.beacon
    with changing(ws, name, person, seen=len(trial_state.events)) as change:
        body = AmendBody(
            plan_hash=plan.plan_hash(data),
            reason=reason,
            changes=tuple(PlanEdit(where=c.field, old=c.old, new=c.new) for c in changes),
            after=after,
            beacon=beacon,
            start=definition.trial.start.isoformat(),
            date=definition.analysis.date.isoformat(),
            files={},  # the plan's file, once it is written
        )
        amended = write_plan(change, body, data, trial_state, definition)
    return MadePlan(
        amended,
        body.plan_hash,
        commitment,
        paths_of(ws, change),
        True,
        (),
        tuple(changes),
        deviation=bool(after),
    )
