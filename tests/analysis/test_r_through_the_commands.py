"""Each design's default, and the other estimators, through the commands, on R's own data: R's numbers.

Every reference data set is loaded as a city's file, its assignment replayed, and `rct analyze` must give what
estimatr (or, where no package has it, the published formula in R) gave.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support import Road, definition

REFERENCE = Path(__file__).parents[1] / "reference"
ANSWERS = {
    **json.loads((REFERENCE / "reference.json").read_text()),
    **{f"c.{k}": v for k, v in json.loads((REFERENCE / "blocked_clusters.json").read_text()).items()},
    **{f"i.{k}": v for k, v in json.loads((REFERENCE / "inference.json").read_text()).items()},
}
KEYS = {
    "estimate": "estimate",
    "std.error": "std_error",
    "statistic": "statistic",
    "df": "df",
    "p.value": "p_value",
    "conf.low": "conf_low",
    "conf.high": "conf_high",
}


@dataclass(frozen=True)
class Case:
    """A data set, the design it was drawn by, the plan's estimator (None: the default), and where R's answer is."""

    data: str
    answer: str
    outcome: str = "y"
    kind: str = "continuous"
    scheme: str = "complete"
    blocks: str | None = None
    clusters: str | None = None
    covariates: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    estimator: str | None = None
    expected: str = "difference_in_means"
    arm_column: str = "z"
    arm: str = "treated"
    shares: dict[str, int] = field(default_factory=dict)
    subgroup: str | None = None
    level: str | None = None
    term: str = "arm"


WELCH = {"arm_column": "arm", "outcome": "y", "kind": "binary", "data": "four_arms"}
CASES = [
    Case("complete", "complete.dim_paid", "paid", "binary"),
    Case("complete", "complete.dim_amount", "amount"),
    Case("complete", "complete.lin_paid", "paid", "binary", covariates=("x1", "x2"), expected="lin"),
    Case("complete", "complete.lin_amount", "amount", covariates=("x1", "x2"), expected="lin"),
    Case("complete", "complete.ols_hc2", "paid", "binary", covariates=("x1", "x2"), estimator="ols", expected="ols"),
    *(Case(answer=f"four_arms.welch_by_pair.{a}", arm=a, **WELCH) for a in ("simple", "social", "deadline")),
    *(
        Case(answer=f"four_arms.lin.arm{a}", arm=a, covariates=("x1",), expected="lin", **WELCH)
        for a in ("simple", "social", "deadline")
    ),
    *(
        Case(answer=f"four_arms.hc2.arm{a}", arm=a, estimator="ols", expected="ols", **WELCH)
        for a in ("simple", "social", "deadline")
    ),
    Case("blocked", "blocked.dim", scheme="blocked", blocks="block"),
    Case("blocked", "blocked.lin_block_hc2", scheme="blocked", blocks="block", covariates=("x1",), expected="lin"),
    Case(
        "blocked", "blocked.ols_block_fe_weighted_hc2", scheme="blocked", blocks="block", estimator="ols", expected="ols"
    ),
    Case("pairs", "pairs.dim", scheme="blocked", blocks="pair"),
    Case("clustered", "clustered.dim", scheme="clustered", clusters="cluster"),
    Case("clustered", "clustered.lin_cr2", scheme="clustered", clusters="cluster", covariates=("x1",), expected="lin"),
    Case(
        "clustered", "clustered.cr2", scheme="clustered", clusters="cluster", covariates=("x1",), estimator="ols",
        expected="ols",
    ),
    Case(
        "clustered", "clustered.cr2_binary", "b", "binary", scheme="clustered", clusters="cluster",
        covariates=("x1",), estimator="ols", expected="ols",
    ),
    Case("blocked_clustered", "c.equal", scheme="blocked_clustered", blocks="block", clusters="cluster"),
    Case(
        "blocked_clustered", "blocked_clustered.cr2_block_fe", scheme="blocked_clustered", blocks="block",
        clusters="cluster", estimator="ols", expected="ols",
    ),
    Case(
        "blocked_clustered_x", "c.equal_lin", scheme="blocked_clustered", blocks="block", clusters="cluster",
        covariates=("x1",), expected="lin",
    ),
    Case("cace_clustered", "c.unequal", scheme="blocked_clustered", blocks="block", clusters="cluster"),
    *(
        Case(
            "cace_clustered", f"c.unequal_{estimator}", scheme="blocked_clustered", blocks="block", clusters="cluster",
            covariates=("x1",), estimator=estimator, expected=estimator,
        )
        for estimator in ("ols", "lin")
    ),
    Case(
        "blocked_clustered_x", "i.absorbed.cr2_x", scheme="blocked_clustered", blocks="block", clusters="cluster",
        covariates=("x1",), estimator="ols", expected="ols",
    ),
    *(
        Case("blocked_arms", f"i.blocked_arms.{a}", scheme="blocked", blocks="block", arm_column="arm", arm=a)
        for a in ("simple", "social")
    ),
    Case("small_blocks", "i.small_blocks", scheme="blocked", blocks="block", shares={"control": 2}),
    *(
        Case(
            "complete", f"i.subgroup.within_{level}", "paid", "binary", categories=("x2",), estimator="ols",
            expected="ols", subgroup="x2", level=level,
        )
        for level in ("0", "1")
    ),
    Case(
        "complete", "i.subgroup.interaction_hc2", "paid", "binary", categories=("x2",), estimator="ols",
        expected="ols", subgroup="x2", level="1", term="interaction",
    ),
]  # fmt: skip


def answer(path: str) -> dict[str, float]:
    prefix, parts = "", path.split(".")
    if parts[0] in ("i", "c"):
        prefix, parts = f"{parts[0]}.", parts[1:]
    found: Any = ANSWERS[prefix + parts[0]]
    for part in parts[1:]:
        found = found[part]
    return dict(found)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.answer}")
def test_r_answers(case: Case, tmp_path: Path) -> None:
    row = analyzed(case, tmp_path)
    assert row["estimator"] == case.expected
    wanted = answer(case.answer)
    for theirs, ours in KEYS.items():
        if theirs in wanted:
            assert row[ours] == pytest.approx(wanted[theirs], rel=1e-8), (ours, row[ours], wanted[theirs])


def analyzed(case: Case, folder: Path) -> dict[str, Any]:
    """The row of results that answers the case."""
    with (REFERENCE / f"{case.data}.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["sent"] = (
            row[case.arm_column] if case.arm_column == "arm" else ("control", "treated")[int(row["z"])]
        )
    names = sorted({row["sent"] for row in rows} - {"control"})
    road = Road(folder, "reference")
    road.define(toml(case, names))
    data = road.file("data.csv", as_csv(rows))
    road.ok("lock", "reference")
    road.ok("frame", "reference", data)
    road.ok("draw", "reference", "--replay", data, "--column", "sent")
    road.ok("outcomes", "reference", data)
    results = road.ok("analyze", "reference")["results"]
    assert road.ok("verify", "reference")["failures"] == []
    (found,) = [
        r
        for r in results
        if (r["arm"], r["term"], r["subgroup"], r["level"])
        == (case.arm, case.term, case.subgroup, case.level)
    ]
    assert found["mean_control"] is None or found["term"] == "interaction" or found["n_missing"] == 0
    return dict(found)


def toml(case: Case, names: list[str]) -> str:
    arms = [f'[arms.control]\nlabel = "Control"\ncontrol = true\nshare = {case.shares.get("control", 1)}\n']
    arms += [f'[arms.{a}]\nlabel = "{a}"\n' for a in names]
    frame = [
        'id = "unit_id"',
        f"covariates = {json.dumps(case.covariates)}",
        f"categories = {json.dumps(case.categories)}",
    ]
    design = [f'scheme = "{case.scheme}"']
    if case.blocks:
        design.append(f'blocks = ["{case.blocks}"]')
    if case.clusters:
        design.append(f'clusters = "{case.clusters}"')
    outcome = (
        f'[outcomes.{case.outcome}]\nlabel = "Y"\nkind = "{case.kind}"\nprimary = true\nmissing = "drop"\n'
    )
    analysis = [f'estimator = "{case.estimator}"'] if case.estimator else []
    if case.subgroup:
        analysis.append(f'subgroups = ["{case.subgroup}"]')
    return definition(
        arms="\n".join(arms), frame="\n".join(frame), design="\n".join(design), outcomes=outcome,
        analysis="\n".join(analysis),
    )  # fmt: skip


def as_csv(rows: list[dict[str, str]]) -> str:
    header = list(rows[0])
    return "\n".join([",".join(header), *(",".join(row[h] for h in header) for row in rows)]) + "\n"


def test_holm_over_the_primary_lines_is_rs(tmp_path: Path) -> None:
    case = Case(answer="four_arms.hc2.armsimple", arm="simple", estimator="ols", **WELCH)
    row = analyzed(case, tmp_path)
    assert row["p_adjusted"] == pytest.approx(ANSWERS["four_arms"]["p_holm"]["armsimple"], rel=1e-8)
    assert row["family"] == "primary"
