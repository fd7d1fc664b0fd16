"""A workspace that can't be written, that another program holds, or that was put together from two copies."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import Road, canary_accounts, next_command, road_at, run

from rct.registry import schema

READING = [
    ("check", "bills"),
    ("check", "bills", "--frame", "accounts.csv"),
    ("power", "bills"),
    ("status",),
    ("status", "bills"),
    ("log",),
    ("log", "bills"),
    ("head",),
    ("head", "bills"),
    ("verify",),
    ("verify", "bills"),
]


# --- read-only


@contextlib.contextmanager
def read_only(road: Road) -> Iterator[None]:
    """The workspace without anyone's right to write to it."""
    paths = [road.root, *road.root.rglob("*")]
    modes = {path: path.lstat().st_mode & 0o7777 for path in paths}
    try:
        for path in paths:
            path.chmod(modes[path] & 0o555)
        yield
    finally:
        for path in paths:
            path.chmod(modes[path])


def powerless() -> None:
    """Rights bind root too: the process gives up what lets it pass them over."""
    if os.geteuid() == 0:
        drop, override, search = 24, 1, 2  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        for capability in (override, search):
            ctypes.CDLL(None).prctl(drop, capability, 0, 0, 0)


def start(road: Road, *command: str) -> subprocess.CompletedProcess[bytes]:
    """Run a program in the workspace without a right to write there."""
    return subprocess.run(
        [sys.executable, "-B", *command],
        cwd=road.folder,
        capture_output=True,
        preexec_fn=powerless,
        check=False,
    )


def test_reading_commands_work_where_nothing_can_be_written(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path / "w")
    before = road.tree()
    with read_only(road):
        probe = start(road, "-c", "open('probe', 'w')")
        assert b"PermissionError" in probe.stderr
        script = "".join(
            f"main({['-C', str(road.folder), *(str(road.root / a) if a.endswith('.csv') else a for a in c)]!r})\n"
            for c in READING
        )
        ran = start(road, "-c", SEVERAL.replace("SCRIPT", script))
        assert ran.returncode == 0, ran.stderr.decode()
        assert json.loads(ran.stdout) == [0] * len(READING)
        assert start(road, "-m", "rct", "lock", "bills").returncode == 0, "there is nothing to write"
        refused = start(road, *"-m rct stop bills --json --reason".split(), "The letter named a wrong number")
        assert refused.returncode == 2
        problem = json.loads(refused.stdout)["problems"][0]
        assert problem["code"] in {"read_only", "system"}
        assert b"Traceback" not in refused.stderr
    assert road.tree() == before


SEVERAL = """
import io, json, sys
from rct.cli.main import main as rct
codes, out = [], sys.stdout
def main(arguments):
    sys.stdout = sys.stderr = io.StringIO()
    try:
        rct(arguments)
    except SystemExit as end:
        codes.append(end.code)
    finally:
        sys.stdout = out
SCRIPT
print(json.dumps(codes))
"""  # in one process: starting Python once is enough


def test_a_reading_command_reads_what_a_dead_writer_did_not_rename(tmp_path: Path) -> None:
    """The registry has the token: NAME.tmp-TOKEN counts as NAME, without being renamed."""
    road = road_at("locked", tmp_path / "w")
    ((token,),) = road.sql("select token from batch where trial = 'bills'")
    for name in ("plan.json", "plan.md", "plan.html", "plan.pdf"):
        (road.out / name).rename(road.out / f"{name}.tmp-{token}")  # as if killed right after its commit
    with read_only(road):
        before = road.tree()
        for command in (("verify", "bills", "--json"), ("status", "--json")):
            ran = start(road, "-m", "rct", *command)
            assert ran.returncode == 0, ran.stdout
            assert b"note:" not in ran.stderr
        assert road.tree() == before
    assert road.ok("lock", "bills")["fresh"] is False
    assert (road.out / "plan.json").is_file()
    assert road.leftovers() == []


def test_a_half_written_registry_that_can_not_be_settled_is_one_sentence(tmp_path: Path) -> None:
    road = road_at("locked", tmp_path / "w")
    code = (
        "import os, signal, sqlite3, sys\n"
        "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('pragma cache_size = 1')\ndb.execute('begin immediate')\ndb.execute('create table junk (x text)')\n"
        "db.executemany('insert into junk values (?)', (('x' * 900,) for _ in range(400)))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(road.folder / "rct.db")], check=False)
    with read_only(road):
        ran = start(road, "-m", "rct", "status", "--json")
        assert ran.returncode == 2
        (problem,) = json.loads(ran.stdout)["problems"]
        assert problem["code"] == "registry_unfinished"
        assert "read-only" in problem["rule"]
    assert road.rct("status").code == 0


# --- two at once


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "WAIT", 0.2)


def test_a_second_writer_waits_and_then_says_who_holds_it(tmp_path: Path, impatient: None) -> None:
    road = road_at("ready", tmp_path)
    code = (
        "import sys, time\n"
        "from rct.registry.change import changing\nfrom rct.registry.workspace import find\nfrom pathlib import Path\n"
        "with changing(find(Path(sys.argv[1])), 'bills', 'Kim'):\n    print('holding', flush=True)\n    sys.stdin.read()\n"
        "    raise SystemExit\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(road.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"holding\n"
    before = {k: v for k, v in road.tree().items() if "journal" not in k}
    started = time.monotonic()
    (problem,) = road.no("draw", "bills")
    assert time.monotonic() - started >= 0.2
    assert problem["code"] == "busy"
    assert f"process {holder.pid}" in problem["rule"]
    assert "since 20" in problem["rule"]
    assert {k: v for k, v in road.tree().items() if "journal" not in k} == before
    for reading in (("status",), ("log",), ("verify",)):
        assert road.rct(*reading).code == 0, "readers are not held up"
    holder.communicate(b"")
    assert road.leftovers() == []
    road.ok("draw", "bills")


def test_a_program_that_is_not_rct_can_hold_the_registry_too(tmp_path: Path, impatient: None) -> None:
    road = road_at("ready", tmp_path)
    before = road.tree()
    with contextlib.closing(sqlite3.connect(road.folder / "rct.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        assert road.no("draw", "bills")[0]["code"] == "busy"
        other.execute("rollback")
        other.execute("begin exclusive")
        for command in (("draw", "bills"), ("status",)):
            ran = road.rct(*command, "--json")
            assert ran.code == 2
            assert ran.problems[0]["code"] in {"busy", "system"}
            assert "locked" in ran.problems[0]["rule"] or "writing" in ran.problems[0]["rule"]
        other.execute("rollback")
    assert road.tree() == before
    road.ok("draw", "bills")


def test_of_two_at_once_both_end_well_and_one_draw_is_made(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    two = [
        subprocess.Popen(
            [sys.executable, "-m", "rct", "draw", "bills", "--json"],
            cwd=road.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]  # fmt: skip
    said = [json.loads(process.communicate()[0]) for process in two]
    codes = sorted(process.returncode for process in two)
    assert codes in ([0, 0], [0, 2])
    assert sum(s.get("fresh", False) for s in said) == 1
    assert all(s["ok"] or s["problems"][0]["code"] == "busy" for s in said)
    assert [kind for kind in kinds(road) if kind == "draw"] == ["draw"]
    assert road.leftovers() == []
    assert road.rct("verify").code == 0


def kinds(road: Road) -> list[str]:
    return [json.loads(text)["kind"] for _, _, text in road.events()]


def test_what_changed_meanwhile_is_not_built_on(tmp_path: Path) -> None:
    """Another command gets in between what this one read and its lock."""
    from rct.errors import RctError
    from rct.registry.change import changing
    from rct.registry.workspace import find

    road = road_at("ready", tmp_path)
    seen = len([e for e in road.events() if e[0] == "bills"])
    road.ok("draw", "bills")
    before = road.tree()
    with pytest.raises(RctError, match="busy"), changing(find(road.folder), "bills", "Kim", seen=seen):
        raise AssertionError("the block is not entered")
    assert road.tree() == before


# --- two copies mixed


def test_an_old_registry_beside_a_newer_vault_is_refused_and_nothing_is_deleted(tmp_path: Path) -> None:
    road = road_at("locked", tmp_path)
    old = (road.folder / "rct.db").read_bytes()
    road.ok("frame", "bills", road.root / "accounts.csv")
    road.ok("draw", "bills")
    newer = (road.folder / "rct.db").read_bytes()
    (road.folder / "rct.db").write_bytes(old)
    left = road.out / f"memo.md.tmp-{'ab' * 16}"
    left.write_text("of a command that the old registry doesn't know")
    before = road.tree()
    for command in (
        ("frame", "bills", road.root / "accounts.csv"),
        ("stop", "bills", "--reason", "Why not at all"),
    ):
        (problem,) = road.no(*command)
        assert problem["code"] == "registry_older_than_vault"
        assert "old rct.db was put back" in problem["rule"]
        assert "Nothing was deleted" in problem["fix"]
    assert road.tree() == before
    left.unlink()
    (road.folder / "rct.db").write_bytes(newer)
    assert road.rct("verify").code == 0
    road.ok("outcomes", "bills", road.root / "payments.csv")


def test_an_old_vault_beside_a_newer_registry_is_found_by_verify(tmp_path: Path) -> None:
    road = road_at("locked", tmp_path)
    old = (road.private / "vault.db").read_bytes()
    road.ok("frame", "bills", road.root / "accounts.csv")
    (road.private / "vault.db").write_bytes(old)
    failures = road.rct("verify", "--json").json["failures"]
    assert {f["code"] for f in failures} == {"vault_changed"}


def test_a_registry_that_is_gone_is_never_made_anew_beside_people(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    (road.folder / "rct.db").unlink()
    assert road.no("status")[0]["code"] == "no_registry"
    (road.folder / "rct.toml").unlink()
    before = road.tree()
    ran = run("init", road.folder, "--json")
    assert (ran.code, ran.problems[0]["code"]) == (2, "no_registry")
    assert road.tree() == before


def test_a_workspace_without_its_settings_or_key_loses_nothing_by_init(tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    key = (road.private / "key").read_bytes()
    (road.folder / "rct.toml").unlink()
    (road.private / "key").unlink()
    run("init", road.folder, "--city", "Testville", "--by", "Tess")
    (road.private / "key").unlink(missing_ok=True)
    (road.private / "key").write_bytes(key)
    run("init", road.folder, "--city", "Testville", "--by", "Tess")
    assert road.rct("verify", "bills").code == 0
    road.ok("draw", "bills")


# --- the key


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("missing", "no_key"),
        ("short", "bad_key"),
        ("long", "bad_key"),
        ("linked", "bad_key"),
        ("another", "vault_closed"),
    ],
)
def test_a_key_that_is_not_the_one(change: str, code: str, tmp_path: Path) -> None:
    road = road_at("locked", tmp_path)
    key = road.private / "key"
    data = key.read_bytes()
    key.unlink()
    if change == "linked":
        (tmp_path / "elsewhere").write_bytes(data)
        key.symlink_to(tmp_path / "elsewhere")
    elif change != "missing":
        key.write_bytes({"short": data[:-1], "long": data + b"\n", "another": bytes(32)}[change])
    before = road.tree()
    (problem,) = road.no("frame", "bills", road.root / "accounts.csv")
    assert problem["code"] == code
    assert problem["file"] in {"private/key", "private/vault.db"}
    assert "copy" in problem["fix"]
    assert road.tree() == before
    assert road.rct("status").code == 0, "nobody is needed for that"


def test_a_deleted_key_forgets_everybody_and_leaves_the_results(tmp_path: Path) -> None:
    road = road_at("outcomes", tmp_path)
    (road.private / "key").unlink()
    results = road.rct("analyze", "bills", "--json")
    verified = road.rct("verify", "--json")
    assert verified.code == 1
    assert [f["code"] for f in verified.json["failures"]] == ["no_key"]
    assert results.code in (0, 2)
    if results.code == 2:
        assert results.problems[0]["code"] == "no_key"


@pytest.mark.parametrize("name", ["vault.db", "private"])
def test_a_vault_or_folder_that_is_gone_is_named(name: str, tmp_path: Path) -> None:
    road = road_at("locked", tmp_path)
    if name == "private":
        road.private.rename(tmp_path / "moved")
    else:
        (road.private / name).unlink()
    before = road.tree()
    (problem,) = road.no("frame", "bills", road.root / "accounts.csv")
    assert problem["code"] in {"no_vault", "no_private", "no_key"}
    assert road.tree() == before


@pytest.mark.parametrize("data", [b"", b"SQLite format 3\0" + bytes(84), b"not a database at all" * 100])
def test_a_registry_that_is_none(data: bytes, tmp_path: Path) -> None:
    road = road_at("ready", tmp_path)
    (road.folder / "rct.db").write_bytes(data)
    before = road.tree()
    for command in (("status",), ("verify",), ("draw", "bills")):
        ran = road.rct(*command, "--json")
        assert ran.code == 2
        assert ran.problems[0]["code"] in {"registry_damaged", "registry_version", "system"}
    assert road.tree() == before


# --- stopped and forgotten


def test_a_stopped_trial_goes_on_to_its_analysis_and_no_further(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    road.ok("stop", "bills", "--reason", "The letter named a wrong number")
    assert "stopped early" in road.rct("status").out
    road.edit("benefit = 40", "benefit = 50")
    for command in (
        ("amend", "bills", "--reason", "A better number"),
        ("frame", "bills", road.root / "accounts.csv"),
    ):
        (problem,) = road.no(*command)
        assert problem["code"] == "stopped"
        assert problem["found"] == "The letter named a wrong number"
    road.edit("benefit = 50", "benefit = 40")
    road.ok("outcomes", "bills", road.root / "payments.csv")
    told = {d["code"]: d["text"] for d in road.ok("analyze", "bills")["deviations"]}
    assert "The letter named a wrong number" in told["stopped"]
    road.ok("report", "bills")
    assert road.ok("verify")["failures"] == []


@pytest.mark.parametrize("stage", ["locked", "drawn", "outcomes"])
def test_a_forgotten_trial_takes_nobody_in_again(stage: str, tmp_path: Path) -> None:
    road = road_at(stage, tmp_path)
    road.ok("forget", "bills")
    before = road.tree()
    for command in (
        ("lock", "bills"),
        ("frame", "bills", road.root / "accounts.csv"),
        ("draw", "bills"),
        ("outcomes", "bills", road.root / "payments.csv"),
        ("stop", "bills", "--reason", "Too late for this"),
    ):
        assert road.no(*command)[0]["code"] == "forgotten", command
    assert road.tree() == before
    assert road.ok("verify", "bills")["failures"] == []


def test_a_practice_trial_is_forgotten_wholly_and_its_name_is_free_again(tmp_path: Path) -> None:
    road = Road(tmp_path, "try-it")
    road.ok("new", "try-it", "--yes", "--practice")
    assert "PRACTICE" in road.rct("status").out
    assert road.ok("forget", "try-it")["how"] == "wholly"
    assert road.ok("status")["trials"] == []
    assert not road.toml.exists()
    assert {trial for trial, _, _ in road.events()} == {""}
    assert road.rct("verify").code == 0
    kept = road_at("new", tmp_path / "other").toml.read_text()
    road.define(kept)  # by hand, in the folder that was removed
    letters = road.folder / "templates" / "bills"
    shutil.copytree(tmp_path / "other" / "city" / "templates" / "bills", letters)
    road.ok("frame", "try-it", road.file("a.csv", canary_accounts()))
    assert road.toml.read_text() == kept, "what a person put there since is theirs"
    road.ok("lock", "try-it")
    assert road.rct("verify").code == 0


def test_every_stage_goes_on_after_a_move_to_another_place(tmp_path: Path) -> None:
    """A city's folder is copied, synced, mounted under another name."""
    road = road_at("new", tmp_path / "0")
    for i, stage in enumerate(("new", "locked", "ready", "drawn"), start=1):
        road.ok(*next_command(road, stage))
        moved = tmp_path / str(i)
        shutil.move(road.root, moved)
        road = Road(moved, init=False)
    assert road.rct("verify").code == 0
