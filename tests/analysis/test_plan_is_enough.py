"""A plan and its data are enough: no line of rct is used to get its confirmatory numbers again.

`outsider` reads plan.json, assignment.csv and the pseudonymous tables of rct.db, and runs what the plan says with
statsmodels: Lin's regression in blocks with HC2, missing outcomes by the plan's rule, Holm over the primary
lines.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from support import Road, definition

ARMS = """[arms.control]
label = "No letter"
control = true
share = 2

[arms.simple]
label = "A simple letter"

[arms.social]
label = "A letter on neighbors"
"""


def outsider(folder: Path, name: str) -> dict[str, tuple[float, float, float]]:
    """arm → (estimate, standard error, Holm-adjusted p), from the files alone."""
    plan = json.loads((folder / "trials" / name / "out" / "plan.json").read_text())["definition"]
    assert plan["analysis"]["estimator"] == "lin"
    assert plan["analysis"]["multiplicity"] == "holm"
    outcome = next(o for o in plan["order"]["outcomes"] if plan["outcomes"][o]["primary"])
    arms = plan["order"]["arms"]
    control = next(a for a in arms if plan["arms"][a]["control"])
    with (folder / "trials" / name / "out" / "assignment.csv").open(newline="") as file:
        drawn = {row["unit"]: row for row in csv.DictReader(file)}
    db = sqlite3.connect(f"file:{folder / 'rct.db'}?mode=ro", uri=True)
    covariate = plan["frame"]["covariates"][0]
    frame = dict(db.execute(f'select unit, "{covariate}" from "frame_{name}" order by row'))
    values = dict(db.execute(f'select unit, value from "outcome_{name}" where outcome = ?', (outcome,)))
    absent = 0.0 if plan["outcomes"][outcome]["missing"] == "zero" else None
    units = [u for u in frame if values.get(u, absent) is not None]

    y = np.array([values.get(u, absent) for u in units], dtype=float)
    x = np.array([frame[u] for u in units])
    arm = np.array([drawn[u]["arm"] for u in units])
    block = np.array([drawn[u]["block"] for u in units])
    blocks = sorted(set(block))
    share = np.array([np.mean(block == b) for b in blocks])
    # A mean for each cell of arm and block, and the arm's own slope on x centered at the overall mean.
    cells = [(a, b) for a in arms for b in blocks]
    columns = [((arm == a) & (block == b)).astype(float) for a, b in cells]
    columns += [(arm == a) * (x - x.mean()) for a in arms]
    slopes = [np.array([float(np.mean(x[block == b])) - x.mean() for b in blocks])] * len(arms)
    fit = sm.OLS(y, np.column_stack(columns)).fit(cov_type="HC2", use_t=True)
    found = {}
    for i, a in enumerate(arms):
        if a == control:
            continue
        weights = np.zeros(len(cells) + len(arms))
        for j, sign in ((i, 1.0), (arms.index(control), -1.0)):
            weights[j * len(blocks) : (j + 1) * len(blocks)] = sign * share
            weights[len(cells) + j] = sign * float(share @ slopes[j])
        test = fit.t_test(weights)
        found[a] = (float(test.effect[0]), float(test.sd[0, 0]), float(test.pvalue))
    raw = sorted((p, a) for a, (_, _, p) in found.items())
    adjusted, last = {}, 0.0
    for rank, (p, a) in enumerate(raw):
        last = max(last, min(1.0, p * (len(raw) - rank)))
        adjusted[a] = last
    return {a: (estimate, error, adjusted[a]) for a, (estimate, error, _) in found.items()}


def test_an_outsider_gets_the_confirmatory_numbers(tmp_path: Path) -> None:
    road = Road(tmp_path)
    road.define(
        definition(
            arms=ARMS,
            frame='id = "account"\ncontact = ["name"]\ncovariates = ["balance"]',
            design='scheme = "blocked"\nblocks = ["district"]',
            outcomes='[outcomes.paid]\nlabel = "Paid"\nkind = "binary"\nprimary = true\nmissing = "drop"\n',
        )
    )
    random = np.random.default_rng(5)
    rows = [(f"{i:04d}", f"Person {i}", f"D{i % 3}", f"{random.normal(100, 30):.2f}") for i in range(431)]
    listed = "account,name,district,balance\n" + "\n".join(",".join(r) for r in rows) + "\n"
    road.ok("lock", "bills")
    road.ok("frame", "bills", road.file("list.csv", listed))
    road.ok("draw", "bills")
    kept = [r[0] for r in rows if random.random() < 0.9]
    paid = "account,paid\n" + "\n".join(f"{a},{int(random.random() < 0.4)}" for a in kept) + "\n"
    road.ok("outcomes", "bills", road.file("paid.csv", paid))
    results = road.ok("analyze", "bills")["results"]
    told = {r["arm"]: (r["estimate"], r["std_error"], r["p_adjusted"]) for r in results}
    again = outsider(road.folder, "bills")
    assert set(again) == set(told) == {"simple", "social"}
    for arm, numbers in again.items():
        assert told[arm] == pytest.approx(numbers, rel=1e-9)
