"""Through the commands: what once printed a confident, false page, and the right verdict and figures.

Each trial is a draw made elsewhere and read in, so that the outcome of every unit can be given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import Road, definition

NAMES = {"kind": "continuous", "direction": "increase", "missing": "drop"}


def trial(
    folder: Path,
    arm: Sequence[str],
    y: Sequence[float | None],
    *,
    columns: dict[str, Sequence[object]] | None = None,
    shares: dict[str, int] | None = None,
    frame: str = "",
    design: str = 'scheme = "complete"',
    analysis: str = "",
    worthwhile: float = 0.005,
    threshold: int = 10,
    **outcome: str,
) -> tuple[dict[str, dict[str, Any]], str, Road]:
    """Results by arm, the memo's text (without marks) and the workspace. arm[i] and y[i] of unit i; None: unknown."""
    said = {**NAMES, **outcome}
    arms = ["control", *sorted(set(arm) - {"control"})]
    tables = [f'[arms.{a}]\nlabel = "{a.title()}"\nshare = {(shares or {}).get(a, 1)}\n' for a in arms]
    tables[0] += "control = true\n"
    keys = "\n".join(f'{k} = "{v}"' for k, v in said.items())
    road = Road(folder, "t")
    road.edit("threshold = 10", f"threshold = {threshold}", road.folder / "rct.toml")
    road.define(
        definition(
            arms="\n".join(tables),
            frame=f'id = "account"\n{frame}',
            design=design,
            outcomes=f'[outcomes.y]\nlabel = "Y"\nprimary = true\n{keys}\n',
            analysis=analysis,
            decision=f"worthwhile = {worthwhile}",
        )
    )
    more = columns or {}
    head = ",".join(["account", "sent", *more])
    lines = [",".join(map(str, (f"{i:05d}", a, *(c[i] for c in more.values())))) for i, a in enumerate(arm)]
    list_csv = road.file("list.csv", "\n".join([head, *lines]) + "\n")
    known = [f"{i:05d},{'yes' if v else 'no'}" if said["kind"] == "binary" else f"{i:05d},{v!r}"
             for i, v in enumerate(y) if v is not None]  # fmt: skip
    outcome_csv = road.file("outcomes.csv", "\n".join(["account,y", *known]) + "\n")
    road.ok("lock", "t")
    road.ok("frame", "t", list_csv)
    road.ok("draw", "t", "--replay", list_csv, "--column", "sent")
    road.ok("outcomes", "t", outcome_csv)
    rows = road.ok("analyze", "t")["results"]
    road.ok("report", "t")
    assert road.ok("verify", "t")["failures"] == []
    memo = re.sub(r"[*_\\#|]", "", (road.out / "memo.md").read_text(encoding="utf-8"))
    return {r["arm"]: r for r in rows if r["term"] == "arm" and r["subgroup"] is None}, memo, road


def verdict(road: Road) -> str:
    analyze = [json.loads(text) for _, _, text in road.events() if '"kind":"analyze"' in text]
    return str(analyze[-1]["body"]["verdict"])


def codes(road: Road) -> set[str]:
    """The deviations that the appendix lists."""
    return {d["code"] for d in json.loads((road.out / "appendix.json").read_text())["deviations"]}


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_two_arms_without_variance_do_not_ease_the_third(tmp_path, estimator):
    arm = ["control"] * 100 + ["a"] * 100 + ["b"] * 100
    y = [0.0] * 200 + [1.0] * 4 + [0.0] * 96
    found, _, road = trial(tmp_path, arm, y, analysis=f'estimator = "{estimator}"', kind="binary")
    assert (found["a"]["std_error"], found["a"]["p_value"], found["a"]["p_adjusted"]) == (0.0, None, None)
    p = 0.04493472521262924 if estimator == "difference_in_means" else 0.04314443782353466
    assert found["b"]["p_value"] == pytest.approx(p, rel=1e-8)
    assert found["b"]["p_adjusted"] == pytest.approx(2 * p, rel=1e-8)
    assert verdict(road) == "adapt"


def test_no_event_in_a_small_arm_adopts_nothing(tmp_path):
    """18 of 1,800 against none of 200: t has p .00002, the lots drawn anew .15, Newcombe's interval holds 0."""
    arm = ["control"] * 1800 + ["a"] * 200
    y = [1.0] * 18 + [0.0] * 1982
    found, memo, road = trial(tmp_path, arm, y, shares={"control": 9}, kind="binary", direction="decrease")
    assert found["a"]["p_value"] == pytest.approx(2.12e-5, rel=0.01)
    assert found["a"]["fragile"] == "few_events,skewed"
    # none of 18 among 200 of 2,000 by lot: .149; and hardly ever so many that t is as large on the other side
    assert found["a"]["p_randomization"] == pytest.approx(0.149, abs=0.02)
    assert verdict(road) == "adapt"
    assert "passes" not in memo


def test_few_events_in_a_small_arm_are_told_by_newcombes_interval(tmp_path):
    """65 of 1,800 against 3 of 200: t alone would adopt."""
    arm = ["control"] * 1800 + ["a"] * 200
    y = [1.0] * 65 + [0.0] * 1735 + [1.0] * 3 + [0.0] * 197
    found, memo, road = trial(
        tmp_path, arm, y, shares={"control": 9}, kind="binary", direction="decrease", threshold=3
    )
    row = found["a"]
    assert row["p_value"] < 0.05 < row["p_randomization"]
    assert row["conf_high"] < 0
    assert verdict(road) == "adapt"
    assert "2.1 percentage points lower (95% interval: 3.5 points lower to 0.8 points higher)" in memo
    assert "The interval is Newcombe's, made for few cases." in memo
    assert "A fragile comparison" in memo
    assert "passes" not in memo


@pytest.mark.parametrize("direction", ["increase", "decrease"])
def test_nothing_is_adopted_or_did_worse_whose_interval_holds_zero(tmp_path, direction):
    """30 of 150 against 4 of 50: t has p .020, the lots drawn anew .042, far enough from .05 for any lots, and
    Newcombe's interval holds 0."""
    arm = ["a"] * 150 + ["control"] * 50
    y = [1.0] * 30 + [0.0] * 120 + [1.0] * 4 + [0.0] * 46
    found, memo, road = trial(
        tmp_path, arm, y, shares={"a": 3}, kind="binary", direction=direction, worthwhile=0.001, threshold=3
    )
    row = found["a"]
    assert row["fragile"] == "few_events"
    assert row["p_value"] == pytest.approx(0.0196, abs=1e-4)
    assert row["p_randomization"] == pytest.approx(0.042, abs=0.005)
    assert verdict(road) == "adapt"
    assert "was not clearly better or worse" in memo
    assert "0.2 points lower to 20.6 points higher" in memo
    assert "The tests find a difference, but the interval does not leave out zero: not settled." in memo
    assert "chance alone is unlikely" not in memo


def test_a_few_large_amounts_in_a_small_arm_adopt_nothing(tmp_path):
    """Skewed amounts, 9:1, and the small arm drew few of the large ones: skewness speaks."""
    rng = np.random.default_rng(3)
    y = np.sort(rng.lognormal(0, 1.8, 400)).round(4)
    arm = np.array(["control"] * 400)
    arm[np.arange(4, 400, 10)] = "a"
    y[arm == "a"] = np.minimum(y[arm == "a"], 9)
    found, memo, road = trial(tmp_path, list(arm), y.tolist(), shares={"control": 9}, direction="decrease")
    assert found["a"]["p_value"] < 0.05
    assert found["a"]["fragile"] == "skewed"
    assert found["a"]["p_randomization"] > 0.05
    assert verdict(road) == "adapt"
    assert "The interval comes from drawing the lots anew." in memo


def districts(counts: Sequence[tuple[int, int]], seed: int = 1) -> tuple[list[str], np.ndarray, list[str]]:
    """Arms, blocks and an outcome of 2 + 5 a district + 1 with the letter, by (control, letter) counts."""
    block = np.repeat(np.arange(len(counts)), [sum(c) for c in counts])
    arm = [a for c in counts for a in ["control"] * c[0] + ["letter"] * c[1]]
    y = 2 + 5 * block + (np.array(arm) == "letter") + np.random.default_rng(seed).normal(size=len(arm))
    return arm, y.round(6), [f"D{b}" for b in block]


BLOCKS = {"frame": "", "design": 'scheme = "blocked"\nblocks = ["district"]'}


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
@pytest.mark.parametrize("counts", [[(10, 190), (0, 300), (120, 120)], [(19, 1), (30, 0), (12, 12)]])
def test_replayed_districts_of_unlike_shares_are_not_joined(tmp_path, counts, estimator):
    arm, y, block = districts(counts)
    found, memo, road = trial(
        tmp_path,
        arm,
        y.tolist(),
        columns={"district": block},
        analysis=f'estimator = "{estimator}"',
        **BLOCKS,
    )
    letter = found["letter"]
    assert letter["conf_low"] < 1 < letter["conf_high"]
    left = sum(sum(c) for c in counts if min(c) < 2)
    assert letter["n_without_comparison"] == left
    assert letter["n_drawn"] == letter["n"] + left
    lone = [sum(c[i] for c in counts if min(c) < 2) for i in range(2)]
    few = any(0 < n < 10 for n in lone)  # of one arm a single one: no number may be told of all
    assert ("The people there are left out" if few else f"{left} people there are left out") in memo
    assert "Small blocks" not in memo
    assert "Everyone in the groups is compared" not in memo
    assert "No one is missing" not in memo
    assert f"NOTE: No outcome is missing. All {len(arm)} on the list were followed to the end. " in memo
    assert f"But {'some' if few else left} people are compared with nobody" in memo
    assert "Number: all in the group, with those who are compared with nobody" in memo
    (told,) = [d for d in road.ok("analyze", "t")["deviations"] if d["code"] == "without_comparison"]
    apart = sum(min(c) < 2 for c in counts)
    where = f"{apart} block{'s' if apart > 1 else ''} without comparison"
    assert f"{left} units with a known outcome lie in {where}: no number" in told["text"]


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_a_district_that_lost_its_control_does_not_turn_the_sign(tmp_path, estimator):
    arm, y, block = districts([(50, 50)] * 3)
    known = [None if (a, b) == ("control", "D0") else float(v) for a, v, b in zip(arm, y, block, strict=True)]
    found, memo, road = trial(
        tmp_path, arm, known, columns={"district": block}, analysis=f'estimator = "{estimator}"', **BLOCKS
    )
    letter = found["letter"]
    assert letter["conf_low"] < 1 < letter["conf_high"]
    at = {(d, a): [v for v, *of in zip(y, block, arm, strict=True) if of == [d, a]]
          for d in ("D1", "D2") for a in ("letter", "control")}  # fmt: skip
    others = [np.mean(at[d, "letter"]) - np.mean(at[d, "control"]) for d in ("D1", "D2")]
    assert letter["estimate"] == pytest.approx(np.mean(others), rel=1e-8)
    assert (letter["n"], letter["n_without_comparison"], letter["n_missing"]) == (200, 50, 50)
    assert "did harm" not in memo
    assert "did worse" not in memo
    assert "50 people there are left out" in memo
    for look in (
        "Groups made elsewhere",
        "Some are missing",
        "Group sizes are off",
        "Blocks without comparison",
    ):
        assert f"- LOOK: {look}." in memo
    assert {"without_comparison", "attrition"} <= codes(road)


def test_an_odd_list_of_pairs_is_analyzed(tmp_path):
    """40 pairs and one single: it joins the last pair, and every estimator goes on."""
    rng = np.random.default_rng(5)
    arm = ["control", "letter"] * 40 + ["letter"]
    block = [f"P{i // 2:02}" for i in range(80)] + ["P99"]
    y = (rng.normal(size=81) + (np.array(arm) == "letter")).round(6)
    for estimator in ("difference_in_means", "ols", "lin"):
        found, _, _ = trial(
            tmp_path / estimator, arm, y.tolist(), columns={"district": block},
            analysis=f'estimator = "{estimator}"', **BLOCKS,
        )  # fmt: skip
        letter = found["letter"]
        assert (letter["n"], letter["n_blocks"], letter["n_without_comparison"]) == (81, 40, 0)
        # two arms of 40 pairs: 39; least squares has 81 rows less 40 blocks and the arm
        assert letter["df"] == (40 if estimator == "ols" else 39)


def test_homes_of_unlike_size_in_small_blocks_find_no_effect(tmp_path):
    """Routes of 8 + 2 homes, paying hangs on the size of the home alone: once +3.7 points and ADOPT."""
    rng = np.random.default_rng(11)
    rejected = 0
    for i in range(3):
        arm, block, cluster, y = [], [], [], []
        for b in range(200):
            for h, a in enumerate(rng.permutation(["control"] * 8 + ["letter"] * 2)):
                size = int(rng.integers(1, 5))
                paid = (rng.random(size) < (0.7, 0.5, 0.3, 0.1)[size - 1]).astype(float)
                arm += [a] * size
                block += [f"R{b:03}"] * size
                cluster += [f"R{b:03}H{h}"] * size
                y += paid.tolist()
        found, _, road = trial(
            tmp_path / str(i), arm, y, columns={"district": block, "home": cluster}, shares={"control": 4},
            design='scheme = "blocked_clustered"\nblocks = ["district"]\nclusters = "home"',
            kind="binary", worthwhile=0.01,
        )  # fmt: skip
        assert abs(found["letter"]["estimate"]) < 0.035
        rejected += verdict(road) == "adopt"
    assert rejected == 0


def test_where_p_and_the_redrawn_p_part_memo_and_appendix_say_so(tmp_path):
    arm = ["control"] * 1800 + ["a"] * 200
    y = [1.0] * 65 + [0.0] * 1735 + [1.0] * 3 + [0.0] * 197
    _, memo, road = trial(
        tmp_path, arm, y, shares={"control": 9}, kind="binary", direction="decrease", threshold=3
    )
    assert "two tests disagree" in memo
    assert "two tests disagree" in (road.out / "appendix.html").read_text(encoding="utf-8")


def test_weights_by_precision_are_ols_in_blocks_of_units_alone(tmp_path):
    arm, y, block = districts([(40, 20), (20, 40), (30, 30)])
    found, _, _ = trial(
        tmp_path / "a", arm, y.tolist(), columns={"district": block},
        analysis='estimator = "ols"\nblock_weights = "precision"', **BLOCKS,
    )  # fmt: skip
    x = np.column_stack([np.array(arm) == "letter", *(np.array(block) == f"D{b}" for b in range(3))]).astype(
        float
    )
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    assert found["letter"]["estimate"] == pytest.approx(beta[0], rel=1e-9)
    road = Road(tmp_path / "b", "t")
    road.define(definition(analysis='block_weights = "precision"'))
    (problem,) = road.no("check", "t", code=1)
    assert (problem["code"], problem["field"]) == ("block_weights_do_not_fit", "analysis.block_weights")


@pytest.mark.parametrize(
    ("each", "control", "letter", "word", "figure"),
    [
        (1500, 8, 7, "drop", "0.1 percentage"),
        (200, 0, 66, "adopt", "33 percentage"),
        (200, 66, 0, "drop", "33 percentage"),
    ],
)
def test_a_verdict_on_cells_that_are_withheld_is_told(tmp_path, each, control, letter, word, figure):
    """The rule looks at figures that are too small to print: the verdict is printed, without them."""
    arm = ["control"] * each + ["letter"] * each
    y = [float(i < yes) for yes in (control, letter) for i in range(each)]
    found, memo, road = trial(tmp_path, arm, y, kind="binary", worthwhile=0.01)
    assert found["letter"]["estimate"] == pytest.approx((letter - control) / each)
    assert verdict(road) == word
    assert f"{word.upper()}: " in memo
    assert f"The agreed rule says {word}; the figures are withheld to protect people." in memo
    assert "The figures are withheld." in memo
    assert figure not in memo


def test_what_covariates_explain_is_out_of_verdict_and_interval(tmp_path):
    """Last year's amount is most of this year's: 9:1, a draw that is unbalanced in it, a true effect of +8."""
    rng = np.random.default_rng(8)
    last = rng.lognormal(4, 1.5, 1000).round(2)
    arm = np.array(["control"] * 1000)
    arm[rng.permutation(1000)[:100]] = "letter"
    y = (last + 8 * (arm == "letter") + rng.normal(0, 5, 1000)).round(2)
    found, memo, road = trial(
        tmp_path, list(arm), y.tolist(), columns={"last": list(last)}, shares={"control": 9},
        frame='covariates = ["last"]', worthwhile=5,
    )  # fmt: skip
    row = found["letter"]
    assert "skewed" in row["fragile"]
    assert row["p_randomization"] < 0.001
    assert verdict(road) == "adopt"
    (low, high) = re.search(r"raised “Y” by \S+ on average \(95% interval: (\S+) to (\S+)\)", memo).groups()
    assert float(low) < row["estimate"] < float(high)
    assert float(low) < 8 < float(high)
    assert "a change for the worse" not in memo


@pytest.mark.parametrize("blocked", [False, True])
def test_one_yes_in_six_hundred_drops_nothing(tmp_path, blocked):
    """0 of 300 against 1 of 300: a gain of .8 points is well possible, in blocks too."""
    arm = ["control", "control", "letter", "letter"] * 150
    y = [0.0] * 600
    y[2] = 1.0
    more = {"columns": {"district": ["A", "B"] * 300}, **BLOCKS} if blocked else {}
    _, _, road = trial(tmp_path, arm, y, kind="binary", worthwhile=0.008, **more)
    assert verdict(road) == "adapt"


def test_six_clusters_can_tell_nothing_and_say_so(tmp_path):
    """Of 20 ways to deal 3 + 3 clusters none is rare enough: no interval with an end, and yet an estimate."""
    rng = np.random.default_rng(1)
    cluster = np.repeat(np.arange(6), 10)
    arm = np.where(cluster % 2, "letter", "control")
    y = (rng.normal(size=6)[cluster] + rng.normal(size=60)).round(6)
    found, memo, road = trial(
        tmp_path, list(arm), y.tolist(), columns={"home": [f"H{c}" for c in cluster]},
        design='scheme = "clustered"\nclusters = "home"',
    )  # fmt: skip
    assert found["letter"]["fragile"] == "few_clusters"
    assert verdict(road) == "adapt"
    assert "could not be compared" not in memo
    assert "too few ways to bear out a difference" in memo
    assert "(no interval)" in memo


def test_an_adoption_that_drawing_the_lots_anew_refutes_is_none(tmp_path):
    """A block of 2 + 2 large customers among 100 of 5 + 5: their luck is the whole estimate, and t counts 900 units."""
    rng = np.random.default_rng(2)
    arm = ["letter", "letter", "control", "control"] + ["letter", "control"] * 500
    block = ["B000"] * 4 + [f"B{1 + i // 10:03}" for i in range(1000)]
    y = np.concatenate([[900.0, 880.0, 310.0, 290.0], rng.normal(size=1000)]).round(4)
    found, memo, road = trial(tmp_path, arm, y.tolist(), columns={"district": block}, **BLOCKS)
    row = found["letter"]
    assert row["p_value"] < 1e-6
    assert row["fragile"] == "tests_disagree"
    assert row["p_randomization"] > 0.06
    assert verdict(road) == "adapt"
    assert "One test finds a difference, but drawing the lots anew does not: not settled." in memo


@pytest.mark.parametrize(
    ("seed", "high", "open_still"), [(50072, 0.1993811582881644, True), (142, 0.12774115816634065, False)]
)
def test_a_gain_worth_having_is_dropped_only_where_drawing_the_lots_anew_rejects_it(
    tmp_path, seed, high, open_still
):
    """The true effect is the least worthwhile one: t intervals of skewed amounts lie under it too often."""
    rng = np.random.default_rng(seed)
    sent = np.zeros(1000, dtype=int)
    sent[rng.permutation(1000)[:300]] = 1
    y = np.round(np.round(rng.gamma(0.35, 1, 1000), 3) + 0.2 * sent, 3).tolist()
    arm = ["letter" if a else "control" for a in sent]
    found, memo, road = trial(tmp_path, arm, y, shares={"control": 7, "letter": 3}, worthwhile=0.2)
    assert found["letter"]["conf_high"] == pytest.approx(high, rel=1e-9)
    assert found["letter"]["fragile"] == ("worthwhile_open" if open_still else None)
    assert verdict(road) == ("adapt" if open_still else "drop")
    said = "drawing the lots anew does not: the usual one misleads"
    assert (said in memo) is open_still


def test_the_panel_counts_all_who_are_compared_with_nobody_over_three_arms(tmp_path):
    """Of a block without warm 30 and 30, of one that lost its control 20 and 20: 100, though no two arms have as many."""
    counts = [(30, 30, 30)] * 2 + [(30, 30, 0), (20, 20, 20)]
    arm = [a for c in counts for a, n in zip(("control", "plain", "warm"), c, strict=True) for _ in range(n)]
    block = [f"D{b}" for b, c in enumerate(counts) for _ in range(sum(c))]
    y = np.random.default_rng(4).normal(10, 1, len(arm)).round(3)
    known = [None if (a, b) == ("control", "D3") else float(v) for a, b, v in zip(arm, block, y, strict=True)]
    found, memo, road = trial(tmp_path, arm, known, columns={"district": block}, **BLOCKS)
    assert sorted(r["n_without_comparison"] for r in found.values()) == [50, 80]
    assert "100 people there are left out." in memo
    (told,) = [d for d in road.ok("analyze", "t")["deviations"] if d["code"] == "without_comparison"]
    assert "100 units with a known outcome lie in 2 blocks" in told["text"]


def test_few_who_are_compared_with_nobody_are_not_counted_on_the_panel(tmp_path):
    arm, y, block = districts([(30, 30), (0, 3), (30, 30)])
    _, memo, _ = trial(tmp_path, arm, y.tolist(), columns={"district": block}, **BLOCKS)
    assert "But some people are compared with nobody" in memo
    assert "The people there are left out." in memo
    assert "3 people" not in memo


def test_why_there_is_no_test_is_true_of_blocks_and_pairs(tmp_path):
    """All of one block yes and all of the next no: it varies within the arms, and still there is no error."""
    arm, _, block = districts([(10, 10), (10, 10)])
    y = [float(b == "D0") for b in block]
    found, _, road = trial(tmp_path / "a", arm, y, columns={"district": block}, kind="binary", **BLOCKS)
    assert (found["letter"]["std_error"], found["letter"]["p_value"]) == (0.0, None)
    said = " ".join(road.rct("analyze", "t").out.split())
    assert "The outcome does not vary within the arms of each block: no test" in said
    arm, _, block = districts([(1, 1)] * 12)
    y = [float(3 * int(b[1:]) + (a == "letter")) for a, b in zip(arm, block, strict=True)]
    found, _, road = trial(tmp_path / "b", arm, y, columns={"district": block}, **BLOCKS)
    assert (found["letter"]["estimate"], found["letter"]["std_error"]) == (1.0, 0.0)
    said = " ".join(road.rct("analyze", "t").out.split())
    assert "The difference is the same in every pair: no test" in said


def test_terminal_json_and_memo_tell_the_same_of_a_fragile_comparison(tmp_path):
    arm = ["control"] * 1800 + ["a"] * 200
    y = [1.0] * 60 + [0.0] * 1740 + [1.0] * 3 + [0.0] * 197
    found, memo, road = trial(
        tmp_path, arm, y, shares={"control": 9}, kind="binary", direction="decrease", threshold=3
    )
    again = road.ok("analyze", "t")
    assert again["fresh"] is False
    (told,) = again["fragile"]
    assert told == json.loads((road.out / "results.json").read_text())["fragile"][0]
    assert (told["outcome"], told["arm"], told["interval"]) == ("y", "a", "newcombe")
    assert told["reasons"] == found["a"]["fragile"].split(",")
    # 3 of 200 and 60 of 1,800; statsmodels: confint_proportions_2indep(3, 200, 60, 1800, method="newcomb")
    assert (told["conf_low"], told["conf_high"]) == pytest.approx(
        (-0.03193138766355137, 0.010775444831364736), rel=1e-9
    )
    assert told["p_randomization_adjusted"] == found["a"]["p_randomization"]
    said = " ".join(road.rct("analyze", "t").out.split())
    assert "a: the t test may mislead here (in an arm only few differ from most" in said
    assert (
        "The memo tells Newcombe's interval, made for few cases, in place of the t interval: −3.19 to +1.08."
        in said
    )
    assert (
        f"p by drawing the lots anew, adjusted: {told['p_randomization_adjusted']:.2f}; the rule asks for it too."
        in said
    )
    assert "3.2 points lower to 1.1 points higher" in memo


def test_where_nothing_is_fragile_nothing_is_said_of_it(tmp_path):
    rng = np.random.default_rng(5)
    arm = ["control"] * 100 + ["a"] * 100
    _, _, road = trial(tmp_path, arm, rng.normal(size=200).round(3).tolist())
    assert road.ok("analyze", "t")["fragile"] == []
    assert json.loads((road.out / "results.json").read_text())["fragile"] == []
    assert "may mislead" not in road.rct("analyze", "t").out
