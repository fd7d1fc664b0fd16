"""Declaring and conducting: what a draw holds, and what is refused."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rct.design.deal import deal, ticket_order
from rct.design.probabilities import could_give
from rct.design.schemes import SCHEMES, conduct, declare
from rct.errors import RctError

KEY = "5f" * 32
UNITS = [f"{i:024x}" for i in range(12)]
BLOCKS = list("abcabcabcabc")
CLUSTERS = ["h1", "h2", "h3"] * 4


@given(
    st.lists(st.integers(1, 9), min_size=2, max_size=5),
    st.lists(st.sampled_from(["", "x", "y", "z"]), min_size=1, max_size=50),
)
def test_counts_are_those_of_the_arms_and_could_have_been_given(shares: list[int], blocks: list[str]) -> None:
    arms = [f"arm{i}" for i in range(len(shares))]
    draw = conduct(declare("blocked", arms, shares), KEY, [str(i) for i in range(len(blocks))], blocks)
    assert list(draw.counts) == sorted(set(blocks))
    for label, counts in draw.counts.items():
        dealt = Counter(a for a, b in zip(draw.arm_names, blocks, strict=True) if b == label)
        assert counts == tuple(dealt[a] for a in arms)
        assert could_give(counts, shares)


def test_a_cluster_is_never_divided_and_counts_are_of_clusters() -> None:
    draw = conduct(declare("clustered", ["c", "a"]), KEY, UNITS, None, CLUSTERS)
    assert sum(draw.counts[""]) == 3
    for name in set(CLUSTERS):
        assert (
            len({(a, t) for a, t, c in zip(draw.arm_names, draw.ticket, CLUSTERS, strict=True) if c == name})
            == 1
        )


def test_shares_are_not_reduced() -> None:
    ones = [
        conduct(declare("complete", ["c", "a"], [1, 1]), f"{i:064x}", UNITS[:3]).arm_names for i in range(40)
    ]
    twos = [
        conduct(declare("complete", ["c", "a"], [2, 2]), f"{i:064x}", UNITS[:3]).arm_names for i in range(40)
    ]
    assert ones != twos


def test_the_order_of_arms_is_part_of_the_draw() -> None:
    one = conduct(declare("complete", ["c", "a"]), KEY, UNITS).arm_names
    assert one != conduct(declare("complete", ["a", "c"]), KEY, UNITS).arm_names


def test_blocked_with_one_empty_label_is_complete() -> None:
    complete = conduct(declare("complete", ["c", "a", "b"]), KEY, UNITS)
    blocked = conduct(declare("blocked", ["c", "a", "b"]), KEY, UNITS, [""] * 12)
    assert complete.arm_names == blocked.arm_names
    assert complete.counts == blocked.counts


def test_a_share_far_greater_than_the_others_is_exact() -> None:
    draw = conduct(declare("complete", ["c", "a"], [1_000_000, 1]), KEY, UNITS)
    assert draw.arm_names.count("c") in (11, 12)


def test_tickets_that_agree_in_their_first_bits_are_sorted_in_full() -> None:
    words = np.array([[7, 0, 0, 2], [7, 0, 0, 1], [7, 0, 3, 0], [1, 9, 9, 9], [7, 0, 0, 0]], dtype=np.uint64)
    code = np.array([1, 1, 1, 1, 0])
    assert ticket_order(code, words, 2).tolist() == [4, 3, 1, 0, 2]


def test_the_packed_sort_is_the_full_sort() -> None:
    rng = np.random.default_rng(7)
    for blocks in (1, 2, 3, 64, 5_000):
        words = rng.integers(0, 2**64, size=(20_000, 4), dtype=np.uint64)
        code = rng.integers(0, blocks, size=20_000)
        full = np.lexsort((words[:, 3], words[:, 2], words[:, 1], words[:, 0], code))
        assert (ticket_order(code, words, blocks) == full).all()


def test_the_same_unit_twice_is_refused() -> None:
    with pytest.raises(RctError, match="drawn_twice"):
        conduct(declare("complete", ["c", "a"]), KEY, ["u1", "u2", "u1"])


def test_a_cluster_in_two_blocks_is_refused_by_row() -> None:
    with pytest.raises(RctError) as caught:
        conduct(declare("blocked_clustered", ["c", "a"]), KEY, UNITS[:4], list("xxyy"), ["g", "h", "k", "h"])
    (problem,) = caught.value.problems
    assert (problem.code, problem.found) == ("split_cluster", "h")
    assert problem.row in (2, 4)


@pytest.mark.parametrize(
    ("scheme", "blocks", "clusters", "code"),
    [
        ("complete", BLOCKS, None, "scheme_refuses"),
        ("complete", None, CLUSTERS, "scheme_refuses"),
        ("blocked", None, None, "scheme_needs"),
        ("blocked", BLOCKS, CLUSTERS, "scheme_refuses"),
        ("clustered", None, None, "scheme_needs"),
        ("clustered", BLOCKS, CLUSTERS, "scheme_refuses"),
        ("blocked_clustered", None, CLUSTERS, "scheme_needs"),
        ("blocked_clustered", BLOCKS, None, "scheme_needs"),
        ("clustered", None, ["h1", ""] * 6, "empty_cluster"),
    ],
)
def test_a_frame_that_does_not_fit_the_scheme_is_refused(scheme, blocks, clusters, code) -> None:
    with pytest.raises(RctError) as caught:
        conduct(declare(scheme, ["c", "a"]), KEY, UNITS, blocks, clusters)
    assert caught.value.problems[0].code == code


def test_an_empty_frame_is_refused() -> None:
    with pytest.raises(RctError, match="no_units"):
        conduct(declare("complete", ["c", "a"]), KEY, [])


@pytest.mark.parametrize("share", [0, -1, 1.5, True, "2", None, 1_000_001])
def test_a_share_that_is_not_a_whole_number_in_range_is_refused(share) -> None:
    with pytest.raises(RctError, match="out_of_range"):
        declare("complete", ["c", "a"], [1, share])


def test_every_mistake_of_a_declaration_is_told_at_once() -> None:
    with pytest.raises(RctError) as caught:
        declare("pairwise", ["c"], [0])
    assert [p.code for p in caught.value.problems] == ["not_a_choice", "too_few_arms", "out_of_range"]


def test_every_scheme_says_in_plain_words_what_it_does() -> None:
    for name, scheme in SCHEMES.items():
        assert scheme.name == name
        assert scheme.summary[0].islower()
        assert scheme.pot[0].islower()
        assert scheme.method.endswith(".")


def test_the_docstring_of_dealing_tells_the_rule() -> None:
    from rct.design import deal as module

    for part in (
        "floor(n * w_i / W)",
        "K|arm|BLOCK LABEL|ARM",
        "floor((F_i + u) / W)",
        "order of their tickets",
    ):
        assert part in (module.__doc__ or "")
    assert deal.__doc__
