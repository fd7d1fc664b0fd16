"""The commands that write, a row each, and the road of workspaces on which each of them comes next.

A new command is one more `Row`. `stage` names the workspace that it starts from: a stage of `STAGES`, made from the
one before by a command of the table or by hand (files of the user).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from support import LETTERHEAD, canary_accounts, canary_definition, canary_id, canary_payments

PEOPLE = 60
NAME = "bills"
PAPERS = Path(__file__).parents[2] / "docs" / "papers"


@dataclass(frozen=True)
class Row:
    """A command that writes: what it is called here, where it starts, and its arguments.

    `{root}` in an argument is the folder in which the user's files and the workspace `city` lie.
    """

    name: str
    stage: str
    command: tuple[str, ...]
    in_tests: int = 3  # points that the tests take
    later: int = 0  # days by which the machine's clock is ahead when the command is given

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
    Row("export", "analyzed", ("export", NAME, "--to", "csv")),
    Row("decide", "reported", ("decide", NAME, "adopt", "--note", "From May on")),
    Row("key", "decided", ("key",)),
    Row("share", "keyed", ("share", NAME)),
    Row("adapt", "shared",
        ("adapt", "{root}/city/trials/bills/out/bundle.zip", "ours", "--start", "2027-01-11")),
    Row("register", "locked", ("register", NAME, "--format", "aea")),
    Row("consort", "reported", ("consort", NAME)),
    Row("stop", "drawn", ("stop", NAME, "--reason", "The letter named a wrong number")),
    Row("forget", "reported", ("forget", NAME)),
    Row("survey", "asked", ("survey", NAME)),
    Row("remarks", "drawn", ("remarks", NAME, "{root}/remarks.csv", "--by-id")),
    Row("followup", "decided",
        ("followup", NAME, "--adopted", "partly", "--to", "two districts", "--arm", "social", "--cost", "640", "--kept",
         "--note", "The rest from June on"), later=200),
    Row("trust", "visited", ("trust", "{root}/theirs.zip", "--as", "Oldtown")),
    Row("distrust", "trusting", ("trust", "--forget", "Oldtown")),
    Row("library", "trusting", ("library", "add", "{root}/theirs.zip", "{root}/resume-audit.toml")),
    Row("library again", "stocked", ("library", "add", "{root}/screening-calls.toml")),
    Row("library rebuilt", "unindexed", ("library", "rebuild")),
    Row("pool", "initialized",
        ("pool", "any_test", "{root}/screening-calls.toml", "{root}/resume-audit.toml", "--outcome",
         "resume-audit:callback", "--page", "{root}/city/pooled.html")),
    Row("site", "decided", ("site",)),
    Row("site again", "told", ("site",)),
    Row("certify", "decided", ("certify",)),
)  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """A workspace as a command finds it: `after` the stage before, by a row's command or by hand.

    `theirs`: the stage whose bundle another city has sent, in `{root}/theirs.zip`.
    """

    name: str
    after: str | None
    by: str | Callable[[Path], None]
    theirs: str | None = None


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
    remarks = [f"{canary_id(i)},{('asked', 'objected')[i % 2]},wants to pay in parts" for i in range(3, 9)]
    (root / "remarks.csv").write_text("\n".join(["account,kind,theme", *remarks]) + "\n")
    for paper in PAPERS.glob("*.toml"):
        shutil.copy(paper, root)
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
    (letters.parent / "letterhead.toml").write_text(LETTERHEAD)


def _ask(root: Path) -> None:
    """The same trial with a survey."""
    _define(root)
    definition = root / "city" / "trials" / NAME / "trial.toml"
    survey = '[survey]\ntemplate = "bills/survey.md"\naddress = "https://city.example/?ref={reference}"\n\n'
    outcome = '[outcomes.clear]\nlabel = "Clear"\nkind = "binary"\nmissing = "drop"\nsource = "survey"\n\n'
    text = definition.read_text().replace("[outcomes.amount]", f"{survey}{outcome}[outcomes.amount]")
    definition.write_text(text)
    page = root / "city" / "templates" / "bills" / "survey.md"
    page.write_text("{{ name }}\n{{ street }}\n\nWas our letter clear?\n\n- [ ] Yes\n- [ ] No\n")


def _lose_index(root: Path) -> None:
    (root / "city" / "library" / "library.db").unlink()


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
    Stage("asking", "initialized", _ask),
    Stage("asking locked", "asking", "lock"),
    Stage("asking framed", "asking locked", "frame"),
    Stage("asked", "asking framed", "draw"),
    Stage("visited", "initialized", lambda root: None, theirs="shared"),
    Stage("trusting", "visited", "trust"),
    Stage("stocked", "trusting", "library"),
    Stage("unindexed", "stocked", _lose_index),
    Stage("built", "decided", "site"),
    Stage("told", "built", "followup"),
)


def row(name: str) -> Row:
    return next(r for r in ROWS if r.name == name)


def named(names: Sequence[str]) -> list[Row]:
    """The rows of these names, or all."""
    unknown = set(names) - {r.name for r in ROWS}
    if unknown:
        raise SystemExit(f"No such command here: {', '.join(sorted(unknown))}")
    return [r for r in ROWS if not names or r.name in names]
