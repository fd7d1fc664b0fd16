"""Invariant 7: rows in = rows kept + rows refused or excluded, each with its reason, from file to flow."""

from __future__ import annotations

import csv
import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support import CANARY, Road, canary_accounts, canary_definition, canary_id, canary_row, road_at

HEAD = canary_accounts(0).splitlines()[0]
FAULTS = {  # what can be wrong with a row: a cell and what stands in it
    "not_a_number": (6, "1.234,56x"),
    "control_character": (1, f"{CANARY}\x07Bell"),
    "empty_id": (0, ""),
    "empty_cluster": (3, ""),
    "missing_covariate": (6, ""),
    "unreadable_opt_out": (8, "perhaps"),
}


def spoiled(rng: random.Random, n: int = 120) -> tuple[str, int]:
    """A file of n good rows among closed, opted-out, blank and defective ones; and its number of rows."""
    rows = [canary_row(i) for i in range(n)]
    for i in range(n, n + 12):
        rows.append(canary_row(i, status="closed") if i % 2 else canary_row(i, opt_out="yes"))
    rows += [""] * rng.randrange(4)
    for i in range(n + 20, n + 20 + rng.randrange(1, 8)):
        at, bad = FAULTS[rng.choice(sorted(FAULTS))]
        cells = canary_row(i).split(",")
        cells[at] = bad if at != 6 or not bad else f'"{bad}"'
        rows.append(",".join(cells))
    rows += [canary_row(n + 40) + ",one more"] * rng.randrange(3)
    rows += [canary_row(rng.randrange(n))] * rng.randrange(2)  # an id twice: both of its rows are refused
    rng.shuffle(rows)
    return "\n".join([HEAD, *rows]) + "\n", len(rows)


def adds_up(counts: dict[str, Any]) -> None:
    assert counts["rows"] == counts["kept"] + counts["excluded"] + counts["refused"]
    assert sum(counts["reasons"].values()) == counts["excluded"] + counts["refused"]
    assert all(n > 0 for n in counts["reasons"].values())


def body(road: Road, kind: str) -> dict[str, Any]:
    return dict([e["body"] for e in road.ok("log", "bills")["events"] if e["kind"] == kind][-1])


@pytest.mark.parametrize("seed", range(8))
def test_every_row_of_a_bad_list_has_one_fate(seed: int, tmp_path: Path) -> None:
    road = road_at("new", tmp_path)
    text, rows = spoiled(random.Random(seed))
    file = road.file("spoiled.csv", text)
    before = road.tree()
    problems = road.no("frame", "bills", file)
    refused = road.private / "bills" / "refused.csv"
    with refused.open(encoding="utf-8-sig", newline="") as listed:
        found = [(int(r["row"]), r["code"]) for r in csv.DictReader(listed)]
    assert Counter((p["row"], p["code"]) for p in problems) == Counter(found)
    assert {k: v for k, v in road.tree().items() if not k.startswith("private/bills")} == before
    counts = road.ok("frame", "bills", file, "--refuse-bad-rows", "--reason", "The export has gaps")
    adds_up(counts)
    assert counts["rows"] == rows
    assert counts["refused"] == len({row for row, _ in found})
    assert counts["kept"] == road.sql("select count(*) from frame_bills")[0][0]
    assert counts["excluded"] == sum(
        counts["reasons"].get(c, 0) for c in ("not_eligible", "opted_out", "blank_line")
    )
    event = body(road, "frame")
    assert event["reason"] == "The export has gaps"
    assert {**event["excluded"], **event["refused"]} == counts["reasons"]
    assert road.ok("verify", "bills")["failures"] == []


def test_the_rows_of_outcomes_have_one_fate_too(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    good = (road.root / "payments.csv").read_text()
    day = good.splitlines()[1].split(",")[3]
    bad = [
        f"{CANARY.upper()}-9999,1,3,{day}",
        f"{canary_id(3)},1,3,2026-02-30",
        f"{canary_id(4)},1,many,{day}",
        f"{canary_id(5)},1,3,",
        f"{canary_id(6)},1,3,2999-01-01",
        f"{canary_id(7)},1",
        f"{canary_id(8)},perhaps,3,{day}",
        f"{canary_id(241)},1,3,{day}",
        "",
    ]
    file = road.file("bad.csv", good + "\n".join(bad) + "\n")
    before = road.tree()
    problems = road.no("outcomes", "bills", file)
    assert Counter(p["code"] for p in problems) == {
        "unknown_unit": 1,
        "not_a_date": 1,
        "not_a_number": 1,
        "date_missing": 1,
        "date_in_future": 1,
        "field_count": 1,
        "unreadable_yes_no": 1,
    }
    assert road.tree()["rct.db"] == before["rct.db"]
    counts = road.ok("outcomes", "bills", file, "--refuse-bad-rows", "--reason", "The export has gaps")
    adds_up(counts)
    assert counts["rows"] == len(good.splitlines()) - 1 + len(bad)
    assert counts["refused"] == 7
    assert counts["reasons"]["excluded_unit"] == 2
    assert counts["reasons"]["blank_line"] == 1
    told = {d["code"]: d["text"] for d in road.ok("analyze", "bills")["deviations"]}
    assert "7 rows" in told["outcomes_refused"]
    assert "The export has gaps" in told["outcomes_refused"]


def test_the_flow_in_memo_and_appendix_is_made_of_these_counts(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    event = body(road, "frame")
    assert (event["rows"], event["kept"]) == (243, 240)
    assert event["excluded"] == {"blank_line": 1, "not_eligible": 1, "opted_out": 1}
    appendix = json.loads((road.out / "appendix.json").read_bytes())
    flow = appendix["flow"]
    assert (
        flow["rows"] is None
    )  # of 243 three were left out: so few are withheld, and what would tell of them
    assert flow["units"] == 240
    page = (road.out / "appendix.html").read_text(encoding="utf-8")
    assert "240" in page


@pytest.mark.parametrize("change", ["delete from frame_bills where row = 5", "drop table frame_bills"])
def test_a_row_lost_from_the_registry_is_found(change: str, tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    road.sql(change)
    ran = road.rct("verify", "bills", "--json")
    assert ran.code == 1
    assert ran.json["failures"][0]["code"] == "frame_changed"
    ran = road.rct("draw", "bills", "--json")
    assert ran.code == 2
    assert ran.problems[0]["code"] == ("frame_changed" if "delete" in change else "system")


def test_check_counts_as_frame_does_and_stores_nothing(tmp_path: Path) -> None:
    road = road_at("new", tmp_path)
    before = road.tree()
    shown = road.rct("check", "bills", "--frame", road.root / "accounts.csv")
    assert shown.code == 0
    assert re.search(r"240\b.*kept|240 units", shown.out)
    assert "not eligible" in shown.out
    assert "opted out" in shown.out
    text, _ = spoiled(random.Random(1))
    checked = road.rct("check", "bills", "--frame", road.file("spoiled.csv", text), "--json")
    assert checked.code == 1
    assert road.tree() == before
    stored = road.no("frame", "bills", road.root / "spoiled.csv")
    assert checked.problems == stored


def test_a_thousand_defects_are_listed_and_the_rest_counted(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(canary_definition())
    for letter in ("plain", "social"):
        path = road.folder / "templates" / "bills" / f"{letter}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text("Dear {{ name }},\n")
    rows = [canary_row(i).replace(".5,", ".5.5,") for i in range(1_203)]
    file = road.file("bad.csv", "\n".join([HEAD, *rows]) + "\n")
    assert len(road.no("frame", "bills", file)) == 1_000
    with (road.private / "bills" / "refused.csv").open(encoding="utf-8-sig", newline="") as listed:
        assert len(list(csv.DictReader(listed))) == 1_203
    talk = road.rct("frame", "bills", file).err
    assert "1,203 defects in 1,203 rows." in " ".join(talk.split())
    assert "private/bills/refused.csv" in talk
