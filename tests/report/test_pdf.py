"""PDFs: tagged, built to PDF/UA-1, the memo on one page, the same bytes again."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pikepdf
import pytest
from pypdf import PdfReader
from report import cases

from rct.report.documents import appendix_documents, memo_documents, plan_documents
from rct.report.memo import view


def words(pdf: bytes) -> str:
    return re.sub(r"\s+", " ", " ".join(p.extract_text() for p in PdfReader(io.BytesIO(pdf)).pages))


def tags(node: pikepdf.Object, found: list[pikepdf.Object]) -> list[pikepdf.Object]:
    """Every structure element under `node`."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            tags(child, found)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        found.append(node)
        if "/K" in node:
            tags(node["/K"], found)
    return found


@pytest.mark.parametrize("name", list(cases.all_memos()))
def test_the_memo_is_one_tagged_page_with_the_answer_on_it(name: str) -> None:
    record = cases.all_memos()[name]
    pdf = memo_documents(record)["memo.pdf"]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) == 1
        assert opened.Root.MarkInfo.Marked
        assert str(opened.Root.Lang) == "en"
        assert str(opened.open_metadata().get("pdfuaid:part")) == "1"
        elements = tags(opened.Root.StructTreeRoot.K, [])
        kinds = [str(e.S) for e in elements]
        figures = [e for e in elements if str(e.S) == "/Figure"]
        assert "/H1" in kinds
        assert "/Table" in kinds
        memo = view(record)
        if memo.picture is None:
            assert figures == []
        else:
            assert str(figures[0].Alt) == memo.picture.alt
    text = words(pdf)
    assert re.sub(r"\s+", " ", memo.answer).replace("-", "") in text.replace("-", "")
    assert "0123 4567 89ab cdef" in text


def test_the_plan_is_tagged_and_prints_hash_commitment_and_head() -> None:
    pdf = plan_documents(cases.plan())["plan.pdf"]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert str(opened.open_metadata().get("pdfuaid:part")) == "1"
        assert opened.Root.MarkInfo.Marked
    text = words(pdf)
    for wanted in (
        "fedc ba98 7654 3210",
        "0123 4567 89ab cdef",
        "1212 1212",
        "Calls to the hotline in 30 days",
    ):
        assert wanted in text


@pytest.mark.parametrize(
    "make", [lambda: memo_documents(cases.several()), lambda: plan_documents(cases.plan())]
)
def test_the_same_record_gives_the_same_bytes(make: Callable[[], dict[str, bytes]]) -> None:
    assert make() == make()


def test_practice_is_marked_on_every_page() -> None:
    pdf = plan_documents(cases.plan(practice=True, simulated=True))["plan.pdf"]
    for page in PdfReader(io.BytesIO(pdf)).pages:
        assert "PRACTICE" in page.extract_text()
    for documents in (
        memo_documents(cases.practice()),
        appendix_documents(cases.appendix(cases.practice())),
    ):
        for name, data in documents.items():
            if name.endswith((".html", ".md")):
                assert b"PRACTICE" in data
