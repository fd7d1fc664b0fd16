"""rct decide: recorded beside the rule, never changing anything else, asked about again, said in the memo."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import Road, accounts, definition


@pytest.fixture
def road(tmp_path: Path) -> Road:
    """A trial up to its analysis."""
    made = Road(tmp_path)
    made.define(definition())
    made.ok("lock", "bills", "--yes")
    made.ok("frame", "bills", made.file("list.csv", accounts(400)))
    made.ok("draw", "bills", "--yes")
    rows = "account,paid\n" + "".join(f"{i:05d},{'yes' if i % 3 else 'no'}\n" for i in range(400))
    made.ok("outcomes", "bills", made.file("paid.csv", rows))
    made.ok("analyze", "bills")
    return made


def test_it_is_refused_before_the_memo(road: Road) -> None:
    assert road.no("decide", "bills", "adopt", "--note", "All districts")[0]["code"] == "not_reported"


def test_it_stands_beside_what_the_rule_said_and_in_the_memo(road: Road) -> None:
    road.ok("report", "bills")
    said = road.ok("decide", "bills", "drop", "--note", "Too dear for us", "--by", "Mayor Lee")
    assert said["verdict"] == "drop"
    assert said["rule"] in ("adopt", "adapt", "drop")
    assert "Mayor Lee" not in (road.out / "memo.md").read_text()
    assert road.ok("report", "bills")["fresh"]
    memo = (road.out / "memo.md").read_text()
    assert "by Mayor Lee: drop, " in memo
    assert "Too dear for us." in memo
    assert road.ok("verify", "bills")["ok"]


def test_the_same_again_changes_nothing_and_another_is_another_event(road: Road) -> None:
    road.ok("report", "bills")
    assert road.ok("decide", "bills", "adapt", "--note", "Reword it")["fresh"]
    before = road.ok("log", "bills")["events"]
    assert not road.ok("decide", "bills", "adapt", "--note", "Reword it")["fresh"]
    assert road.ok("log", "bills")["events"] == before
    assert road.ok("decide", "bills", "drop", "--note", "We looked again")["fresh"]
    assert [e["kind"] for e in road.ok("log", "bills")["events"]].count("decide") == 2


def test_a_note_that_says_nothing_is_refused(road: Road) -> None:
    road.ok("report", "bills")
    assert road.no("decide", "bills", "adopt", "--note", " ")[0]["code"] == "bad_reason"


def test_the_memo_can_be_had_in_spanish_and_stays_up_to_date(road: Road) -> None:
    paths = road.ok("report", "bills", "--lang", "es")["paths"]
    assert {Path(p).name for p in paths} >= {
        "memo.html",
        "memo.docx",
        "memo.es.html",
        "memo.es.docx",
        "memo.es.pdf",
    }
    assert not road.ok("report", "bills")["fresh"]
    road.ok("decide", "bills", "adapt", "--note", "Cambiar el texto")
    road.ok("report", "bills")
    assert "adaptar, como decía la regla" in (road.out / "memo.es.md").read_text() or (
        "adaptar, aunque la regla decía" in (road.out / "memo.es.md").read_text()
    )
    assert road.no("report", "bills", "--lang", "xx")[0]["code"] == "memo_language"
    assert road.ok("verify", "bills")["ok"]


def test_the_paper_is_the_workspace_s(road: Road) -> None:
    settings = road.folder / "rct.toml"
    settings.write_text(settings.read_text() + 'paper = "a4"\n')
    road.ok("report", "bills")
    assert "size: A4" in (road.out / "memo.html").read_text()
    settings.write_text(settings.read_text().replace("a4", "a3"))
    assert road.no("report", "bills")[0]["code"] == "rct_toml"
