"""A published field experiment through the commands: Broockman (2013), an e-mail experiment on legislators.

Black-sounding senders from inside or outside a state legislator's district asked for help (American Journal of
Political Science 57(3)). The `causaldata` package carries the data; here it is a city's own CSV, its own
assignment is replayed, and the effect of an out-of-district sender on replies is met for both groups.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from causaldata import black_politicians
from support import Road, definition

ARMS = """[arms.in_district]
label = "Sender from the district"
control = true

[arms.out_of_district]
label = "Sender from elsewhere"
"""
OUTCOME = """[outcomes.replied]
label = "The legislator replied"
kind = "binary"
primary = true
direction = "increase"
missing = "drop"
"""


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    data = black_politicians.load_pandas().data
    road = Road(tmp_path_factory.mktemp("broockman"), "legislators")
    road.define(
        definition(
            arms=ARMS,
            frame='id = "legislator"\ncategories = ["race"]\ncontact = ["name"]',
            outcomes=OUTCOME,
            analysis='estimator = "difference_in_means"\nsubgroups = ["race"]\nmultiplicity = "holm"',
        )
    )
    rows = [
        {
            "legislator": f"{i:05d}",
            "name": "Null" if i % 7 == 0 else f"Member {i}",
            "race": "Black" if row.leg_black else "Another",
            "sender": "out_of_district" if row.treat_out else "in_district",
            "replied": "yes" if row.responded else "no",
        }
        for i, row in enumerate(data.itertuples())
    ]
    file = road.file("legislators.csv", as_csv(rows))
    road.ok("lock", "legislators")
    road.ok("frame", "legislators", file)
    road.ok("draw", "legislators", "--replay", file, "--column", "sender")
    road.ok("outcomes", "legislators", file)
    return road


def as_csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.fixture(scope="module")
def analyzed(road: Road) -> dict[str, object]:
    return dict(road.ok("analyze", "legislators"))


def line(analyzed: dict[str, object], term: str, level: str | None) -> dict[str, float]:
    rows = analyzed["results"]
    assert isinstance(rows, list)
    (row,) = [r for r in rows if r["term"] == term and r["level"] == level]
    return dict(row)


@pytest.mark.parametrize(
    ("level", "points", "std_error", "n"),
    [("Another", -27.4507, 1.31307, 5229), ("Black", -14.6429, 5.07078, 364)],
)
def test_the_published_difference_within_each_group(
    analyzed: dict[str, object], level: str, points: float, std_error: float, n: int
) -> None:
    row = line(analyzed, "arm", level)
    assert 100 * row["estimate"] == pytest.approx(points, abs=5e-5)
    assert 100 * row["std_error"] == pytest.approx(std_error, abs=5e-6)
    assert row["n"] == n


def test_their_difference_is_the_planned_interaction(analyzed: dict[str, object]) -> None:
    row = line(analyzed, "interaction", "Black")
    assert 100 * row["estimate"] == pytest.approx(-14.6429 + 27.4507, abs=1e-4)
    assert 100 * row["std_error"] == pytest.approx((1.31307**2 + 5.07078**2) ** 0.5, abs=1e-5)
    assert row["df"] == 5593 - 4
    assert row["family"] == "subgroup:race"
    assert row["role"] == "confirmatory"


def test_counts_that_equal_shares_could_not_have_given_are_a_deviation(analyzed: dict[str, object]) -> None:
    assert "impossible_counts" in {d["code"] for d in analyzed["deviations"]}  # type: ignore[attr-defined]


def test_a_replayed_draw_has_no_key_and_no_ticket(road: Road) -> None:
    (draw,) = [e for e in road.ok("log", "legislators")["events"] if e["kind"] == "draw"]
    assert draw["body"]["key"] is None
    with (road.out / "assignment.csv").open(encoding="utf-8", newline="") as file:
        assert {row["ticket"] for row in csv.DictReader(file)} == {""}


def test_everything_verifies_and_the_memo_says_replayed(road: Road, analyzed: dict[str, object]) -> None:
    road.ok("report", "legislators")
    assert road.ok("verify", "legislators")["failures"] == []
    memo = Path(road.out / "memo.md").read_text(encoding="utf-8")
    assert "−27" in memo or "26.6" in memo
