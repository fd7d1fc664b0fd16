"""The letters' pictures for plan, memo and appendix: proofs of the letters that the plan names, and of no others.

A proof counts where its event says that it was made from files with the very hashes that the plan in force has, and
where its own bytes are those of that event. Where there is none, memo and appendix make one from the letters in
templates/, if those are the plan's; a letter that was edited since is left out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rct.definition.resolve import arm_templates
from rct.errors import RctError
from rct.letters.proof import FOLDER, NARROW, make_proofs
from rct.report.record import Proof, Said

if TYPE_CHECKING:
    from rct.definition import Definition
    from rct.registry.trial import Locked
    from rct.registry.workspace import Workspace

LARGEST = 3 << 20  # bytes of one picture


@dataclass(frozen=True)
class _Made:
    """Proofs that lie somewhere: file name → bytes, and from which letters they were made."""

    files: Mapping[str, bytes]
    templates: Mapping[str, str]
    arms: Mapping[str, list[str]]


def proofs(trial: Locked, *, fresh: bool = True) -> tuple[Proof, ...]:
    """A proof an arm, in the arms' order: the first language's, the first page. `fresh`: make what isn't there."""
    ws, definition, planned = trial.ws, trial.definition, trial.templates
    sends = [name for name, arm in definition.arms.items() if arm_templates(arm)]
    kept = _of(_stored(trial), definition, planned)
    if fresh and len(kept) < len(sends):
        kept = _of(_made(ws, definition), definition, planned) or kept
    return kept


def _stored(trial: Locked) -> _Made | None:
    """What the last `printed` event of proofs names, byte for byte."""
    event = next(reversed(trial.state.printed("proofs")), None)
    if event is None or event.body.templates is None or event.body.arms is None:
        return None
    files = {}
    for file, digest in event.body.files.items():
        path = trial.ws.out(trial.name) / file
        if file.endswith((".png", ".json")) and path.is_file() and path.stat().st_size <= LARGEST:
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() == digest:
                files[file.removeprefix(f"{FOLDER}/")] = data
    return _Made(files, event.body.templates, {arm: list(paths) for arm, paths in event.body.arms.items()})


def _made(ws: Workspace, definition: Definition) -> _Made | None:
    """Proofs of the letters as they lie in templates/; None where they can't be made."""
    try:
        proofs = make_proofs(ws, definition, pictures_only=True)
    except RctError:
        return None
    return _Made(proofs.files, proofs.templates, proofs.arms)


def _of(made: _Made | None, definition: Definition, planned: Mapping[str, str]) -> tuple[Proof, ...]:
    if made is None:
        return ()
    proofs = []
    for name, arm in definition.arms.items():
        paths = arm_templates(arm)
        pictures = [p for p in made.templates if not p.endswith((".md", ".txt"))]
        same = all(made.templates.get(p) == planned.get(p) for p in [*paths, *pictures])
        if not paths or made.arms.get(name) != paths or not same:
            continue
        file = next((f for f in sorted(made.files) if _is_first_page(f, name)), None)
        if file is not None:
            begins, lines = _words(made, name, file)
            back = made.files.get(f"{file.removesuffix('.png')}-2.png")  # a postcard's words are on its back
            png = back if definition.trial.channel == "postcard" and back else made.files[file]
            narrow = made.files.get(f"{NARROW}-{file.removeprefix('letter-')}", b"")
            proofs.append(Proof(name, png, begins, lines, narrow))
    return tuple(proofs)


def _is_first_page(file: str, arm: str) -> bool:
    """letter-ARM.png, or letter-ARM.LANGUAGE.png; further pages end in their number."""
    return re.fullmatch(rf"letter-{re.escape(arm)}(\.[^/]+)?\.png", file) is not None and not re.search(
        r"-\d+\.png$", file.removeprefix(f"letter-{arm}")
    )


def _words(made: _Made, arm: str, file: str) -> tuple[str, tuple[Said, ...]]:
    """The letter's first words and its lines, as the sheet of its language has them."""
    ending = file.removeprefix(f"letter-{arm}").removesuffix(".png")
    sheet = made.files.get(f"side-by-side{ending}.json")
    columns: list[dict[str, Any]] = json.loads(sheet) if sheet else []
    mine: dict[str, Any] = next((c for c in columns if c["arm"] == arm), {"begins": "", "lines": []})
    return mine["begins"], tuple(Said(line["text"], line["differs"]) for line in mine["lines"])
