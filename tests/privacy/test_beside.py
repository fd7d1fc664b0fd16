"""What stands beside the results tells no small count either: pieces, reach, remarks, the flow, the log, its hashes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from mailed_support import Mail
from privacy import attacker
from privacy.trials import Trial, trial
from support import accounts, definition

from rct.analysis.voices import KindCount, Response, Theme
from rct.disclosure import hide_levels, hide_parts
from rct.registry import chain
from rct.report import suppress
from rct.report.appendix.equity import equity
from rct.report.appendix.voices import withheld
from rct.report.record import PieceFlow, ReachCount

FEW = 10


def beside(returned: dict[str, int], north: int, objected: dict[str, int], theme: int) -> Trial:
    """A trial of two or three arms, of whose pieces `returned` came back, `north` of them in one district."""
    made = next(t for t in map(trial, range(40)) if len(t.record.draw.units) == len(returned))
    total = sum(returned.values())
    units = dict.fromkeys(returned, 200)
    record = replace(
        made.record,
        draw=replace(made.record.draw, units=tuple(units.items())),
        flow=replace(made.record.flow, rows=sum(units.values()) + 122, units=sum(units.values())),
        pieces=tuple(
            PieceFlow(status, arm, 200, n)
            for status, counts in (("mailed", units), ("returned", returned))
            for arm, n in counts.items()
        ),
        reach=(ReachCount("area", "north", 300, north), ReachCount("area", "south", 300, total - north)),
        themes=(Theme("objected", "too long", theme),),
        remark_kinds=tuple(KindCount("objected", arm, n) for arm, n in objected.items()),
    )
    return replace(made, record=record)


CASES = [
    ({"a0": 3, "a1": 31}, 17, {"a0": 4, "a1": 30}, 34),
    ({"a0": 3, "a1": 31, "a2": 40}, 37, {"a0": 4, "a1": 14, "a2": 16}, 34),
    ({"a0": 9, "a1": 9, "a2": 90}, 40, {"a0": 9, "a1": 9, "a2": 16}, 34),
    ({"a0": 1, "a1": 0, "a2": 12}, 1, {"a0": 0, "a1": 1, "a2": 33}, 34),
]


def pinned(made: Trial) -> dict[Any, Any]:
    """The small counts that a reader knows to within less than eleven values."""
    html, _ = made.pages()
    known = attacker.learn_beside(made.appendix(), attacker.read_tables(html))
    small = {("returned", p.arm): p.pieces for p in made.record.pieces if p.status == "returned"}
    small |= {("said", k.kind, k.arm): k.units for k in made.record.remark_kinds}
    wanted = [name for name, n in small.items() if 0 < n < FEW]
    bounds = known.bounds(wanted)
    assert all(low <= small[name] <= high for name, (low, high) in bounds.items())
    return {name: b for name, b in bounds.items() if b[1] - b[0] < FEW}


@pytest.mark.parametrize("case", CASES)
def test_no_total_tells_what_is_left(case: Any) -> None:
    assert pinned(beside(*case)) == {}


@pytest.mark.parametrize("case", CASES[:2])
def test_the_attacker_finds_what_is_left_of_a_total(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppress, "hide_parts", lambda parts, hidden, *_: frozenset(hidden))
    assert {name[0] for name in pinned(beside(*case))} == {"returned", "said"}


def test_a_hash_is_no_cover() -> None:
    """The counts of an event are found by trying, where all else of its text is known."""
    text = '{"body":{"token":"%s","versions":{"A":{"returned":{A}},"B":{"returned":{B}}}},"seq":7}' % (
        "5" * 32
    )
    hash = f"sha256:{hashlib.sha256(text.replace('{A}', '3').replace('{B}', '31').encode()).hexdigest()}"
    assert attacker.tried(text, {"A": range(50), "B": range(50)}, hash) == {"A": 3, "B": 31}
    assert attacker.tried(text.replace("5" * 32, ""), {"A": range(50), "B": range(50)}, hash) is None


def test_people_over_all_arms_do_not_tell_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent to, by group, is one arm alone where the other gets nothing."""
    made = trial(0)
    level = next(iter(suppress.kept_back(made.record).levels))
    levels = sorted(
        {r.covariate.split(" = ")[1] for r in made.record.balance.rows if level[0] in r.covariate}
    )
    counts = tuple(ReachCount(level[0], v, 100, 40) for v in levels)
    record = replace(made.record, reach=counts)
    gone = {(r.column, r.level) for r in equity(record).reach if r.sent is None}
    assert level in gone
    assert len(gone) != 1
    everyone = tuple(Response("o", "area", v, n, 50) for v, n in (("n", 104), ("s", 150), ("w", 180)))
    sent = tuple(ReachCount("area", v, n, 40) for v, n in (("n", 100), ("s", 120), ("w", 130)))
    record = replace(made.record, reach=sent, responses=everyone)
    assert ("area", "n") in suppress.telling_levels(record), (
        "four of the north are in the arm without a letter"
    )
    gone = {r.level for r in equity(record).reach if r.sent is None}
    assert "n" in gone
    assert len(gone) > 1
    hidden = {r.level for r in withheld(everyone, FEW, (), suppress.telling_levels(record))}
    assert "n" in hidden
    assert len(hidden) > 1


def test_answers_by_arm_go_with_the_outcomes_observed() -> None:
    rows = [Response("o", "", arm, 200, n) for arm, n in (("a0", 100), ("a1", 90), ("a2", 110))]
    assert withheld(rows, FEW) == set()
    assert {"a1"} < {r.level for r in withheld(rows, FEW, {"a1"})}


def test_where_hiding_all_is_not_enough_all_is_hidden() -> None:
    assert hide_parts({"a": 3, "b": 4}, {"a", "b"}, FEW, 7, 7) == {"a", "b"}
    assert hide_parts({"a": 30, "b": 40}, (), FEW, 70, 70) == frozenset()
    assert hide_parts({"a": 3, "b": 40}, {"a"}, FEW, 90, 90) == {"a", "b"}, "they contradict each other"
    assert hide_levels({"n": (12, 3), "s": (9, 4)}, FEW) == {"n", "s"}


# --- a whole trial, by the commands


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Mail:
    """400 people in two arms: 3 and 31 letters came back, 4 and 15 opted out, 2 were left out, few objected."""
    root = tmp_path_factory.mktemp("office")
    road = Mail(root)
    arms = (
        '[arms.a]\nlabel = "Plain"\ncontrol = true\ntemplate = "now.md"\n\n'
        '[arms.b]\nlabel = "Social"\ntemplate = "plain.md"\n'
    )
    outcome = '[outcomes.paid]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "drop"\n'
    road.define(
        definition(
            arms=arms,
            start=date.today() - timedelta(days=1),
            outcomes=outcome,
            frame='id = "account"\ncontact = ["name"]\ncategories = ["area"]\nopt_out = "no_mail"',
            analysis='subgroups = ["area"]',
        )
    )
    for name in ("now.md", "plain.md"):
        (road.folder / "templates" / name).write_text(
            "{{ name }}\n1 Main Street\n\nDear {{ name }},\n\nplease pay by March 2. Call 555-0100.\n"
        )
    rows = accounts(402, columns="area,no_mail", row=lambda i: f"{'ns'[i % 2]},{'yes' if i >= 400 else 'no'}")
    road.ok("frame", "bills", road.file("list.csv", rows))
    road.ok("lock", "bills")
    road.ok("draw", "bills")
    today = date.today().isoformat()
    of = {arm: [i for i, a in road.arms_of(400).items() if a == arm] for arm in "ab"}
    told = [(i, "mailed", "", today) for arm in "ab" for i in of[arm]]
    told += [(i, "returned", "moved", today) for i in (*of["a"][:3], *of["b"][:31])]
    told += [(i, "opted_out", "", today) for i in (*of["a"][50:54], *of["b"][50:65])]
    road.ok("mailed", "bills", road.pieces(told))
    road.ok("handover", "bills")
    said = [f"{road.code(i)},objected,too long" for i in (*of["a"][60:64], *of["b"][60:90])]
    road.ok("remarks", "bills", road.file("calls.csv", "\n".join(["reference,kind,theme", *said]) + "\n"))
    draw = random.Random(7)
    paid = [f"{i:05d},{int(i in of['a'][:4] or (i in of['b'] and draw.random() < 0.4))}" for i in range(400)]
    road.ok("outcomes", "bills", road.file("paid.csv", "\n".join(["account,paid", *paid]) + "\n"))
    road.ok("analyze", "bills")
    road.ok("report", "bills")
    road.ok("report", "bills", "--lang", "es")
    road.ok("share", "bills")
    for command in (("consort", "bills"), ("certify",), ("site",)):
        road.ok(*command)
    for format in ("aea", "aspredicted", "osf", "egap", "ctgov"):
        road.ok("register", "bills", "--format", format)
    return road


def documents(road: Mail) -> dict[str, bytes]:
    """Everything of the workspace that is for others, members of the bundle one by one."""
    found = {}
    for folder in ("trials", "site", "certification"):
        for path in sorted((road.folder / folder).rglob("*")):
            if path.is_file() and path.stat().st_mode & 0o004 and path.name != "trial.toml":
                found[path.relative_to(road.folder).as_posix()] = path.read_bytes()
    with zipfile.ZipFile(road.out / "bundle.zip") as bundle:
        found |= {f"bundle.zip/{name}": bundle.read(name) for name in bundle.namelist()}
    assert {
        "trials/bills/out/memo.html",
        "bundle.zip/log.json",
        "trials/bills/out/appendix.json",
    } <= found.keys()
    return found


def test_the_trial_has_small_counts_and_says_none(office: Mail) -> None:
    appendix = json.loads((office.out / "appendix.json").read_bytes())
    tables = attacker.read_tables((office.out / "appendix.html").read_text())
    pieces = {(p["status"], p["arm"]): p["pieces"] for p in appendix["pieces"]}
    assert (pieces["returned", "a"], pieces["opted_out", "a"]) == (None, None)
    assert appendix["flow"]["excluded"] == {"opted_out": None}
    assert appendix["flow"]["rows"] is None
    known = attacker.learn_beside(appendix, tables)
    wanted = [("returned", "a"), ("opted_out", "a"), ("said", "objected", "a")]
    assert {name: b for name, b in known.bounds(wanted).items() if b[1] - b[0] < FEW} == {}


def test_no_document_says_how_few_were_left_out(office: Mail) -> None:
    for name, data in documents(office).items():
        text = data.decode("utf-8", "replace")
        assert "opted out: 2" not in text, name
        assert '"opted_out":2' not in text.replace(" ", ""), name
        assert "opted out</dt><dd>2<" not in text.replace("\n", ""), name
        assert "| 402 |" not in text, name


def test_no_event_is_told_by_half(office: Mail) -> None:
    """What of an event is printed is all of it, or nothing but its place."""
    assert attacker.half_told((office.out / "appendix.html").read_text()) == []
    stored = {hash: json.loads(text) for hash, text in office.sql("select hash, text from event")}
    listed = json.loads((office.out / "appendix.json").read_bytes())["log"]
    listed += json.loads(documents(office)["bundle.zip/log.json"])["events"]
    gone = set()
    for event in listed:
        body = event.get("body") or event.get("text")
        if body is None or not body.startswith("{"):
            gone.add(event["hash"])
        else:
            told = json.loads(body)
            assert stored[event["hash"]] in (told, {**stored[event["hash"]], "body": told})
    kinds = {stored[hash]["kind"] for hash in gone}
    assert {"frame", "handover", "mailed", "remarks", "analyze"} <= kinds
    secrets = {
        v for h in gone for k, v in stored[h]["body"].items() if k in ("token", "digest", "rows_digest")
    }
    for name, data in documents(office).items():
        assert not [s for s in secrets if s.encode() in data], name


def test_no_hash_of_what_is_withheld_is_printed(office: Mail) -> None:
    """All results in full are a function of few hidden counts: their hash would be met by trying these."""
    private = [p for p in office.out.iterdir() if p.is_file() and not p.stat().st_mode & 0o004]
    assert {"results.csv", "results.json", "assignment.csv"} <= {p.name for p in private}
    hashes = {hashlib.sha256(p.read_bytes()).hexdigest() for p in private if p.name.startswith("results")}
    for name, data in documents(office).items():
        assert not [h for h in hashes if h.encode() in data], name


def test_the_bundle_holds_all_the_same(office: Mail) -> None:
    assert office.ok("verify", office.out / "bundle.zip", "--unsigned")["ok"]


def test_results_in_the_office_are_whole(office: Mail) -> None:
    rows = list(csv.DictReader(io.StringIO((office.out / "results.csv").read_text())))
    assert all(row["estimate"] for row in rows if not row["subgroup"])
    assert chain.FIRST not in {row["estimate"] for row in rows}
