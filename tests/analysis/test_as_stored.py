"""report takes the arrangements of the randomization test as analyze drew them, as long as its rows are what was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import Road, road_at

from rct.analysis import compute
from rct.analysis.stored import Analyzed, analyzed, as_stored, recompute
from rct.registry.trial import opened
from rct.registry.workspace import find


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For every randomization test that is made, whether an interval is asked of it."""
    calls: list[bool] = []
    made = compute.randomization_test

    def test(*args: Any, **kwargs: Any) -> Any:
        calls.append(kwargs["alpha"] is not None)
        return made(*args, **kwargs)

    monkeypatch.setattr(compute, "randomization_test", test)
    return calls


def test_it_is_the_analysis_drawn_anew(tmp_path: Path, drawn: list[bool]) -> None:
    road = road_at("analyzed", tmp_path)
    drawn.clear()  # of making the road, where it was not made before
    stored = _told(road, as_stored)
    made_less = len(drawn)
    assert stored == _told(road, recompute)
    assert made_less < len(drawn) - made_less
    assert any(row.p_randomization is not None and not row.fragile for row in stored[0])


def test_a_row_that_was_changed_since_is_drawn_anew_and_refused(tmp_path: Path, drawn: list[bool]) -> None:
    road = road_at("analyzed", tmp_path)
    drawn.clear()  # of making the road, where it was not made before
    _told(road, as_stored)
    least = len(drawn)
    road.sql("update result set p_randomization = 0.5 where term = 'arm' and p_randomization is not null")
    drawn.clear()
    assert [p["code"] for p in road.no("report", "bills")] == ["results_changed"]
    assert len(drawn) > least


def _told(road: Road, by: Any) -> Any:
    with opened(find(road.folder), "bills") as trial:
        at: Analyzed = analyzed(trial)
        analysis = by(at)
        return analysis.rows, analysis.decision, analysis.told, analysis.checks, analysis.versions
