"""`rct letters` killed in the midst: no letter counts, nothing stays, and the same command makes them all."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from support import Road, accounts, definition

ARMS = """[arms.control]
label = "Today's letter"
control = true
template = "a.md"

[arms.social]
label = "Neighbors pay"
template = "a.md"
"""


def test_killed_after_the_first_file_there_are_no_letters_and_again_there_are_all(tmp_path: Path) -> None:
    road = Road(tmp_path)
    (road.folder / "templates" / "a.md").write_text("{{ name }}\nMain Street\n\nDear {{ name }},\n\nPay.\n")
    road.define(definition(arms=ARMS))
    road.ok("lock", road.name, "--yes")
    road.ok("frame", road.name, road.file("people.csv", accounts(1_100)))
    road.ok("draw", road.name, "--yes")
    before = road.ok("log", road.name)["events"]
    folder = road.folder / "private" / road.name / "letters"
    running = subprocess.Popen(
        [sys.executable, "-m", "rct", "-C", str(road.folder), "letters", road.name],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 240
    while running.poll() is None and not list(folder.glob("*.tmp-*")) and time.monotonic() < until:
        time.sleep(0.01)
    running.kill()
    assert running.wait() < 0, "it was done before it could be killed"
    assert list(folder.glob("*.tmp-*"))
    assert road.ok("log", road.name)["events"] == before
    assert road.ok("verify", road.name)["ok"] is True
    said = road.ok("letters", road.name)
    assert said["pieces"] == 1_100
    assert sorted(p.name for p in folder.iterdir()) == sorted(said["files"])
    assert road.ok("verify", road.name)["ok"] is True
