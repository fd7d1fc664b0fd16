"""What lies around the rows: logs cut or written anew, changes and deletions planted, people, wishes, seeds, files."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support import Road
from tampering.city import city, first_failure, unlocked

from rct.registry import vault
from rct.registry.chain import FIRST, digest
from rct.registry.events import KINDS, UnfitError
from rct.registry.events.record import Field
from rct.registry.workspace import find


@pytest.fixture
def road(tmp_path: Path) -> Road:
    return city(tmp_path)


def first(road: Road) -> tuple[str, str]:
    failure = first_failure(road)
    assert failure is not None, "not seen"
    return failure.code, failure.rule


def in_vault(road: Road, *statements: str) -> None:
    with vault.opened(find(road.folder), write=True) as opened:
        for statement in statements:
            opened.execute(statement)


# --- the log


@pytest.mark.parametrize("keep", [0, 3, 5, 9, 11])
def test_a_cut_tail_leaves_traces_without_any_head(road: Road, keep: int) -> None:
    """Rows, changes and files that no event tells of; who removes these too is seen by a printed head alone."""
    with unlocked(road) as db:
        db.execute("delete from event where trial = 'bills' and seq > ?", (keep,))
    code, _ = first(road)
    assert code in (
        "registry_changed",
        "file_untold",
        "results_changed",
        "outcomes_changed",
        "doses_changed",
        "no_seed",
    )


def test_a_cut_without_traces_is_seen_by_the_printed_head_alone(road: Road) -> None:
    head = road.ok("head", "bills")["heads"][0]["head"]
    with unlocked(road) as db:
        (text,) = db.execute("select text from event where trial = 'bills' and kind = 'decide'").fetchone()
        db.execute("delete from event where trial = 'bills' and kind = 'decide'")
        db.execute("delete from batch where token = ?", (json.loads(text)["body"]["token"],))
    ran = road.rct("verify", "bills")
    assert ran.code == 0
    assert "Consistent in itself; compare the head with paper" in " ".join(ran.out.split())
    (failure,) = road.rct("verify", "bills", "--head", head, "--json").json["failures"]
    assert failure["code"] == "head_unknown"
    assert "rewritten or cut" in failure["rule"]


def test_an_older_registry_beside_newer_files_is_named(road: Road, tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    shutil.copyfile(road.folder / "rct.db", old)
    road.ok("draw", "fees", "--yes")
    shutil.copyfile(old, road.folder / "rct.db")
    assert first_failure(road) is not None
    codes = {f["code"] for f in road.rct("verify", "fees", "--json").json["failures"]}
    assert "file_untold" in codes


def written_anew(road: Road, change: Callable[[dict[str, Any]], object]) -> None:
    """Every event of bills after `change`, with hashes that fit."""
    with unlocked(road) as db:
        rows = db.execute("select seq, text from event where trial = 'bills' order by seq").fetchall()
        prev = FIRST
        for seq, text in rows:
            said = json.loads(text)
            change(said)
            said["prev"] = prev
            text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            db.execute(
                "update event set prev = ?, hash = ?, text = ? where trial = 'bills' and seq = ?",
                (prev, digest(text), text, seq),
            )
            prev = digest(text)


WRITTEN = (
    "lock",
    "frame",
    "draw",
    "letters",
    "handover",
    "mailed",
    "outcomes",
    "analyze",
    "remarks",
    "printed",
    "decide",
)


def fits(field: Field, value: Any) -> bool:
    try:
        field.shape.read(value)
    except UnfitError:
        return False
    return True


def put(kind: str, key: str, value: Any, said: dict[str, Any]) -> None:
    if said["kind"] == kind:
        said["body"][key] = value


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_chain_written_anew_with_bodies_that_are_none_ends_nowhere_in_a_traceback(
    road: Road, kind: str, tmp_path: Path
) -> None:
    kept = (road.folder / "rct.db").read_bytes()
    declared = [f for f in KINDS[kind].fields.values() if not f.absent]
    for field in declared[:: 1 if kind in ("frame", "draw") else 3]:
        for wrong in (None, [], {"a": {}}, -1):
            if fits(field, wrong):
                continue
            written_anew(road, partial(put, kind, field.key, wrong))
            code, rule = first(road)
            assert code == "chain"
            assert f"{field.key} of {kind}" in rule
        (road.folder / "rct.db").write_bytes(kept)
    written_anew(road, lambda said: said["kind"] == kind and said["body"].clear())
    for command in (("status",), ("log",), ("status", "bills"), ("report", "bills"), ("analyze", "bills")):
        ran = road.rct(*command)
        assert "Traceback" not in ran.err
        assert ran.code in (0, 2)


@pytest.mark.parametrize("time", ["yesterday", "0001-01-01T00:00:00Z", "9999-99-99T00:00:00Z", ""])
def test_a_time_that_is_none_is_named(road: Road, time: str) -> None:
    written_anew(road, lambda said: said.update(time=time))
    with unlocked(road) as db:
        db.execute("update event set time = ? where trial = 'bills'", (time,))
    code, rule = first(road)
    assert (code, "no time" in rule) == ("chain", True)
    for command in (("status",), ("log", "bills"), ("outcomes", "bills", road.root / "payments.csv")):
        assert road.rct(*command).code in (0, 2)


# --- what the next writing command would act on


PLANTED = ["private", "private/", "private/..", "../city.txt", "/etc/hostname", "rct.db", "private/key", "trials",
           "private/bills/../key", "templates/../rct.toml"]  # fmt: skip


@pytest.mark.parametrize("path", PLANTED)
def test_a_planted_deletion_is_named_and_never_done(road: Road, path: str) -> None:
    (road.root / "city.txt").write_text("mine")
    road.sql(f"insert into removal values ('{path}')")
    code, rule = first(road)
    assert (code, path in rule) == ("registry_changed", True)
    before = road.tree()
    (problem,) = road.no("stop", "fees", "--reason", "no longer wanted")
    assert problem["code"] in ("registry_changed", "bad_name")
    after = {p: d for p, d in road.tree().items() if not p.endswith("writer.json")}
    assert {p: d for p, d in before.items() if not p.endswith("writer.json")} == after
    assert (road.root / "city.txt").read_text() == "mine"


def test_a_trial_never_takes_the_name_of_the_key(road: Road) -> None:
    (problem,) = road.no("new", "key", "--yes", "--practice")
    assert problem["code"] == "bad_name"
    assert "private/" in problem["rule"]
    (problem,) = road.no("forget", "key", "--yes")
    assert problem["code"] == "bad_name"
    assert (road.private / "key").is_file()


def test_a_trigger_of_another_is_named(road: Road) -> None:
    road.sql(
        "create trigger quiet after insert on outcome_bills begin "
        "update outcome_bills set value = 1 where unit = new.unit; end"
    )
    code, rule = first(road)
    assert (code, "quiet" in rule) == ("registry_changed", True)


def test_missing_triggers_are_named(road: Road) -> None:
    road.sql("select 1", unlocked=True)
    code, rule = first(road)
    assert (code, "event_never" in rule) == ("registry_changed", True)


def test_tables_and_views_of_an_analyst_do_no_harm(road: Road) -> None:
    road.sql("create table my_notes (x)", "create view arms as select unit, arm from assignment_bills")
    assert first_failure(road) is None


def test_a_practice_trial_that_began_with_proofs_can_be_removed(road: Road) -> None:
    """Its first event says that it is for practice, whichever command wrote it."""
    trial = road.folder / "trials" / "again"
    shutil.copytree(road.folder / "trials" / "bills", trial, ignore=shutil.ignore_patterns("out"))
    text = (trial / "trial.toml").read_text().replace("[trial]", '[trial]\nkeywords = ["practice"]', 1)
    (trial / "trial.toml").write_text(text)
    road.ok("proof", "again")
    road.ok("forget", "again", "--yes")
    assert not trial.exists()
    assert first_failure(road) is None


# --- people and wishes


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("delete from optout where seq = 1", "opt-outs"),
        ("update optout set hash = 'x' where seq = 2", "opt-outs"),
        ("insert into optout (token, kind, hash) values ('', 'id', 'x')", "opt-out"),
        ("update batch set trial = 'fees' where trial = 'fines'", "of another trial"),
        ("insert into batch values ('ff', 'bills', 'done')", "never committed"),
    ],
)
def test_what_was_done_to_the_vault_is_named(road: Road, statement: str, said: str) -> None:
    in_vault(road, statement)
    code, rule = first(road)
    assert (code, said in rule) == ("vault_changed", True), rule


def test_wishes_outlive_their_trial_and_stay_guarded(road: Road) -> None:
    road.ok("forget", "bills", "--yes")
    assert first_failure(road) is None
    in_vault(road, "delete from optout where seq = 1")
    assert first(road)[0] == "vault_changed"


@pytest.mark.parametrize("place", [0, 10, 16, 100, 4_000, 5_000, -1])
def test_a_flipped_byte_of_the_vault_is_named(road: Road, place: int) -> None:
    path = road.private / "vault.db"
    data = bytearray(path.read_bytes())
    data[place] ^= 4
    path.write_bytes(data)
    assert first(road)[0] in ("vault_changed", "vault_closed")


def test_another_key_is_named(road: Road) -> None:
    (road.private / "key").write_bytes(bytes(32))
    assert first(road)[0] == "vault_closed"


def test_the_committed_seed_is_watched_until_the_draw(road: Road) -> None:
    (road.private / "fees" / "seed").write_text("0" * 64)
    code, rule = first(road)
    assert (code, "fees" in rule) == ("seed_changed", True)
    (road.private / "fees" / "seed").unlink()
    assert first(road)[0] == "no_seed"


# --- files


def files_of(road: Road) -> list[Path]:
    """Every file that rct wrote and answers for; drafts of letters and trial.toml are the user's own."""
    out = [p for p in sorted(road.folder.glob("trials/*/out/**/*")) if p.is_file()]
    return out + [
        p for p in sorted(road.private.glob("bills/**/*")) if p.is_file() and p.name != "refused.csv"
    ]


@pytest.mark.parametrize("gone", [False, True])
def test_every_file_is_guarded(road: Road, gone: bool) -> None:
    listed = files_of(road)
    names = {re.sub(r"-\d+", "", p.name) for p in listed}
    assert names >= {
        "plan.json", "plan.md", "plan.html", "plan.pdf", "assignment.csv", "results.csv", "results.json", "memo.pdf",
        "memo.html", "memo.md", "memo.json", "memo.docx", "appendix.html", "appendix.json", "letters.pdf", "manifest.json",
        "manifest.csv", "vendor.xlsx", "vendor.csv", "record-layout.md", "handover.csv", "handover.xlsx",
    }  # fmt: skip
    for path in listed:
        data = path.read_bytes()
        if gone:
            path.unlink()
        else:
            middle = len(data) // 2
            path.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
        failure = first_failure(road)
        assert failure is not None, path
        assert failure.file == path.relative_to(road.folder).as_posix()
        path.write_bytes(data)
    assert first_failure(road) is None
