"""Invariant 1: a draw needs a locked plan; a locked plan can't change, only be amended in the open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import Ran, Road, next_command, road_at

from rct.registry import keys
from rct.registry.workspace import Workspace


def plan_body(road: Road, kind: str) -> dict[str, object]:
    events = [json.loads(text) for _, _, text in road.events()]
    return dict([e["body"] for e in events if e["kind"] == kind][-1])


def commands(road: Road) -> dict[str, tuple[object, ...]]:
    """Every command that takes a trial, as it is given to a trial that has come all the way."""
    name = road.name
    return {
        "check": ("check", name),
        "power": ("power", name),
        "lock": ("lock", name),
        "frame": ("frame", name, road.root / "accounts.csv"),
        "draw": ("draw", name),
        "outcomes": ("outcomes", name, road.root / "payments.csv"),
        "analyze": ("analyze", name),
        "report": ("report", name),
        "status": ("status", name),
        "log": ("log", name),
        "head": ("head", name),
        "verify": ("verify", name),
        "stop": ("stop", name, "--reason", "The letter named a wrong number"),
        "forget": ("forget", name),
    }


COMMANDS = sorted(commands(Road(Path(), init=False)))


def said(ran: Ran) -> str:
    return " ".join((ran.out + ran.err).split())


# --- lock before draw


def test_a_list_alone_can_not_be_drawn(tmp_path: Path) -> None:
    road = road_at("new", tmp_path)
    road.ok("frame", "bills", road.root / "accounts.csv")
    before = road.tree()
    (problem,) = road.no("draw", "bills")
    assert problem["code"] == "not_locked"
    assert "rct lock bills" in problem["fix"]
    assert road.tree() == before


def test_nothing_that_follows_the_draw_goes_before_it(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    before = road.tree()
    for command in (
        ("outcomes", "bills", road.root / "payments.csv"),
        ("analyze", "bills"),
        ("report", "bills"),
    ):
        (problem,) = road.no(*command)
        assert problem["code"] == "not_drawn", command
    assert road.tree() == before


def test_the_draw_uses_the_seed_that_the_lock_committed_to(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    seed = road.private / "bills" / "seed"
    seed.write_text("0" * 64)
    before = road.tree()
    (problem,) = road.no("draw", "bills")
    assert problem["code"] == "seed_changed"
    assert road.tree() == before


def test_without_its_seed_a_locked_trial_is_not_drawn(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    (road.private / "bills" / "seed").unlink()
    (problem,) = road.no("draw", "bills")
    assert problem["code"] == "no_seed"


def test_a_seed_that_another_draw_used_up_meanwhile_is_not_called_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    road, read = road_at("ready", tmp_path), keys.read_seed

    def late(ws: Workspace, name: str) -> str:
        monkeypatch.setattr(keys, "read_seed", read)
        road.ok("draw", "bills")
        return read(ws, name)

    monkeypatch.setattr(keys, "read_seed", late)
    (problem,) = road.no("draw", "bills")
    assert problem["code"] == "busy"
    assert road.ok("verify", "bills")["failures"] == []


# --- a locked plan can't change


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_names_an_edited_definition(command: str, tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    road.edit("Today's letter", "Today's LETTER")
    ran = road.rct(*commands(road)[command])
    assert "arms.plain.label" in said(ran)
    assert "Traceback" not in ran.err
    assert ran.code == (2 if command in {"lock", "draw"} else 0)


@pytest.mark.parametrize("command", ["check", "draw", "frame", "lock", "status", "verify"])
def test_commands_name_an_edited_letter(command: str, tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    (road.folder / "templates" / "bills" / "social.md").write_text("Dear {{ name }}, pay now.\n")
    assert "bills/social.md" in said(road.rct(*commands(road)[command]))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_names_an_edited_plan(command: str, tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    plan = road.out / "plan.json"
    plan.write_bytes(plan.read_bytes().replace(b'"holm"', b'"none"'))
    ran = road.rct(*commands(road)[command])
    assert "not the plan that was locked" in said(ran) or "plan.json" in said(ran)
    assert "Traceback" not in ran.err
    expected = {"verify": 1, "check": 0, "status": 0, "log": 0, "head": 0, "stop": 0, "forget": 0, "power": 0}
    assert ran.code == expected.get(command, 2)


@pytest.mark.parametrize("stage", ["locked", "ready", "drawn", "outcomes", "analyzed"])
def test_an_edited_plan_stops_the_road(stage: str, tmp_path: Path) -> None:
    road = road_at(stage, tmp_path)
    plan = road.out / "plan.json"
    plan.write_bytes(plan.read_bytes() + b"\n")
    before = road.tree()
    problems = road.no(*next_command(road, stage))
    assert problems[0]["code"] == "plan_changed"
    assert problems[0]["file"] == "trials/bills/out/plan.json"
    assert road.tree() == before
    failures = road.rct("verify", "bills", "--json").json["failures"]
    assert failures[0]["code"] == "plan_changed"


def test_a_plan_that_is_gone_stops_the_road(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    (road.out / "plan.json").unlink()
    assert road.no("draw", "bills")[0]["code"] == "plan_missing"
    assert road.rct("verify", "bills").code == 1
    assert "plan" in said(road.rct("status", "bills"))


def test_comments_and_line_ends_are_no_change(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    road.toml.write_bytes(b"# a comment\r\n" + road.toml.read_bytes().replace(b"\n", b"\r\n"))
    letter = road.folder / "templates" / "bills" / "plain.md"
    letter.write_bytes(letter.read_bytes().replace(b"\n", b"\r\n"))
    assert "changed after the lock" not in said(road.rct("status", "bills"))
    assert road.ok("lock", "bills")["fresh"] is False
    road.ok("draw", "bills")


def test_a_changed_definition_is_not_locked_again(tmp_path: Path) -> None:
    road = road_at("locked", tmp_path)
    road.edit("unit_cost = 0.75", "unit_cost = 0.8")
    before = road.tree()
    (problem,) = road.no("lock", "bills")
    assert problem["code"] == "locked_changed"
    assert "rct amend bills" in problem["fix"]
    assert "arms.social.unit_cost" in problem["rule"]
    assert road.tree() == before


def test_edited_design_is_refused_by_frame_and_draw(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    road.edit("share = 2", "share = 3")
    before = road.tree()
    assert road.no("draw", "bills")[0]["code"] == "edited_after_lock"
    assert road.tree() == before
    road.edit("share = 3", "share = 2")
    road.edit('covariates = ["balance"]', "covariates = []")
    assert road.no("frame", "bills", road.root / "accounts.csv")[0]["code"] == "edited_after_lock"
    assert road.tree()["rct.db"] == before["rct.db"]


def test_the_analysis_runs_the_plan_and_not_the_edited_file(tmp_path: Path) -> None:
    plain = road_at("outcomes", tmp_path / "plain")
    edited = road_at("outcomes", tmp_path / "edited")
    edited.edit(
        'subgroups = ["language"]', 'alpha = 0.2\nestimator = "difference_in_means"\nmultiplicity = "none"'
    )
    assert edited.ok("analyze", "bills")["results"] == plain.ok("analyze", "bills")["results"]


# --- amendments


def test_an_amendment_before_the_draw_is_listed_in_log_and_plan_and_is_no_deviation(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    road.edit("unit_cost = 0.75", "unit_cost = 0.8")
    amended = road.ok("amend", "bills", "--reason", "The vendor raised the price", "--by", "Kim")
    assert amended["deviation"] is False
    assert amended["changes"] == [{"field": "arms.social.unit_cost", "old": "0.75", "new": "0.8"}]
    body = plan_body(road, "amend")
    assert body["reason"] == "The vendor raised the price"
    log = said(road.rct("log", "bills"))
    assert "amend Kim" in log
    assert "The vendor raised the price" in log
    plan = (road.out / "plan.md").read_text(encoding="utf-8")
    assert "The vendor raised the price" in plan
    assert "Kim" in plan
    assert "0.75" in plan
    assert (road.out / "plan-2.json").is_file()
    road.ok("draw", "bills")
    assert [json.loads(t)["body"]["locks"] for _, _, t in road.events() if '"kind":"draw"' in t] == [2]
    road.ok("outcomes", "bills", road.root / "payments.csv")
    told = road.ok("analyze", "bills")["deviations"]
    assert "amended_late" not in {d["code"] for d in told}
    assert road.ok("verify", "bills")["failures"] == []


@pytest.mark.parametrize(("stage", "after"), [("drawn", "the draw"), ("outcomes", "the first outcome")])
def test_an_amendment_after_the_draw_is_a_deviation(stage: str, after: str, tmp_path: Path) -> None:
    road = road_at(stage, tmp_path)
    road.edit("benefit = 40", "benefit = 50")
    amended = road.ok("amend", "bills", "--reason", "Finance corrected the benefit")
    assert amended["deviation"] is True
    if stage == "drawn":
        road.ok("outcomes", "bills", road.root / "payments.csv")
    told = {d["code"]: d["text"] for d in road.ok("analyze", "bills")["deviations"]}
    assert after in told["amended_late"]
    assert "Finance corrected the benefit" in told["amended_late"]
    assert "outcomes.paid.benefit" in told["amended_late"]
    road.ok("report", "bills")
    assert "Finance corrected the benefit" in (road.out / "appendix.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("share = 2", "share = 3"),
        ("eligible = \"status == 'open'\"", ""),
        ('covariates = ["balance"]', "covariates = []"),
        ('scheme = "blocked_clustered"\nblocks = ["district"]', 'scheme = "clustered"'),
        ('[arms.social]\nlabel = "Most', '[arms.extra]\nlabel = "More"\n\n[arms.social]\nlabel = "Most'),
    ],
)
def test_what_the_draw_was_made_from_can_not_be_amended_after_it(old: str, new: str, tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    road.edit(old, new)
    before = road.tree()
    problems = road.no("amend", "bills", "--reason", "A better design")
    assert {p["code"] for p in problems} == {"fixed_by_draw"}
    assert road.tree() == before


@pytest.mark.parametrize("reason", ["", "  ", "x", "bell\x07bell"])
def test_an_amendment_needs_a_reason(reason: str, tmp_path: Path) -> None:
    road = road_at("locked", tmp_path)
    road.edit("benefit = 40", "benefit = 50")
    before = road.tree()
    assert road.no("amend", "bills", "--reason", reason)[0]["code"] == "bad_reason"
    assert road.no("amend", "bills")[0]["code"] == "reason_needed"
    assert road.tree() == before


def test_an_amendment_without_a_change_writes_nothing(tmp_path: Path) -> None:
    road = road_at("locked", tmp_path)
    before = road.tree()
    assert road.ok("amend", "bills", "--reason", "Nothing at all")["fresh"] is False
    assert road.tree() == before


def test_a_trial_that_is_not_locked_is_not_amended(tmp_path: Path) -> None:
    road = road_at("new", tmp_path)
    assert road.no("amend", "bills", "--reason", "Too early for this")[0]["code"] == "not_locked"


def test_a_lock_after_the_start_is_a_deviation_that_plan_and_memo_print(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    told = {d["code"] for d in road.ok("analyze", "bills")["deviations"]}
    assert "locked_after_start" in told
    for document, said in (("plan.md", "after the start"), ("memo.md", "after the trial's start")):
        assert said in (road.out / document).read_text(encoding="utf-8").replace("\\", ""), document


def test_nobody_approves_their_own_plan(tmp_path: Path) -> None:
    road = road_at("new", tmp_path)
    assert road.no("lock", "bills", "--by", "Ana", "--approved-by", " ana ")[0]["code"] == "approval_by_self"
    road.ok("lock", "bills", "--by", "Ana", "--approved-by", "Kim")
    assert plan_body(road, "lock")["approved_by"] == "Kim"
