"""rct pool at the command line: what is printed and written, exit codes, a read-only workspace."""

from __future__ import annotations

from pathlib import Path

import pytest
from pool_support import paper_text
from support import Road

COUNTS = {"Ashford": 421, "Dover": 395, "Easton": 440, "Norwell": 404, "Weston": 452, "Oldtown": 409}


@pytest.fixture
def road(tmp_path: Path) -> Road:
    road = Road(tmp_path)
    folder = tmp_path / "papers"
    folder.mkdir()
    for city, events in COUNTS.items():
        (folder / f"{city.lower()}.toml").write_text(paper_text(city, 400, events), encoding="utf-8")
    road.ok("library", "add", folder)
    return road


def test_answer_first_then_tables_within_80_columns(road: Road) -> None:
    ran = road.rct("pool", "paid", *(c.lower() for c in COUNTS), "--worthwhile", "0.01")
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0].startswith("Over 6 trials")
    assert max(map(len, lines)) <= 80
    shown = [
        line.split()[0]
        for line in lines
        if line.endswith("%") and line.startswith("  ") and "REML" not in line
    ]
    assert shown[:6] == list(COUNTS)  # as they were named
    assert lines[-1].startswith("Next: rct ")
    assert "approximate" in ran.out


def test_page_and_plot_are_written_and_nothing_else(road: Road) -> None:
    before = road.tree()
    page, plot = road.root / "p.html", road.root / "p.svg"
    data = road.ok("pool", "paid", *(c.lower() for c in COUNTS), "--page", page, "--plot", plot)
    assert data["paths"] == [str(page), str(plot)]
    assert data["chance"] is None
    html = page.read_text(encoding="utf-8")
    assert "Content-Security-Policy" in html
    assert "<script" not in html
    assert plot.read_bytes().startswith(b"<?xml")
    assert road.tree() == before
    assert {p["code"] for p in road.no("pool", "paid", "dover", "easton", "--page", "x.pdf")} == {"usage"}
    for size in ("-1", "0", "nan", "inf"):
        refused = road.no("pool", "paid", "dover", "easton", f"--worthwhile={size}")
        assert {p["code"] for p in refused} == {"usage"}
    assert {p["code"] for p in road.no("pool", "paid", "dover", "easton", "--outcome", "paid")} == {"usage"}
    missing = road.no("pool", "paid", "dover", "easton", "--page", road.root / "no" / "x.html")
    assert {p["code"] for p in missing} == {"system"}


def test_one_trial_alone_and_the_same_one_twice(road: Road) -> None:
    assert {p["code"] for p in road.no("pool", "paid", "dover")} == {"pool_too_few"}
    file = road.root / "papers" / "dover.toml"
    assert {p["code"] for p in road.no("pool", "paid", "dover", file)} == {"pool_same_trial"}


def test_a_trial_of_this_workspace_without_results_is_refused(road: Road) -> None:
    road.name = "ours"
    road.define("")
    assert road.no("pool", "paid", "ours", "dover")
