"""Values that are equal, and ids that only look different: by sorted hashes, 8 bytes a value, no copy."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

import numpy as np

_BATCH = 8_192

# Letters that are read for one another, as their ASCII twin in lower case (the common ones of Unicode TS 39).
_CONFUSABLES = str.maketrans(
    {
        "o": "0", "l": "1", "i": "1", "|": "1",
        # Greek
        "α": "a", "ε": "e", "ι": "1", "κ": "k", "ν": "v", "ο": "0", "ρ": "p", "τ": "t", "υ": "u",
        "χ": "x",
        # Cyrillic
        "а": "a", "в": "b", "е": "e", "з": "3", "к": "k", "м": "m", "н": "h", "о": "0", "р": "p", "с": "c",
        "т": "t", "у": "y", "х": "x", "ѕ": "s", "і": "1", "ј": "j", "ӏ": "1", "ԁ": "d", "ԛ": "q", "ԝ": "w",
        # Latin with no dot, dashes, apostrophes, spaces, fraction slash
        "ı": "1", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "’": "'", "‘": "'",
        "ʼ": "'", "´": "'", "`": "'", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "⁄": "/",
    }
    | {chr(zero + d): str(d) for zero in (0x660, 0x6F0, 0x966) for d in range(10)}
)  # fmt: skip
_POINT_ZERO = re.compile(r"\.0+$", re.MULTILINE)
_LEADING_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")


def equal_groups(values: Sequence[str]) -> list[list[int]]:
    """The places of equal values: a list for each value that stands several times, by first place."""
    return _groups(values, lambda batch: batch)


def lookalikes(ids: Sequence[str]) -> list[list[int]]:
    """The places of ids that differ only by leading zeros, `.0`, case or look-alike letters.

    `ids` are different from one another and hold no line break. One list a group, in order of first place.
    """
    return _groups(ids, _skeletons)


def _groups(values: Sequence[str], key: Callable[[list[str]], list[str]]) -> list[list[int]]:
    """`values` are read in order, several times where some are equal."""
    hashes = np.fromiter(_hashes(values, key), np.int64, len(values))
    hashes.sort()
    several = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
    if not several.size:
        return []
    hashes = np.fromiter(_hashes(values, key), np.int64, len(values))
    found: dict[str, list[int]] = {}
    for place in np.flatnonzero(np.isin(hashes, several)).tolist():
        found.setdefault(key([values[place]])[0], []).append(place)
    return [group for group in found.values() if len(group) > 1]


def _hashes(values: Iterable[str], key: Callable[[list[str]], list[str]]) -> Iterable[int]:
    rest = iter(values)
    while batch := list(islice(rest, _BATCH)):
        yield from map(hash, key(batch))


def _skeletons(ids: list[str]) -> list[str]:
    """What is left of each id without zeros, `.0`, case and look-alikes; many at once, for speed."""
    text = unicodedata.normalize("NFKC", "\n".join(ids)).casefold()
    text = _POINT_ZERO.sub("", text).translate(_CONFUSABLES)
    return _LEADING_ZEROS.sub("", text).split("\n")
