"""Where each key of a TOML file stands: key path → (line, column), both from 1, columns in characters.

tomllib says where a syntax error is but forgets where the values were. tree-sitter's tree keeps it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

Path = tuple[str | int, ...]
Place = tuple[int, int]

DEEP = 60  # no key of ours is deeper than 5; a hostile file can be


@dataclass(frozen=True)
class Positions:
    """Where each key, table header and array item of a text starts (row and byte, as tree-sitter counts)."""

    starts: Mapping[Path, tuple[int, int]]
    lines: Sequence[bytes]

    def find(self, path: Path) -> Place | None:
        """The place of `path`, or of the nearest table that holds it; None when the file has neither."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.starts:
                return _place(self.lines, self.starts[path[:length]])
        return None


@dataclass(frozen=True)
class DateToken:
    """A date as written in the file: its key path, its text, where it stands (line, column, byte offsets)."""

    path: Path
    text: str
    place: Place
    start: int
    end: int

    @property
    def value(self) -> date | None:
        """The date, or None when the calendar has no such day."""
        try:
            return date.fromisoformat(self.text)
        except ValueError:
            return None


def positions(text: str) -> Positions:
    """Where each key of `text` stands. Works as far as the file can be read; never raises."""
    starts: dict[Path, tuple[int, int]] = {}
    for path, node in _walk(text):
        starts.setdefault(path, (node.start_point[0], node.start_point[1]))
    return Positions(starts, text.encode().split(b"\n"))


def dates(text: str) -> list[DateToken]:
    """Every plain date in `text`, also those that the calendar does not have."""
    lines = text.encode().split(b"\n")
    found = {node.start_byte: (path, node) for path, node in _walk(text) if node.type == "local_date"}
    return [
        DateToken(path, _text(node), _place(lines, tuple(node.start_point)), node.start_byte, node.end_byte)
        for path, node in found.values()
    ]


def too_deep(text: str) -> Place | None:
    """Where a dotted key has more parts than any definition needs (such keys cost tomllib quadratic time)."""
    for path, node in _walk(text):
        if len(path) > DEEP:
            return node.start_point[0] + 1, 1
    return None


def _place(lines: Sequence[bytes], point: tuple[int, ...]) -> Place:
    row, byte = point
    return row + 1, len(lines[row][:byte].decode(errors="replace")) + 1


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_toml.language()))


_At = tuple[
    Path, Node
]  # a node of the syntax tree with its key path, or that of the table or array around it


def _walk(text: str) -> Iterator[_At]:
    """Keys (also of each array item, by its number) and dates, in the file's order."""
    counts: dict[Path, int] = {}  # how many [[x]] of each name so far
    stack: list[tuple[_At, int]] = [(((), _parser().parse(text.encode()).root_node), 0)]
    while stack:
        (base, node), depth = stack.pop()
        if depth <= DEEP:
            keys, inner = _look(node, base, counts)
            yield from keys
            stack.extend((at, depth + 1) for at in reversed(inner))


def _look(node: Node, base: Path, counts: dict[Path, int]) -> tuple[list[_At], list[_At]]:
    """The keys and dates that a node itself is, and what is inside it."""
    if node.type in {"table", "table_array_element"}:
        return _table(node, counts)
    if node.type == "pair":
        return _pair(node, base)
    if node.type == "array":
        items = [child for child in node.named_children if child.type not in {"comment", "ERROR"}]
        numbered: list[_At] = [((*base, number), item) for number, item in enumerate(items)]
        return numbered, numbered
    if node.type == "local_date":
        return [(base, node)], []
    if node.type in {"document", "inline_table"}:
        return [], [(base, child) for child in node.named_children]
    return [], []


def _table(node: Node, counts: dict[Path, int]) -> tuple[list[_At], list[_At]]:
    name = _first_key(node)
    if name is None:
        return [], []
    path = _inside_arrays(_parts(name), counts)
    if node.type == "table_array_element":
        number = counts.get(path, 0)
        counts[path] = number + 1
        path = (*path, number)
    pairs = [child for child in node.named_children if child.type == "pair"]
    return list(_prefixes((), path, name)), [(path, pair) for pair in pairs]


def _pair(node: Node, base: Path) -> tuple[list[_At], list[_At]]:
    name = _first_key(node)
    values = [child for child in node.named_children[1:] if child.type != "comment"]
    if name is None or not values:
        return [], []
    path = base + _parts(name)
    return list(_prefixes(base, path, name)), [(path, values[0])]


def _prefixes(base: Path, path: Path, name: Node) -> Iterator[_At]:
    """A dotted key a.b.c names a, a.b and a.b.c."""
    for length in range(len(base) + 1, len(path) + 1):
        yield path[:length], name


def _inside_arrays(path: Path, counts: Mapping[Path, int]) -> Path:
    """`[x.y]` after `[[x]]` belongs to the latest x."""
    found: Path = ()
    for i, part in enumerate(path):
        found = (*found, part)
        if found in counts and i < len(path) - 1:
            found = (*found, counts[found] - 1)
    return found


def _first_key(node: Node) -> Node | None:
    keys = ("bare_key", "quoted_key", "dotted_key")
    return next((child for child in node.named_children if child.type in keys), None)


def _parts(name: Node) -> tuple[str, ...]:
    parts: list[str] = []
    nodes = [name]
    while nodes and len(parts) <= DEEP:
        node = nodes.pop()
        if node.type == "dotted_key":
            nodes.extend(reversed(node.named_children))
        elif node.type == "quoted_key":
            parts.append(_unquoted(_text(node)))
        else:
            parts.append(_text(node))
    return tuple(parts)


def _unquoted(text: str) -> str:
    try:
        return next(iter(tomllib.loads(f"{text} = 0")))
    except tomllib.TOMLDecodeError:
        return text


def _text(node: Node) -> str:
    return (node.text or b"").decode(errors="replace")
