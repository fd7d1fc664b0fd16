"""Invariant 10: no name, address or city id leaves private/, and private/ is for its owner alone.

Every id, name, address and household label of the trial holds one odd word. After the whole road it must be
nowhere but in private/: in no file (as it is, compressed, or as text of a PDF), in nothing that was said.
"""

from __future__ import annotations

import io
import json
import os
import stat
import zlib
from pathlib import Path

import pytest
from pypdf import PdfReader
from support import CANARY, STAGES, Ran, Road, canary_id, canary_row, next_command, road_at

WORD = CANARY.lower()
WORDS = {WORD.encode(code) for code in ("utf-8", "utf-16-le")} | {WORD.encode().hex().encode()}


def holds(data: bytes) -> bool:
    low = data.lower()
    return any(word in low for word in WORDS)


def pdf_text(data: bytes) -> str:
    reader = PdfReader(io.BytesIO(data))
    return "".join(page.extract_text() for page in reader.pages) + str(reader.metadata)


def betrayals(road: Road) -> list[str]:
    """Files outside private/ that hold the word, in their bytes, their names, or inside a PDF."""
    found = []
    for path in sorted(road.folder.rglob("*")):
        shown = path.relative_to(road.folder).as_posix()
        if shown.startswith("private/"):
            continue
        data = path.read_bytes() if path.is_file() else b""
        if path.suffix == ".pdf" and holds(pdf_text(data).encode() + _inflated(data)):
            found.append(shown)
        if holds(data) or holds(shown.encode()):
            found.append(shown)
    return found


def _inflated(data: bytes) -> bytes:
    """Every stream of a PDF that is compressed, unpacked."""
    out = b""
    for part in data.split(b"stream\n")[1:]:
        unpack = zlib.decompressobj()
        try:
            out += unpack.decompress(part)
        except zlib.error:
            continue
    return out


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Road, list[Ran]]:
    """The whole road with every command said twice, for people and for programs."""
    road = road_at("new", tmp_path_factory.mktemp("walked"))
    said = []
    for stage in STAGES[:-1]:
        command = next_command(road, stage)
        said += [road.rct(*command), road.rct(*command, "--json")]
    for command in (
        ("check", "bills", "--frame", road.root / "accounts.csv"),
        ("power", "bills"),
        ("status",),
        ("status", "bills"),
        ("log",),
        ("head",),
        ("verify",),
    ):
        said += [road.rct(*command), road.rct(*command, "--json")]
    assert {ran.code for ran in said} == {0}
    return road, said


def test_the_word_is_in_the_vaults_plain_text_and_so_could_be_found(walked: tuple[Road, list[Ran]]) -> None:
    import sqlcipher3

    from rct.registry.keys import vault_key

    road, _ = walked
    vault = sqlcipher3.connect(str(road.private / "vault.db"))
    vault.execute(f"pragma key = \"x'{vault_key((road.private / 'key').read_bytes()).hex()}'\"")
    people = vault.execute("select id, cluster, contact from person").fetchall()
    vault.close()
    assert len(people) == 240
    assert all(holds(value.encode()) for person in people for value in person)


def test_no_file_outside_private_holds_a_name_an_address_or_an_id(walked: tuple[Road, list[Ran]]) -> None:
    road, _ = walked
    assert betrayals(road) == []
    assert {"memo.pdf", "plan.pdf", "assignment.csv", "appendix.html"} <= {p.name for p in road.out.iterdir()}


def test_no_command_says_one(walked: tuple[Road, list[Ran]]) -> None:
    _, said = walked
    assert [ran for ran in said if holds((ran.out + ran.err).encode())] == []


def test_the_vault_is_unreadable_without_its_key(walked: tuple[Road, list[Ran]]) -> None:
    road, _ = walked
    data = (road.private / "vault.db").read_bytes()
    assert not holds(data)
    assert not data.startswith(b"SQLite format")


def test_pseudonyms_can_not_be_made_without_the_key(walked: tuple[Road, list[Ran]]) -> None:
    from rct.design.tickets import unit_id

    road, _ = walked
    units = {u for (u,) in road.sql("select unit from frame_bills")}
    assert unit_id((road.private / "key").read_bytes(), "bills", canary_id(1)) in units
    assert unit_id(bytes(32), "bills", canary_id(1)) not in units


def test_what_a_defective_row_holds_is_said_by_row_and_never_by_name(tmp_path: Path) -> None:
    """Contact columns and household labels are named, their values are not."""
    road = road_at("locked", tmp_path)
    text = (road.root / "accounts.csv").read_text()
    bad = [
        canary_row(300).replace(f"{CANARY} Person300", f"{CANARY}\x1bPerson"),
        canary_row(301).replace(f"301 {CANARY} Lane", f"{CANARY}\x07Lane"),
        canary_row(302).replace("D1", "D2").replace("House 151", "House 1"),
        canary_row(303) + ",one more",
    ]
    file = road.file("bad.csv", text + "\n".join(bad) + "\n")
    for options in ((), ("--json",)):
        ran = road.rct("frame", "bills", file, *options)
        assert ran.code == 2
        assert not holds((ran.out + ran.err).encode())
    assert betrayals(road) == []
    refused = (road.private / "bills" / "refused.csv").read_bytes()
    assert holds(refused), "the office can look them up there"


def test_outcomes_leave_no_id_behind_either(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    text = (road.root / "payments.csv").read_text()
    file = road.file("bad.csv", text + f"{canary_id(5)},1,x,2026-01-01\n")
    road.no("outcomes", "bills", file)
    road.ok("outcomes", "bills", file, "--refuse-bad-rows", "--reason", "The export has gaps")
    assert betrayals(road) == []


def test_an_amendment_or_a_reason_is_the_only_free_text(tmp_path: Path) -> None:
    """What a person types goes into the log as typed; what was loaded doesn't."""
    road = road_at("reported", tmp_path)
    bodies = json.dumps([json.loads(text)["body"] for _, _, text in road.events()])
    assert not holds(bodies.encode())
    assert "accounts.csv" not in bodies


# --- modes


def loose(road: Road) -> list[str]:
    """What others may read or write though it is the office's."""
    found = []
    for path in (road.private, *road.private.rglob("*"), road.folder / "rct.db"):
        expected = 0o700 if path.is_dir() else 0o600
        if stat.S_IMODE(path.lstat().st_mode) != expected:
            found.append(f"{path.relative_to(road.folder)} {stat.S_IMODE(path.lstat().st_mode):o}")
    return found


def test_private_is_private_even_where_the_umask_is_not(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        road = Road(tmp_path / "fresh")
        assert loose(road) == []
    finally:
        os.umask(before)
    for stage in STAGES[:-1]:
        road = road_at(stage, tmp_path / stage)
        os.umask(0)
        road.ok(*next_command(road, stage))
        os.umask(before)
        assert loose(road) == []
        office = {"assignment.csv", "results.csv", "results.json"}  # row by row, or cells before suppression
        for path in (p for p in road.out.rglob("*") if p.is_file()):
            expected = 0o600 if path.name in office else 0o644
            assert stat.S_IMODE(path.stat().st_mode) == expected, path.name


def test_a_loosened_folder_is_tightened_by_the_next_writing_command(tmp_path: Path) -> None:
    road = road_at("locked", tmp_path)
    road.private.chmod(0o755)
    road.ok("frame", "bills", road.root / "accounts.csv")
    assert loose(road) == []


def test_private_that_is_a_link_is_refused(tmp_path: Path) -> None:
    road = road_at("locked", tmp_path)
    elsewhere = tmp_path / "synced"
    road.private.rename(elsewhere)
    road.private.symlink_to(elsewhere)
    before = road.tree()
    assert road.no("frame", "bills", road.root / "accounts.csv")[0]["code"] == "private_not_ours"
    assert road.tree() == before


def test_git_never_takes_private(tmp_path: Path) -> None:
    road = Road(tmp_path)
    assert (road.private / ".gitignore").read_text() == "*\n"


# --- forgetting


def test_forgetting_leaves_no_trace_of_a_person(tmp_path: Path) -> None:
    road = road_at("reported", tmp_path)
    road.rct("frame", "bills", road.file("bad.csv", (road.root / "accounts.csv").read_text() + "x,y\n"))
    assert (road.private / "bills" / "refused.csv").exists()
    before = (road.private / "vault.db").stat().st_size
    road.ok("forget", "bills")
    assert not (road.private / "bills").exists()
    assert (road.private / "vault.db").stat().st_size < before
    assert all(not holds(p.read_bytes()) for p in road.folder.rglob("*") if p.is_file())
    import sqlcipher3

    from rct.registry.keys import vault_key

    vault = sqlcipher3.connect(str(road.private / "vault.db"))
    vault.execute(f"pragma key = \"x'{vault_key((road.private / 'key').read_bytes()).hex()}'\"")
    assert vault.execute("select (select count(*) from person), (select count(*) from batch)").fetchone() == (
        0,
        0,
    )
    vault.close()
    ran = road.rct("verify", "bills", "--json")
    assert ran.json["failures"] == [], "plan, draw, counts and results can still be re-derived"
    assert "people forgotten" in road.rct("status").out


def test_one_trials_people_are_forgotten_and_anothers_kept(tmp_path: Path) -> None:
    import shutil

    road = road_at("locked", tmp_path)
    shutil.copytree(
        road.folder / "trials" / "bills", road.folder / "trials" / "fines", ignore=lambda *_: ["out"]
    )
    road.ok("frame", "bills", road.root / "accounts.csv")
    road.ok("frame", "fines", road.root / "accounts.csv")
    road.ok("forget", "bills")
    assert road.ok("verify")["failures"] == []
    road.ok("lock", "fines")
    road.ok("draw", "fines")
