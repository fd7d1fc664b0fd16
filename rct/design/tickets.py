"""The byte strings of the draw, version 1: pseudonyms, commitment, frame hash, draw key, tickets.

Everything here is text in UTF-8, hashed with SHA-256 and written as lower-case hex; `|` is U+007C. With the
key K of a draw, `ticket(K, kind, x)` is the hex SHA-256 of `K|kind|x`. Whoever has the seed, the plan's hash,
the frame's hash and the beacon can compute every ticket again with any SHA-256 program.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rct.design.pseudonyms import Pseudonyms
from rct.errors import stop, visible

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

KINDS = ("unit", "cluster", "block")
COLUMN_SEPARATOR = "\x1f"  # joins the values of several block columns into one label
_BATCH = 16_384
_TRIMMED = "\t \u00a0"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_HEX64 = re.compile(r"[0-9a-f]{64}")
_REFUSED = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}  # control, format, surrogate, unassigned, line ends


def canonical(text: str) -> str:
    """`text` as it is hashed: NFC, with tab, space and no-break space trimmed from its ends.

    Raises RctError (`control_character`) when a control, format or unassigned character is left.
    """
    text = text.strip(_TRIMMED)
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", text).strip(_TRIMMED)
    if any(unicodedata.category(c) in _REFUSED for c in text):
        stop(
            "control_character",
            "An id or label may not hold control, format or unassigned characters.",
            "Remove the character in the source file.",
            found=visible(text),
        )
    return text


def unit_id(key: bytes, name: str, id: str) -> str:
    """The pseudonym of a unit: 24 hex digits of HMAC-SHA256(key, `rct.unit.1|NAME|ID`).

    `key` is the 32 bytes of `private/key`, `name` the trial's name, `id` the city's own id; it is trimmed and
    brought to NFC here. Raises RctError (`control_character`) as `canonical` does.
    """
    return unit_ids(key, name, (id,))[0]


def unit_ids(key: bytes, name: str, ids: Iterable[str]) -> list[str]:
    """`unit_id` of many ids, in their order."""
    return _pseudonyms(key, "rct.unit.1", name, ids)


def cluster_ids(key: bytes, name: str, labels: Iterable[str]) -> list[str]:
    """The pseudonyms of clusters (often addresses): as `unit_id`, from `rct.cluster.1|NAME|LABEL`, in their order."""
    return _pseudonyms(key, "rct.cluster.1", name, labels)


@lru_cache(maxsize=8)
def _begun(key: bytes, purpose: str, name: str) -> tuple[Hash, Hash]:
    """The inner hash, fed with `PURPOSE|NAME|`, and the outer one."""
    if len(key) != 32:
        raise ValueError("private/key holds 32 bytes")
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a trial's name: {visible(name)}")
    padded = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in padded) + f"{purpose}|{name}|".encode())
    return inner, hashlib.sha256(bytes(b ^ 0x5C for b in padded))


def _pseudonyms(key: bytes, purpose: str, name: str, texts: Iterable[str]) -> list[str]:
    """HMAC-SHA256 as RFC 2104 spells it out, from two hashes begun with what all texts begin with."""
    begun, ended = _begun(key, purpose, name)
    found = []
    for text in texts:
        inner, outer = begun.copy(), ended.copy()
        inner.update(canonical(text).encode())
        outer.update(inner.digest())
        found.append(outer.hexdigest()[:24])
    return found


def block_label(values: Iterable[str]) -> str:
    """The label of a block: its columns' values, each trimmed and NFC, joined by U+001F. May be empty."""
    return COLUMN_SEPARATOR.join(canonical(v) for v in values)


def seed_commitment(seed: str) -> str:
    """Hex SHA-256 of the seed's 64 ASCII digits: what the lock event shows before the seed is revealed."""
    if not _HEX64.fullmatch(seed):
        raise ValueError("a seed is 64 lower-case hex digits")
    return hashlib.sha256(seed.encode("ascii")).hexdigest()


def frame_hash(units: Sequence[str], blocks: Sequence[str] | None, clusters: Sequence[str] | None) -> str:
    """Hex SHA-256 of the lines `unit TAB block TAB cluster LF`, sorted by bytes. None: empty for every unit.

    The order of rows does not matter. The three sequences have the same length. Units that are `Pseudonyms` are
    put in order without a copy of all.
    """
    if any(texts and len(texts) != len(units) for texts in (blocks, clusters)):
        raise ValueError("units, blocks and clusters have one entry a unit")
    order = _parts(units) if isinstance(units, Pseudonyms) else _order(units)
    if order is None:
        rest = [texts or [""] * len(units) for texts in (blocks, clusters)]
        lines = sorted(f"{u}\t{b}\t{c}\n" for u, b, c in zip(units, *rest, strict=True))
        return hashlib.sha256("".join(lines).encode()).hexdigest()  # code points sort as their UTF-8 bytes do
    sha = hashlib.sha256()
    columns = [_picker(units), _picker(blocks), _picker(clusters)]
    for places in order:
        for low in range(0, len(places), _BATCH):
            picked = [at(places[low : low + _BATCH]) for at in columns]
            sha.update("".join([f"{u}\t{b}\t{c}\n" for u, b, c in zip(*picked, strict=True)]).encode())
    return sha.hexdigest()


def _picker(texts: Sequence[str] | None) -> Callable[[npt.NDArray[np.int64]], list[str]]:
    """What gives the texts at many places. Those of a packed column are few, and numbered once."""
    if not texts:
        return lambda places: [""] * len(places)
    if isinstance(texts, Pseudonyms):
        return texts.at
    if isinstance(texts, list | tuple):
        return lambda places: [texts[i] for i in places.tolist()]
    numbers: dict[str, int] = defaultdict(lambda: len(numbers))
    codes = np.fromiter(map(numbers.__getitem__, texts), np.uint32, len(texts))
    labels = list(numbers)
    return lambda places: [labels[i] for i in codes[places].tolist()]


def _order(units: Sequence[str]) -> list[npt.NDArray[np.int64]] | None:
    """The order of the units' lines, where the units alone decide it: all of one length, ASCII, each once."""
    if len(set(map(len, units))) != 1 or not all(map(str.isascii, units)):
        return None
    texts = np.array(units, dtype="S")
    order = np.argsort(texts, kind="stable")
    ordered = texts[order]
    return None if np.any(ordered[1:] == ordered[:-1]) else [order]


def _parts(units: Pseudonyms) -> Iterator[npt.NDArray[np.int64]] | None:
    """As `_order`; each part is made as it is asked for."""
    return None if units.repeated() else units.order()


def draw_key(seed: str, plan_hash: str, frame_hash: str, beacon: str = "") -> str:
    """K: hex SHA-256 of `rct.draw.1|SEED|PLAN_HASH|FRAME_HASH|BEACON`. Bare hex; no beacon is empty text."""
    for what, value in (("seed", seed), ("plan_hash", plan_hash), ("frame_hash", frame_hash)):
        if not _HEX64.fullmatch(value):
            raise ValueError(f"{what} is 64 lower-case hex digits, without a prefix")
    return hashlib.sha256(f"rct.draw.1|{seed}|{plan_hash}|{frame_hash}|{beacon}".encode()).hexdigest()


def ticket(key: str, kind: str, x: str) -> str:
    """Hex SHA-256 of `K|kind|x`, kind one of unit, cluster, block."""
    if kind not in KINDS:
        raise ValueError(f"no ticket of kind {kind!r}")
    return hashlib.sha256(f"{key}|{kind}|{x}".encode()).hexdigest()


def arm_ticket(key: str, block: str, arm: str) -> str:
    """Hex SHA-256 of `K|arm|BLOCK LABEL|ARM`: orders the arms when a block's leftovers are given out."""
    return hashlib.sha256(f"{key}|arm|{block}|{arm}".encode()).hexdigest()


def digests(key: str, kind: str, names: Sequence[str]) -> npt.NDArray[np.uint64]:
    """The tickets of many names as numbers: (n, 4) big-endian words, the first the most significant.

    Comparing rows word by word is comparing the hex texts.
    """
    if kind not in KINDS:
        raise ValueError(f"no ticket of kind {kind!r}")
    start = hashlib.sha256(f"{key}|{kind}|".encode())
    out = np.empty((len(names), 4), dtype=">u8")
    for low in range(0, len(names), _BATCH):
        batch = names[low : low + _BATCH]
        datas = []
        for name in batch:
            one = start.copy()
            one.update(name.encode())
            datas.append(one.digest())
        out[low : low + len(batch)] = np.frombuffer(b"".join(datas), dtype=">u8").reshape(-1, 4)
    return out.astype(np.uint64)


def as_hex(words: npt.NDArray[np.uint64]) -> list[str]:
    """The rows of `digests` as hex texts of 64 digits."""
    text = words.astype(">u8").tobytes().hex()
    return [text[i : i + 64] for i in range(0, len(text), 64)]
