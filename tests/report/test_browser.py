"""Memo, plan and appendix in headless Chromium, as a phone and as a desk screen show them, and on paper."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from pool_support import evidence
from pypdf import PdfReader
from report import cases

from rct.evidence.pool.choosing import Wish
from rct.evidence.pool.page import pool_doc
from rct.evidence.pool.pooling import Pooling, pool_evidence
from rct.letters.conditions import Stand
from rct.letters.sheet import compare, sheet_data, sheet_html
from rct.report.documents import appendix_documents, memo_documents, plan_documents
from rct.report.printers.pages import to_html
from rct.report.record import MemoRecord, Proof

pytestmark = pytest.mark.needs("chromium")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
WIDTHS, HEIGHT = (320, 1280), 900


def lettered(record: MemoRecord) -> MemoRecord:
    """The record with a picture of a letter for every arm."""
    words = "Your water bill. Dear Maria, your bill was due on January 2 …"
    return replace(
        record, proofs=tuple(Proof(a, cases.png(850, 1100), words) for a in record.definition.arms)
    )


def pool_of_twelve() -> Pooling:
    """Enough trials for every table and check."""
    effects = (0.021, 0.004, 0.038, 0.011, -0.006, 0.017, 0.075, 0.009, 0.02, -0.012, 0.031, 0.0)
    trials = [
        evidence(f"city-{i}", {"social": (effect, 0.003 + 0.001 * i)}) for i, effect in enumerate(effects)
    ]
    return pool_evidence(Wish("paid", worthwhile=0.01), trials)


def side_by_side() -> dict[str, object]:
    """Four letters with every kind of line, two of them to a page beside the first."""
    shared = [Stand("Dear Maria,"), Stand("Call us at (555) 010-0142.")]
    own = (
        Stand("You paid on time. " * 8, "late is 0"),
        Stand("x" * 90, printed=False, only_if="late is not 0"),
    )
    lines = {"a": shared, "b": [shared[0], *own, shared[1]], "c": [*own, *shared], "d": shared, "e": []}
    letters = {arm: (f"Letter {arm}", stands) for arm, stands in lines.items()}
    return sheet_data("Side by side", "Lead.", "PROOF", "us-letter", "es", compare(letters, "a"))


@cache
def pages() -> dict[str, bytes]:
    """Every page that is looked at: name → HTML."""
    made = {name: memo_documents(record)["memo.html"] for name, record in cases.all_memos().items()}
    made["lettered"] = memo_documents(lettered(cases.several()))["memo.html"]
    made["spanish"] = memo_documents(lettered(cases.eight()), "es")["memo.es.html"]
    made["pool"] = to_html(pool_doc(pool_of_twelve()), contents=False)
    made["plan"] = plan_documents(cases.plan())["plan.html"]
    made["side by side"] = sheet_html(side_by_side())
    for name in ("clustered", "eight"):
        made[f"appendix of {name}"] = appendix_documents(cases.appendix(cases.all_memos()[name]))[
            "appendix.html"
        ]
    return made


NAMES = (
    *cases.all_memos(),
    "lettered",
    "spanish",
    "plan",
    "pool",
    "side by side",
    "appendix of clustered",
    "appendix of eight",
)
MEMOS = (*cases.all_memos(), "lettered", "spanish")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(found for name in CHROMIUM if (found := shutil.which(name)))
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


def show(browser: Browser, folder: Path, html: bytes, width: int) -> Page:
    file = folder / "page.html"
    file.write_bytes(html)
    page = browser.new_page(viewport={"width": width, "height": HEIGHT})
    page.goto(file.as_uri())
    return page


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_and_nothing_overflows(name: str, browser: Browser, tmp_path: Path) -> None:
    page = show(browser, tmp_path, pages()[name], WIDTHS[0])
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found = Axe().run(page)
        assert found.violations_count == 0, (width, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # Wide tables and charts scroll within their own box; all else lies inside the page.
        outside = page.evaluate(
            """width => [...document.querySelectorAll('body *')]
                 .filter(e => !e.closest('.scroll'))
               .filter(e => { const r = e.getBoundingClientRect(); return r.right > width + 0.5 || r.left < -0.5 })
                 .map(e => e.tagName + ': ' + e.textContent.slice(0, 60))""",
            width,
        )
        assert outside == [], width
    page.close()


@pytest.mark.parametrize("name", MEMOS)
def test_no_text_of_a_chart_is_cut_or_covered(name: str, browser: Browser, tmp_path: Path) -> None:
    page = show(browser, tmp_path, pages()[name], 1280)
    boxes = page.evaluate(
        """() => [...document.querySelectorAll('svg')].map(svg => ({
             box: svg.getBoundingClientRect().toJSON(),
             texts: [...svg.querySelectorAll('text')].map(
              t => ({...t.getBoundingClientRect().toJSON(), said: t.textContent}))
           }))"""
    )
    for chart in boxes:
        box = chart["box"]
        for text in chart["texts"]:
            assert text["left"] >= box["left"] - 1, text
            assert text["right"] <= box["right"] + 1, text
            assert text["top"] >= box["top"] - 1, text
            assert text["bottom"] <= box["bottom"] + 1, text
        for i, one in enumerate(chart["texts"]):
            for other in chart["texts"][i + 1 :]:
                apart = one["right"] <= other["left"] + 1 or other["right"] <= one["left"] + 1
                below = one["bottom"] <= other["top"] + 3 or other["bottom"] <= one["top"] + 3
                assert apart or below, (one["said"], other["said"])
    page.close()


@pytest.mark.parametrize("paper", ["us-letter", "a4"])
@pytest.mark.parametrize("name", [*cases.all_memos(), "lettered"])
def test_a_browser_prints_the_memo_on_one_page(
    name: str, paper: str, browser: Browser, tmp_path: Path
) -> None:
    record = cases.all_memos()[name] if name != "lettered" else lettered(cases.several())
    html = memo_documents(replace(record, paper=paper))["memo.html"]
    page = show(browser, tmp_path, html, 1280)
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(printed.pages) == 1
    assert round(float(printed.pages[0].mediabox.width)) in ((612,) if paper == "us-letter" else (595, 596))
    page.close()


@pytest.mark.parametrize("name", ["appendix of clustered", "appendix of eight", "plan"])
def test_on_paper_nothing_is_wider_than_the_page(name: str, browser: Browser, tmp_path: Path) -> None:
    inner = round((8.5 - 2 * 0.65) * 96)  # what the page's margins leave of US Letter
    page = show(browser, tmp_path, pages()[name], inner)
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= inner
    page.close()
