"""A filled letter's Markdown as a tree of plain data for the fixed typst files: no source text, no live links.

A node is {"t": kind, "c": children}; text is {"t": "text", "v": …}, a value {"t": "value", "i": number}. The same
template with the same conditions gives the same tree for every recipient: only the values differ. Behind the values
of the fields come those that are made of them: what a link's address says of a field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from markdown_it.tree import SyntaxTreeNode

from rct.definition.readings import BARE_ADDRESS, MARK, OPEN, WHOLE, markdown
from rct.letters.addresses import part_of_address, whole_address
from rct.letters.template import Filled
from rct.letters.words import UnfitValue, plain

Node = dict[str, Any]
Line = tuple[Node, ...]  # text and value nodes of one line
_BLOCKS = {"paragraph": "paragraph", "blockquote": "quote", "list_item": "item"}
_SPANS = {"strong": "strong", "em": "em"}
_SCHEMES = ("http://", "https://", "mailto:", "tel:")
_BOX = "[ ] "


@dataclass(frozen=True)
class Derived:
    """A value made of a field's: a part of an address, encoded; or behind a link's words (` (pay.example/x)`) the
    whole address, unless the words are that address (`words`: the field that they are)."""

    field: int
    scheme: str | None = None  # of a whole address; None for a part
    words: int | None = None

    def of(self, values: Sequence[str]) -> str:
        """Raises `UnfitValue` where a whole address is none."""
        value = values[self.field]
        if self.scheme is None:
            return part_of_address(value)
        address = whole_address(value, self.scheme)
        bare = re.sub(r"^https?://", "", address, flags=re.IGNORECASE)
        said = None if self.words is None else values[self.words].strip()
        return "" if said in (address, bare) else f" ({bare})"


@dataclass(frozen=True)
class Tree:
    """What a letter says: the lines of its address block (none if it has no such block) and its body."""

    address: tuple[Line, ...]
    body: tuple[Node, ...]
    pictures: tuple[str, ...]
    derived: tuple[Derived, ...] = ()

    def values(self, filled: Filled, *, lenient: bool = False) -> tuple[str, ...]:
        """The values that the nodes name. Raises `UnfitValue` for a link's address that is none, unless `lenient`."""
        return (*filled.values, *(_made(each, filled.values, lenient=lenient) for each in self.derived))


def _made(each: Derived, values: Sequence[str], *, lenient: bool) -> str:
    try:
        return each.of(values)
    except UnfitValue:
        if lenient:
            return f" ({values[each.field]})"
        raise


@lru_cache(maxsize=4096)
def read_tree(text: str, *, addressed: bool = True) -> Tree:
    """The tree of a filled text.

    The address is the first paragraph, if it has two lines or more and its first line is a field; only letters and
    postcards have one (`addressed`).
    """
    root = SyntaxTreeNode(markdown().parse(text))
    blocks = list(root.children)
    address: tuple[Line, ...] = ()
    if addressed and blocks and blocks[0].type == "paragraph":
        lines = _lines(blocks[0].children[0])
        if len(lines) > 1 and lines[0] and lines[0][0]["t"] == "value":
            address = tuple(lines)
            blocks = blocks[1:]
    reader = _TreeReader(len(MARK.findall(text)))
    body = tuple(node for block in blocks for node in reader.block(block))
    return Tree(address, body, tuple(dict.fromkeys(reader.pictures)), tuple(reader.derived))


def address_lines(tree: Tree, filled: Filled) -> list[str]:
    """The address of one recipient; a line that came out empty is left out."""
    lines = (" ".join(line_text(line, filled.values.__getitem__).split()) for line in tree.address)
    return [line for line in lines if line]


def line_text(line: Sequence[Node], value: Callable[[int], str]) -> str:
    """A line as text, each value put in by its number."""
    return "".join(node["v"] if node["t"] == "text" else value(node["i"]) for node in line)


def _lines(inline: SyntaxTreeNode) -> list[Line]:
    lines: list[list[Node]] = [[]]
    for child in inline.children:
        if child.type in ("softbreak", "hardbreak"):
            lines.append([])
        else:
            lines[-1] += _flat(child)
    return [tuple(line) for line in lines]


def _flat(node: SyntaxTreeNode) -> Iterator[Node]:
    """The text under a node, without its emphasis."""
    if node.children:
        for child in node.children:
            yield from _flat(child)
    else:
        yield from _split(node.content)


def _split(text: str) -> list[Node]:
    """Text with marks as text and value nodes."""
    nodes: list[Node] = []
    for i, part in enumerate(MARK.split(text)):
        if i % 2:
            nodes.append({"t": "value", "i": int(part)})
        elif part:
            nodes.append({"t": "text", "v": plain(part)})
    return nodes


class _TreeReader:
    """Walks one letter. Headings start at level 1 and never skip one, as a tagged PDF must."""

    def __init__(self, fields: int) -> None:
        self.pictures: list[str] = []
        self.derived: list[Derived] = []
        self._fields = fields  # how many values the letter has of its own
        self._level = 0

    def block(self, node: SyntaxTreeNode) -> list[Node]:
        if node.type == "inline":
            return self._inline(node)
        if node.type == "heading":
            self._level = min(int(node.tag[1]), self._level + 1)
            return [{"t": "heading", "level": self._level, "c": self._children(node)}]
        if node.type in ("bullet_list", "ordered_list"):
            return [self._list(node)]
        if node.type == "hr":
            return [{"t": "rule", "c": []}]
        if node.type in ("fence", "code_block"):
            return [{"t": "code", "lines": [_split(x) for x in node.content.rstrip("\n").split("\n")]}]
        return [{"t": _BLOCKS[node.type], "c": self._children(node)}]

    def _children(self, node: SyntaxTreeNode) -> list[Node]:
        return [inner for child in node.children for inner in self.block(child)]

    def _list(self, node: SyntaxTreeNode) -> Node:
        items = [{"t": "item", "c": self._children(child)} for child in node.children]
        boxes = [_take_box(item) for item in items]
        ordered = node.type == "ordered_list"
        start = int(node.attrs.get("start", 1)) if ordered else 1
        kind = "numbers" if ordered else "boxes" if boxes and all(boxes) else "bullets"
        return {"t": kind, "start": start, "c": items}

    def _inline(self, node: SyntaxTreeNode) -> list[Node]:
        found: list[Node] = []
        for child in node.children:
            if child.type in _SPANS:
                found.append({"t": _SPANS[child.type], "c": self._inline(child)})
            elif child.type == "softbreak":
                found.append({"t": "text", "v": " "})
            elif child.type == "hardbreak":
                found.append({"t": "break", "c": []})
            elif child.type == "link":
                found += self._link(child)
            elif child.type == "image":
                found += self._image(child)
            else:
                found += self._text(child.content)
        return found

    def _text(self, text: str) -> list[Node]:
        """Words, in which an address that is written out is typed as it stands: a field inside it is encoded."""
        found: list[Node] = []
        at = 0
        for address in BARE_ADDRESS.finditer(text):
            if OPEN in address[0] and not WHOLE.match(address[0]):
                found += [*_split(text[at : address.start()]), *self._encoded(address[0])]
                at = address.end()
        return [*found, *_split(text[at:])]

    def _encoded(self, address: str) -> list[Node]:
        """An address with each field in it encoded."""
        return [self._derive(Derived(n["i"])) if n["t"] == "value" else n for n in _split(address)]

    def _derive(self, derived: Derived) -> Node:
        self.derived.append(derived)
        return {"t": "value", "i": self._fields + len(self.derived) - 1}

    def _link(self, node: SyntaxTreeNode) -> list[Node]:
        """On paper a link is its words and, where they differ, its address behind them."""
        inner = self._inline(node)
        target = unquote(str(node.attrs.get("href", "")))
        shown = target.removeprefix("mailto:").removeprefix("tel:")
        flat = [part for child in node.children for part in _flat(child)]
        bare = re.sub(r"^https?://", "", shown)
        if whole := WHOLE.fullmatch(target):
            words = flat[0]["i"] if len(flat) == 1 and flat[0]["t"] == "value" else None
            return [*inner, self._derive(Derived(int(whole["mark"]), whole["scheme"] or "", words))]
        alike = [_fields_aside(_split(address)) for address in (shown, bare, target)]
        if not target.startswith(_SCHEMES) or _fields_aside(flat) in alike:
            return inner
        said = self._encoded(bare) if target.startswith("http") else _split(bare)
        return [*inner, {"t": "text", "v": " ("}, *said, {"t": "text", "v": ")"}]

    def _image(self, node: SyntaxTreeNode) -> list[Node]:
        source = unquote(str(node.attrs.get("src", "")))
        if OPEN in source:
            raise AssertionError("a picture's path with a field in it is refused where the letter is read")
        self.pictures.append(source)
        return [{"t": "picture", "src": source, "alt": plain(MARK.sub("", node.content)).strip(), "c": []}]


def _fields_aside(nodes: Sequence[Node]) -> list[str | None]:
    """Nodes as their words, all fields alike: the number of a field's mark tells nothing of which field it is."""
    return [node.get("v") for node in nodes]


def _take_box(item: Node) -> bool:
    """Whether an item begins with `[ ] `, which is then taken off."""
    try:
        first = item["c"][0]["c"][0]
    except (IndexError, KeyError):
        return False
    if first["t"] != "text" or not first["v"].startswith(_BOX):
        return False
    first["v"] = first["v"][len(_BOX) :]
    return True


def lines_of(tree: Tree, values: Sequence[str]) -> list[str]:
    """The letter as lines of text, one for each heading, paragraph, list item or address line: for comparing."""
    sentences = [line_text(line, values.__getitem__) for line in tree.address]
    for node in tree.body:
        sentences += _node_lines(node, values)
    return [" ".join(line.split()) for line in sentences if line.strip()]


def _node_lines(node: Node, values: Sequence[str]) -> list[str]:
    kind = node["t"]
    if kind in ("bullets", "numbers", "boxes"):
        marks = {"bullets": "• ", "boxes": "☐ "}
        return [
            (marks.get(kind) or f"{node['start'] + i}. ") + " ".join(_inner(item, values))
            for i, item in enumerate(node["c"])
        ]
    if kind == "code":
        return [line_text(line, values.__getitem__) for line in node["lines"]]
    return _inner(node, values)


def _inner(node: Node, values: Sequence[str]) -> list[str]:
    """The lines inside a block: its own text, and those of the blocks in it."""
    if any(
        child["t"] in ("paragraph", "bullets", "numbers", "boxes", "heading", "quote", "code")
        for child in node["c"]
    ):
        return [line for child in node["c"] for line in _node_lines(child, values)]
    return "".join(_said(child, values) for child in node["c"]).split("\n")


def _said(node: Node, values: Sequence[str]) -> str:
    if node["t"] == "text":
        return str(node["v"])
    if node["t"] == "value":
        return values[node["i"]]
    if node["t"] == "break":
        return "\n"
    if node["t"] == "picture":
        return f"[{node['alt'] or 'picture'}]"
    return "".join(_said(child, values) for child in node["c"])
