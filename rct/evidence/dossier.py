"""Each trial of the workspace with the plan in force, for those who tell of many trials at once."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date

from rct.definition import Definition, plan
from rct.registry import chain, state
from rct.registry.state import State
from rct.registry.workspace import Workspace


@dataclass(frozen=True)
class Dossier:
    """One locked trial: its log, its plan in force, and the machine's date (never before the log's last)."""

    state: State
    definition: Definition
    today: date

    @property
    def name(self) -> str:
        return self.state.name

    @property
    def real(self) -> bool:
        """Neither for practice nor simulated."""
        practice = self.state.practice or self.definition.practice
        return not practice and not (self.state.simulated or self.definition.simulated)

    @property
    def due(self) -> bool:
        """Whether the plan's analysis date is reached: nothing of its outcomes leaves before, early or not."""
        return self.today >= self.definition.analysis.date


def dossiers(ws: Workspace, db: sqlite3.Connection) -> list[Dossier]:
    """Every trial with a locked plan, in order of name. RctError where a log or plan does not hold together."""
    found = [state.read_state(db, name) for name in chain.trials(db)]
    return [
        Dossier(one, plan.from_plan(state.read_plan(ws, db, one)), chain.due_date(list(one.events)))
        for one in found
        if one.lock is not None
    ]
