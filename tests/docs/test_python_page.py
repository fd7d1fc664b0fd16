"""docs/python.md: every example on it runs, in its order, in a city that has the trial of which it speaks."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support import Road, definition

import rct

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ARMS = """[arms.current]
label = "Today's letter"
control = true

[arms.social]
label = "Most neighbors pay on time"
share = 2
"""


@pytest.fixture
def springfield(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the city, its list, and two papers; the trial is analyzed and shared."""
    road = Road(tmp_path, "water-bills")
    (tmp_path / "city").rename(tmp_path / "springfield")
    road.folder = tmp_path / "springfield"
    road.define(
        definition(
            arms=ARMS,
            frame='id = "account"\ncovariates = ["balance"]\ncontact = ["name"]',
            design='scheme = "blocked"\nblocks = ["district"]',
            outcomes='[outcomes.paid_30]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "drop"\n',
        )
    )
    rows = [
        (f"{i:05d}", f"Person {i}", f"D{i % 4}", 20 + i * 37 % 211, int(i * 7 % 5 < 2)) for i in range(400)
    ]
    table = pd.DataFrame(rows, columns=["account", "name", "district", "balance", "paid_last_year"])
    table.to_csv(tmp_path / "accounts.csv", index=False)
    paid = table[["account"]].assign(paid_30=[int(i * 11 % 7 < 3) for i in range(400)])
    road.ok("lock", road.name)
    road.ok("frame", road.name, tmp_path / "accounts.csv")
    road.ok("draw", road.name)
    road.ok("outcomes", road.name, road.file("payments.csv", paid.to_csv(index=False)))
    road.ok("analyze", road.name)
    road.ok("report", road.name)
    road.ok("share", road.name)
    shutil.copytree(ROOT / "docs" / "papers", tmp_path / "papers")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_example_runs(springfield: Path) -> None:
    names: dict[str, Any] = {}
    for example in EXAMPLES:
        exec(compile(example, "python.md", "exec"), names)
    assert len(EXAMPLES) >= 10
    assert names["problem"].code == "no_such_column"
    assert names["trial"].verify() == []
    assert "signed by" in repr(names["bundle"])


def test_the_page_names_every_public_name() -> None:
    for name in rct.__all__:
        function = not name[0].isupper() and name != "__version__"
        assert not function or f"rct.{name}" in PAGE, name
