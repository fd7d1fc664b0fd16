"""`rct draw`: once, by the beacon that counts, or taken over from a file."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from support import Road, accounts, canary_id, definition, road_at

QUICKNET = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"


def small(tmp_path: Path, beacon: str = "none") -> Road:
    road = Road(tmp_path)
    road.define(definition(design=f'scheme = "complete"\nbeacon = "{beacon}"'))
    road.ok("lock", "bills")
    road.ok("frame", "bills", road.file("a.csv", accounts(40)))
    return road


def refused(road: Road, *options: object) -> str:
    before = road.tree()
    (problem,) = road.no("draw", "bills", *options)
    assert road.tree() == before
    assert problem["fix"]
    return str(problem["code"])


# --- once


def test_a_trial_is_drawn_once_and_says_so(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    first = road.rct("draw", "bills")
    assert first.code == 0
    assert "draw 1 of 1" in first.out
    assert "1 lock, 1 list loaded" in first.out
    before = road.tree()
    again = road.rct("draw", "bills")
    assert again.code == 0
    assert "nothing was changed" in again.out
    assert road.tree() == before


def test_arms_by_block_and_balance_are_shown(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    shown = road.rct("draw", "bills").out
    counts = dict(road.sql("select arm, count(*) from assignment_bills group by arm"))
    for block in ("D0", "D1", "D2"):
        assert re.search(rf"^\s*{block}\s+20\s+20\s+40$", shown, re.M), shown
    assert re.search(rf"^\s*all\s+{counts['none']}\s+{counts['plain']}\s+{counts['social']}$", shown, re.M)
    assert "d² = " in shown
    assert re.search(
        r"^\s*balance\s+[\d.]+\s+[\d.]+\s+[\d.]+\s+[+-]\d\.\d{3}\s+[+-]\d\.\d{3}$", shown, re.M
    ), shown


def test_without_a_list_there_is_no_draw(tmp_path: Path) -> None:
    assert refused(road_at("locked", tmp_path)) == "no_frame"


def test_another_beacon_or_a_replay_of_what_was_drawn_is_refused(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    assert refused(road, "--beacon", "lottery:pick6:2026-01-05:1-2-3") == "drawn_already"
    file = road.root / "accounts.csv"
    assert refused(road, "--replay", file, "--column", "language") == "drawn_already"


def test_a_list_read_before_the_design_was_amended_is_read_again(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    road.edit("eligible = \"status == 'open'\"", "eligible = \"status == 'open' and balance > 30\"")
    road.ok("amend", "bills", "--reason", "Small balances are written off")
    assert refused(road) == "frame_stale"
    loaded = road.ok("frame", "bills", road.root / "accounts.csv")
    assert loaded["freezes"] == 2
    road.ok("draw", "bills")
    (event,) = [e["body"] for e in road.ok("log", "bills")["events"] if e["kind"] == "draw"]
    assert (event["locks"], event["freezes"], event["draws"]) == (2, 2, 1)


# --- beacons


def test_a_beacon_that_the_plan_does_not_name_is_refused(tmp_path: Path) -> None:
    road = small(tmp_path)
    assert refused(road, "--beacon", "lottery:pick6:2026-01-05:1-2-3") == "beacon_not_planned"


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "drand:x:1:2",
        "lottery:pick6:2026-02-30:1-2",
        "lottery:pick6:2026-01-05:3-2-1",
        "lottery:Pick6:2026-01-05:1",
        "a|b",
    ],
)
def test_a_beacon_in_no_known_form_is_refused(text: str, tmp_path: Path) -> None:
    assert refused(small(tmp_path), "--beacon", text) == "bad_beacon"


def test_the_lotterys_first_drawing_after_lock_and_list_counts(tmp_path: Path) -> None:
    road = small(tmp_path, "lottery:pick6")
    today = datetime.now(UTC).date()
    loaded = " ".join(road.rct("frame", "bills", road.root / "a.csv").out.split())
    assert f"on a date after {today} counts" in loaded
    assert refused(road) == "beacon_missing"
    assert refused(road, "--beacon", f"lottery:pick6:{today}:1-2-3") == "wrong_beacon"
    assert refused(road, "--beacon", f"lottery:other:{today + timedelta(days=1)}:1-2-3") == "wrong_beacon"
    assert refused(road, "--beacon", f"lottery:pick6:{today + timedelta(days=1)}:1-2-3") == "beacon_too_early"


def test_drands_first_round_an_hour_later_counts(tmp_path: Path) -> None:
    road = small(tmp_path, f"drand:{QUICKNET}")
    said = " ".join(road.rct("frame", "bills", road.root / "a.csv").out.split())
    number = int(re.search(r"Round (\d+)", said)[1])  # type: ignore[index]
    assert refused(road, "--beacon", f"drand:{QUICKNET}:{number}:{'ab' * 32}") == "beacon_too_early"
    assert refused(road, "--beacon", f"drand:{QUICKNET}:{number - 1}:{'ab' * 32}") == "wrong_beacon"
    assert refused(road, "--beacon", f"drand:{'0' * 64}:{number}:{'ab' * 32}") == "wrong_beacon"


# --- replays


def sent(road: Road, arms: dict[int, str], n: int = 240, extra: str = "") -> Path:
    rows = [
        f"{canary_id(i)},{arms.get(i, ('none', 'plain', 'social', 'social')[(i // 2) % 4])}" for i in range(n)
    ]
    return road.file("sent.csv", "account,treat\n" + "\n".join(rows) + "\n" + extra)


def test_a_draw_made_elsewhere_is_taken_over_as_it_is(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    file = sent(road, {})
    drawn = road.ok("draw", "bills", "--replay", file, "--column", "treat")
    assert drawn["key"] is None
    assert drawn["arms"] == {"none": 60, "plain": 60, "social": 120}
    rows = list(csv.DictReader((road.out / "assignment.csv").open(encoding="utf-8", newline="")))
    assert Counter(r["arm"] for r in rows) == drawn["arms"]
    assert {r["ticket"] for r in rows} == {""}
    (event,) = [e["body"] for e in road.ok("log", "bills")["events"] if e["kind"] == "draw"]
    assert event["frame_hash"] == drawn["frame_hash"]
    assert (event["seed"], event["beacon"]) == ("", "")
    before = road.tree()
    assert road.ok("draw", "bills", "--replay", file, "--column", "treat")["fresh"] is False
    assert road.tree() == before
    assert road.ok("verify", "bills")["failures"] == []


def test_a_replay_of_another_file_is_not_the_same_draw(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    road.ok("draw", "bills", "--replay", sent(road, {}), "--column", "treat")
    assert (
        refused(road, "--replay", sent(road, {0: "plain", 1: "plain"}), "--column", "treat")
        == "drawn_already"
    )
    assert refused(road) == "drawn_already"


def test_rows_of_people_who_do_not_take_part_are_passed_over(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    road.ok("draw", "bills", "--replay", sent(road, {}, 242), "--column", "treat")


@pytest.mark.parametrize(
    ("arms", "n", "extra", "code", "words"),
    [
        ({}, 239, "", "unit_without_arm", "1 unit"),
        ({4: "letter", 5: "letter"}, 240, "", "unknown_arm", "letter"),
        ({4: "", 5: ""}, 240, "", "unknown_arm", "none, plain, social"),
        ({4: "None", 5: "None"}, 240, "", "unknown_arm", "None"),
        ({4: "none", 5: "plain"}, 240, "", "split_cluster", "together"),
        ({}, 240, f"{canary_id(7)},none\n", "duplicate_id", "once"),
        ({}, 240, f"{canary_id(7)},none,more\n", "field_count", "fields"),
    ],
)
def test_a_replay_that_can_not_be(
    arms: dict[int, str], n: int, extra: str, code: str, words: str, tmp_path: Path
) -> None:
    road = road_at("ready", tmp_path)
    before = road.tree()
    problems = road.no("draw", "bills", "--replay", sent(road, arms, n, extra), "--column", "treat")
    assert {p["code"] for p in problems} == {code}
    assert words in f"{problems[0]['rule']} {problems[0]['found']}"
    assert road.tree() == before


def test_the_member_of_a_split_household_is_named_with_its_own_arm(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    (problem,) = road.no(
        "draw", "bills", "--replay", sent(road, {4: "none", 5: "plain"}), "--column", "treat"
    )
    assert (problem["row"], problem["found"]) == (6, "plain")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--replay", "FILE"), "usage"),
        (("--column", "treat"), "usage"),
        (("--replay", "FILE", "--column", "arm"), "missing_column"),
        (("--replay", "nowhere.csv", "--column", "treat"), "file_unreadable"),
        (("--replay", "FILE", "--column", "treat", "--beacon", "lottery:pick6:2026-01-05:1-2-3"), "usage"),
        (("--replay", "FILE", "--column", "treat", "--rename", "acct=account"), "unknown_rename"),
    ],
)
def test_options_that_do_not_go_together(options: tuple[str, ...], code: str, tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    file = sent(road, {})
    assert refused(road, *(file if o == "FILE" else o for o in options)) == code


def test_a_stopped_trial_is_not_drawn(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    road.ok("stop", "bills", "--reason", "The letter named a wrong number")
    assert refused(road) == "stopped"


def test_impossible_counts_are_said_at_once(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    arms = dict.fromkeys(range(0, 40), "plain")
    shown = " ".join(road.rct("draw", "bills", "--replay", sent(road, arms), "--column", "treat").out.split())
    assert "The shares could not have given the group sizes in 3 blocks. A deviation" in shown
    assert "The draw was made elsewhere and read in: rct can't vouch for it." in shown
    assert "draw 1 of 1" not in shown
    assert date.today().isoformat() not in shown


def test_a_file_may_write_the_arms_in_its_own_words_that_the_plan_holds(tmp_path: Path) -> None:
    road = road_at("new", tmp_path / "own")
    for arm, word in (("none", "No_Letter"), ("plain", "Old Letter"), ("social", "3")):
        road.edit(f"[arms.{arm}]\n", f'[arms.{arm}]\nvalue = "{word}"\n')
    other = road_at("ready", tmp_path / "names")
    named = sent(other, {})
    text = named.read_text()
    for arm, word in (("none", "No_Letter"), ("plain", "Old Letter"), ("social", "3")):
        text = text.replace(f",{arm}\n", f", {word} \n")
    road.ok("lock", "bills")
    road.ok("frame", "bills", road.root / "accounts.csv")
    (problem, *_) = road.no("draw", "bills", "--replay", named, "--column", "treat")
    assert problem["code"] == "unknown_arm"
    assert "No_Letter, Old Letter, 3" in problem["rule"]
    arms = road.ok("draw", "bills", "--replay", road.file("own.csv", text), "--column", "treat")["arms"]
    assert arms == other.ok("draw", "bills", "--replay", named, "--column", "treat")["arms"]
    assert road.ok("verify", "bills")["failures"] == []


@pytest.mark.parametrize("word", ["plain", "social "])
def test_two_arms_may_not_be_written_alike(tmp_path: Path, word: str) -> None:
    road = road_at("new", tmp_path)
    road.edit("[arms.none]\n", f'[arms.none]\nvalue = "{word}"\n')
    (problem,) = road.no("check", "bills", code=1)
    assert (problem["code"], problem["field"]) == ("arm_value", "arms.none.value")
