"""rct note: into log, appendix and, where asked, the memo; it names nobody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import Road, road_at

from rct.outcomes.own_names import naming

SWAPPED = "The vendor put version A into the envelopes of 200 people of version B."


@pytest.fixture
def road(tmp_path: Path) -> Road:
    return road_at("analyzed", tmp_path)


def test_a_note_for_the_memo_stands_in_log_appendix_and_memo(road: Road) -> None:
    assert "Next: rct report bills" in road.rct("note", "bills", "The mail room was flooded.").out
    noted = road.ok("note", "bills", SWAPPED, "--memo", "--by", "Ana Ruiz")
    assert noted["fresh"]
    assert noted["memo"]
    road.ok("report", "bills")
    memo = (road.out / "memo.md").read_text()
    assert "1 note of the office" in memo
    assert SWAPPED in memo
    appendix = json.loads((road.out / "appendix.json").read_text())
    _, kept = appendix["office_notes"]
    assert (kept["text"], kept["person"], kept["memo"]) == (SWAPPED, "Ana Ruiz", True)
    assert SWAPPED in (road.out / "appendix.html").read_text()
    assert f"note: {SWAPPED}" in " ".join(road.rct("log", "bills").out.split())
    assert road.ok("verify", "bills")["ok"]


def test_without_memo_it_is_for_the_appendix_alone(road: Road) -> None:
    road.ok("note", "bills", "The mail room was closed on March 3.")
    road.ok("report", "bills")
    assert "mail room" not in (road.out / "memo.md").read_text()
    assert "The mail room was closed on March 3." in (road.out / "appendix.html").read_text()


def test_in_spanish_the_memo_and_appendix_have_the_office_own_words(road: Road) -> None:
    road.ok("note", "bills", SWAPPED, "--memo")
    road.ok("report", "bills", "--lang", "es")
    memo = (road.out / "memo.es.md").read_text()
    assert "1 nota de la oficina" in memo
    assert SWAPPED in memo
    assert "Notas de la oficina" in (road.out / "appendix.es.html").read_text()


def test_the_same_note_again_changes_nothing_and_with_memo_it_is_another(road: Road) -> None:
    road.ok("note", "bills", SWAPPED)
    assert not road.ok("note", "bills", f"  {SWAPPED}\n")["fresh"]
    assert road.ok("note", "bills", SWAPPED, "--memo")["fresh"]
    kinds = [e["kind"] for e in road.ok("log", "bills")["events"]]
    assert kinds.count("note") == 2


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("", (), "bad_reason"),
        ("x\x00y\x1b[2J", (), "bad_reason"),
        ("long " * 100, ("--memo",), "note_long"),
    ],
)
def test_bad_notes_are_refused_and_write_nothing(
    road: Road, text: str, options: tuple[str, ...], code: str
) -> None:
    before = road.ok("log", "bills")["events"]
    if "\x00" in text:
        text = text.replace("\x00", "")  # no argument of a program can hold it
    assert road.no("note", "bills", text, *options)[0]["code"] == code
    assert road.ok("log", "bills")["events"] == before


def test_what_the_list_holds_of_a_person_may_not_stand_in_a_note(road: Road) -> None:
    header, first, *_ = (road.root / "accounts.csv").read_text().splitlines()
    cells = dict(zip(header.split(","), first.split(","), strict=True))
    for text in (
        f"{cells['name']} called and was angry",
        f"The letter to {cells['street']} came back",
        f"{cells['account']} was sent twice",
    ):
        (problem,) = road.no("note", "bills", text)
        assert problem["code"] == "note_personal"
        assert not any(v in json.dumps(problem) for v in (cells["name"], cells["street"], cells["account"]))
    road.ok("forget", "bills", "--yes")
    assert road.ok("note", "bills", "After the trial the vendor repaid the postage.")["fresh"]


def test_no_note_of_a_trial_that_is_not_there(road: Road) -> None:
    assert road.no("note", "nobody", "The boxes were swapped")[0]["code"] == "no_trial"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Ana Green complained", "a name"),
        ("GREEN, ANA got two letters", "a name"),
        ("Three letters to Boston were late", ""),
        ("The May Green bags were used", ""),
        ("She wrote from ana.green@example.org", "an e-mail address"),
        ("Number (617) 555-0142 got no text", "a number"),
        ("Called 6175550142 twice", "a number"),
        ("Called +1 617.555.0142 twice", "a number"),
        ("The vendor's own line is 617 555 0143", ""),
        ("12 Oak Street was demolished", "an address"),
        ("The Oak Street office was closed", ""),
        ("Account 0004711 was sent twice", "an id"),
        ("The ZIP 02138 was left out", ""),
    ],
)
def test_a_word_alone_names_nobody(text: str, what: str) -> None:
    contact = {
        "name": "Ana Green", "street": "12 Oak Street", "city": "Boston", "zip": "02138",
        "email": "ana.green@example.org", "phone": "(617) 555-0142",
    }  # fmt: skip
    assert naming(text, "0004711", contact) == what
