"""What a person names as a trial: one of this workspace, a bundle's or paper's path, an entry of the library."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from rct import fs
from rct.errors import Problem, RctError, stop, visible
from rct.evidence.bundle.signing import trusted
from rct.evidence.gathering import from_trial
from rct.evidence.library import entries as library
from rct.evidence.library.files import KINDS, read_file
from rct.evidence.library.same_trial import later_state
from rct.evidence.record import Evidence
from rct.registry.workspace import Workspace


def evidence_of(ws: Workspace, names: Sequence[str]) -> list[Evidence]:
    """The evidence of each, in the order named. RctError with every one that can't be had.

    A path (it ends in .zip or .toml) is read as a file; a name is a trial of this workspace or else the library's; a
    name that is both is refused, and digits of a digest tell the library's from ours.
    """
    evidence: list[Evidence] = []
    problems: list[Problem] = []
    with ExitStack() as stack:
        shelf = stack.enter_context(library.reading(ws)) if library.exists(ws) else None
        known = trusted(ws)
        for name in names:
            try:
                evidence.append(_one(ws, shelf, known, name))
            except RctError as error:
                problems += error.problems
    if problems:
        raise RctError(problems)
    return evidence


def _one(ws: Workspace, shelf: sqlite3.Connection | None, known: Mapping[str, str], name: str) -> Evidence:
    path = Path(name)
    if path.suffix.lower() in KINDS:
        evidence = read_file(path, trusted=known).evidence
        later = None if shelf is None else later_state(library.folder_of(ws), shelf, evidence)
        return evidence if later is None else replace(evidence, notes=(*evidence.notes, later))
    ours = fs.is_name(name) and ws.definition_file(name).is_file()
    theirs = shelf is not None and bool(library.matching(shelf, name))
    if ours and theirs:
        stop(
            "pool_ambiguous",
            f"Both this workspace and its library have a trial {visible(name)}.",
            "For the library's, use the digits that rct library show prints; for ours, its bundle or another name.",
            found=name,
        )
    if ours:
        return from_trial(ws, name)
    if shelf is not None and theirs:
        return library.one(ws, shelf, name, set(known.values()))
    stop(
        "pool_unknown",
        "There is no trial of this name in the workspace, no entry of the library, and no such file.",
        "Look: rct status, rct library find WORDS. A file's name ends in .zip or .toml.",
        found=name,
    )
