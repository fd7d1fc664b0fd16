"""The letters side by side: the part of each page that holds its words, and the words that set it apart.

A page shrunk to a column can't be read, so what differs stands beside the picture as text. The base is the control's
letter, or the first that is sent where the control sends nothing: of every other letter its lines that the base lacks
are shown, of the base those that some other letter lacks.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rct.report.blocks import LetterPicture
from rct.report.language import t
from rct.report.record import Proof
from rct.report.words import prose, quoted

if TYPE_CHECKING:
    from rct.definition import Definition

Pixels = np.ndarray[Any, np.dtype[np.float32]]  # rows, columns, colors of 0 to 1
PPI = 110  # of a proof
WORDS, BRIEF = 330, 150  # characters of a letter's own words
PAPER_WHITE = 0.97
# Inches from the page's top, foot and sides to its words, as letter.typ sets a letter and a postcard's back.
AROUND = {"letter": (3.5, 0.85, 0.85), "postcard": (0.2, 0.36, 0.2)}
PAD = 0.15


def letter_pictures(definition: Definition, proofs: Sequence[Proof]) -> tuple[LetterPicture, ...]:
    """Every letter that there is a proof of, in the arms' order."""
    base = _base(definition, proofs)
    found = []
    pages = words_of_pages([proof.png for proof in proofs], definition.trial.channel)
    for proof, png in zip(proofs, pages, strict=True):
        label = quoted(definition.arms[proof.arm].label)
        alt = t("{arm} begins: {words}", arm=label, words=prose(proof.words))
        own = _own(proof, base)
        name = f"letter-{proof.arm}.png"
        found.append(LetterPicture(label, alt, png, name, _short(own, WORDS), _short(own, BRIEF)))
    return tuple(found)


def apart_from(proofs: Sequence[Proof]) -> str:
    """A sentence over the letters."""
    if len(proofs) < 2:
        return t("As sent, here to an invented recipient.")
    return t("As sent, here to an invented recipient. In words: what sets each apart.")


def words_of_pages(pages: Sequence[bytes], channel: str) -> list[bytes]:
    """The part of each page that holds its words, without letterhead, window and foot.

    All are as high as the longest, so that side by side they have one scale. E-mails and text messages stay whole.
    """
    from matplotlib.image import imread

    if channel not in AROUND:
        return list(pages)
    bodies = [_body(*AROUND[channel], np.atleast_3d(imread(io.BytesIO(png), format="png"))) for png in pages]
    ends = [np.flatnonzero((b.min(axis=2) < PAPER_WHITE).any(axis=1)) for b in bodies]
    last = max((int(end[-1]) for end in ends if end.size), default=0) + int(PAD * PPI)
    return [
        _png(body[:last]) if end.size else png for png, body, end in zip(pages, bodies, ends, strict=True)
    ]


def _body(top: float, foot: float, side: float, page: Pixels) -> Pixels:
    high, wide = page.shape[:2]
    page = page.repeat(3, axis=2) if page.shape[2] == 1 else page  # gray
    first, last, edge = (round(PPI * inches) for inches in (top, foot, side))
    return page[first : max(first, high - last), edge : wide - edge, :3]


def _png(pixels: Pixels) -> bytes:
    from matplotlib.image import imsave

    made = io.BytesIO()
    imsave(made, np.ascontiguousarray(pixels), format="png", metadata={"Software": "rct"})
    return made.getvalue()


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
    said = [prose(line.removeprefix("• ")) for line in lines]
    return " ".join(text if text[-1:] in ".!?:;,…" else f"{text} ·" for text in said if text).removesuffix(
        " ·"
    )


def _short(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(" ·,;:") + " …"
