"""A verdict whose figures are too few to print is printed, without them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import Road, accounts, definition


@pytest.mark.parametrize(("winner", "word"), [("letter", "ADOPT"), ("control", "DROP")])
def test_a_verdict_on_cells_that_are_withheld_is_told(tmp_path: Path, winner: str, word: str) -> None:
    """200 against 200; 66 of the one have paid and nobody of the other."""
    road = Road(tmp_path)
    arms = ("control", "letter")
    road.define(definition())
    listed = road.file("list.csv", accounts(400, columns="arm", row=lambda i: arms[i % 2]))
    paid = "".join(f"{i:05d},{int(arms[i % 2] == winner and i < 132)}\n" for i in range(400))
    road.ok("lock", "bills")
    road.ok("frame", "bills", listed)
    road.ok("draw", "bills", "--replay", listed, "--column", "arm")
    road.ok("outcomes", "bills", road.file("paid.csv", "account,paid\n" + paid))
    assert road.ok("analyze", "bills")["results"][0]["estimate"] == pytest.approx(
        0.33 if winner == "letter" else -0.33
    )
    road.ok("report", "bills")
    memo = (road.out / "memo.md").read_text()
    assert f"{word}: " in memo
    assert "The figures are withheld." in memo
    assert "33 percentage" not in memo
    road.ok("verify", "bills")
