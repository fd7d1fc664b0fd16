"""An estimator of a ratio that is one class and one place in `ESTIMATORS` walks the whole road, and is told as a ratio."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pool_support import evidence
from scipy import stats
from support import Road, definition

import rct
from rct.definition import load
from rct.definition.schema import schema
from rct.design.tickets import unit_id
from rct.errors import RctError
from rct.estimate import Sample, estimate
from rct.estimate.cells import settle
from rct.estimate.decision import ArmInput, decide
from rct.estimate.difference_in_means import cell_moments
from rct.estimate.effects import Effect, Fitted, count
from rct.estimate.estimators import ESTIMATORS, Estimator, MethodStep, PlanShape
from rct.estimate.randomization import randomization_test
from rct.estimate.scales import RATIO
from rct.evidence.library.index import standing
from rct.evidence.library.show import result_rows
from rct.evidence.pool.choosing import Wish, choose
from rct.evidence.pool.pooling import pool_evidence
from rct.evidence.pool.words import plain_words
from rct.registry.results import NAMES, Result
from rct.report.figures.chart import arms_chart
from rct.report.words.finding import finding_of, scale_of
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

    def error_words(self, shape: PlanShape) -> MethodStep:
        return MethodStep("Standard errors: the delta method, with the arms' own variances.")

    def estimation(self, shape: PlanShape) -> list[MethodStep]:
        return [MethodStep("Estimator: the ratio of the two means, with the delta method.", "r = ȳ_a / ȳ_0")]


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
    """Load what was paid: with a letter `times` as much, in the north `north` times that. (n,) amounts, and who had one.

    Both arms have the same amounts within an area but for the letter's doing, however the lots fell.
    """
    mine = np.array(arms_of(road)) == "letter"
    northern = np.arange(PEOPLE) % 2 == 1
    base = np.empty(PEOPLE)
    for cell in (mine & northern, mine & ~northern, ~mine & northern, ~mine & ~northern):
        base[cell] = np.random.default_rng(5).uniform(20, 100, size=int(cell.sum()))
    y = np.round(np.where(mine, base * times * np.where(northern, north, 1.0), base), 2)
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
    shown = re.search(r"letter +all +(1\.\d\d+) ", terminal)
    assert shown is not None
    assert float(shown.group(1)) == pytest.approx(row["estimate"], abs=0.0051)


def test_the_least_worthwhile_effect_is_a_share_of_the_controls_level(tmp_path: Path) -> None:
    """Amounts rise by about 3 dollars: far over 0.1 dollars, and under ten percent of 60."""
    road, y, mine = walked(tmp_path, 1.03, worthwhile=0.2)
    row = main_row(road)
    assert row["estimate"] - 1 < 0.2 < y[mine].mean() - y[~mine].mean()
    assert row["conf_high"] < 1.2
    memo = read(road, "memo.md")
    assert "DROP" in memo
    assert "20% was agreed as the least" in memo
    least = "The least gain worth having, 20%, is unlikely."
    assert least in memo
    assert "was not clearly better or worse" in memo
    assert "to within rounding" not in memo


def shares_of(road: Road, control: int, letter: int) -> None:
    """So many of each hundred of an arm paid."""
    said = {"control": control, "letter": letter}
    seen = dict.fromkeys(said, 0)
    lines = ["account,paid"]
    for i, arm in enumerate(arms_of(road)):
        lines.append(f"{i:05d},{'yes' if seen[arm] % 100 < said[arm] else 'no'}")
        seen[arm] += 1
    road.ok("outcomes", "bills", road.file("paid.csv", "\n".join(lines) + "\n"))
    road.ok("analyze", "bills")
    road.ok("report", "bills")


YES_NO = '[outcomes.paid]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "drop"\n'


@pytest.fixture
def shares(tmp_path: Path) -> Road:
    """A trial of a yes/no outcome, drawn."""
    road = trial(tmp_path)
    text = road.toml.read_text()
    start, end = text.index("[outcomes.paid]"), text.index("[analysis]")
    road.define(text[:start] + YES_NO + text[end:].replace('subgroups = ["area"]', ""))
    road.ok("lock", "bills")
    road.ok("frame", "bills", people(road))
    road.ok("draw", "bills")
    return road


def test_shares_are_told_as_a_ratio_too(shares: Road) -> None:
    shares_of(shares, 30, 45)
    row = main_row(shares)
    assert (row["estimate"], row["mean_control"]) == pytest.approx((1.5, 0.3))
    memo = read(shares, "memo.md").replace("\\", "")
    assert "raised “Paid” by 50% (95% interval: " in memo
    assert "The result was 45.0%, against 30.0% with “No letter”. That is 150 more per 1,000" in memo
    assert "percentage points" not in memo
    assert "more with “Paid”" in memo


def test_of_few_events_the_randomization_tests_ratios_are_told(shares: Road) -> None:
    """Newcombe's interval is of a difference of shares: it has no place here."""
    shares_of(shares, 2, 9)
    (told,) = json.loads((shares.out / "results.json").read_text())["fragile"]
    assert (told["reasons"], told["interval"]) == (["few_events"], "randomization")
    row = main_row(shares)
    assert row["estimate"] == pytest.approx(4.5)
    assert told["conf_low"] is None or told["conf_low"] < 4.5 < told["conf_high"]
    shares.ok("verify", "bills")
    terminal = " ".join(shares.rct("analyze", "bills").out.split())
    assert "Newcombe" not in terminal
    assert "has no end (drawing the lots anew rules out no ratio that is large enough)" in terminal


def test_the_chart_stands_on_levels(tmp_path: Path) -> None:
    row = Result.of(dict.fromkeys(NAMES) | {
        "outcome": "paid", "arm": "letter", "control": "control", "term": "arm", "estimate": 1.25, "std_error": 0.02,
        "p_value": 0.001, "conf_low": 1.2, "conf_high": 1.3, "conf_level": 0.95, "mean_control": 40.0,
        "role": "confirmatory", "estimator": TOY.name,
    })  # fmt: skip
    made = load(trial(tmp_path).toml)
    scale = scale_of(made, "paid", [row])
    drawn = arms_chart([finding_of(made, row, scale, withheld=False)], 0.1, best="letter")
    assert drawn is not None
    (bar,) = drawn.bars
    assert (drawn.line, drawn.rule) == pytest.approx((40.0, 44.0))
    assert (bar.value, bar.low, bar.high) == pytest.approx((50.0, 48.0, 52.0))
    assert (drawn.line_text, bar.level, bar.gap) == ("$40.00", "$50.00", "+25% (20% to 30%)")


def test_a_ratio_of_one_is_no_difference() -> None:
    rng = np.random.default_rng(7)
    y = rng.uniform(1, 3, size=200)
    made = Sample(y, np.arange(200) % 2, ("control", "letter"), (1, 1))
    line = estimate(made, TOY.name, "delta").lines[0]
    assert line.p_value is not None
    assert line.p_value > 0.05 > stats.t.sf(line.estimate / line.std_error, line.df)
    assert line.estimate == pytest.approx(by_hand(y, made.arm == 1)["estimate"])


def test_the_randomization_test_redraws_ratios() -> None:
    """Its p is that of no effect on any scale; its interval holds the ratios that it does not reject."""
    rng = np.random.default_rng(3)
    arm = np.arange(12) % 2
    y = rng.uniform(20, 60, size=12) * np.where(arm == 1, 2.5, 1.0)
    made = Sample(y, arm, ("control", "letter"), (1, 1))
    how = {"draws": 1_000, "seed": b"1"}  # all 924 arrangements
    plain = randomization_test(made, 1, 0, **how)
    found = randomization_test(made, 1, 0, alpha=0.05, scale=RATIO, **how)
    assert found.p_value == plain.p_value
    assert found.interval is not None
    low, high = found.interval
    assert 1 < low < by_hand(y, arm == 1)["estimate"] < high
    for ratio, rejected in (
        (low * 0.999, True),
        (low * 1.001, False),
        (high * 0.999, False),
        (high * 1.001, True),
    ):
        without = replace(made, y=RATIO.without(y, arm == 1, ratio))
        p = randomization_test(without, 1, 0, **how).p_value
        assert p is not None
        assert (p <= 0.05) is rejected


def test_the_rule_reads_gains_on_the_scale() -> None:
    def verdict(estimate: float, low: float, high: float, sign: int, p: float = 0.001) -> Any:
        one = ArmInput("letter", estimate, low, high, p, extra_cost=2.0, control=40.0)
        made = decide([one], worthwhile=0.1, alpha=0.05, sign=sign, between=lambda a, b: None, scale=RATIO)
        return made.arms[0]

    up = verdict(1.2, 1.1, 1.3, 1)
    assert up.verdict == "adopt"
    # 40 x 0.2 = 8 more for 2 dollars; at the interval's ends 4 and 12
    assert (up.cost.value, up.cost.low, up.cost.high) == pytest.approx((0.25, 2 / 12, 0.5))
    assert verdict(0.8, 0.7, 0.9, 1).reason == "harmful"
    assert verdict(0.8, 0.7, 0.9, -1).verdict == "adopt"
    assert verdict(1.05, 1.01, 1.09, 1).reason == "too_small"  # the whole interval is over 0.1, and under 1.1
    assert verdict(1.05, 0.95, 1.15, 1, p=0.4).verdict == "adapt"


def test_pools_of_one_scale_are_pooled_and_mixed_ones_refused() -> None:
    ratios = [
        evidence(name, {"letter": (1.2, 0.05)}, estimator=TOY.name) for name in ("acity", "bcity", "ccity")
    ]
    said = " ".join(plain_words(pool_evidence(Wish("paid"), ratios)))
    assert "on average 20.0% higher" in said or "on average 20% higher" in said
    assert "points" not in said
    with pytest.raises(RctError) as refused:
        choose(Wish("paid"), [*ratios, evidence("dcity", {"letter": (0.2, 0.05)})])
    assert [p.code for p in refused.value.problems] == ["pool_scale"]
    assert "has ratio, dcity has difference" in refused.value.problems[0].rule
    with pytest.raises(RctError) as unknown:
        choose(
            Wish("paid"), [*ratios, evidence("ecity", {"letter": (1.2, 0.05)}, estimator="from_elsewhere")]
        )
    assert [p.code for p in unknown.value.problems] == ["pool_scale"]


def test_the_library_reads_a_ratio_against_one() -> None:
    more, less = (
        evidence(name, {"letter": (estimate, 0.05)}, estimator=TOY.name)
        for name, estimate in (("acity", 1.2), ("bcity", 0.8))
    )
    assert (standing(more), standing(less)) == ((1, 0, 0), (0, 0, 1))
    ((_, _, effect, interval, *_),) = result_rows(less, less.outcomes[0])
    assert (effect, interval) == ("−20.0%", "−29.8% to −10.2%")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("worthwhile = 0.1", "worthwhile = 1.1", "out_of_range"),
        ("[decision]", 'block_weights = "precision"\n\n[decision]', "block_weights_do_not_fit"),
        ("[decision]", 'standard_errors = "HC2"\n\n[decision]', "standard_errors_do_not_fit"),
        (f'"{TOY.name}"', '"ratio_of_medians"', "not_a_choice"),
        ('scheme = "complete"', 'scheme = "clustered"\nclusters = "home"', "estimator_refuses"),
    ],
)
def test_its_limits_are_told(tmp_path: Path, old: str, new: str, code: str) -> None:
    road = trial(tmp_path)
    road.edit(old, new)
    assert [p["code"] for p in road.no("check", "bills", code=1)] == [code]


def test_the_json_schema_knows_what_is_registered() -> None:
    keys = schema()["$defs"]["Analysis"]["properties"]
    assert keys["estimator"]["enum"] == [*(n for n in ESTIMATORS if n != TOY.name), TOY.name]
    assert "delta" in keys["standard_errors"]["enum"]


def test_a_name_that_nobody_registered_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    road = trial(tmp_path)
    monkeypatch.delitem(ESTIMATORS, TOY.name)
    assert "not_a_choice" in [p["code"] for p in road.no("check", "bills", code=1)]


def test_no_other_module_compares_the_name_of_an_estimator() -> None:
    """Neither `== "lin"` nor `in ("ols", …)` nor a table with a row for each name. The scripts that are handed to analysts
    know formulas, and no estimators."""
    root = Path(rct.__file__).parent
    aside = (root / "estimate" / "estimators", root / "face" / "scripts")
    found = []
    for path in sorted(root.rglob("*.py")):
        if any(path.is_relative_to(folder) for folder in aside):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            asked: list[ast.AST | None] = []
            if isinstance(node, ast.Compare):
                asked = [node.left, *node.comparators]
            elif isinstance(node, ast.Dict):
                asked = list(node.keys)
            elif isinstance(node, ast.MatchValue):
                asked = [node.value]
            words = [w.value for a in asked if a for w in ast.walk(a) if isinstance(w, ast.Constant)]
            found += [(path.name, node.lineno, w) for w in words if isinstance(w, str) and w in ESTIMATORS]
    assert found == []
