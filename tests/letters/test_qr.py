"""Codes drawn as sums of others are the codes that segno draws of the same text, with the mask of least penalty."""

from __future__ import annotations

import numpy as np
import pytest
import segno

from rct.letters import qr
from rct.letters.reference import reference_code

REFERENCES = [reference_code(b"k" * 32, "bills", str(i)) for i in range(40)]
LINKS = (
    "",
    "https://springfield.example/pay?ref={reference}",
    "HTTPS://PAY.EXAMPLE/{reference}",
    "HTTPS://PAY.EXAMPLE/Q{reference}",
    "https://canción.example/{reference}/{reference}?lang=es",
    "https://springfield.example/" + "a" * 200 + "/{reference}",
)


def drawn(text: str, version: int, mask: int) -> np.ndarray:
    made = segno.make(text, error="m", micro=False, version=version, boost_error=False, mask=mask)
    return np.array(made.matrix, np.uint8)


@pytest.mark.parametrize("link", LINKS)
def test_each_code_is_segnos_code_of_the_text(link: str) -> None:
    version = qr.version_for([link], 14)
    found = qr.codes(link, REFERENCES, version)
    side = 17 + 4 * version
    assert found.shape == (40, side + 2 * qr.QUIET, side + 2 * qr.QUIET)
    inner = found[:, qr.QUIET : -qr.QUIET, qr.QUIET : -qr.QUIET]
    assert found.sum() == inner.sum()
    for reference, code in zip(REFERENCES, inner, strict=True):
        text = link.replace(qr.PLACE, reference) if link else reference
        assert any((drawn(text, version, mask) == code).all() for mask in range(8)), text


def test_the_mask_is_the_one_of_least_penalty() -> None:
    for reference, code in zip(REFERENCES, qr.codes("", REFERENCES, 1), strict=True):
        masked = [drawn(reference, 1, mask) for mask in range(8)]
        least = min(penalty(m) for m in masked)
        assert penalty(code[qr.QUIET : -qr.QUIET, qr.QUIET : -qr.QUIET]) == least


def penalty(code: np.ndarray) -> int:
    """Table 11 of the standard, read line by line."""
    total = 10 * int(abs(code.mean() * 100 - 50) // 5)
    for lines in (code, code.T):
        for line in lines:
            text = "".join(map(str, line))
            total += sum(
                len(run) - 2 for run in text.replace("01", "0 1").replace("10", "1 0").split() if len(run) > 4
            )
            wide = f"0000{text}0000"
            total += 40 * sum(
                wide[i : i + 7] == "1011101" and "0000" in (wide[i - 4 : i], wide[i + 7 : i + 11])
                for i in range(4, len(wide) - 10)
            )
    blocks = (
        (code[1:, 1:] == code[:-1, 1:]) & (code[1:, 1:] == code[1:, :-1]) & (code[1:, 1:] == code[:-1, :-1])
    )
    return total + 3 * int(blocks.sum())
