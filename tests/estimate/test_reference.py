"""Every number that R's packages give for our designs, to a relative 1e-8 (docs/methods.md)."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from rct.estimate import Estimate, Sample, estimate

FOLDER = Path(__file__).parents[1] / "reference"
R = json.loads((FOLDER / "reference.json").read_text()) | json.loads((FOLDER / "inference.json").read_text())
CLUSTERS = json.loads((FOLDER / "blocked_clusters.json").read_text())
REFERENCE = json.loads((FOLDER / "reference.json").read_text())
TOLERANCE = 1e-8
NAMES = {
    "estimate": "estimate",
    "std.error": "std_error",
    "df": "df",
    "statistic": "statistic",
    "p.value": "p_value",
    "conf.low": "conf_low",
    "conf.high": "conf_high",
}


def table(name):
    with (FOLDER / f"{name}.csv").open() as f:
        rows = list(csv.DictReader(f))
    return {k: np.array([r[k] for r in rows]) for k in rows[0]}


def codes(values):
    labels, code = np.unique(values, return_inverse=True)
    return code.astype(np.int64), tuple(str(v) for v in labels)


def sample(data, y, arm="z", arms=None, x=(), block=None, cluster=None, shares=None):
    """A Sample from a reference file's columns."""
    names = arms or tuple(sorted(set(data[arm])))
    block_codes, labels = codes(data[block]) if block else (None, ())
    return Sample(
        y=data[y].astype(float),
        arm=np.array([names.index(v) for v in data[arm]]),
        arm_names=names,
        shares=shares or (1,) * len(names),
        block=block_codes,
        block_labels=labels,
        cluster=codes(data[cluster])[0] if cluster else None,
        x=np.column_stack([data[c].astype(float) for c in x]) if x else np.empty((0, 0)),
        x_names=tuple(x),
    )


def meets(line: Estimate, want: dict):
    compared = 0
    for theirs, ours in NAMES.items():
        if theirs in want:
            assert getattr(line, ours) == pytest.approx(want[theirs], rel=TOLERANCE), ours
            compared += 1
    assert compared >= 4


@pytest.mark.parametrize("outcome", ["paid", "amount"])
def test_complete_difference_in_means(outcome):
    fit = estimate(sample(table("complete"), outcome), "difference_in_means", "HC2")
    meets(fit.lines[0], R["complete"][f"dim_{outcome}"])


@pytest.mark.parametrize("se_type", ["HC0", "HC1", "HC2", "HC3"])
def test_complete_ols(se_type):
    fit = estimate(sample(table("complete"), "paid", x=("x1", "x2")), "ols", se_type)
    meets(fit.lines[0], R["complete"][f"ols_{se_type.lower()}"])


@pytest.mark.parametrize("outcome", ["paid", "amount"])
def test_complete_lin(outcome):
    fit = estimate(sample(table("complete"), outcome, x=("x1", "x2")), "lin", "HC2")
    meets(fit.lines[0], R["complete"][f"lin_{outcome}"])


def test_blocked_difference_in_means():
    meets(
        estimate(sample(table("blocked"), "y", block="block"), "difference_in_means", "HC2").lines[0],
        R["blocked"]["dim"],
    )


def test_blocked_ols_weighs_by_realized_counts():
    fit = estimate(sample(table("blocked"), "y", block="block"), "ols", "HC2")
    meets(fit.lines[0], R["blocked"]["ols_block_fe_weighted_hc2"])


def test_blocked_lin():
    fit = estimate(sample(table("blocked"), "y", x=("x1",), block="block"), "lin", "HC2")
    meets(fit.lines[0], R["blocked"]["lin_block_hc2"])


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_pairs(estimator):
    meets(estimate(sample(table("pairs"), "y", block="pair"), estimator, "HC2").lines[0], R["pairs"]["dim"])


def test_clustered_difference_in_means():
    fit = estimate(sample(table("clustered"), "y", cluster="cluster"), "difference_in_means", "CR2")
    meets(fit.lines[0], R["clustered"]["dim"])


@pytest.mark.parametrize(
    ("outcome", "se_type", "key"),
    [
        ("y", "CR0", "cr0"),
        ("y", "CR1", "cr1"),
        ("y", "CR2", "cr2"),
        ("b", "CR2", "cr2_binary"),
    ],
)
def test_clustered_ols(outcome, se_type, key):
    fit = estimate(sample(table("clustered"), outcome, x=("x1",), cluster="cluster"), "ols", se_type)
    meets(fit.lines[0], R["clustered"][key])


def test_clustered_lin():
    fit = estimate(sample(table("clustered"), "y", x=("x1",), cluster="cluster"), "lin", "CR2")
    meets(fit.lines[0], R["clustered"]["lin_cr2"])


def test_blocked_clustered_block_effects():
    data = sample(table("blocked_clustered"), "y", block="block", cluster="cluster")
    meets(estimate(data, "ols", "CR2").lines[0], R["blocked_clustered"]["cr2_block_fe"])


@pytest.mark.parametrize(
    ("name", "x", "estimator", "key"),
    [
        ("blocked_clustered", (), "difference_in_means", "equal"),
        ("blocked_clustered_x", ("x1",), "lin", "equal_lin"),
        ("cace_clustered", (), "difference_in_means", "unequal"),
        ("cace_clustered", ("x1",), "ols", "unequal_ols"),
        ("cace_clustered", ("x1",), "lin", "unequal_lin"),
    ],
)
def test_blocked_clustered(name, x, estimator, key):
    data = sample(table(name), "y", x=x, block="block", cluster="cluster")
    meets(estimate(data, estimator, "CR2").lines[0], CLUSTERS[key])


@pytest.mark.parametrize(("x", "key"), [((), "cr2"), (("x1",), "cr2_x")])
def test_absorbed_block_effects_keep_their_leverage(x, key):
    data = sample(table("blocked_clustered_x"), "y", x=x, block="block", cluster="cluster")
    meets(estimate(data, "ols", "CR2").lines[0], R["absorbed"][key])


FOUR = ("control", "simple", "social", "deadline")


@pytest.mark.parametrize("arm", FOUR[1:])
def test_four_arms(arm):
    data = table("four_arms")
    plain = sample(data, "y", arm="arm", arms=FOUR)
    meets(estimate(plain, "difference_in_means", "HC2").line(arm), R["four_arms"]["welch_by_pair"][arm])
    meets(estimate(plain, "ols", "HC2").line(arm), R["four_arms"]["hc2"][f"arm{arm}"])
    adjusted = sample(data, "y", arm="arm", arms=FOUR, x=("x1",))
    meets(estimate(adjusted, "lin", "HC2").line(arm), R["four_arms"]["lin"][f"arm{arm}"])


@pytest.mark.parametrize("arm", ["simple", "social"])
def test_blocked_arms_weigh_blocks_over_all_arms(arm):
    data = sample(table("blocked_arms"), "y", arm="arm", arms=FOUR[:3], block="block")
    meets(estimate(data, "difference_in_means", "HC2").line(arm), R["blocked_arms"][arm])


def test_small_blocks_mixed_with_large_ones():
    fit = estimate(sample(table("small_blocks"), "y", block="block"), "difference_in_means", "HC2")
    meets(fit.lines[0], R["small_blocks"])
