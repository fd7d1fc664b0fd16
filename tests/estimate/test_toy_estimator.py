"""An estimator of a ratio that is one class and one place in `ESTIMATORS` walks the whole road, and is told as a ratio."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from support import Road, definition

from rct.design.tickets import unit_id
from rct.estimate import Sample
from rct.estimate.cells import settle
from rct.estimate.difference_in_means import cell_moments
from rct.estimate.effects import Effect, Fitted, count
from rct.estimate.estimators import ESTIMATORS, Estimator, Shape, Step
from rct.estimate.scales import RATIO
from rct.report.words.numbers import three_figures


class RatioOfMeans(Estimator):
    """The arm's mean over the control's, each weighted over blocks by n_b / N, with the error of the delta method."""

    name = "ratio_of_means"
    summary = "the arm's mean over the control's"
    scale = RATIO

    def errors(self, *, clustered: bool) -> tuple[str, ...]:
        return () if clustered else ("delta",)

    def standard_error(self, usual: str) -> str:
        return "delta"

    def fit(self, sample: Sample, reference: int, se_type: str) -> Fitted:
        cells = settle(sample, 2)
        moments = cell_moments(cells)
        means = cells.share @ moments.means
        variances = cells.share**2 @ (moments.squares / (cells.units - 1) / cells.units)
        effects = {}
        for arm in range(sample.arms):
            if arm == reference:
                continue
            ratio = float(means[arm] / means[reference])
            variance = float((variances[arm] + ratio**2 * variances[reference]) / means[reference] ** 2)
            df = float(cells.units[:, [arm, reference]].sum() - 2 * len(cells.units))
            effects[arm] = Effect(ratio, variance, df, None, float(means[reference]))
        counted = {a: count(cells, [a, reference], a, reference) for a in effects}
        return Fitted(cells, reference, effects, counted, notes=cells.notes)

    def error_words(self, shape: Shape) -> Step:
        return Step("Standard errors: the delta method, with the arms' own variances.")

    def estimation(self, shape: Shape) -> list[Step]:
        return [Step("Estimator: the ratio of the two means, with the delta method.", "r = ȳ_a / ȳ_0")]


TOY = RatioOfMeans()
PEOPLE = 400
OUTCOME = """[outcomes.paid]
label = "Amount paid"
kind = "continuous"
unit = "USD"
primary = true
missing = "drop"

[power]
baseline = 60
sd = 25
minimum_effect = 8
units = 400
"""


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ESTIMATORS, TOY.name, TOY)


def trial(root: Path, *, worthwhile: float = 0.1, direction: str = "increase", more: str = "") -> Road:
    road = Road(root)
    road.define(
        definition(
            start=date.today() - timedelta(days=1),
            frame='id = "account"\ncontact = ["name"]\ncategories = ["area"]',
            outcomes=OUTCOME.replace("primary = true", f'primary = true\ndirection = "{direction}"'),
            analysis=f'estimator = "{TOY.name}"\nsubgroups = ["area"]\n{more}',
            decision=f"worthwhile = {worthwhile}",
        )
    )
    return road


def people(road: Road) -> Path:
    rows = (f"{i:05d},Person {i},{'north' if i % 2 else 'south'}\n" for i in range(PEOPLE))
    return road.file("people.csv", "account,name,area\n" + "".join(rows))


def arms_of(road: Road) -> list[str]:
    """The arm of every account, in the list's order."""
    key = (road.private / "key").read_bytes()
    arm = dict(road.sql("select unit, arm from assignment_bills"))
    return [arm[unit_id(key, "bills", f"{i:05d}")] for i in range(PEOPLE)]


def amounts(road: Road, times: float, *, north: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Load what was paid: with a letter `times` as much, in the north `north` times that. (n,) amounts, and who had one."""
    mine = np.array(arms_of(road)) == "letter"
    base = np.random.default_rng(5).uniform(20, 100, size=PEOPLE)
    area = np.where(np.arange(PEOPLE) % 2 == 1, north, 1.0)
    y = np.round(np.where(mine, base * times * area, base), 2)
    road.ok("outcomes", "bills", road.file("paid.csv", "account,paid\n" + "".join(
        f"{i:05d},{v}\n" for i, v in enumerate(y.tolist())
    )))  # fmt: skip
    return y, mine


def walked(
    root: Path, times: float, *, north: float = 1.0, **parts: Any
) -> tuple[Road, np.ndarray, np.ndarray]:
    """A trial analyzed and reported."""
    road = trial(root, **parts)
    road.ok("lock", "bills")
    road.ok("frame", "bills", people(road))
    road.ok("draw", "bills")
    y, mine = amounts(road, times, north=north)
    road.ok("analyze", "bills")
    road.ok("report", "bills")
    return road, y, mine


def by_hand(y: np.ndarray, mine: np.ndarray) -> dict[str, float]:
    a, b = y[mine], y[~mine]
    r = a.mean() / b.mean()
    se = np.sqrt(a.var(ddof=1) / len(a) + r**2 * b.var(ddof=1) / len(b)) / b.mean()
    df = len(y) - 2
    half = stats.t.ppf(0.975, df) * se
    p = 2 * stats.t.sf(abs(r - 1) / se, df)
    return {
        "estimate": r, "std_error": se, "statistic": (r - 1) / se, "p_value": p, "df": df,
        "conf_low": r - half, "conf_high": r + half, "mean_control": b.mean(),
    }  # fmt: skip


def main_row(road: Road) -> dict[str, Any]:
    rows = json.loads((road.out / "results.json").read_text())["results"]
    return next(r for r in rows if r["term"] == "arm" and r["subgroup"] is None)


def read(road: Road, page: str) -> str:
    return " ".join((road.out / page).read_text(encoding="utf-8").split())


def test_it_walks_the_whole_road_by_registration_alone(tmp_path: Path) -> None:
    road = trial(tmp_path)
    for command in (
        ("check", "bills"),
        ("power", "bills"),
        ("check", "bills", "--frame", people(road)),
        ("lock", "bills"),
        *(("register", "bills", "--format", f) for f in ("aea", "aspredicted", "osf", "egap", "ctgov")),
        ("frame", "bills", people(road)),
        ("draw", "bills"),
    ):
        road.ok(*command)
    y, mine = amounts(road, 1.25, north=1.1)
    road.ok("analyze", "bills")
    for command in (("report", "bills"), ("verify", "bills"), ("share", "bills"), ("site",)):
        road.ok(*command)
    assert road.ok("verify", road.out / "bundle.zip")["ok"]
    row = main_row(road)
    for column, value in by_hand(y, mine).items():
        assert row[column] == pytest.approx(value, rel=1e-9), column
    plan = read(road, "plan.md")
    assert "the ratio of the two means, with the delta method" in plan
    assert "no difference is 1; every test is against that" in plan
    assert "divided by what it had been had all been assigned to the control" in plan
    assert "The least effect worth adopting is 10%" in plan
    assert "ratio of the two means" in read(road, "appendix.html")
    assert "Standard errors: the delta method" in plan
    assert "HC2" not in plan
    assert "ratio of the two means" in read(road, "appendix.html")
    (listed,) = json.loads((road.folder / "site" / "data" / "trials.json").read_text())["trials"]
    assert listed["rule"] == "adopt"
    # what the export can't compute again it says
    exported = road.ok("export", "bills", "--to", "csv")
    assert all("no formula for ratio_of_means" in text for text in exported["without"])
    assert len(exported["without"]) == exported["lines"] == 4
    told_as_a_ratio(road, y, mine)


def told_as_a_ratio(road: Road, y: np.ndarray, mine: np.ndarray) -> None:
    """Memo, appendix and terminal: no difference is 1, an effect is percent of the control's level."""
    row = main_row(road)
    percent = [f"{100 * (row[c] - 1):.0f}%" for c in ("estimate", "conf_low", "conf_high")]
    memo = read(road, "memo.md").replace("\\", "")
    assert (
        f"raised “Amount paid” by {percent[0]} on average (95% interval: {percent[1]} to {percent[2]})."
        in memo
    )
    assert f"The result was ${y[mine].mean():.2f}, against ${y[~mine].mean():.2f} with “No letter”." in memo
    assert f"The gain, {percent[0]}, is no less than the agreed 10%" in memo
    assert (
        f"| ${y[mine].mean():.2f} | +{percent[0]} ({percent[1]} to {percent[2]}) | passes, chosen |" in memo
    )
    assert "That is" not in memo  # the relative gain is the answer itself
    low, high = (three_figures(1e4 * row["mean_control"] * (row[c] - 1)) for c in ("conf_low", "conf_high"))
    assert f"a total of “Amount paid” {low} to {high} higher" in memo
    assert "percentage points lower than for “north”" in memo  # two percentages apart
    appendix = read(road, "appendix.html")
    assert "estimates are ratios, 1 where nothing differs" in appendix
    assert f'<td class="right">{row["estimate"]:.4f}</td>' in appendix
    terminal = road.rct("analyze", "bills").out
    assert "(ratio, 1 is no difference, 95% intervals)" in terminal
    assert f" {row['estimate']:.3f} " in terminal
