"""What `lock` and `amend` share: the plan's file, its event, and the documents that carry the event's head."""

from __future__ import annotations

from dataclasses import dataclass

from rct.acts.printing import languages_of, print_documents
from rct.definition import Definition, plan
from rct.language import others, suffix
from rct.registry import chain, state
from rct.registry.change import Change
from rct.registry.events import PlanBody, PrintedBody
from rct.registry.state import State
from rct.registry.trial import Locked, Trial
from rct.registry.workspace import Workspace
from rct.report.documents import plan_documents
from rct.report.gather import plan_record


@dataclass(frozen=True)
class MadePlan:
    """What a lock or an amendment gives back."""

    event: chain.Event
    plan_hash: str
    seed_commitment: str
    paths: tuple[str, ...]
    fresh: bool
    warnings: tuple[str, ...] = ()
    changes: tuple[plan.PlanChange, ...] = ()
    deviation: bool = False


def write_plan(
    change: Change,
    body: PlanBody,
    data: bytes,
    trial_state: State,
    definition: Definition,
    *languages: str,
) -> chain.Event:
    """plan.json, the event, and the documents that print the event's head, in one change. The plan is printed in English,
    in the languages that it was printed in before, and in these."""
    number = trial_state.plan_number + 1
    digest = change.write(state.plan_file(change.ws, trial_state.name, number), data)
    event = change.event(body.but(files={state.plan_file(change.ws, trial_state.name, number).name: digest}))
    with state.reading(change.ws) as db:
        trial = Trial(change.ws, db, State(trial_state.name, [*trial_state.events, event]))
        trial.kept.update(plan_bytes=data, definition=definition)  # as it will lie there
        record = plan_record(trial.locked(), change.workspace_head)
        documents = dict(plan_documents(record))
        for other in languages_of(trial_state, *languages):
            documents |= plan_documents(record, other)
    files = {
        file: change.write(change.ws.out(trial_state.name) / file, content)
        for file, content in documents.items()
    }
    change.event(PrintedBody(of="plan", head=event.hash, files=files))
    return event


def in_another_language(trial: Locked, person: str, language: str) -> tuple[str, ...]:
    """Print the plan in force in one language more, from its own event: paths in the workspace, () where it is printed in
    that language already."""
    ws, name, event = trial.ws, trial.name, trial.plan
    printed = {
        file for e in trial.state.printed("plan") if e.body.head == event.hash for file in e.body.files
    }
    if not others(language) or f"plan{suffix(language)}.html" in printed:
        return ()
    with state.reading(ws) as db:
        then = Trial(ws, db, State(name, [e for e in trial.state.events if e.seq <= event.seq]))
        then.kept.update(plan_bytes=trial.plan_bytes, definition=trial.definition)
        record = plan_record(then.locked(), state.entered(db, event))
    documents = dict(plan_documents(record, language))
    paths, _ = print_documents(ws, name, person, of="plan", head=event.hash, documents=documents)
    return paths


def paths_of(ws: Workspace, change: Change) -> tuple[str, ...]:
    """What a change wrote for everyone: not what is private."""
    private = ws.shown(ws.private) + "/"
    return tuple(p for p in change.files if not p.startswith(private))
