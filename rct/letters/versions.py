"""Version letters: what a print vendor calls the arms. A letter says nothing of an arm or of the arms' order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from rct.definition import Definition
from rct.registry import chain
from rct.registry.events import DrawBody


def letters_of(definition: Definition, draw: chain.Event[DrawBody]) -> dict[str, str]:
    """Arm → version letter, for every arm of the trial."""
    return version_letters(order_key(draw), list(definition.arms))


def order_key(draw: chain.Event[DrawBody]) -> str:
    """What letters and order of mailing are dealt with: the draw's K, or the list's hash where it was replayed."""
    return draw.body.key or draw.body.frame_hash


def version_letters(key: str, arms: Sequence[str]) -> dict[str, str]:
    """{arm: 'A', 'B', …}: the arms in order of the sha256 of `K|version|ARM`. After Z come AA, AB, …"""
    drawn = sorted(arms, key=lambda arm: hashlib.sha256(f"{key}|version|{arm}".encode()).hexdigest())
    return {arm: _letter(i) for i, arm in enumerate(drawn)}


def _letter(number: int) -> str:
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def interleaved(key: str, pieces: Iterable[tuple[str, str]]) -> list[str]:
    """The order of mailing: (unit, version) → units, so that any stretch holds the versions in proportion.

    Within a version the order is that of the sha256 of `K|mail|UNIT`; then each version is spread evenly.
    """
    by_version: dict[str, list[tuple[str, str]]] = {}
    for unit, version in pieces:
        by_version.setdefault(version, []).append(
            (hashlib.sha256(f"{key}|mail|{unit}".encode()).hexdigest(), unit)
        )
    placed = []
    for version, units in by_version.items():
        units.sort()
        placed += [((2 * i + 1) / (2 * len(units)), version, unit) for i, (_, unit) in enumerate(units)]
    return [unit for _, _, unit in sorted(placed)]
