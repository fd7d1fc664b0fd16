"""The letters side by side: each letter's words in a narrow column, and the words that set it apart.

A whole page shrunk to a column can't be read, so the picture is of the words alone, set as narrow as a column. Where
there is no room for all of them it is cut between two lines, and what differs stands beside it as text. The base is
the control's letter, or the first that is sent where the control sends nothing: of every other letter its lines that
the base lacks are shown, of the base those that some other letter lacks.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rct.language import t
from rct.report.blocks import LetterPicture
from rct.report.record import Proof
from rct.report.words.phrases import prose, quoted

if TYPE_CHECKING:
    from rct.definition import Definition

WORDS, BRIEF = 330, 150  # characters of a letter's own words
PAPER_WHITE = 0.97


def letter_pictures(definition: Definition, proofs: Sequence[Proof]) -> tuple[LetterPicture, ...]:
    """Every letter that there is a proof of, in the arms' order."""
    base = _base(definition, proofs)
    found = []
    for proof in proofs:
        label = quoted(definition.arms[proof.arm].label)
        alt = t("{arm} begins: {words}", arm=label, words=prose(proof.words))
        own = _own(proof, base)
        png, name = proof.narrow or proof.png, f"letter-{proof.arm}.png"
        found.append(LetterPicture(label, alt, png, name, _short(own, WORDS), _short(own, BRIEF), _cuts(png)))
    return tuple(found)


def apart_from(proofs: Sequence[Proof]) -> str:
    """A sentence over the letters."""
    if len(proofs) < 2:
        return t("What it says, here to an invented recipient.")
    return t("How each begins, here to an invented recipient. Below it: what sets it apart.")


def top_of(letter: LetterPicture, shape: float) -> bytes:
    """The picture's beginning as PNG, at most `shape` times as high as it is wide, cut between two lines."""
    from matplotlib.image import imread, imsave

    pixels = imread(io.BytesIO(letter.png), format="png")
    high, wide = pixels.shape[:2]
    least = shape * wide / high
    if least >= 1:
        return letter.png
    made = io.BytesIO()
    cut = max((c for c in letter.cuts if c <= least), default=least)
    imsave(made, pixels[: max(1, round(cut * high))], format="png", metadata={"Software": "rct"})
    return made.getvalue()


def _cuts(png: bytes) -> tuple[float, ...]:
    """Where the picture can be cut between two lines: shares of its height, the middle of each white band."""
    from matplotlib.image import imread

    pixels = np.atleast_3d(imread(io.BytesIO(png), format="png"))[..., :3]
    inked = (pixels.min(axis=2) < PAPER_WHITE).any(axis=1)
    turns = np.flatnonzero(np.diff(inked.astype(np.int8)))
    ends, starts = turns[~inked[turns + 1]], turns[inked[turns + 1]]
    bands = [(int(end), int(start)) for end, start in zip(ends, starts[1:], strict=False)]
    return tuple(round((end + start + 2) / 2 / len(inked), 4) for end, start in bands)


def _base(definition: Definition, proofs: Sequence[Proof]) -> Proof | None:
    said = [p for p in proofs if p.lines]
    return next((p for p in said if p.arm == definition.control), said[0] if said else None)


def _own(proof: Proof, base: Proof | None) -> str:
    if base is None or not proof.lines:
        return ""
    if proof is base:
        lines = [line.text for line in proof.lines if line.differs]
    else:
        known = {line.text for line in base.lines}
        lines = [line.text for line in proof.lines if line.text not in known]
    return _joined(lines) if lines else t("Its words are the same.")


def _joined(lines: Sequence[str]) -> str:
    """Lines in one paragraph; one that ends without a stop has a dot behind it."""
    sentences = [prose(line.removeprefix("• ")) for line in lines]
    return " ".join(
        text if text[-1:] in ".!?:;,…" else f"{text} ·" for text in sentences if text
    ).removesuffix(" ·")


def _short(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(" ·,;:") + " …"
