"""The absorbed, streamed, k x k computations against the textbook's dense matrices.

Where R has no such estimator (weights with clusters and covariates, lin with blocks and clusters and several
arms, interactions whose clusters span levels) these few lines are the reference: the whole design matrix, the
n x n hat matrix, an eigendecomposition for every cluster, the G x G matrix of Satterthwaite.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import clusters, units

from rct.estimate import Sample, estimate
from rct.estimate.subgroups import subgroup

TOLERANCE = 1e-9


def inverse_root(b):
    values, vectors = np.linalg.eigh(b)
    power = np.where(values > 1e-9, np.where(values > 1e-9, values, 1) ** -0.5, 0)
    return vectors @ np.diag(power) @ vectors.T


def dense(x, y, contrast, weight=None, cluster=None):
    """Estimate, standard error and df of contrast'beta: HC2 without clusters, CR2 with."""
    n, k = x.shape
    w = np.ones(n) if weight is None else weight
    m = np.linalg.inv(x.T @ (w[:, None] * x))
    beta = m @ (x.T @ (w * y))
    e = y - x @ beta
    a = w * (x @ m @ contrast)
    if cluster is None:
        h = w * np.einsum("ij,jk,ik->i", x, m, x)
        return contrast @ beta, np.sqrt(np.sum(a**2 * e**2 / (1 - h))), n - k
    keep = np.eye(n) - x @ m @ x.T * w
    square = keep @ keep.T
    total, pushed = 0.0, []
    for g in np.unique(cluster):
        i = cluster == g
        root = inverse_root(square[np.ix_(i, i)])
        total += (a[i] @ root @ e[i]) ** 2
        pushed.append(keep[i].T @ root @ a[i])
    p = np.array(pushed) @ np.array(pushed).T
    return contrast @ beta, np.sqrt(total), np.trace(p) ** 2 / np.sum(p**2)


def dummies(codes):
    return (codes[:, None] == np.unique(codes)).astype(float)


def meets(line, want):
    for got, expected in zip((line.estimate, line.std_error, line.df), want, strict=True):
        assert got == pytest.approx(expected, rel=TOLERANCE)


def block_weights(s):
    """n_b / n_ba by counts of what was randomized."""
    code = np.arange(len(s.y)) if s.cluster is None else s.cluster
    out = np.empty(len(s.y))
    for i in range(len(s.y)):
        inside = s.block == s.block[i]
        out[i] = len(np.unique(code[inside])) / len(np.unique(code[inside & (s.arm == s.arm[i])]))
    return out


def lin_design(s):
    """Cells of arm and block, covariates by arm; and, by arm, the contrast of its adjusted mean."""
    block = np.zeros(len(s.y), dtype=int) if s.block is None else s.block
    blocks = np.unique(block)
    cells = dummies(s.arm * 1000 + block)
    by_arm = [np.where((s.arm == a)[:, None], s.columns, 0.0) for a in range(s.arms)]
    share = np.array([np.mean(block == b) for b in blocks])
    contrasts = []
    for a in range(s.arms):
        c = np.zeros(cells.shape[1] + s.arms * s.columns.shape[1])
        c[a * len(blocks) : (a + 1) * len(blocks)] = share
        low = cells.shape[1] + a * s.columns.shape[1]
        c[low : low + s.columns.shape[1]] = s.columns.mean(axis=0)
        contrasts.append(c)
    return np.hstack([cells, *by_arm]), contrasts


def ols_design(s):
    arms = dummies(s.arm)[:, 1:]
    blocks = np.ones((len(s.y), 1)) if s.block is None else dummies(s.block)
    return np.hstack([arms, s.columns, blocks])


@pytest.mark.parametrize("seed", [1, 2])
def test_ols_with_block_weights_and_several_arms(seed):
    s = units(seed)
    fit = estimate(s, "ols", "HC2")
    x = ols_design(s)
    for arm in (1, 2):
        meets(fit.lines[arm - 1], dense(x, s.y, np.eye(x.shape[1])[arm - 1], block_weights(s)))


@pytest.mark.parametrize("seed", [3, 4])
def test_ols_with_clusters_blocks_and_several_arms_has_no_weights(seed):
    s = clusters(seed, sizes=(9, 13, 16))
    fit = estimate(s, "ols", "CR2")
    x = ols_design(s)
    assert np.ptp(block_weights(s)) > 0
    for arm in (1, 2):
        want = dense(x, s.y, np.eye(x.shape[1])[arm - 1], None, s.cluster)
        meets(fit.lines[arm - 1], want)


def test_blocks_of_units_weighed_by_precision_have_no_weights():
    s = units(1)
    x = ols_design(s)
    fit = estimate(replace(s, by_precision=True), "ols", "HC2")
    for arm in (1, 2):
        meets(fit.lines[arm - 1], dense(x, s.y, np.eye(x.shape[1])[arm - 1]))


def cluster_weights(s, arm):
    """v_b of each row: (G_b / G_2b) G_2b^2 / (G_ba G_b0), counts of clusters."""
    out = np.empty(len(s.y))
    for b in np.unique(s.block):
        inside = s.block == b
        each, mine, theirs = (
            len(np.unique(s.cluster[inside & np.isin(s.arm, arms)])) for arms in (range(s.arms), [arm], [0])
        )
        out[inside] = each / (mine + theirs) * (mine + theirs) ** 2 / (mine * theirs)
    return out


def crossed_design(s):
    """Arms, covariates about their mean, and their products; block effects that are not crossed with arms."""
    arms, x = dummies(s.arm)[:, 1:], s.columns - s.columns.mean(axis=0)
    blocks = np.ones((len(s.y), 1)) if s.block is None else dummies(s.block)
    return np.hstack([arms, x, *(arms[:, [a]] * x for a in range(arms.shape[1])), blocks])


@pytest.mark.parametrize("seed", [5, 6])
def test_lin_with_blocks_and_several_arms(seed):
    s = units(seed)
    fit = estimate(s, "lin", "HC2")
    x, contrasts = lin_design(s)
    for arm in (1, 2):
        meets(fit.lines[arm - 1], dense(x, s.y, contrasts[arm] - contrasts[0]))


def test_lin_and_difference_in_means_with_clusters():
    s = clusters(7, sizes=(12, 16, 12), blocks=False)
    plain = replace(s, x=np.empty((0, 0)), x_names=())
    for made, estimator in ((s, "lin"), (plain, "difference_in_means")):
        fit = estimate(made, estimator, "CR2")
        x, contrasts = lin_design(made)
        for arm in (1, 2):
            want = dense(x, s.y, contrasts[arm] - contrasts[0], cluster=s.cluster)
            meets(fit.lines[arm - 1], want)


def test_lin_with_blocks_of_clusters_has_block_effects_that_are_not_crossed():
    s = clusters(7, sizes=(12, 16, 12))
    fit = estimate(s, "lin", "CR2")
    x = crossed_design(s)
    for arm in (1, 2):
        meets(fit.lines[arm - 1], dense(x, s.y, np.eye(x.shape[1])[arm - 1], cluster=s.cluster))


def test_difference_in_means_with_blocks_of_clusters_weighs_whole_blocks():
    s = clusters(7, sizes=(9, 13, 16))
    s = replace(s, x=np.empty((0, 0)), x_names=())
    fit = estimate(s, "difference_in_means", "CR2")
    for arm in (1, 2):
        two = s.rows(np.isin(s.arm, [0, arm]))
        x, w = ols_design(two), cluster_weights(s, arm)[np.isin(s.arm, [0, arm])]
        meets(fit.lines[arm - 1], dense(x, two.y, np.eye(x.shape[1])[0], w, two.cluster))
        assert np.ptp(w) > 0
        line = fit.lines[arm - 1]
        beta = np.linalg.lstsq(x * np.sqrt(w)[:, None], two.y * np.sqrt(w), rcond=None)[0]
        own = np.array(
            [
                np.sum(w[two.block == b]) * np.prod([np.mean(two.arm[two.block == b] == a) for a in (0, arm)])
                for b in range(3)
            ]
        )
        means = [np.mean(two.y[(two.block == b) & (two.arm == 0)]) for b in range(3)]
        assert line.mean_control == pytest.approx(own @ means / own.sum(), rel=1e-9)
        assert line.estimate == pytest.approx(beta[0], rel=1e-9)


def crossed(build, s, level):
    """A design crossed with level: its columns times each level's indicator, empty columns left out."""
    parts, contrasts = [], []
    for value in np.unique(level):
        inside = level == value
        part, c = build(s.rows(inside))
        whole = np.zeros((len(s.y), part.shape[1]))
        whole[inside] = part
        parts.append(whole)
        contrasts.append(c)
    before = np.cumsum([0, *(p.shape[1] for p in parts)])

    def place(i, c):
        out = np.zeros(before[-1])
        out[before[i] : before[i + 1]] = c
        return out

    return np.hstack(parts), [[place(i, c) for c in cs] for i, cs in enumerate(contrasts)]


@pytest.mark.parametrize("estimator", ["ols", "lin", "difference_in_means"])
@pytest.mark.parametrize("blocks", [True, False])
def test_interaction_of_clusters_that_span_levels(estimator, blocks):
    s = clusters(11, shares=(1, 1), sizes=(14, 18), blocks=blocks, p=1)
    if estimator == "difference_in_means":
        s = Sample(s.y, s.arm, s.arm_names, s.shares, s.block, s.block_labels, cluster=s.cluster)
    level = np.where(np.random.default_rng(1).random(len(s.y)) < 0.6, "de", "en")

    def build(inside):
        if estimator == "ols" or blocks:
            x = crossed_design(inside) if estimator == "lin" else ols_design(inside)
            return x, [np.eye(x.shape[1])[0]]
        x, contrasts = lin_design(inside)
        return x, [contrasts[1] - contrasts[0]]

    weight = None
    if estimator == "difference_in_means" and blocks:
        weight = np.empty(len(s.y))
        for value in ("de", "en"):
            weight[level == value] = cluster_weights(s.rows(level == value), 1)
    x, contrasts = crossed(build, s, level)
    want = dense(x, s.y, contrasts[1][0] - contrasts[0][0], weight, s.cluster)
    ((name, fit),) = subgroup(s, level, estimator, "CR2").interactions
    assert name == "en"
    meets(fit.lines[0], want)


@pytest.mark.parametrize("estimator", ["ols", "lin"])
def test_interaction_without_clusters_has_the_rank_of_all_levels(estimator):
    s = units(12, sizes=(40, 50), p=1)
    level = np.array(["a", "b", "c"])[np.random.default_rng(2).integers(0, 3, len(s.y))]

    def build(inside):
        if estimator == "ols":
            x = ols_design(inside)
            return x, [np.eye(x.shape[1])[0], np.eye(x.shape[1])[1]]
        x, contrasts = lin_design(inside)
        return x, [contrasts[1] - contrasts[0], contrasts[2] - contrasts[0]]

    weight = None
    if estimator == "ols":
        weight = np.empty(len(s.y))
        for value in "abc":
            weight[level == value] = block_weights(s.rows(level == value))
    x, contrasts = crossed(build, s, level)
    made = dict(subgroup(s, level, estimator, "HC2").interactions)
    for i, value in enumerate("bc"):
        for arm in (0, 1):
            want = dense(x, s.y, contrasts[i + 1][arm] - contrasts[0][arm], weight)
            meets(made[value].lines[arm], want)


def test_control_mean_is_the_prediction_for_the_control():
    s = units(13)
    x = ols_design(s)
    w = block_weights(s)
    beta = np.linalg.lstsq(x * np.sqrt(w)[:, None], s.y * np.sqrt(w), rcond=None)[0]
    everyone = x.copy()
    everyone[:, :2] = 0
    assert estimate(s, "ols", "HC2").lines[0].mean_control == pytest.approx(
        float(np.mean(everyone @ beta)), rel=1e-9
    )
    design, contrasts = lin_design(s)
    beta = np.linalg.lstsq(design, s.y, rcond=None)[0]
    for line in estimate(s, "lin", "HC2").lines:
        assert line.mean_control == pytest.approx(float(contrasts[0] @ beta), rel=1e-9)


def test_pair_regression_is_fogartys():
    rng = np.random.default_rng(14)
    pairs = 30
    block = np.repeat(np.arange(pairs), 2)
    arm = np.concatenate([rng.permutation(2) for _ in range(pairs)])
    x = rng.normal(size=(2 * pairs, 2)) + rng.normal(size=pairs)[block][:, None]
    y = x @ [1.0, -0.5] + 0.7 * arm + rng.normal(size=2 * pairs)
    labels = tuple(f"P{b:02d}" for b in range(pairs))
    s = Sample(y, arm, ("c", "t"), (1, 1), block, labels, x=x, x_names=("a", "b"))
    treated, control = np.argsort(block[arm == 1]), np.argsort(block[arm == 0])
    tau = y[arm == 1][treated] - y[arm == 0][control]
    dx = x[arm == 1][treated] - x[arm == 0][control]
    mx = (x[arm == 1][treated] + x[arm == 0][control]) / 2
    design = np.hstack([np.ones((pairs, 1)), dx, mx - mx.mean(axis=0)])
    line = estimate(s, "lin", "HC2").lines[0]
    meets(line, dense(design, tau, np.eye(5)[0]))
    assert line.df == pairs - 1 - 4
    assert line.mean_control + line.estimate / 2 == pytest.approx(y.mean())
