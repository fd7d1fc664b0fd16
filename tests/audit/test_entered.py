"""A trial that is dropped is missed: by the workspace's own log, and by the papers of other trials."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from support import Road, road_at

from rct.registry import chain, schema, vault
from rct.registry.workspace import find

TRIGGERS = [t for t in schema.TABLES if t.startswith("create trigger")]


@pytest.fixture
def road(tmp_path: Path) -> Road:
    """Two trials: bills with a memo, fines locked after it."""
    made = road_at("reported", tmp_path)
    other = made.folder / "trials" / "fines"
    shutil.copytree(made.folder / "trials" / "bills", other, ignore=lambda *_: ["out"])
    made.ok("lock", "fines")
    assert made.ok("verify")["ok"]
    return made


def drop(road: Road, name: str) -> None:
    """Everything of a trial but what the workspace's own log tells, as whoever owns the folder and its key can."""
    tables = [t for (t,) in road.sql("select name from sqlite_master where type = 'table'")]
    own = [t for t in tables if re.fullmatch(rf"(frame|assignment|outcome|dose|remark)_{name}", t)]
    shared = [t for t in tables if "trial" in [c[1] for c in road.sql(f"pragma table_info({t})")]]
    tokens = [t for (t,) in road.sql(f"select token from batch where trial = '{name}'")]
    road.sql("select 1", unlocked=True)
    road.sql(
        *(f"drop table {t}" for t in own),
        *(f"delete from {t} where trial = '{name}'" for t in shared),
        *TRIGGERS,
    )
    with vault.opened(find(road.folder), write=True) as opened:
        vault.drop(opened, tokens, vacuum=True)
        opened.execute("drop table if exists latest")
    for folder in ("trials", "private"):
        shutil.rmtree(road.folder / folder / name, ignore_errors=True)


@pytest.mark.parametrize("name", ["bills", "fines"])
def test_a_dropped_trial_is_named(road: Road, name: str) -> None:
    other = "fines" if name == "bills" else "bills"
    drop(road, name)
    for command in (("verify",), ("verify", other)):
        failures = road.rct(*command, "--json").json["failures"]
        assert [(f["code"], name in f["rule"]) for f in failures] == [("trial_gone", True)]
    assert road.ok("status")["gone"] == [name]
    assert f"{name}: the workspace's log tells of this trial" in road.rct("status").out
    assert road.no("verify", name)[0]["code"] == "trial_gone"
    assert road.no("verify", "nobody")[0]["code"] == "no_trial"


def test_the_workspaces_head_is_on_every_paper_and_holds(road: Road) -> None:
    entered = {json.loads(t)["body"]["of"]: h for h, t in road.sql(
        "select hash, text from event where trial = '' and kind = 'entered' and text like '%\"trial\":\"bills\"%'"
    )}  # fmt: skip
    fours = {of: " ".join(re.findall("....", h.removeprefix("sha256:"))) for of, h in entered.items()}
    assert fours["analyze"] in (road.out / "memo.md").read_text()
    assert fours["lock"] in (road.out / "plan.md").read_text()
    assert fours["analyze"] in (road.out / "appendix.html").read_text()
    assert json.loads((road.out / "appendix.json").read_text())["workspace_head"] == entered["analyze"]
    assert (
        f'<meta name="rct-workspace-head" content="{entered["analyze"]}">'
        in (road.out / "memo.html").read_text()
    )
    for command in (("verify",), ("verify", "bills"), ("verify", "fines")):
        said = road.rct(*command, "--head", fours["analyze"])
        assert said.code == 0
        assert "of the workspace's own log" in " ".join(said.out.split())


def test_a_head_of_nothing_is_refused_still(road: Road) -> None:
    ran = road.rct("verify", "--head", "0" * 16, "--json")
    assert (ran.code, ran.json["failures"][0]["code"]) == (1, "head_unknown")


def test_head_gives_the_workspaces_line_and_verify_takes_it(road: Road) -> None:
    *lines, last = road.rct("head").out.strip().splitlines()[:3]
    assert [line.split()[1] for line in lines] == ["bills", "fines"]
    assert last.startswith("rct1 (workspace) ")
    assert road.ok("head")["workspace"]["head"] in last
    assert road.rct("verify", "--head", last).code == 0
    assert road.ok("head", "bills")["workspace"] is None


def rewrite(road: Road, trial: str, leave_out: str = "never", without: str = "") -> None:
    """A chain without the events whose text holds `leave_out`, nor the key `without` in a body; every hash fits."""
    statements, prev, seq = [f"delete from event where trial = '{trial}'"], chain.FIRST, 0
    for row in road.sql(f"select * from event where trial = '{trial}' order by seq"):
        said = json.loads(row[8])
        if leave_out in row[8]:
            continue
        seq += 1
        said |= {"prev": prev, "seq": seq}
        said["body"].pop(without, None)
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        values = (trial, seq, chain.digest(text), prev, *row[4:8], text)
        prev = chain.digest(text)
        quoted = ", ".join(str(v) if isinstance(v, int) else "'" + v.replace("'", "''") + "'" for v in values)
        statements.append(f"insert into event values ({quoted})")
    road.sql("select 1", unlocked=True)
    road.sql(*statements, *TRIGGERS)


def test_the_workspaces_log_written_anew_without_the_trial_disagrees_with_the_others(road: Road) -> None:
    """bills was entered before fines was locked: the lock of fines names the head that knew of bills."""
    drop(road, "bills")
    rewrite(road, "", '"trial":"bills"')
    failures = road.rct("verify", "--json").json["failures"]
    assert [f["code"] for f in failures] == ["workspace_log"]
    assert "fines: the workspace's log lacks event 1 (lock)" in failures[0]["rule"]


def test_a_trials_log_written_anew_disagrees_with_the_workspaces(road: Road) -> None:
    rewrite(road, "bills")  # leaves nothing out: the same log, the same hashes
    assert road.ok("verify")["ok"]
    rewrite(road, "bills", '"kind":"outcomes"')
    codes = {f["code"] for f in road.rct("verify", "--json").json["failures"]}
    assert "workspace_log" in codes


@pytest.mark.parametrize("key", ["trial", "of", "head", "practice", "token"])
def test_a_workspaces_log_of_bodies_that_are_none_is_named_and_ends_in_no_traceback(
    road: Road, key: str
) -> None:
    rewrite(road, "", without=key)
    failures = road.rct("verify", "--json").json["failures"]
    assert failures[0]["code"] == "chain"
    assert f"{key} of " in failures[0]["rule"]
    assert road.rct("status").code == 0
    assert road.rct("head").code == 0


def test_a_practice_trial_may_be_forgotten_and_a_real_one_may_not(road: Road) -> None:
    road.ok("new", "play", "--practice", "--yes")
    road.ok("lock", "play")
    road.ok("forget", "play", "--yes")
    assert road.ok("verify")["ok"]
    assert road.ok("status")["gone"] == []
    road.ok("new", "play", "--practice", "--yes")  # another of the same name
    road.ok("lock", "play")
    assert road.ok("verify")["ok"]
    drop(road, "play")
    shutil.rmtree(road.folder / "templates" / "play", ignore_errors=True)
    assert [f["code"] for f in road.rct("verify", "--json").json["failures"]] == ["trial_gone"]


def test_a_registry_of_an_older_rct_still_holds(road: Road) -> None:
    """Events without the other log's head, and nothing entered: as every registry was until now."""
    drop(road, "fines")
    rewrite(road, "", '"kind":"entered"')
    rows = road.sql("select text from event where trial = 'bills' order by seq")
    assert sum('"workspace":"sha256:' in t for (t,) in rows) == 2
    rewrite(road, "bills", without="workspace")
    failures = road.rct("verify", "--json").json["failures"]
    assert not {f["code"] for f in failures} & {"trial_gone", "workspace_log"}
