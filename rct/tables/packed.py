"""Columns that stay small: compressed as they come, a block of rows at a time.

A million names and streets as objects of Python take half a gigabyte; packed they take some twenty bytes a row.
What is asked of them is to be read a few times in order; a single place costs the unpacking of its block.
"""

from __future__ import annotations

import zlib
from abc import abstractmethod
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress, repeat
from typing import Self, TypeVar, overload

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.signedinteger]
_BATCH = 16_384  # values at a time
_LEVEL = 1  # a quarter more than the best takes, in a fifth of the time
Value = TypeVar("Value", bound=str | float)


class _Column(Sequence[Value]):
    """What all kinds have in common: equal to any sequence of the same values."""

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, place: int) -> Value: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Value]: ...
    def __getitem__(self, place: int | slice) -> Value | Sequence[Value]:
        if isinstance(place, slice):
            return [self._at(i) for i in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return self._at(place % len(self))

    @abstractmethod
    def _at(self, place: int) -> Value: ...

    def tolist(self) -> list[Value]:
        return list(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and list(self) == list(other)

    def __repr__(self) -> str:
        return f"<{len(self)} values>"  # never the values: they may be names


class _Packed(_Column[Value]):
    """Values in the blocks in which they came."""

    def __init__(self, values: Sequence[Value] = ()):
        self._parts: list[bytes] = []
        self._ends: list[int] = []
        self._open: tuple[int, Sequence[Value]] = (-1, ())  # what was unpacked last for a single place
        self.extend(values)

    @abstractmethod
    def _bytes(self, values: Sequence[Value]) -> bytes: ...

    @abstractmethod
    def _values(self, data: bytes) -> Sequence[Value]: ...

    def extend(self, values: Sequence[Value]) -> None:
        """Add a block."""
        if len(values):
            self._parts.append(zlib.compress(self._bytes(values), _LEVEL))
            self._ends.append(len(self) + len(values))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[Value]:
        return chain.from_iterable(self.blocks())

    def blocks(self) -> Iterator[Sequence[Value]]:
        """The values as they came, block by block."""
        return map(self._unpacked, self._parts)

    def drained(self) -> Iterator[Sequence[Value]]:
        """`blocks`, letting go of each once it is read: the column is empty at the end."""
        self._ends.clear()
        self._parts.reverse()
        while self._parts:
            yield self._unpacked(self._parts.pop())

    def only(self, keep: Iterable[bool]) -> Self:
        """The values that `keep` marks."""
        marks, kept = iter(keep), type(self)()
        for values in self.blocks():
            kept.extend(list(compress(values, marks)))
        return kept

    def _unpacked(self, part: bytes) -> Sequence[Value]:
        return self._values(zlib.decompress(part))

    def _at(self, place: int) -> Value:
        part = bisect_right(self._ends, place)
        if self._open[0] != part:
            self._open = part, self._unpacked(self._parts[part])
        return self._open[1][place - (self._ends[part - 1] if part else 0)]


class Texts(_Packed[str]):
    """Texts without line breaks: no cell that is kept holds one. ValueError for one that does."""

    def _bytes(self, values: Sequence[str]) -> bytes:
        joined = "\n".join(values)
        if joined.count("\n") != len(values) - 1:
            raise ValueError("a text to pack holds a line break")
        return joined.encode("utf-8", "surrogatepass")

    def _values(self, data: bytes) -> list[str]:
        return data.decode("utf-8", "surrogatepass").split("\n")


class Floats(_Packed[float]):
    """Numbers, to the bit."""

    def _bytes(self, values: Sequence[float]) -> bytes:
        return np.asarray(values, np.float64).tobytes()

    def _values(self, data: bytes) -> array[float]:
        return array("d", data)

    def taken(self, places: Places) -> Floats:
        """The numbers at `places`, in that order."""
        values, taken = np.fromiter(self, np.float64, len(self)), Floats()
        for low in range(0, len(places), _BATCH):
            taken.extend(values[places[low : low + _BATCH]].tolist())
        return taken


class Rising(_Packed[int]):
    """Whole numbers, most of them one more than the number before: next to nothing."""

    def _bytes(self, values: Sequence[int]) -> bytes:
        return np.diff(np.asarray(values, np.int64), prepend=0).tobytes()

    def _values(self, data: bytes) -> array[int]:
        return array("q", np.cumsum(np.frombuffer(data, np.int64)).tobytes())


class Same(_Column[str]):
    """One text `n` times over: the block of every unit where there are no blocks."""

    def __init__(self, text: str, n: int):
        self._text, self._n = text, n

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[str]:
        return repeat(self._text, self._n)

    def _at(self, place: int) -> str:
        return self._text


class Chosen(_Column[str]):
    """Texts of another column at `places`, in that order. Most are labels, of which there are few: numbers of them."""

    def __init__(self, texts: Sequence[str], places: Places):
        numbers: dict[str, int] = {}
        codes = np.fromiter((numbers.setdefault(t, len(numbers)) for t in texts), np.uint32, len(texts))
        self._codes = codes.astype(np.min_scalar_type(len(numbers)))[places]
        self._labels = list(numbers)

    def __len__(self) -> int:
        return len(self._codes)

    def __iter__(self) -> Iterator[str]:
        parts = (self._codes[low : low + _BATCH].tolist() for low in range(0, len(self), _BATCH))
        return map(self._labels.__getitem__, chain.from_iterable(parts))

    def _at(self, place: int) -> str:
        return self._labels[int(self._codes[place])]
