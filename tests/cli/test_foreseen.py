"""Designs whose test is known to err are told before the lock: a matrix of designs with and without a warning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import Road, accounts, definition

ARMS = '[arms.control]\nlabel = "No letter"\ncontrol = true\nshare = {}\n\n[arms.letter]\nlabel = "A letter"\nshare = {}\n'
OUTCOME = '[outcomes.paid]\nlabel = "Paid"\nkind = "{}"\nprimary = true\nmissing = "drop"\ndirection = "{}"\n'
CLUSTERED = 'scheme = "clustered"\nclusters = "home"'


def trial(
    shares: tuple[int, int] = (1, 1),
    kind: str = "binary",
    power: str = "",
    direction: str = "increase",
    **parts: str,
) -> str:
    text = definition(arms=ARMS.format(*shares), outcomes=OUTCOME.format(kind, direction), **parts)
    return text + (f"\n[power]\n{power}\n" if power else "")


def codes(found: list[dict[str, Any]]) -> list[str]:
    return [each["code"] for each in found]


BY_PLAN = {
    "1 % of 2,000 at 9:1": (trial((9, 1), power="baseline = 0.01\nunits = 2000"), "few_events_expected"),
    "0.5 % of 4,000 at 3:1": (trial((3, 1), power="baseline = 0.005\nunits = 4000"), "few_events_expected"),
    "99 % of 2,000 at 9:1": (trial((9, 1), power="baseline = 0.99\nunits = 2000"), "few_events_expected"),
    "a decrease to few": (
        trial(power="baseline = 0.02\nminimum_effect = 0.015\nunits = 2000", direction="decrease"),
        "few_events_expected",
    ),
    "a small trial without a baseline": (trial(power="units = 30"), "few_events_expected"),
    "1 % of 20,000 at 9:1": (trial((9, 1), power="baseline = 0.01\nunits = 20000"), None),
    "2 % of 55,000 at 99:1": (trial((99, 1), power="baseline = 0.02\nunits = 55000"), "few_events_expected"),
    "42 % of 400": (trial(power="baseline = 0.42\nunits = 400"), None),
    "nothing expected": (trial(), None),
    "money, 1,000 at 9:1": (trial((9, 1), "continuous", "sd = 50\nunits = 1000"), "unequal_shares_amounts"),
    "money, 400 at 1:4": (trial((1, 4), "continuous", "sd = 50\nunits = 400"), "unequal_shares_amounts"),
    "visits, 400 at 1:4": (trial((1, 4), "count", "baseline = 1.5\nunits = 400"), "unequal_shares_amounts"),
    "visits, 5,000 at 1:4": (trial((1, 4), "count", "baseline = 1.5\nunits = 5000"), None),
    "money, 100,000 at 9:1": (trial((9, 1), "continuous", "sd = 50\nunits = 100000"), None),
    "money, 400 at 1:1": (trial((1, 1), "continuous", "sd = 50\nunits = 400"), None),
    "six clusters": (
        trial(power="baseline = 0.4\nicc = 0.02\nunits = 600\ncluster_size = 100", design=CLUSTERED),
        "few_clusters",
    ),
    "twenty clusters": (
        trial(power="baseline = 0.4\nicc = 0.02\nunits = 600\ncluster_size = 30", design=CLUSTERED),
        None,
    ),
    "twenty clusters of unlike size": (
        trial(
            power="baseline = 0.4\nicc = 0.02\nunits = 600\ncluster_size = 30\ncluster_size_cv = 1.3",
            design=CLUSTERED,
        ),
        "unlike_clusters",
    ),
}


@pytest.mark.parametrize("name", BY_PLAN)
def test_the_plans_expectations(name: str, tmp_path: Path) -> None:
    """check, power, lock and the plan say the same, and the sentence in words."""
    text, code = BY_PLAN[name]
    road = Road(tmp_path)
    road.define(text)
    checked = road.ok("check", "bills")
    assert codes(checked["warnings"]) == ([code] if code else [])
    assert road.ok("power", "bills")["warnings"] == checked["warnings"]
    said = [" ".join(road.rct(command, "bills").out.split()) for command in ("check", "power")]
    locked = road.ok("lock", "bills")
    plan = " ".join((road.out / "plan.md").read_text(encoding="utf-8").split())
    for warning in checked["warnings"]:
        sentence = f"{warning['rule']} {warning['fix']}"
        assert all(sentence in text for text in said)
        assert sentence in locked["warnings"]
        assert warning["fix"] in plan
    assert len(locked["warnings"]) == len(checked["warnings"])


def homes(sizes: list[int], blocks: int = 0) -> str:
    """A list with clusters of these sizes, in turn over so many blocks."""
    of = [i for i, n in enumerate(sizes) for _ in range(n)]
    if blocks:
        return accounts(len(of), columns="home,district", row=lambda i: f"H{of[i]},D{of[i] % blocks}")
    return accounts(len(of), columns="home", row=lambda i: f"H{of[i]}")


def lognormal(count: int, cv: float) -> list[int]:
    rng = np.random.default_rng(7)
    drawn = np.exp(rng.normal(2.5, np.sqrt(np.log(1 + cv**2)), count))
    return [max(1, round(s)) for s in drawn]


PAIRED = 'scheme = "blocked"\nblocks = ["pair"]'
WITH_X = 'id = "account"\ncontact = ["name"]\ncovariates = ["age"]'


def pairs(count: int) -> str:
    return accounts(2 * count, columns="pair,age", row=lambda i: f"P{i // 2:03d},{20 + i * 7 % 50}")


IN_BLOCKS = 'scheme = "blocked_clustered"\nclusters = "home"\nblocks = ["district"]'
OLS = 'estimator = "ols"'


def paired(estimator: str) -> str:
    return trial(kind="continuous", design=PAIRED, frame=WITH_X, analysis=f'estimator = "{estimator}"')


BY_LIST = {
    "one cluster of 200 among ten": (trial(design=CLUSTERED), homes([200, *range(5, 14)]), ["unlike_clusters"]),
    "twenty clusters, cv 1.3": (trial(design=CLUSTERED), homes(lognormal(20, 1.3)), ["unlike_clusters"]),
    "3 blocks of 10, cv 1.3": (
        trial(design=IN_BLOCKS, analysis=OLS), homes(lognormal(30, 1.3), 3), ["unlike_clusters"]),
    "homes in blocks of 4": (
        trial(design=IN_BLOCKS), homes([1, 1, 2, 2, 3, 4, 5, 8] * 10, 20), ["large_clusters_count_less"]),
    "homes in 2 large blocks": (trial(design=IN_BLOCKS), homes([1, 2, 3, 4] * 60, 2), []),
    "six clusters": (trial(design=CLUSTERED), homes([8] * 6), ["few_clusters"]),
    "ten clusters alike": (trial(design=CLUSTERED), homes([9, 10, 11, 10, 9] * 2), []),
    "forty clusters, cv 0.5": (trial(design=CLUSTERED), homes(lognormal(40, 0.5)), []),
    "households": (trial(design=CLUSTERED), homes([1, 2, 3, 4] * 60), []),
    "households at 4:1": (trial((4, 1), design=CLUSTERED), homes([1, 2, 3, 4] * 60), []),
    "nineteen pairs, lin": (paired("lin"), pairs(19), ["few_pairs_for_covariates"]),
    "twenty pairs, lin": (paired("lin"), pairs(20), []),
    "nineteen pairs, means": (paired("difference_in_means"), pairs(19), []),
    "the list's number of units": (
        trial((9, 1), power="baseline = 0.01\nunits = 100000"), accounts(300), ["few_events_expected"]),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_LIST)
def test_the_list(name: str, tmp_path: Path) -> None:
    """check --frame says it before anything is stored, frame when it is, check, power and the plan from then on."""
    text, rows, expected = BY_LIST[name]
    road = Road(tmp_path)
    road.define(text)
    file = road.file("list.csv", rows)
    seen = road.ok("check", "bills", "--frame", file)
    assert codes(seen["warnings"]) == expected
    loaded = road.ok("frame", "bills", file)
    assert codes(loaded["warnings"]) == expected
    assert road.ok("check", "bills")["warnings"] == seen["warnings"]
    assert road.ok("power", "bills")["warnings"] == seen["warnings"]
    assert len(road.ok("lock", "bills")["warnings"]) == len(expected)
    plan = (road.out / "plan.md").read_text(encoding="utf-8").replace("\\", "")
    assert all(warning["fix"] in " ".join(plan.split()) for warning in seen["warnings"])
    again = " ".join(road.rct("frame", "bills", file).out.split())
    assert all(f"warning: {w['rule']} {w['fix']}" in again for w in seen["warnings"])


def test_check_with_a_list_counts_with_its_clusters(tmp_path: Path) -> None:
    """Units and cluster sizes that the list has just shown are not asked for."""
    road = Road(tmp_path)
    road.define(trial(power="baseline = 0.4\nminimum_effect = 0.2\nicc = 0.02", design=CLUSTERED))
    said = road.rct("check", "bills", "--frame", road.file("list.csv", homes([1, 2, 3] * 40)))
    assert "lacks" not in said.out
    assert "With 240 units" in " ".join(said.out.split())


def test_so_few_clusters_that_nothing_could_be_adopted(tmp_path: Path) -> None:
    """3 of 6 clusters: 20 draws, of which no p-value lies under 2 in 20."""
    road = Road(tmp_path)
    road.define(trial(design=CLUSTERED))
    (warning,) = road.ok("check", "bills", "--frame", road.file("list.csv", homes([8] * 6)))["warnings"]
    assert "nothing could be adopted" in warning["rule"]


def test_nineteen_to_one_is_told_as_it_is_found(tmp_path: Path) -> None:
    """.02 to .06 with 2,000 units: 30 % by simulation, not the 67 % of a test that the plan doesn't make."""
    road = Road(tmp_path)
    road.define(trial((19, 1), power="baseline = 0.02\nminimum_effect = 0.04\nunits = 2000"))
    (outcome,) = road.ok("power", "bills")["outcomes"]
    assert outcome["comparisons"][0]["power"] == pytest.approx(0.296, abs=0.01)
    for command in ("power", "check"):
        assert "a chance of 30% to find it" in " ".join(road.rct(command, "bills").out.split())
    road.ok("lock", "bills")
    assert "a chance of 30% to find it" in (road.out / "plan.md").read_text(encoding="utf-8")
