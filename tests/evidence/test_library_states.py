"""One trial stands once: an older state never takes the later one's place, and a new name of the city makes no new trial."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from evidence.bundles import bundle_of, forge, read, shared_road, walk
from support import Road, accounts, definition

from rct.evidence.library.index import stored


@pytest.fixture
def road(tmp_path: Path) -> Road:
    return shared_road(tmp_path)


def copied(road: Road, name: str) -> Path:
    path = road.root / name
    shutil.copy(bundle_of(road), path)
    return path


def two_states(road: Road) -> tuple[Path, Path]:
    """The trial's bundle as it was shared, and again after it was decided."""
    old = copied(road, "old.zip")
    road.ok("decide", "bills", "drop", "--note", "Not worth its postage.")
    road.ok("share", "bills")
    return old, copied(road, "new.zip")


def renamed(road: Road) -> tuple[Path, Path]:
    """The trial's bundle, and again after rct.toml calls the city otherwise."""
    before = copied(road, "before.zip")
    road.edit('city = "Testville"', 'city = "Newtown"', road.folder / "rct.toml")
    road.ok("share", "bills")
    after = copied(road, "after.zip")
    assert before.read_bytes() != after.read_bytes()
    return before, after


@pytest.mark.parametrize("options", [(), ("--replace",)])
def test_an_older_bundle_never_takes_the_place_of_a_later_one(road: Road, options: tuple[str, ...]) -> None:
    old, new = two_states(road)
    road.ok("library", "add", new)
    before = road.tree()
    (problem,) = road.no("library", "add", old, *options)
    assert problem["code"] == "library_older"
    ours, theirs = len(read(road, old).log.events), len(read(road, new).log.events)  # type: ignore[union-attr]
    assert f"its log has {ours} events, that of the file in the library {theirs}" in problem["rule"]
    assert "--replace" not in problem["fix"]
    assert road.tree() == before
    assert road.ok("library", "find")["total"] == 1
    assert road.ok("library", "show", "bills")["entry"]["decided"] == "drop"


def test_a_later_bundle_takes_the_older_ones_place_when_asked(road: Road) -> None:
    old, new = two_states(road)
    road.ok("library", "add", old)
    assert road.no("library", "add", new)[0]["code"] == "library_same_trial"
    assert road.ok("library", "add", new, "--replace")["replaced"] == 1
    assert road.ok("library", "show", "bills")["entry"]["decided"] == "drop"


def test_of_two_states_given_together_the_later_is_named(road: Road) -> None:
    two_states(road)
    for options in ((), ("--replace",)):
        (problem,) = road.no("library", "add", road.root / "new.zip", road.root / "old.zip", *options)
        assert problem["code"] == "library_same_trial"
        assert "new.zip is the later state" in problem["rule"]
        assert problem["fix"].startswith("Keep new.zip")


def test_a_library_with_two_files_of_one_trial_is_not_indexed(road: Road) -> None:
    old, new = two_states(road)
    road.ok("library", "add", new)
    digest = read(road, old).digest
    shutil.copy(old, road.folder / "library" / f"bills-{digest[:12]}.zip")
    (problem,) = road.no("library", "rebuild")
    assert problem["code"] == "library_same_trial"
    (road.folder / "library" / f"bills-{digest[:12]}.zip").unlink()
    assert road.ok("library", "rebuild")["files"] == 1


def test_a_city_of_a_new_name_has_no_new_trial(road: Road) -> None:
    before, after = renamed(road)
    (problem,) = road.no("library", "add", before, after)
    assert problem["code"] == "library_same_trial"
    road.ok("library", "add", before)
    (problem,) = road.no("library", "add", after)
    assert problem["code"] == "library_same_trial"
    assert (
        "the trial bills of Newtown (signed by Testville)" not in problem["rule"]
    )  # our own key has our name
    assert "there as the trial bills of Testville" in problem["rule"]
    assert road.ok("library", "add", after, "--replace")["replaced"] == 1
    assert [e["city"] for e in road.ok("library", "find")["entries"]] == ["Newtown"]


def test_one_trial_under_two_cities_names_is_not_pooled(road: Road) -> None:
    before, after = renamed(road)
    for pair in ((before, after), (before, "bills")):
        problems = road.no("pool", "paid", *pair, "--arm", "social")
        assert {p["code"] for p in problems} == {"pool_same_trial"}
        assert "their logs begin with the same event" in problems[0]["rule"]
    road.ok("library", "add", before)
    digest = read(road, before).digest[:12]
    assert {p["code"] for p in road.no("pool", "paid", digest, after)} == {"pool_same_trial"}


def test_what_an_older_rct_indexed_is_known_by_its_file(road: Road) -> None:
    """Its rows hold no first event; the file does."""
    import contextlib
    import sqlite3

    before, after = renamed(road)
    road.ok("library", "add", before)
    with contextlib.closing(sqlite3.connect(road.folder / "library" / "library.db")) as db:
        origin = read(road, before).origin
        events = len(read(road, before).log.events)  # type: ignore[union-attr]
        (text,) = db.execute("select evidence from entry").fetchone()
        bare = text.replace(f',"origin":"{origin}","events":{events}'.encode(), b"")
        assert bare != text
        assert stored(bare).origin is None
        db.execute("update entry set evidence = ?", (bare,))
        db.commit()
    assert road.no("library", "add", after)[0]["code"] == "library_same_trial"
    digest = read(road, before).digest[:12]
    assert {p["code"] for p in road.no("pool", "paid", digest, after)} == {"pool_same_trial"}


def test_an_older_file_beside_a_later_one_in_the_library_is_told(road: Road, tmp_path: Path) -> None:
    old, new = two_states(road)
    other = Road(tmp_path / "other")
    other.define(definition())
    walk(other, accounts(80), "account,paid\n" + "".join(f"{i:05d},{i % 2}\n" for i in range(80)))
    here = Road(tmp_path / "here")
    here.ok("trust", new, "--as", "Testville", "--fingerprint", road.ok("key")["fingerprint"])
    here.ok("trust", bundle_of(other), "--as", "Otherville", "--fingerprint", other.ok("key")["fingerprint"])
    here.ok("library", "add", new)
    made = here.ok("adapt", old, "ours", "--start", "2031-03-03")
    assert "later state" in made["later"]
    assert here.ok("adapt", new, "again", "--start", "2031-03-03")["later"] is None


def test_a_bundle_that_calls_itself_another_city_is_named_with_its_signer(road: Road, tmp_path: Path) -> None:
    """Oldtown is trusted, and signs a bundle that says Testville: whoever reads the city's name reads Oldtown's."""
    theirs = forge(bundle_of(road), tmp_path / "theirs.zip", lambda m: None)
    here = Road(tmp_path / "here")
    stranger = here.no("library", "add", theirs)[0]["found"]
    here.ok("trust", theirs, "--as", "Oldtown", "--fingerprint", stranger)
    named = "Testville (signed by Oldtown)"
    assert named in here.rct("library", "add", theirs).out
    assert named in here.rct("library", "find").out
    assert f"city: {named}" in " ".join(here.rct("library", "show", "bills").out.split())
    said = here.rct("adapt", theirs, "ours", "--start", "2031-03-03")
    assert f"from the trial of {named}" in " ".join(said.out.split())
    text = (here.folder / "trials" / "ours" / "trial.toml").read_text(encoding="utf-8")
    assert f'city = "{named}"' in text
    paper = here.file("paper.toml", PAPER)
    ran = here.rct("pool", "paid", theirs, paper, "--arm", "social", "--page", here.root / "p.html")
    assert ran.code == 0, ran.err
    assert named in " ".join(ran.out.split())
    page = (here.root / "p.html").read_text(encoding="utf-8")
    assert page.count("Testville") == page.count(named) > 0


PAPER = """[paper]
title = "Letters"
citation = "Office of Evaluation (2024)"
where = "Table 1"
city = "Ashford"
[arms.plain]
label = "Letter"
control = true
n = 500
[arms.social]
label = "Norm"
n = 500
[outcomes.paid]
label = "Paid"
kind = "binary"
direction = "increase"
primary = true
[outcomes.paid.arms]
plain = { events = 200 }
social = { events = 220 }
"""


def test_the_later_state_is_told_in_a_pool(road: Road, tmp_path: Path) -> None:
    old, new = two_states(road)
    road.ok("library", "add", new)
    paper = road.file("paper.toml", PAPER)
    data = road.ok("pool", "paid", old, paper, "--arm", "social")
    (note,) = [n for n in data["trials"][0]["notes"] if "later state" in n]
    assert "The library holds a later state of this trial" in note
    data = road.ok("pool", "paid", new, paper, "--arm", "social")
    assert not [n for n in data["trials"][0]["notes"] if "later state" in n]
