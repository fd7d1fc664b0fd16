"""What tests of mailed pieces share: a drawn trial with two letters and a holdout, and files about its pieces."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from support import Road

from rct.definition import plan
from rct.design.tickets import unit_id
from rct.letters.reference import reference_code
from rct.letters.versions import letters_of
from rct.registry import keys, state, store
from rct.registry.events import KINDS
from rct.registry.workspace import find

ARMS = """[arms.control]
label = "Today's letter"
control = true
template = "now.md"

[arms.plain]
label = "Plain words"
template = "plain.md"

[arms.none]
label = "No letter"
"""
N = 60


class Mail(Road):
    """A trial of 60 accounts that is drawn: codes by account, arms by account, version letters by arm."""

    def code(self, account: int) -> str:
        ws = find(self.folder)
        key = keys.read_key(ws)
        return reference_code(key, self.name, unit_id(key, self.name, f"{account:05d}"))

    def arms(self) -> dict[int, str]:
        return self.arms_of(N)

    def arms_of(self, accounts: int) -> dict[int, str]:
        ws = find(self.folder)
        key = keys.read_key(ws)
        with state.reading(ws) as db:
            by_unit = {row.unit: row.arm for row in store.read_assignment(db, self.name)}
        return {i: by_unit[unit_id(key, self.name, f"{i:05d}")] for i in range(accounts)}

    def letters(self) -> dict[str, str]:
        ws = find(self.folder)
        with state.reading(ws) as db:
            found = state.read_state(db, self.name)
            assert found.draw is not None
            return letters_of(plan.from_plan(state.read_plan(ws, db, found)), found.draw)

    def accounts_of(self, arm: str) -> list[int]:
        return [i for i, a in self.arms().items() if a == arm]

    def pieces(self, rows: Iterable[tuple[int, str, str, str]], name: str = "pieces.csv") -> Path:
        lines = [f"{self.code(i)},{status},{reason},{day}" for i, status, reason, day in rows]
        return self.file(name, "\n".join(["reference,status,reason,date", *lines]) + "\n")

    def counts(self, *rows: str, name: str = "counts.csv") -> Path:
        return self.file(name, "\n".join(["version,file,printed,mailed,spoilage", *rows]) + "\n")

    def event(self, kind: str) -> dict[str, Any]:
        with state.reading(find(self.folder)) as db:
            found = state.read_state(db, self.name).last(KINDS[kind])
        assert found is not None
        return dict(found.said)
