"""A Word letter as our Markdown: its text, headings, lists, emphasis, links and merge fields; all else is named as lost.

Nothing of the text goes in silence: whatever stands where a letter has no place for it is told with its first words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rct.letters.plain_text import plain_text
from rct.letters.words import UnfitValue

if TYPE_CHECKING:
    from docx.document import Document

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SCHEMES = ("http://", "https://", "mailto:", "tel:")
_FIELD = re.compile(r"\{\{ ?[A-Za-z_]\w* ?\}\}")
_ONLY_FIELDS = re.compile(r"(?:\{\{ \w+ \}\}[ ,.]*)+")
_MERGE = re.compile(r'MERGEFIELD\s+(?:"([^"]+)"|(\S+))', re.IGNORECASE)
_LINK = re.compile(r'HYPERLINK\s+"([^"]+)"', re.IGNORECASE)
_SHOWN = 40  # characters of a lost text that are told
_BOXES = {"☐": "[ ]", "☑": "[x]", "☒": "[x]"}
_LOOKS = {
    "u": "underlining", "color": "color of letters", "highlight": "highlighting", "strike": "struck-out letters",
    "caps": "letters shown as capitals", "smallCaps": "small capitals", "vertAlign": "raised or lowered letters",
}  # fmt: skip
_UNSEEN = {
    "bookmarkStart", "bookmarkEnd", "proofErr", "lastRenderedPageBreak", "rPr", "pPr", "sdtPr", "sdtEndPr", "permStart",
    "permEnd", "commentRangeStart", "commentRangeEnd", "annotationRef", "footnoteRef", "endnoteRef", "sectPr", "smartTagPr",
}  # fmt: skip
_THROUGH = {"ins", "moveTo", "smartTag", "customXml", "sdt", "sdtContent", "dir", "bdo"}
_PICTURES = {"drawing", "pict", "object", "AlternateContent"}
_NOTES = {
    "footnoteReference": "a footnote",
    "endnoteReference": "an endnote",
    "commentReference": "a comment",
}


@dataclass(frozen=True)
class Imported:
    """The letter. `fields`: Word's name of each merge field → ours; `lost`: what there was besides, and how often."""

    text: str
    fields: dict[str, str]
    lost: dict[str, int]


@dataclass(frozen=True)
class _Piece:
    text: str
    bold: bool = False
    italic: bool = False
    link: str = ""
    field: bool = False


@dataclass
class _Block:
    pieces: list[_Piece]
    heading: int = 0
    level: int | None = None  # of a list's item
    ordered: bool = False


@dataclass
class _Code:
    """A field of Word while it is read: its instruction, then its result."""

    words: str = ""
    result: bool = False
    merge: bool = False
    link: str = ""


def read_letter(document: Document) -> Imported:
    """The document's letter. Never raises for what a document may hold: what has no place is in `lost`."""
    reader = _WordReader(document)
    blocks = list(reader.blocks(document.element.body))
    reader.around()
    text = _MarkdownWriter(reader.lost).letter(blocks)
    return Imported(text, reader.fields, dict(reader.lost))


@dataclass
class _WordReader:
    document: Document
    fields: dict[str, str] = field(default_factory=dict)
    lost: Counter[str] = field(default_factory=Counter)
    codes: list[_Code] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.styles = {s.style_id: str(s.name or "") for s in self.document.styles}

    def blocks(self, parent: Any) -> Iterator[_Block]:
        for element in parent.iterchildren("*"):
            kind = _name(element)
            if kind == "p":
                yield self._paragraph(element)
            elif kind == "tbl":
                self.lost["a table: each row stands as lines"] += 1
                for row in element.iter(f"{W}tr"):
                    yield _Block(self._row(row))
            elif kind in _THROUGH:
                yield from self.blocks(element)
            elif kind not in _UNSEEN:
                self._lose(element, "a part")

    def _row(self, row: Any) -> list[_Piece]:
        pieces: list[_Piece] = []
        for cell in row.iterchildren(f"{W}tc"):
            for block in self.blocks(cell):
                if block.pieces:
                    pieces += [*([_Piece("\n")] if pieces else []), *block.pieces]
        return pieces

    def _paragraph(self, element: Any) -> _Block:
        style = self.styles.get(_value(element, "pPr/pStyle") or "", "")
        block = _Block(list(self._inline(element, _Piece(""))))
        heading = re.fullmatch(r"Heading ([1-6])", style)
        block.heading = int(heading[1]) if heading else 1 if style == "Title" else 0
        number = _value(element, "pPr/numPr/numId")
        if style.startswith("List ") or (number and number != "0"):
            block.level = _level(_value(element, "pPr/numPr/ilvl"))
            block.ordered = "Number" in style or self._ordered(number, block.level)
        if _value(element, "pPr/jc") in ("center", "right", "end"):
            self.lost["lines set in the middle or to the right"] += 1
        return block

    def _ordered(self, number: str | None, level: int) -> bool:
        if number is None:
            return False
        try:
            numbering = self.document.part.numbering_part.element
        except (KeyError, NotImplementedError, AttributeError):
            return False
        abstract = {a.get(f"{W}abstractNumId"): a for a in numbering.iterchildren(f"{W}abstractNum")}
        for num in numbering.iterchildren(f"{W}num"):
            if num.get(f"{W}numId") == number:
                for lvl in abstract.get(_value(num, "abstractNumId"), ()):
                    if lvl.get(f"{W}ilvl") == str(level):
                        return _value(lvl, "numFmt") not in ("bullet", "none", None)
        return False

    def _inline(self, parent: Any, as_: _Piece) -> Iterator[_Piece]:
        for element in parent.iterchildren("*"):
            kind = _name(element)
            if kind == "r":
                yield from self._run(element, as_)
            elif kind in _THROUGH:
                if kind in ("ins", "moveTo"):
                    self.lost["tracked changes: taken as accepted"] += 1
                yield from self._inline(element, as_)
            elif kind in ("del", "moveFrom"):
                self.lost["tracked changes: taken as accepted"] += 1
            elif kind == "hyperlink":
                yield from self._inline(element, self._linked(as_, self._target(element)))
            elif kind == "fldSimple":
                code = self._opened(_Code(str(element.get(f"{W}instr") or "")))
                yield from self._merged(code)
                if not code.merge:
                    yield from self._inline(element, self._linked(as_, code.link))
            elif kind not in _UNSEEN:
                self._lose(element, "a formula" if kind.startswith("oMath") else "a part of a line")

    def _run(self, run: Any, as_: _Piece) -> Iterator[_Piece]:
        properties = run.find(f"{W}rPr")
        if _on(properties, "vanish"):
            self._lose(run, "hidden text")
            return
        for mark, what in _LOOKS.items():
            if properties is not None and _on(properties, mark) and not as_.link:
                self.lost[what] += 1
        style = self.styles.get(_value(run, "rPr/rStyle") or "", "")
        bold = _on(properties, "b") or style == "Strong"
        italic = _on(properties, "i") or style == "Emphasis"
        as_ = _Piece("", bold, italic, as_.link)
        for element in run.iterchildren("*"):
            yield from self._in_run(element, as_)

    def _in_run(self, element: Any, as_: _Piece) -> Iterator[_Piece]:
        kind = _name(element)
        if kind == "fldChar":
            yield from self._field_mark(str(element.get(f"{W}fldCharType")))
        elif kind == "instrText":
            if self.codes:
                self.codes[-1].words += element.text or ""
        elif kind in ("delText", *_UNSEEN):
            pass
        elif any(not code.result or code.merge for code in self.codes):
            pass  # Word's own picture of a merge field, or its instruction
        elif text := self._text(kind, element):
            link = next((c.link for c in reversed(self.codes) if c.link), as_.link)
            yield _Piece(text, as_.bold, as_.italic, link)
        elif kind in _NOTES:
            self.lost[_NOTES[kind]] += 1
        elif kind in _PICTURES:
            self._lose(element, "a picture, drawing or text box")
        elif kind not in ("t", "softHyphen", "br"):
            self._lose(element, f"a part of a line ({kind})")

    def _text(self, kind: str, element: Any) -> str:
        if kind == "t":
            return str(element.text or "")
        if kind == "br" and element.get(f"{W}type") in ("page", "column"):
            self.lost["a page break"] += 1
            return ""
        if kind == "sym":
            self.lost["a sign of a symbol font: it is a ? now"] += 1
            return "?"
        return {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}.get(kind, "")

    def _field_mark(self, mark: str) -> Iterator[_Piece]:
        if mark == "begin":
            self.codes.append(_Code())
        elif self.codes and mark in ("separate", "end"):
            code = self.codes[-1]
            if not code.result:
                yield from self._merged(self._opened(code))
            if mark == "end":
                self.codes.pop()

    def _opened(self, code: _Code) -> _Code:
        """The instruction is read: what kind of field it is."""
        code.result = True
        if link := _LINK.search(code.words):
            code.link = self._safe(link[1])
        elif _MERGE.search(code.words):
            code.merge = True
        elif code.words.split():
            self.lost[f"a field {code.words.split()[0][:_SHOWN]}: what it last showed stands as text"] += 1
        return code

    def _merged(self, code: _Code) -> Iterator[_Piece]:
        found = _MERGE.search(code.words) if code.merge else None
        if found:
            said = found[1] or found[2]
            name = re.sub(r"\W+", "_", said).strip("_") or "field"
            name = f"_{name}" if name[0].isdigit() else name
            self.fields[said] = name
            yield _Piece(f"{{{{ {name} }}}}", field=True)

    def _target(self, element: Any) -> str:
        try:
            return self._safe(str(self.document.part.rels[element.get(_R_ID)].target_ref))
        except KeyError:
            self.lost["a link within the document"] += 1
            return ""

    def _safe(self, address: str) -> str:
        if address.lower().startswith(_SCHEMES) and not re.search(r"[\s<>()\"\\]", address):
            return address
        self.lost["a link that leads nowhere on the web"] += 1
        return ""

    @staticmethod
    def _linked(as_: _Piece, link: str) -> _Piece:
        return _Piece("", as_.bold, as_.italic, link or as_.link)

    def _lose(self, element: Any, what: str) -> None:
        """Name what has no place, with the first words that stand in it."""
        words = " ".join("".join(t.text or "" for t in element.iter(f"{W}t")).split())
        shown = words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"
        self.lost[f"{what}: “{shown}”" if shown else what] += 1

    def around(self) -> None:
        """What stands beside the letter: headers and footers, notes, macros."""
        for rel in self.document.part.rels.values():
            if rel.is_external:
                continue
            name = str(rel.target_part.partname)
            if re.search(r"/(header|footer)[0-9]*\.xml$", name):
                from docx.oxml import parse_xml

                part = parse_xml(rel.target_part.blob)
                if any((t.text or "").strip() for t in part.iter(f"{W}t")):
                    self._lose(part, "a header or footer")
            elif name.lower().endswith("vbaproject.bin"):
                self.lost["macros"] += 1


@dataclass
class _MarkdownWriter:
    lost: Counter[str]

    def letter(self, blocks: Sequence[_Block]) -> str:
        made: list[tuple[bool, str]] = []  # (an item of a list, the text)
        address: list[str] = []
        counts: dict[int, tuple[bool, int]] = {}  # of each level of the list: numbered, items so far
        for block in blocks:
            text = self._inline(block.pieces)
            if not text:
                continue
            if not made and block.level is None and not block.heading and _ONLY_FIELDS.fullmatch(text):
                address.append(text)
                continue
            if address:
                made.append((False, "\n".join(address)))
                address = []
            if block.level is None:
                counts = {}
                made.append((False, f"{'#' * block.heading} {text}" if block.heading else text))
                continue
            level = min(block.level, max(counts, default=-1) + 1)
            counts = {k: n for k, n in counts.items() if k <= level}
            numbered, items = counts.get(level, (block.ordered, 0))
            counts[level] = (block.ordered, items + 1 if numbered == block.ordered else 1)
            sign = f"{counts[level][1]}. " if block.ordered else "- "
            indent = "    " * level
            made.append((True, indent + sign + text.replace("\\\n", "\\\n" + indent + " " * len(sign))))
        if address:
            made.append((False, "\n".join(address)))
        return _joined(made)

    def _inline(self, pieces: Sequence[_Piece]) -> str:
        """A paragraph's Markdown; read back, it must say what Word said, else its emphasis and links go and are named."""
        said = "".join(p.text for p in pieces).strip()
        if not said:
            return ""
        marked = self._marked(pieces)
        plain = self._marked([_Piece(p.text, field=p.field) for p in pieces])
        if _reads(self._marked([replace(p, link="") for p in pieces])) == _reads(plain):
            return marked
        self.lost["bold or italic letters in a paragraph where their marks would not be read"] += 1
        return plain

    def _marked(self, pieces: Sequence[_Piece]) -> str:
        out = ""
        for link, linked in groupby(pieces, key=lambda p: p.link):
            text = ""
            for (bold, italic), alike in groupby(linked, key=lambda p: (p.bold, p.italic)):
                words = "".join(p.text if p.field else self._escaped(p.text) for p in alike)
                mark = "*" * (2 * bold + italic)
                core = words.strip()
                if mark and core:
                    left, right = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
                    words = f"{left}{mark}{core}{mark}{right}"
                text += words
            out += f"[{text}]({link})" if link and text.strip() else text
        lines = [re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in out.split("\n")]
        return "\\\n".join(_not_a_block(line) for line in lines if line)

    def _escaped(self, text: str) -> str:
        """Text that is neither Markdown nor a command of a template; a field typed by hand stays one."""
        parts = re.split(f"({_FIELD.pattern})", text)
        return "".join(part if i % 2 else self._plain(part) for i, part in enumerate(parts))

    def _plain(self, text: str) -> str:
        if re.search(r"\{[{%#]|[}%#]\}", text):
            self.lost["{{ or {% in the text: a space stands between now"] += 1
            text = re.sub(r"\{([{%#])", r"{ \1", text)
            text = re.sub(r"([}%#])\}", r"\1 }", text)
        text = re.sub(r"[\\`*_<>\[\]]|&(?=#?\w+;)", r"\\\g<0>", text)
        for sign, box in _BOXES.items():
            text = text.replace(sign, box)
        return text


def _joined(made: Sequence[tuple[bool, str]]) -> str:
    """The parts of a letter below each other: an empty line between, but for the items of one list."""
    out = ""
    for place, (item, text) in enumerate(made):
        seam = "" if not place else "\n" if item and made[place - 1][0] else "\n\n"
        out += seam + text
    return out + "\n"


def _not_a_block(line: str) -> str:
    """The line with a sign before what would begin a heading, a list or a rule."""
    line = re.sub(r"^([#+\-=~])", r"\\\1", line)
    return re.sub(r"^([0-9]{1,9})([.)])(?= |$)", r"\1\\\2", line)


def _reads(markdown: str) -> str:
    try:
        return plain_text(markdown, ())
    except (UnfitValue, IndexError):
        return ""


def _level(text: str | None) -> int:
    """The level of a list's item, from 0; Word has nine."""
    return int(text) if text is not None and re.fullmatch("[0-8]", text) else 0


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _value(element: Any, path: str) -> str | None:
    found = element.find("/".join(W + step for step in path.split("/")))
    return None if found is None else found.get(f"{W}val")


def _on(properties: Any, mark: str) -> bool:
    found = None if properties is None else properties.find(W + mark)
    return found is not None and found.get(f"{W}val") not in (
        "0",
        "false",
        "none",
        "auto",
        "000000",
        "baseline",
    )
