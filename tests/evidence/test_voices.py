"""A survey's pages, answers read back by code, and coded remarks: counted, never by name, never twice."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pypdf
import pytest
from support import Road, accounts, definition

from rct.analysis.voices import Response
from rct.design.tickets import unit_id
from rct.letters.reference import reference_code
from rct.report.appendix.voices import withheld

PAGE = "{{ name }}\n\n# Two questions\n\nWas the letter clear?\n\n- [ ] yes\n- [ ] no\n"
OUTCOMES = (
    '[outcomes.paid]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "zero"\n\n'
    '[outcomes.clear]\nlabel = "Found it clear"\nkind = "binary"\nmissing = "drop"\nsource = "survey"\n\n'
    '[survey]\ntemplate = "bills/survey.md"\naddress = "https://town.example/s?ref={reference}"\n'
)


@pytest.fixture
def road(tmp_path: Path) -> Road:
    made = Road(tmp_path)
    frame = 'id = "account"\ncategories = ["district"]\ncontact = ["name"]'
    made.define(definition(frame=frame, outcomes=OUTCOMES, analysis='subgroups = ["district"]'))
    page = made.folder / "templates" / "bills" / "survey.md"
    page.parent.mkdir(parents=True)
    page.write_text(PAGE)
    made.ok("lock", "bills", "--yes")
    rows = accounts(60, columns="district", row=lambda i: "north" if i % 3 else "south")
    made.ok("frame", "bills", made.file("list.csv", rows))
    made.ok("draw", "bills", "--yes")
    return made


def codes(road: Road) -> dict[str, str]:
    """unit → code, in the frame's order."""
    key = (road.private / "key").read_bytes()
    from rct.registry import keys
    from rct.registry.workspace import find

    assert key
    units = [u for (u,) in road.sql("select unit from frame_bills order by row")]
    return {unit: reference_code(keys.read_key(find(road.folder)), "bills", unit) for unit in units}


def test_everyone_drawn_gets_the_same_page_with_their_own_code(road: Road) -> None:
    made = road.ok("survey", "bills")
    assert made["pages"] == 60
    text = ""
    for file in made["files"]:
        for page in pypdf.PdfReader(road.folder / made["path"] / file).pages:
            text += page.extract_text()
    known = codes(road)
    for code in known.values():
        assert code in text
    for i in range(60):
        assert f"Person {i}" in text
    assert text.count("Was the letter clear?") == 60
    assert "A letter" not in text  # no arm's name
    before = road.tree()
    assert not road.ok("survey", "bills")["fresh"]
    assert road.tree() == before
    assert road.ok("verify", "bills")["ok"]


def test_an_edited_page_is_not_printed(road: Road) -> None:
    (road.folder / "templates" / "bills" / "survey.md").write_text(PAGE + "\nMore?\n")
    assert road.no("survey", "bills")[0]["code"] == "edited_after_lock"


def test_answers_come_back_by_code_however_it_is_typed(road: Road) -> None:
    known = list(codes(road).items())
    rows = ["reference,clear"]
    rows += [
        f"{code.lower().replace('-', ' ')},{'yes' if i % 2 else 'no'}"
        for i, (_, code) in enumerate(known[:40])
    ]
    said = road.ok("outcomes", "bills", road.file("answers.csv", "\n".join(rows) + "\n"), "--by-reference")
    assert (said["kept"], said["new"]) == (40, 40)
    stored = dict(road.sql("select unit, value from outcome_bills where outcome = 'clear'"))
    assert stored == {unit: float(i % 2) for i, (unit, _) in enumerate(known[:40])}
    assert road.ok("outcomes", "bills", road.root / "answers.csv", "--by-reference")["fresh"] is False


def test_a_person_under_two_spellings_is_one_person(road: Road) -> None:
    code = next(iter(codes(road).values()))
    file = road.file("answers.csv", f"reference,clear\n{code},yes\n{code.lower()},no\n")
    assert {p["code"] for p in road.no("outcomes", "bills", file, "--by-reference")} == {"duplicate_id"}


def test_a_mistyped_and_an_unknown_code_are_refused_by_their_rows(road: Road) -> None:
    code = next(iter(codes(road).values()))
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    other = reference_code(b"x" * 32, "bills", "someone")
    file = road.file("answers.csv", f"reference,clear\n{wrong},yes\n{other},no\n")
    found = road.no("outcomes", "bills", file, "--by-reference")
    assert [(p["code"], p["row"]) for p in found] == [("reference_mistyped", 1), ("reference_unknown", 2)]


def test_silence_is_no_answer(tmp_path: Path) -> None:
    made = Road(tmp_path)
    made.define(
        definition(outcomes=OUTCOMES.split("[survey]")[0].replace('missing = "drop"', 'missing = "zero"'))
    )
    assert "survey_zero" in {p["code"] for p in made.no("check", "bills", code=1)}


def remarks(road: Road, rows: list[tuple[str, str, str]]) -> Path:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("reference", "kind", "theme"), *rows])
    return road.file("calls.csv", out.getvalue())


def finish(road: Road) -> str:
    rows = "account,paid\n" + "".join(f"{i:05d},{'yes' if i % 2 else 'no'}\n" for i in range(60))
    road.ok("outcomes", "bills", road.file("paid.csv", rows))
    road.ok("analyze", "bills")
    road.ok("report", "bills")
    return (road.out / "appendix.html").read_text()


def test_remarks_are_counted_by_theme_and_a_rare_one_is_not_named(road: Road) -> None:
    known = list(codes(road).values())
    rows = [(code, "Asked", "Pay in parts") for code in known[:25]]
    rows += [(code, "objected", "zebra tone") for code in known[:4]]
    rows.append((known[0], "asked", "pay in  PARTS"))  # said again
    said = road.ok("remarks", "bills", remarks(road, rows))
    assert (said["rows"], said["kept"], said["excluded"], said["new"]) == (30, 29, 1, 29)
    before = road.tree()
    assert not road.ok("remarks", "bills", road.root / "calls.csv")["fresh"]
    assert road.tree() == before
    page = finish(road)
    assert "pay in parts" in page
    assert ">25<" in page
    assert "zebra" not in page
    assert "named by fewer than 10 people each" in page


def code_of(road: Road, account: str) -> str:
    return codes(road)[unit_id((road.private / "key").read_bytes(), "bills", account)]


def test_a_theme_that_names_the_person_stores_nothing(road: Road) -> None:
    code = code_of(road, "00000")
    before = road.tree()
    found = road.no(
        "remarks", "bills", remarks(road, [(code, "objected", "PERSON 0 is angry"), (code, "told", "x")])
    )
    assert [p["code"] for p in found] == ["theme_personal", "unknown_kind"]
    assert all("PERSON" not in str(p) for p in found)
    after = {k: v for k, v in road.tree().items() if "refused.csv" not in k and k != "private/bills"}
    assert after == {k: v for k, v in before.items() if k != "private/bills"}


def test_verify_names_a_changed_remark(road: Road) -> None:
    code = next(iter(codes(road).values()))
    road.ok("remarks", "bills", remarks(road, [(code, "asked", "more time")]))
    assert road.ok("verify", "bills")["ok"]
    road.sql("update remark_bills set theme = 'less time'")
    failed = road.rct("verify", "bills", "--json")
    assert failed.code == 1
    assert "remarks_changed" in {f["code"] for f in failed.json["failures"]}


def test_the_response_is_told_by_arm_and_group(road: Road) -> None:
    known = list(codes(road).items())
    rows = "reference,clear\n" + "".join(f"{code},yes\n" for _, code in known[:36])
    road.ok("outcomes", "bills", road.file("answers.csv", rows), "--by-reference")
    page = finish(road)
    assert "Who answered: “Found it clear”" in page
    assert "district: north" in page


def test_small_groups_are_withheld_and_none_alone() -> None:
    rows = [Response("o", "d", level, n, k) for level, n, k in (("a", 50, 30), ("b", 60, 40), ("c", 30, 28))]
    hidden = {r.level for r in withheld(rows, 10)}
    assert "c" in hidden  # two did not answer
    assert len(hidden) == 2
