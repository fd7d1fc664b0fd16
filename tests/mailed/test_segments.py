"""Segments of a text message, against the tables of 3GPP TS 23.038 and hand-counted messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rct.letters.segments import EXTENSION, GSM_7, length


def test_the_alphabet_has_its_127_characters_and_ten_more() -> None:
    assert len(GSM_7) == 127  # 128 places, one of them the escape to the extension table
    assert len(EXTENSION) == 10
    assert not GSM_7 & EXTENSION
    assert "ç" not in GSM_7  # only the capital is in it
    assert "`" not in GSM_7 | EXTENSION


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("a" * 152 + "€" + "a" * 151, "GSM-7", 305, 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),  # € is never split: a septet stays empty
        ("Año", "GSM-7", 3, 1),
        ("José", "GSM-7", 4, 1),
        ("ç", "UCS-2", 1, 1),
        ("Núñez", "UCS-2", 5, 1),  # ú is not in GSM-7
        ("’" + "a" * 69, "UCS-2", 70, 1),
        ("’" + "a" * 70, "UCS-2", 71, 2),
        ("’" + "a" * 133, "UCS-2", 134, 2),
        ("’" + "a" * 134, "UCS-2", 135, 3),
        ("😀" * 35, "UCS-2", 70, 1),
        ("😀" * 36, "UCS-2", 72, 2),
        ("😀" * 66, "UCS-2", 132, 2),
        ("😀" * 67, "UCS-2", 134, 3),  # 33 to a segment: 67 units hold no half of a pair
        ("山田", "UCS-2", 2, 1),
    ],
)
def test_segments(text: str, encoding: str, units: int, segments: int) -> None:
    found = length(text)
    assert (found.encoding, found.units, found.segments) == (encoding, units, segments)


def test_it_names_the_characters_that_forced_ucs_2() -> None:
    assert length("It’s 5 – 6, it’s so").outside == ("’", "–")
    assert length("{{STOP}}").outside == ()


@given(st.text(max_size=400))
def test_units_are_those_of_utf_16_or_of_the_septets(text: str) -> None:
    found = length(text)
    if found.encoding == "UCS-2":
        assert found.units == len(text.encode("utf-16-le", "surrogatepass")) // 2
    else:
        assert found.units == len(text) + sum(c in EXTENSION for c in text)
    assert (found.segments - 1) * (found.room - 1) < max(
        found.units, 1
    ) <= found.segments * found.room or not text
