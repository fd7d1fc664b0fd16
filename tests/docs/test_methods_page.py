"""docs/methods.md: each call of R that it prints is run, and gives rct's own number."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from rct.estimate import Estimate, Sample, estimate
from rct.estimate.subgroups import subgroup

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
REFERENCE = ROOT / "tests" / "reference"
BLOCK = re.compile(r"```r\n# (.+?)\n(.*?)```", re.DOTALL)
CALLS = {match[1]: match[2] for match in BLOCK.finditer(PAGE)}
TOLERANCE = 1e-8

Data = dict[str, np.ndarray]


def read(name: str, **renamed: str) -> Data:
    """A reference file's columns under the page's names; x1 is made up where the file has none."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    data = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    data |= {new: data[old] for new, old in renamed.items()}
    made_up = [f"{(i * 7919 % 101) / 50 + i * i % 7:.3f}" for i in range(len(rows))]
    return {"x1": np.array(made_up)} | data


def codes(values: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    labels, code = np.unique(values, return_inverse=True)
    return code.astype(np.int64), tuple(str(label) for label in labels)


def sample(data: Data, *x: str, arm: str = "z", block: bool = False, cluster: bool = False) -> Sample:
    names = ("control", *sorted(set(data[arm]) - {"control"})) if arm == "arm" else ("0", "1")
    block_codes, labels = codes(data["block"]) if block else (None, ())
    return Sample(
        y=data["y"].astype(float),
        arm=np.array([names.index(value) for value in data[arm]]),
        arm_names=names,
        shares=(1,) * len(names),
        block=block_codes,
        block_labels=labels,
        cluster=codes(data["cluster"])[0] if cluster else None,
        x=np.column_stack([data[name].astype(float) for name in x]) if x else np.empty((0, 0)),
        x_names=x,
    )


def without(data: Data, keep: np.ndarray) -> Data:
    return {name: values[keep] for name, values in data.items()}


COMPLETE = read("complete", y="paid", level="x2")
BLOCKED = read("blocked")
PAIRS = read("pairs", block="pair")
CLUSTERED = read("clustered")
NESTED = read("blocked_clustered_x")
UNEVEN = without(NESTED, np.isin(NESTED["cluster"], ["B1C1", "B4C2"], invert=True))  # shares differ by block
SIDES = [sorted(set(CLUSTERED["cluster"][CLUSTERED["z"] == z])) for z in ("0", "1")]
PAIR_OF = {c: f"P{i:02}" for side in SIDES for i, c in enumerate(side[: min(map(len, SIDES))])}
IN_PAIRS = without(CLUSTERED, np.array([c in PAIR_OF for c in CLUSTERED["cluster"]]))
IN_PAIRS["block"] = np.array([PAIR_OF[c] for c in IN_PAIRS["cluster"]])
MANY = read("four_arms")
MANY_BLOCKED = read("blocked_arms")
SMALL = read("small_blocks")


@dataclass(frozen=True)
class Case:
    """The data R gets, and rct's line on the same. `arm` names the line where there are several."""

    data: Data
    ours: Callable[[], Estimate]
    term: str = "z"


def line(estimator: str, made: Sample, arm: str = "1") -> Callable[[], Estimate]:
    se_type = "HC2" if made.cluster is None else "CR2"
    return lambda: estimate(made, estimator, se_type).line(arm)


def interaction(estimator: str, *x: str) -> Callable[[], Estimate]:
    made = sample(COMPLETE, *x)
    return lambda: subgroup(made, COMPLETE["level"], estimator, "HC2").interactions[0][1].lines[0]


DIM, OLS, LIN = "difference_in_means", "ols", "lin"
CASES: dict[str, Case] = {
    f"complete, {DIM}": Case(COMPLETE, line(DIM, sample(COMPLETE))),
    f"complete, {DIM}, several arms": Case(MANY, line(DIM, sample(MANY, arm="arm"), "simple"), "armsimple"),
    f"blocked, {DIM}": Case(BLOCKED, line(DIM, sample(BLOCKED, block=True))),
    f"blocked, {DIM}, several arms": Case(
        MANY_BLOCKED, line(DIM, sample(MANY_BLOCKED, arm="arm", block=True), "simple")
    ),
    f"pairs, {DIM}": Case(PAIRS, line(DIM, sample(PAIRS, block=True))),
    f"clustered, {DIM}": Case(CLUSTERED, line(DIM, sample(CLUSTERED, cluster=True))),
    f"blocked_clustered, {DIM}": Case(UNEVEN, line(DIM, sample(UNEVEN, block=True, cluster=True))),
    f"pairs of clusters, {DIM}": Case(IN_PAIRS, line(DIM, sample(IN_PAIRS, block=True, cluster=True))),
    "complete, ols": Case(COMPLETE, line(OLS, sample(COMPLETE, "x1", "x2"))),
    "clustered, ols": Case(CLUSTERED, line(OLS, sample(CLUSTERED, "x1", cluster=True))),
    "blocked, ols": Case(BLOCKED, line(OLS, sample(BLOCKED, "x1", block=True))),
    "blocked_clustered, ols": Case(UNEVEN, line(OLS, sample(UNEVEN, "x1", block=True, cluster=True))),
    "pairs, ols": Case(PAIRS, line(OLS, sample(PAIRS, block=True))),
    "complete, lin": Case(COMPLETE, line(LIN, sample(COMPLETE, "x1", "x2"))),
    "clustered, lin": Case(CLUSTERED, line(LIN, sample(CLUSTERED, "x1", cluster=True))),
    "blocked, lin": Case(BLOCKED, line(LIN, sample(BLOCKED, "x1", block=True))),
    "blocked_clustered, lin": Case(UNEVEN, line(LIN, sample(UNEVEN, "x1", block=True, cluster=True))),
    "pairs, lin": Case(PAIRS, line(LIN, sample(PAIRS, "x1", block=True)), "(Intercept)"),
    f"small blocks, {DIM}": Case(SMALL, line(DIM, sample(SMALL, block=True))),
    f"subgroup, {DIM}": Case(COMPLETE, interaction(DIM), "z:level"),
    "subgroup, ols": Case(COMPLETE, interaction(OLS, "x1"), "z:level"),
}

RUN = """
suppressMessages({library(estimatr); library(jsonlite)})
cases <- fromJSON("cases.json", simplifyVector = FALSE)
answers <- lapply(seq_along(cases), function(i) {
  case <- cases[[i]]
  d <- read.csv(paste0(i, ".csv"))
  if (!is.null(d$arm)) d$arm <- factor(d$arm, levels = c("control", setdiff(unique(d$arm), "control")))
  value <- eval(parse(text = case$code), list2env(list(d = d), parent = globalenv()))
  if (is.numeric(value)) return(as.list(value))
  t <- tidy(value)
  t <- t[t$term == case$term, ]
  list(estimate = t$estimate, std.error = t$std.error, df = t$df, p.value = t$p.value, conf.low = t$conf.low)
})
writeLines(toJSON(answers, digits = NA, auto_unbox = TRUE), "answers.json")
"""
NAMES = {
    "estimate": "estimate",
    "std.error": "std_error",
    "df": "df",
    "p.value": "p_value",
    "conf.low": "conf_low",
}


def test_every_printed_call_is_checked_and_every_check_is_printed() -> None:
    assert sorted(CALLS) == sorted(CASES)
    assert len(CALLS) == PAGE.count("```r\n")


@pytest.mark.needs("Rscript", "R:estimatr", "R:jsonlite")
def test_r_gives_the_same_numbers(tool: Callable[[str], str], tmp_path: Path) -> None:
    for i, case in enumerate(CASES.values(), start=1):
        with (tmp_path / f"{i}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(case.data)
            writer.writerows(zip(*case.data.values(), strict=True))
    listed = [{"code": CALLS[name], "term": case.term} for name, case in CASES.items()]
    (tmp_path / "cases.json").write_text(json.dumps(listed), encoding="utf-8")
    (tmp_path / "run.R").write_text(RUN, encoding="utf-8")
    command = [tool("Rscript"), "--vanilla", "run.R"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    answers = json.loads((tmp_path / "answers.json").read_text(encoding="utf-8"))
    for (name, case), answer in zip(CASES.items(), answers, strict=True):
        ours = case.ours()
        assert len(answer) >= 3, name
        for theirs, value in answer.items():
            assert getattr(ours, NAMES[theirs]) == pytest.approx(value, rel=TOLERANCE), (name, theirs)


def test_block_weights_make_differences_between_arms_add_up() -> None:
    made = sample(MANY_BLOCKED, arm="arm", block=True)
    simple, social = estimate(made, DIM, "HC2").lines
    between = estimate(made, DIM, "HC2", reference=1).line("social")
    assert simple.estimate is not None
    assert between.estimate is not None
    assert simple.estimate + between.estimate == pytest.approx(social.estimate, rel=1e-12)


def test_a_column_that_one_unit_decides_is_left_out_and_named() -> None:
    made = sample(COMPLETE, "x1")
    lone = np.zeros(len(made.y))
    lone[np.flatnonzero(made.arm == 1)[0]] = 1.0
    lone[np.flatnonzero(made.arm == 0)[:3]] = 1.0
    with_lone = replace(made, x=np.column_stack([made.x, lone]), x_names=("x1", "lone"))
    fit = estimate(with_lone, LIN, "HC2")
    assert [name for name, _ in fit.dropped] == ["lone"]
    assert fit.lines[0].std_error == pytest.approx(estimate(made, LIN, "HC2").lines[0].std_error, rel=1e-12)
