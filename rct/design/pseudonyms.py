"""Pseudonyms by the million: 24 hex digits each, held as their 12 bytes, and read in order without a copy of all.

A text of 24 digits is an object of 73 bytes and a place in a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import overload

import numpy as np
import numpy.typing as npt

DIGITS = 24
_BYTES = DIGITS // 2
_BATCH = 16_384
Places = npt.NDArray[np.signedinteger]


class Pseudonyms(Sequence[str]):
    """Texts of 24 lower-case hex digits; equal to any sequence of the same texts."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, batches: Iterable[Sequence[str]], n: int):
        """`batches`: the `n` texts, some at a time. Raises ValueError where one is none, or they are not `n`."""
        self._bytes = np.empty((n, _BYTES), np.uint8)
        end = 0
        for texts in batches:
            if set(map(len, texts)) - {DIGITS}:
                raise ValueError("a pseudonym has 24 hex digits")
            start, end = end, end + len(texts)
            self._bytes[start:end] = np.frombuffer(bytes.fromhex("".join(texts)), np.uint8).reshape(
                -1, _BYTES
            )
        if end != n:
            raise ValueError(f"{n} pseudonyms were to come")

    def __len__(self) -> int:
        return len(self._bytes)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return _texts(self._bytes[place])
        return bytes(self._bytes[place]).hex()

    def __iter__(self) -> Iterator[str]:
        parts = (self._bytes[low : low + _BATCH] for low in range(0, len(self), _BATCH))
        return chain.from_iterable(map(_texts, parts))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and list(self) == list(other)

    def at(self, places: Places) -> list[str]:
        """The pseudonyms at `places`, in that order."""
        return _texts(self._bytes[places])

    def taken(self, places: Places) -> Pseudonyms:
        """The pseudonyms at `places`, in that order, packed."""
        pseudonyms = Pseudonyms((), 0)
        pseudonyms._bytes = self._bytes[places]
        return pseudonyms

    def repeated(self) -> bool:
        """Whether two of them are equal."""
        for places in self.order():
            texts = self._bytes[places]
            if np.any(np.all(texts[1:] == texts[:-1], axis=1)):
                return True
        return False

    def kinds(self, shift: int) -> npt.NDArray[np.uint8]:
        """The first byte of each without its last `shift` bits: sorts them roughly, as their texts are sorted."""
        return self._bytes[:, 0] >> np.uint8(shift)

    def order(self, shift: int = 2) -> Iterator[Places]:
        """The places in order of the texts (equal ones by place), part by part: one part for each of `kinds`."""
        kinds = self.kinds(shift)
        for kind in range(256 >> shift):
            places = np.flatnonzero(kinds == kind)
            # Of two texts of one length the greater is the one with the greater first byte that differs; numpy
            # leaves zeros at the end out of account, and so do texts of one length.
            texts = np.ascontiguousarray(self._bytes[places]).view(f"S{_BYTES}").reshape(-1)
            yield places[np.argsort(texts, kind="stable")]


def _texts(rows: npt.NDArray[np.uint8]) -> list[str]:
    text = rows.tobytes().hex()
    return [text[i : i + DIGITS] for i in range(0, len(text), DIGITS)]
