"""Proofs: each letter for an invented recipient, and the sheet on which every differing line is marked."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pypdf
import pytest
from support import Road, definition

from rct.letters.align import align
from rct.letters.conditions import Stand, stands
from rct.letters.sample import REFERENCE
from rct.letters.sheet import MARKS, LetterColumn, compare
from rct.letters.template import LetterTemplate
from rct.letters.tree import lines_of, read_tree

ARMS = """[arms.control]
label = "Today's letter"
control = true
template = "a.md"

[arms.social]
label = "Neighbors <b>pay</b>"
template = "b.md"
"""
ADDRESS = "{{ name }}\n{{ street }}\n\n# Your bill\n\n"


@pytest.fixture
def road(tmp_path: Path) -> Road:
    road = Road(tmp_path)
    write(road, "a.md", ADDRESS + "Dear {{ name }},\n\nPlease pay. Call us.\n")
    write(road, "b.md", ADDRESS + "Dear {{ name }},\n\nNine in ten pay. Please pay. Call us.\n")
    road.define(definition(arms=ARMS, frame='id = "account"\ncontact = ["name", "street"]'))
    return road


def write(road: Road, name: str, text: str) -> None:
    (road.folder / "templates" / name).write_text(text, encoding="utf-8")


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_each_arm_has_a_tagged_pdf_and_a_picture_and_there_is_a_sheet(road: Road) -> None:
    said = road.ok("proof", road.name)
    folder = road.out / "proofs"
    assert sorted(p.name for p in folder.iterdir()) == said["files"]
    for arm in ("control", "social"):
        pdf = (folder / f"letter-{arm}.pdf").read_bytes()
        assert "Maria Sample" in text_of(pdf)
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            assert opened.Root.MarkInfo.Marked
            assert "/StructTreeRoot" in opened.Root
            with opened.open_metadata() as metadata:
                assert metadata["pdfuaid:part"] == "1"
        assert (folder / f"letter-{arm}.png").read_bytes().startswith(b"\x89PNG")
    sheet = text_of((folder / "side-by-side.pdf").read_bytes())
    assert f"{MARKS['alone']} Nine in ten pay." in sheet
    assert f"{MARKS['alone']} Please pay." not in sheet
    page = (folder / "side-by-side.html").read_text(encoding="utf-8")
    assert "Neighbors &lt;b&gt;pay" in page
    assert page.count('<td class="alone">') == 1
    assert "PROOF: not to be mailed or sent." in sheet
    assert page.count("PROOF: not to be mailed or sent.") == 1


def test_proofs_again_change_nothing_and_the_log_says_what_was_printed(road: Road) -> None:
    assert road.ok("proof", road.name)["fresh"] is True
    before = road.ok("log", road.name)["events"]
    assert road.ok("proof", road.name)["fresh"] is False
    assert road.ok("log", road.name)["events"] == before
    assert [e["kind"] for e in before] == ["printed"]
    assert road.ok("verify", road.name)["ok"] is True


def test_proofs_in_a_folder_of_ones_own_leave_no_trace(road: Road, tmp_path: Path) -> None:
    road.ok("proof", road.name, "--to", tmp_path / "look")
    assert (tmp_path / "look" / "side-by-side.pdf").is_file()
    assert not road.out.exists()
    assert road.ok("log", road.name)["events"] == []


def test_the_workspaces_own_sample_is_used(road: Road) -> None:
    write(road, "sample.toml", 'name = "Núñez <Ö>"\n')
    road.ok("proof", road.name)
    said = text_of((road.out / "proofs" / "letter-control.pdf").read_bytes())
    assert "Núñez <Ö>" in said
    assert "[street]" in said


def test_a_code_that_leads_nowhere_is_for_the_office_and_a_link_has_the_reference_to_type(road: Road) -> None:
    def letter(head: str) -> str:
        write(road, "letterhead.toml", head)
        road.ok("proof", road.name)
        return text_of((road.out / "proofs" / "letter-control.pdf").read_bytes())

    said = letter("")
    assert "For office use" in said
    assert said.count(REFERENCE) == 1
    said = letter('qr = "https://springfield.example/pay?ref={reference}"\n')
    assert "For office use" not in said
    assert f"Reference {REFERENCE}" in said


def test_check_names_a_mistake_in_a_letter_with_its_line(road: Road) -> None:
    write(road, "b.md", ADDRESS + "Dear {{ nmae }}")
    (found,) = road.no("check", road.name, code=1)
    assert (found["code"], found["file"], found["line"]) == ("template_field", "templates/b.md", 6)
    assert "name" in found["fix"]


def test_a_trial_that_sends_nothing_has_no_proofs(road: Road) -> None:
    road.define(definition())
    assert road.no("proof", road.name)[0]["code"] == "no_letters"


def test_a_broken_letterhead_is_refused_by_key(road: Road) -> None:
    write(road, "letterhead.toml", 'paper = "a3"\nlogo = "../x.png"\ncolour = "red"\n')
    assert {p["field"] for p in road.no("proof", road.name)} == {"paper", "colour"}
    write(road, "letterhead.toml", 'logo = "../x.png"\n')
    assert road.no("proof", road.name)[0]["code"] == "outside_templates"


def marked(column: LetterColumn) -> list[tuple[str, int, str]]:
    return [(line.text, line.row, line.mark) for line in column.lines]


def said(*lines: str) -> list[Stand]:
    return [Stand(line) for line in lines]


def test_the_same_line_stands_in_the_same_row_and_each_mark_says_how_far_it_is_shared() -> None:
    columns = compare(
        {
            "c": ("C", []),
            "a": ("A", said("Dear Ana,", "Pay now.", "Thank you.")),
            "b": ("B", said("Dear Ana,", "Most people pay.", "They pay on time.", "Pay now.", "Thank you.")),
            "d": ("D", said("Dear Ana,", "You can pay in parts.", "Thank you.")),
        },
        "c",
    )
    assert [c.arm for c in columns] == ["a", "b", "d", "c"]
    assert marked(columns[0]) == [("Dear Ana,", 0, ""), ("Pay now.", 3, "some"), ("Thank you.", 4, "")]
    assert marked(columns[1])[1:4] == [
        ("Most people pay.", 1, "alone"),
        ("They pay on time.", 2, "alone"),
        ("Pay now.", 3, "some"),
    ]
    assert [mark for _, _, mark in marked(columns[2])] == ["", "alone", ""]
    assert marked(columns[2])[2][1] == 4
    assert columns[3].lines == ()


def test_no_line_is_lost_or_out_of_order_in_the_rows() -> None:
    letters = [list("abcdefg"), list("xbcgfa"), [], list("gfedcba"), list("abcdefg")]
    rows = align(letters)
    for number, lines in enumerate(letters):
        at = [row[number] for row in rows if row[number] is not None]
        assert at == list(range(len(lines)))
    assert all(any(at is not None for at in row) for row in rows)
    assert all(row[0] == row[4] for row in rows)  # two letters of the same words never part


def test_a_line_at_another_place_is_marked_but_not_as_one_that_no_other_letter_has() -> None:
    columns = compare({"a": ("A", said("One.", "Two.")), "b": ("B", said("Two.", "One."))}, "a")
    marks = {mark for column in columns for _, _, mark in marked(column)}
    assert marks == {"", "some"}


@pytest.mark.parametrize(
    ("late", "printed", "hidden"),
    [
        (0, ("You paid on time.", "late is 0"), ("You paid late twice.", "late is 2")),
        (2, ("You paid late twice.", "late is 2"), ("You paid on time.", "late is 0")),
    ],
)
def test_a_line_under_a_condition_says_when_it_stands_also_for_other_recipients(
    late: int, printed: tuple[str, str], hidden: tuple[str, str]
) -> None:
    letter = LetterTemplate(
        "a.md",
        "# Your bill\n\n{% if late == 0 %}You paid on time.\n\n{% elif late == 2 %}You paid late twice.\n\n{% endif %}"
        "{%- if plan %}\n\n- {{ plan }}\n{%- endif %}\n\nPay {% if late > 1 %}today{% else %}soon{% endif %}.\n",
    )

    def lines(letter: LetterTemplate) -> list[str]:
        filled = letter.fill({"late": late, "plan": "Gold"})
        return lines_of(read_tree(filled.text), filled.values)

    found = stands(letter, lines)
    assert [x.text for x in found if x.printed] == lines(letter)
    assert Stand(*printed) in found
    assert Stand(*hidden, printed=False) in found
    assert Stand("• Gold", "there is a value for plan") in found
    soon = Stand("Pay soon.", "late is at most 1", late == 0)
    assert soon in found
    assert Stand("Your bill") in found


def test_a_practice_or_simulated_proof_says_so_on_every_page_and_a_condition_is_told(road: Road) -> None:
    write(road, "b.md", ADDRESS + "{% if name == 'Ana' %}Hello Ana.{% endif %}\n\nPlease pay. Call us.\n")
    text = definition(arms=ARMS, frame='id = "account"\ncontact = ["name", "street"]')
    road.define(text.replace("[trial]\n", '[trial]\nkeywords = ["practice", "simulated"]\n', 1))
    road.ok("proof", road.name)
    for page in pypdf.PdfReader(road.out / "proofs" / "side-by-side.pdf").pages:
        assert "PROOF: not to be mailed or sent. PRACTICE: not a real trial. SIMULATED" in page.extract_text()
    page = (road.out / "proofs" / "side-by-side.html").read_text(encoding="utf-8")
    assert "only if name is &#39;Ana&#39;; not for this recipient" in page
    kept = (road.out / "proofs" / "side-by-side.json").read_text(encoding="utf-8")
    assert "Hello Ana" not in kept  # the memo's letters are those that are printed


def test_a_branch_that_the_sample_has_no_fit_value_for_is_shown_all_the_same(road: Road) -> None:
    write(
        road, "b.md", ADDRESS + "{% if name == 'Ana' %}Due on {{ street | date }}.{% endif %}\n\nCall us.\n"
    )
    road.ok("proof", road.name)
    page = (road.out / "proofs" / "side-by-side.html").read_text(encoding="utf-8")
    assert "Due on 123 Example Street, Apt 4." in page


@pytest.mark.parametrize("channel", ["letter", "postcard", "sms"])
@pytest.mark.parametrize(
    ("keywords", "marks"),
    [("", []), ('keywords = ["practice", "simulated"]', ["PRACTICE", "SIMULATED"])],
    ids=str,
)
def test_every_page_of_every_proof_says_that_it_is_one(
    road: Road, channel: str, keywords: str, marks: list[str]
) -> None:
    road.edit('channel = "letter"', f'channel = "{channel}"\n{keywords}')
    if channel == "letter":
        write(road, "a.md", ADDRESS + "Please pay. Call us soon. " * 400)
    if channel == "sms":
        write(road, "a.md", "Dear {{ name }}, pay. Reply STOP to end.")
        write(road, "b.md", "Dear {{ name }}, nine in ten pay. Reply STOP to end.")
    road.ok("proof", road.name)
    proofs = sorted((road.out / "proofs").glob("*.pdf"))
    assert [p.name for p in proofs] == ["letter-control.pdf", "letter-social.pdf", "side-by-side.pdf"]
    pages = [(p.name, page) for p in proofs for page in pypdf.PdfReader(p).pages]
    assert len(pages) >= {"letter": 4, "postcard": 5, "sms": 3}[channel]
    for name, page in pages:
        text = page.extract_text()
        if name == "side-by-side.pdf" and page is not pages[-1][1]:
            continue
        for word in ("PROOF: not to be mailed or sent.", *marks):
            assert word in text, (name, text[:200])


def test_a_letter_that_is_mailed_says_nothing_of_a_proof(road: Road) -> None:
    road.ok("lock", road.name)
    people = "account,name,street\n" + "".join(f"{i:03d},Person {i},{i} Main Street\n" for i in range(6))
    road.ok("frame", road.name, road.file("list.csv", people))
    road.ok("draw", road.name)
    road.ok("letters", road.name)
    (printed,) = (road.private / road.name / "letters").glob("*.pdf")
    assert "PROOF" not in text_of(printed.read_bytes())
    assert "Person 3" in text_of(printed.read_bytes())
