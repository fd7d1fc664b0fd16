"""docs/rederive.py and rederive.pl, the scripts for outsiders, on real trials drawn by the commands."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from support import Road, accounts, definition

DOCS = Path(__file__).parents[2] / "docs"
SCRIPTS = ["rederive.py", pytest.param("rederive.pl", marks=pytest.mark.needs("perl"))]
Rederive = Callable[..., "subprocess.CompletedProcess[str]"]
ARMS = """[arms.zulu]
label = "Drawn first, though last by name"
control = true

[arms.alpha]
label = "A letter"
share = 2

[arms.mike]
label = "Another"
"""
DESIGNS = {
    "complete": 'scheme = "complete"',
    "blocked": 'scheme = "blocked"\nblocks = ["district", "size"]',
    "clustered": 'scheme = "clustered"\nclusters = "household"',
    "blocked_clustered": 'scheme = "blocked_clustered"\nblocks = ["district"]\nclusters = "household"',
}


def drawn(tmp_path: Path, scheme: str) -> Road:
    road = Road(tmp_path)
    road.define(definition(arms=ARMS, design=DESIGNS[scheme]))
    road.ok("lock", road.name, "--yes")
    text = accounts(
        90,
        columns="district,size,household",
        row=lambda i: f"{'north' if i % 6 < 3 else 'süd'},{i % 2},h{i // 3}",
    )
    road.ok("frame", road.name, road.file("accounts.csv", text))
    road.ok("draw", road.name, "--yes")
    return road


@pytest.fixture(params=SCRIPTS)
def rederive(request: pytest.FixtureRequest) -> Rederive:
    return partial(rederived, request.param)


def rederived(script: str, road: Road, log: str | None = None) -> subprocess.CompletedProcess[str]:
    """As its reader would run it: the log piped in, the standard library alone."""
    log = road.rct("log", road.name, "--json").out if log is None else log
    program = [sys.executable, "-I", "-S"] if script.endswith(".py") else ["perl"]
    command = [*program, str(DOCS / script), str(road.out)]
    return subprocess.run(command, input=log, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("scheme", DESIGNS)
def test_a_draw_re_derives_from_what_is_public(rederive: Rederive, tmp_path: Path, scheme: str) -> None:
    road = drawn(tmp_path, scheme)
    done = rederive(road)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "the draw of 90 units re-derives: seed, frame, key, tickets, arms\n"


def test_a_changed_row_is_seen(rederive: Rederive, tmp_path: Path) -> None:
    road = drawn(tmp_path, "blocked")
    path = road.out / "assignment.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    swap = {",zulu,": ",mike,", ",mike,": ",zulu,", ",alpha,": ",zulu,"}
    old, new = next((old, new) for old, new in swap.items() if old in lines[1])
    path.write_text("".join([lines[0], lines[1].replace(old, new), *lines[2:]]), encoding="utf-8")
    done = rederive(road)
    assert done.returncode == 1
    assert done.stderr == "the draw does not re-derive: arms\n"


def test_a_dropped_row_is_seen(rederive: Rederive, tmp_path: Path) -> None:
    road = drawn(tmp_path, "complete")
    path = road.out / "assignment.csv"
    path.write_text(
        "".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8"
    )
    done = rederive(road)
    assert done.returncode == 1
    assert "frame" in done.stderr


def test_another_seed_is_seen(rederive: Rederive, tmp_path: Path) -> None:
    road = drawn(tmp_path, "complete")
    log = json.loads(road.rct("log", road.name, "--json").out)
    for event in log["events"]:
        if event["kind"] == "draw":
            event["body"]["seed"] = "0" * 64
    done = rederive(road, json.dumps(log))
    assert done.returncode == 1
    assert "seed" in done.stderr


def test_another_plan_is_seen(rederive: Rederive, tmp_path: Path) -> None:
    road = drawn(tmp_path, "complete")
    path = road.out / "plan.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"share":2', '"share":1'), encoding="utf-8")
    done = rederive(road)
    assert done.returncode == 1
    assert done.stderr == "no plan in this folder is the one that was drawn\n"


@pytest.mark.parametrize(("script", "most"), [("rederive.py", 50), ("rederive.pl", 75)])
def test_the_scripts_stay_short_enough_to_read(script: str, most: int) -> None:
    lines = [line for line in (DOCS / script).read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) <= most
