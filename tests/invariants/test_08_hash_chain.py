"""Invariant 8: the log is a hash chain, and `rct verify` names the first thing in it that doesn't hold."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from support import Road, road_at

from rct.registry.chain import FIRST, digest

EVENTS = 7  # lock, printed, frame, draw, outcomes, analyze, printed


@pytest.fixture
def road(tmp_path: Path) -> Road:
    return road_at("reported", tmp_path)


def failures(road: Road, *options: str) -> list[dict[str, Any]]:
    ran = road.rct("verify", "bills", "--json", *options)
    assert "Traceback" not in ran.err
    assert ran.code == (1 if ran.json["failures"] else 0)
    assert ran.json["ok"] is (ran.code == 0)
    return list(ran.json["failures"])


def first(road: Road) -> tuple[str, int]:
    found = failures(road)[0]
    return found["code"], int(found["field"])


def head(road: Road) -> str:
    return str(road.ok("head", "bills")["heads"][0]["head"])


def rows(road: Road) -> list[dict[str, Any]]:
    names = ("trial", "seq", "hash", "prev", "time", "person", "kind", "practice", "text")
    return [
        dict(zip(names, r, strict=True))
        for r in road.sql("select * from event where trial = 'bills' order by seq")
    ]


def rewrite(road: Road, events: list[dict[str, Any]]) -> None:
    """Put these events in place of the trial's, as someone who holds the file can."""
    road.sql("select 1", unlocked=True)
    statements = ["delete from event where trial = 'bills'"]
    for event in events:
        values = ", ".join(
            str(v) if isinstance(v, int) else "'" + v.replace("'", "''") + "'" for v in event.values()
        )
        statements.append(f"insert into event values ({values})")
    road.sql(*statements)


def forged(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same events with numbers, links and hashes that fit: the whole chain written anew."""
    made, prev = [], FIRST
    for seq, event in enumerate(events, start=1):
        said = {**json.loads(event["text"]), "seq": seq, "prev": prev}
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        prev = digest(text)
        made.append({**event, "seq": seq, "prev": said["prev"], "hash": prev, "text": text})
    return made


def test_an_untouched_log_holds_and_says_no_more_than_that(road: Road) -> None:
    ran = road.rct("verify", "bills")
    assert ran.code == 0
    assert f"{EVENTS} events hold" in ran.out
    assert "Consistent in itself; compare the head with paper" in ran.out
    assert "authentic" not in ran.out


@pytest.mark.parametrize("seq", range(1, EVENTS + 1))
@pytest.mark.parametrize("column", ["text", "hash", "prev", "time", "person", "kind"])
def test_every_changed_event_is_named(seq: int, column: str, road: Road) -> None:
    value = (
        'replace(text, \'"person":"Tess"\', \'"person":"Kate"\')' if column == "text" else f"{column} || '0'"
    )
    road.sql(f"update event set {column} = {value} where trial = 'bills' and seq = {seq}", unlocked=True)
    assert first(road) == ("chain", seq)


@pytest.mark.parametrize("seq", range(1, EVENTS))
def test_every_deleted_event_is_named(seq: int, road: Road) -> None:
    road.sql(f"delete from event where trial = 'bills' and seq = {seq}", unlocked=True)
    code, found = first(road)
    assert code == "chain"
    assert f"event {seq} is missing" in failures(road)[0]["rule"]
    assert found == seq + 1


@pytest.mark.parametrize("seq", range(1, EVENTS))
def test_two_swapped_events_are_named(seq: int, road: Road) -> None:
    events = rows(road)
    a, b = events[seq - 1], events[seq]
    a["seq"], b["seq"] = b["seq"], a["seq"]
    rewrite(road, events)
    assert first(road) == ("chain", seq)


@pytest.mark.parametrize("seq", range(1, EVENTS + 1))
def test_a_doubled_event_is_named(seq: int, road: Road) -> None:
    events = rows(road)
    twin = {**events[seq - 1], "seq": seq + 1, "hash": events[seq - 1]["hash"].replace("sha256:", "sha256:0")}
    for event in events[seq:]:
        event["seq"] += 1
    rewrite(road, [*events[:seq], twin, *events[seq:]])
    assert first(road) == ("chain", seq + 1)


@pytest.mark.parametrize("keep", range(1, EVENTS))
def test_a_cut_tail_is_found_with_the_printed_head(keep: int, road: Road) -> None:
    printed = head(road)
    assert failures(road, "--head", printed) == []
    road.sql(f"delete from event where trial = 'bills' and seq > {keep}", unlocked=True)
    cut = failures(road, "--head", printed)
    assert cut[-1]["code"] == "head_unknown"
    assert "rewritten or cut" in cut[-1]["rule"]


@pytest.mark.parametrize("drop", [2, 5, 6])
def test_a_chain_written_anew_is_found_with_the_printed_head(drop: int, road: Road) -> None:
    printed = head(road)
    rewrite(road, forged([e for e in rows(road) if e["seq"] != drop]))
    found = failures(road, "--head", printed)
    assert "chain" not in {f["code"] for f in found}, "it is consistent in itself"
    assert found[-1]["code"] == "head_unknown"


def test_a_chain_whose_text_no_longer_reads_is_named(road: Road) -> None:
    for text in ("", "null", "[]", "{", '{"body":1.5}', "[" * 5_000, '{"alg":"sha256"}', "\x01"):
        events = rows(road)
        events[2] |= {"text": text, "hash": digest(text)}
        copy = road_at("reported", road.root / f"copy{len(text)}")
        shutil.copyfile(road.folder / "rct.db", copy.folder / "rct.db")
        rewrite(copy, events)
        assert first(copy) == ("chain", 3), text
        for command in (("status",), ("log",), ("status", "bills"), ("log", "bills", "--json")):
            assert copy.rct(*command).code == 0
        for command in (("report", "bills"), ("head", "bills"), ("analyze", "bills")):
            assert copy.no(*command)[0]["code"] == "chain_broken"


def test_the_log_of_another_trial_is_not_this_ones(road: Road) -> None:
    road.sql("update event set trial = 'fines' where trial = 'bills'", unlocked=True)
    shutil.copytree(road.folder / "trials" / "bills", road.folder / "trials" / "fines")
    found = road.rct("verify", "fines", "--json").json["failures"]
    assert found[0]["code"] == "chain"
    assert "another trial" in found[0]["rule"]


def test_the_workspaces_own_chain_is_checked_too(road: Road) -> None:
    road.sql("update event set person = 'Kate' where trial = ''", unlocked=True)
    assert road.rct("verify", "--json").json["failures"][0]["code"] == "chain"


def test_events_are_neither_changed_nor_deleted_by_mistake(road: Road) -> None:
    import sqlite3

    for statement in (
        "update event set person = 'Kate'",
        "delete from event",
        "replace into event select * from event",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            road.sql(statement)


def test_the_head_of_an_earlier_day_is_found_with_its_place(road: Road) -> None:
    for spelled in (
        str,
        lambda h: h.removeprefix("sha256:"),
        lambda h: h[7:23].upper(),
        spaced,
        lambda h: h[:23] + "…",
    ):
        event = rows(road)[3]
        ran = road.rct("verify", "bills", "--head", spelled(event["hash"]))
        assert ran.code == 0, spelled(event["hash"])
        assert f"event 4 of {EVENTS}" in " ".join(ran.out.split())


def spaced(head: str) -> str:
    digits = head[7:23]
    return " ".join(digits[i : i + 4] for i in range(0, 16, 4))


@pytest.mark.parametrize("text", ["", "sha256:", "1234", "z" * 64, "rct1", "é", "0" * 65])
def test_a_text_that_is_no_head_is_no_answer_either(text: str, road: Road) -> None:
    (problem,) = road.no("verify", "bills", "--head", text)
    assert problem["code"] == "bad_head"


def test_a_head_that_nobody_printed_is_not_found(road: Road) -> None:
    assert failures(road, "--head", "0" * 64)[0]["code"] == "head_unknown"


def test_the_line_for_a_witness_pins_the_log(road: Road) -> None:
    ran = road.rct("head", "bills")
    line = ran.out.splitlines()[0]
    last = rows(road)[-1]
    assert line == f"rct1 bills {EVENTS} {last['hash']} {last['time']}"
    assert failures(road, "--head", line) == []


def test_plan_and_memo_print_the_heads_they_were_made_at(road: Road) -> None:
    events = {(e["kind"], e["seq"]): e["hash"] for e in rows(road)}
    heads = {"plan.md": events["lock", 1], "memo.md": events["analyze", 6]}
    for document, full in heads.items():
        text = (road.out / document).read_text(encoding="utf-8")
        digits = full.removeprefix("sha256:")[:16]
        assert " ".join(digits[i : i + 4] for i in range(0, 16, 4)) in text, document
        assert failures(road, "--head", digits) == []


def test_flipped_bytes_never_pass_unseen_and_never_end_in_a_traceback(tmp_path: Path) -> None:
    """40 bytes of rct.db, one at a time: named, or not part of what is stored."""
    road = road_at("outcomes", tmp_path)
    database = road.folder / "rct.db"
    data = database.read_bytes()
    before = content(road)
    rng = random.Random(8)
    for place in rng.sample(range(len(data)), 40):
        database.write_bytes(
            data[:place] + bytes([data[place] ^ (1 << rng.randrange(8))]) + data[place + 1 :]
        )
        ran = road.rct("verify", "bills")
        assert "Traceback" not in ran.err
        assert ran.code in (1, 2) or content(road) == before, place
    database.write_bytes(data)


def content(road: Road) -> list[Any]:
    tables = [t for (t,) in road.sql("select name from sqlite_master where type = 'table' order by 1")]
    guarded = [t for t in tables if t.endswith("_bills") or t in ("event", "result", "probability")]
    return [road.sql(f"select * from {t}") for t in guarded]
