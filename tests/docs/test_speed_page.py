"""docs/speed.md is what `make bench` wrote: every row of its table is there, and reads as a table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.speed.measure import Spent, median
from benchmarks.speed.page import page
from benchmarks.speed.rows import TABLE, Aim, Row

PAGE = Path(__file__).parents[2] / "docs" / "speed.md"


def lines(text: str) -> list[list[str]]:
    """The cells of the first table's rows."""
    rows = [line.strip("| \n").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return [
        [c.strip(" |") for c in row]
        for row in rows[2 : next(i for i, r in enumerate(rows) if i > 2 and r[0] == "seconds")]
    ]


@pytest.mark.parametrize("key", TABLE)
def test_every_row_is_there(key):
    what = TABLE[key][0]
    mine = [row for row in lines(PAGE.read_text("utf-8")) if row[0].startswith(what)]
    assert mine
    for row in mine:
        assert re.match(r"[0-9][0-9.,]*( ?×| s| MiB)$|not measured in this run$", row[2]), row
        if row[2][0].isdigit():
            assert row[4] in ("yes", "**no**"), row
            assert re.match(r"[≤≥] [0-9.,]+( ?×| s| MiB)$", row[3]), row


def test_the_page_names_no_machine_and_no_place():
    text = PAGE.read_text("utf-8")
    assert re.search(r"^Machine: [0-9]+ cores, .*Python 3\.", text, re.MULTILINE)
    assert not re.search(r"/(tmp|root|home|work)/", text)


def test_a_missed_aim_says_what_was_tried():
    row = Row(
        "lin",
        [Aim("peak", 300.0, 200.0, "MiB")],
        [("rct", Spent(1.0, 0.9, 300.0))],
        ["A note."],
        "this and that.",
    )
    text = page([row], 60.0, 0.2)
    assert "| 300 MiB | ≤ 200 MiB | **no** |" in text
    assert "peak 300 MiB where 200 MiB was the aim. Tried: this and that." in text
    assert text.count("not measured in this run") == len(TABLE) - 1


def test_the_median_is_of_each_figure_and_the_peak_the_largest():
    seen = median([Spent(3.0, 1.0, 10.0), Spent(1.0, 2.0, 30.0), Spent(2.0, 9.0, 20.0)])
    assert (seen.wall, seen.cpu, seen.peak) == (2.0, 2.0, 30.0)
