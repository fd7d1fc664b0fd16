"""Lock and amend: the plan is fixed, hashed, printed, and only ever changed in the open.

A lock makes the plan's canonical bytes (plan.json), the seed with its commitment, and the plan document that
carries the lock's own head. All of it is one change: there is no lock without its plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rct.audit.known import level as what_is_known
from rct.audit.reason import require_reason
from rct.definition import Definition, plan
from rct.definition.weight import is_minor
from rct.design.tickets import seed_commitment
from rct.errors import Problem, RctError, stop
from rct.frame.preview import (
    fewest_strata,
    foreseen_merges,
    refuse_too_many_covariates,
    refuse_too_many_levels,
    sizes_of,
)
from rct.letters.compose import Composer
from rct.letters.letterhead import read_letterhead
from rct.letters.messages import message_problems
from rct.registry import chain, keys, state, store
from rct.registry.change import Change, changing, tidy
from rct.registry.events import AmendBody, LockBody, OutcomesBody, PlanBody, PlanEdit, PrintedBody
from rct.registry.state import State
from rct.registry.store import Frame
from rct.registry.workspace import Workspace

FIXED_BY_DRAW = ("frame", "design")
MINOR = "a minor change, for which none was needed"  # stands where a reason would

# The plan's documents by file name; the text is the head of the workspace's log as of the same commit.
Printer = Callable[[State, Definition, bytes, str], Mapping[str, bytes]]


@dataclass(frozen=True)
class Locked:
    """What a lock or an amendment gives back."""

    event: chain.Event
    plan_hash: str
    seed_commitment: str
    paths: tuple[str, ...]
    fresh: bool
    warnings: tuple[str, ...] = ()
    changes: tuple[plan.Change, ...] = ()
    deviation: bool = False


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


def lock(
    ws: Workspace,
    definition: Definition,
    person: str,
    printer: Printer,
    *,
    approved_by: str | None = None,
    known: str | None = None,
) -> Locked:
    """Fix the plan. The same plan again changes nothing; a changed one is refused: amend it.

    `known`: what was known of the data (a key of `rct.audit.known.LEVELS`); None takes the level from the day.
    """
    name = definition.name
    data = plan.plan_json(definition, ws.templates)
    tidy(ws)
    with state.reading(ws) as db:
        found = state.read_state(db, name)
        state.require(found)
        if found.plan is not None:
            return _locked_already(found, state.read_plan(ws, db, found), data)
        _check_messages(ws, definition)
        if found.frame is not None:
            _check_loaded(definition, store.read_frame(db, name))
    if approved_by is not None and approved_by.strip().casefold() == person.casefold():
        stop(
            "approval_by_self",
            "A plan is approved by a second person.",
            "Name someone else.",
            field="--approved-by",
        )
    today = chain.due_date(list(found.events))
    level = what_is_known(known, definition.trial.start, today)
    with changing(ws, name, person, seen=len(found.events)) as change:
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
        event = _write_plan(change, body, data, found, definition, printer)
    return Locked(
        event,
        body.plan_hash,
        body.seed_commitment,
        _paths(ws, change),
        True,
        tuple(late(definition, today)),
    )


def preview(ws: Workspace, definition: Definition) -> list[plan.Change]:
    """What an amendment would change: the diff between the plan in force and trial.toml."""
    with state.reading(ws) as db:
        found = state.read_state(db, definition.name)
        old = state.read_plan(ws, db, found)
    return list(plan.difference(old, plan.plan_json(definition, ws.templates)))


def amend(
    ws: Workspace, definition: Definition, person: str, printer: Printer, *, reason: str | None
) -> Locked:
    """Change a locked plan with a reason; after draw, first outcome or results it is a deviation.

    A change of minor fields alone (`rct.definition.weight`) may go without a reason.
    """
    name = definition.name
    if reason is not None:
        reason = require_reason(reason)
    tidy(ws)
    data = plan.plan_json(definition, ws.templates)
    with state.reading(ws) as db:
        found = state.read_state(db, name)
        state.require(found)
        old = state.read_plan(ws, db, found)
    event, lock_event = found.plan, found.lock
    if event is None or lock_event is None:
        raise AssertionError("read_plan refuses a trial without a plan")
    commitment = lock_event.body.seed_commitment
    changes = plan.difference(old, data)
    if not changes:
        return Locked(event, plan.plan_hash(data), commitment, (), False)
    if reason is None:
        _require_minor(changes)
        reason = MINOR
    _check_messages(ws, definition)
    steps = (("analysis", found.analysis), ("outcomes", found.last(OutcomesBody)), ("draw", found.draw))
    after = next((step for step, happened in steps if happened), "")
    if found.draw:
        _refuse_fixed(changes)
    if plan.from_plan(old).design.beacon != definition.design.beacon and found.draw is None:
        beacon = definition.design.beacon
    else:
        beacon = lock_event.body.beacon
    with changing(ws, name, person, seen=len(found.events)) as change:
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
        amended = _write_plan(change, body, data, found, definition, printer)
    return Locked(
        amended,
        body.plan_hash,
        commitment,
        _paths(ws, change),
        True,
        (),
        tuple(changes),
        deviation=bool(after),
    )


def _write_plan(
    change: Change,
    body: PlanBody,
    data: bytes,
    found: State,
    definition: Definition,
    printer: Printer,
) -> chain.Event:
    """plan.json, the event, and the documents that print the event's head, in one change."""
    number = found.plan_number + 1
    digest = change.write(state.plan_file(change.ws, found.name, number), data)
    event = change.event(body.but(files={state.plan_file(change.ws, found.name, number).name: digest}))
    documents = printer(State(found.name, [*found.events, event]), definition, data, change.workspace_head)
    files = {
        file: change.write(change.ws.out(found.name) / file, content) for file, content in documents.items()
    }
    change.event(PrintedBody(of="plan", head=event.hash, files=files))
    return event


def _check_messages(ws: Workspace, definition: Definition) -> None:
    """Refuse an e-mail or text message that lacks what every one must have: what `check` asks for, too."""
    problems = message_problems(Composer(ws, definition, read_letterhead(ws)))
    if problems:
        raise RctError(problems)


def _check_loaded(definition: Definition, frame: Frame) -> None:
    """Refuse a plan whose estimator could not work on the list that is loaded."""
    sizes = sizes_of(frame.blocks, frame.clusters if definition.clustered else None)
    merged = foreseen_merges(definition, sizes)
    counts = {c.name: Counter(map(str, c.values)) for c in frame.columns.values() if c.kind == "category"}
    levels = {name: len(found) for name, found in counts.items()}
    strata = fewest_strata(definition, sizes, merged)
    refuse_too_many_covariates(definition, len(frame.units), strata, levels)
    refuse_too_many_levels(definition, len(frame.units), counts)


def _locked_already(found: State, old: bytes, new: bytes) -> Locked:
    event, lock_event = found.plan, found.lock
    if event is None or lock_event is None:
        raise AssertionError("a plan in force has a lock event")
    changes = plan.difference(old, new)
    if changes:
        raise RctError(
            Problem(
                code="locked_changed",
                rule=f"The plan was locked on {lock_event.time}; what is on disk differs from it in: "
                + "; ".join(str(c) for c in changes[:10]),
                fix=f'Change it in the open: rct amend {found.name} --reason "…"  (or undo the edit).',
                found=f"{len(changes)} change{'s' if len(changes) > 1 else ''}",
            )
        )
    return Locked(event, event.body.plan_hash, lock_event.body.seed_commitment, (), False)


def _refuse_fixed(changes: Sequence[plan.Change]) -> None:
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


def _require_minor(changes: Sequence[plan.Change]) -> None:
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


def _paths(ws: Workspace, change: Change) -> tuple[str, ...]:
    private = ws.shown(ws.private) + "/"
    return tuple(p for p in change.files if not p.startswith(private))
