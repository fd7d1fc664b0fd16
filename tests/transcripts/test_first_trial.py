"""README's first ten minutes, typed as they stand there, in order, in an empty folder."""

from __future__ import annotations

import csv
import re
import shlex
from datetime import date, timedelta
from pathlib import Path

import pytest
from support import run

from rct.demo import city
from rct.design.tickets import unit_id
from rct.registry import keys
from rct.registry.workspace import find

README = Path(__file__).parents[2] / "README.md"
WEEKS = timedelta(days=49)  # so that the example's results are due


def commands() -> list[list[str]]:
    """Every `$ rct …` and `$ cd …` of the section, in order."""
    section = README.read_text(encoding="utf-8").split("## Your first trial", 1)[1].split("\n## ", 1)[0]
    return [shlex.split(line) for line in re.findall(r"^\s*\$ ((?:rct|cd) .*)$", section, re.MULTILINE)]


def payments(root: Path, listed: list[city.Account], start: date) -> bytes:
    """What comes back, given who was drawn to what."""
    ws = find(root)
    with (ws.out("our-bills") / "assignment.csv").open(encoding="utf-8", newline="") as file:
        arms = {row["unit"]: row["arm"] for row in csv.DictReader(file)}
    key = keys.read_key(ws)
    units = {a.id: unit_id(key, "our-bills", a.id) for a in listed}
    return city.payments_csv(listed, {a: arms[u] for a, u in units.items() if u in arms}, start)


def confirm_all(workspace: Path) -> None:
    """Take every mark away, as somebody does for whom all of the example is true."""
    marked = [
        p for p in workspace.rglob("*") if p.suffix in (".toml", ".md") and "REWRITE:" in p.read_text("utf-8")
    ]
    assert {"trial.toml", "letterhead.toml", "social.md"} <= {p.name for p in marked}
    for path in marked:
        text = re.sub(r"\[\[REWRITE: [^\]]*\]\]\n\n", "", path.read_text("utf-8"))
        path.write_text(text.replace("REWRITE: ", ""), "utf-8")


def test_every_command_of_the_first_trial_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    start = date.today() - WEEKS
    listed = city.accounts(households=3_000)
    typed = commands()
    assert [words[1] for words in typed if words[0] == "rct"] == [
        "init", "new", "check", "power", "proof", "lock", "frame", "draw", "letters", "outcomes", "analyze", "report",
        "verify", "decide", "site",
    ]  # fmt: skip
    for words in typed:
        if words[0] == "cd":
            monkeypatch.chdir(words[1])
            Path("accounts.csv").write_bytes(city.accounts_csv(listed))
            continue
        if words[1] == "check":
            confirm_all(Path.cwd())
        if words[1] == "outcomes":
            Path("payments.csv").write_bytes(payments(Path.cwd(), listed, start))
        ran = run(*(start.isoformat() if re.fullmatch(r"\d{4}-\d\d-\d\d", w) else w for w in words[1:]))
        assert ran.code == 0, (words, ran.out, ran.err)
        assert "\nNext: " in ran.out, words
    assert (tmp_path / "springfield" / "trials" / "our-bills" / "out" / "memo.pdf").is_file()
    assert "decided: adopt" in (tmp_path / "springfield" / "site" / "index.html").read_text(encoding="utf-8")
