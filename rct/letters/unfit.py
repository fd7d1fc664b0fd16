"""Pieces that can't be made, told so that their people can be found: by a list in private/, where their ids stand.

The registry doesn't keep which row of the city's file a person had, and what is said on the screen holds no id.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

from rct import fs
from rct.errors import MAX_LISTED, Problem, RctError
from rct.registry.workspace import Workspace
from rct.tables.people import csv_for_people

FILE = "refused.csv"


def refuse(ws: Workspace, name: str, unfit: Sequence[tuple[str, Problem]]) -> NoReturn:
    """Write every (id, problem) to private/NAME/refused.csv and raise the first thousand, each with its row there."""
    header = ("row", "id", "field", "found", "rule", "fix", "code")
    rows = [
        (i, id, p.field or "", p.found or "", p.rule, p.fix, p.code)
        for i, (id, p) in enumerate(unfit, start=1)
    ]
    path = ws.private_trial(name) / FILE
    fs.make_dir(path.parent, private=True)
    fs.write_atomic(path, csv_for_people(header, rows), private=True, token=secrets.token_hex(16))
    shown = ws.shown(path)
    listed = [replace(p, file=shown, row=i) for i, (_, p) in enumerate(unfit[:MAX_LISTED], start=1)]
    raise RctError(listed)
