"""The memo as a Word file: opened again, it has headings, a real table and pictures that say what they show."""

from __future__ import annotations

import io
import time
import zipfile
from dataclasses import replace

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Inches
from report import cases

from rct.report.documents import memo_documents
from rct.report.memo import view
from rct.report.record import MemoRecord


def word(record: MemoRecord) -> bytes:
    return memo_documents(record)["memo.docx"]


@pytest.mark.parametrize("name", list(cases.all_memos()))
def test_it_says_what_the_memo_says(name: str) -> None:
    record = cases.all_memos()[name]
    memo, opened = view(record), Document(io.BytesIO(word(record)))
    text = "\n".join(p.text for p in opened.paragraphs)
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
    rows = [tuple(c.text for c in row.cells) for row in opened.tables[0].rows]
    assert rows == [table.header, *table.rows]
    assert opened.tables[0].rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


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
