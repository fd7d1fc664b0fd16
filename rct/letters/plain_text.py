"""The text part of an e-mail: what its Markdown says, without its marks, for programs and readers that show no HTML.

Paragraphs are parted by an empty line, lists keep their signs and numbers, a link is its words with its address behind.
Values are put in last and are never read as Markdown.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from markdown_it.tree import SyntaxTreeNode

from rct.definition.readings import CLOSE, MARK, OPEN, markdown
from rct.letters.addresses import filled_address, filled_bare

_CODED_MARK = re.compile(f"{quote(OPEN)}([0-9]+){quote(CLOSE)}")
_SHOWN_WITHOUT = re.compile(r"^(mailto|tel):", re.IGNORECASE)
_INDENT = "  "


def plain_text(text: str, values: Sequence[str]) -> str:
    """The Markdown as text, ending in one line break. Raises `UnfitValue` for a value that is no address of a link."""
    root = SyntaxTreeNode(markdown(pictures=False).parse(text))
    return "\n\n".join(_PlainWriter(values).blocks(root.children)) + "\n"


class _PlainWriter:
    def __init__(self, values: Sequence[str]):
        self.values = values

    def blocks(self, nodes: Sequence[SyntaxTreeNode]) -> Iterator[str]:
        for node in nodes:
            if node.type in ("paragraph", "heading"):
                yield self.line(node.children[0])
            elif node.type in ("bullet_list", "ordered_list"):
                yield self._list(node)
            elif node.type == "blockquote":
                inner = "\n\n".join(self.blocks(node.children))
                yield "\n".join(f"> {line}".rstrip() for line in inner.split("\n"))
            elif node.type == "hr":
                yield "-" * 20
            else:  # code, the one other block of CommonMark without HTML
                yield self._filled(node.content.rstrip("\n"))

    def _list(self, node: SyntaxTreeNode) -> str:
        tight = all(c.hidden for item in node.children for c in item.children if c.type == "paragraph")
        number = int(node.attrs.get("start", 1))
        items = []
        for place, item in enumerate(node.children):
            sign = f"{number + place}. " if node.type == "ordered_list" else "- "
            inner = ("\n" if tight else "\n\n").join(self.blocks(item.children))
            lines = inner.split("\n")
            items.append("\n".join([sign + lines[0], *(f"{_INDENT}{line}".rstrip() for line in lines[1:])]))
        return ("\n" if tight else "\n\n").join(items)

    def line(self, node: SyntaxTreeNode) -> str:
        if node.type in ("softbreak", "hardbreak"):
            return "\n"
        if node.type == "link":
            return self._link(node)
        if node.children:
            return "".join(map(self.line, node.children))
        return self._filled(node.content)

    def _link(self, node: SyntaxTreeNode) -> str:
        words = "".join(map(self.line, node.children))
        address = _CODED_MARK.sub(rf"{OPEN}\1{CLOSE}", html.unescape(str(node.attrs.get("href", ""))))
        shown = _SHOWN_WITHOUT.sub("", filled_address(address, self.values))
        if not shown or shown == words or shown.partition("://")[2] == words:
            return shown or words
        return f"{words} ({shown})"

    def _filled(self, text: str) -> str:
        return MARK.sub(lambda m: self.values[int(m[1])], filled_bare(text, self.values))
