"""The byte strings: what is hashed, and what is refused before it is hashed."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rct.design import tickets
from rct.design.tickets import (
    as_hex,
    block_label,
    canonical,
    digests,
    draw_key,
    frame_hash,
    seed_commitment,
    ticket,
    unit_id,
)
from rct.errors import RctError

KEY = bytes(range(32))
HEX = "ab" * 32


def test_leading_zeros_and_case_make_other_units() -> None:
    assert len({unit_id(KEY, "water", id) for id in ("00123", "123", "123.0", "A1", "a1")}) == 5


def test_a_unit_is_another_in_another_trial_and_under_another_key() -> None:
    others = (
        unit_id(KEY, "permit", "1"),
        unit_id(bytes(32), "water", "1"),
        *tickets.cluster_ids(KEY, "water", "1"),
    )
    assert unit_id(KEY, "water", "1") not in others


def test_full_width_letters_stay_what_they_are() -> None:
    assert canonical("Ａ") == "Ａ"


@pytest.mark.parametrize(
    "text",
    [
        "a\tb",
        "a\nb",
        "a\x00",
        "a\x1fb",
        "a\u200bb",
        "a\u202eb",
        "\ufeffa",
        "a\u2028b",
        "a\x7f",
        "a\x85",
    ],
)
def test_control_format_and_unassigned_characters_are_refused_and_shown(text: str) -> None:
    with pytest.raises(RctError) as caught:
        unit_id(KEY, "water", text)
    (problem,) = caught.value.problems
    assert problem.code == "control_character"
    assert problem.found is not None
    assert problem.found.isprintable()


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=20))
def test_what_is_canonical_stays_so(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once
    assert canonical(f" \t{text}\u00a0") == once


def test_block_columns_are_joined_by_the_unit_separator() -> None:
    assert block_label([" north", "yes "]) == "north\x1fyes"
    assert block_label([""]) == ""


@given(st.lists(st.tuples(st.text("ab0", max_size=3), st.text("xü", max_size=2), st.text("c", max_size=1))))
def test_the_frame_hash_is_of_sorted_lines(rows: list[tuple[str, str, str]]) -> None:
    lines = sorted(f"{u}\t{b}\t{c}\n".encode() for u, b, c in rows)
    expected = hashlib.sha256(b"".join(lines)).hexdigest()
    columns = [[row[i] for row in rows] for i in range(3)]
    assert frame_hash(*columns) == expected


def test_no_blocks_and_empty_blocks_are_the_same_frame() -> None:
    assert frame_hash(["u"], None, None) == frame_hash(["u"], [""], [""])


@given(st.lists(st.text(max_size=5)))
def test_many_tickets_are_single_tickets(names: list[str]) -> None:
    names = [n.encode("utf-8", "ignore").decode() for n in names]
    assert as_hex(digests(HEX, "unit", names)) == [ticket(HEX, "unit", n) for n in names]


def test_a_programs_mistakes_are_not_hashed() -> None:
    with pytest.raises(ValueError, match="kind"):
        ticket(HEX, "household", "x")
    with pytest.raises(ValueError, match="kind"):
        digests(HEX, "household", ["x"])
    with pytest.raises(ValueError, match="32 bytes"):
        unit_id(b"short", "water", "1")
    with pytest.raises(ValueError, match="name"):
        unit_id(KEY, "Water!", "1")
    with pytest.raises(ValueError, match="64"):
        seed_commitment("AB" * 32)
    with pytest.raises(ValueError, match="plan_hash"):
        draw_key(HEX, "sha256:" + HEX, HEX)


def test_the_frame_hash_is_of_sorted_lines_whatever_the_units_look_like():
    blocks = ["b", "", "é", "a\x1fb"]
    clusters = ["", "c", "c", "d"]
    for units in (
        ["0" * 24, "f" * 24, "a" * 24, "1" * 24],
        ["x", "xx", "xé", "x0"],
        ["same"] * 4,
        ["ab", "aé", "b0", "a0"],
    ):
        lines = sorted(f"{u}\t{b}\t{c}\n".encode() for u, b, c in zip(units, blocks, clusters, strict=True))
        want = hashlib.sha256(b"".join(lines)).hexdigest()
        assert tickets.frame_hash(units, blocks, clusters) == want
        assert tickets.frame_hash(units[::-1], blocks[::-1], clusters[::-1]) == want


def test_many_pseudonyms_are_those_of_the_standard_library():
    key, ids = bytes(range(32)), ["1", "00123", "  7 ", "Ä-9", "Ä-9"]
    for many, purpose in ((tickets.unit_ids, "rct.unit.1"), (tickets.cluster_ids, "rct.cluster.1")):
        want = [
            hmac.digest(key, f"{purpose}|bills|{tickets.canonical(i)}".encode(), "sha256").hex()[:24]
            for i in ids
        ]
        assert many(key, "bills", ids) == want
    assert want[3] == want[4]
