"""A category of thousands of levels is found before anything is mailed: the analysis of one would not end."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from support import Road, accounts, definition

FRAME = 'id = "account"\ncontact = ["name"]\ncategories = ["street"]'


def road_with(tmp_path: Path, units: int, levels: int, estimator: str) -> tuple[Road, Path]:
    road = Road(tmp_path)
    road.define(definition(frame=FRAME, analysis=f'estimator = "{estimator}"'))
    rows = accounts(units, columns="street", row=lambda i: f"Street {i % levels}")
    return road, road.file("list.csv", rows)


@pytest.mark.parametrize(
    ("units", "levels", "estimator"),
    [
        (20_000, 2_000, "lin"),
        (20_000, 2_000, "difference_in_means"),
        (4_000, 950, "lin"),
        (4_000, 950, "ols"),
    ],
)
def test_it_is_refused_at_check_at_the_frame_and_at_the_lock(
    tmp_path: Path, units: int, levels: int, estimator: str
) -> None:
    road, file = road_with(tmp_path, units, levels, estimator)
    (problem,) = road.no("check", "bills", "--frame", file, code=1)
    assert (problem["code"], problem["found"]) == ("too_many_levels", "street")
    assert f"street has {levels:,} levels" in problem["rule"]
    road.ok("frame", "bills", file)
    assert [p["code"] for p in road.no("lock", "bills", "--yes")] == ["too_many_levels"]


def test_it_is_refused_at_the_frame_of_a_locked_plan(tmp_path: Path) -> None:
    road, file = road_with(tmp_path, 4_000, 950, "lin")
    road.ok("lock", "bills", "--yes")
    assert [p["code"] for p in road.no("frame", "bills", file)] == ["too_many_levels"]


def test_what_is_still_allowed_ends(tmp_path: Path) -> None:
    """Thin levels cost most: each that has one unit in an arm is left out, and all is fitted anew."""
    road, file = road_with(tmp_path, 3_000, 300, "lin")
    road.ok("lock", "bills", "--yes")
    road.ok("frame", "bills", file)
    road.ok("draw", "bills", "--yes")
    outcomes = "account,paid\n" + "".join(f"{i:05d},{i * 7 % 3 == 0:d}\n" for i in range(3_000))
    road.ok("outcomes", "bills", road.file("paid.csv", outcomes))
    began = time.process_time()
    road.ok("analyze", "bills")
    assert time.process_time() - began < 60
