"""One row a unit and a window: who came too late is a no. The advice, followed to the letter, gives the right effect."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from support import Road, definition

START = date.today() - timedelta(days=45)
IN_TIME, LATE = START + timedelta(days=12), START + timedelta(days=39)
OUTCOME = """[outcomes.{name}]
label = "Paid"
kind = "{kind}"
primary = true
date_column = "paid_on"
window_days = 30
missing = "drop"
"""


def drawn(root: Path, name: str, kind: str) -> Road:
    """200 of 400 got the letter, drawn elsewhere, so that the test knows who."""
    road = Road(root)
    road.define(definition(start=START, outcomes=OUTCOME.format(name=name, kind=kind)))
    people = "account,name,arm\n" + "".join(
        f"{i:05d},Person {i},{'letter' if i < 200 else 'control'}\n" for i in range(400)
    )
    file = road.file("people.csv", people)
    road.ok("lock", road.name)
    road.ok("frame", road.name, file)
    road.ok("draw", road.name, "--replay", file, "--column", "arm")
    return road


def file(road: Road, name: str, value: dict[int, tuple[object, date | str]]) -> Path:
    rows = "".join(f"{i:05d},{v},{day}\n" for i, (v, day) in value.items())
    return road.file("paid.csv", f"account,{name},paid_on\n" + rows)


def effect(road: Road) -> float:
    road.ok("analyze", road.name)
    with (road.out / "results.csv").open(newline="") as f:
        (row,) = csv.DictReader(f)
    assert (row["n"], row["n_missing"]) == ("400", "0")
    return float(row["estimate"])


def answers(yes: object = 1, no: object = 0) -> dict[int, tuple[object, date | str]]:
    """In time: 92 of 200 with the letter (46 %), 60 of 200 without (30 %). Late: 20 and 55."""
    found: dict[int, tuple[object, date | str]] = {}
    for first, in_time, late in ((0, 92, 20), (200, 60, 55)):
        for i in range(200):
            day = IN_TIME if i < in_time else LATE
            found[first + i] = (yes, day) if i < in_time + late else (no, "")
    return found


@pytest.mark.parametrize(
    ("name", "kind", "yes", "write", "right"),
    [
        ("paid", "binary", "yes", "no (0)", 0.16),
        ("calls", "count", 2, "0", 0.32),
        ("amount", "continuous", 50.5, "0", 8.08),
    ],
)
def test_the_advice_gives_the_effect_of_the_window(
    tmp_path: Path, name: str, kind: str, yes: object, write: str, right: float
) -> None:
    road = drawn(tmp_path, name, kind)
    said = answers(yes)
    problems = road.no("outcomes", road.name, file(road, name, said))
    assert len(problems) == 75
    for problem in problems:
        assert (problem["code"], problem["field"], problem["found"]) == (
            "date_outside_window", "paid_on", LATE.isoformat()
        )  # fmt: skip
        assert f"write {write}" in problem["fix"]
        assert "keep the row" in problem["fix"].lower()
        assert "delete" not in problem["fix"].lower()
        row = int(problem["row"]) - 1
        said[row] = (0, said[row][1])  # what it says, and the date left as it is
    road.ok("outcomes", road.name, file(road, name, said))
    assert effect(road) == pytest.approx(right, abs=1e-12)


def test_a_no_or_an_empty_answer_may_have_any_date(tmp_path: Path) -> None:
    road = drawn(tmp_path, "paid", "binary")
    said = {i: (v, day) if v or day else (0, LATE) for i, (v, day) in answers().items() if day != LATE}
    said |= {399: ("", LATE), 398: ("no", START - timedelta(days=3))}
    loaded = road.ok("outcomes", road.name, file(road, "paid", said))
    assert (loaded["refused"], loaded["kept"]) == (0, len(said))
    values = road.sql(
        "select value, count(*) from outcome_bills where outcome = 'paid' group by 1 order by 1"
    )
    assert values == [(None, 1), (0.0, len(said) - 1 - 152), (1.0, 152)]


def test_a_measurement_that_came_late_is_not_known_and_that_is_said(tmp_path: Path) -> None:
    road = drawn(tmp_path, "score", "continuous")
    (problem,) = road.no("outcomes", road.name, file(road, "score", {3: (7.5, LATE), 4: (6.5, IN_TIME)}))
    assert "If it is something measured, it is not known for the window: empty it." in problem["fix"]
    assert (
        road.ok("outcomes", road.name, file(road, "score", {3: ("", LATE), 4: (6.5, IN_TIME)}))["kept"] == 2
    )


def test_the_rest_of_a_file_with_late_answers_is_not_offered_without_them(tmp_path: Path) -> None:
    """Without the 75 late rows the effect would be that of other people: 92 of 180 against 60 of 145."""
    road = drawn(tmp_path, "paid", "binary")
    said = " ".join(road.rct("outcomes", road.name, file(road, "paid", answers())).err.split())
    assert "75 defects in 75 rows." in said
    assert "Do not load the file without these rows: that would bias the result." in said
    assert "--refuse-bad-rows" not in said
    mixed = answers() | {150: ("perhaps", IN_TIME)}
    said = " ".join(road.rct("outcomes", road.name, file(road, "paid", mixed)).err.split())
    assert (
        "Do not load the file without the rows dated outside the window: that would bias the result." in said
    )
    assert "--refuse-bad-rows" not in said
    other = {150: ("perhaps", IN_TIME), 151: ("perhaps", IN_TIME), 152: ("yes", IN_TIME)}
    said = " ".join(road.rct("outcomes", road.name, file(road, "paid", other)).err.split())
    assert "To load the file without these rows: --refuse-bad-rows" in said
