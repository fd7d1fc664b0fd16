"""`rct mailed` and `rct handover` killed while they write: the state before or after, ledger, rows and files together."""

from __future__ import annotations

import random
import shutil
from datetime import date
from pathlib import Path

import pytest
from killing import ask
from mailed_support import Mail

from rct.registry import doses, optout, state
from rct.registry.workspace import find


def found(mail: Mail) -> tuple[object, ...]:
    """Doses, opt-outs in the ledger, and what lies in private/bills, as they count."""
    ws = find(mail.folder)
    with state.reading(ws) as db:
        told = [(d.unit, d.status) for d in doses.read_doses(db, "bills")]
        ledger = sorted(optout.read(ws, db).seq)
    return told, ledger, sorted(p for p in mail.tree() if p.startswith("private/bills/hand"))


@pytest.mark.parametrize("name", ["mailed", "handover"])
def test_killed_at_calls_that_change_something(mail: Mail, tmp_path: Path, name: str) -> None:
    today = date.today().isoformat()
    file = mail.pieces(
        [(3, "opted_out", "", today), (4, "stopped", "", today), (5, "returned", "moved", today)]
    )
    command: tuple[object, ...] = ("mailed", "bills", file) if name == "mailed" else ("handover", "bills")

    def copy(number: str) -> Mail:
        shutil.copytree(mail.folder, tmp_path / number / "city")
        return Mail(tmp_path / number, init=False)

    whole = copy("whole")
    before, events = found(whole), len(whole.events())
    ran = ask(whole.folder, command)
    assert ran["code"] == 0
    after = found(whole)
    assert before != after
    calls = ran["calls"]
    rng = random.Random(name)
    for i, call in enumerate(sorted({*rng.sample(range(calls // 2, calls + 1), 5), calls - 1})):
        each = copy(str(i))
        ask(each.folder, command, call=call, after=bool(i % 2))
        happened = len(each.events()) > events
        told, ledger, files = found(each)
        assert (told, ledger) == (after if happened else before)[:2]
        assert each.ok("verify", "bills")["ok"]
        assert each.ok(*command)
        assert found(each) == after
        assert each.leftovers() == []
        assert len(each.events()) == events + 1
        if not happened:
            assert files == before[2]
