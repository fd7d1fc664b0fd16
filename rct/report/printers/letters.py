"""A letter's Markdown as a tree of plain data, for every printer to walk. No HTML, no live links.

Template fields such as {{ name }} are text like any other and stay visible. Pictures and links are named, not
followed: what a plan prints must not reach for anything.
"""

from __future__ import annotations

from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from rct.errors import visible

Node = dict[str, Any]
_BLOCKS = {
    "paragraph": "paragraph",
    "heading": "heading",
    "bullet_list": "bullets",
    "ordered_list": "numbers",
    "list_item": "item",
    "blockquote": "quote",
}
_INLINE = {"strong": "strong", "em": "em"}


def tree(text: str) -> tuple[Node, ...]:
    """The blocks of a CommonMark text (HTML off): {"t": kind, "c": children} or {"t": "text", "v": text}."""
    tokens = MarkdownIt("commonmark", {"html": False}).parse(text)
    return tuple(_blocks(SyntaxTreeNode(tokens)))


def _blocks(node: SyntaxTreeNode) -> list[Node]:
    found: list[Node] = []
    for child in node.children:
        if child.type in _BLOCKS:
            found.append({"t": _BLOCKS[child.type], "c": _blocks(child)})
        elif child.type == "inline":
            found += _inline(child)
        elif child.type == "hr":
            found.append({"t": "rule", "c": []})
        else:  # code, indented or fenced: the only other block of CommonMark without HTML
            found.append(
                {"t": "code", "lines": [visible(line) for line in child.content.rstrip("\n").split("\n")]}
            )
    return found


def _inline(node: SyntaxTreeNode) -> list[Node]:
    found: list[Node] = []
    for child in node.children:
        if child.type in _INLINE:
            found.append({"t": _INLINE[child.type], "c": _inline(child)})
        elif child.type == "softbreak":
            found.append({"t": "text", "v": " "})
        elif child.type == "hardbreak":
            found.append({"t": "break", "c": []})
        elif child.type == "code_inline":
            found.append({"t": "text", "v": visible(child.content)})
        elif child.type == "link":
            found += [*_inline(child), {"t": "text", "v": f" ({visible(str(child.attrs['href']))})"}]
        elif child.type == "image":
            named = f"[picture: {visible(child.content)}, {visible(str(child.attrs['src']))}]"
            found.append({"t": "text", "v": named})
        else:
            found.append({"t": "text", "v": visible(child.content)})
    return found
