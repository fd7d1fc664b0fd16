"""A name in a script that no font has is kept, and warned of with its rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import Road, definition

from rct.tables.glyphs import script


def test_a_name_without_a_glyph_is_kept_and_warned_of(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(definition())
    names = ["Núñez", "O'Brien", "山田太郎", "Ольга", "김민수", "山本"]
    file = road.file("a.csv", "account,name\n" + "".join(f"{i},{n}\n" for i, n in enumerate(names)))
    loaded = road.ok("frame", "bills", file)
    assert loaded["kept"] == len(names)
    warned = {w["found"]: w for w in loaded["warnings"] if w["code"] == "no_glyph"}
    assert set(warned) == {"CJK, rows 3, 6", "HANGUL, rows 5"}
    assert all("山" not in str(w) for w in warned.values())


@pytest.mark.parametrize(
    ("character", "called"),
    [("\U0001f466", "symbols and emoji"), ("\u2764", "symbols and emoji"), ("\ufe0f", "symbols and emoji"),
     ("\u5c71", "CJK"), ("\u0dc1", "SINHALA")],
)  # fmt: skip
def test_what_a_script_is_called(character: str, called: str) -> None:
    assert script(character) == called
