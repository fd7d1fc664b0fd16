"""The commit protocol: what a dead command left is finished if it was committed, and removed if it wasn't."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import Road

from rct import fs
from rct.acts.new import Beginning, create_trial
from rct.errors import RctError
from rct.registry import schema, vault
from rct.registry.change import changing, settle, tidy
from rct.registry.events import StopBody
from rct.registry.state import all_there, current_path
from rct.registry.workspace import Workspace, find

KNOWN, UNKNOWN = "a" * 32, "b" * 32


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return find(Road(tmp_path).folder)


@contextlib.contextmanager
def writer(ws: Workspace) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(schema.open_for_writing(ws.database)) as db:
        db.execute("begin immediate")
        yield db
        db.execute("commit")


def batch(db: sqlite3.Connection, token: str, *, people: bool = False) -> None:
    db.execute(
        "insert into batch (token, trial, files, vault) values (?, 'bills', '[]', ?)", (token, int(people))
    )


def left(path: Path, token: str, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = fs.temporary_name(path, token)
    temporary.write_text(text)
    return temporary


def test_files_of_a_known_token_are_renamed_and_of_an_unknown_one_removed(ws: Workspace) -> None:
    memo, plan, seed = (
        ws.out("bills") / "memo.md",
        ws.out("bills") / "plan.md",
        ws.private_trial("bills") / "seed",
    )
    plan.parent.mkdir(parents=True)
    plan.write_text("the plan")
    left(memo, KNOWN, "committed")
    left(seed, KNOWN, "committed too")
    left(plan, UNKNOWN, "never committed")
    mine = ws.out("bills") / "notes.tmp-mine"
    mine.write_text("of a person")
    with writer(ws) as db:
        batch(db, KNOWN)
        settle(ws, db)
    assert memo.read_text() == "committed"
    assert seed.read_text() == "committed too"
    assert plan.read_text() == "the plan"
    assert mine.read_text() == "of a person"
    assert not [p for p in ws.root.rglob("*.tmp-*") if p != mine]


def test_the_later_of_two_changes_of_one_file_wins(ws: Workspace) -> None:
    memo = ws.out("bills") / "memo.md"
    tokens = ["f" * 32, "0" * 32]
    for i, token in enumerate(tokens):
        left(memo, token, f"change {i}")
    with writer(ws) as db:
        for token in tokens:
            batch(db, token)
        settle(ws, db)
    assert memo.read_text() == "change 1"


def test_people_of_a_known_token_are_done_of_an_unknown_one_dropped_of_a_superseded_one_forgotten(
    ws: Workspace,
) -> None:
    old = "c" * 32
    with vault.opened(ws, write=True) as opened:
        for token in (KNOWN, UNKNOWN, old):
            vault.put(opened, token, "bills", [("u" * 24, token, "", "{}")])
        vault.mark_done(opened, [old])
    with writer(ws) as db:
        batch(db, KNOWN, people=True)
        batch(db, old, people=True)
        db.execute("update batch set superseded = 1 where token = ?", (old,))
        settle(ws, db)
    with vault.opened(ws) as opened:
        assert vault.batches(opened) == [(KNOWN, "bills", "done")]
        assert list(vault.people(opened, UNKNOWN)) == list(vault.people(opened, old)) == []


def test_a_done_batch_that_nobody_knows_stops_everything_before_anything_is_removed(ws: Workspace) -> None:
    with vault.opened(ws, write=True) as opened:
        vault.put(opened, UNKNOWN, "bills", [("u" * 24, "1", "", "{}")])
        vault.mark_done(opened, [UNKNOWN])
    temporary = left(ws.out("bills") / "memo.md", UNKNOWN, "of the newer registry")
    with pytest.raises(RctError, match="registry_older_than_vault"), changing(ws, "bills", "Ana"):
        raise AssertionError("the block is not entered")
    assert temporary.exists()
    with vault.opened(ws) as opened:
        assert vault.batches(opened) == [(UNKNOWN, "bills", "done")]


def test_what_a_change_says_to_remove_goes_after_its_commit_and_only_once(ws: Workspace) -> None:
    seed = ws.private_trial("bills") / "seed"
    fs.make_dir(seed.parent, private=True)
    seed.write_text("0")
    with contextlib.suppress(KeyError), changing(ws, "bills", "Ana") as change:
        change.remove(seed)
        raise KeyError
    assert seed.exists()
    with changing(ws, "bills", "Ana") as change:
        change.remove(seed)
        assert seed.exists()
    assert not seed.exists()
    seed.write_text("a person's own")
    with changing(ws, "bills", "Ana"):
        pass
    assert seed.read_text() == "a person's own"


def test_a_change_that_fails_leaves_no_row_file_folder_or_person(ws: Workspace) -> None:
    def names() -> list[str]:
        return sorted(p.relative_to(ws.root).as_posix() for p in ws.root.rglob("*"))

    before = names()
    with contextlib.suppress(KeyError), changing(ws, "bills", "Ana") as change:
        change.write(ws.out("bills") / "memo.md", b"x")
        change.write(ws.private_trial("bills") / "seed", b"x", private=True)
        change.put_people([("u" * 24, "1", "", "{}")])
        change.event(StopBody(reason="no budget", stage="new"))
        raise KeyError
    assert names() == before
    with vault.opened(ws) as opened:
        assert vault.batches(opened) == []
    with contextlib.closing(schema.open_for_reading(ws.database)) as db:
        assert db.execute("select count(*) from event where trial = 'bills'").fetchone() == (0,)


def test_a_file_that_is_there_already_is_replaced_only_by_the_commit(ws: Workspace) -> None:
    memo = ws.out("bills") / "memo.md"
    memo.parent.mkdir(parents=True)
    memo.write_text("old")
    with changing(ws, "bills", "Ana") as change:
        change.write(memo, b"new")
        assert memo.read_text() == "old"
    assert memo.read_text() == "new"


def test_a_folder_that_links_out_of_the_workspace_is_not_written_to(ws: Workspace, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    ws.out("bills").parent.mkdir()
    ws.out("bills").symlink_to(elsewhere)
    with pytest.raises(RctError, match="outside_workspace"), changing(ws, "bills", "Ana") as change:
        change.write(ws.out("bills") / "memo.md", b"x")
    assert list(elsewhere.iterdir()) == []


HOLDS = """
import sys
from pathlib import Path
from rct.registry.change import changing
from rct.registry.events import StopBody
from rct.registry.workspace import find
ws = find(Path(sys.argv[1]))
with changing(ws, "bills", "Kim") as change:
    change.write(ws.out("bills") / "memo.md", b"still being written")
    change.put_people([("u" * 24, "1", "", "{}")])
    print("written", flush=True)
    sys.stdin.read()
    change.event(StopBody(reason="no budget", stage="new"))
"""


def test_what_a_living_command_writes_is_not_taken_for_abandoned(ws: Workspace) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(ws.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"written\n"
    tidy(ws)
    assert len(list(ws.out("bills").glob("memo.md.tmp-*"))) == 1
    holder.communicate(b"")
    assert holder.returncode == 0
    assert (ws.out("bills") / "memo.md").read_bytes() == b"still being written"
    with vault.opened(ws) as opened:
        assert [state for _, _, state in vault.batches(opened)] == ["done"]


def test_tidy_settles_and_removes_the_note_of_a_dead_writer(ws: Workspace) -> None:
    (ws.private / "writer.json").write_text("{}")
    left(ws.out("bills") / "memo.md", UNKNOWN, "x")
    tidy(ws)
    assert not (ws.private / "writer.json").exists()
    assert list(ws.out("bills").iterdir()) == []


def test_a_reader_takes_the_temporary_name_of_a_known_token_and_no_other(ws: Workspace) -> None:
    memo = ws.out("bills") / "memo.md"
    known, unknown = left(memo, KNOWN, "committed"), left(memo, UNKNOWN, "not")
    left(ws.out("bills") / "memo.mdx", KNOWN, "another file")
    with writer(ws) as db:
        batch(db, KNOWN)
        assert current_path(db, memo) == known
        known.unlink()
        assert unknown.exists()
        assert current_path(db, memo) == memo


def test_a_committed_file_on_its_way_to_its_place_counts_as_there(ws: Workspace) -> None:
    path, other = ws.out("bills") / "a.txt", ws.out("bills") / "b.txt"
    left(path, KNOWN, "committed")
    left(other, UNKNOWN, "not committed")
    with writer(ws) as db:
        batch(db, KNOWN)
        assert all_there(db, [path])
        assert not all_there(db, [path, other])


def test_a_trial_whose_files_another_command_is_putting_in_place_is_not_called_empty(ws: Workspace) -> None:
    made = Beginning({"trial.toml": b"made"}, {}, "questions")
    assert create_trial(ws, "bills", "Tess", made)
    path = ws.definition_file("bills")
    with writer(ws) as db:
        token = db.execute("select token from batch where trial = 'bills'").fetchone()[0]
    path.rename(fs.temporary_name(path, token))
    with writer(ws), pytest.raises(RctError) as refused:  # the lock is held: nothing is tidied now
        create_trial(ws, "bills", "Tess", made)
    assert refused.value.problems[0].code == "busy"
    path.with_name(f"trial.toml.tmp-{token}").rename(path)
    assert create_trial(ws, "bills", "Tess", made) is None
