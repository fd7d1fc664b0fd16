"""What a letter's Markdown can read like, whatever a recipient's fields hold: each field and condition as a mark.

A field is put in only after the Markdown is read, so where it stands (in a sentence, in a link's address, in a
picture's) is told by the letter alone. A condition is read as a mark itself and as each of its answers, one after the
other; no reading has every combination, but each branch stands in one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from jinja2 import nodes
    from markdown_it import MarkdownIt

OPEN, CLOSE = "\ue000", "\ue001"  # around a mark's number; no letter may hold them
MARK = re.compile(f"{OPEN}([0-9]+){CLOSE}")
# A web address that stands in a text as it is, as far as it surely goes.
BARE_ADDRESS = re.compile(r"""https?://[^\s<>()\[\]"']+""", re.IGNORECASE)
WHOLE = re.compile(f"(?P<scheme>https?://)?{OPEN}(?P<mark>[0-9]+){CLOSE}", re.IGNORECASE)
_MOST = 200  # readings of a letter
_BUDGET = 1_500_000  # characters of all of them


@dataclass(frozen=True)
class Mark:
    """What a mark stands for: a field by its column, or a condition or constant ('')."""

    column: str
    condition: bool = False


@dataclass(frozen=True)
class LetterReading:
    """One text of a letter; `marks` are by number, and the same in every reading of the letter."""

    text: str
    marks: tuple[Mark, ...]

    def addresses(self) -> Iterator[str]:
        """The address of each link."""
        for _, href in self._found():
            if href is not None:
                yield href

    def pictures(self) -> Iterator[str]:
        """The path of each picture."""
        for src, _ in self._found():
            if src is not None:
                yield src

    def _found(self) -> Iterator[tuple[str | None, str | None]]:
        for block in markdown().parse(self.text):
            nodes = list(block.children or [])
            while nodes:
                node = nodes.pop(0)
                if node.type == "image":
                    yield unquote(str(node.attrs.get("src", ""))), None
                elif node.type == "link_open":
                    yield None, unquote(str(node.attrs.get("href", "")))
                nodes = [*(node.children or []), *nodes]


@lru_cache(maxsize=64)
def readings(text: str) -> tuple[LetterReading, ...]:
    """The readings of a letter whose template is sound; none where it can't be read, or has too many answers."""
    from jinja2 import Environment, TemplateSyntaxError

    try:
        tree = Environment(autoescape=False, keep_trailing_newline=True).parse(text)
        marks: list[Mark] = []
        texts = _texts(tree.body, marks)
    except (TemplateSyntaxError, RecursionError, SyntaxError, ValueError, OverflowError, MemoryError):
        return ()
    except AssertionError:  # the parser's own, on a hostile text
        return ()
    if len(texts) * len(text) > max(_BUDGET, len(text)):
        return ()
    return tuple(LetterReading(t, tuple(marks)) for t in dict.fromkeys(texts))


def conditioned(text: str) -> set[str]:
    """The columns that a condition of a sound letter asks about."""
    from jinja2 import Environment, nodes

    found: set[str] = set()
    for test in Environment(autoescape=False).parse(text).find_all(nodes.If):
        found |= {name.name for name in test.test.find_all(nodes.Name)}
        found |= {test.test.name} if isinstance(test.test, nodes.Name) else set()
    return found


def _texts(body: Sequence[nodes.Node], marks: list[Mark]) -> list[str]:
    """The texts that `body` can come out as; the first has each of its conditions as a mark."""
    from jinja2 import nodes

    parts: list[list[str]] = []
    for node in body:
        if isinstance(node, nodes.Output):
            parts += [[_said(part, marks)] for part in node.nodes]
        elif isinstance(node, nodes.If):
            answers = [_mark(marks, Mark("", condition=True))]
            for branch in (node.body, *(inner.body for inner in node.elif_), node.else_):
                answers += _texts(branch, marks)
            parts.append(answers)
    most = max(map(len, parts), default=1)
    if most > _MOST:
        raise ValueError("more answers than are looked at")
    return ["".join(part[i % len(part)] for part in parts) for i in range(most)]


def _said(node: nodes.Node, marks: list[Mark]) -> str:
    from jinja2 import nodes

    if isinstance(node, nodes.TemplateData):
        return str(node.data)
    inner: nodes.Node | None = node
    while isinstance(inner, nodes.Filter):
        inner = inner.node
    return _mark(marks, Mark(inner.name if isinstance(inner, nodes.Name) else ""))


def _mark(marks: list[Mark], mark: Mark) -> str:
    marks.append(mark)
    return f"{OPEN}{len(marks) - 1}{CLOSE}"


@cache
def markdown(*, pictures: bool = True) -> MarkdownIt:
    """The one way in which letters are read: CommonMark without HTML, marks left whole in every address."""
    from markdown_it import MarkdownIt  # only where a letter is read
    from mdurl import encode

    class Reader(MarkdownIt):
        def normalizeLink(self, url: str) -> str:  # noqa: N802 - markdown-it's own name
            # Else a mark in the place of the site's name would become a name in Punycode, and the field be lost.
            return encode(url) if OPEN in url else super().normalizeLink(url)

    reader = Reader("commonmark", {"html": False})
    return reader if pictures else reader.disable("image")
