"""`Next:` names the next real step, at every stage and for each channel; tables fit the screen."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from support import Road, accounts, definition, next_command, road_at, run

from rct.audit.upcoming import upcoming
from rct.cli.common import WIDTH, Talk
from rct.registry.trial import opened
from rct.registry.workspace import find


def shown(road: Road) -> str:
    """What status says comes next: in its table's JSON and as its last line."""
    (trial,) = road.ok("status", road.name)["trials"]
    assert road.rct("status", road.name).out.rstrip().endswith(f"Next: {trial['next']}")
    return str(trial["next"])


def test_letters_are_printed_mailed_and_followed_to_the_end(tmp_path: Path) -> None:
    road = road_at("new", tmp_path, wait=30)
    assert shown(road) == "rct check bills   then   rct lock bills"
    for stage, then in (("new", "frame bills FILE"), ("locked", "draw bills"), ("ready", "letters bills")):
        said = road.rct(*next_command(road, stage)).out
        assert said.rstrip().endswith(f"rct {then}"), said
        assert shown(road) == f"rct {then}"
    assert "Next: rct letters bills" in road.rct("check", "bills").out, "no advice to lock what is locked"
    road.ok("letters", "bills")
    assert shown(road) == "rct mailed bills FILE"
    day = date.today().isoformat()
    road.ok("mailed", "bills", road.file("m.csv", f"account,status,date\nQZKANARI-0001,returned,{day}\n"))
    assert shown(road) == "rct outcomes bills FILE"


def test_what_nobody_tells_by_the_day_of_results_is_not_asked_for_for_ever(tmp_path: Path) -> None:
    assert shown(road_at("drawn", tmp_path)) == "rct outcomes bills FILE"


def test_text_messages_are_handed_over(tmp_path: Path) -> None:
    road = Road(tmp_path)
    arms = '[arms.a]\nlabel = "None"\ncontrol = true\n\n[arms.b]\nlabel = "Text"\ntemplate = "b.md"\n'
    text = definition(arms=arms, frame='id = "account"\ncontact = ["name", "phone"]', wait=30)
    road.define(text.replace('channel = "letter"', 'channel = "sms"'))
    (road.folder / "templates" / "b.md").write_text("Hello {{ name }}, pay. Reply STOP to end.\n")
    road.ok("lock", "bills")
    road.ok(
        "frame", "bills", road.file("l.csv", accounts(6, columns="phone", row=lambda i: f"555-010-{i:04d}"))
    )
    assert "Next: rct handover bills" in road.rct("draw", "bills", "--yes").out
    road.ok("handover", "bills")
    assert shown(road) == "rct mailed bills FILE"


def test_a_decision_is_printed_shown_and_asked_after(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    assert shown(road) == 'rct decide bills adopt|adapt|drop --note "…"'
    assert "Next: rct report bills" in road.rct("decide", "bills", "adapt", "--note", "Reword it").out
    assert shown(road) == "rct report bills"
    road.ok("report", "bills")
    assert shown(road) == "rct site"
    (trial,) = road.ok("status", "bills")["trials"]
    in_half_a_year = date.fromisoformat(trial["due"])
    assert 181 <= (in_half_a_year - date.today()).days <= 184
    with opened(find(road.folder), "bills") as bills:
        for day, then in (
            (in_half_a_year - timedelta(days=1), "rct site"),
            (in_half_a_year, "rct followup bills --adopted yes|partly|no"),
        ):
            assert upcoming(bills.state, bills.definition, day) == then
    assert shown_after_lock_again(road) == "rct site"


def shown_after_lock_again(road: Road) -> str:
    """A locked trial that is given to `lock` again is not sent back to its list."""
    return road.rct("lock", "bills").out.rstrip().rsplit("Next: ", 1)[1]


def test_a_table_folds_words_and_never_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk(None, None, False)
    long = "a-trial-with-a-rather-long-name_that-goes-on"
    talk.table(
        ("trial", "stage", "n", "next"),
        [
            (long, "plan locked; list of people missing", "1,234,567", f"rct frame {long} FILE"),
            ("b", "new", "2", "x"),
        ],
    )
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= WIDTH
    assert "1,234,567" in said
    assert "".join(said.split()).count("rct") == 1


@pytest.mark.parametrize(
    ("old", "line", "advice"),
    [
        ("primary = true", "primary = yes", ""),
        ("primary = true", 'primary = "yes"', "primary = true"),
        ("worthwhile = 0.01", 'worthwhile = "0.02"', "worthwhile = 0.02"),
        ("worthwhile = 0.01", 'worthwhile = "$1,000"', "worthwhile = 1000"),
    ],
)
def test_advice_leads_out_and_in_no_circle(tmp_path: Path, old: str, line: str, advice: str) -> None:
    road = Road(tmp_path)
    road.define(definition().replace(old, line))
    (problem, *_) = road.no("check", "bills", code=1)
    if not advice:
        assert problem["fix"] == "Write true or false, in small letters and without quotes."
        return
    assert advice in problem["fix"], problem
    road.edit(line, advice)
    again = road.rct("check", "bills", "--json").json["problems"]
    assert [p for p in again if p["field"] == problem["field"] and p["code"] == problem["code"]] == []


def test_a_day_in_quotes_is_told_how_it_is_written(tmp_path: Path) -> None:
    road = Road(tmp_path)
    start = date.today().isoformat()
    road.define(definition().replace(f"start = {start}", 'start = "12/14/2026"'))
    (problem,) = [p for p in road.no("check", "bills", code=1) if p["field"] == "trial.start"]
    line = problem["fix"].split("for example: ")[1]
    assert line == "start = 2026-01-12"


def test_no_is_an_answer_and_no_failure_and_delete_is_no_letters(tmp_path: Path) -> None:
    (problem,) = run("delete", "tryit", "--json").problems
    assert "rct forget" in problem["rule"]
    assert "rct letters" not in problem["rule"]
