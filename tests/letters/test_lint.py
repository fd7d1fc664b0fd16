"""The plain-language check: what it measures, what it asks to mend, and what it lets pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import Road, definition

from rct.language.reading import readings
from rct.letters.lint import lint
from rct.plain.ease import ease

PLAIN = [
    "Your water bill is overdue",
    "Dear Maria,",
    "You owe $128.40 for water. Please pay within 14 days. You can pay online or by phone.",
    "Do you have a question? Call us at (555) 010-0142. We are glad to help.",
]
OFFICIAL = [
    "Pursuant to municipal ordinance, the aforementioned account has been determined to be delinquent, and failure to "
    "remit sufficient remuneration prior to the termination of the applicable administrative period shall result in "
    "discontinuation of residential utility services without additional notification.",
    "The determination was made by the department. The account was reviewed by the office.",
]


def codes(lines: list[str], language: str = "en", **how: bool) -> list[str]:
    return [r.code for r in lint(lines, language, **how).remarks if r.mend]


def test_a_plain_letter_has_nothing_to_mend() -> None:
    measured = lint(PLAIN)
    assert measured.ok
    assert measured.remarks == ()
    assert measured.action == "Please pay within 14 days."
    assert measured.grade is not None
    assert measured.grade < 6


def test_an_official_letter_is_met_with_each_thing_to_change() -> None:
    found = codes(OFFICIAL)
    assert {
        "grade",
        "long_sentence",
        "passive",
        "no_action",
        "no_date",
        "no_contact",
    } <= set(found)
    said = [r.text for r in lint(OFFICIAL).remarks if r.code == "officialese"]
    assert any("“remit”: people say “pay”" in text for text in said)
    assert any("“Pursuant to”: people say “under”" in text for text in said)


def test_the_grade_is_that_of_whole_sentences_alone() -> None:
    body = "Please send the application form to the department before the end of the month."
    assert lint(["Notice", "Dear Ana,", body, "Water Department"]).grade == pytest.approx(ease(body).grade)


def test_one_thing_missing_is_one_thing_named() -> None:
    assert codes(["Please pay your bill. Call us at (555) 010-0142."]) == ["no_date"]
    assert codes(["Please pay your bill. Call us at (555) 010-0142."], has_date=True) == []
    assert codes(["Please pay your bill within 14 days."]) == ["no_contact"]
    assert codes(["Please pay your bill within 14 days."], contact_around=True) == []
    assert codes(["Your bill is late. It was sent on March 2. The number is (555) 010-0142."]) == [
        "passive",
        "no_action",
    ]


def test_a_number_of_days_is_no_date_and_a_word_is_no_number() -> None:
    days = lint(["Please pay within 14 days. Call us."])
    assert (days.dated, days.days_only, days.contact, days.reached) == (True, True, True, False)
    day = lint(["Please pay by March 2, within 14 days. Call (555) 010-0142."])
    assert (day.dated, day.days_only, day.contact, day.reached) == (True, False, True, True)
    assert not lint(["Por favor, pague antes del lunes."], "es").days_only
    assert lint(["Por favor, pague en 14 días."], "es").days_only


def test_words_are_matched_whole() -> None:
    assert "officialese" not in codes([*PLAIN, "The saidi tribe and the shallow lake. A retainer wall."])
    assert "officialese" in codes([*PLAIN, "You shall pay."])
    assert "officialese" in codes([*PLAIN, "We utilized it."])


def test_spanish_is_measured_by_its_own_rule() -> None:
    plain = [
        "Su factura está atrasada. Por favor, pague en 14 días. ¿Necesita ayuda? Llame al (555) 010-0142."
    ]
    measured = lint(plain, "es")
    assert measured.ok
    assert measured.grade is None
    assert measured.ease is not None
    assert measured.ease > 70
    hard = [
        "Por medio de la presente se le informa que la documentación complementaria fue remitida a la administración "
        "correspondiente de conformidad con las disposiciones reglamentarias establecidas anteriormente."
    ]
    assert {"grade", "officialese", "no_action", "no_date"} <= set(codes(hard, "es"))


def test_another_language_is_measured_by_its_sentences() -> None:
    measured = lint(["Bitte zahlen Sie in 14 Tagen."], "de")
    assert measured.ok
    assert (measured.grade, measured.ease) == (None, None)


def test_no_plain_word_is_officialese_itself() -> None:
    for reading in readings():
        for _, plain in reading.officialese:
            found = [word.pattern for word, _ in reading.officialese if word.fullmatch(plain)]
            assert not found, (reading.code, plain, found)


@pytest.fixture
def road(tmp_path: Path) -> Road:
    road = Road(tmp_path)
    road.define(
        definition(
            arms='[arms.a]\nlabel = "A"\ncontrol = true\ntemplate = "a.md"\n\n[arms.b]\nlabel = "B"\ntemplate = "b.md"\n',
            frame='id = "account"\ncontact = ["name", "street"]\ncategories = ["plan"]',
        )
    )
    address = "{{ name }}\n{{ street }}\n\n"
    (road.folder / "templates" / "a.md").write_text(
        address
        + "{% if plan %}Your plan is {{ plan }}.{% endif %}\n\nPlease pay within 14 days. Call (555) 010-0142.\n"
    )
    (road.folder / "templates" / "b.md").write_text(
        address + "Dear {{ name }},\n\nYou shall remit payment forthwith.\n"
    )
    return road


def test_lint_exits_1_where_something_is_to_mend_and_says_what(road: Road) -> None:
    ran = road.rct("lint", road.name, "--json")
    assert ran.code == 1
    first, second = ran.json["letters"]
    assert (first["ok"], second["ok"]) == (True, False)
    assert {r["code"] for r in second["remarks"]} >= {"officialese", "no_date", "no_action"}
    assert not any(r["code"] == "may_be_empty" for r in first["remarks"])
    assert any(r["code"] == "may_be_empty" and "name" in r["text"] for r in second["remarks"])
    said = road.rct("lint", road.name)
    assert "templates/b.md: to mend" in said.out
    assert "Traceback" not in said.err


def test_lint_exits_0_where_all_is_plain_and_writes_nothing(road: Road) -> None:
    (road.folder / "templates" / "b.md").write_text("Please pay within 14 days. Call (555) 010-0142.\n")
    before = sorted(p for p in road.folder.rglob("*"))
    assert road.ok("lint", road.name)["ok"] is True
    assert sorted(p for p in road.folder.rglob("*")) == before


@pytest.mark.parametrize("example", ["water-bills", "benefit-renewal"])
def test_the_shipped_letters_are_plain(tmp_path: Path, example: str) -> None:
    road = Road(tmp_path)
    road.ok("new", example, "--from", example, "--practice")
    assert road.ok("lint", example)["ok"] is True
