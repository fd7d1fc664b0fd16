"""Pseudonyms held as bytes: a list of texts to whoever reads them, and their order that of the texts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rct.design import tickets
from rct.design.pseudonyms import Pseudonyms

# Zeros and many first digits that are alike: what an order by bytes could get wrong.
TEXTS = st.lists(st.text("0f7", min_size=2, max_size=2).map(lambda t: t + 20 * "0" + t), max_size=40)


@given(TEXTS)
def test_they_are_a_list_of_texts(texts: list[str]) -> None:
    held = Pseudonyms([texts[:3], texts[3:]], len(texts))
    assert list(held) == texts
    assert held == texts
    assert len(held) == len(texts)
    assert [held[i] for i in range(len(texts))] == texts == held[:]
    assert held.repeated() == (len(set(texts)) < len(texts))


@given(TEXTS)
def test_their_order_is_that_of_the_texts_equal_ones_by_place(texts: list[str]) -> None:
    held = Pseudonyms([texts], len(texts))
    places = np.concatenate(list(held.order()))
    assert places.tolist() == sorted(range(len(texts)), key=texts.__getitem__)
    assert held.at(places) == sorted(texts)


@given(TEXTS, st.data())
def test_the_frame_hash_is_the_same_from_either(texts: list[str], data: st.DataObject) -> None:
    blocks = data.draw(
        st.lists(st.sampled_from(["", "é", "a\x1fb"]), min_size=len(texts), max_size=len(texts))
    )
    clusters = data.draw(
        st.lists(st.sampled_from(["0" * 24, "f" * 24]), min_size=len(texts), max_size=len(texts))
    )
    held = Pseudonyms([texts], len(texts))
    for b, c, packed in (
        (blocks, clusters, Pseudonyms([clusters], len(texts))),
        (blocks, None, None),
        (None, None, None),
    ):
        assert tickets.frame_hash(held, b, packed) == tickets.frame_hash(texts, b, c)


def test_anything_else_is_refused() -> None:
    with pytest.raises(ValueError, match="24 hex digits"):
        Pseudonyms([["0" * 22]], 1)
    with pytest.raises(ValueError, match="hex"):
        Pseudonyms([["x" * 24]], 1)
    with pytest.raises(ValueError, match="2 pseudonyms"):
        Pseudonyms([["0" * 24]], 2)
