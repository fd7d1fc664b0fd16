"""Where a folder that rct makes whole may lie: its own earlier one, or a new one, and never over anybody's files."""

from __future__ import annotations

import json
from pathlib import Path

from rct.errors import stop
from rct.registry.workspace import Workspace

LARGEST = 64 << 20  # bytes of the file that marks a folder as ours


def require_target(ws: Workspace, to: Path, file: str, mark: str) -> Path:
    """`to` if rct may replace it: absent, empty, or holding `file`, JSON with the key `mark` of an earlier run."""
    if to.is_symlink():
        stop(
            "folder_in_the_way",
            "This is a link; rct replaces whole folders.",
            "Name a folder.",
            found=str(to),
        )
    folder = to.resolve()
    kept = (ws.private, ws.trials, ws.templates)
    inside = any(folder == k or k in folder.parents for k in kept)
    if inside or folder == ws.root or folder in ws.root.parents:
        stop(
            "folder_in_the_way",
            "rct replaces this folder whole, so it can't be one that the workspace needs.",
            "Name another: --to DIR",
            found=str(to),
        )
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())) or _ours(folder / file, mark):
        return folder
    stop(
        "folder_in_the_way",
        "rct never writes over files of yours, and this folder holds something else.",
        "Name another folder with --to DIR, or empty this one.",
        found=str(to),
    )


def _ours(file: Path, mark: str) -> bool:
    try:
        if file.is_symlink() or file.stat().st_size > LARGEST:
            return False
        data = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(data, dict) and mark in data
