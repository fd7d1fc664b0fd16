"""Every act is a command of the table whose commands are killed, refused and raced."""

from __future__ import annotations

from pathlib import Path

import rct.acts
from crash.commands import ROWS

SHARED = {"__init__", "plan", "printing"}  # of lock and amend; of register and consort


def test_every_act_has_a_row() -> None:
    acts = {file.stem for file in Path(rct.acts.__path__[0]).glob("*.py")} - SHARED
    assert acts <= {row.command[0] for row in ROWS}
