"""The memo as a Word file: opened again, it has headings, a real table and pictures that say what they show."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Inches
from pypdf import PdfReader
from report import cases

from rct.report.documents import memo_documents
from rct.report.memo.page import view
from rct.report.record import MemoRecord, Proof, Said


def word(record: MemoRecord) -> bytes:
    return memo_documents(record)["memo.docx"]


@pytest.mark.parametrize("name", list(cases.all_memos()))
def test_it_says_what_the_memo_says(name: str) -> None:
    record = cases.all_memos()[name]
    memo, opened = view(record), Document(io.BytesIO(word(record)))
    text = "\n".join(
        "".join(t.text or "" for t in p.iter(qn("w:t"))) for p in opened.element.body.iter(qn("w:p"))
    )
    for said in (memo.title, memo.answer, memo.lead, *memo.notes, *memo.footer):
        assert said in text
    for section in memo.sections:
        for said in (*section.texts, *section.bullets, *(c.text for c in section.checks)):
            assert said in text
    headings = [p.text for p in opened.paragraphs if p.style.name.startswith("Heading")]
    assert headings == [memo.title, *(s.title for s in memo.sections)]


def test_the_table_is_a_table_with_a_header_row_that_repeats() -> None:
    opened = Document(io.BytesIO(word(cases.several())))
    table = next(s.table for s in view(cases.several()).sections if s.table)
    made = next(t for t in opened.tables if t.cell(0, 0).text == table.header[0])
    rows = [tuple(c.text for c in row.cells) for row in made.rows]
    assert rows == [table.header, *table.rows]
    assert made.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def test_the_chart_says_what_it_shows() -> None:
    opened = Document(io.BytesIO(word(cases.several())))
    alts = [shape._inline.docPr.get("descr") for shape in opened.inline_shapes]
    picture = view(cases.several()).picture
    assert picture is not None
    assert alts == [picture.alt]


def test_paper_and_language_are_those_of_the_memo() -> None:
    opened = Document(io.BytesIO(word(replace(cases.win(), paper="a4"))))
    assert abs(opened.sections[0].page_width - Inches(8.27)) < Inches(0.01)
    spanish = Document(io.BytesIO(memo_documents(cases.win(), "es")["memo.es.docx"]))
    assert spanish.core_properties.language == "es"


def test_the_same_record_gives_the_same_bytes_later() -> None:
    first = word(cases.win())
    time.sleep(2.1)  # a zip counts in steps of two seconds
    assert word(cases.win()) == first
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert {entry.date_time[0] for entry in packed.infolist()} == {1980}


def test_hostile_text_stays_text() -> None:
    what = cases.definition([cases.TODAY, "<w:p/> & {{7*7}}"])
    record = cases.memo(what, [cases.row("a1", 0.03, 0.02, 0.04, 1e-6)], ["adopt"], best="a1")
    text = "\n".join(p.text for p in Document(io.BytesIO(word(record))).paragraphs)
    assert "<w:p/> & {{7*7}}" in text


def _three_long() -> MemoRecord:
    label = "Version {}: a letter with a rather long name that says what it does and to whom it is sent"
    rows = [cases.row(f"a{i}", 0.003, -0.0082, 0.0142, 0.6, adjusted=1.0) for i in (1, 2)]
    record = cases.memo(cases.definition([label.format(i) for i in range(3)]), rows, ["adapt", "adapt"])
    said = (Said("Nine in ten pay on time. " * 12, True),)
    return replace(
        record,
        proofs=tuple(Proof(a, cases.png(850, 1100), "Your bill", said) for a in record.definition.arms),
    )


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed here")
def test_libreoffice_sets_it_on_one_page_with_nothing_cut(tmp_path: Path) -> None:
    records = {
        "win": cases.win(),
        "eight": cases.eight(),
        "clustered": cases.clustered(),
        "three": _three_long(),
    }
    made = {f"{name}.docx": word(record) for name, record in records.items()}
    made["three-es.docx"] = memo_documents(replace(_three_long(), paper="a4"), "es")["memo.es.docx"]
    for name, data in made.items():
        (tmp_path / name).write_bytes(data)
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    command = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", tmp_path]
    subprocess.run([*command, *sorted(tmp_path.glob("*.docx"))], check=True, capture_output=True, timeout=300)
    for name, record in records.items():
        pages = PdfReader(tmp_path / f"{name}.pdf").pages
        assert len(pages) == 1, name
        text = re.sub(r"\s+", "", pages[0].extract_text())
        memo = view(record)
        for said in (memo.title, memo.answer, memo.lead, *memo.running_text(), *memo.footer):
            assert re.sub(r"\s+", "", said) in text, (name, said)
        letters = [p for section in memo.sections for p in section.letters]
        assert len(pages[0].images) == 1 + len({p.png for p in letters}), name
    (page,) = PdfReader(tmp_path / "three-es.pdf").pages
    assert round(float(page.mediabox.height)) == 842
