"""Balance: the table by hand, and d-squared against every arrangement the draw could have made."""

from __future__ import annotations

import hashlib
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, chi2, f_oneway

from rct.design.balance import balance, indicators, normalized_difference, omnibus
from rct.design.schemes import conduct, declare


def arrangements(arm: np.ndarray, block: np.ndarray) -> list[np.ndarray]:
    """Every arrangement with the same counts in every block; all are equally likely given the counts."""
    choices = [sorted(set(permutations(arm[block == b].tolist()))) for b in np.unique(block)]
    found = []
    for chosen in product(*choices):
        one = np.empty_like(arm)
        for b, codes in zip(np.unique(block), chosen, strict=True):
            one[block == b] = codes
        found.append(one)
    return found


def by_enumeration(z: np.ndarray, arm: np.ndarray, n_arms: int, block: np.ndarray) -> list[tuple[float, int]]:
    """d2 with the mean and covariance of the arms' sums taken over all arrangements, none derived."""
    all_of_them = arrangements(arm, block)
    sums = np.array([np.concatenate([z[a == k].sum(axis=0) for k in range(1, n_arms)]) for a in all_of_them])
    centered = sums - sums.mean(axis=0)
    covariance = centered.T @ centered / len(sums)
    inverse = np.linalg.pinv(covariance, rcond=1e-10, hermitian=True)
    rank = int(np.linalg.matrix_rank(covariance, tol=1e-10 * np.abs(covariance).max(), hermitian=True))
    return [(float(c @ inverse @ c), rank) for c in centered]


CASES = {
    "two arms, one block": ([0, 0, 0, 1, 1, 1, 1], [0] * 7),
    "three arms, unequal": ([0, 0, 0, 1, 1, 2, 2], [0] * 7),
    "two blocks": ([0, 0, 1, 1, 0, 1, 1], [0, 0, 0, 0, 1, 1, 1]),
    "three arms, two unequal blocks": ([0, 0, 1, 2, 0, 1, 2, 2], [0, 0, 0, 0, 1, 1, 1, 1]),
    "an arm missing in a block, and a block of one": ([0, 1, 2, 0, 1, 1, 0, 2], [0, 0, 0, 0, 1, 1, 1, 2]),
}


@pytest.mark.parametrize("name", CASES)
def test_d2_is_that_of_all_arrangements(name: str) -> None:
    arm, block = (np.array(codes) for codes in CASES[name])
    x = np.random.default_rng(3).normal(size=(len(arm), 2)) * [1.0, 1_000.0] + [0.0, 5e4]
    expected = by_enumeration(x / [1.0, 1_000.0], arm, 1 + arm.max(), block)
    found = [omnibus(x, one, 1 + arm.max(), block) for one in arrangements(arm, block)]
    for (d2, df), (want, rank) in zip(found, expected, strict=True):
        assert df == rank
        assert d2 == pytest.approx(want, rel=1e-8, abs=1e-10)
    assert np.mean([d2 for d2, _ in found]) == pytest.approx(expected[0][1], rel=1e-8)


def test_clusters_count_as_one_each_by_their_totals() -> None:
    cluster = np.array([4, 4, 4, 0, 1, 1, 2, 3, 3, 6, 6, 9])  # gaps in the codes are allowed
    of = {4: 0, 0: 0, 1: 1, 2: 1, 3: 2, 6: 2, 9: 0}
    blocks = {4: 0, 0: 0, 1: 0, 2: 0, 3: 0, 6: 1, 9: 1}
    arm = np.array([of[c] for c in cluster])
    block = np.array([blocks[c] for c in cluster])
    x = np.random.default_rng(4).normal(size=(12, 2))
    names = sorted(of)
    totals = np.array([(x - x.mean(axis=0))[cluster == c].sum(axis=0) for c in names])
    arm_of = np.array([of[c] for c in names])
    block_of = np.array([blocks[c] for c in names])
    each = arrangements(arm_of, block_of)
    at = next(i for i, one in enumerate(each) if (one == arm_of).all())
    want, rank = by_enumeration(totals, arm_of, 3, block_of)[at]
    for moved in (x, x + np.array([3.0, -40.0])):
        d2, df = omnibus(moved, arm, 3, block, cluster)
        assert (df, d2) == (rank, pytest.approx(want, rel=1e-9))


def test_one_block_is_n_minus_1_times_pillais_trace() -> None:
    rng = np.random.default_rng(5)
    x, arm = rng.normal(size=(60, 3)), rng.permutation(np.repeat([0, 1, 2, 3], [10, 15, 15, 20]))
    z = x - x.mean(axis=0)
    means = np.array([z[arm == a].mean(axis=0) for a in range(4)])
    between = (means * np.bincount(arm)[:, None]).T @ means
    d2, df = omnibus(x, arm, 4)
    assert d2 == pytest.approx(59 * np.trace(between @ np.linalg.inv(z.T @ z)), rel=1e-10)
    assert df == 9


def test_two_arms_and_one_column_is_hansen_and_bowers_z_squared() -> None:
    rng = np.random.default_rng(6)
    x, arm = rng.normal(size=40), rng.permutation(np.repeat([0, 1], [25, 15]))
    difference = x[arm == 1].mean() - x[arm == 0].mean()
    variance = x.var(ddof=1) * (1 / 15 + 1 / 25)
    d2, df = omnibus(x[:, None], arm, 2)
    assert (d2, df) == (pytest.approx(difference**2 / variance, rel=1e-12), 1)


@pytest.mark.parametrize("scheme", ["blocked", "blocked_clustered"])
def test_over_many_draws_d2_is_chi_squared(scheme: str) -> None:
    """Three arms 2:1:1 in unequal blocks, 1,500 fixed seeds. Tolerance: rejections at 5 % pass an exact
    binomial test at 1e-3, and so do those at 20 %; the mean of d2 is within 5 standard errors of df."""
    rng = np.random.default_rng(8)
    n = 300
    blocks = [f"b{min(i // 37, 6)}" for i in range(n)]
    clusters = [f"c{i // 37}.{i % 37 // 2}" for i in range(n)] if scheme == "blocked_clustered" else None
    blocks = blocks if clusters is None else ["b" + c[1] for c in clusters]
    codes = np.unique(blocks, return_inverse=True)[1]
    groups = None if clusters is None else np.unique(clusters, return_inverse=True)[1]
    x = np.column_stack([rng.normal(size=n), rng.exponential(size=n), codes + rng.normal(size=n)])
    design = declare(scheme, ["c", "a", "b"], [2, 1, 1])
    units = [f"u{i}" for i in range(n)]
    found = []
    for seed in range(1_500):
        key = hashlib.sha256(f"balance {seed}".encode()).hexdigest()
        draw = conduct(design, key, units, blocks, clusters)
        found.append(omnibus(x, draw.arm, 3, codes, groups)[0])
    for level in (0.05, 0.20):
        rejected = int(np.sum(np.array(found) > chi2.isf(level, 6)))
        assert binomtest(rejected, len(found), level).pvalue > 1e-3
    assert abs(np.mean(found) - 6) < 5 * np.std(found) / np.sqrt(len(found))


def test_redundant_and_constant_columns_add_no_degrees_of_freedom() -> None:
    rng = np.random.default_rng(9)
    x, arm = rng.normal(size=(50, 1)), rng.permutation(np.repeat([0, 1], 25))
    _, language = indicators("language", rng.choice(["en", "es", "zh"], size=50).tolist())
    wide = np.column_stack([x, 2 * x + 7, np.full(50, 3.3), language])
    d2, df = omnibus(wide, arm, 2)
    assert df == 3
    assert d2 == pytest.approx(omnibus(np.column_stack([x, language[:, :2]]), arm, 2)[0], rel=1e-9)


def test_what_varies_only_between_blocks_has_nothing_to_test() -> None:
    block = np.repeat([0, 1, 2], 4)
    found = balance(
        block[:, None] * 1e6 + 0.1, ["district"], np.array([0, 1, 0, 1] * 3), ["c", "a"], block=block
    )
    assert (found.d2, found.df, found.p_value) == (0.0, 0, None)


@given(st.floats(-1e7, 1e7), st.floats(1e-3, 1e5))
def test_units_of_measurement_do_not_matter(shift: float, scale: float) -> None:
    rng = np.random.default_rng(10)
    x, arm, block = rng.normal(size=(60, 2)), rng.integers(0, 3, 60), rng.integers(0, 4, 60)
    first, second = omnibus(x, arm, 3, block), omnibus(x * scale + shift, arm, 3, block)
    assert second[1] == first[1]
    assert second[0] == pytest.approx(first[0], rel=1e-5)


def test_a_draw_that_was_not_by_lot_is_seen() -> None:
    x = np.arange(100.0)[:, None]
    found = balance(x, ["balance"], np.repeat([0, 1], 50), ["c", "a"])
    assert found.p_value is not None
    assert found.p_value < 1e-15


def test_the_table_holds_means_by_arm_and_differences_from_the_control() -> None:
    x = np.array([[1.0], [3.0], [2.0], [6.0], [10.0], [10.0]])
    found = balance(x, ["bill"], np.array([1, 1, 0, 0, 2, 2]), ["a", "control", "b"], control=1)
    (row,) = found.rows
    assert row.means == (4.0, 2.0, 10.0)
    assert row.differences == (
        pytest.approx(2 / np.sqrt((8 + 2) / 2)),
        None,
        pytest.approx(8 / np.sqrt((0 + 2) / 2)),
    )
    assert found.control == 1


def test_normalized_difference_of_arms_that_do_not_vary_is_absent() -> None:
    same = np.array([2.0, 2.0])
    assert normalized_difference(same, same + 1) is None
    assert normalized_difference(np.array([1.0]), np.array([1.0, 2.0])) is None


def test_normalized_difference_is_the_t_statistic_without_the_sample_size() -> None:
    rng = np.random.default_rng(12)
    a, b = rng.normal(size=30), rng.normal(size=30)
    assert normalized_difference(a, b) ** 2 * 15 == pytest.approx(f_oneway(a, b).statistic)


def test_categories_become_one_column_a_level_in_byte_order() -> None:
    names, x = indicators("language", ["es", "", "en", "es"])
    assert names == ["language = ", "language = en", "language = es"]
    assert x.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_missing_covariates_are_never_balanced_silently() -> None:
    with pytest.raises(ValueError, match="finite"):
        balance(np.array([[1.0], [np.nan]]), ["x"], np.array([0, 1]), ["c", "a"])
