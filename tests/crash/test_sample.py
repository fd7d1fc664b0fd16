"""A sample of what `make crash` does: every command that writes killed at some of its calls, and refused at others."""

from __future__ import annotations

import random

import pytest

from crash import elsewhere, faults, races
from crash.calls import ERRORS
from crash.cases import Case, Ground
from crash.commands import ROWS, Row, row

pytestmark = pytest.mark.needs("strace")


@pytest.mark.parametrize("each", ROWS, ids=lambda r: r.name)
def test_killed_at_any_call_it_is_before_or_after(ground: Ground, each: Row) -> None:
    case = Case(ground, each)
    assert case.faults == []
    points = min(each.in_tests, len(case.calls))
    rng = random.Random(each.name)
    struck = 0
    for i in sorted(rng.sample(range(len(case.calls)), points)):
        verdict = faults.kill_at(case, i)
        assert verdict.wrong == [], verdict.where
        struck += verdict.struck
    assert struck > points // 2, "the calls were counted, and so the kills must come"


@pytest.mark.parametrize("name", ["init", "lock", "frame", "draw"])
def test_refused_a_call_it_says_so_and_is_before_or_after(ground: Ground, name: str) -> None:
    case = Case(ground, row(name))
    rng = random.Random(name)
    for i in rng.sample(range(len(case.calls)), 3):
        error = rng.choice(ERRORS)
        for broken in (faults.error_at(case, i, error), faults.error_from(case, i, error)):
            assert broken.wrong == [], broken
    for broken in (faults.small_files(case, 3_000), faults.kill_after(case, 1, 2)):
        assert broken.wrong == [], broken


@pytest.mark.parametrize("name", ["init", "new", "frame"])
def test_several_at_once_do_it_once(ground: Ground, name: str) -> None:
    case = Case(ground, row(name))
    for n in (2, 10):
        assert races.race(case, n, 0).wrong == []


@pytest.mark.parametrize("name", ["frame", "mailed"])
def test_an_old_registry_or_a_closed_folder_changes_nothing(ground: Ground, name: str) -> None:
    case = Case(ground, row(name))
    assert elsewhere.old_registry(case).wrong == []
    assert elsewhere.read_only(case).wrong == []


def test_an_index_that_one_has_no_right_to_read_is_not_called_the_registry(ground: Ground) -> None:
    with ground.copy("stocked") as place:
        (place.city / "library" / "library.db").chmod(0)
        for words in (("find", "calls"), ("add", place.root / "screening-calls.toml"), ("rebuild",)):
            ended = place.ask("library", *map(str, words), powerless=True)
            assert faults.spoken(ended) == []
            assert "library/library.db" in ended.out
            assert "rct.db" not in ended.out


def test_a_file_that_can_not_be_written_is_called_by_its_final_name(ground: Ground) -> None:
    with ground.copy("analyzed") as place:
        (place.city / "trials" / "bills" / "out").chmod(0o555)
        ended = place.ask("report", "bills", powerless=True)
        (place.city / "trials" / "bills" / "out").chmod(0o755)
    assert faults.spoken(ended) == []
    assert "memo.md\n" in ended.out


@pytest.mark.parametrize("closed", ["rct.db", "private/vault.db", "private/key", "private", "trials/bills"])
def test_what_one_has_no_right_to_read_is_said_in_a_sentence(ground: Ground, closed: str) -> None:
    with ground.copy("drawn") as place:
        (place.city / closed).chmod(0)
        verified = place.ask("verify", powerless=True)
        asked = [
            place.ask(*words, powerless=True)
            for words in (("letters", "bills"), ("forget", "bills", "--yes"))
        ]
        (place.city / closed).chmod(0o700)
    assert verified.code in (1, 2), verified.out
    assert "rule" in verified.out
    assert [found for ended in asked for found in faults.spoken(ended)] == []


def test_the_harness_sees_what_it_is_there_to_see(ground: Ground) -> None:
    """A name outside private/, a loose mode, a file left over, a changed row: each is called wrong."""
    import sqlite3
    from contextlib import closing

    from support import CANARY

    case = Case(ground, row("frame"))
    with ground.copy("framed") as place:
        done = place.ask("status")
        assert case.judged(place, done) == []
        (place.city / "trials" / "notes.txt").write_text(f"about {CANARY}")
        (place.city / "trials" / "notes.txt").chmod(0o666)
        (place.city / "private" / "left.csv.tmp-00000000000000000000000000000000").write_bytes(b"")
        with closing(sqlite3.connect(place.city / "rct.db")) as db:
            db.execute("update frame_bills set block = 'D9' where row = 1")
            db.commit()
        said = " ".join(case.judged(place, done))
        for word in ("leak", "0666", "neither before nor after", "verify"):
            assert word in said, (word, said)
