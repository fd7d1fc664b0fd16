"""Proofs: each letter for an invented recipient, and the sheet on which every differing line is marked."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pypdf
import pytest
from support import Road, definition

from rct.letters.sheet import MARK, compare

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
    assert f"{MARK} Nine in ten pay." in sheet
    assert f"{MARK} Please pay." not in sheet
    page = (folder / "side-by-side.html").read_text(encoding="utf-8")
    assert "Neighbors &lt;b&gt;pay" in page
    assert page.count('class="differs"') == 1


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


def test_lines_are_marked_where_some_other_letter_lacks_them() -> None:
    columns = compare(
        {"c": ("C", []), "a": ("A", ["One. Two.", "1. Three"]), "b": ("B", ["One. Four.", "1. Three"])}, "c"
    )
    assert [c.arm for c in columns] == ["a", "b", "c"]
    assert columns[0].lines == (("One.", False), ("Two.", True), ("1. Three", False))
    assert columns[1].lines == (("One.", False), ("Four.", True), ("1. Three", False))
