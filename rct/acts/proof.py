"""`rct proof`: each arm's letter for an invented recipient, kept in out/proofs/."""

from __future__ import annotations

import hashlib

from rct.definition import Definition
from rct.letters.proof import FOLDER, Proofs, require_planned
from rct.registry import state
from rct.registry.change import changing, tidy
from rct.registry.events import PrintedBody
from rct.registry.trial import opened
from rct.registry.workspace import Workspace


def store_proofs(ws: Workspace, definition: Definition, person: str, proofs: Proofs) -> bool:
    """Write the files to out/proofs/ with an event; False when the very same are there."""
    name = definition.name
    folder = ws.out(name) / FOLDER
    digests = {f"{FOLDER}/{file}": hashlib.sha256(data).hexdigest() for file, data in proofs.files.items()}
    tidy(ws)
    with opened(ws, name) as trial:
        trial_state = trial.state
        state.require(trial_state, open=False)
        if trial_state.plan is not None:
            require_planned(ws, definition, trial.plan_bytes)
        there = state.all_there(trial.db, (folder / file for file in proofs.files))
    last = next(reversed(trial_state.printed("proofs")), None)
    printed = PrintedBody(
        of="proofs",
        head="",
        files=digests,
        templates=dict(proofs.templates),
        arms={arm: tuple(paths) for arm, paths in proofs.arms.items()},
    )
    if there and last is not None and last.body.like(printed, "practice", "simulated"):
        return False
    if not trial_state.events:
        printed = printed.but(practice=definition.practice, simulated=definition.simulated)
    with changing(ws, name, person, seen=len(trial_state.events)) as change:
        for file, data in proofs.files.items():
            change.write(folder / file, data)
        change.event(printed)
    return True
