"""Least squares from moments: R's weighted fits, far-away columns, dependent columns, leverage of one."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from rct.errors import RctError
from rct.estimate.clusters import cluster_parts, combine
from rct.estimate.least_squares import coefficient, prediction, robust
from rct.estimate.moments import Rows, solve

FOLDER = Path(__file__).parents[1] / "reference"
R = json.loads((FOLDER / "reference.json").read_text())


def table(name):
    with (FOLDER / f"{name}.csv").open() as f:
        rows = list(csv.DictReader(f))
    return {k: np.array([r[k] for r in rows]) for k in rows[0]}


def one_group(n):
    return np.zeros(n, dtype=np.int64)


def rows(y, x, weight=None, group=None, groups=1):
    group = one_group(len(y)) if group is None else group
    return Rows(y, group, groups, x, use=tuple(range(x.shape[1])), weight=weight)


def names(x):
    return tuple(f"c{j}" for j in range(x.shape[1]))


def test_weights_that_vary_within_clusters_as_in_estimatr():
    d = table("clustered")
    x = np.column_stack([d["z"].astype(float), d["x1"].astype(float)])
    s = solve(rows(d["y"].astype(float), x, d["wt"].astype(float)), names(x))
    c = coefficient(s, 0)
    cluster = np.unique(d["cluster"], return_inverse=True)[1]
    variance, df = combine(((1.0, cluster_parts(s, [c], cluster).parts[0]),))
    want = R["clustered"]["cr2_weighted"]
    assert c.value == pytest.approx(want["estimate"], rel=1e-8)
    assert np.sqrt(variance) == pytest.approx(want["std.error"], rel=1e-8)
    assert df == pytest.approx(want["df"], rel=1e-8)


@pytest.mark.parametrize("key", ["ols_ipw_hc2", "ols_block_fe_hc2", "lin_ipw_hc2"])
def test_blocked_functions(key):
    d = table("blocked")
    z, x1, w = (d[c].astype(float) for c in ("z", "x1", "ipw"))
    block = np.unique(d["block"], return_inverse=True)[1]
    if key == "ols_ipw_hc2":
        made = rows(d["y"].astype(float), z[:, None], w)
    elif key == "ols_block_fe_hc2":
        made = rows(d["y"].astype(float), np.column_stack([z, x1]), None, block, 5)
    else:  # lm_lin centers with the weights and interacts
        centered = x1 - np.average(x1, weights=w)
        made = rows(d["y"].astype(float), np.column_stack([z, centered, z * centered]), w)
    s = solve(made, names(made.x))
    c = coefficient(s, 0)
    want = R["blocked"][key]
    assert c.value == pytest.approx(want["estimate"], rel=1e-8)
    assert np.sqrt(robust(s, [c]).values[0]) == pytest.approx(want["std.error"], rel=1e-8)
    assert s.n - s.rank == want["df"]


def by_qr(x, y):
    """Coefficients, HC2 standard errors by QR of the whole centered matrix."""
    design = np.column_stack([np.ones(len(y)), x - x.mean(axis=0)])
    q, r = np.linalg.qr(design)
    beta = np.linalg.solve(r, q.T @ (y - y.mean()))
    e = y - y.mean() - design @ beta
    h = np.sum(q**2, axis=1)
    push = np.linalg.solve(r, q.T)
    return beta[1:], np.sqrt(push**2 @ (e**2 / (1 - h)))[1:]


def test_a_column_far_from_zero_loses_no_digits():
    rng = np.random.default_rng(1)
    x = np.column_stack([1e6 + rng.normal(size=5000), rng.normal(size=5000)])
    y = 1e6 + 0.3 * (x[:, 0] - 1e6) - x[:, 1] + rng.normal(size=5000)
    s = solve(rows(y, x), names(x))
    contrasts = [coefficient(s, 0), coefficient(s, 1)]
    beta, se = by_qr(x, y)
    assert [c.value for c in contrasts] == pytest.approx(list(beta), rel=1e-8)
    assert np.sqrt(robust(s, contrasts).values) == pytest.approx(se, rel=1e-8)


def test_nearly_collinear_columns_go_through_qr_and_agree_with_it():
    rng = np.random.default_rng(2)
    a = rng.normal(size=4000)
    x = np.column_stack([a, a + 1e-6 * rng.normal(size=4000), rng.normal(size=4000)])
    y = a + x[:, 2] + rng.normal(size=4000)
    s = solve(rows(y, x), names(x))
    assert not s.dropped
    beta, _ = by_qr(x, y)
    assert [coefficient(s, j).value for j in range(3)] == pytest.approx(list(beta), rel=1e-7)


def test_constant_and_dependent_columns_are_dropped_by_name_later_ones_first():
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 300))
    x = np.column_stack([a, np.full(300, 7.1), b, a - 2 * b + 5])
    s = solve(rows(a + rng.normal(size=300), x), ("age", "always", "balance", "sum"))
    assert s.rows.use == (0, 2)
    assert [j for j, _ in s.dropped] == [1, 3]
    assert s.dropped[0][1].startswith("always")
    assert s.rank == 3


def test_a_column_that_blocks_decide_is_dropped():
    block = np.repeat(np.arange(10), 20)
    rng = np.random.default_rng(4)
    x = np.column_stack([0.1 * block + 3.3, rng.normal(size=200)])
    s = solve(rows(rng.normal(size=200), x, None, block, 10), ("district_income", "age"))
    assert s.rows.use == (1,)


def test_the_order_of_rows_and_columns_does_not_matter():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(5000, 3)) * [1, 100, 1e-3]
    y = x @ [1, 0.01, 500] + rng.normal(size=5000)
    order = rng.permutation(5000)
    base = solve(rows(y, x), names(x))
    shuffled = solve(rows(y[order], x[order]), names(x))
    turned = solve(rows(y, x[:, ::-1].copy()), names(x))
    for j in range(3):
        c = coefficient(base, j)
        assert coefficient(shuffled, j).value == pytest.approx(c.value, rel=1e-11)
        assert coefficient(turned, 2 - j).value == pytest.approx(c.value, rel=1e-11)
        v = robust(base, [c]).values[0]
        assert robust(shuffled, [coefficient(shuffled, j)]).values[0] == pytest.approx(v, rel=1e-11)


def test_the_same_rows_give_the_same_bits():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(7000, 4))
    y = rng.normal(size=7000)
    first, second = (solve(rows(y.copy(), x.copy()), names(x)) for _ in range(2))
    assert first.beta.tobytes() == second.beta.tobytes()
    assert (
        robust(first, [coefficient(first, 0)]).values.tobytes()
        == robust(second, [coefficient(second, 0)]).values.tobytes()
    )


def test_a_row_that_decides_a_coefficient_alone_names_its_column():
    rng = np.random.default_rng(7)
    lone = np.zeros(200)
    lone[17] = 1
    x = np.column_stack([rng.normal(size=200), lone])
    s = solve(rows(rng.normal(size=200), x), names(x))
    assert robust(s, [coefficient(s, 0)]).lone == 1


def test_a_cluster_that_decides_a_coefficient_alone_names_its_column():
    rng = np.random.default_rng(8)
    cluster = np.repeat(np.arange(20), 10)
    x = np.column_stack([rng.normal(size=200), (cluster == 3).astype(float)])
    for weight in (None, rng.uniform(1, 2, 200)):
        s = solve(rows(rng.normal(size=200), x, weight), names(x))
        assert cluster_parts(s, [coefficient(s, 0)], cluster).lone == 1


def test_a_group_of_one_row_is_refused_not_passed_over():
    group = np.array([0] * 50 + [1])
    s = solve(rows(np.random.default_rng(9).normal(size=51), np.empty((51, 0)), None, group, 2), ())
    with pytest.raises(RctError) as error:
        robust(s, [prediction(s, np.array([0.5, 0.5]), np.empty(0))])
    assert error.value.problems[0].code == "too_few_units"


def test_a_cluster_in_two_blocks_is_an_error_of_the_caller():
    s = solve(rows(np.arange(8.0) ** 2, np.empty((8, 0)), None, np.repeat([0, 1], 4), 2), ())
    with pytest.raises(ValueError, match="more than one block"):
        cluster_parts(
            s, [prediction(s, np.array([0.5, 0.5]), np.empty(0))], np.array([0, 0, 1, 1, 1, 1, 2, 2])
        )


@pytest.mark.parametrize("weighted", [False, True])
def test_small_and_large_clusters_take_two_roads_to_the_same_numbers(monkeypatch, weighted):
    rng = np.random.default_rng(10)
    cluster = rng.permutation(np.repeat(np.arange(60), rng.integers(1, 5, 60)))
    n = len(cluster)
    block, treated = cluster % 3, (cluster // 3) % 2
    x = np.column_stack([treated, rng.normal(size=(n, 4))])
    y = x @ [0.3, 1, 0, 0, -1] + rng.normal(size=60)[cluster] + rng.normal(size=n)
    weight = np.where(treated == 1, 1.5, 3.0) if weighted else None
    s = solve(rows(y, x, weight, block, 3), names(x))
    c = [coefficient(s, 0), coefficient(s, 2)]
    by_rows = [combine(((1.0, part),)) for part in cluster_parts(s, c, cluster).parts]
    monkeypatch.setattr("rct.estimate.clusters._Pieces._by_rows", lambda *_: False)
    by_grams = [combine(((1.0, part),)) for part in cluster_parts(s, c, cluster).parts]
    for small, large in zip(by_rows, by_grams, strict=True):
        assert small == pytest.approx(large, rel=1e-10)


def test_a_cluster_larger_than_a_chunk():
    rng = np.random.default_rng(11)
    cluster = np.repeat(np.arange(8), [5000, 2500, 300, 200, 100, 50, 40, 30])
    x = np.column_stack([cluster % 2, rng.normal(size=len(cluster))])
    y = x @ [0.2, 1.0] + rng.normal(size=8)[cluster] + rng.normal(size=len(cluster))
    s = solve(rows(y, x), names(x))
    got = combine(((1.0, cluster_parts(s, [coefficient(s, 0)], cluster).parts[0]),))
    order = rng.permutation(len(cluster))
    t = solve(rows(y[order], x[order]), names(x))
    assert combine(((1.0, cluster_parts(t, [coefficient(t, 0)], cluster[order]).parts[0]),)) == pytest.approx(
        got, rel=1e-10
    )
    design = np.column_stack([np.ones(len(y)), x])
    q, r = np.linalg.qr(design)
    e = y - q @ (q.T @ y)
    share = np.linalg.solve(r, np.eye(3))[1]
    meat = 0.0
    for g in range(8):  # (I - H)^(-1/2) of a cluster by its few columns
        u = q[cluster == g]
        values, vectors = np.linalg.eigh(u.T @ u)
        root = vectors @ np.diag((1 - values) ** -0.5) @ vectors.T
        meat += float(share @ root @ u.T @ e[cluster == g]) ** 2
    assert got[0] == pytest.approx(meat, rel=1e-9)
