"""A registration's files, written into out/ once the plan is locked, and the number that a registry gave."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rct import fs
from rct.definition import Definition
from rct.evidence.registers import REGISTERS
from rct.evidence.registers.form import Form, to_json, to_markdown
from rct.evidence.registers.material import Material, material
from rct.registry.workspace import Workspace
from rct.report.plan.document import banner


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


def write_into(registration: Registration, folder: Path) -> tuple[str, ...]:
    """Write the files into a folder outside rct's care; nothing is logged."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, data in registration.files.items():
        fs.write_out(folder / file, data)
    return tuple(str(folder / file) for file in registration.files)
