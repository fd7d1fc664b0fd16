"""What a process that forks a command at a time makes once, so that no fork makes it again: modules, patterns, pages.

Nothing here starts a thread, for a fork takes none along: documents are laid out as HTML and DOCX, none by typst.
"""

from __future__ import annotations

import importlib
import pkgutil
import tempfile
from pathlib import Path


def warm() -> None:
    """Import all of rct, read a definition and its letters by commands, and print pages of every kind."""
    import rct

    for module in pkgutil.walk_packages(rct.__path__, "rct."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    _commands()
    _pages()


def _commands() -> None:
    from support import Road

    with tempfile.TemporaryDirectory(prefix="rct-warm-") as folder:
        road = Road(Path(folder), "water")
        road.ok("new", road.name, "--from", "water-bills")
        road.rct("check", road.name)  # which finds much that the city has still to write
        road.ok("status")


def _pages() -> None:
    from report import cases

    from rct.language import speaking
    from rct.language.reading import readings
    from rct.report.appendix.document import appendix_doc
    from rct.report.memo.page import memo_data, memo_doc, view
    from rct.report.plan.document import plan_doc
    from rct.report.printers.docx import to_docx
    from rct.report.printers.markdown import to_markdown
    from rct.report.printers.pages import page, to_html

    readings()
    record = cases.several()
    with speaking("es"):
        view(record)
    memo = view(record)
    to_markdown(memo_doc(memo))
    data = {"memo": memo_data(memo), "meta": memo.meta}
    page("memo.html.j2", data, banner=memo.banner, lang=memo.lang, paper=memo.paper)
    to_docx(memo, None)
    to_html(plan_doc(cases.plan()), contents=True)
    to_html(appendix_doc(cases.appendix(record)), contents=True)
