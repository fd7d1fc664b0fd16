"""`rct register`: a registry's form goes into out/ once the plan is locked, and the number it gave into the log."""

from __future__ import annotations

from rct.acts.printing import print_documents
from rct.errors import stop
from rct.evidence.registers.registration import Registration
from rct.registry import chain, state
from rct.registry.change import changing, tidy
from rct.registry.events import RegisteredBody
from rct.registry.workspace import Workspace

MAX_NUMBER = 200  # characters of a registry's number or address


def write(ws: Workspace, registration: Registration, person: str) -> tuple[tuple[str, ...], bool]:
    """Write the files into out/ and their digests into the log; (paths, False) where they stand there already."""
    name = registration.made.name
    if registration.made.plan_hash is None:
        stop(
            "not_locked",
            f"The plan of {name} is not locked yet: what would be registered may still change.",
            f"Lock it with: rct lock {name}; or see a draft with --to DIR.",
        )
    of, head = f"registration:{registration.form.registry}", registration.made.head or ""
    return print_documents(ws, name, person, of=of, head=head, documents=registration.files)


def record_number(
    ws: Workspace, name: str, person: str, register: str, number: str
) -> tuple[chain.Event[RegisteredBody], bool]:
    """Put the number or address that a registry gave into the log; (event, False) where it stands there already."""
    text = " ".join(number.split())
    if not 1 <= len(text) <= MAX_NUMBER or not text.isprintable():
        stop(
            "bad_number",
            f"A registration's number or address is 1 to {MAX_NUMBER} printable characters.",
            "Copy it from the registry's page.",
            field="--number",
        )
    tidy(ws)
    with state.reading(ws) as db:
        trial_state = state.read_state(db, name)
    state.require(trial_state, open=False)
    if trial_state.plan is None:
        stop(
            "not_locked",
            f"The plan of {name} is not locked yet, so there is nothing fixed to register.",
            f"Lock it with: rct lock {name}",
        )
    body = RegisteredBody(register=register, number=text, plan_hash=trial_state.plan.body.plan_hash)
    for event in trial_state.all(RegisteredBody):
        if event.body.like(body):
            return event, False
    with changing(ws, name, person, seen=len(trial_state.events)) as change:
        return change.event(body), True
