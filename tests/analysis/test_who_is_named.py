"""Whom outcomes files name, how far they reach and who is missing: told of what can't be chance, and of nothing else."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from support import Road, accounts, definition

from rct.design.tickets import unit_id

BLOCKED = {"design": 'scheme = "blocked"\nblocks = ["district"]'}
EVENTS = (
    '[outcomes.paid]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "zero"\nrows = "event"\n'
    'date_column = "day"\nwindow_days = 30\n'
)
START = date.today() - timedelta(days=60)


def drawn(root: Path, n: int = 400, *, district: Callable[[int], str] | None = None, **parts: Any) -> Road:
    road = Road(root)
    road.define(definition(**parts))
    road.ok("lock", "bills")
    columns = {} if district is None else {"columns": "district", "row": district}
    road.ok("frame", "bills", road.file("list.csv", accounts(n, **columns)))
    road.ok("draw", "bills")
    return road


def arms_of(road: Road, n: int) -> dict[int, str]:
    arm = dict(road.sql("select unit, arm from assignment_bills"))
    key = (road.private / "key").read_bytes()
    return {i: arm[unit_id(key, "bills", f"{i:05d}")] for i in range(n)}


def load(road: Road, said: Mapping[int, str], name: str = "paid.csv") -> dict[str, Any]:
    text = "".join(f"{i:05d},{word}\n" for i, word in said.items())
    return dict(road.ok("outcomes", "bills", road.file(name, "account,paid\n" + text)))


def warned(loaded: Mapping[str, Any]) -> set[str]:
    return {w["code"] for w in loaded["warnings"]}


def analyzed(road: Road) -> tuple[dict[str, Any], dict[str, str]]:
    """What `analyze` says, and the memo's checks by title, each with its mark."""
    found = road.ok("analyze", "bills")
    road.ok("report", "bills")
    lines = [x for x in (road.out / "memo.md").read_text().splitlines() if x.startswith("- ") and ": " in x]
    panel = {x[2:].split(": ", 1)[1].split(".", 1)[0]: x[2:] for x in lines}
    return dict(found), panel


def codes(found: Mapping[str, Any]) -> set[str]:
    return {d["code"] for d in found["deviations"]}


def test_a_file_of_one_arm_that_lists_people_gets_no_verdict(tmp_path: Path) -> None:
    road = drawn(tmp_path)
    letter = [i for i, arm in arms_of(road, 400).items() if arm == "letter"]
    loaded = load(road, {i: "yes" if k < 65 else "no" for k, i in enumerate(letter)})
    assert warned(loaded) == {"named_unevenly"}
    assert "letter" not in loaded["warnings"][0]["rule"]  # that it is so, and not of which arm
    assert "control" not in loaded["warnings"][0]["rule"]
    found, panel = analyzed(road)
    assert found["results"][0]["estimate"] == pytest.approx(0.325)
    assert found["refused"] == ["paid"]
    assert "named_unevenly" in codes(found)
    assert panel["Records leave people out"].startswith("LOOK")
    memo = (road.out / "memo.md").read_text()
    assert "No answer: the records of “Paid” name more people of some groups than of others." in memo
    assert "NOT SETTLED: No verdict." in memo
    assert "ADOPT" not in memo
    assert "Records cover everyone" not in memo
    assert "Group sizes as drawn" not in memo
    assert "32.5" not in memo
    assert "no verdict rests on them" in " ".join(road.rct("analyze", "bills").out.split())
    assert json.loads((road.out / "results.json").read_text())["refused"] == ["paid"]
    road.ok("report", "bills", "--lang", "es")
    assert "Sin veredicto." in (road.out / "memo.es.md").read_text()
    road.ok("verify", "bills")
    # The others' file mends it, and no warning is left.
    assert not warned(load(road, {i: "no" for i in range(400) if i not in letter}, "others.csv"))
    found, panel = analyzed(road)
    assert found["refused"] == []
    assert "named_unevenly" not in codes(found)
    assert panel["No one is left out"].startswith("NOTE")


def test_what_leaves_the_office_holds_no_figure_of_it(tmp_path: Path) -> None:
    road = drawn(tmp_path)
    letter = [i for i, arm in arms_of(road, 400).items() if arm == "letter"]
    load(road, {i: "yes" if k < 65 else "no" for k, i in enumerate(letter)})
    analyzed(road)
    road.ok("share", "bills")
    shown = road.ok("verify", str(road.out / "bundle.zip"))
    assert shown["ok"]
    with zipfile.ZipFile(road.out / "bundle.zip") as bundle:
        assert b"0.325" not in bundle.read("results.csv")
        assert b"0.325" not in bundle.read("evidence.json")


def test_one_district_of_thirty_without_its_control(tmp_path: Path) -> None:
    road = drawn(tmp_path, 600, district=lambda i: f"d{i % 30:02d}", **BLOCKED)
    arm = arms_of(road, 600)
    said = {i: "no" if i % 3 else "yes" for i in arm if not (i % 30 == 0 and arm[i] == "control")}
    assert warned(load(road, said)) == {"named_unevenly"}
    found, panel = analyzed(road)
    assert found["refused"] == ["paid"]
    assert panel["Records leave people out"].startswith("LOOK")


def test_two_districts_that_lack_an_arm_each_do_not_cancel(tmp_path: Path) -> None:
    road = drawn(tmp_path, 600, district=lambda i: f"d{i % 30:02d}", **BLOCKED)
    arm = arms_of(road, 600)
    lacks = {0: "control", 1: "letter"}
    said = {i: "no" if i % 3 else "yes" for i in arm if lacks.get(i % 30) != arm[i]}
    assert warned(load(road, said)) == {"named_unevenly"}


def test_a_list_of_payers_alone_is_a_result_whatever_it_shows(tmp_path: Path) -> None:
    """30 % against 15 % of 400: who is named is the outcome, and nothing is told of it before its date."""
    road = drawn(tmp_path)
    arm = arms_of(road, 400)
    of = {a: [i for i in arm if arm[i] == a] for a in ("letter", "control")}
    loaded = load(road, dict.fromkeys([*of["letter"][:60], *of["control"][:30]], "yes"))
    assert not warned(loaded)
    found, panel = analyzed(road)
    assert found["refused"] == []
    assert not codes(found)
    assert panel["No one is left out"].startswith("NOTE")
    assert "ADOPT" in (road.out / "memo.md").read_text()


def test_a_list_of_payers_with_few_noes_among_them_is_one_too(tmp_path: Path) -> None:
    """Three refunded payments do not make it a list of people: a real effect keeps its verdict."""
    road = drawn(tmp_path, 1_000)
    arm = arms_of(road, 1_000)
    of = {a: [i for i in arm if arm[i] == a] for a in ("letter", "control")}
    said = dict.fromkeys([*of["letter"][:200], *of["control"][:90]], "yes")
    said |= dict.fromkeys([*of["letter"][200:202], of["control"][90]], "no")
    assert not warned(load(road, said))
    found, _ = analyzed(road)
    assert (found["refused"], codes(found)) == ([], set())


def test_payers_of_one_arm_only_are_asked_about_without_refusing(tmp_path: Path) -> None:
    """A code that only letters bear can be redeemed by nobody else; half a file looks the same."""
    road = drawn(tmp_path)
    letter = [i for i, a in arms_of(road, 400).items() if a == "letter"]
    assert not warned(load(road, dict.fromkeys(letter[:65], "yes")))
    found, panel = analyzed(road)
    assert found["refused"] == []
    assert codes(found) == {"named_few"}
    assert panel["Records may lack a group"].startswith("LOOK")
    assert "Records cover everyone" not in (road.out / "memo.md").read_text()


def test_a_single_no_shows_that_a_whole_arm_was_left_out(tmp_path: Path) -> None:
    road = drawn(tmp_path)
    letter = [i for i, a in arms_of(road, 400).items() if a == "letter"]
    assert warned(load(road, {i: "no" if k == 0 else "yes" for k, i in enumerate(letter)}))
    assert analyzed(road)[0]["refused"] == ["paid"]


def test_a_list_that_leaves_out_as_many_of_each_arm_is_told_and_counts(tmp_path: Path) -> None:
    road = drawn(tmp_path)
    arm = arms_of(road, 400)
    of = {a: [i for i in arm if arm[i] == a] for a in ("letter", "control")}
    said = {
        i: "yes" if i % 3 == 0 else "no" for a, n in (("letter", 180), ("control", 176)) for i in of[a][:n]
    }
    assert not warned(load(road, said))
    found, panel = analyzed(road)
    assert found["refused"] == []
    assert panel["Some are in no record"] == (
        "NOTE: Some are in no record. Records leave out 44 of 400. They count as no."
    )


def test_clusters_are_named_or_not_as_one(tmp_path: Path) -> None:
    """Streets of ten: a file that names 18 of 20 streets in each arm is no alarm, one that lacks an arm's is."""
    parts = {"frame": 'id = "account"\ncontact = ["name"]',
             "design": 'scheme = "clustered"\nclusters = "street"'}  # fmt: skip
    road = Road(tmp_path)
    road.define(definition(**parts))
    road.ok("lock", "bills")
    people = accounts(400, columns="street", row=lambda i: f"s{i // 10}")
    road.ok("frame", "bills", road.file("list.csv", people))
    road.ok("draw", "bills")
    arm = arms_of(road, 400)
    letter = [i for i in arm if arm[i] == "letter"]
    said = {i: "yes" if i % 4 == 0 else "no" for i in letter}
    assert warned(load(road, said)) == {"named_unevenly"}
    rest = [i for i in arm if arm[i] == "control"][20:]
    assert not warned(load(road, {i: "yes" if i % 4 == 0 else "no" for i in rest}, "more.csv"))


# --- how far the records reach


def events(road: Road, days: Mapping[int, int], name: str = "events.csv") -> dict[str, Any]:
    """Load a row a unit: when, in days from the start."""
    text = "".join(f"{i:05d},{START + timedelta(days=d)}\n" for i, d in days.items())
    return dict(road.ok("outcomes", "bills", road.file(name, "account,day\n" + text)))


def test_events_that_stop_a_week_into_a_month(tmp_path: Path) -> None:
    road = drawn(tmp_path, 80, start=START, outcomes=EVENTS)
    loaded = events(road, {i: i % 8 for i in range(40)})
    told = next(w for w in loaded["warnings"] if w["code"] == "records_end_early")
    assert str(START + timedelta(days=7)) in told["rule"]
    assert str(START + timedelta(days=30)) in told["rule"]
    found, panel = analyzed(road)
    text = next(d["text"] for d in found["deviations"] if d["code"] == "records_end_early")
    assert "“Paid”" in text
    assert panel["Records end early"].startswith("LOOK")
    # The rest of the month mends it; an older file again changes nothing.
    assert not warned(events(road, {i: 25 + i % 5 for i in range(40, 80)}, "rest.csv")) & {
        "records_end_early"
    }
    found, panel = analyzed(road)
    assert "records_end_early" not in codes(found)
    assert "Records end early" not in panel


@pytest.mark.parametrize(
    ("days", "early"),
    [
        ({i: i * 28 // 40 for i in range(40)}, False),  # to day 27 of 30: a tenth is quiet
        (
            {**{i: i * 20 // 40 for i in range(40)}, 40: 25},
            False,
        ),  # a last one on day 25, hardly any before it
        ({i: i * 26 // 40 for i in range(40)}, True),  # busy to day 25, then nothing
        ({0: 3, 1: 9}, True),  # few, but two thirds of the window are empty
        ({0: 3, 1: 40}, False),  # a row from after the window: the file reaches beyond it
    ],
)
def test_a_quiet_end_is_told_from_a_cut_file(days: dict[int, int], early: bool, tmp_path: Path) -> None:
    road = drawn(tmp_path, 80, start=START, outcomes=EVENTS)
    assert ("records_end_early" in warned(events(road, days))) is early


def test_a_file_from_before_the_window_ended(tmp_path: Path) -> None:
    """Nothing may be known of the days to come; the same file again, once they are over, says that nothing came."""
    start = date.today() - timedelta(days=29)
    road = drawn(tmp_path, 80, start=start, wait=1, outcomes=EVENTS)
    text = "account,day\n" + "".join(f"{i:05d},{start + timedelta(days=i % 30)}\n" for i in range(60))
    loaded = road.ok("outcomes", "bills", road.file("events.csv", text))
    told = next(w for w in loaded["warnings"] if w["code"] == "records_end_early")
    assert f"loaded on {date.today()}" in told["rule"]
    found = road.ok("analyze", "bills", "--early", "--reason", "The council meets tonight")
    assert {"early", "records_end_early"} <= codes(found)


def test_no_window_no_end(tmp_path: Path) -> None:
    road = drawn(tmp_path, 80)
    assert not warned(load(road, {i: "yes" if i % 3 else "no" for i in range(80)}))


# --- who is missing


DROP = (
    '[outcomes.math_change]\nlabel = "Change in math"\ncolumn = "paid"\nkind = "binary"\nprimary = true\n'
    'missing = "drop"\n'
)


@pytest.mark.parametrize(
    ("n", "lost", "warns"),
    [(400, (0.20, 0.35), True), (1_600, (0.189, 0.241), True), (400, (0.20, 0.22), False)],
)
def test_the_panel_reads_the_test_of_attrition(
    n: int, lost: tuple[float, float], warns: bool, tmp_path: Path
) -> None:
    road = drawn(tmp_path, n, outcomes=DROP)
    arm = arms_of(road, n)
    said: dict[int, str] = {}
    for a, share in zip(("control", "letter"), lost, strict=True):
        mine = [i for i in arm if arm[i] == a]
        said |= {i: "yes" if i % 2 else "no" for i in mine[round(share * len(mine)) :]}
    load(road, said)
    found, panel = analyzed(road)
    assert ("attrition" in codes(found)) is warns
    assert panel["Some are missing"].startswith("LOOK" if warns else "OK")
    assert ("Group sizes as drawn" in panel) is not warns
    if warns:
        text = next(d["text"] for d in found["deviations"] if d["code"] == "attrition")
        assert text == "Whether the outcome “Change in math” is known differs between an arm and the control."


def test_a_block_that_lost_all_of_one_arm_warns_without_a_p_value(tmp_path: Path) -> None:
    """Nothing varies inside the cells: the strongest sign there is, and not none."""
    road = drawn(tmp_path, 300, district=lambda i: f"d{i % 3}", **BLOCKED, outcomes=DROP)
    arm = arms_of(road, 300)
    said = {i: "yes" if i % 2 else "no" for i in arm if not (i % 3 == 0 and arm[i] == "control")}
    load(road, said)
    found, panel = analyzed(road)
    assert {"attrition", "sample_ratio"} <= codes(found)
    assert panel["Some are missing"].startswith("LOOK")
    assert "Group sizes as drawn" not in panel
