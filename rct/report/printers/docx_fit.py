"""How large the type of the Word file may be so that it stays on one page.

Word itself lays the page out, with whatever font the reader's machine has; so this reckons, for a font as wide as
DejaVu Sans, which stands in where Arial is missing, and leaves some room.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from functools import lru_cache

from rct.report.blocks import LetterPicture, TableBlock
from rct.report.memo.apart import top_of
from rct.report.memo.page import MemoView, Section

SIZES = (9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5)
CHARACTER, LINE = 0.59, 1.17  # em: an average character's width, a line's height
SPACE = 2.0  # points behind a paragraph
ROOM = 0.97  # of the page's height
TALL = 0.6  # of its width: what is shown of a letter's picture
PICTURED = 4  # more letters than this are told in words
HEADING, TITLE, ANSWER, SMALL, TINY = 1.1, 1.55, 1.25, 0.86, 0.72  # sizes, in those of running text


def fitting(memo: MemoView, chart: bytes | None, inner: float, high: float) -> float:
    """The largest size, in points, at which the page is reckoned to hold the memo (`inner` by `high` inches)."""
    return next((s for s in SIZES if _height(memo, chart, s, inner * 72) <= ROOM * high * 72), SIZES[-1])


def chart_width(size: float, inner: float) -> float:
    """Inches of the chart."""
    return float(inner * min(1.0, max(0.62, size / SIZES[0])))


def picture_width(size: float, letters: int, inner: float) -> float:
    """Inches of a letter's picture."""
    return min(2.6, inner / letters - 0.2) * min(1.0, max(0.5, size / 8.5))


@lru_cache(maxsize=16)
def beginning(letter: LetterPicture) -> bytes:
    """What is shown of a letter's picture."""
    return top_of(letter, TALL)


def across(letters: int) -> int:
    """Letters in a row."""
    return letters if letters <= PICTURED else math.ceil(letters / 2)


def _height(memo: MemoView, chart: bytes | None, size: float, inner: float) -> float:
    return sum(_parts(memo, chart, size, inner))


def _parts(memo: MemoView, chart: bytes | None, size: float, inner: float) -> Iterator[float]:
    if memo.banner:
        yield _text(memo.banner, size, inner)
    yield _text(memo.eyebrow, SMALL * size, inner)
    yield _text(memo.title, TITLE * size, inner)
    yield _text(memo.answer, ANSWER * size * 1.04, inner)
    yield _text(f"{memo.verdict}: {memo.lead}", size, inner)
    yield _text(" ".join(memo.details), size, inner)
    if memo.picture and chart is not None:
        yield 72 * chart_width(size, inner / 72) * _shape(chart) + SPACE + 2
        yield _text(memo.picture.caption, SMALL * size, inner)
    for section in memo.sections:
        yield from _section(section, memo, size, inner)
    for text in (*memo.notes, *memo.footer):
        yield _text(text, TINY * size, inner)


def _section(section: Section, memo: MemoView, size: float, inner: float) -> Iterator[float]:
    yield _text(section.title, HEADING * size, inner) + 0.6 * size
    for text in section.texts:
        yield _text(text, size, inner)
    if section.letters:
        yield _text(memo.apart, SMALL * size, inner)
        yield from _letters(section.letters, size, inner)
    if section.table:
        yield _text(section.table.caption, SMALL * size, inner)
        yield from _rows(section.table, SMALL * size, inner)
    for text in section.bullets:
        yield _text(text, size, inner - 18)
    if section.checks:
        half = math.ceil(len(section.checks) / 2)
        texts = [f"{memo.mark(c)}: {c.title}. {c.text}" for c in section.checks]
        yield max(
            sum(_text(text, size, inner / 2 - 16) for text in part) for part in (texts[:half], texts[half:])
        )


def _letters(letters: tuple[LetterPicture, ...], size: float, inner: float) -> Iterator[float]:
    in_row = across(len(letters))
    for i in range(0, len(letters), in_row):
        yield max(
            _letter(letter, len(letters), size, inner / in_row - 12) for letter in letters[i : i + in_row]
        )


def _letter(letter: LetterPicture, of: int, size: float, width: float) -> float:
    words = letter.words if of <= 2 else letter.brief
    said = _text(letter.label, SMALL * size, width) + (_text(words, SMALL * size, width) if words else 0.0)
    if of > PICTURED:
        return said
    return said + 72 * picture_width(size, of, width / 72) * _shape(beginning(letter)) + size


def columns(table: TableBlock, size: float, inner: float) -> list[float]:
    """Points of each column: the first has what the others, in one line each, leave."""
    rest = [
        CHARACTER * size * max(1.2 * len(table.header[i]), *(len(row[i]) for row in table.rows)) + 14
        for i in range(1, len(table.header))
    ]
    scale = min(1.0, 0.75 * inner / sum(rest))
    return [inner - scale * sum(rest), *(scale * width for width in rest)]


def _rows(table: TableBlock, size: float, inner: float) -> Iterator[float]:
    """Each as high as its highest cell."""
    widths = columns(table, size, inner)
    for row in (table.header, *table.rows):
        yield max(_text(cell, size, w - 12) for cell, w in zip(row, widths, strict=True)) - SPACE + 1


def _text(text: str, size: float, width: float) -> float:
    """Points that a paragraph takes."""
    if not text:
        return 0.0
    lines = math.ceil(len(text) * CHARACTER * size / max(width, 30.0))
    return max(1, lines) * LINE * size + SPACE


def _shape(png: bytes) -> float:
    """Height by width of a PNG."""
    wide, high = struct.unpack(">II", png[16:24])
    return float(high / wide)
