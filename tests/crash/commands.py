"""The commands that write, a row each, and the road of workspaces on which each of them comes next.

A new command is one more `Row`. `stage` names the workspace that it starts from: a stage of `STAGES`, made from the
one before by a command of the table or by hand (files of the user).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from support import canary_accounts, canary_definition, canary_id, canary_payments

PEOPLE = 60
NAME = "bills"
SEEDS = "serial,name,street\n"


@dataclass(frozen=True)
class Row:
    """A command that writes: what it is called here, where it starts, and its arguments.

    `{root}` in an argument is the folder in which the user's files and the workspace `city` lie.
    """

    name: str
    stage: str
    command: tuple[str, ...]
    in_tests: int = 5  # points that the tests take

    def arguments(self, root: Path) -> list[str]:
        words = [word.replace("{root}", str(root)) for word in self.command]
        return words if self.name == "init" else ["-C", str(root / "city"), *words]


ROWS = (
    Row("init", "empty", ("init", "{root}/city", "--city", "Testville", "--by", "Tess"), 25),
    Row("new", "initialized", ("new", NAME, "--from", "water-bills", "--start", "2026-03-02"), 25),
    Row("lock", "defined", ("lock", NAME), 25),
    Row("amend", "edited", ("amend", NAME, "--reason", "The city attorney asked for it"), 25),
    Row("frame", "locked", ("frame", NAME, "{root}/accounts.csv"), 25),
    Row("frame again", "framed", ("frame", NAME, "{root}/more.csv")),
    Row("draw", "framed", ("draw", NAME), 25),
    Row("proof", "drawn", ("proof", NAME)),
    Row("letters", "drawn", ("letters", NAME)),
    Row("handover", "drawn", ("handover", NAME)),
    Row("mailed", "lettered", ("mailed", NAME, "{root}/pieces.csv")),
    Row("outcomes", "mailed", ("outcomes", NAME, "{root}/payments.csv"), 25),
    Row("outcomes corrected", "outcomes",
        ("outcomes", NAME, "{root}/corrected.csv", "--correct", "--reason", "A wrong cell")),
    Row("analyze", "outcomes", ("analyze", NAME)),
    Row("report", "analyzed", ("report", NAME)),
    Row("decide", "reported", ("decide", NAME, "adopt", "--note", "From May on")),
    Row("key", "decided", ("key",)),
    Row("share", "keyed", ("share", NAME)),
    Row("adapt", "shared",
        ("adapt", "{root}/city/trials/bills/out/bundle.zip", "ours", "--start", "2027-01-11")),
    Row("register", "locked", ("register", NAME, "--format", "aea")),
    Row("consort", "reported", ("consort", NAME)),
    Row("stop", "drawn", ("stop", NAME, "--reason", "The letter named a wrong number")),
    Row("forget", "reported", ("forget", NAME)),
)  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """A workspace as a command finds it: `after` the stage before, by a row's command or by hand."""

    name: str
    after: str | None
    by: str | Callable[[Path], None]


def _files(root: Path) -> None:
    """What the city has: lists of people, of payments, of pieces."""
    (root / "accounts.csv").write_text(canary_accounts(PEOPLE))
    (root / "more.csv").write_text(canary_accounts(PEOPLE + 4))
    payments = canary_payments(PEOPLE)
    (root / "payments.csv").write_text(payments)
    head, first, *others = payments.splitlines()
    cells = first.split(",")
    corrected = [head, ",".join([*cells[:2], "3.50", *cells[3:]]), *others]
    (root / "corrected.csv").write_text("\n".join(corrected) + "\n")
    today = date.today().isoformat()
    told = [
        f"{canary_id(i)},{status},{reason},{today}"
        for i, status, reason in (
            (3, "opted_out", ""), (4, "stopped", ""), (5, "returned", "moved"), (6, "returned", "vacant")
        )
    ]  # fmt: skip
    (root / "pieces.csv").write_text("\n".join(["account,status,reason,date", *told]) + "\n")


def _define(root: Path) -> None:
    trial = root / "city" / "trials" / NAME
    trial.mkdir(parents=True)
    (trial / "trial.toml").write_text(canary_definition())
    letters = root / "city" / "templates" / "bills"
    letters.mkdir(parents=True)
    for letter in ("plain", "social"):
        text = f"{{{{ name }}}}\n{{{{ street }}}}\n\nDear {{{{ name }}}},\n\nThis is the {letter} letter.\n"
        (letters / f"{letter}.md").write_text(text)


def _edit(root: Path) -> None:
    letter = root / "city" / "templates" / "bills" / "plain.md"
    letter.write_text(letter.read_text() + "\nThank you.\n")


STAGES = (
    Stage("empty", None, _files),
    Stage("initialized", "empty", "init"),
    Stage("defined", "initialized", _define),
    Stage("locked", "defined", "lock"),
    Stage("edited", "locked", _edit),
    Stage("framed", "locked", "frame"),
    Stage("drawn", "framed", "draw"),
    Stage("lettered", "drawn", "letters"),
    Stage("mailed", "lettered", "mailed"),
    Stage("outcomes", "mailed", "outcomes"),
    Stage("analyzed", "outcomes", "analyze"),
    Stage("reported", "analyzed", "report"),
    Stage("decided", "reported", "decide"),
    Stage("keyed", "decided", "key"),
    Stage("shared", "keyed", "share"),
)


def row(name: str) -> Row:
    return next(r for r in ROWS if r.name == name)


def named(names: Sequence[str]) -> list[Row]:
    """The rows of these names, or all."""
    unknown = set(names) - {r.name for r in ROWS}
    if unknown:
        raise SystemExit(f"No such command here: {', '.join(sorted(unknown))}")
    return [r for r in ROWS if not names or r.name in names]
