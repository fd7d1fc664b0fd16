"""A blocked draw that was made elsewhere, with outcomes missing: blocks that lost an arm are without comparison."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support import Road, accounts, definition


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_attrition_that_empties_an_arm_of_a_replayed_block(tmp_path: Path, estimator: str) -> None:
    """Three blocks of 100 with levels 2, 7 and 12; the letter adds 1. All of the first block's control is missing."""
    noise = np.random.default_rng(3).normal(size=300).round(3)
    arms = ("control", "letter")
    road = Road(tmp_path)
    road.define(
        definition(
            design='scheme = "blocked"\nblocks = ["district"]',
            outcomes='[outcomes.paid]\nlabel = "Paid"\nkind = "continuous"\nprimary = true\nmissing = "drop"\n',
            analysis=f'estimator = "{estimator}"',
        )
    )
    rows = accounts(300, columns="district,arm", row=lambda i: f"D{i // 100},{arms[i % 2]}")
    y = [2 + 5 * (i // 100) + i % 2 + float(noise[i]) for i in range(300)]
    known = [i for i in range(300) if i >= 100 or i % 2]
    listed = road.file("list.csv", rows)
    road.ok("lock", "bills")
    road.ok("frame", "bills", listed)
    road.ok("draw", "bills", "--replay", listed, "--column", "arm")
    road.ok(
        "outcomes",
        "bills",
        road.file("y.csv", "account,paid\n" + "".join(f"{i:05d},{y[i]}\n" for i in known)),
    )
    found = road.ok("analyze", "bills")
    (row,) = found["results"]
    right = [
        np.mean([y[i] for i in range(a, a + 100) if i % 2])
        - np.mean([y[i] for i in range(a, a + 100) if not i % 2])
        for a in (100, 200)
    ]
    assert row["estimate"] == pytest.approx(np.mean(right), rel=1e-8)
    assert (row["n"], row["n_missing"], row["n_without_comparison"]) == (200, 50, 50)
    road.ok("report", "bills")
    panel = [x for x in (road.out / "memo.md").read_text().splitlines() if x.startswith("- OK")]
    assert not [x for x in panel if "locks" in x or "missing" in x or "sizes" in x], panel
