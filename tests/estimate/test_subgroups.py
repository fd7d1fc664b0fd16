"""Effects inside levels and between them."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rct.errors import RctError
from rct.estimate import Sample, estimate
from rct.estimate.subgroups import interactions, subgroup, within

FOLDER = Path(__file__).parents[1] / "reference"
R = json.loads((FOLDER / "inference.json").read_text())["subgroup"]


def paid():
    with (FOLDER / "complete.csv").open() as f:
        rows = list(csv.DictReader(f))
    y = np.array([float(r["paid"]) for r in rows])
    arm = np.array([int(r["z"]) for r in rows])
    return Sample(y, arm, ("0", "1"), (3, 2)), np.array([r["x2"] for r in rows])


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_interaction_is_rs(estimator):
    s, x2 = paid()
    ((level, fit),) = interactions(s, x2, estimator, "HC2")
    line, want = fit.lines[0], R["interaction_hc2"]
    assert level == "1"
    for ours, theirs in {
        "estimate": "estimate", "std_error": "std.error", "statistic": "statistic", "df": "df",
        "p_value": "p.value", "conf_low": "conf.low", "conf_high": "conf.high",
    }.items():  # fmt: skip
        assert getattr(line, ours) == pytest.approx(want[theirs], rel=1e-8)
    assert (line.n, line.mean_control) == (600, None)


def test_within_levels_is_rs():
    s, x2 = paid()
    for level, fit in within(s, x2, "ols", "HC2"):
        want = R[f"within_{level}"]
        assert fit.lines[0].estimate == pytest.approx(want["estimate"], rel=1e-8)
        assert fit.lines[0].std_error == pytest.approx(want["std.error"], rel=1e-8)
        assert fit.lines[0].p_value == pytest.approx(want["p.value"], rel=1e-8)
        assert fit.lines[0].df == want["df"]


def blocked(seed=0, sizes=(30, 40, 50)):
    rng = np.random.default_rng(seed)
    block = np.repeat(np.arange(len(sizes)), sizes)
    arm = np.concatenate([rng.permutation(np.arange(n) % 3) for n in sizes])
    x = rng.normal(size=(len(block), 1))
    y = block + arm * (1 + block) + x[:, 0] + rng.normal(size=len(block))
    labels = tuple(f"B{b}" for b in range(len(sizes)))
    return Sample(y, arm, ("c", "a", "b"), (1, 1, 1), block, labels, x=x, x_names=("x",))


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
def test_a_block_column_as_the_subgroup(estimator):
    s = blocked()
    level = np.array(["east", "west"])[(s.block > 0).astype(int)]
    made = subgroup(s, level, estimator, "HC2")
    east = estimate(s.rows(s.block == 0), estimator, "HC2").line("a")
    assert dict(made.within)["east"].line("a").estimate == pytest.approx(east.estimate)
    assert dict(made.within)["east"].strata == (("B0",),)
    west = dict(made.within)["west"]
    line = made.interactions[0][1].line("a")
    assert line.estimate == pytest.approx(west.line("a").estimate - east.estimate)
    assert line.std_error == pytest.approx(np.hypot(west.line("a").std_error, east.std_error))


def test_levels_are_in_byte_order_and_the_first_is_the_base():
    s = blocked()
    level = np.array(["é", "a", "Z"])[np.arange(len(s.y)) % 3]
    made = subgroup(s, level, "difference_in_means", "HC2")
    assert [name for name, _ in made.within] == ["Z", "a", "é"]
    assert [name for name, _ in made.interactions] == ["a", "é"]


def test_the_subgroups_own_indicators_are_left_out_in_silence():
    s = blocked()
    inside = (np.arange(len(s.y)) % 2).astype(float)
    s = replace(s, x=np.column_stack([s.x, inside]), x_names=("x", "language=es"))
    level = np.where(inside == 1, "es", "en")
    for name, fit in subgroup(s, level, "lin", "HC2").within:
        assert fit.dropped == ()
        bare = replace(s, x=s.x[:, :1], x_names=("x",)).rows(level == name)
        assert fit.lines[0].estimate == pytest.approx(estimate(bare, "lin", "HC2").lines[0].estimate)


def test_a_level_too_small_has_counts_but_no_numbers_and_the_rest_goes_on():
    s = blocked()
    level = np.where(np.arange(len(s.y)) % 2 == 0, "de", "en")
    level[:2] = "zz"
    made = subgroup(s, level, "difference_in_means", "HC2")
    tiny = dict(made.within)["zz"].lines[0]
    assert (tiny.estimate, tiny.std_error, tiny.p_value) == (None, None, None)
    assert [n.code for n in tiny.notes] == ["not_estimated"]
    assert tiny.n_drawn <= 2
    assert dict(made.interactions)["zz"].lines[0].estimate is None
    assert dict(made.interactions)["en"].lines[0].p_value is not None


def test_strata_that_join_inside_a_level_are_told_but_no_deviation():
    s = blocked()
    rare = (s.block == 0) & (s.arm == 1)
    level = np.where(rare & (np.cumsum(rare) > 1), "x", "y")
    fit = dict(subgroup(s, level, "lin", "HC2").within)["y"]
    assert [(n.code, n.deviation) for n in fit.notes] == [("strata_joined", False)]


def test_a_wrong_standard_error_is_refused_as_everywhere():
    s, x2 = paid()
    with pytest.raises(RctError):
        subgroup(s, x2, "lin", "CR2")


def test_interaction_of_clusters_within_levels_adds_variances():
    rng = np.random.default_rng(3)
    cluster = np.repeat(np.arange(24), 5)
    arm = (cluster % 2).astype(np.int64)
    s = Sample(rng.normal(size=120) + rng.normal(size=24)[cluster], arm, ("c", "t"), (1, 1), cluster=cluster)
    level = np.where(cluster < 12, "a", "b")
    made = subgroup(s, level, "difference_in_means", "CR2")
    a, b = (dict(made.within)[v].lines[0] for v in "ab")
    line = made.interactions[0][1].lines[0]
    assert line.std_error == pytest.approx(np.hypot(a.std_error, b.std_error))
    assert line.n_clusters == 24
    assert line.df > max(a.df, b.df)
