"""What tests of the commands share: a workspace in a temporary folder and a way to run rct in it."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from rct.cli.main import main


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def problems(self) -> list[dict[str, Any]]:
        return list(self.json["problems"])


def run(*args: object) -> Ran:
    """Run a command in this process, as the `rct` program would."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(a) for a in args])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
    return Ran(code, out.getvalue(), err.getvalue())


class Road:
    """A workspace with one small trial, and the commands on it."""

    def __init__(self, root: Path, name: str = "bills"):
        self.root, self.name = root, name
        self.folder = root / "city"
        assert run("init", self.folder, "--city", "Testville", "--by", "Tess").code == 0

    def rct(self, *args: object) -> Ran:
        return run("-C", self.folder, *args)

    def ok(self, *args: object) -> Any:
        """Run with --json; it must succeed. Returns the object."""
        ran = self.rct(*args, "--json")
        assert ran.code == 0, (args, ran.out, ran.err)
        return ran.json

    def no(self, *args: object, code: int = 2) -> list[dict[str, Any]]:
        """Run with --json; it must be refused. Returns the problems."""
        ran = self.rct(*args, "--json")
        assert ran.code == code, (args, ran.code, ran.out, ran.err)
        assert "Traceback" not in ran.err
        return ran.problems

    def define(self, text: str) -> Path:
        path = self.folder / "trials" / self.name / "trial.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def file(self, name: str, text: str | bytes) -> Path:
        path = self.root / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    @property
    def out(self) -> Path:
        return self.folder / "trials" / self.name / "out"


def definition(
    *,
    start: date | None = None,
    days: int | None = None,
    wait: int = 0,
    arms: str | None = None,
    frame: str = 'id = "account"\ncontact = ["name"]',
    design: str = 'scheme = "complete"',
    outcomes: str | None = None,
    analysis: str = "",
    decision: str = "worthwhile = 0.01",
) -> str:
    """A small valid trial.toml; each part can be replaced. Results are due `wait` days from today."""
    today = date.today()
    start = start or today
    due = max(today + timedelta(days=wait), start)
    arms = (
        arms or '[arms.control]\nlabel = "No letter"\ncontrol = true\n\n[arms.letter]\nlabel = "A letter"\n'
    )
    outcomes = (
        outcomes or '[outcomes.paid]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "zero"\n'
    )
    return f"""[trial]
title = "Does a letter get bills paid?"
problem = "Bills are paid late."
hypothesis = "A letter helps."
channel = "letter"
owner = "Water Department"
analyst = "Ana"
ethics = "Reviewed by the city attorney."
start = {start.isoformat()}

{arms}
[frame]
{frame}

[design]
{design}

{outcomes}
[analysis]
date = {due.isoformat()}
{analysis}

[decision]
{decision}
"""


def accounts(n: int, *, columns: str = "", row: Any = None) -> str:
    """A CSV of n accounts: account, name, and more `columns` filled by `row(i)`."""
    head = "account,name" + (f",{columns}" if columns else "")
    lines = [head, *(f"{i:05d},Person {i}" + (f",{row(i)}" if row else "") for i in range(n))]
    return "\n".join(lines) + "\n"
