"""Workspaces that others put together or closed: an old registry beside a newer vault, and nothing may be written."""

from __future__ import annotations

import shutil
from pathlib import Path

from crash import state
from crash.cases import Case, Place
from crash.faults import Verdict, spoken

SENTENCE = "an old rct.db was put back"


def old_registry(case: Case) -> Verdict:
    """After the command the registry of before is put back: refused by name, nothing removed, and mended by a copy."""
    wrong: list[str] = []
    with case.ground.copy(case.row.stage) as place:
        done = place.do(case.row)
        newer = (place.city / "rct.db").read_bytes()
        people = (place.city / "private" / "vault.db").read_bytes()
        old = case.ground.stage(case.row.stage) / "city" / "rct.db"
        shutil.copy(old, place.city / "rct.db")
        wrote_people = state.unknown_batches(place.city)
        ended = place.do(case.row)
        said = " ".join(ended.out.split())
        if "Traceback" in ended.out or ended.code not in (0, 1, 2):
            wrong.append(f"ended with {ended.code}: {said[-300:]}")
        if wrote_people and not (ended.code == 2 and SENTENCE in said):
            wrong.append(f"not refused: {ended.code} {said[:300]}")
        if wrote_people:
            if (place.city / "private" / "vault.db").read_bytes() != people:
                wrong.append("the vault was changed")
            (place.city / "rct.db").write_bytes(newer)
            (place.city / "private" / "writer.json").unlink(missing_ok=True)
            side, why = case.side(place.city)
            wrong += (
                [] if side == "after" else [f"the newer registry put back is not the state after ({why})"]
            )
            verified = place.ask("verify")
            wrong += [] if verified.code == 0 else [f"verify: {verified.out}"]
        wrong += case.always(place, done.out + ended.out)
    return Verdict("old registry", case.row.name, "rct.db of before", wrote_people, wrong)


def read_only(case: Case) -> Verdict:
    """Without anyone's right to write: one sentence, nothing changed, and what reads still works."""
    with case.ground.copy(case.row.stage) as place:
        modes = _close(place.root)
        try:
            ended = place.do(case.row, powerless=True)
            wrong = [] if ended.code == 2 else [f"ended with {ended.code}"]
            wrong += spoken(ended)
            if (place.city / "rct.toml").exists():
                wrong += _reads(place)
        finally:
            for path, mode in modes.items():
                path.chmod(mode)
        if state.tree(place.city) != case.before_tree:
            changed = set(state.tree(place.city).items()) ^ set(case.before_tree.items())
            wrong.append(f"something was changed: {sorted(changed)[:3]}")
        wrong += case.again(place)
    return Verdict("read-only", case.row.name, "the whole folder", ended.code != 0, wrong)


def _reads(place: Place) -> list[str]:
    said = []
    for command in (("status",), ("log",), ("verify",)):
        ended = place.ask(*command, powerless=True)
        if ended.code != 0:
            said.append(f"{command[0]} ended with {ended.code}: {ended.out[:300]}")
    return said


def _close(root: Path) -> dict[Path, int]:
    modes = {path: path.lstat().st_mode & 0o7777 for path in [root, *root.rglob("*")]}
    for path, mode in modes.items():
        if path != root / "temporary":
            path.chmod(mode & 0o555)
    return modes
