"""The curve: its points agree with the report, and its drawing can be read in a plain terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rct.power import Point, PowerRequest, assess, draw_curve, power_curve

R = PowerRequest("binary", ("c", "a"), (1, 1), baseline=0.3, minimum_effect=0.03, units=5_000)


@pytest.mark.parametrize("over", ["effect", "units"])
def test_points_rise_from_nothing_to_near_certainty(over: str) -> None:
    points = power_curve(R, over)
    assert len(points) == 61
    assert points[0].x == 0
    assert points[0].power < 0.05
    assert points[-1].power == pytest.approx(0.99, abs=1e-6)
    assert [p.power for p in points] == sorted(p.power for p in points)


def test_the_reports_numbers_lie_on_the_curve() -> None:
    report = assess(R)
    effects, units = power_curve(R, "effect", n=2_000), power_curve(R, "units", n=2_000)
    assert min(p.x for p in effects if p.power >= 0.8) == pytest.approx(report.mde, rel=2e-3)
    assert min(p.x for p in units if p.power >= 0.8) == pytest.approx(report.units, rel=2e-3)


def test_a_small_trials_curve_ends_at_the_greatest_possible_effect() -> None:
    points = power_curve(replace(R, units=9, minimum_effect=None))
    assert points[-1].x == pytest.approx(0.7)


@pytest.mark.parametrize("over", ["effect", "units"])
def test_no_curve_where_something_is_not_known(over: str) -> None:
    assert power_curve(replace(R, baseline=None), over) == ()
    assert power_curve(replace(R, units=None, minimum_effect=None), over) == ()


@pytest.mark.parametrize("width", [40, 60, 72, 80])
@pytest.mark.parametrize("over", ["effect", "units"])
def test_the_drawing_is_plain_text_of_the_width_asked_for(width: int, over: str) -> None:
    drawn = draw_curve(power_curve(R, over), width, mark=0.03, title="Power", x_label="size")
    assert drawn.isascii()
    assert all(len(line) <= width for line in drawn.split("\n"))
    assert all(line == line.rstrip() for line in drawn.split("\n"))


def test_the_drawing() -> None:
    points = [Point(i / 20, i / 20) for i in range(21)]
    assert draw_curve(
        points, 48, mark=0.5, scale=100, title="Power", x_label="percentage points"
    ) == "\n".join(
        [
            "Power",
            "100 % |                    :                  **",
            "      |                    :              ****",
            " 80 % |--------------------:---------*****------",
            "      |                    :      ***",
            " 60 % |                    : *****",
            "      |                   ***",
            " 40 % |              ***** :",
            "      |           ***      :",
            " 20 % |      *****         :",
            "      |   ***              :",
            "  0 % |***                 :",
            "      +-----------------------------------------",
            "       0      20      40      60      80     100",
            "       percentage points",
        ]
    )


def test_a_mark_outside_the_curve_is_not_drawn() -> None:
    assert ":" not in draw_curve([Point(0, 0), Point(1, 1)], mark=2.0)
