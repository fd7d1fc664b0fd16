"""The library: all or nothing, found by words and never by results, the same after a kill, rebuilt from its files."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import re
import shutil
import sqlite3
import stat
import zipfile
from pathlib import Path

import pytest
from pool_support import evidence, paper_text
from support import Road

from rct import fs
from rct.errors import RctError
from rct.evidence.library import entries as library
from rct.evidence.library.find import find
from rct.evidence.library.index import standing
from rct.registry.workspace import Workspace, read_settings

PAPERS = Path(__file__).parents[2] / "docs" / "papers"


@pytest.fixture
def road(tmp_path: Path) -> Road:
    return Road(tmp_path)


def workspace(road: Road) -> Workspace:
    return Workspace(road.folder, read_settings(road.folder / "rct.toml"))


def papers(road: Road, *cities: str) -> Path:
    folder = road.root / "papers"
    folder.mkdir(exist_ok=True)
    for i, city in enumerate(cities):
        text = paper_text(city, 400, 400 + 25 * i)
        (folder / f"{city.lower()}.toml").write_text(text, encoding="utf-8")
    return folder


def kept(road: Road) -> list[str]:
    return sorted(p.name for p in (road.folder / "library").iterdir())


def test_added_once_found_shown_and_unchanged_again(road: Road) -> None:
    added = road.ok("library", "add", PAPERS)
    assert {e["name"] for e in added["added"]} == {"resume-audit", "screening-calls"}
    assert len(added["flags"]["screening-calls"]) == 2
    before = road.tree()
    again = road.ok("library", "add", PAPERS)
    assert (len(again["added"]), len(again["unchanged"])) == (0, 2)
    assert {k: v for k, v in road.tree().items() if "library" not in k or k.endswith(".toml")} == {
        k: v for k, v in before.items() if "library" not in k or k.endswith(".toml")
    }
    entry = road.ok("library", "show", "resume-audit")["entry"]
    assert entry["citation"].startswith("Bertrand")
    assert road.ok("library", "show", entry["digest"][:8])["entry"] == entry
    for path in (road.folder / "library").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert road.leftovers() == []


def test_words_find_whatever_their_ending_and_filters_narrow(road: Road) -> None:
    road.ok("library", "add", PAPERS, papers(road, "Ashford", "Easton", "Dover"))
    assert road.ok("library", "find", "water bill letter social norms")["total"] == 3
    assert road.ok("library", "find", "reminders", "--department", "health")["total"] == 1
    assert road.ok("library", "find", "--nudge", "social norm", "--channel", "letter")["total"] == 3
    assert road.ok("library", "find", "--outcome", "mammogram")["entries"][0]["name"] == "screening-calls"
    assert road.ok("library", "find", "--department", "water")["total"] == 0  # the papers name none
    assert road.ok("library", "find")["total"] == 5
    some = road.ok("library", "find", "reminder", "unicorn")
    assert (some["any_word"], some["total"]) == (True, 1)
    assert road.ok("library", "find", "unicorn")["total"] == 0


def test_the_order_never_hangs_on_what_was_found(road: Road) -> None:
    """The same words with other results: the same order; a null among wins is listed where its words put it."""
    cities = ("Ashford", "Dover", "Easton", "Norwell", "Weston")
    orders = []
    for results in ((400, 520, 400, 280, 450), (520, 400, 280, 400, 401)):
        inner = Road(road.root / str(results[0]))
        folder = inner.root / "papers"
        folder.mkdir()
        for city, events in zip(cities, results, strict=True):
            (folder / f"{city}.toml").write_text(paper_text(city, 400, events), encoding="utf-8")
        inner.ok("library", "add", folder)
        found = inner.ok("library", "find", "water bills")
        orders.append([e["city"] for e in found["entries"]])
        assert found["better"] + found["unclear"] + found["worse"] == 5
    assert orders[0] == orders[1] == list(cities)
    assert (found["better"], found["unclear"]) == (1, 3)
    assert found["worse"] == 1


def test_of_several_arms_those_count_as_clear_that_holm_leaves() -> None:
    """Seven letters, each p .02 alone: none is clear among seven. One of p < .001 is; a plan's own adjustment counts."""
    weak = {f"letter{i}": (0.0233, 0.01) for i in range(6)}
    entry = evidence("seven", {**weak, "strong": (0.05, 0.01)})
    assert standing(entry) == (1, 6, 0)
    assert standing(evidence("one", {"letter": (0.0233, 0.01)})) == (1, 0, 0)
    planned = tuple(dataclasses.replace(x, p_adjusted=0.04) for x in entry.lines)
    assert standing(dataclasses.replace(entry, lines=planned)) == (7, 0, 0)
    fewer = evidence("fewer", {**weak, "strong": (-0.05, 0.01)}, direction="decrease")
    assert standing(fewer) == (1, 6, 0)
    assert standing(evidence("hidden", {"a": (None, None), "b": (-0.05, 0.01)})) == (0, 1, 1)


def test_one_bad_file_and_nothing_is_added(road: Road) -> None:
    folder = papers(road, "Ashford", "Dover")
    (folder / "bad.toml").write_text("a = [", encoding="utf-8")
    (folder / "odd.toml").write_text(paper_text("Odd", 400, 5000), encoding="utf-8")
    codes = {p["code"] for p in road.no("library", "add", folder)}
    assert codes == {"paper_unreadable", "paper_figures"}
    assert not (road.folder / "library").exists()
    assert {p["code"] for p in road.no("library", "find", "water")} == {"library_empty"}


def test_another_file_of_the_same_trial_is_refused_or_replaces(road: Road) -> None:
    folder = papers(road, "Ashford")
    road.ok("library", "add", folder)
    (folder / "ashford.toml").write_text(paper_text("Ashford", 400, 480), encoding="utf-8")
    assert {p["code"] for p in road.no("library", "add", folder)} == {"library_same_trial"}
    assert road.ok("library", "add", folder, "--replace")["replaced"] == 1
    assert len([name for name in kept(road) if name.endswith(".toml")]) == 1
    (line,) = road.ok("library", "show", "ashford")["entry"]["lines"]
    assert line["estimate"] == pytest.approx(0.08)


def test_two_cities_may_use_one_name(road: Road) -> None:
    folder = papers(road, "Ashford", "Dover")
    for path in folder.iterdir():
        path.write_text(path.read_text().replace("[paper]", '[paper]\nname = "bills"'), encoding="utf-8")
    added = road.ok("library", "add", folder)["added"]
    assert {p["code"] for p in road.no("library", "show", "bills")} == {"library_several"}
    assert {p["code"] for p in road.no("pool", "paid", "bills", "bills")} == {"library_several"}
    assert road.ok("pool", "paid", *(e["digest"][:10] for e in added))["k"] == 2


@pytest.mark.parametrize(
    "name", ["../rct.toml", "Robert'); drop table entry;--", "*", "a" * 100, "“", "nowhere"]
)
def test_an_unknown_name_is_one_plain_error(road: Road, name: str) -> None:
    road.ok("library", "add", PAPERS)
    assert {p["code"] for p in road.no("library", "show", name)} == {"library_unknown"}


@pytest.mark.parametrize(
    "words",
    ['"', "NEAR(a b)", "title:x", "a* OR b", "AND", "-", "^a", "🙂", "' ; drop table entry", "x" * 10_000],
)
def test_search_words_are_only_words(road: Road, words: str) -> None:
    road.ok("library", "add", PAPERS)
    assert road.rct("library", "find", "--json", "--", words).json["total"] >= 0
    assert road.ok("library", "find", "--outcome", words)["total"] >= 0


def test_an_altered_file_is_noticed(road: Road) -> None:
    road.ok("library", "add", papers(road, "Ashford", "Dover"))
    (path,) = (road.folder / "library").glob("ashford-*.toml")
    path.write_text(path.read_text().replace("400", "300"), encoding="utf-8")
    assert {p["code"] for p in road.no("library", "show", "ashford")} == {"library_altered"}
    assert {p["code"] for p in road.no("pool", "paid", "ashford", "dover")} == {"library_altered"}
    assert {p["code"] for p in road.no("library", "rebuild")} == {"library_altered"}
    path.unlink()
    assert road.ok("library", "rebuild")["files"] == 1
    assert road.ok("library", "find")["total"] == 1


@pytest.mark.parametrize("damage", ["missing", "garbage", "version"])
def test_the_index_is_made_anew_from_the_files(road: Road, damage: str) -> None:
    road.ok("library", "add", PAPERS)
    before = road.ok("library", "find", "reminder")
    index = road.folder / "library" / "library.db"
    if damage == "missing":
        index.unlink()
    elif damage == "garbage":
        index.write_bytes(b"not a database at all" * 300)
    else:
        with contextlib.closing(sqlite3.connect(index)) as db:
            db.execute("pragma user_version = 99")
    if damage != "missing":
        assert {p["code"] for p in road.no("library", "find", "reminder")} == {"library_index"}
        assert {p["code"] for p in road.no("library", "add", papers(road, "Dover"))} == {"library_index"}
        assert road.ok("library", "rebuild")["files"] == 2
    assert road.ok("library", "find", "reminder") == before
    assert road.leftovers() == []


class Killed(BaseException):
    """Stands for a kill: no handler of ours may tidy up after it."""


def test_killed_at_any_call_the_library_is_before_or_after(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dies at the n-th call that changes a file, for every n; the next command finds all of it or none."""
    later = road.root / "later"
    later.mkdir()
    for city in ("Easton", "Norwell", "Weston"):
        (later / f"{city}.toml").write_text(paper_text(city, 300, 330), encoding="utf-8")
    first = papers(road, "Ashford", "Dover")
    outcomes = []
    for allowed in itertools.count():
        shutil.rmtree(road.folder / "library", ignore_errors=True)
        ws = workspace(road)
        library.add(ws, [first])
        survived = add_and_die(ws, later, monkeypatch, allowed)
        found = find(ws)
        assert found.total in (2, 5)
        assert not survived or found.total == 5
        for hit in found.hits:
            assert library.get(ws, hit.name) == hit  # committed, perhaps without its final name yet
        outcomes.append(found.total)
        library.add(ws, [later])
        assert find(ws).total == 5
        assert road.leftovers() == []
        names = [name for name in kept(road) if name != "library.db"]
        assert len(names) == 5
        assert all(library.KEPT.fullmatch(name) for name in names)
        if survived:
            break
    assert len(outcomes) > 8
    assert outcomes == sorted(outcomes)  # once it has happened, it has happened


def add_and_die(ws: Workspace, later: Path, monkeypatch: pytest.MonkeyPatch, allowed: int) -> bool:
    """Add `later`, dying after so many calls that change a file; True where it got through."""
    left = allowed

    def dying(real):  # type: ignore[no-untyped-def]
        def wrapped(*args, **kwargs):  # type: ignore[no-untyped-def]
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            return real(*args, **kwargs)

        return wrapped

    changing = ((os, "fsync"), (Path, "replace"), (Path, "unlink"), (fs, "write_new"), (fs, "sync_folder"))
    with monkeypatch.context() as patch:
        for owner, name in changing:
            patch.setattr(owner, name, dying(getattr(owner, name)))
        try:
            library.add(ws, [later])
        except Killed:
            return False
    return True


def test_an_index_that_a_dead_command_began_gets_the_mode_of_a_file_for_others(road: Road) -> None:
    index = road.folder / "library" / library.INDEX
    index.parent.mkdir()
    index.touch(mode=0o600)
    road.ok("library", "add", PAPERS)
    assert stat.S_IMODE(index.stat().st_mode) == 0o644


def test_a_read_only_library_is_read(road: Road) -> None:
    road.ok("library", "add", PAPERS)
    for path in ((road.folder / "library"), *(road.folder / "library").iterdir()):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert road.ok("library", "find", "reminder")["total"] == 1
        assert road.ok("library", "show", "resume-audit")["ok"]
    finally:
        (road.folder / "library").chmod(0o755)


def test_text_from_elsewhere_is_only_text(road: Road) -> None:
    hostile = paper_text("Ashford", 400, 450).replace(
        "Today's letter", "<b>x</b> {{ 7*7 }} [l](javascript:1)"
    )
    path = road.file("evil.toml", hostile)
    road.ok("library", "add", path)
    ran = road.rct("library", "show", "evil")
    assert ran.code == 0
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", ran.out)
    control = road.file("worse.toml", paper_text("Dover", 400, 450).replace("Today's letter", "x\\u001b[31m"))
    assert {p["code"] for p in road.no("library", "add", control)} == {"wrong_type"}


def test_neither_bundle_nor_paper(road: Road) -> None:
    (road.root / "empty").mkdir()
    for given in ("nowhere.zip", road.file("x.csv", "a,b"), road.root / "empty"):
        assert {p["code"] for p in road.no("library", "add", given)} == {"no_evidence_file"}


def test_a_name_in_workspace_and_library_is_refused(road: Road) -> None:
    folder = papers(road, "Ashford", "Dover")
    road.ok("library", "add", folder)
    road.name = "ashford"
    road.define("")
    assert {p["code"] for p in road.no("pool", "paid", "ashford", "dover")} == {"pool_ambiguous"}
    assert {p["code"] for p in road.no("pool", "paid", "dover", "nobody")} == {"pool_unknown"}
    with pytest.raises(RctError):
        library.get(workspace(road), "nobody")


def zipped(road: Road, name: str, members: dict[str, bytes]) -> Path:
    path = road.root / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for member, data in members.items():
            file.writestr(member, data)
    return path


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"../escape.json": b"{}"},
        {"/etc/passwd": b"x"},
        {"a\nb.json": b"{}"},
        {"datapackage.json": b"{}"},
        {"datapackage.json": b"[" * 100_000},
        {"bomb.json": b"0" * (80 << 20)},
    ],
)
def test_a_hostile_zip_is_refused_and_nothing_is_written(road: Road, members: dict[str, bytes]) -> None:
    bad = zipped(road, "bad.zip", members)
    before = road.tree()
    problems = road.no("library", "add", bad, papers(road, "Ashford"))
    assert problems
    assert road.tree() == before
