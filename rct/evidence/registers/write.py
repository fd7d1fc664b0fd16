"""A registration's files, written into out/ once the plan is locked, and the number that a registry gave."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rct import fs
from rct.definition import Definition
from rct.errors import stop
from rct.evidence.printing import print_documents
from rct.evidence.registers import REGISTERS
from rct.evidence.registers.form import Form, to_json, to_markdown
from rct.evidence.registers.material import Material, material
from rct.registry import chain, state
from rct.registry.change import changing, tidy
from rct.registry.events import RegisteredBody
from rct.registry.workspace import Workspace
from rct.report.plan.document import banner

MAX_NUMBER = 200  # characters of a registry's number or address


@dataclass(frozen=True)
class Registration:
    """A filled form with its two files, by name."""

    form: Form
    made: Material
    files: dict[str, bytes]


def registration(ws: Workspace, definition: Definition, register: str) -> Registration:
    """Fill a registry's form. Before the lock it is a draft, and says so."""
    made = material(ws, definition)
    form = REGISTERS[register](made)
    draft = made.plan_hash is None
    notes = [f"{form.title}: {made.name}", f"Field names: {form.source}."]
    if mark := banner(practice=definition.practice, simulated=definition.simulated):
        notes.insert(1, mark)
    if draft:
        notes.append("DRAFT: the plan is not locked yet.")
    elif made.amended:
        notes.append("The plan has been amended since its lock; the fields are those of the plan in force.")
    about = {"trial": made.name, "draft": draft, "plan_hash": made.plan_hash, "head": made.head}
    return Registration(
        form,
        made,
        {
            f"register-{register}.md": to_markdown(
                form, f"Registration of {made.name}: {form.title}", notes[1:]
            ),
            f"register-{register}.json": to_json(form, about),
        },
    )


def write(ws: Workspace, made: Registration, person: str) -> tuple[tuple[str, ...], bool]:
    """Write the files into out/ and their digests into the log; (paths, False) where they stand there already."""
    name = made.made.name
    if made.made.plan_hash is None:
        stop(
            "not_locked",
            f"The plan of {name} is not locked yet: what would be registered may still change.",
            f"Lock it with: rct lock {name}; or see a draft with --to DIR.",
        )
    of, head = f"registration:{made.form.registry}", made.made.head or ""
    return print_documents(ws, name, person, of=of, head=head, documents=made.files)


def write_into(made: Registration, folder: Path) -> tuple[str, ...]:
    """Write the files into a folder outside rct's care; nothing is logged."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, data in made.files.items():
        fs.write_out(folder / file, data)
    return tuple(str(folder / file) for file in made.files)


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
        found = state.read_state(db, name)
    state.require(found, open=False)
    if found.plan is None:
        stop(
            "not_locked",
            f"The plan of {name} is not locked yet, so there is nothing fixed to register.",
            f"Lock it with: rct lock {name}",
        )
    body = RegisteredBody(register=register, number=text, plan_hash=found.plan.body.plan_hash)
    for event in found.all(RegisteredBody):
        if event.body.like(body):
            return event, False
    with changing(ws, name, person, seen=len(found.events)) as change:
        return change.event(body), True
