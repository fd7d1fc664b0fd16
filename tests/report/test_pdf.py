"""PDFs: tagged, built to PDF/UA-1, the memo on one page, the same bytes again."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pytest
from pypdf import PdfReader
from report import cases

from rct.language import speaking
from rct.report.documents import appendix_documents, memo_documents, plan_documents
from rct.report.memo.page import view
from rct.report.record import Decided, MemoRecord, Proof


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


LONG = "Version {}: a letter with a rather long name that says what it does and to whom it is sent"


def many(arms: int) -> MemoRecord:
    """A memo of so many arms with long labels, a picture of each letter, and a decision."""
    rows = [cases.row(f"a{i}", 0.003, -0.0082, 0.0142, 0.6, adjusted=1.0) for i in range(1, arms)]
    record = cases.memo(cases.definition([LONG.format(i) for i in range(arms)]), rows, ["adapt"] * (arms - 1))
    return replace(
        record,
        proofs=tuple(Proof(a, cases.png(850, 1100), "Your water bill") for a in record.definition.arms),
        decided=Decided(cases.ANALYZED, "Maria Núñez", "adapt", "Reword the letters over the summer."),
    )


@pytest.mark.parametrize(("paper", "language"), [("us-letter", "es"), ("a4", "en")])  # each way once
@pytest.mark.parametrize("arms", range(2, 9))
def test_two_to_eight_arms_fit_one_page_with_nothing_cut(arms: int, paper: str, language: str) -> None:
    made = memo_documents(replace(many(arms), paper=paper), language)
    pdf = next(data for name, data in made.items() if name.endswith(".pdf"))
    reader = PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) == 1
    page = reader.pages[0]
    assert round(float(page.mediabox.height)) == {"us-letter": 792, "a4": 842}[paper]
    starts: list[tuple[float, float]] = []

    def visit(text: str, cm: list[float], tm: list[float], *_: object) -> None:
        if text.strip():
            starts.append((cm[0] * tm[4] + cm[2] * tm[5] + cm[4], cm[1] * tm[4] + cm[3] * tm[5] + cm[5]))

    page.extract_text(visitor_text=visit)
    width, height = float(page.mediabox.width), float(page.mediabox.height)
    assert len(starts) > 30
    assert all(30 <= x <= width - 40 and 20 <= y <= height - 25 for x, y in starts)
    with speaking(language):
        memo = view(replace(many(arms), paper=paper))
    text = re.sub(r"[\s-]+", "", words(pdf))
    for said in (memo.answer, memo.lead, *memo.running_text()):
        assert re.sub(r"[\s-]+", "", said) in text


def test_letters_stand_side_by_side_with_their_first_words_as_alt_text() -> None:
    record = many(3)
    with pikepdf.open(io.BytesIO(memo_documents(record)["memo.pdf"])) as opened:
        figures = [e for e in tags(opened.Root.StructTreeRoot.K, []) if str(e.S) == "/Figure"]
    alts = [str(f.Alt) for f in figures]
    assert sum("begins: Your water bill" in alt for alt in alts) == 3
    assert "Decided on March 2, 2026 by Maria Núñez: adapt, as the rule said." in words(
        memo_documents(record)["memo.pdf"]
    )
