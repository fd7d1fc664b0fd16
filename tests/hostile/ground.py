"""The workspaces in which hostile files are met, and what lies in them once one was accepted."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

from chances import alike
from hostile.case import Case
from hostile.child import Ended, run
from support import Road, definition

from rct.registry import state, store, vault
from rct.registry.workspace import find

N = 24
HEAD = ("account", "name", "language", "balance", "do_not_mail")
LETTER = "{{ name }}\n1 Main Street\n\nDear {{ name }},\n\nplease pay.\n"
DEFINITION = definition(
    arms=(
        '[arms.control]\nlabel = "Today"\ncontrol = true\ntemplate = "today.md"\n\n'
        '[arms.letter]\nlabel = "A letter"\ntemplate = "letter.md"\n'
    ),
    frame='id = "account"\ncovariates = ["balance"]\ncategories = ["language"]\ncontact = ["name"]\n'
    'opt_out = "do_not_mail"',
    outcomes='[outcomes.paid]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "zero"\n\n'
    '[outcomes.amount]\nlabel = "Amount"\nkind = "continuous"\nmissing = "drop"\n',
    wait=30,
)


def people() -> list[list[str]]:
    """The rows of a sound list."""
    return [[f"A{i:03d}", f"Person {i}", "en", f"{10 + i}.5", "no"] for i in range(1, N + 1)]


@cache
@alike
def _made(door: str) -> Path:
    root = Path(tempfile.mkdtemp(prefix="rct-hostile-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    road = Road(root)
    road.define(DEFINITION)
    for name in ("letter.md", "today.md"):
        (road.folder / "templates" / name).write_text(LETTER)
    if door in ("outcomes", "mailed"):
        text = "\n".join([",".join(HEAD), *(",".join(row) for row in people())]) + "\n"
        road.ok("frame", "bills", road.file("list.csv", text))
        road.ok("lock", "bills", "--yes")
        road.ok("draw", "bills", "--yes")
    return root


class Ground(Road):
    """A copy of the workspace for one door; files are put down in it and commands run with limits."""

    def __init__(self, root: Path, door: str):
        shutil.copytree(_made(door), root, dirs_exist_ok=True)
        super().__init__(root, init=False)
        self.door = door
        self.kept = (self.folder / "rct.db").read_bytes()

    def put(self, case: Case, data: bytes) -> Path:
        if self.door == "definition":
            self.toml.write_bytes(data)
            return self.toml
        if self.door == "template":
            path = self.folder / "templates" / "letter.md"
            path.write_bytes(data)
            return path
        return self.file(f"file.{case.suffix}", data)

    def meet(self, case: Case, path: Path, *, store: bool = True) -> list[Ended]:
        """The command or commands of the door on this file; without `store` those alone that write nothing."""
        limits = {"seconds": case.seconds, "mebibytes": case.mebibytes}
        commands: list[tuple[object, ...]] = {
            "list": [("check", "bills", "--frame", path), ("frame", "bills", path)],
            "outcomes": [("outcomes", "bills", path)],
            "mailed": [("mailed", "bills", path)],
            "word": [("letters", "--import", path)],
            "definition": [("check", "bills"), ("lock", "bills", "--yes")],
            "template": [("check", "bills"), ("lock", "bills", "--yes")],
        }[self.door]
        if not store:
            commands = commands[:1]
        return [run("-C", self.folder, *c, *case.args, "--json", **limits) for c in commands]

    def restore(self) -> None:
        (self.folder / "rct.db").write_bytes(self.kept)

    def loaded(self) -> list[dict[str, object]]:
        """What the registry and the vault hold of each row of the list, in the file's order."""
        ws = find(self.folder)
        with state.reading(ws) as db:
            found = state.read_state(db, "bills")
            frame = store.read_frame(db, "bills")
        assert found.frame is not None
        with vault.opened(ws) as opened:
            by_unit = {
                unit: (id, contact) for unit, id, _, contact in vault.people(opened, found.frame.body.token)
            }
        rows: list[dict[str, object]] = []
        for i, unit in enumerate(frame.units):
            id, contact = by_unit[unit]
            columns = {name: column.values[i] for name, column in frame.columns.items()}
            rows.append({"account": id, **json.loads(contact), **columns})
        return rows

    def outcomes(self) -> dict[str, list[object]]:
        with state.reading(find(self.folder)) as db:
            return {
                o: sorted(map(repr, store.read_outcome(db, "bills", o).values())) for o in ("paid", "amount")
            }
