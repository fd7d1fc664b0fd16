"""The three documents, each from one record: file name → bytes. Pure but for fonts and shipped templates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

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


class Documents(Mapping[str, bytes]):
    """File name → bytes; each is printed when it is first asked for."""

    def __init__(self, prints: Mapping[str, Callable[[], bytes]]):
        self._prints, self._printed = prints, dict[str, bytes]()

    def __getitem__(self, name: str) -> bytes:
        if name not in self._printed:
            self._printed[name] = self._prints[name]()
        return self._printed[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._prints)

    def __len__(self) -> int:
        return len(self._prints)


def plan_documents(record: PlanRecord, language: str = SOURCE.code) -> Documents:
    """plan.md, plan.html, plan.pdf; in another language plan.es.md and so on."""
    with speaking(language):
        doc = plan_doc(record)
    stem = f"plan{suffix(language)}"

    def spoken(printed: Callable[[], bytes]) -> Callable[[], bytes]:
        return lambda: _in(language, printed)

    return Documents(
        {
            f"{stem}.md": spoken(lambda: to_markdown(doc)),
            f"{stem}.html": spoken(lambda: to_html(doc, contents=True)),
            f"{stem}.pdf": spoken(lambda: to_pdf(doc)),
        }
    )


def memo_documents(record: MemoRecord, language: str = SOURCE.code) -> Documents:
    """memo.md, memo.html, memo.json, memo.pdf, memo.docx; in another language memo.es.md and so on."""
    with speaking(language):
        memo = view(record)
    data = memo_data(memo)
    stem = f"memo{suffix(language)}"
    return Documents(
        {
            f"{stem}.md": lambda: to_markdown(memo_doc(memo)),
            f"{stem}.html": lambda: page(
                "memo.html.j2",
                {"memo": data, "meta": memo.meta},
                banner=memo.banner,
                lang=memo.lang,
                paper=memo.paper,
            ),
            f"{stem}.json": lambda: memo_json(data, record.name, record.head),
            f"{stem}.pdf": lambda: compiled("memo.typ", data, memo.time, letter_files(memo)),
            f"{stem}.docx": lambda: to_docx(memo, memo.picture.png if memo.picture else None),
        }
    )


def memo_picture(record: MemoRecord, ppi: float = 110.0) -> bytes:
    """The memo's page as a PNG, for a gallery or a web page."""
    memo = view(record)
    return first_page("memo.typ", memo_data(memo), ppi, letter_files(memo))


def letter_files(memo: MemoView) -> dict[str, bytes]:
    """The letters' pictures under the names that memo.typ asks for."""
    return {p.name: p.png for section in memo.sections for p in section.letters}


def appendix_documents(record: AppendixRecord, language: str = SOURCE.code) -> Documents:
    """appendix.html, appendix.json; in another language appendix.es.html alone, for programs read one language."""

    def printed() -> bytes:
        return to_html(appendix_doc(record), contents=True)

    prints = {f"appendix{suffix(language)}.html": lambda: _in(language, printed)}
    if language == SOURCE.code:
        prints["appendix.json"] = lambda: appendix_json(record)
    return Documents(prints)


def _in(language: str, printed: Callable[[], bytes]) -> bytes:
    """Printed while the language is spoken: some words, and those of charts, are found only then."""
    with speaking(language):
        return printed()
