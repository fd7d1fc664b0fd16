"""The hash chain: whatever is sealed verifies, and whatever is changed afterwards doesn't."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from event_bodies import sample
from hypothesis import given, settings
from hypothesis import strategies as st

from rct.definition.canonical import NotCanonicalError
from rct.registry import chain
from rct.registry.events import UnreadBody

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
BODIES = st.fixed_dictionaries(
    {}, optional={"reason": TEXT, "stage": TEXT, "clock_back": st.integers(0, 2**53 - 1)}
)


def sealed(bodies: list[dict[str, Any]], trial: str = "bills") -> list[chain.Event]:
    events: list[chain.Event] = []
    for body in bodies:
        events.append(
            chain.seal(trial, events[-1] if events else None, "Ana", "stop", sample("stop", **body))
        )
    return events


@given(st.lists(BODIES, max_size=5))
@settings(max_examples=60)
def test_what_is_sealed_holds_together(bodies: list[dict[str, Any]]) -> None:
    events = sealed(bodies)
    assert list(chain.failures(events)) == []
    assert chain.sound(events)
    assert [e.seq for e in events] == list(range(1, len(bodies) + 1))
    assert [e.prev for e in events] == [chain.FIRST, *(e.hash for e in events)][: len(events)]


@given(st.lists(BODIES, min_size=1, max_size=4), st.data())
@settings(max_examples=80)
def test_one_changed_character_of_one_text_is_named(
    bodies: list[dict[str, Any]], data: st.DataObject
) -> None:
    events = sealed(bodies)
    at = data.draw(st.integers(0, len(events) - 1))
    text = events[at].text
    place = data.draw(st.integers(0, len(text) - 1))
    changed = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
    events[at] = replace(events[at], text=changed)
    assert next(chain.failures(events))[0] == at + 1
    again = replace(events[at], hash=chain.digest(changed))
    events[at] = again
    found = [seq for seq, _ in chain.failures(events)]
    assert not found or found[0] in (at + 1, at + 2)
    assert found or at == len(events) - 1, "only the last may be written anew and still hold"


@given(st.lists(BODIES, min_size=2, max_size=5), st.data())
@settings(max_examples=40)
def test_an_event_left_out_or_moved_is_named(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    events = sealed(bodies)
    out = data.draw(st.integers(0, len(events) - 2))
    assert list(chain.failures(events[:out] + events[out + 1 :]))
    swapped = [replace(events[out + 1], seq=out + 1), replace(events[out], seq=out + 2)]
    turned = [*events[:out], *swapped, *events[out + 2 :]]
    assert next(chain.failures(turned))[0] == out + 1


@given(TEXT)
@settings(max_examples=60)
def test_any_text_in_place_of_an_event_is_named_and_never_breaks_the_check(text: str) -> None:
    first, second = sealed([{}, {}])
    events = [first, replace(second, text=text, hash=chain.digest(text))]
    assert [seq for seq, _ in chain.failures(events)] == [2]


def test_the_hash_can_be_checked_with_four_lines_of_python() -> None:
    for event in sealed([{"reason": "é"}, {}]):
        said = json.loads(event.text)
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert event.hash == "sha256:" + hashlib.sha256(text.encode()).hexdigest()
        assert set(said) == {"alg", "seq", "prev", "time", "person", "kind", "body"}
        assert said["alg"] == "sha256"
    assert chain.FIRST == "sha256:" + "0" * 64


@pytest.mark.parametrize(
    "body", [{"x": 1.5}, {"x": float("nan")}, {"x": 2**53}, {"x": "\ud800"}, {"x": {1}}, {1: "x"}]
)
def test_what_has_no_canonical_form_is_never_sealed(body: dict[Any, Any]) -> None:
    with pytest.raises(NotCanonicalError):
        chain.seal("bills", None, "Ana", "test", body)


def test_a_clock_that_went_back_is_written_down() -> None:
    (first,) = sealed([{}])
    later = replace(first, time="2999-01-01T00:00:00Z")
    second = chain.seal("bills", later, "Ana", "stop", sample("stop"))
    assert second.body.clock_back is not None
    assert second.body.clock_back > 0
    assert second.time < later.time
    assert sealed([{}, {}])[1].body.clock_back is None


def test_a_kind_and_a_body_that_rct_does_not_write_are_named() -> None:
    pause = chain.seal("bills", None, "Ana", "pause", {})
    stop = chain.seal("bills", None, "Ana", "stop", sample("stop", reason=7))
    for event, what in (
        (pause, "rct knows no events of the kind pause"),
        (stop, "event 1 is not written as rct writes it: reason of stop"),
    ):
        assert [what in said for _, said in chain.failures([event])] == [True]
        assert isinstance(event.body, UnreadBody)
        assert event.said == json.loads(event.text)["body"]
