"""The three documents, each from one record: file name → bytes. Pure but for fonts and shipped templates."""

from __future__ import annotations

from rct.language import SOURCE, speaking, suffix
from rct.report.appendix.as_json import appendix_json
from rct.report.appendix.document import appendix_doc
from rct.report.memo.as_json import memo_json
from rct.report.memo.page import MemoView, memo_data, memo_doc, view
from rct.report.plan.document import plan_doc
from rct.report.printers.docx import to_docx
from rct.report.printers.markdown import to_markdown
from rct.report.printers.pages import page, to_html
from rct.report.printers.pdf import compiled, first_page, to_pdf
from rct.report.record import AppendixRecord, MemoRecord, PlanRecord


def plan_documents(record: PlanRecord, language: str = SOURCE.code) -> dict[str, bytes]:
    """plan.md, plan.html, plan.pdf; in another language plan.es.md and so on."""
    with speaking(language):
        doc = plan_doc(record)
        stem = f"plan{suffix(language)}"
        files = {"md": to_markdown(doc), "html": to_html(doc, contents=True), "pdf": to_pdf(doc)}
    return {f"{stem}.{kind}": data for kind, data in files.items()}


def memo_documents(record: MemoRecord, language: str = SOURCE.code) -> dict[str, bytes]:
    """memo.md, memo.html, memo.json, memo.pdf, memo.docx; in another language memo.es.md and so on."""
    with speaking(language):
        memo = view(record)
    data = memo_data(memo)
    pictures = letter_files(memo)
    stem = f"memo{suffix(language)}"
    return {
        f"{stem}.md": to_markdown(memo_doc(memo)),
        f"{stem}.html": page(
            "memo.html.j2",
            {"memo": data, "meta": memo.meta},
            banner=memo.banner,
            lang=memo.lang,
            paper=memo.paper,
        ),
        f"{stem}.json": memo_json(data, record.name, record.head),
        f"{stem}.pdf": compiled("memo.typ", data, memo.time, pictures),
        f"{stem}.docx": to_docx(memo, memo.picture.png if memo.picture else None),
    }


def memo_picture(record: MemoRecord, ppi: float = 110.0) -> bytes:
    """The memo's page as a PNG, for a gallery or a web page."""
    memo = view(record)
    return first_page("memo.typ", memo_data(memo), ppi, letter_files(memo))


def letter_files(memo: MemoView) -> dict[str, bytes]:
    """The letters' pictures under the names that memo.typ asks for."""
    return {p.name: p.png for section in memo.sections for p in section.letters}


def appendix_documents(record: AppendixRecord, language: str = SOURCE.code) -> dict[str, bytes]:
    """appendix.html, appendix.json; in another language appendix.es.html alone, for programs read one language."""
    with speaking(language):  # charts are drawn while the page is printed
        page_ = to_html(appendix_doc(record), contents=True)
    files = {f"appendix{suffix(language)}.html": page_}
    return files | {"appendix.json": appendix_json(record)} if language == SOURCE.code else files
