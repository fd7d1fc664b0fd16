"""A Word letter becomes a template: its words and merge fields whole, everything else named; hostile files refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from support import Road

from rct.letters.plain_text import plain_text
from rct.letters.word_text import read_letter


def merge(paragraph: Any, name: str, shown: str = "", *, simple: bool = False) -> None:
    """A merge field as Word writes it."""
    instruction = f' MERGEFIELD "{name}" \\* MERGEFORMAT ' if " " in name else f" MERGEFIELD {name} "
    if simple:
        element = OxmlElement("w:fldSimple")
        element.set(qn("w:instr"), instruction)
        paragraph._p.append(element)
        inner = OxmlElement("w:r")
        text = OxmlElement("w:t")
        text.text = shown or f"«{name}»"
        inner.append(text)
        element.append(inner)
        return
    code(paragraph, instruction, shown or f"«{name}»")


def code(paragraph: Any, instruction: str, shown: str) -> None:
    for kind, text in (("begin", ""), ("", instruction), ("separate", ""), ("shown", shown), ("end", "")):
        run = paragraph.add_run()
        if kind in ("begin", "separate", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        elif kind == "shown":
            run.text = text
        else:
            words = OxmlElement("w:instrText")
            words.text = text
            run._r.append(words)


def letter() -> Any:
    made = docx.Document()
    for name, simple in (("Owner Name", False), ("street", True), ("city", False)):
        merge(made.add_paragraph(), name, simple=simple)
    made.add_heading("Your bill", 1)
    first = made.add_paragraph("Dear ")
    merge(first, "Owner Name")
    first.add_run(", you ")
    first.add_run("must pay").bold = True
    first.add_run(" by ")
    first.add_run("March 2 ").italic = True
    first.add_run("at noon.")
    made.add_paragraph("Call 555-0100", style="List Bullet")
    made.add_paragraph("or write", style="List Bullet")
    made.add_paragraph("first", style="List Number")
    made.add_paragraph("second", style="List Number")
    made.add_paragraph("☐ I paid * all_of_it [see] 2 < 3 \\ `x`")
    made.add_paragraph("1. not a list\n# not a heading")
    return made


def test_words_fields_lists_and_emphasis_come_over() -> None:
    found = read_letter(letter())
    assert found.fields == {"Owner Name": "Owner_Name", "street": "street", "city": "city"}
    assert found.lost == {}
    assert found.text == (
        "{{ Owner_Name }}\n{{ street }}\n{{ city }}\n\n# Your bill\n\n"
        "Dear {{ Owner_Name }}, you **must pay** by *March 2* at noon.\n\n"
        "- Call 555-0100\n- or write\n1. first\n2. second\n\n"
        "[ ] I paid \\* all\\_of\\_it \\[see\\] 2 \\< 3 \\\\ \\`x\\`\n\n1\\. not a list\\\n\\# not a heading\n"
    )
    read = plain_text(found.text, ())
    assert "[ ] I paid * all_of_it [see] 2 < 3 \\ `x`" in read
    assert "1. not a list\n# not a heading" in read
    assert "1. first\n2. second" in read


def table(made: Any) -> None:
    cells = made.add_table(rows=1, cols=2).rows[0].cells
    cells[0].text, cells[1].text = "Due", "$40"


def header(made: Any) -> None:
    made.sections[0].header.paragraphs[0].text = "City of Riverton"


def look(**how: Any) -> Callable[[Any], None]:
    def add(made: Any) -> None:
        run = made.add_paragraph().add_run("Seen by all")
        for name, value in how.items():
            setattr(run.font, name, value)

    return add


def raw(xml: str) -> Callable[[Any], None]:
    def add(made: Any) -> None:
        made.add_paragraph()._p.append(
            parse_xml(xml.replace("<w:", "<w:", 1).replace(">", f" {nsdecls('w')}>", 1))
        )

    return add


@pytest.mark.parametrize(
    ("add", "lost", "text"),
    [
        (table, "a table: each row stands as lines", "Due\\\n$40"),
        (header, "a header or footer: “City of Riverton”", ""),
        (look(underline=True), "underlining", "Seen by all"),
        (look(hidden=True), "hidden text: “Seen by all”", ""),
        (
            raw("<w:del><w:r><w:delText>old</w:delText></w:r></w:del>"),
            "tracked changes: taken as accepted",
            "",
        ),
        (raw("<w:ins><w:r><w:t>new</w:t></w:r></w:ins>"), "tracked changes: taken as accepted", "new"),
        (
            raw('<w:r><w:sym w:font="Wingdings" w:char="F0A8"/></w:r>'),
            "a sign of a symbol font: it is a ? now",
            "?",
        ),
        (
            raw("<w:r><w:pict><w:t>In a box</w:t></w:pict></w:r>"),
            "a picture, drawing or text box: “In a box”",
            "",
        ),
        (raw('<w:r><w:br w:type="page"/></w:r>'), "a page break", ""),
        (raw("<w:r><w:footnoteReference w:id='2'/></w:r>"), "a footnote", ""),
        (raw("<w:chart><w:r><w:t>Deep</w:t></w:r></w:chart>"), "a part of a line: “Deep”", ""),
        (
            lambda made: code(made.add_paragraph(), " DATE \\@ yyyy ", "2026"),
            "a field DATE: what it last showed stands as text",
            "2026",
        ),
        (
            lambda made: made.add_paragraph("{% if x %}{{ 1+1 }}"),
            "{{ or {% in the text: a space stands between now",
            "{ % if x % }{ { 1+1 } }",
        ),
    ],
)
def test_what_a_template_can_not_hold_is_named(add: Callable[[Any], None], lost: str, text: str) -> None:
    made = docx.Document()
    made.add_paragraph("Hello.")
    add(made)
    found = read_letter(made)
    assert lost in found.lost
    assert found.text == ("Hello.\n\n" + text + "\n" if text else "Hello.\n")


def test_a_field_typed_by_hand_is_kept_and_bold_that_would_not_be_read_is_named() -> None:
    made = docx.Document()
    made.add_paragraph("Dear {{ name }}, pay {{amount}}.")
    tight = made.add_paragraph()
    tight.add_run("Due:").bold = True
    tight.add_run("now")
    found = read_letter(made)
    assert found.text == "Dear {{ name }}, pay {{amount}}.\n\nDue:now\n"
    assert list(found.lost) == ["bold or italic letters in a paragraph where their marks would not be read"]


def test_links_come_over_and_those_that_lead_nowhere_do_not() -> None:
    made = docx.Document()
    code(made.add_paragraph("Pay "), ' HYPERLINK "https://pay.example/a?b=1" ', "here")
    code(made.add_paragraph("Or "), ' HYPERLINK "javascript:alert(1)" ', "there")
    found = read_letter(made)
    assert found.text == "Pay [here](https://pay.example/a?b=1)\n\nOr there\n"
    assert found.lost == {"a link that leads nowhere on the web": 1}


def saved(made: Any) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def repacked(change: Callable[[str, bytes], bytes], more: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(saved(letter()))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            new.writestr(member.filename, change(member.filename, old.read(member)))
        for name, data in (more or {}).items():
            new.writestr(name, data)
    return out.getvalue()


def only(part: str, change: Callable[[bytes], bytes]) -> bytes:
    return repacked(lambda name, data: change(data) if name == part else data)


BODY = "word/document.xml"
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
SECRET = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def doctype(text: bytes) -> bytes:
    return only(BODY, lambda data: data.replace(b"?>", b"?>" + text, 1))


@pytest.mark.parametrize(
    ("data", "code_"),
    [
        (b"", "not_word"),
        (b"Dear neighbor", "not_word"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not_word"),
        (b"PK\x03\x04" + b"\0" * 40, "not_word"),
        (saved(docx.Document()), "not_word"),
        (saved(letter())[:-200], "not_word"),
        (doctype(LAUGHS), "not_word"),
        (doctype(SECRET), "not_word"),
        (only(BODY, lambda data: data[:-30]), "not_word"),
        (only(BODY, lambda data: b"<a/>"), "not_word"),
        (
            only(
                "[Content_Types].xml",
                lambda data: data.replace(b"document.main+xml", b"macroEnabled.main+xml"),
            ),
            "not_word",
        ),
        (repacked(lambda name, data: data, {f"x{i}": b"" for i in range(1_001)}), "word_too_large"),
        (repacked(lambda name, data: data, {"bomb": b"\0" * (101 << 20)}), "word_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_a_hostile_file_is_refused_and_writes_nothing(tmp_path: Path, data: bytes, code_: str) -> None:
    road = Road(tmp_path)
    before = sorted(road.folder.rglob("*"))
    (problem,) = road.no("letters", "--import", road.file("evil.docx", data))
    assert problem["code"] == code_
    assert "passwd" not in str(problem)
    assert sorted(road.folder.rglob("*")) == before


def test_a_deep_document_is_read_or_refused(tmp_path: Path) -> None:
    deep = b"<w:ins>" * 3_000 + b"<w:r><w:t>deep</w:t></w:r>" + b"</w:ins>" * 3_000
    data = only(BODY, lambda old: old.replace(b"<w:p>", b"<w:p>" + deep, 1))
    ran = Road(tmp_path).rct("letters", "--import", (tmp_path / "deep.docx"), "--json")
    (tmp_path / "deep.docx").write_bytes(data)
    ran = Road(tmp_path, init=False).rct("letters", "--import", tmp_path / "deep.docx", "--json")
    assert ran.code == 2
    assert "Traceback" not in ran.err
    assert ran.problems[0]["code"] == "not_word"


def test_the_template_is_written_once_and_over_nothing(tmp_path: Path) -> None:
    road = Road(tmp_path)
    file = road.file("Today's Letter.docx", saved(letter()))
    told = road.ok("letters", "--import", file)
    assert told["path"] == "templates/today-s-letter.md"
    assert told["fields"]["Owner Name"] == "Owner_Name"
    assert not road.ok("letters", "--import", file)["fresh"]
    (road.folder / told["path"]).write_text("mine\n")
    assert road.no("letters", "--import", file)[0]["code"] == "letter_exists"
    assert road.ok("letters", "--import", file, "--to", "bills/now.md")["path"] == "templates/bills/now.md"
    for name in ("../out.md", "/tmp/out.md", "a.txt", "", "a\\b.md"):
        assert road.no("letters", "--import", file, "--to", name)[0]["code"] == "bad_letter_name"
    assert road.no("letters")[0]["code"] == "usage"
    assert road.no("letters", "--import", road.root / "absent.docx")[0]["code"] == "file_unreadable"
