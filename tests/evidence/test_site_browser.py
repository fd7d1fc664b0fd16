"""The portfolio and the certification pack in headless Chromium: on a phone, at a desk, on paper, without JavaScript."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from evidence.city import city
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pypdf import PdfReader

pytestmark = pytest.mark.needs("chromium")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PAGES = (
    *("site/index.html", "site/trials.html", "site/outcomes.html", "site/data.html"),
    *("site/trials/alike/index.html", "site/trials/bills/index.html", "site/trials/dry-run/index.html"),
    "certification/evidence.html",
)

WIDTHS, HEIGHT = (320, 1280), 900


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    road = city(tmp_path_factory.mktemp("browsed"))
    road.ok("site", "--practice")
    road.ok("certify")
    return road.folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(found for name in CHROMIUM if (found := shutil.which(name)))
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


def show(browser: Browser, file: Path, width: int, *, scripts: bool = True) -> Page:
    page = browser.new_page(viewport={"width": width, "height": HEIGHT}, java_script_enabled=scripts)
    page.goto(file.as_uri())
    return page


@pytest.mark.parametrize("file", PAGES)
def test_axe_finds_nothing_nothing_overflows_and_nothing_is_asked_of_others(
    file: str, folder: Path, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": WIDTHS[0], "height": HEIGHT})
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text))
    page.goto((folder / file).as_uri())
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found = Axe().run(
            page,
            options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
        )
        assert found.violations_count == 0, (width, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        outside = page.evaluate(
            """width => [...document.querySelectorAll('body *')]
                 .filter(e => !e.closest('.scroll') && !e.closest('.skip'))
               .filter(e => { const r = e.getBoundingClientRect(); return r.right > width + 0.5 || r.left < -0.5 })
                 .map(e => e.tagName + ': ' + e.textContent.slice(0, 60))""",
            width,
        )
        assert outside == [], width
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    assert all(url.startswith(("file://", "data:")) for url in asked)
    assert wrong == []
    page.close()


def test_the_list_is_searched_and_filtered_without_a_server(folder: Path, browser: Browser) -> None:
    page = show(browser, folder / "site/trials.html", 1280)

    def shown() -> list[str]:
        return [name.split()[1] for name in page.locator("#trials > li:visible h2").all_inner_texts()]

    assert page.locator("#trials > li:visible").count() == 4
    page.fill("#words", "AGAIN <i>")
    assert shown() == ["again"]
    assert page.inner_text("#count") == "1 of 4 trials, the latest first."
    page.fill("#words", "no such words")
    assert page.inner_text("#count").startswith("0 of 4")
    page.click("button[type=reset]")
    expect(page.locator("#count")).to_have_text(re.compile("^4 of 4"))
    page.select_option("#decided", "drop")
    assert page.locator("#trials > li:visible").count() == 1
    page.close()
    linked = show(browser, folder / "site/trials.html", 1280)
    linked.goto(f"{(folder / 'site/trials.html').as_uri()}#decided=open")
    assert linked.locator("#trials > li:visible").count() == 3
    linked.close()


def test_without_javascript_the_list_is_whole_and_no_dead_form_stands_there(
    folder: Path, browser: Browser
) -> None:
    page = show(browser, folder / "site/trials.html", 320, scripts=False)
    assert page.locator("#trials > li:visible").count() == 4
    assert page.locator("#filter:visible").count() == 0
    page.close()


@pytest.mark.parametrize("file", PAGES)
def test_it_prints_well(file: str, folder: Path, browser: Browser) -> None:
    inner = round((8.5 - 2 * 0.65) * 96)
    page = show(browser, folder / file, inner)
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= inner
    assert page.locator("header nav:visible").count() == 0
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(printed.pages) <= {"site/trials/": 2}.get(file[:12], 9)
    # No page is all but empty; the last one may hold the document's foot alone.
    assert all(len(p.extract_text()) > 100 for p in printed.pages[:-1])
    assert printed.pages[-1].extract_text().strip()
    page.close()
