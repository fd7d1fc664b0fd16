"""What `lock` and `amend` share: the plan's file, its event, and the documents that carry the event's head."""

from __future__ import annotations

from dataclasses import dataclass

from rct.definition import Definition, plan
from rct.registry import chain, state
from rct.registry.change import Change
from rct.registry.events import PlanBody, PrintedBody
from rct.registry.state import State
from rct.registry.trial import Trial
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
    changes: tuple[plan.Change, ...] = ()
    deviation: bool = False


def write_plan(
    change: Change,
    body: PlanBody,
    data: bytes,
    found: State,
    definition: Definition,
) -> chain.Event:
    """plan.json, the event, and the documents that print the event's head, in one change."""
    number = found.plan_number + 1
    digest = change.write(state.plan_file(change.ws, found.name, number), data)
    event = change.event(body.but(files={state.plan_file(change.ws, found.name, number).name: digest}))
    with state.reading(change.ws) as db:
        told = Trial(change.ws, db, State(found.name, [*found.events, event]))
        told.kept.update(plan_bytes=data, definition=definition)  # as it will lie there
        documents = plan_documents(plan_record(told.locked(), change.workspace_head))
    files = {
        file: change.write(change.ws.out(found.name) / file, content) for file, content in documents.items()
    }
    change.event(PrintedBody(of="plan", head=event.hash, files=files))
    return event


def paths_of(ws: Workspace, change: Change) -> tuple[str, ...]:
    """What a change wrote for everyone: not what is private."""
    private = ws.shown(ws.private) + "/"
    return tuple(p for p in change.files if not p.startswith(private))
