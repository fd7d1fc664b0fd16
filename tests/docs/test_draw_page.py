"""docs/draw.md: every hash, ticket and count that it prints, computed again from the worked answers."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "draw.md").read_text(encoding="utf-8")
SCRIPT = (ROOT / "docs" / "rederive.py").read_text(encoding="utf-8")
VECTORS: dict[str, Any] = json.loads((ROOT / "tests/reference/draw_vectors.json").read_text(encoding="utf-8"))
CASES = {case["name"]: case for case in VECTORS["cases"]}
KEY = bytes(range(32))
LEFTOVERS = re.compile(
    r"^\| `(\w+)` \| `([0-9a-f]{64})` \| (\d+) \| (\d+) → (\d+) "
    r"\| floor\((\d+)/(\d+)\) ([>=]) floor\((\d+)/(\d+)\): (yes|no) \|$",
    re.MULTILINE,
)
DEALT = re.compile(r"^\| (\d{5}) \| `([0-9a-f]{24})` \| `([0-9a-f]{64})` \| (\w+) \|$", re.MULTILINE)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def pseudonym(purpose: str, name: str, text: str) -> str:
    return hmac.digest(KEY, f"rct.{purpose}.1|{name}|{text}".encode(), "sha256").hex()[:24]


def frame_hash(case: dict[str, Any]) -> str:
    units = [pseudonym("unit", case["name"], id) for id in case["ids"]]
    clusters = [label and pseudonym("cluster", case["name"], label) for label in case["cluster_labels"]]
    rows = zip(units, case["blocks"], clusters, strict=True)
    return hashlib.sha256(b"".join(sorted(f"{u}\t{b}\t{c}\n".encode() for u, b, c in rows))).hexdigest()


def key_of(case: dict[str, Any]) -> str:
    seed, plan = VECTORS["seed"], VECTORS["plan_hash"]
    return sha(f"rct.draw.1|{seed}|{plan}|{frame_hash(case)}|{case['beacon']}")


def block(name: str, label: str) -> tuple[dict[str, Any], str, list[tuple[str, str]]]:
    """A case, its K, and the (unit, id) pairs of one of its blocks."""
    case = CASES[name]
    there = zip(case["ids"], case["blocks"], strict=True)
    return case, key_of(case), [(pseudonym("unit", name, i), i) for i, b in there if b == label]


SHOWN = [("water", ""), ("permit", "north\x1fyes")]


@pytest.mark.parametrize(("place", "shown"), list(enumerate(SHOWN)), ids=["water", "permit"])
def test_the_leftovers_of_the_shown_blocks(place: int, shown: tuple[str, str]) -> None:
    case, key, members = block(*shown)
    arms, shares, n, W = case["arms"], case["shares"], len(members), sum(case["shares"])
    u = int(sha(f"{key}|block|{shown[1]}"), 16) % W
    rows = [match.groups() for match in LEFTOVERS.finditer(PAGE)]
    mine = rows[:2] if place == 0 else rows[2:]
    order = sorted(arms, key=lambda arm: sha(f"{key}|arm|{shown[1]}|{arm}"))
    assert [row[0] for row in mine] == order
    reached = 0
    for arm, digest, floor, before, after, over, by, sign, under, by_too, more in mine:
        share = shares[arms.index(arm)]
        assert digest == sha(f"{key}|arm|{shown[1]}|{arm}")
        assert int(floor) == n * share // W
        assert (int(before), int(after)) == (reached, reached + n * share % W)
        assert (int(over), int(under)) == (int(after) + u, reached + u)
        assert int(by) == int(by_too) == W
        grows = int(over) // W > int(under) // W
        assert (sign, more) == ((">", "yes") if grows else ("=", "no"))
        reached = int(after)
    assert reached % W == 0


@pytest.mark.parametrize(("place", "shown"), list(enumerate(SHOWN)), ids=["water", "permit"])
def test_who_is_dealt_what_in_the_shown_blocks(place: int, shown: tuple[str, str]) -> None:
    case, key, members = block(*shown)
    arm_of = dict(zip(case["ids"], case["assignment"], strict=True))
    expected = sorted((sha(f"{key}|unit|{unit}"), id, unit, arm_of[id]) for unit, id in members)
    rows = [match.groups() for match in DEALT.finditer(PAGE)]
    mine = rows[:7] if place == 0 else rows[7:]
    assert [(ticket, id, unit, arm) for id, unit, ticket, arm in mine] == expected


def test_every_hash_on_the_page_is_computed_and_none_is_left_over() -> None:
    computed = {VECTORS["seed"], sha(VECTORS["seed"]), VECTORS["plan_hash"]}
    computed |= {pseudonym("unit", "water", trim["id"]) for trim in VECTORS["trimming"]}
    for name, label in SHOWN:
        case, key, members = block(name, label)
        computed |= {frame_hash(case), key, sha(f"{key}|block|{label}")}
        computed |= {sha(f"{key}|arm|{label}|{arm}") for arm in case["arms"]}
        computed |= {text for unit, _ in members for text in (unit, sha(f"{key}|unit|{unit}"))}
    court = CASES["court"]
    household = pseudonym("cluster", "court", "h0")
    computed |= {key_of(court), household, sha(f"{key_of(court)}|cluster|{household}")}
    assert {i for i, h in zip(court["ids"], court["cluster_labels"], strict=True) if h == "h0"} >= {
        "00000",
        "00001",
        "00002",
    }
    assert set(re.findall(r"\b[0-9a-f]{20,64}\b", PAGE)) == computed


def test_the_script_on_the_page_is_the_script_beside_it() -> None:
    assert f"```python\n{SCRIPT}```\n" in PAGE
