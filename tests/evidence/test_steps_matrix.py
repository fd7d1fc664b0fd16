"""Every estimator on every design, through results and steps as files: what the reader does gives what was printed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from support import definition

from rct.analysis.compute import compute
from rct.analysis.steps import steps_of
from rct.definition import check_text
from rct.evidence.bundle.steps_file import failures, read_steps, redone, steps_json
from rct.registry.store import Frame, FrameColumn

ARMS = """[arms.none]
label = "No letter"
control = true

[arms.plain]
label = "Plain"

[arms.social]
label = "Social"
share = 2
"""
TWO = """[arms.none]
label = "No letter"
control = true

[arms.plain]
label = "Plain"
"""
OUTCOMES = """[outcomes.paid]
label = "Paid"
kind = "binary"
primary = true
missing = "zero"

[outcomes.amount]
label = "Amount"
kind = "continuous"
primary = true
missing = "drop"

[outcomes.calls]
label = "Calls"
kind = "count"
missing = "zero"
"""
DESIGNS = {
    "complete": ('scheme = "complete"', ARMS),
    "blocked": ('scheme = "blocked"\nblocks = ["block"]', ARMS),
    "small": ('scheme = "blocked"\nblocks = ["block"]', TWO),
    "pairs": ('scheme = "blocked"\nblocks = ["block"]', TWO),
    "clustered": ('scheme = "clustered"\nclusters = "house"', ARMS),
    "blocked_clustered": ('scheme = "blocked_clustered"\nblocks = ["block"]\nclusters = "house"', ARMS),
}


def drawn(design: str, rng: np.random.Generator) -> tuple[list[str], list[str], list[str]]:
    """Block, cluster and arm of each unit."""
    if design == "pairs":
        arm = np.concatenate([rng.permutation(["none", "plain"]) for _ in range(80)])
        return [f"{i // 2:03}" for i in range(160)], [""] * 160, list(arm)
    if design == "small":
        sizes = [3] * 24 + [30, 30, 40]
        dealt = [["none", "plain", "plain"] if n == 3 else ["none", "plain"] * (n // 2) for n in sizes]
        arm = np.concatenate([rng.permutation(d) for d in dealt])
        return [f"{b:03}" for b, n in enumerate(sizes) for _ in range(n)], [""] * len(arm), list(arm)
    houses = [int(rng.integers(1, 6)) for _ in range(240)]
    clustered = "clustered" in design
    sizes = houses if clustered else [1] * 720
    lots = np.concatenate(
        [rng.permutation(["none", "plain", "social", "social"]) for _ in range(len(sizes) // 4)]
    )
    arm = [str(a) for a, n in zip(lots, sizes, strict=True) for _ in range(n)]
    house = [f"h{i}" if clustered else "" for i, n in enumerate(sizes) for _ in range(n)]
    block = [f"B{i * 3 // len(sizes)}" for i, n in enumerate(sizes) for _ in range(n)]
    return (block if "blocked" in design else [""] * len(arm)), house, arm


@pytest.mark.parametrize("estimator", ["difference_in_means", "ols", "lin"])
@pytest.mark.parametrize("design", DESIGNS)
def test_what_the_reader_does_again_is_what_was_printed(design: str, estimator: str) -> None:
    scheme, arms = DESIGNS[design]
    made = check_text(
        definition(
            arms=arms,
            design=scheme,
            outcomes=OUTCOMES,
            frame='id = "account"\ncovariates = ["age"]\ncategories = ["language"]',
            analysis=f'estimator = "{estimator}"\nsubgroups = ["language"]',
        ),
        "bills",
    )
    rng = np.random.default_rng(3)
    block, house, arm = drawn(design, rng)
    n = len(arm)
    units = [f"{i:024x}" for i in range(n)]
    language = ["en" if v < 0.6 else "es" for v in rng.random(n)]
    columns = {
        "age": FrameColumn("age", "covariate", [float(v) for v in rng.integers(20, 80, n)]),
        "language": FrameColumn("language", "category", language),
    }
    frame = Frame(units, block, house, columns)
    effect = np.array([{"none": 0.0, "plain": 0.1, "social": 0.2}[a] for a in arm])
    outcomes = {
        "paid": dict(zip(units, (rng.random(n) < 0.4 + effect).astype(float).tolist(), strict=True)),
        "amount": {
            u: float(v) for u, v in zip(units, 20 + 9 * effect + rng.normal(0, 5, n), strict=True) if v > 14
        },
        "calls": dict(zip(units, rng.poisson(1 + effect).astype(float).tolist(), strict=True)),
    }
    rows = compute(made, frame, arm, outcomes, "k").rows
    document = steps_json("bills", steps_of(made, frame, arm, outcomes, 10), rows)
    sums, steps = read_steps(document)
    assert list(failures(sums, steps, rows)) == []
    lines, open_ = redone(rows)
    assert (lines, open_) == (sum(r.estimate is not None for r in rows), 0)
    assert lines >= (5 if len(arms) == len(TWO) else 18)
    # and it can fail: another error, another p, another adjustment
    first = rows[0]
    for field in ("estimate", "std_error", "df", "p_value", "p_adjusted", "conf_low"):
        other = replace(first, **{field: getattr(first, field) * (1 + 1e-5) + 1e-7})
        assert [p.field for p in failures(sums, steps, [other, *rows[1:]])][:1] != [], field
    # no block's, cluster's or unit's number: what is handed on does not grow with their number
    assert len(document) < 40_000
    listed = json.loads(document)
    assert not any("B0" in json.dumps(s) or "h1" in json.dumps(s) for s in listed["sums"])
