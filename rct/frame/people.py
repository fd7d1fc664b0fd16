"""The people of a list as the vault keeps them, in order of their pseudonyms, without a copy of all in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from json.encoder import encode_basestring

import numpy as np

from rct.design.pseudonyms import Places, Pseudonyms
from rct.frame.rows import FrameRows
from rct.registry.vault import Person

_HEAPS = 256  # one for each first byte of a pseudonym: small enough to be sorted at once
_FULL = 1 << 14  # characters of a heap that are kept before they are packed


class People:
    """Each person as (unit, id, cluster label, contact values as JSON); may be read several times.

    The rows are dealt into heaps by the first bits of the pseudonym, packed, and sorted heap by heap. What the
    vault alone needs of `rows` (ids, clusters, contact) is taken out of it on the way.
    """

    def __init__(self, units: Pseudonyms, order: Places, rows: FrameRows):
        """`units` in their order; `order` is the place of each in the file."""
        self._units, self._order = units, order
        self._heaps: list[list[bytes]] = [[] for _ in range(_HEAPS)]
        self._open: list[list[str]] = [[] for _ in self._heaps]
        self._size = [0] * len(self._heaps)
        sorted_kinds, start = units.kinds(0), 0
        self._ends = np.searchsorted(sorted_kinds, np.arange(len(self._heaps)), side="right").tolist()
        kinds = np.empty_like(sorted_kinds)
        kinds[order] = sorted_kinds
        for lines in _lines(rows):
            self._deal(lines, kinds[start : start + len(lines)])
            start += len(lines)
        for heap in range(len(self._heaps)):
            self._pack(heap)

    def __iter__(self) -> Iterator[Person]:
        start = 0
        for end, heap in zip(self._ends, self._heaps, strict=True):
            units, places, start = self._units[start:end], self._order[start:end], end
            if not len(places):
                continue
            # The heap's lines lie in order of place; `places` are in order of the pseudonym.
            lines = "\n".join(
                [zlib.decompress(part).decode("utf-8", "surrogatepass") for part in heap]
            ).split("\n")
            for unit, i in zip(units, np.argsort(np.argsort(places)).tolist(), strict=True):
                id, cluster, contact = lines[i].split("\t")
                yield unit, id, cluster, contact

    def _deal(self, lines: list[str], kinds: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> None:
        """Put each line into the heap of its kind."""
        order = np.argsort(kinds, kind="stable")
        sorted_lines = [lines[i] for i in order.tolist()]
        ends = np.cumsum(np.bincount(kinds, minlength=len(self._heaps))).tolist()
        start = 0
        for heap, end in enumerate(ends):
            if end > start:
                text = "\n".join(sorted_lines[start:end])
                self._open[heap].append(text)
                self._size[heap] += len(text)
                if self._size[heap] > _FULL:
                    self._pack(heap)
            start = end

    def _pack(self, heap: int) -> None:
        if self._open[heap]:
            text = "\n".join(self._open[heap])
            self._heaps[heap].append(zlib.compress(text.encode("utf-8", "surrogatepass"), 1))
            self._open[heap].clear()
            self._size[heap] = 0


def _lines(rows: FrameRows) -> Iterator[list[str]]:
    """Each person as a line, tabs between id, cluster and contact (none of them holds either), a block at a time."""
    columns = [column.drained() for column in rows.contact.values()]
    clusters = None if rows.clusters is None else rows.clusters.drained()
    contact = ", ".join(f"{_braced(encode_basestring(name))}: {{}}" for name in rows.contact)
    for ids in rows.ids.drained():
        cells = [list(map(encode_basestring, next(column))) for column in columns]
        labels: Sequence[str] = [""] * len(ids) if clusters is None else next(clusters)
        yield list(map(f"{{}}\t{{}}\t{{{{{contact}}}}}".format, ids, labels, *cells))


def _braced(text: str) -> str:
    """`text` as a format shows it unchanged."""
    return text.replace("{", "{{").replace("}", "}}")
