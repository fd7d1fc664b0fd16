"""A document as data: blocks of plain text that HTML, PDF and Markdown print each in their way.

Text is never markup. What a block holds is escaped where it is printed, once, by the printer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from rct.language import SOURCE
from rct.report.printers.glyphs import drawable


@dataclass(frozen=True)
class Heading:
    kind: ClassVar[str] = "heading"
    level: int  # 2 and deeper: level 1 is the document's title
    text: str
    anchor: str


@dataclass(frozen=True)
class Para:
    kind: ClassVar[str] = "para"
    text: str


@dataclass(frozen=True)
class NoteBlock:
    """A paragraph to look at: a warning, a deviation."""

    kind: ClassVar[str] = "note"
    text: str


@dataclass(frozen=True)
class Bullets:
    kind: ClassVar[str] = "bullets"
    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True)
class FactsBlock:
    """Terms with what they are."""

    kind: ClassVar[str] = "facts"
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TableBlock:
    """A table with a caption. `right` marks the columns that hold numbers."""

    kind: ClassVar[str] = "table"
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]


@dataclass(frozen=True)
class FormulaBlock:
    """A line of mathematics, or bytes to hash, set as it is."""

    kind: ClassVar[str] = "formula"
    text: str


@dataclass(frozen=True)
class LetterText:
    """A letter: its tree (rct.report.printers.letters) and, for Markdown, the text as hashed."""

    kind: ClassVar[str] = "letter"
    title: str
    nodes: tuple[Mapping[str, Any], ...]
    source: str


@dataclass(frozen=True)
class Picture:
    """A chart and what it shows in words. It is drawn when somebody asks for it, since most ask for words alone.

    drawing: makes the SVG, with a function that each text goes through; pixels: the PNG, where a Word file is made.
    """

    kind: ClassVar[str] = "picture"
    drawing: Callable[[Callable[[str], str]], str] = field(repr=False, compare=False)
    alt: str
    caption: str
    pixels: Callable[[], bytes] | None = field(default=None, repr=False, compare=False)

    @property
    def svg(self) -> str:
        """The SVG for HTML."""
        return self._both[0]

    @property
    def svg_pdf(self) -> str:
        """The SVG for PDF, whose fonts are fewer: the same one where they have every letter of it."""
        return self._both[1]

    @cached_property
    def png(self) -> bytes | None:
        return None if self.pixels is None else self.pixels()

    @cached_property
    def _both(self) -> tuple[str, str]:
        lacking: list[str] = []

        def watched(text: str) -> str:
            if drawable(text) != text:
                lacking.append(text)
            return text

        page = self.drawing(watched)
        return page, self.drawing(drawable) if lacking else page

    def as_data(self) -> dict[str, Any]:
        """Drawn, as plain data; without the PNG, which Word alone asks for."""
        return {
            "kind": self.kind,
            "svg": self.svg,
            "svg_pdf": self.svg_pdf,
            "alt": self.alt,
            "caption": self.caption,
        }


@dataclass(frozen=True)
class LetterPicture:
    """A letter as sent: its label, what it looks like in words, its picture, and the words that set it apart.

    `brief` is the beginning of `words`, for where there is little room. `name` is the picture's file, for typst; `cuts`
    are shares of its height at which it may end, between two lines.
    """

    label: str
    alt: str
    png: bytes
    name: str
    words: str = ""
    brief: str = ""
    cuts: tuple[float, ...] = ()


@dataclass(frozen=True)
class Letters:
    """Letters side by side."""

    kind: ClassVar[str] = "letters"
    caption: str
    pictures: tuple[LetterPicture, ...]


Block = (
    Heading
    | Para
    | NoteBlock
    | Bullets
    | FactsBlock
    | TableBlock
    | FormulaBlock
    | LetterText
    | Picture
    | Letters
)


@dataclass(frozen=True)
class Doc:
    """A whole document. `time` is Unix seconds, the PDF's date; `running` stands on every page."""

    title: str
    subtitle: str
    blocks: tuple[Block, ...]
    footer: tuple[str, ...]
    running: str
    time: int
    banner: str | None = None
    meta: tuple[tuple[str, str], ...] = field(default=())  # names and contents for the HTML head
    paper: str = "us-letter"  # or a4
    lang: str = SOURCE.code  # in which it is written


def as_data(value: Any) -> Any:
    """Blocks and documents as plain dictionaries, each block with its `kind`."""
    if isinstance(value, Picture):
        return value.as_data()
    if isinstance(value, Doc):
        return {**_fields(value), "blocks": [as_data(block) for block in value.blocks]}
    return {"kind": value.kind, **asdict(value)}


def _fields(doc: Doc) -> dict[str, Any]:
    return {name: getattr(doc, name) for name in doc.__dataclass_fields__ if name != "blocks"}
