"""What docs/mailed.md says of words and columns is what the code takes."""

from __future__ import annotations

import re
from pathlib import Path

from rct.letters import counts, pieces
from rct.letters.reference import check_code
from rct.registry import schema

PAGE = (Path(__file__).parents[2] / "docs" / "mailed.md").read_text(encoding="utf-8")


def test_the_page_has_every_status_and_says_when_it_is_shown() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| [^|]+ \| (at once|with the results) \|$", PAGE, re.MULTILINE)
    assert [status for status, _ in rows] == list(pieces.STATUSES)
    assert [status for status, when in rows if when == "at once"] == list(pieces.DELIVERY)


def test_the_page_has_every_reason_and_column() -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith("The reason is one of"))
    assert re.findall(r"`([a-z_]+)`", line) == list(pieces.REASONS)
    for column in (*counts.COLUMNS, counts.SPOILAGE, pieces.REFERENCE):
        assert f"`{column}`" in PAGE
    assert "vendor_count" in schema.VENDOR_COUNT


def test_the_example_code_is_of_the_right_form() -> None:
    codes = re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", PAGE)
    assert codes
    assert not all(check_code(code) for code in codes)  # an example is no real piece
