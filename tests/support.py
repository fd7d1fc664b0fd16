"""What tests of the commands share: a workspace in a temporary folder and a way to run rct in it."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import io
import json
import re
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from chances import alike

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


LETTERHEAD = (
    'address = ["1 Test Square", "Testville, IL 60000"]\n'  # without one no plan with letters is locked
)


class Road:
    """A workspace with one small trial, and the commands on it."""

    def __init__(self, root: Path, name: str = "bills", *, init: bool = True):
        self.root, self.name = root, name
        self.folder = root / "city"
        if init:
            assert run("init", self.folder, "--city", "Testville", "--by", "Tess").code == 0
            (self.folder / "templates" / "letterhead.toml").write_text(LETTERHEAD)

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

    @property
    def private(self) -> Path:
        return self.folder / "private"

    @property
    def toml(self) -> Path:
        return self.folder / "trials" / self.name / "trial.toml"

    def edit(self, old: str, new: str, file: Path | None = None) -> None:
        """Replace a text that stands once in trial.toml (or another file)."""
        file = file or self.toml
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, (old, text.count(old))
        file.write_text(text.replace(old, new), encoding="utf-8")

    def confirm(self) -> None:
        """Take every REWRITE mark away, as somebody does for whom all that stands there is true."""
        for path in [*self.folder.rglob("*.toml"), *self.folder.rglob("*.md")]:
            text = re.sub(r"\[\[REWRITE: ([^\]]*)\]\]", r"\1", path.read_text("utf-8"))
            path.write_text(text.replace("REWRITE: ", ""), "utf-8")

    def sql(self, *statements: str, unlocked: bool = False) -> list[Any]:
        """Run SQL on rct.db as an outsider with the file would; `unlocked` takes the triggers away first."""
        with contextlib.closing(sqlite3.connect(self.folder / "rct.db", isolation_level=None)) as db:
            if unlocked:
                db.execute("drop trigger if exists event_never_changes")
                db.execute("drop trigger if exists event_never_goes")
                db.execute("drop trigger if exists event_never_replaced")
            return [db.execute(statement).fetchall() for statement in statements][-1]

    def events(self) -> list[tuple[str, int, str]]:
        """Every event of every chain: trial, number, the text that was hashed."""
        return self.sql("select trial, seq, text from event order by trial, seq")

    def tree(self) -> dict[str, tuple[int, str]]:
        """Every file and folder of the workspace with its mode and the digest of its bytes."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            data = path.read_bytes() if path.is_file() else b""
            found[path.relative_to(self.folder).as_posix()] = (
                path.lstat().st_mode & 0o7777,
                hashlib.sha256(data).hexdigest(),
            )
        return found

    def leftovers(self) -> list[str]:
        """What a dead command leaves: temporary files, journals, the note of who writes."""
        return [p for p in self.tree() if ".tmp-" in p or p.endswith(("-journal", "writer.json"))]


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


# --- a trial with everything in it, at any stage of its road: made once, copied as often as wanted

CANARY = "Qzkanari"  # stands in every id, name, address and household label of the trial below, nowhere else
STAGES = ("new", "locked", "ready", "drawn", "outcomes", "analyzed", "reported")


def canary_definition(wait: int = 0) -> str:
    """Two letters and a holdout, blocks and clusters, unequal shares, events in a window, a subgroup."""
    return definition(
        start=date.today() - timedelta(days=7),
        wait=wait,
        arms="""[arms.none]
label = "No letter"
control = true

[arms.plain]
label = "Today's letter"
template = "bills/plain.md"
unit_cost = 0.5

[arms.social]
label = "Most neighbors pay on time"
template = "bills/social.md"
share = 2
unit_cost = 0.75
""",
        frame="""id = "account"
covariates = ["balance"]
categories = ["language"]
eligible = "status == 'open'"
opt_out = "do_not_mail"
contact = ["name", "street"]""",
        design='scheme = "blocked_clustered"\nblocks = ["district"]\nclusters = "household"',
        outcomes="""[outcomes.paid]
label = "Paid within a week"
kind = "binary"
primary = true
date_column = "paid_on"
rows = "event"
window_days = 7
missing = "zero"
benefit = 40

[outcomes.amount]
label = "Amount paid"
kind = "continuous"
date_column = "paid_on"
rows = "event"
window_days = 7
missing = "zero"
""",
        analysis='subgroups = ["language"]',
    )


def canary_id(i: int) -> str:
    return f"{CANARY.upper()}-{i:04d}"


def canary_row(i: int, *, status: str = "open", opt_out: str = "no") -> str:
    cells = (
        canary_id(i),
        f"{CANARY} Person{i}",
        f"{i} {CANARY} Lane",
        f"{CANARY} House {i // 2}",
        f"D{(i // 2) % 3}",
        "es" if i % 3 == 0 else "en",
        f"{20 + (i * 37) % 211}.5",
        status,
        opt_out,
    )
    return ",".join(cells)


def canary_accounts(n: int = 240) -> str:
    """240 people of 120 households who take part, one closed account, one who opted out, one blank line."""
    head = "account,name,street,household,district,language,balance,status,do_not_mail"
    people = [canary_row(i) for i in range(n)]
    others = [canary_row(n, status="closed"), canary_row(n + 1, opt_out="yes"), ""]
    return "\n".join([head, *people, *others]) + "\n"


def canary_payments(n: int = 240) -> str:
    """Payments by some, one of them outside the window, one of an account that the frame excluded."""
    day = date.today() - timedelta(days=1)
    rows = [f"{canary_id(i)},1,{10 + i % 7}.25,{day}" for i in range(n) if (i * 7) % 5 < 2]
    rows += [f"{canary_id(1)},1,9.00,{day - timedelta(days=30)}", f"{canary_id(n)},1,5.00,{day}"]
    return "\n".join(["account,paid,amount,paid_on", *rows]) + "\n"


def road_at(stage: str, root: Path, *, wait: int = 0) -> Road:
    """A copy in `root` of the canary trial at `stage`; its files accounts.csv and payments.csv lie in `root`."""
    shutil.copytree(_made(stage, wait), root, dirs_exist_ok=True)
    return Road(root, init=False)


@cache
@alike
def _made(stage: str, wait: int) -> Path:
    root = Path(tempfile.mkdtemp(prefix="rct-road-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    if stage == "new":
        road = Road(root)
        road.define(canary_definition(wait))
        letters = road.folder / "templates" / "bills"
        letters.mkdir()
        for letter in ("plain", "social"):
            (letters / f"{letter}.md").write_text(
                f"{{{{ name }}}}\n{{{{ street }}}}\n\nDear {{{{ name }}}},\n\nThis is the {letter} letter.\n"
            )
        road.file("accounts.csv", canary_accounts())
        road.file("payments.csv", canary_payments())
        return root
    before = STAGES[STAGES.index(stage) - 1]
    road = road_at(before, root, wait=wait)
    road.ok(*next_command(road, before))
    return root


def next_command(road: Road, stage: str) -> tuple[object, ...]:
    """The command that leads from `stage` to the next one."""
    commands: dict[str, tuple[object, ...]] = {
        "new": ("lock", road.name),
        "locked": ("frame", road.name, road.root / "accounts.csv"),
        "ready": ("draw", road.name),
        "drawn": ("outcomes", road.name, road.root / "payments.csv"),
        "outcomes": ("analyze", road.name),
        "analyzed": ("report", road.name),
    }
    return commands[stage]
