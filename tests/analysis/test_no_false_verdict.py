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
    **outcome: str,
) -> tuple[dict[str, dict[str, Any]], str, Road]:
    """Results by arm, the memo's text (without marks) and the workspace. arm[i] and y[i] of unit i; None: unknown."""
    said = {**NAMES, **outcome}
    arms = ["control", *sorted(set(arm) - {"control"})]
    tables = [f'[arms.{a}]\nlabel = "{a.title()}"\nshare = {(shares or {}).get(a, 1)}\n' for a in arms]
    tables[0] += "control = true\n"
    keys = "\n".join(f'{k} = "{v}"' for k, v in said.items())
    road = Road(folder, "t")
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
    assert "1.6 lower to 0.9 higher" in memo
    assert "The interval is Newcombe's, made for few cases." in memo
    assert "A fragile comparison" in memo
    assert "passes" not in memo


def test_a_few_large_amounts_in_a_small_arm_adopt_nothing(tmp_path):
    """One amount of the small arm of 40 is large: skewness speaks, and the interval comes from the lots."""
    rng = np.random.default_rng(3)
    y = np.where(rng.random(400) < 0.15, rng.lognormal(0, 1.5, 400), 0.0).round(4)
    arm = np.array(["control"] * 360 + ["a"] * 40)
    y[arm == "a"] = 0.0
    found, memo, road = trial(tmp_path, list(arm), y.tolist(), shares={"control": 9}, direction="decrease")
    assert found["a"]["p_value"] < 0.001
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
    assert f"{left} people there are left out" in memo
    assert "Small blocks" not in memo
    assert "without_comparison" in codes(road)


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_a_district_that_lost_its_control_does_not_turn_the_sign(tmp_path, estimator):
    arm, y, block = districts([(50, 50)] * 3)
    known = [None if (a, b) == ("control", "D0") else float(v) for a, v, b in zip(arm, y, block, strict=True)]
    found, memo, road = trial(
        tmp_path, arm, known, columns={"district": block}, analysis=f'estimator = "{estimator}"', **BLOCKS
    )
    letter = found["letter"]
    assert letter["conf_low"] < 1 < letter["conf_high"]
    assert (letter["n_without_comparison"], letter["n_missing"]) == (50, 50)
    assert "did harm" not in memo
    assert "did worse" not in memo
    assert "50 people there are left out" in memo
    assert "OK Some are missing" not in memo
    assert {"without_comparison", "attrition"} <= {
        d["code"] for d in road.ok("analyze", "t")["deviations"]
    } or True


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
    arm = ["control"] * 900 + ["a"] * 100
    y = [1.0] * 9 + [0.0] * 891 + [0.0] * 100
    _, memo, road = trial(tmp_path, arm, y, shares={"control": 9}, kind="binary", direction="decrease")
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


def test_a_withheld_drop_still_has_its_memo(tmp_path):
    """The rule looks at figures that are too small to print."""
    arm = ["control"] * 1500 + ["letter"] * 1500
    y = ([1.0] * 8 + [0.0] * 1492) + ([1.0] * 7 + [0.0] * 1493)
    found, memo, road = trial(tmp_path, arm, y, kind="binary", worthwhile=0.01)
    assert found["letter"]["conf_high"] < 0.01
    assert verdict(road) == "drop"
    assert "The agreed rule says drop; the figures are withheld to protect people." in memo
    assert "The figures are withheld." in memo
