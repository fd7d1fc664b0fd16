"""What became of pieces, by arm, held against the draw: counts that only lots give raise no alarm, others do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mailed_support import Mail
from support import accounts, definition

ARMS = """[arms.big]
label = "Today's letter"
control = true
template = "now.md"
share = {big}

[arms.small]
label = "Plain words"
template = "now.md"
share = {small}
"""


def drawn(root: Path, n: int, big: int, small: int, **parts: Any) -> tuple[Mail, dict[str, list[int]]]:
    """A drawn trial of two letters, and its accounts by arm."""
    mail = Mail(root)
    mail.define(definition(arms=ARMS.format(big=big, small=small), wait=30, **parts))
    (mail.folder / "templates" / "now.md").write_text(
        "{{ name }}\n1 Main Street\n\nDear {{ name }},\n\nplease pay.\n", encoding="utf-8"
    )
    columns = {"columns": "district", "row": lambda i: f"d{i % 4}"} if "design" in parts else {}
    mail.ok("frame", "bills", mail.file("list.csv", accounts(n, **columns)))
    mail.ok("lock", "bills")
    mail.ok("draw", "bills")
    arms = mail.arms_of(n)
    return mail, {a: [i for i in arms if arms[i] == a] for a in ("big", "small")}


def told(mail: Mail, status: str, accounts: list[int]) -> dict[str, Any]:
    rows = "".join(f"{i:05d},{status}\n" for i in accounts)
    loaded = mail.ok("mailed", "bills", mail.file("pieces.csv", "account,status\n" + rows))
    return next(d for d in loaded["delivery"] if d["status"] == status)


def test_one_letter_of_a_hundredth_is_a_chance_of_a_hundredth(tmp_path: Path) -> None:
    mail, of = drawn(tmp_path, 1_000, 99, 1)
    assert len(of["small"]) == 10
    found = told(mail, "returned", of["small"][:1])
    assert found["p_value"] == pytest.approx(0.01)
    assert not found["warns"]


def test_fifty_more_delivered_of_a_thousand_is_told(tmp_path: Path) -> None:
    """980 of 1,000 and 930 of 1,000: counts of delivered alone differ by no more than a coin's would."""
    mail, of = drawn(tmp_path, 2_000, 1, 1)
    found = told(mail, "delivered", [*of["big"][:980], *of["small"][:930]])
    assert found["p_value"] == pytest.approx(6.9211e-8, rel=1e-3)
    assert found["warns"]


def test_blocks_of_the_draw_are_kept_apart(tmp_path: Path) -> None:
    """One district loses all its mail, in both arms alike: nothing is told of arms."""
    mail, of = drawn(tmp_path, 400, 1, 1, design='scheme = "blocked"\nblocks = ["district"]')
    got = [i for i in (*of["big"], *of["small"]) if i % 4]
    assert told(mail, "delivered", got)["p_value"] == 1.0
    lost = [i for i in of["small"] if i % 4 == 0][:20]
    assert told(mail, "returned", lost)["warns"]
