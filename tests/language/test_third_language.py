"""A language is one file: with a catalogue made here alone, letters' frame, memo, plan and appendix speak it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from report import cases
from support import Road, accounts, definition

from rct.definition.syntax import Fields
from rct.language import catalogue, sentences
from rct.letters.compose import language_of
from rct.letters.letterhead import Letterhead
from rct.letters.template import sound

GERMAN = {
    "Page": "Seite",
    "Reference": "Aktenzeichen",
    "For office use": "Nur für das Amt",
    "Pre-analysis plan: {title}": "Analyseplan: {title}",
    "Appendix: {title}": "Anhang: {title}",
    "What to do next": "Was nun zu tun ist",
    "The first primary outcome decides: {outcome}, where higher is better. Signs are turned so that benefit is positive. "
    "The least effect worth adopting is {least}.": "Es entscheidet {outcome}; die kleinste lohnende Wirkung ist {least}.",
}


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """locale/de.po, begun as `make language` begins it, with a few sentences translated: the only file that is added."""
    folder = tmp_path / "locale"
    shutil.copytree(catalogue.HERE, folder)
    monkeypatch.setattr(catalogue, "HERE", folder)
    sentences.main("de", "de_DE")
    with (folder / "de.po").open("rb") as file:
        made: Catalog = read_po(file)
    for message, said in GERMAN.items():
        assert made.get(message) is not None, message
        made[message].string = said
    (folder / "de.po").write_bytes(sentences.written(made))
    return folder


def test_letters_have_its_frame_its_days_and_its_money(german: Path) -> None:
    frame = Letterhead({}).data(cases.win().definition, "Musterstadt", language_of("DE"))
    assert frame["page_word"] == "Seite"
    assert frame["reference_word"] == "Aktenzeichen"
    assert frame["office_word"] == "Nur für das Amt"
    assert frame["date"] == "12. Januar 2026"
    letter = sound("a.md", "{{ due | date }}: {{ owed | money }}", Fields(["due"], ["owed"]), "de", "EUR")
    filled = letter.fill({"due": "2026-03-02", "owed": 1234.5})
    assert filled.values == ["2. März 2026", "1.234,50\u00a0€"] or "2. März 2026" in str(filled)


def test_plan_memo_and_appendix_are_printed_in_it_and_the_rest_in_english(
    german: Path, tmp_path: Path
) -> None:
    road = Road(tmp_path)
    road.define(definition())
    assert road.no("lock", "bills", "--yes", "--lang", "fr")[0]["code"] == "memo_language"
    locked = road.ok("lock", "bills", "--yes", "--lang", "de")
    assert {Path(p).name for p in locked["paths"]} >= {
        "plan.html",
        "plan.de.md",
        "plan.de.html",
        "plan.de.pdf",
    }
    plan = (road.out / "plan.de.md").read_text()
    assert plan.startswith("# Analyseplan: ")
    assert "Es entscheidet “" in plan
    assert "How the lots are drawn" in plan
    road.ok("frame", "bills", road.file("list.csv", accounts(400)))
    road.ok("draw", "bills", "--yes")
    rows = "account,paid\n" + "".join(f"{i:05d},{'yes' if i % 3 else 'no'}\n" for i in range(400))
    road.ok("outcomes", "bills", road.file("paid.csv", rows))
    road.ok("analyze", "bills")
    paths = road.ok("report", "bills")["paths"]  # a trial keeps the languages of its plan
    assert {Path(p).name for p in paths} >= {
        "memo.de.html",
        "memo.de.pdf",
        "appendix.de.html",
        "appendix.html",
    }
    memo, appendix = ((road.out / f"{stem}.de.html").read_text() for stem in ("memo", "appendix"))
    assert '<html lang="de">' in memo
    assert "Was nun zu tun ist" in memo
    assert "Anhang: " in appendix
    assert "Sample ratio" in appendix
    assert road.ok("verify", "bills")["ok"]


def test_a_locked_plan_can_be_printed_in_one_language_more_and_is_kept_up_to_date(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(definition())
    road.ok("lock", "bills", "--yes")
    english = (road.out / "plan.md").read_bytes()
    again = road.ok("lock", "bills", "--yes", "--lang", "es")
    assert not again["fresh"]
    assert {Path(p).name for p in again["paths"]} == {"plan.es.md", "plan.es.html", "plan.es.pdf"}
    assert (road.out / "plan.md").read_bytes() == english
    head = english.decode().split("Head of the log: ")[1][:40]
    spanish = (road.out / "plan.es.md").read_text()
    assert f"Cabeza del registro: {head}" in spanish
    assert road.ok("lock", "bills", "--yes", "--lang", "es")["paths"] == []
    road.edit("worthwhile = 0.01", "worthwhile = 0.02")
    road.ok("amend", "bills", "--yes", "--reason", "Más")
    assert "Enmienda 1" in (road.out / "plan.es.md").read_text()
    assert road.ok("verify", "bills")["ok"]
