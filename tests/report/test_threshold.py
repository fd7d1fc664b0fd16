"""A threshold that was lowered after the lock is told, and each printing says which one it had."""

from __future__ import annotations

import json
from pathlib import Path

from support import Road, road_at


def threshold(road: Road, n: int) -> None:
    path = road.folder / "rct.toml"
    kept = [line for line in path.read_text().splitlines() if not line.startswith("threshold")]
    path.write_text("\n".join([*kept, f"threshold = {n}"]) + "\n")


def told(road: Road) -> list[tuple[str, int | None, str]]:
    data = json.loads((road.out / "appendix.json").read_bytes())
    return [(d["code"], d["seq"], d["text"]) for d in data["deviations"] if d["code"] == "threshold_lowered"]


def test_the_lock_and_every_printing_hold_it(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    held = {
        kind: json.loads(text)["body"].get("threshold")
        for kind, text in road.sql("select kind, text from event where trial = 'bills' order by seq")
    }
    assert (held["lock"], held["printed"]) == (10, 10)
    assert told(road) == []


def test_a_lowered_threshold_is_a_deviation_for_good(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    threshold(road, 3)
    assert road.ok("report", "bills")["fresh"]
    text = "Counts of 3 people and more were printed; when the plan was locked those under 10 were to be withheld."
    assert told(road) == [("threshold_lowered", None, text)]
    assert "Counts of 3 people and more were printed" in (road.out / "memo.md").read_text()
    assert not road.ok("report", "bills")["fresh"]
    printed = road.ok("log", "bills")["events"][-1]
    assert printed["body"]["threshold"] == 3
    assert road.ok("verify", "bills")["ok"]
    threshold(road, 10)
    road.ok("report", "bills")
    assert told(road) == [("threshold_lowered", printed["seq"], text)]
    assert not road.ok("report", "bills")["fresh"]
    road.ok("report", "bills", "--lang", "es")
    assert "recuentos menores" in (road.out / "memo.es.md").read_text()


def test_a_raised_threshold_is_none(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    threshold(road, 20)
    road.ok("report", "bills")
    assert told(road) == []
