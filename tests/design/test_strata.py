"""Sorting blocks into strata: what stands alone, what is merged and in which order, what can't be."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rct.design.strata import drawn_counts, foresee, refuse_few_clusters, sort_blocks
from rct.errors import RctError
from rct.estimate.estimators import ESTIMATORS


def sort(counts, shares=None, estimator="difference_in_means", clustered=False, labels=None):
    table = np.array(counts, dtype=np.int64)
    labels = labels or [f"B{b:02d}" for b in range(len(table))]
    return sort_blocks(
        labels, table, shares or (1,) * table.shape[1], ESTIMATORS[estimator], clustered=clustered
    )


def groups(strata):
    pairs = list(zip(strata.blocks, strata.of, strict=True))
    return [tuple(b for b, c in pairs if c == code) for code in range(len(strata.names))]


def test_large_blocks_stand_alone():
    strata = sort([(2, 2), (5, 4), (3, 3)])
    assert strata.of == (0, 1, 2)
    assert strata.merged == ()


def test_three_blocks_with_a_single_unit_stand_for_a_difference_in_means():
    counts = [(1, 2), (2, 1), (1, 1), (6, 6)]
    assert sort(counts).merged == ()
    assert sort(counts, estimator="ols").merged == ()
    assert sort(counts, estimator="lin").merged == ("B00", "B01", "B02")


def test_two_such_blocks_are_too_few_and_are_merged():
    strata = sort([(1, 2), (2, 1), (6, 6)])
    assert groups(strata) == [("B00", "B01"), ("B02",)]


def test_counts_that_the_shares_could_not_have_given_are_never_merged():
    strata = sort([(1, 1), (1, 1), (1, 3), (6, 6)])
    assert strata.possible == (True, True, False, True)
    assert strata.apart == ("B02",)  # a cell of one, and no other block has its shares
    assert strata.merged == ("B00", "B01")
    assert sort([(1, 1), (1, 1), (2, 5), (6, 6)]).of == (0, 0, 1, 2)  # with two of each arm it stands
    assert sort([(1, 1), (1, 1), (0, 3), (6, 6)]).apart == ("B02",)  # an arm is empty


def test_a_remainder_does_not_join_a_large_block_of_other_shares():
    assert groups(sort([(9, 3), (1, 0), (8, 8)])) == [("B00",), ("B01", "B02")]
    strata = sort([(9, 3), (1, 0), (3, 8)])
    assert strata.apart == ("B01",)
    assert strata.listing == b"B00\tB00\nB01\t\nB02\tB02\n"


def test_where_no_block_compares_it_stops():
    with pytest.raises(RctError) as error:
        sort([(0, 5), (5, 0), (1, 5)])
    assert error.value.problems[0].code == "no_block_compares"


def test_a_single_beside_pairs_joins_the_last_of_them():
    for estimator in ("difference_in_means", "ols", "lin"):
        strata = sort([(1, 1)] * 3 + [(0, 1)] + [(1, 1)], estimator=estimator)
        assert groups(strata) == [("B00",), ("B01",), ("B02",), ("B03", "B04")]
    strata = sort([(1, 0)] + [(1, 1)] * 3, estimator="ols", clustered=True)
    assert groups(strata) == [("B00", "B03"), ("B01",), ("B02",)]


def test_pairs_of_clusters_stand_whatever_their_labels():
    for estimator in ("difference_in_means", "ols"):
        assert sort([(1, 1)] * 19, estimator=estimator, clustered=True).merged == ()
    assert len(sort([(1, 1)] * 19 + [(4, 4)], clustered=True).merged) == 19


def test_all_pairs_stand_for_every_estimator():
    for estimator in ("difference_in_means", "ols", "lin"):
        assert sort([(1, 1)] * 8, estimator=estimator).merged == ()


def test_a_block_where_an_arm_may_get_nobody_is_merged_whatever_it_drew():
    strata = sort([(1, 1), (1, 2), (9, 27), (9, 27)], shares=(1, 3))  # floor(2/4) = floor(3/4) = 0
    assert groups(strata) == [("B00", "B01", "B02"), ("B03",)]


def test_blocks_join_in_order_until_every_floor_and_every_count_is_two():
    # floors of n/2 are two from n = 4 on, but B00 to B03 drew (1, 3)
    strata = sort([(0, 1), (1, 0), (0, 1), (0, 1), (1, 0), (1, 1), (1, 1), (9, 9)])
    assert groups(strata) == [("B00", "B01", "B02", "B03", "B04"), ("B05", "B06"), ("B07",)]


def test_a_remainder_joins_the_last_closed_stratum():
    strata = sort([(1, 0), (0, 1), (1, 0), (0, 1), (9, 9), (1, 0)])
    assert groups(strata) == [("B00", "B01", "B02", "B03", "B05"), ("B04",)]


def test_a_remainder_without_a_closed_stratum_joins_the_first_large_block():
    strata = sort([(9, 9), (1, 0), (8, 8)])
    assert groups(strata) == [("B00", "B01"), ("B02",)]


def test_with_nothing_to_join_it_stops():
    with pytest.raises(RctError) as error:
        sort([(1, 0), (0, 1), (1, 0)])
    problem = error.value.problems[0]
    assert (problem.code, problem.field) == ("blocks_too_small", "design.blocks")


def test_one_partition_serves_all_comparisons():
    # arm 1 is single in two blocks only (too few), arm 2 in four: the two are merged for both comparisons
    strata = sort([(2, 1, 1), (2, 1, 1), (2, 2, 1), (2, 2, 1), (2, 2, 1), (6, 6, 6)])
    assert groups(strata) == [("B00", "B01"), ("B02",), ("B03",), ("B04",), ("B05",)]


def test_a_merge_that_leaves_another_set_too_small_goes_on():
    # once B00 and B01 are merged, arm 2's set has only B02 and B03 left
    strata = sort([(2, 1, 1), (2, 1, 1), (2, 2, 1), (2, 2, 1), (6, 6, 6)])
    assert "B02" in strata.merged
    assert "B03" in strata.merged


def test_with_clusters_there_is_no_small_set():
    counts = [(1, 2)] * 6 + [(5, 5)]
    for estimator in ("difference_in_means", "ols"):
        assert len(sort(counts, estimator=estimator, clustered=True).merged) == 6


def test_the_order_is_that_of_bytes():
    labels = sorted(["Zürich", "a", "Z", "é", "B"], key=lambda s: s.encode())
    strata = sort([(1, 0), (0, 1), (1, 0), (9, 9), (0, 1)], labels=labels)
    assert labels == ["B", "Z", "Zürich", "a", "é"]
    assert strata.names == ("B", "a")
    with pytest.raises(ValueError, match="byte order"):
        sort([(3, 3), (3, 3)], labels=["b", "a"])


def test_the_listing_is_bytes_that_anyone_can_make():
    strata = sort([(9, 9), (1, 0), (8, 8)])
    assert strata.listing == b"B00\tB00\nB01\tB00\nB02\tB02\n"
    assert strata.sha256 == hashlib.sha256(strata.listing).hexdigest()


def test_counts_are_of_clusters_when_there_are_any():
    block = np.array([0, 0, 0, 1, 1, 1])
    arm = np.array([0, 0, 1, 0, 1, 1])
    cluster = np.array([5, 5, 6, 7, 8, 9])
    assert drawn_counts(block, arm, 2, 2).tolist() == [[2, 1], [1, 2]]
    assert drawn_counts(block, arm, 2, 2, cluster).tolist() == [[1, 1], [1, 2]]


def test_lin_with_few_clusters_is_refused_before_the_draw():
    refuse_few_clusters({"north": 4, "south": 9}, (1, 1), "lin")
    with pytest.raises(RctError) as error:
        refuse_few_clusters({"north": 3, "south": 9, "west": 2}, (1, 1), "lin")
    assert [p.code for p in error.value.problems] == ["lin_needs_two_clusters"]
    assert "ols" in error.value.problems[0].fix
    with pytest.raises(RctError):
        refuse_few_clusters({"": 3}, (1, 1), "lin")


def test_block_sizes_alone_say_what_to_expect():
    seen = foresee({"a": 1, "b": 2, "c": 20, "d": 3}, (1, 1), ESTIMATORS["difference_in_means"])
    assert seen.merged == ("a", "b", "d")
    assert seen.small == ("b", "d")
    assert foresee({"a": 30, "b": 20}, (1, 1), ESTIMATORS["lin"]).merged == ()
    with pytest.raises(RctError):
        foresee({"a": 1, "b": 1}, (1, 1), ESTIMATORS["difference_in_means"])
    with pytest.raises(RctError):
        foresee({"a": 3, "b": 20}, (1, 1), ESTIMATORS["lin"], clustered=True)


def test_without_blocks_an_arm_of_one_is_foreseen():
    assert foresee({"": 4}, (1, 1), ESTIMATORS["difference_in_means"]).merged == ()
    with pytest.raises(RctError) as error:
        foresee({"": 7}, (1, 3), ESTIMATORS["ols"], clustered=True)
    assert error.value.problems[0].found == "7 clusters for 2 arms"


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12),
    st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3)),
    st.sampled_from(["difference_in_means", "ols", "lin"]),
    st.booleans(),
)
def test_every_block_is_in_one_stratum_and_no_stratum_lacks_an_arm(counts, shares, estimator, clustered):
    counts = [c for c in counts if sum(c)]
    if not counts:
        return
    try:
        strata = sort(counts, shares=shares, estimator=estimator, clustered=clustered)
    except RctError:
        return  # nothing to join: has its own test
    table = np.array(counts)
    pairs = len(table[0]) == 2 and set(map(tuple, table[list(strata.possible)].tolist())) <= {
        (1, 1),
        (0, 1),
        (1, 0),
    }
    least = 2 if (clustered or estimator == "lin") and not pairs else 1
    assert sorted([b for g in groups(strata) for b in g] + list(strata.apart)) == sorted(strata.blocks)
    for b, label in enumerate(strata.blocks):
        assert (label in strata.apart) <= (table[b].min() < 2)
        assert strata.possible[b] or label not in strata.merged
    for code in range(len(strata.names)):
        assert table[np.array(strata.of) == code].sum(axis=0).min() >= least
    assert list(strata.names) == sorted(strata.names)
