"""`rct verify` on a workspace that was tampered with: exit code 1, and what does not hold named first and rightly."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support import Road, canary_accounts, road_at

from rct.analysis import compute
from rct.registry.chain import FIRST, digest

Tamper = Callable[[Road], object]


def file(name: str, *, gone: bool = False) -> Tamper:
    def act(road: Road) -> None:
        path = road.out / name
        if gone:
            path.unlink()
        else:
            data = path.read_bytes()
            path.write_bytes(data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])

    return act


def sql(*statements: str) -> Tamper:
    return lambda road: road.sql(*statements)


def vault(statement: str) -> Tamper:
    def act(road: Road) -> None:
        from rct.registry import vault
        from rct.registry.workspace import find

        with vault.opened(find(road.folder), write=True) as opened:
            opened.execute(statement)

    return act


def rewritten(kind: str, change: Callable[[dict[str, Any]], object]) -> Tamper:
    """A body in the log changed, and every hash from there on made to fit: the chain holds, the facts don't."""

    def act(road: Road) -> None:
        names = ("trial", "seq", "hash", "prev", "time", "person", "kind", "practice", "text")
        rows = [
            dict(zip(names, r, strict=True))
            for r in road.sql("select * from event where trial = 'bills' order by seq")
        ]
        prev = FIRST
        statements = ["delete from event where trial = 'bills'"]
        for row in rows:
            said = json.loads(row["text"])
            if said["kind"] == kind:
                change(said["body"])
            said["prev"] = prev
            text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            prev, row["prev"], row["text"] = digest(text), prev, text
            row["hash"] = prev
            values = ", ".join(
                str(v) if isinstance(v, int) else "'" + v.replace("'", "''") + "'" for v in row.values()
            )
            statements.append(f"insert into event values ({values})")
        road.sql("select 1", unlocked=True)
        road.sql(*statements)

    return act


# what is done: (how, the code of the first failure, the file it names)
TAMPERED: dict[str, tuple[Tamper, str, str]] = {
    "an edited plan.json": (file("plan.json"), "plan_changed", "trials/bills/out/plan.json"),
    "a lost plan.json": (file("plan.json", gone=True), "plan_changed", "trials/bills/out/plan.json"),
    "an edited plan.pdf": (file("plan.pdf"), "document_changed", "trials/bills/out/plan.pdf"),
    "an edited assignment.csv": (
        file("assignment.csv"),
        "assignment_changed", "trials/bills/out/assignment.csv"),
    "a lost assignment.csv": (
        file("assignment.csv", gone=True),
        "assignment_changed", "trials/bills/out/assignment.csv"),
    "an edited results.csv": (file("results.csv"), "results_changed", "trials/bills/out/results.csv"),
    "an edited memo": (file("memo.html"), "document_changed", "trials/bills/out/memo.html"),
    "a lost memo": (file("memo.pdf", gone=True), "document_changed", "trials/bills/out/memo.pdf"),
    "an edited appendix": (file("appendix.json"), "document_changed", "trials/bills/out/appendix.json"),
    "a unit in another block": (
        sql("update frame_bills set block = case block when 'D1' then 'D2' else 'D1' end where row = 1"),
        "frame_changed", "rct.db"),
    "a unit in another household": (
        sql("update frame_bills set cluster = 'x' where row = 1"),
        "frame_changed", "rct.db"),
    "another balance": (sql("update frame_bills set balance = 0 where row = 1"), "frame_changed", "rct.db"),
    "another language": (
        sql("update frame_bills set language = 'fr' where row = 1"),
        "frame_changed", "rct.db"),
    "a column called otherwise": (
        sql("update frame_column set kind = 'block' where column_name = 'language'"),
        "frame_changed", "rct.db"),
    "a unit too many": (
        sql("insert into frame_bills select 999, 'x', block, cluster, balance, language, district "
            "from frame_bills where row = 1"),
        "frame_changed", "rct.db"),
    "a unit too few": (sql("delete from frame_bills where row = 240"), "frame_changed", "rct.db"),
    "one left out who was not": (
        sql("insert into excluded values ('bills', 'x', 'opted_out')"),
        "frame_changed", "rct.db"),
    "an arm swapped": (
        sql("update assignment_bills set arm = case arm when 'none' then 'plain' else 'none' end "
            "where unit = (select max(unit) from assignment_bills)"),
        "assignment_changed", "rct.db"),
    "no assignment": (sql("drop table assignment_bills"), "assignment_changed", "rct.db"),
    "another probability": (
        sql("update probability set numerator = 2 where arm = 'plain' and block = 'D0'"),
        "probabilities_changed", "rct.db"),
    "an outcome changed": (
        sql("update outcome_bills set value = 1 - value where outcome = 'paid'"),
        "outcomes_changed", "rct.db"),
    "an outcome gone": (
        sql("delete from outcome_bills where unit = (select max(unit) from outcome_bills)"),
        "outcomes_changed", "rct.db"),
    "no outcomes": (sql("drop table outcome_bills"), "outcomes_changed", "rct.db"),
    "an effect changed": (
        sql("update result set estimate = 0.5 where position = 3"),
        "results_changed", "rct.db"),
    "a small change of an effect": (
        sql("update result set estimate = estimate * (1 + 1e-6)"),
        "results_changed", "rct.db"),
    "a role changed": (sql("update result set role = 'exploratory'"), "results_changed", "rct.db"),
    "no results": (sql("delete from result"), "results_changed", "rct.db"),
    "a name changed": (
        vault("update person set contact = '{}' where unit = (select min(unit) from person)"),
        "vault_changed", "private/vault.db"),
    "an id changed": (
        vault("update person set id = 'x' where unit = (select min(unit) from person)"),
        "vault_changed", "private/vault.db"),
    "a person gone": (
        vault("delete from person where unit = (select min(unit) from person)"),
        "vault_changed", "private/vault.db"),
    "another seed told": (rewritten("draw", lambda b: b.update(seed="0" * 64)), "seed_changed", "rct.db"),
    "another beacon told": (
        rewritten("draw", lambda b: b.update(beacon="lottery:x:2026-01-01:1")),
        "draw_not_derived", "rct.db"),
    "another plan told": (
        rewritten("draw", lambda b: b.update(plan_hash="0" * 64)),
        "draw_not_derived", "rct.db"),
    "fewer rows told": (rewritten("frame", lambda b: b.update(rows=242)), "rows_lost", "rct.db"),
    "fewer rows of outcomes told": (rewritten("outcomes", lambda b: b.update(rows=1)), "rows_lost", "rct.db"),
    "another commitment told": (
        rewritten("lock", lambda b: b.update(seed_commitment="0" * 64)),
        "seed_changed", "rct.db"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_changed_is_named(name: str, tmp_path: Path) -> None:
    tamper, code, where = TAMPERED[name]
    road = road_at("reported", tmp_path)
    tamper(road)
    before = road.tree()
    ran = road.rct("verify", "bills", "--json")
    assert ran.code == 1, ran.out
    assert ran.json["ok"] is False
    first = ran.json["failures"][0]
    assert (first["code"], first["file"]) == (code, where)
    assert "bills" in first["rule"]
    assert first["fix"]
    assert "Traceback" not in ran.err
    assert road.tree() == before, "verify never writes"


def test_people_read_it_in_80_columns(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    file("memo.html")(road)
    ran = road.rct("verify", "bills")
    assert ran.code == 1
    assert ran.out.startswith("This does not hold:")
    assert "trials/bills/out/memo.html" in ran.out
    assert all(len(line) <= 80 for line in ran.out.splitlines())


def test_several_faults_are_all_told_and_the_first_one_first(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    file("memo.html")(road)
    file("assignment.csv")(road)
    file("plan.json")(road)
    sql("update frame_bills set balance = 0 where row = 1")(road)
    codes = [f["code"] for f in road.rct("verify", "--json").json["failures"]]
    assert codes[0] == "plan_changed"


def test_one_broken_trial_does_not_hide_another(tmp_path: Path) -> None:
    import shutil

    road = road_at("locked", tmp_path)
    shutil.copytree(
        road.folder / "trials" / "bills", road.folder / "trials" / "fines", ignore=lambda *_: ["out"]
    )
    road.ok("lock", "fines")
    (road.out / "plan.md").unlink()
    assert road.rct("verify", "fines").code == 0
    failures = road.rct("verify", "--json").json["failures"]
    assert [f["file"] for f in failures] == ["trials/bills/out/plan.md"]
    heads = {h["name"]: h["head"] for h in road.ok("head")["heads"]}
    assert set(heads) == {"bills", "fines"}
    assert road.rct("verify", "fines", "--head", heads["bills"]).code == 1, "the head is another trial's"


@pytest.mark.parametrize("stage", ["new", "locked", "ready", "drawn", "outcomes", "analyzed"])
def test_every_stage_verifies(stage: str, tmp_path: Path) -> None:
    road = road_at(stage, tmp_path)
    before = road.tree()
    assert road.ok("verify")["failures"] == []
    assert road.ok("verify", "bills")["failures"] == []
    assert road.tree() == before


def test_a_list_loaded_again_and_a_plan_amended_verify(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    road.ok("frame", "bills", road.file("more.csv", canary_accounts(252)))
    road.edit("benefit = 40", "benefit = 50")
    road.ok("amend", "bills", "--reason", "Finance corrected the benefit")
    road.ok("draw", "bills")
    assert road.ok("verify")["failures"] == []
    (road.out / "plan-2.json").write_bytes(b"{}")
    assert road.rct("verify", "--json").json["failures"][0]["file"] == "trials/bills/out/plan-2.json"


def test_a_list_of_an_older_rct_verifies_and_one_without_its_index_does_not(tmp_path: Path) -> None:
    """Units once stood once by the table itself, now by an index; either is as some rct made it, neither is not."""
    road = road_at("ready", tmp_path)
    ((made,),) = road.sql("select sql from sqlite_master where name = 'frame_bills'")
    older = made.replace("unit text not null,", "unit text not null unique,").replace("frame_bills", "older")
    assert older != made
    road.sql(older, "insert into older select * from frame_bills", "drop table frame_bills")
    road.sql('alter table older rename to "frame_bills"')
    assert road.rct("verify").code == 0
    road = road_at("ready", tmp_path / "other")
    road.sql("drop index unit_bills")
    done = road.rct("verify", "--json")
    assert done.code == 1
    assert "the table frame_bills is not as rct makes it" in done.out


def test_a_verdict_that_the_results_do_not_bear_out_is_named_and_not_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a rule of another version, or a fault of it, would write it into the log."""
    road = road_at("outcomes", tmp_path)
    ruled = compute.ruled

    def other(*args: Any, **named: Any) -> Any:
        made = ruled(*args, **named)
        return replace(made, verdict="drop" if made.verdict == "adapt" else "adapt")

    monkeypatch.setattr(compute, "ruled", other)
    road.ok("analyze", "bills")
    monkeypatch.undo()
    (failure,) = road.rct("verify", "bills", "--json").json["failures"]
    assert (failure["code"], failure["field"]) == ("results_changed", "verdict")
    assert failure["found"] in ("adapt", "drop")
    assert f"the agreed rule says {failure['found']}" not in failure["rule"]
    assert [p["code"] for p in road.no("report", "bills")] == ["results_changed"]
    assert not (road.out / "memo.html").exists()
