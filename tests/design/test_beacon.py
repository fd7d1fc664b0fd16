"""Beacons: their form, which one counts, and that no other is taken."""

from __future__ import annotations

import pytest

from rct.design.beacon import CHAINS, BeaconSource, accept, parse, parse_source, which_counts
from rct.errors import RctError

QUICKNET, DEFAULT, EVMNET = CHAINS
RANDOM = "454349e422f05297191ead13e21d3db520e5abef52055e4964b82fb213f593a1"
DRAND = BeaconSource("drand", QUICKNET)
LOTTERY = BeaconSource("lottery", "state-pick6")
LOCKED, FROZEN = "2026-01-05T08:00:00Z", "2026-01-05T09:00:00Z"
ROUND = (
    1767607200 - 1692803367
) // 3 + 1  # 2026-01-05 10:00:00 UTC lies a whole number of periods after genesis


def code(caught: pytest.ExceptionInfo[RctError]) -> str:
    return caught.value.problems[0].code


def test_round_of_a_moment_agrees_with_a_published_example() -> None:
    """The drand gem's own examples: round_at(2026-04-20 00:00) is 27946612, at 12:30:45 it is 27961627."""
    from datetime import UTC, datetime

    chain = CHAINS[QUICKNET]
    assert chain.first_round(datetime(2026, 4, 20, tzinfo=UTC)) == 27946612
    assert chain.published(27946612) == datetime(2026, 4, 20, tzinfo=UTC)
    assert chain.first_round(datetime(2026, 4, 20, 12, 30, 45, tzinfo=UTC)) == 27961627
    assert chain.first_round(datetime(2026, 4, 20, 0, 0, 1, tzinfo=UTC)) == 27946613


@pytest.mark.parametrize(
    ("locked", "frozen", "number"),
    [
        (LOCKED, FROZEN, ROUND),
        (FROZEN, LOCKED, ROUND),
        ("2026-01-05T09:00:01Z", FROZEN, ROUND + 1),
        ("2026-01-05T09:00:03Z", FROZEN, ROUND + 1),
        ("2026-01-05T08:59:58Z", LOCKED, ROUND),
        ("2026-01-05T08:59:57Z", LOCKED, ROUND - 1),
    ],
)
def test_the_later_of_lock_and_freeze_fixes_the_round(locked: str, frozen: str, number: int) -> None:
    assert f"Round {number} of" in which_counts(DRAND, locked, frozen)
    text = f"drand:{QUICKNET}:{number}:{RANDOM}"
    assert accept(text, DRAND, locked, frozen).text == text
    for other in (number - 1, number + 1):
        with pytest.raises(RctError) as caught:
            accept(f"drand:{QUICKNET}:{other}:{RANDOM}", DRAND, locked, frozen)
        assert code(caught) == "wrong_beacon"
        assert f"Round {number} of" in caught.value.problems[0].rule


def test_a_chain_of_thirty_seconds_has_its_own_rounds() -> None:
    sentence = which_counts(BeaconSource("drand", DEFAULT), LOCKED, FROZEN)
    assert f"Round {-(-(1767607200 - 1595431050) // 30) + 1} of drand's chain default counts" in sentence
    assert "2026-01-05 10:00:00 UTC" in sentence


@pytest.mark.parametrize(
    ("day", "taken"), [("2026-01-04", False), ("2026-01-05", False), ("2026-01-06", True)]
)
def test_a_lottery_counts_on_a_later_date_only(day: str, taken: bool) -> None:
    text = f"lottery:state-pick6:{day}:4-9-17-23-31-40"
    if taken:
        assert accept(text, LOTTERY, LOCKED, FROZEN).text == text
    else:
        with pytest.raises(RctError) as caught:
            accept(text, LOTTERY, LOCKED, FROZEN)
        assert code(caught) == "wrong_beacon"
        assert "after 2026-01-05" in caught.value.problems[0].rule


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (f"drand:{QUICKNET}:{ROUND}:{RANDOM}", DRAND),
        ("lottery:state-pick6:2026-01-06:4-9-17", LOTTERY),
    ],
)
def test_what_has_not_come_out_yet_is_refused(text: str, source: BeaconSource) -> None:
    with pytest.raises(RctError) as caught:
        accept(text, source, LOCKED, FROZEN, now="2026-01-05T09:59:59Z")
    assert code(caught) == "beacon_too_early"
    assert accept(text, source, LOCKED, FROZEN, now="2026-01-06T00:00:00Z").text == text


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("", DRAND, "beacon_missing"),
        ("", LOTTERY, "beacon_missing"),
        (f"drand:{QUICKNET}:{ROUND}:{RANDOM}", BeaconSource("none"), "beacon_not_planned"),
        (f"drand:{EVMNET}:{ROUND}:{RANDOM}", DRAND, "wrong_beacon"),
        ("lottery:other:2026-01-06:1-2-3", LOTTERY, "wrong_beacon"),
        (f"drand:{QUICKNET}:{ROUND}:{RANDOM}", LOTTERY, "wrong_beacon"),
    ],
)
def test_a_beacon_other_than_the_plans_is_refused(text: str, source: BeaconSource, expected: str) -> None:
    with pytest.raises(RctError) as caught:
        accept(text, source, LOCKED, FROZEN)
    assert code(caught) == expected


def test_no_beacon_is_empty_text() -> None:
    assert accept("", BeaconSource("none"), LOCKED, FROZEN).text == ""


@pytest.mark.parametrize(
    "text",
    [
        "none",
        f"drand:{QUICKNET}:0:{RANDOM}",
        f"drand:{QUICKNET}:01:{RANDOM}",
        f"drand:{QUICKNET}:5:{RANDOM.upper()}",
        f"drand:{QUICKNET}:5:{RANDOM[:-1]}",
        f"drand:{QUICKNET}:5:{RANDOM}\n",
        f" drand:{QUICKNET}:5:{RANDOM}",
        f"drand:{QUICKNET}:\u0665:{RANDOM}",
        "lottery:state-pick6:2026-02-30:1-2-3",
        "lottery:state-pick6:2026-1-05:1-2-3",
        "lottery:state-pick6:2026-01-05:9-4-17",
        "lottery:state-pick6:2026-01-05:04-9-17",
        "lottery:state-pick6:2026-01-05:4,9,17",
        "lottery:state-pick6:2026-01-05:4-9|17",
        "lottery:State Pick:2026-01-05:4-9-17",
        "lottery:state-pick6:2026-01-05:",
        "nist:1:2:3",
    ],
)
def test_a_malformed_beacon_is_refused(text: str) -> None:
    with pytest.raises(RctError) as caught:
        parse(text)
    assert code(caught) == "bad_beacon"
    assert "\n" not in (caught.value.problems[0].found or "")


def test_a_digits_game_may_draw_a_number_twice() -> None:
    assert parse("lottery:pick3:2026-01-06:0-4-4").text == "lottery:pick3:2026-01-06:0-4-4"


@pytest.mark.parametrize("text", ["none", f"drand:{QUICKNET}", f"drand:{EVMNET}", "lottery:state-pick6"])
def test_sources_a_plan_may_name(text: str) -> None:
    source = parse_source(text)
    assert text == ":".join(filter(None, (source.kind, source.name)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "bad_beacon_source"),
        ("drand", "bad_beacon_source"),
        ("drand:abc", "bad_beacon_source"),
        ("none:x", "bad_beacon_source"),
        ("lottery:", "bad_beacon_source"),
        ("lottery:A|B", "bad_beacon_source"),
        ("drand:" + "ab" * 32, "unknown_chain"),
    ],
)
def test_sources_a_plan_may_not_name(text: str, expected: str) -> None:
    with pytest.raises(RctError) as caught:
        parse_source(text)
    assert code(caught) == expected
