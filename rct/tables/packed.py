"""Columns of text that stay small: compressed as they come, a block of rows at a time.

A million names and streets as objects of Python take half a gigabyte; packed they take some twenty bytes a row.
What is asked of them is to be read once or twice in order; a single place costs the unpacking of its block.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress
from typing import overload

_LEVEL = 1  # a third of the size in a tenth of the time of the best


class _Texts(Sequence[str]):
    """What both kinds have in common: equal to any sequence of the same texts."""

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return [self._at(i) for i in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return self._at(place % len(self))

    def _at(self, place: int) -> str:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and list(self) == list(other)

    def __repr__(self) -> str:
        return f"<{len(self)} texts>"  # never the texts: they may be names


class Packed(_Texts):
    """Texts without line breaks (no cell that was kept holds one), in the blocks in which they came."""

    def __init__(self, texts: Sequence[str] = ()):
        self._parts: list[bytes] = []
        self._ends: list[int] = []
        self._open: tuple[int, list[str]] = (-1, [])  # the part that was unpacked last for a single place
        self.extend(texts)

    def extend(self, texts: Sequence[str]) -> None:
        """Add a block. Raises ValueError for a text that holds a line break."""
        if texts:
            joined = "\n".join(texts)
            if joined.count("\n") != len(texts) - 1:
                raise ValueError("a text to pack holds a line break")
            self._parts.append(zlib.compress(joined.encode("utf-8", "surrogatepass"), _LEVEL))
            self._ends.append(len(self) + len(texts))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self.blocks())

    def blocks(self) -> Iterator[list[str]]:
        """The texts as they came, block by block."""
        return map(_unpacked, self._parts)

    def drained(self) -> Iterator[list[str]]:
        """`blocks`, letting go of each once it is read: the column is empty at the end."""
        self._ends.clear()
        self._parts.reverse()
        while self._parts:
            yield _unpacked(self._parts.pop())

    def only(self, keep: Iterable[bool]) -> Packed:
        """The texts that `keep` marks."""
        marks, kept = iter(keep), Packed()
        for texts in self.blocks():
            kept.extend(list(compress(texts, marks)))
        return kept

    def _at(self, place: int) -> str:
        part = bisect_right(self._ends, place)
        if self._open[0] != part:
            self._open = part, _unpacked(self._parts[part])
        return self._open[1][place - (self._ends[part - 1] if part else 0)]


def _unpacked(part: bytes) -> list[str]:
    return zlib.decompress(part).decode("utf-8", "surrogatepass").split("\n")


class Same(_Texts):
    """One text `n` times over: the block of every unit where there are no blocks."""

    def __init__(self, text: str, n: int):
        self._text, self._n = text, n

    def __len__(self) -> int:
        return self._n

    def _at(self, place: int) -> str:
        return self._text
