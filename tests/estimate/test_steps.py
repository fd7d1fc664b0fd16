"""The last step, done again from what is handed on, gives the line that was reported."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import blocked, clusters, units, with_strata

from rct.disclosure.moments import sums_may_leave
from rct.estimate import estimate
from rct.estimate.registry import fit
from rct.estimate.steps import Redone, Stepping, redo
from rct.estimate.subgroups import by_level, subgroup

SAMPLES = {
    "complete": replace(units(1), block=None, block_labels=()),
    "blocked": units(2),
    "clustered": clusters(3, blocks=False),
    "blocked_clustered": clusters(4, sizes=(12, 14, 16)),
    "pairs": blocked([2] * 14, [(1, 1)] * 14, p=1),
    "small": blocked([3] * 14 + [8, 9, 12], [(1, 2)] * 14 + [(4, 4), (4, 5), (6, 6)], p=1),
    "few_small": blocked([3] * 4 + [20], [(1, 2)] * 4 + [(10, 10)], p=1),
}
ESTIMATORS = ("difference_in_means", "ols", "lin")


def se_type(s):
    return "HC2" if s.cluster is None else "CR2"


def meets(redone: Redone, line):
    for name in ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high"):
        got, want = getattr(redone, name), getattr(line, name)
        assert got == (None if want is None else pytest.approx(want, rel=1e-9, abs=1e-12)), name


@pytest.mark.parametrize("full", [True, False], ids=["full", "arms alone"])
@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("scheme", SAMPLES)
def test_the_step_gives_the_line(scheme, estimator, full):
    s = SAMPLES[scheme]
    s = with_strata(s, estimator) if s.block is not None else s
    made = Stepping(se_type(s), 10)
    fitted = fit(s, estimator, se_type(s))
    line = estimate(s, estimator, se_type(s)).lines
    for arm in fitted.effects:
        step = made.step(fitted, arm, full=full)
        meets(redo(made.sums, step, 0.95), line[arm - 1])
    covariates = {c for sums in made.sums for c in sums.columns} & set(s.x_names)
    shown = estimator == "ols" or (estimator == "lin" and scheme != "pairs")
    assert bool(covariates) == (full and shown)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("scheme", ["complete", "blocked", "clustered", "blocked_clustered"])
def test_the_step_of_an_interaction(scheme, estimator):
    s = replace(SAMPLES[scheme], x=SAMPLES[scheme].x[:, :1], x_names=("x0",))
    if scheme == "blocked_clustered":
        s = clusters(4, sizes=(30, 34, 36), p=1)
    values = np.where(np.random.default_rng(5).random(len(s.y)) < 0.5, "de", "en")
    found = subgroup(s, values, estimator, se_type(s))
    made = Stepping(se_type(s), 10)
    fits = {level: fit(inside, estimator, se_type(s)) for level, inside in by_level(s, values)[1]}
    for arm in (1, 2):
        step = made.interaction(list(fits.values()), fits["en"], fits["de"], arm, full=(True, True))
        meets(redo(made.sums, step, 0.95), found.interactions[0][1].lines[arm - 1])
        if s.cluster is not None:
            assert step.cross


def test_arms_of_one_control_share_its_sums():
    made = Stepping("HC2", 10)
    fitted = fit(SAMPLES["complete"], "difference_in_means", "HC2")
    for arm in (1, 2):
        made.step(fitted, arm, full=True)
    assert [s.columns for s in made.sums] == [("arm1",), ("arm0",), ("arm2",)]


def test_a_block_alone_is_never_told_of():
    """One large block beside small ones: its part would be its own statistic, so both are one number."""
    s = with_strata(blocked([3] * 14 + [40], [(1, 2)] * 14 + [(20, 20)]), "difference_in_means")
    made = Stepping("HC2", 10)
    step = made.step(fit(s, "difference_in_means", "HC2"), 1, full=True)
    assert (step.freedom.kind, len(made.sums)) == ("given", 1)


def test_nearly_dependent_columns_leave_with_the_arms_alone():
    s = SAMPLES["complete"]
    x = np.column_stack([s.x[:, 0], s.x[:, 0] + 1e-5 * s.x[:, 1]])
    s = replace(s, x=x, x_names=("x0", "x1"))
    made = Stepping("HC2", 10)
    fitted = fit(s, "ols", "HC2")
    meets(redo(made.sums, made.step(fitted, 1, full=True), 0.95), estimate(s, "ols", "HC2").lines[0])
    assert made.sums[0].columns == ("arm1", "arm2")


def test_no_variance_has_no_test():
    s = replace(SAMPLES["complete"], y=np.ones(len(SAMPLES["complete"].y)))
    made = Stepping("HC2", 10)
    redone = redo(made.sums, made.step(fit(s, "difference_in_means", "HC2"), 1, full=True), 0.95)
    assert (redone.std_error, redone.df, redone.p_value) == (0.0, None, None)


@pytest.mark.parametrize(
    ("change", "may"),
    [
        (lambda x, y: None, True),
        (lambda x, y: x.__setitem__((slice(0, 3), 0), 1.0), False),  # three with it in the first arm
        (lambda x, y: x.__setitem__((5, 1), 1e6), False),  # one unit is nearly all of the spread
        (lambda x, y: y.__setitem__(slice(100, 400), 0.0), False),  # few events among those with it
    ],
)
def test_sums_that_count_few_people_stay(change, may):
    rng = np.random.default_rng(2)
    cell = np.repeat([0, 1], 200)
    x = np.column_stack([np.repeat([0.0, 0.0, 0.0, 1.0], 100), rng.normal(size=400)])
    y = (rng.random(400) < 0.4).astype(float)
    change(x, y)
    assert sums_may_leave(x, y, cell, 10) is may
