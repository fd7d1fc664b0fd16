"""docs/safety.md says what the logs of runs hold: also what was mended since, and that a run was stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from crash import page


def verdict(where: str, *wrong: str) -> dict[str, Any]:
    return {
        "kind": "EIO once", "row": "mailed", "where": where, "struck": True, "wrong": list(wrong), "seconds": 1,
        "processor": 1,
    }  # fmt: skip


def log(folder: Path, name: str, *verdicts: dict[str, Any]) -> Path:
    file = folder / name
    lines = [{"rows": {"mailed": [94, 0.06]}, "planned": 2, "workers": 3}, *verdicts, {"minutes": 3.0}]
    file.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    return file


def test_what_was_wrong_is_told_and_stays_wrong_until_the_same_is_right(tmp_path: Path) -> None:
    first = log(
        tmp_path, "first", verdict("call 3: openat #74 x", "ended with 70"), verdict("call 4: write #1 x")
    )
    told = page.written(first)
    assert "1 with something wrong. " in told
    assert "- mailed, EIO once, call 3: openat #74 x: ended with 70." in told
    elsewhere = log(tmp_path, "elsewhere", verdict("call 30: write #9 x"))
    assert "Mended" not in page.written(first, elsewhere)
    again = log(tmp_path, "again", verdict("call 3: openat #73 y"))
    told = page.written(first, elsewhere, again)
    assert "1 with something wrong (1 of them right when done again on mended code)" in told
    assert "Mended: the same again was right." in told


def test_a_run_that_was_stopped_says_so(tmp_path: Path) -> None:
    assert "stopped before its end: 1 of 2" in page.written(
        log(tmp_path, "cut", verdict("call 1: write #1 x"))
    )
