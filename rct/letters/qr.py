"""The QR codes of many references in one link, all at once.

Among texts of one length, at one version and mask, each module of the code is a sum modulo 2 of bits of the text: the
data are the text's own bits, the error correction is linear in them, the mask is added at the end (ISO/IEC 18004:2015,
7.4 to 7.8). So segno draws one code and one more for each bit that may differ, and every other code is a sum of these.
The mask is the one of least penalty (7.8.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import segno
from numpy.typing import NDArray

PLACE = "{reference}"
QUIET = 4  # white modules around a code, as the standard asks
_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # of the alphanumeric mode, by their values
_KIND: dict[str, Any] = {"error": "m", "micro": False, "boost_error": False}
_BASE = 0x60  # a character from which each of its lower seven bits leads to one that can be written
_WIDEST = 53  # modules of a line that is kept as one number (version 9, 180 bytes)
Modules = NDArray[np.uint8]  # 1 is dark
Lines = NDArray[np.uint64]


def version_for(links: Sequence[str], length: int) -> int:
    """The least version that holds every link with a reference of `length` characters ('': the reference alone)."""
    texts = (_text(link, "-" * length) for link in links)
    return max(int(segno.make(text, error="m", micro=False).version) for text in texts)


def codes(link: str, references: Sequence[str], version: int) -> Modules:
    """Each reference's code with its quiet zone: (references, side, side).

    `link` has `{reference}` where the reference goes; '' is the reference alone. The references have one length and
    hold capital letters, digits and hyphens.
    """
    if not references:
        return np.zeros((0, 0, 0), np.uint8)
    if 17 + 4 * version > _WIDEST:  # one by one: a link of that length is rare
        found = np.array([segno.make(_text(link, r), version=version, **_KIND).matrix for r in references])
    else:
        found = _drawing(link, len(references[0]), version).drawn(references)
    return np.pad(found.astype(np.uint8), ((0, 0), (QUIET, QUIET), (QUIET, QUIET)))


@dataclass(frozen=True)
class _Drawing:
    """Codes of one link: that of all zeros, what each bit changes in it, what each mask does to it."""

    link: str
    mode: str
    groups: tuple[
        tuple[int, int], ...
    ]  # characters that are one number in the code, with some of the reference
    zero: Modules  # (side, side)
    bits: Modules  # (bits of all groups, modules)
    masks: Modules  # (8, side, side)

    def drawn(self, references: Sequence[str]) -> Modules:
        """(references, side, side)."""
        texts = [_text(self.link, reference) for reference in references]
        given = np.concatenate(
            [
                np.array([_number(text[a:b], self.mode) for text in texts])[:, None]
                >> np.arange(_width(b - a, self.mode))
                & 1
                for a, b in self.groups
            ],
            axis=1,
        )
        sums = (given.astype(np.float32) @ self.bits.astype(np.float32)).astype(np.uint8)
        plain: Modules = np.bitwise_xor((sums & np.uint8(1)).reshape(-1, *self.zero.shape), self.zero)
        rows, columns = (
            _lines(plain)[:, None] ^ _lines(self.masks),
            _lines(plain.swapaxes(1, 2))[:, None] ^ _lines(self.masks.swapaxes(1, 2)),
        )
        best = penalties(rows, columns, plain.shape[1]).argmin(axis=1)
        return np.asarray(plain ^ self.masks[best])


@lru_cache(maxsize=16)
def _drawing(link: str, length: int, version: int) -> _Drawing:
    places = _text(link, "\0" * length)
    mode = "alphanumeric" if set(places) <= {"\0", *_CHARACTERS} else "byte"
    size = 2 if mode == "alphanumeric" else 1
    cut = [(i, min(i + size, len(places))) for i in range(0, len(places), size)]
    groups = tuple((a, b) for a, b in cut if "\0" in places[a:b])

    def drawn(numbers: dict[tuple[int, int], int], mask: int = 0) -> Modules:
        text = places
        for a, b in groups:
            text = text[:a] + _characters(numbers.get((a, b), 0), b - a, mode) + text[b:]
        made = segno.make(text, version=version, mode=mode, mask=mask, **_KIND)
        return np.array(made.matrix, np.uint8)

    zero = drawn({})
    bits = [drawn({(a, b): 1 << bit}) ^ zero for a, b in groups for bit in range(_width(b - a, mode))]
    masks = [drawn({}, mask) ^ zero for mask in range(8)]
    return _Drawing(link, mode, groups, zero, np.array([b.ravel() for b in bits]), np.array(masks))


def _text(link: str, reference: str) -> str:
    return link.replace(PLACE, reference) if link else reference


def _width(characters: int, mode: str) -> int:
    """Bits of a group; of a byte the seven that characters of a reference differ in."""
    return 7 if mode == "byte" else 11 if characters == 2 else 6


def _number(group: str, mode: str) -> int:
    if mode == "byte":
        return ord(group) ^ _BASE
    number = 0
    for character in group:
        number = 45 * number + _CHARACTERS.index(character)
    return number


def _characters(number: int, size: int, mode: str) -> str:
    if mode == "byte":
        return chr(number ^ _BASE)
    return "".join(_CHARACTERS[number // 45**i % 45] for i in reversed(range(size)))


def _lines(modules: Modules) -> Lines:
    """(…, side, side) → (…, side): each row as a number, its first module the lowest bit."""
    weights = np.uint64(1) << np.arange(modules.shape[-1], dtype=np.uint64)
    return np.asarray((modules * weights).sum(axis=-1, dtype=np.uint64))


def penalties(rows: Lines, columns: Lines, side: int) -> NDArray[np.int64]:
    """ISO/IEC 18004:2015, table 11: lines of modules, each a number with a bit a module: (…, side) → (…)."""
    total = 10 * (np.abs(_count(rows) * 100 / side**2 - 50) // 5).astype(np.int64)
    for lines in (rows, columns):
        total += _in_lines(lines, side)
    across, down = _alike(rows, side), ~(rows[..., 1:] ^ rows[..., :-1])
    total += 3 * _count(across[..., 1:] & across[..., :-1] & down)
    return total


def _in_lines(lines: Lines, side: int) -> NDArray[np.int64]:
    """Runs of five or more of one color (3, and 1 for each more), and finder-like patterns beside four light (40)."""
    alike = _alike(lines, side)
    five = alike & alike >> 1 & alike >> 2 & alike >> 3
    dark = lines << 4
    light = ~dark  # beyond the edge too
    finder = dark & light >> 1 & dark >> 2 & dark >> 3 & dark >> 4 & light >> 5 & dark >> 6
    before = light << 1 & light << 2 & light << 3 & light << 4
    after = light >> 7 & light >> 8 & light >> 9 & light >> 10
    total = _count(five)
    total += 2 * _count(five & ~(five << 1))
    total += 40 * _count(finder & (before | after))
    return total


def _alike(lines: Any, side: int) -> Any:
    """A bit for each module that has the color of the next."""
    return ~(lines ^ lines >> 1) & np.uint64((1 << side - 1) - 1)


def _count(lines: Any) -> NDArray[np.int64]:
    found: NDArray[np.int64] = np.bitwise_count(lines).sum(axis=-1, dtype=np.int64)
    return found
