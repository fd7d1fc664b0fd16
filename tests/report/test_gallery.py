"""docs/gallery shows what the memo says today: four trials, one page each, marked as simulated."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader
from report import gallery

CASES = ("win", "null", "harm", "several")


def test_the_words_are_those_that_the_memo_has_today() -> None:
    """Else run: python tests/report/gallery.py"""
    made = gallery.words()
    assert set(made) == set(CASES)
    for name, text in made.items():
        assert (gallery.FOLDER / f"{name}.md").read_text(encoding="utf-8") == text, name


@pytest.mark.parametrize("name", [*CASES, "win.es"])
def test_each_is_one_page_marked_as_simulated(name: str) -> None:
    reader = PdfReader(io.BytesIO((gallery.FOLDER / f"{name}.pdf").read_bytes()))
    assert len(reader.pages) == 1
    assert "SIMULAD" in reader.pages[0].extract_text() or "SIMULATED" in reader.pages[0].extract_text()


@pytest.mark.parametrize("name", CASES)
def test_each_has_its_page_and_its_picture(name: str) -> None:
    assert (gallery.FOLDER / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    html = (gallery.FOLDER / f"{name}.html").read_text(encoding="utf-8")
    assert "SIMULATED" in html
    assert html.count('<img src="data:image/png') >= 2


def test_the_readme_names_every_case() -> None:
    text = (gallery.FOLDER / "README.md").read_text(encoding="utf-8")
    for name in CASES:
        assert f"{name}.png" in text
        assert f"{name}.pdf" in text
