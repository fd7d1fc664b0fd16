"""rct pool at the command line: what is printed and written, exit codes, a read-only workspace."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pool_support import paper_text
from support import Road, definition

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


def paper(city: str, control: int, social: int, n: int, m: int) -> str:
    text = paper_text(city, control, social, n)
    head, _, arm = text.partition("[arms.social]")
    return head + "[arms.social]" + arm.replace(f"n = {n}", f"n = {m}", 1)


def told(road: Road, *papers: tuple[str, int, int, int, int]) -> tuple[str, dict[str, Any]]:
    """What is said and the numbers of a pool of these papers: name, control's events of n, the letter's of m."""
    files = [road.file(f"{name}.toml", paper(name.title(), a, b, n, m)) for name, a, n, b, m in papers]
    ran = road.rct("pool", "paid", *files)
    assert ran.code == 0, ran.err
    return " ".join(ran.out.split()), road.ok("pool", "paid", *files)


def test_three_nulls_that_agree_by_luck_are_no_sure_effect(tmp_path: Path) -> None:
    """R: rma(y, v, method = "REML", test = "z"), the wider; Hartung and Knapp's leaves zero out."""
    trials = (("alpha", 60, 600, 66, 600), ("beta", 90, 600, 99, 600), ("gamma", 45, 600, 51, 600))
    said, data = told(Road(tmp_path), *trials)
    main, first = data["main"], data["methods"][0]
    assert (main["test"], main["df"]) == ("normal", None)
    assert main["estimate"] == pytest.approx(0.0111863689589, rel=1e-10)
    assert (main["conf_low"], main["conf_high"]) == pytest.approx(
        (-0.00890491661718, 0.031277654535), rel=1e-10
    )
    assert main["p_value"] == pytest.approx(0.275157092424, rel=1e-9)
    assert (first["conf_low"], first["conf_high"]) == pytest.approx(
        (0.00471493502532, 0.0176578028925), rel=1e-8
    )
    assert "not clear whether" in said
    assert "0.9 points lower to 3.1 points higher" in said
    assert main["predict_low"] is main["predict_high"] is data["chance"] is None
    for claim in ("new city like these", "as hoped", "no more than chance", "most likely"):
        assert claim not in said
    assert "3 trials can hide real differences" in said
    assert {w["what"] for w in data["not_shown"]} >= {"what a new city may expect"}
    assert all(t["without"]["predict_low"] is None for t in data["trials"])


def test_two_nulls_that_agree_by_luck_are_no_sure_effect(tmp_path: Path) -> None:
    said, data = told(Road(tmp_path), ("alpha", 88, 200, 95, 200), ("beta", 92, 210, 97, 205))
    main = data["main"]
    assert main["estimate"] == pytest.approx(0.0350384532073, rel=1e-10)
    assert (main["conf_low"], main["conf_high"]) == pytest.approx(
        (-0.0334861649169, 0.103563071331), rel=1e-10
    )
    assert main["p_value"] == pytest.approx(0.31625592856, rel=1e-9)
    assert "not clear whether" in said
    assert "3.3 points lower to 10.4 points higher" in said
    assert "as hoped" not in said
    assert "wide" not in said.split("Each trial")[0]  # nothing is promised of it


WAVES = ("2017-may", "2017-june", "2017-july", "2017-august", "2017-september")


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_waves_of_one_city_are_told_apart_and_promise_no_city_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    road = Road(tmp_path)
    files = []
    for i, wave in enumerate(WAVES):
        text = paper_text(
            "Washington DC", 300 + 9 * i, 340 + 5 * i, 700, name=f"dc-{wave}", registration="OSF 1"
        )
        files.append(road.file(f"dc-{wave}.toml", text.replace("Table 1", f"Table {i}")))
    ran = road.rct("pool", "paid", *files, "--worthwhile", "0.01")
    assert ran.code == 0, ran.err
    rows = [x for x in ran.out.splitlines() if x.startswith("  dc-2017-") and x.endswith("%")]
    assert [row.split()[0] for row in rows] == [f"dc-{wave}" for wave in WAVES]
    assert "city like these" not in ran.out
    assert "All of these trials are of one city" in ran.out
    assert "these are of one city" in " ".join(ran.out.split())  # why no new city is spoken of
    assert max(map(len, ran.out.splitlines())) <= 80
    page = road.root / "p.html"
    data = road.ok("pool", "paid", *files, "--worthwhile", "0.01", "--page", page)
    assert data["chance"] is data["main"]["predict_low"] is None
    assert len({t["label"] for t in data["trials"]}) == 5
    assert all(t["notes"] == ["Registered before the trial: OSF 1."] for t in data["trials"])
    text = page.read_text(encoding="utf-8")
    assert "A new city" not in text
    assert text.count("Registered before the trial: OSF 1.") == 5
    assert "Registered before the trial: OSF 1. (dc-2017-may" in " ".join(ran.out.split())


def test_a_null_is_not_advised_away(tmp_path: Path) -> None:
    road = Road(tmp_path)
    files = [road.file(f"{c}.toml", paper(c.title(), a, a, 50, 50)) for c, a in (("none", 0), ("some", 20))]
    (problem,) = road.no("pool", "paid", *files)
    assert problem["code"] == "pool_zero_error"
    assert "Leave" not in problem["fix"]
    assert "say so" in problem["fix"]


def replayed(road: Road, name: str, odd: int) -> None:
    """A trial of lots drawn elsewhere, its plan locked after its start."""
    road.name = name
    road.define(definition(start=date.today() - timedelta(days=9)))
    lines = [f"{i:05d},Person {i},{'letter' if i % 2 else 'control'},{int(i % odd == 0)}" for i in range(120)]
    file = road.file(f"{name}.csv", "account,name,version,paid\n" + "\n".join(lines) + "\n")
    for command in (
        ("lock", name, "--yes"),
        ("frame", name, file),
        ("draw", name, "--replay", file, "--column", "version"),
        ("outcomes", name, file),
        ("analyze", name),
    ):
        road.ok(*command)


def test_a_replay_and_a_late_lock_stand_beside_the_trial(tmp_path: Path) -> None:
    """In the terminal, on the page and for programs, as rct library show has them."""
    road = Road(tmp_path)
    replayed(road, "wave-1", 3)
    replayed(road, "wave-2", 5)
    page = road.root / "p.html"
    ran = road.rct("pool", "paid", "wave-1", "wave-2", "--page", page)
    assert ran.code == 0, ran.err
    said, text = " ".join(ran.out.split()), page.read_text(encoding="utf-8")
    trials = road.ok("pool", "paid", "wave-1", "wave-2")["trials"]
    assert [t["label"].split()[0] for t in trials] == ["wave-1", "wave-2"]
    start, today = date.today() - timedelta(days=9), date.today()
    for note in (
        "The assignment was made elsewhere and read in: nothing shows that it was by lot.",
        f"The plan was locked on {today}, after the start on {start}.",
        "2 deviations from the plan; the memo names them.",
    ):
        assert f"- {note} (wave-1 (" in said
        assert text.count(note) == 2
        assert all(note in t["notes"] for t in trials)
