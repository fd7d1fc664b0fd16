"""rct certify: each item with the event and file that support it, nothing that isn't due, never 'certified'."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support import CANARY, Road, road_at

from rct.evidence.certify.criteria import Window
from rct.evidence.certify.pack import window_of
from rct.letters.reference import reference_code
from rct.registry import keys, state, store
from rct.registry.workspace import find


@pytest.fixture
def road(tmp_path: Path) -> Road:
    """A trial with a decision."""
    made = road_at("reported", tmp_path)
    made.ok("decide", "bills", "drop", "--note", "Too dear for us", "--by", "Mayor Lee")
    return made


def pack(road: Road, *args: object) -> dict[str, Any]:
    road.ok("certify", *args)
    found: dict[str, Any] = json.loads((road.folder / "certification" / "evidence.json").read_bytes())
    return found


def items(found: dict[str, Any], key: str) -> list[dict[str, Any]]:
    return [i for c in found["criteria"] if c["key"] == key for i in c["items"]]


def test_every_item_has_an_event_of_the_log_and_files_that_are_there(road: Road) -> None:
    found = pack(road)
    log = {(e["trial"], e["hash"]): e for e in road.ok("log")["events"]}
    every = [i for c in found["criteria"] for i in c["items"]]
    assert {i["event"]["kind"] for i in every} == {"lock", "draw", "analyze", "decide"}
    for item in every:
        event = log[item["trial"], item["event"]["hash"]]
        assert (event["seq"], event["time"], event["person"]) == (
            item["event"]["seq"],
            item["time"],
            item["person"],
        )
        for file in item["files"]:
            data = (road.folder / file["file"]).read_bytes()
            assert hashlib.sha256(data).hexdigest() == file["sha256"]
    assert found["heads"] == [
        {"trial": "bills"} | {k: h[k] for k in ("seq", "head")} for h in road.ok("head")["heads"]
    ]
    assert items(found, "decisions")[0]["person"] == "Mayor Lee"
    assert "plan" in items(found, "equity")[0]["text"].lower()


def test_whether_effects_differ_between_groups_is_told_as_it_was_published(road: Road) -> None:
    found = pack(road)
    rows = json.loads((road.out / "appendix.json").read_bytes())["results"]
    tested = [r for r in rows if r["term"] == "interaction" and r["outcome"] == "paid"]
    assert len(tested) == 2
    assert not any(r["fragile"] for r in rows)  # what is told of fragile groups: the next test
    keys = ("estimate", "conf_low", "conf_high", "p_adjusted")
    assert [{k: d[k] for k in keys} for d in found["differences"]] == [
        {k: r[k] for k in keys} for r in tested
    ]
    assert {(d["column"], d["level"], d["base"]) for d in found["differences"]} == {("language", "es", "en")}
    assert "language: es, not en" in (road.folder / "certification" / "evidence.md").read_text()


def test_a_difference_between_fragile_groups_has_no_interval_and_no_p_of_the_usual_test(road: Road) -> None:
    from rct.evidence.certify import groups
    from rct.evidence.site.published import publish
    from rct.registry.trial import locked_trials

    ws = find(road.folder)
    with state.reading(ws) as db:
        (trial,) = (publish(d) for d in locked_trials(ws, db))
    told = {"estimate": -0.2, "conf_low": -0.39, "conf_high": -0.01, "p_value": 0.04, "p_adjusted": 0.04}
    rows = [replace(r, **(told if r.term == "interaction" else {"fragile": None})) for r in trial.results]
    first = next(i for i, r in enumerate(rows) if (r.level, r.term) == ("en", "arm"))
    fragile = [replace(r, fragile="few_events") if i == first else r for i, r in enumerate(rows)]
    plain = groups._differences(replace(trial, results=tuple(rows)))
    shaky = groups._differences(replace(trial, results=tuple(fragile)))
    assert [d.p_adjusted for d in plain] == [0.04, 0.04]
    (marked,) = (d for d in shaky if d not in plain)  # the other version's is as it was
    assert marked.shown == "−20.0 (the usual test can mislead here)"
    assert marked.p_adjusted is None


def test_whom_no_mail_reached_is_told_by_group_and_small_counts_are_not(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    back = {"D0": 20, "D1": 3, "D2": 15}
    rows = ["reference,status,reason,date"]
    for district, count in back.items():
        rows += [f"{code},returned,moved," for code in references(road, district)[:count]]
    road.ok("mailed", "bills", road.file("pieces.csv", "\n".join(rows) + "\n"))
    for command in (
        ("outcomes", "bills", road.root / "payments.csv"),
        ("analyze", "bills"),
        ("report", "bills"),
    ):
        road.ok(*command)
    found = {r["level"]: r["unreached"] for r in pack(road)["reach"] if r["column"] == "district"}
    assert found["D1"] is None
    assert sum(count is None for count in found.values()) == 2  # the total would give a single one away
    assert any(count == back[level] for level, count in found.items())
    assert "Whom no mail reached" in (road.folder / "certification" / "evidence.md").read_text()


def references(road: Road, district: str) -> list[str]:
    """The codes on the letters of a district's units."""
    ws = find(road.folder)
    key = keys.read_key(ws)
    with state.reading(ws) as db:
        frame = store.read_frame(db, "bills", only=["district"])
        arms = store.read_arms(db, "bills", frame.units)
    values = frame.columns["district"].values
    return [
        reference_code(key, "bills", unit)
        for unit, arm, value in zip(frame.units, arms, values, strict=True)
        if value == district and arm != "none"
    ]


def test_a_criterion_without_support_says_so_and_none_is_called_met(road: Road) -> None:
    found = pack(road)
    adapted = next(c for c in found["criteria"] if c["key"] == "adapted")
    assert not adapted["supports"]
    assert adapted["without"]
    text = (road.folder / "certification" / "evidence.md").read_text()
    assert "No support: the registry holds nothing for this in the period." in text
    for word in ("certified", "is met.", "fulfil"):
        assert word not in text.lower()
    page = (road.folder / "certification" / "evidence.html").read_text()
    digest = hashlib.sha256((road.folder / "certification" / "evidence.json").read_bytes()).hexdigest()
    assert digest in page
    assert digest in text
    assert CANARY.lower() not in (page + text).lower()


def test_a_replication_of_another_city_is_told(tmp_path: Path) -> None:
    road = road_at("new", tmp_path)
    road.toml.write_text(
        road.toml.read_text()
        + f'\n[adapted]\ncity = "Riverton"\ntrial = "late-bills"\nplan_hash = "{"ab" * 32}"\n'
        + 'changes = ["Our bills are due in 21 days."]\n'
    )
    road.ok("lock", "bills", "--yes")
    (item,) = items(pack(road), "adapted")
    assert item["text"] == "Local replication of late-bills of Riverton; 1 change from the original named"
    assert {f["file"] for f in item["files"]} >= {"trials/bills/out/plan.json"}


def test_the_same_day_gives_the_same_bytes_and_nothing_else_is_written(road: Road) -> None:
    pack(road)
    before = road.tree()
    pack(road)
    assert road.tree() == before


def test_a_late_lock_and_a_practice_trial_are_told(road: Road) -> None:
    found = pack(road)
    assert "only after the trial's start" in next(
        c["summary"] for c in found["criteria"] if c["key"] == "commitment"
    )
    road.ok(
        "new", "dry-run", "--from", "water-bills", "--start", date.today().isoformat(), "--practice", "--yes"
    )
    road.ok("lock", "dry-run", "--yes")
    assert pack(road)["criteria"] == found["criteria"]
    assert "Left out: 1 trial" in (road.folder / "certification" / "evidence.md").read_text()


def test_what_was_seen_early_stays_out_until_its_date(tmp_path: Path) -> None:
    road = road_at("outcomes", tmp_path, wait=9)
    road.ok("analyze", "bills", "--early", "--reason", "The council meets today")
    road.ok("report", "bills")
    road.ok("decide", "bills", "adopt", "--note", "All districts")
    found = pack(road)
    assert items(found, "decisions") == []
    assert {i["event"]["kind"] for i in items(found, "process")} == {"draw"}
    everything = "".join(p.read_text() for p in (road.folder / "certification").iterdir())
    assert "memo.pdf" not in everything
    assert "All districts" not in everything


def test_a_changed_document_is_named_and_nothing_is_written(road: Road) -> None:
    pack(road)
    before = road.tree()
    memo = road.out / "memo.pdf"
    data = memo.read_bytes()
    memo.write_bytes(data + b" ")
    refused = road.no("certify")
    assert (refused[0]["code"], refused[0]["file"]) == ("document_changed", "trials/bills/out/memo.pdf")
    memo.write_bytes(data)
    assert road.tree() == before


@pytest.mark.parametrize("to", ["trials", "private/pack", "templates", ".", "mine", "link"])
def test_no_folder_of_others_is_replaced(road: Road, to: str) -> None:
    (road.folder / "mine").mkdir()
    (road.folder / "mine" / "note.txt").write_text("mine")
    (road.folder / "link").symlink_to(road.folder / "mine")
    before = road.tree()
    assert road.no("certify", "--to", road.folder / to)[0]["code"] == "folder_in_the_way"
    assert road.tree() == before


@pytest.mark.parametrize("since", ["0m", "12", "12d", "yesterday", "2999-01-01", "9999m", "2026-02-30", ""])
def test_since_is_understood_or_refused(road: Road, since: str) -> None:
    refused = road.rct("certify", "--since", since, "--json")
    assert (refused.code, refused.problems[0]["code"]) == (2, "certify_since")


def test_since_counts_in_months_years_and_days() -> None:
    today = date(2026, 8, 31)
    assert window_of("12m", today) == window_of("1y", today) == Window(date(2025, 8, 31), today)
    assert window_of("6m", today).since == date(2026, 2, 28)
    assert window_of("2026-08-31", today).since == today
    assert Window(date(2025, 8, 31), today).quarters == [
        (2025, 3),
        (2025, 4),
        (2026, 1),
        (2026, 2),
        (2026, 3),
    ]
    assert len(Window(date(2026, 1, 1), date(2026, 3, 31)).quarters) == 1
