"""A document as Markdown (CommonMark with tables). All text is escaped: none of it is ever markup."""

from __future__ import annotations

import re

from rct.report.blocks import (
    Block,
    Bullets,
    Doc,
    FactsBlock,
    FormulaBlock,
    Heading,
    Letters,
    LetterText,
    NoteBlock,
    Para,
    Picture,
    TableBlock,
)

_ALWAYS = re.compile(r"([\\`*_{}\[\]<>#|~$&!@])")
# What starts a list, or underlines the line above: `- `, `+ `, `1. `, `1) `, `---`, `===`.
_LINE_START = re.compile(r"^(?:([-+])(?=\s|$)|([-=])(?=[-=\s]*$)|(\d{1,9})([.)])(?=\s|$))")


def escaped(text: str) -> str:
    """Text that Markdown prints as it is: no emphasis, links, tags, mathematics, lists or headings."""
    text = _ALWAYS.sub(r"\\\1", " ".join(text.split()))
    text = text.replace("://", ":\\//").replace("www.", "www\\.")
    return _LINE_START.sub(lambda m: f"{m[3]}\\{m[4]}" if m[3] else f"\\{m[1] or m[2]}", text)


def to_markdown(doc: Doc) -> bytes:
    """The whole document, UTF-8, LF."""
    parts = [f"# {escaped(doc.title)}"]
    if doc.banner:
        parts.append(f"> **{escaped(doc.banner)}**")
    if doc.subtitle:
        parts.append(escaped(doc.subtitle))
    parts += [_block(block) for block in doc.blocks]
    parts.append("---")
    parts += [escaped(line) for line in doc.footer]
    return ("\n\n".join(parts) + "\n").encode()


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {escaped(block.text)}"
        case Para():
            return escaped(block.text)
        case NoteBlock():
            return f"> {escaped(block.text)}"
        case Bullets():
            marks = [f"{n}." if block.numbered else "-" for n in range(1, len(block.items) + 1)]
            return "\n".join(f"{mark} {escaped(item)}" for mark, item in zip(marks, block.items, strict=True))
        case FactsBlock():
            return "\n".join(f"- **{escaped(term)}**: {escaped(text)}" for term, text in block.rows)
        case TableBlock():
            return _table(block)
        case FormulaBlock():
            return _fenced(block.text)
        case LetterText():
            return f"**{escaped(block.title)}**\n\n{_fenced(block.source)}"
        case Picture():
            return escaped(block.alt)
        case Letters():
            told = [f"- **{escaped(p.label)}**: {escaped(p.words or p.alt)}" for p in block.pictures]
            return "\n".join([escaped(block.caption), "", *told])


def _table(table: TableBlock) -> str:
    rule = ["---:" if right else "---" for right in table.right]
    lines = [f"{escaped(table.caption)}", "", _row(table.header), f"| {' | '.join(rule)} |"]
    return "\n".join([*lines, *(_row(row) for row in table.rows)])


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(escaped(cell) for cell in cells)} |"


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text.rstrip(chr(10))}\n{fence}"
