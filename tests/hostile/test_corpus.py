"""Every file of the corpus through the real commands: accepted exactly, or refused by row and field, within bounds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hostile.case import Case
from hostile.corpus import cases
from hostile.ground import Ground
from hostile.page import PAGE, page


@pytest.mark.parametrize("case", cases(), ids=lambda c: f"{c.kind}: {c.name}"[:80])
def test_a_hostile_file_has_its_fate(case: Case, tmp_path: Path) -> None:
    ground = Ground(tmp_path, case.door)
    before = ground.events()
    path = ground.put(case, case.make())
    refused_by_check_alone = case.door in ("definition", "template") and case.code is not None
    for ended in ground.meet(case, path, store=not refused_by_check_alone or case.door == "list"):
        assert ended.sound, (ended.code, ended.err[-2_000:])
        assert "\x1b" not in ended.out + ended.err
        assert all(ord(c) < 128 for c in ended.out), "JSON is ASCII"
        if case.code is None:
            assert ended.code == 0, ended.out
            continue
        assert ended.code in (1, 2)
        first = ended.problems[0]
        assert (first["code"], first["row"]) == (case.code, case.row)
        assert (first["field"] or "").startswith(case.field or "")
        assert first["rule"]
        assert len(ended.out) < 1_000_000
    if case.code is not None:
        assert ground.events() == before, "a refused file leaves no event"
    elif case.door == "list":
        # the fifth row of the file, wherever it lies in the order of the stored list's codes
        mine = case.stored.get("account", "A005")
        if case.stored:
            (row,) = (each for each in ground.loaded() if each["account"] == mine)
            assert {key: row[key] for key in case.stored} == case.stored
        warned = {w["code"] for w in json.loads(ended.out).get("warnings", [])}
        warned -= {"few_events_expected"}  # of so few people, whatever the file holds
        assert warned == ({case.warns} if case.warns else set())


def test_the_page_lists_the_corpus() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(), "write it again: PYTHONPATH=tests python -m hostile.page"
