"""100 bytes of rct.db; `make tamper` does 2,000."""

from __future__ import annotations

from pathlib import Path

from tampering.city import city
from tampering.flips import flipped, flips


def test_a_flipped_byte_is_named_or_has_no_meaning(tmp_path: Path) -> None:
    road = city(tmp_path)
    places = flips((road.folder / "rct.db").stat().st_size, 100)
    fates = [fate for _, fate in flipped(road, places)]
    assert len(fates) == 100
    assert sum(fate != "no meaning" for fate in fates) > 20
