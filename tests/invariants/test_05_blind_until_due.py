"""Invariant 5: no outcome by arm before the analysis date, whatever is asked.

Two trials with the same draw get outcomes that differ in one thing alone: whether those who paid are the arm
'social' or everyone else, as many of either. Whatever rct says before the date must not tell them apart.
"""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from support import Ran, Road, canary_id, road_at

from rct.design.tickets import unit_id

WAIT = 30
DUE = (date.today() + timedelta(days=WAIT)).isoformat()
VARIES = re.compile(r"[0-9a-f]{16,}|\b[0-9a-f]{4}( [0-9a-f]{4}){3}\b|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
PATHS = re.compile(r"(?:/tmp|/dev/shm)/\S+|(?<=Memo: )\S+")


def arms_of(road: Road) -> dict[int, str]:
    """What only someone with private/key can do: who of the city's ids is in which arm."""
    key = (road.private / "key").read_bytes()
    arm = dict(road.sql("select unit, arm from assignment_bills"))
    return {i: arm[unit_id(key, "bills", canary_id(i))] for i in range(240)}


def payments(road: Road, *, social: bool) -> str:
    """120 rows: those of the arm 'social', or of everyone else."""
    day = date.today() - timedelta(days=1)
    paid = [i for i, arm in arms_of(road).items() if (arm == "social") is social]
    assert len(paid) == 120
    lines = [f"{canary_id(i)},1,10.25,{day}" for i in paid]
    return "\n".join(["account,paid,amount,paid_on", *lines]) + "\n"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Road, Road]:
    roads = []
    for social in (True, False):
        road = road_at("drawn", tmp_path_factory.mktemp("blind"), wait=WAIT)
        road.file("payments.csv", payments(road, social=social))
        roads.append(road)
    return roads[0], roads[1]


def told(ran: Ran) -> tuple[int, str]:
    """All that a command said, without hashes, times and paths, and where lines break for these."""
    return ran.code, " ".join(PATHS.sub("PATH", VARIES.sub("*", ran.out + "\n---\n" + ran.err)).split())


def asked(road: Road) -> list[tuple[object, ...]]:
    name, file = "bills", road.root / "payments.csv"
    wrong = road.file("wrong.csv", file.read_text().replace(",1,10.25", ",0,11.25"))
    commands: list[tuple[object, ...]] = [
        ("outcomes", name, file),
        ("outcomes", name, file),
        ("outcomes", name, wrong),
        ("outcomes", name, wrong, "--correct", "--reason", "The bank sent new amounts"),
        ("outcomes", name, file, "--correct", "--reason", "The bank took them back"),
        ("analyze", name),
        ("analyze", name, "--early"),
        ("analyze", name, "--early", "--reason", ""),
        ("analyze", name, "--reason", "The mayor asks"),
        ("report", name),
        ("check", name),
        ("check", name, "--frame", road.root / "accounts.csv"),
        ("power", name),
        ("lock", name),
        ("frame", name, road.root / "accounts.csv"),
        ("draw", name),
        ("status",),
        ("status", name),
        ("log",),
        ("log", name),
        ("head", name),
        ("verify",),
        ("verify", name),
        ("verify", name, "--head", "sha256:" + "0" * 64),
        ("verify", name, "--head", "nonsense"),
        ("handover", name),
        ("lint", name),
        ("mailed", name, file),
        ("outcomes", name, file, "--rename", "paid=amount"),
        ("outcomes", name, file, "--refuse-bad-rows", "--reason", "The bank cannot say more"),
        ("decide", name, "adopt", "--note", "It surely works"),
        ("share", name),
        ("site",),
        ("consort", name),
        ("export", name, "--to", "csv"),
        ("register", name, "--format", "osf"),
        ("certify", "--since", "12m"),
        ("followup", name, "--adopted", "yes"),
        ("pool", "paid", name),
        ("library", "add", road.folder / "trials" / name),
    ]
    return [c for command in commands for c in (command, (*command, "--json"))]


def test_nothing_that_is_said_before_the_date_depends_on_who_paid(pair: tuple[Road, Road]) -> None:
    one, other = pair
    for mine, theirs in zip(asked(one), asked(other), strict=True):
        assert told(one.rct(*mine)) == told(other.rct(*theirs)), mine
    assert sorted(one.tree()) == sorted(other.tree())
    assert "results.csv" not in str(sorted(one.tree()))
    for path in (p for p in sorted(one.out.rglob("*")) if p.suffix not in {".pdf"}):
        mine, theirs = (VARIES.sub("*", (r.out / path.name).read_text(encoding="utf-8")) for r in pair)
        assert mine == theirs, path.name


def test_the_pair_can_be_told_apart_once_it_is_due(pair: tuple[Road, Road], tmp_path: Path) -> None:
    """The test above could fail: early results, which are a deviation, differ as much as they can."""
    effects = []
    for road in pair:
        road.rct("outcomes", "bills", road.root / "payments.csv")
        results = road.ok("analyze", "bills", "--early", "--reason", "Only for this test")["results"]
        effects.append(next(r["estimate"] for r in results if r["arm"] == "social" and r["subgroup"] is None))
    assert effects == [pytest.approx(1, abs=1e-9), pytest.approx(-1, abs=1e-9)]


def test_results_before_the_date_are_refused_with_date_and_way_out(tmp_path: Path) -> None:
    road = road_at("outcomes", tmp_path, wait=WAIT)
    before = road.tree()
    (problem,) = road.no("analyze", "bills")
    assert problem["code"] == "not_due"
    assert DUE in problem["rule"]
    assert "--early --reason" in problem["fix"]
    assert road.no("report", "bills")[0]["code"] == "not_analyzed"
    assert road.tree() == before


def test_early_needs_a_reason_and_is_a_deviation(tmp_path: Path) -> None:
    road = road_at("outcomes", tmp_path, wait=WAIT)
    assert road.no("analyze", "bills", "--early")[0]["code"] == "bad_reason"
    found = road.ok("analyze", "bills", "--early", "--reason", "The council votes on Monday")
    told = {d["code"]: d["text"] for d in found["deviations"]}
    assert DUE in told["early"]
    assert "The council votes on Monday" in told["early"]
    road.ok("report", "bills")
    assert "The council votes on Monday" in (road.out / "appendix.html").read_text(encoding="utf-8")


def test_an_edited_date_opens_nothing(tmp_path: Path) -> None:
    road = road_at("outcomes", tmp_path, wait=WAIT)
    road.edit(f"date = {DUE}", f"date = {date.today()}")
    assert road.no("analyze", "bills")[0]["code"] == "not_due"


def test_an_amended_date_opens_in_the_open(tmp_path: Path) -> None:
    road = road_at("outcomes", tmp_path, wait=WAIT)
    road.edit(f"date = {DUE}", f"date = {date.today()}")
    assert road.ok("amend", "bills", "--reason", "The council votes on Monday")["deviation"] is True
    told = {d["code"] for d in road.ok("analyze", "bills")["deviations"]}
    assert "amended_late" in told


def test_a_clock_set_back_does_not_open_and_one_set_forward_stays_forward(tmp_path: Path) -> None:
    """Due is by the machine's date, never before the last event's: an event of tomorrow keeps tomorrow."""
    from rct.registry import chain

    road = road_at("outcomes", tmp_path, wait=WAIT)
    (last,) = [e for e in road.ok("log", "bills")["events"] if e["kind"] == "outcomes"]
    far = date.today() + timedelta(days=WAIT + 1)
    text = json.dumps(
        {**json.loads(last["text"]), "time": f"{far}T12:00:00Z"}, sort_keys=True, separators=(",", ":")
    )
    event = chain.of_text(
        chain.Stored("bills", 1, chain.digest(text), chain.FIRST, f"{far}T12:00:00Z", "T", "outcomes", text)
    )
    assert chain.due_date([event]) >= far - timedelta(days=1)
    assert chain.due_date([]) == date.today()
    following = chain.seal("bills", event, "T", "y", {})
    assert following.said["clock_back"] > 0
