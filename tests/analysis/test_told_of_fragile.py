"""Through the commands: what is told where the usual test has nothing to say, and of whom nobody may be counted."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from analysis.test_no_false_verdict import BLOCKS, districts, trial, verdict
from evidence.bundles import bundle_of, members_of


def spoken(road, *command):
    return " ".join(road.rct(*command).out.split())


def test_where_nothing_varies_the_figures_and_the_exact_test_are_told(tmp_path: Path) -> None:
    """Nothing from any of 40, 60 from each of 40: of 10,000 draws none is as far apart, (0 + 1) / 10,001."""
    arm = ["control", "letter"] * 40
    y = [60.0 * (a == "letter") for a in arm]
    found, memo, road = trial(tmp_path, arm, y)
    row = found["letter"]
    assert (row["estimate"], row["std_error"], row["p_value"]) == (60.0, 0.0, None)
    assert row["p_randomization"] == pytest.approx(1 / 10_001, rel=1e-12)
    assert verdict(road) == "adapt"
    assert (
        "“Y” was 60 higher with “Letter” than with “Control”, but the usual test has no p-value here." in memo
    )
    assert "“Letter”: nothing varied by which the usual test could tell an error." in memo
    assert "Drawing the lots anew gives p < 0.001; the rule asks for the usual test's." in memo
    assert "could not be tested" not in memo
    assert "could not be compared" not in memo
    assert "+60 (no interval)" in memo
    assert "What more of them would bring can't be told: there is no interval." in memo
    said = spoken(road, "analyze", "t")
    assert "letter: nothing varied by which the usual test could tell an error." in said
    assert "Drawing the lots anew gives p < 0.001; the rule asks for the usual test's." in said
    assert json.loads((road.out / "appendix.json").read_text())["randomization"][0]["p_randomization"] < 1e-4


def test_all_against_none_is_withheld_and_no_note_tells_it(tmp_path: Path) -> None:
    """0 of 40 against 40 of 40: that nothing varies would tell both counts. The office sees Fisher's p, 2 / C(80, 40)."""
    arm = ["control", "letter"] * 40
    _, memo, road = trial(tmp_path, arm, [float(a == "letter") for a in arm], kind="binary")
    assert "The agreed rule says not settled" in memo or "The agreed rule says adapt" in memo
    assert verdict(road) == "adapt"
    for file in ("appendix.html", "appendix.json", "memo.html"):
        said = (road.out / file).read_text(encoding="utf-8")
        assert "no test and no interval can be given" not in said
        assert "nothing varied" not in said.lower()
    said = json.loads((road.out / "appendix.json").read_text())
    assert said["randomization"] == said["fragile"] == said["exact"] == []
    assert "Fisher's exact test gives p < 0.001; the rule" in spoken(road, "analyze", "t")


def test_three_and_three_clusters_have_no_interval_anywhere(tmp_path: Path) -> None:
    """t finds a difference at p < .001; 3 + 3 clusters can be dealt in 20 ways, so by lot p is .1 at the least."""
    cluster = np.repeat(np.arange(6), 20)
    arm = np.where(cluster % 2, "letter", "control")
    y = (10.0 + 5 * (arm == "letter") + 0.1 * cluster + 0.01 * (np.arange(120) % 20)).round(4)
    found, memo, road = trial(
        tmp_path, list(arm), y.tolist(), columns={"home": [f"H{c}" for c in cluster]},
        design='scheme = "clustered"\nclusters = "home"', worthwhile=1,
    )  # fmt: skip
    row = found["letter"]
    assert row["p_value"] < 0.001
    assert row["p_randomization"] == pytest.approx(0.1)
    assert "few_clusters" in row["fragile"]
    assert verdict(road) == "adapt"
    assert "too few ways to bear it out: not settled" in memo
    assert "One test finds" not in memo
    assert "two tests disagree" not in memo
    assert "Test again with more groups: more people in as few would not help." in memo
    low, high = f"{row['conf_low']:.1f}", f"{row['conf_high']:.1f}"
    for file in ("memo.md", "memo.html"):
        text = (road.out / file).read_text(encoding="utf-8")
        assert low not in text
        assert high not in text
    assert "(no interval)" in memo
    assert "a point alone" in memo
    assert "there is no interval" in memo
    assert "10,000 people bring" not in memo
    (told,) = json.loads((road.out / "appendix.json").read_text())["fragile"]
    assert (told["conf_low"], told["conf_high"], told["p_randomization_adjusted"]) == (
        None,
        None,
        row["p_randomization"],
    )
    road.ok("share", "t")
    assert "| none * |" in members_of(bundle_of(road))["readme.md"].decode()
    road.ok("library", "add", bundle_of(road))
    assert "no interval *" in spoken(road, "library", "show", "t")


@pytest.mark.parametrize("estimator", ["difference_in_means", "lin"])
def test_few_who_are_compared_with_nobody_are_counted_nowhere(tmp_path: Path, estimator: str) -> None:
    """3 letters alone in their block: known of the letter 63, compared 60."""
    arm, y, block = districts([(30, 30), (0, 3), (30, 30)])
    found, memo, road = trial(
        tmp_path,
        arm,
        y.tolist(),
        columns={"district": block},
        analysis=f'estimator = "{estimator}"',
        **BLOCKS,
    )
    assert (found["letter"]["n_without_comparison"], found["letter"]["n_arm"]) == (3, 60)
    said = json.loads((road.out / "appendix.json").read_text())
    (row,) = said["results"]
    counts = ("n", "n_arm", "n_control", "n_drawn", "n_missing", "n_without_comparison")
    assert [row[c] for c in counts] == [None] * 6
    assert row["estimate"] == found["letter"]["estimate"]
    assert [o["observed"] for o in said["outcomes"]] == [60, 63]
    (told,) = [d["text"] for d in said["deviations"] if d["code"] == "without_comparison"]
    assert told == (
        "Some units with a known outcome lie in 1 block without comparison: no number here speaks of them."
    )
    assert not any("3 units with" in note for note in said["notes"])
    assert any(note.startswith("some units") for note in said["notes"])
    (event,) = [e["body"] for e in said["log"] if e["kind"] == "analyze"]
    assert event.startswith("withheld: ")
    for file in ("memo.md", "memo.html", "appendix.html", "appendix.json"):
        assert "3 units with" not in (road.out / file).read_text(encoding="utf-8")
    assert "The people there are left out." in memo
    # the office itself sees the number
    assert "3 units with a known outcome lie in 1 block" in spoken(road, "analyze", "t")
    road.ok("share", "t")
    members = members_of(bundle_of(road))
    assert not any(b"3 units with" in data for data in members.values())
    (shared,) = csv.DictReader(io.StringIO(members["results.csv"].decode()))
    assert [shared[c] for c in counts] == [""] * 6
    (line,) = json.loads(members["evidence.json"])["lines"]
    assert [line[c] for c in ("n", "n_arm", "n_control")] == [None] * 3
    road.ok("site")
    for path in (road.folder / "site").rglob("*"):
        if path.is_file():
            assert b"3 units with" not in path.read_bytes()
    (one,) = json.loads((road.folder / "site" / "data" / "trials.json").read_text())["trials"]
    assert [one["results"][0][c] for c in counts] == [None] * 6


def test_many_who_are_compared_with_nobody_are_counted(tmp_path: Path) -> None:
    arm, y, block = districts([(30, 30), (0, 12), (30, 30)])
    _, memo, road = trial(tmp_path, arm, y.tolist(), columns={"district": block}, **BLOCKS)
    said = json.loads((road.out / "appendix.json").read_text())
    assert (said["results"][0]["n_without_comparison"], said["results"][0]["n"]) == (12, 120)
    assert "12 people there are left out." in memo
    (told,) = [d["text"] for d in said["deviations"] if d["code"] == "without_comparison"]
    assert told.startswith("12 units with a known outcome")
