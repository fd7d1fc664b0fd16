"""Invariant 3: the registry holds every unit's exact probability of every arm."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path

import pytest
from support import Road, accounts, definition, road_at


def stored(road: Road) -> dict[str, dict[str, Fraction]]:
    found: dict[str, dict[str, Fraction]] = defaultdict(dict)
    for block, arm, numerator, denominator in road.sql(
        "select block, arm, numerator, denominator from probability where trial = 'bills'"
    ):
        found[block][arm] = Fraction(numerator, denominator)
    return dict(found)


def arms(*shares: int) -> str:
    text = ""
    for i, share in enumerate(shares):
        control = "control = true\n" if i == 0 else ""
        text += f'[arms.a{i}]\nlabel = "Arm {i}"\nshare = {share}\n{control}\n'
    return text


@pytest.mark.parametrize("shares", [(1, 1), (1, 1, 1), (2, 2), (3, 7), (1, 10, 100), (999_983, 1_000_000)])
def test_each_arm_has_its_exact_share_in_every_block(shares: tuple[int, ...], tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(
        definition(
            arms=arms(*shares), design='scheme = "blocked"\nblocks = ["district"]', frame='id = "account"'
        )
    )
    sizes = [5 * sum(s for s in shares if s < 1000) or 60, 60, 61]
    places = [f"D{b}" for b, size in enumerate(sizes) for _ in range(size)]
    file = road.file("a.csv", accounts(len(places), columns="district", row=lambda i: places[i]))
    road.ok("frame", "bills", file)
    road.ok("lock", "bills")
    road.ok("draw", "bills")
    expected = {f"a{i}": Fraction(share, sum(shares)) for i, share in enumerate(shares)}
    assert stored(road) == dict.fromkeys(["D0", "D1", "D2"], expected)
    with (road.out / "assignment.csv").open(encoding="utf-8", newline="") as file_:
        for row in csv.DictReader(file_):
            share = expected[row["arm"]]
            assert float(row["prob"]) == share.numerator / share.denominator
            assert row["prob"] == repr(float(row["prob"]))


def test_every_unit_has_a_probability_of_every_arm_and_they_sum_to_one(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    known = stored(road)
    blocks = {b for (b,) in road.sql("select distinct block from frame_bills")}
    assert set(known) == blocks
    assert {sum(by_arm.values()) for by_arm in known.values()} == {1}
    assert all(set(by_arm) == {"none", "plain", "social"} for by_arm in known.values())


def test_a_changed_probability_is_named(tmp_path: Path) -> None:
    road = road_at("drawn", tmp_path)
    road.sql("update probability set numerator = 1, denominator = 3 where arm = 'social'")
    (failure,) = road.rct("verify", "bills", "--json").json["failures"]
    assert failure["code"] == "probabilities_changed"


def test_replayed_counts_that_shares_could_not_give_are_their_own_probability(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(definition(design='scheme = "blocked"\nblocks = ["district"]'))
    sent = ["letter" if i % 10 == 0 else "control" for i in range(40)]  # D0: 2 of 20; D1: as even shares give
    sent[20:] = ["letter", "control"] * 10
    file = road.file("a.csv", accounts(40, columns="district,sent", row=lambda i: f"D{i // 20},{sent[i]}"))
    road.ok("frame", "bills", file)
    road.ok("lock", "bills")
    drawn = road.ok("draw", "bills", "--replay", file, "--column", "sent")
    assert drawn["key"] is None
    assert stored(road) == {
        "D0": {"control": Fraction(9, 10), "letter": Fraction(1, 10)},
        "D1": {"control": Fraction(1, 2), "letter": Fraction(1, 2)},
    }
    rows = list(csv.DictReader((road.out / "assignment.csv").open(encoding="utf-8", newline="")))
    assert Counter((r["block"], r["arm"], r["prob"]) for r in rows) == {
        ("D0", "control", "0.9"): 18,
        ("D0", "letter", "0.1"): 2,
        ("D1", "control", "0.5"): 10,
        ("D1", "letter", "0.5"): 10,
    }
    assert {r["ticket"] for r in rows} == {""}
    road.ok(
        "outcomes",
        "bills",
        road.file("o.csv", "account,paid\n" + "".join(f"{i:05d},{i % 3 % 2}\n" for i in range(40))),
    )
    told = {d["code"]: d["text"] for d in road.ok("analyze", "bills")["deviations"]}
    assert "1 block" in told["impossible_counts"]
    assert road.ok("verify", "bills")["failures"] == []
