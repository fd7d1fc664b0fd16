"""Whatever was given before `rct share`, in whatever order: what it writes is taken by whoever receives it."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import pytest
from evidence.bundles import bundle_of, edit, forge, read
from support import road_at

from rct.evidence.bundle.opening import check_bundle
from rct.registry.change import changing
from rct.registry.events import PrintedBody, SharedBody
from rct.registry.workspace import find

# Commands that read or print, and change no result. Each may be given at any time once there is a memo.
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("report", "bills"),
    ("report", "bills", "--lang", "es"),
    ("consort", "bills"),
    ("register", "bills", "--format", "osf"),
    ("register", "bills", "--format", "aea", "--number", "AEARCTR-0001"),
    ("site",),
    ("certify",),
    ("proof", "bills"),
    ("decide", "bills", "drop", "--note", "Not worth its postage."),
    ("letters", "bills"),
    ("share", "bills"),
    ("verify", "bills"),
    ("stop", "bills", "--reason", "The budget is cut.", "--yes"),
)


@pytest.mark.parametrize("seed", range(6))
def test_every_bundle_is_taken_whatever_was_printed_before_it(tmp_path: Path, seed: int) -> None:
    road = road_at("reported", tmp_path)
    dice = random.Random(seed)
    # Each command comes first after the memo in some sequence, and consort in every one.
    chosen = [COMMANDS[(2 * seed + i) % len(COMMANDS)] for i in range(3)] + [("consort", "bills")]
    dice.shuffle(chosen)
    for command in (*chosen, ("share", "bills")):
        if road.rct("log", "bills", "--json").out.count('"stop"') and command[0] in ("letters", "proof"):
            continue  # refused of a stopped trial
        road.ok(*command)
    taken = road.ok("verify", bundle_of(road))
    assert (taken["ok"], taken["failures"]) == (True, []), chosen
    assert road.ok("verify")["ok"], chosen


def test_the_checklist_alone_does_not_pass_for_the_memo(tmp_path: Path) -> None:
    """A paper of another kind that names a file as the memo's is no word for the memo."""
    road = road_at("reported", tmp_path)
    memo = (road.out / "memo.html").read_bytes()
    analysis = json.loads(road.sql("select text from event where kind = 'analyze'")[0][0])
    assert analysis["body"]["run"] == 1
    head = road.sql("select hash from event where trial = 'bills' and kind = 'analyze'")[0][0]
    with changing(find(road.folder), "bills", "Tess") as change:
        change.event(PrintedBody(of="consort", head=head, files={"memo.html": "0" * 64}))
    road.ok("share", "bills")
    bundle = read(road, bundle_of(road))
    assert bundle.failures == ()
    assert bundle.members["memo.html"] == memo


def test_what_whoever_receives_it_would_refuse_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A memo in the bundle that the log does not tell of, as a fault of rct would make it."""
    from rct.evidence.bundle import members as bundling

    road = road_at("reported", tmp_path)
    events, before = road.events(), road.tree()
    whole = bundling._memos

    def other(*args: object) -> dict[str, bundling.Member]:
        made = whole(*args)
        return made | {"memo.md": bundling.Member(b"Another memo.\n", "The memo as plain text")}

    monkeypatch.setattr(bundling, "_memos", other)
    (problem,) = road.no("share", "bills")
    assert problem["code"] == "bundle_refused"
    assert "it is not the memo that the log tells of" in problem["rule"]
    monkeypatch.undo()
    assert [e for e in road.events() if e[0] == "bills"] == [e for e in events if e[0] == "bills"]
    assert not bundle_of(road).exists()
    assert set(road.tree()) - set(before) <= {"private/signing.pem"}
    road.ok("share", "bills")


def test_verify_reads_the_shared_bundle_as_whoever_receives_it(tmp_path: Path) -> None:
    """A bundle that is the one of the log, and that no reader takes: the workspace says so too."""
    road = road_at("reported", tmp_path)
    road.ok("share", "bills")
    forged = tmp_path / "forged.zip"
    forge(bundle_of(road), forged, edit("evidence.json", lambda said: said.update(name="other")))
    data = forged.read_bytes()
    assert check_bundle("bundle.zip", data, {}).failures
    with changing(find(road.folder), "bills", "Tess") as change:
        change.write(bundle_of(road), data)
        change.event(
            SharedBody(bundle=hashlib.sha256(data).hexdigest(), bytes=len(data), head="", key="0" * 64)
        )
    (failure,) = road.rct("verify", "bills", "--json").json["failures"]
    assert failure["code"] == "bundle_differs"
    assert "whoever receives the bundle refuses it" in failure["rule"]
