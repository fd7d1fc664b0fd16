"""Pooling against R's metafor: the stored answers, further random trials live, several arms by rma.mv, two checks."""

from __future__ import annotations

import csv
import json
import math
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from rct.estimate.pool import Pooled, leave_one_out, pool, within
from rct.estimate.publication import selection, small_studies

FOLDER = Path(__file__).parents[1] / "reference"
ANSWERS = json.loads((FOLDER / "reference.json").read_text(encoding="utf-8"))["pooling"]
with (FOLDER / "pooling.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))
Y = [float(row["y"]) for row in ROWS]
V = [float(row["se"]) ** 2 for row in ROWS]
MORE = json.loads((FOLDER / "methods.json").read_text(encoding="utf-8"))["pooling_more"]
METHODS = {
    "fixed": ("fixed", "normal"),
    "dl": ("DL", "normal"),
    "reml": ("REML", "normal"),
    "reml_hk": ("REML", "hartung_knapp"),
    "pm_hk": ("PM", "hartung_knapp"),
}
TOLERANCE = 1e-7


def in_rs_names(p: Pooled) -> dict[str, float | None]:
    i = p.interval
    return {
        "estimate": p.estimate,
        "std.error": i.std_error,
        "conf.low": i.conf_low,
        "conf.high": i.conf_high,
        "p.value": i.p_value,
        "tau2": p.tau2,
        "I2": p.i2,
        "Q": p.q,
        "Q.p": p.q_p,
        "pi.low": i.predict_low,
        "pi.high": i.predict_high,
    }


def meets(p: Pooled, theirs: dict[str, Any], rel: float = TOLERANCE) -> None:
    for key, found in in_rs_names(p).items():
        want = theirs[key]
        if want is None:
            assert found is None, key
        else:
            assert found == pytest.approx(want, rel=rel, abs=1e-13), key


@pytest.mark.parametrize("key", ANSWERS)
def test_the_stored_answers_of_metafor(key: str) -> None:
    method, test = METHODS[key]
    meets(pool(Y, V, method, test), ANSWERS[key])  # type: ignore[arg-type]


R_CODE = """
suppressMessages({library(metafor); library(jsonlite)})
set.seed(20261126)
tight <- function(m) if (m == "PM") list(tol = 1e-15, maxiter = 1e4) else
   list(threshold = 1e-13, maxiter = 1e5, stepadj = .5)
ms <- function(y, se, m, t) {
  r <- rma(y, sei = se, method = if (m == "fixed") "FE" else m, test = t, control = tight(m)); p <- predict(r)
  list(estimate = c(r$beta), std.error = r$se, conf.low = r$ci.lb, conf.high = r$ci.ub, p.value = r$pval,
       tau2 = r$tau2, I2 = r$I2, Q = r$QE, Q.p = r$QEp, pi.low = p$pi.lb, pi.high = p$pi.ub)
}
out <- list()
for (i in 1:10) {
  k <- c(2, 3, 5, 8, 12, 30)[1 + (i - 1) %% 6]; se <- exp(rnorm(k, log(.01), .7)); tau <- sample(c(0, .003, .02), 1)
  y <- rnorm(k, .01, sqrt(se^2 + tau^2))
  o <- list(y = y, se = se, fits = list())
  for (m in c("fixed", "DL", "REML", "PM")) for (t in c("z", "knha"))
    if (!(m == "fixed" && t == "knha")) o$fits[[paste(m, t)]] <- ms(y, se, m, t)
  if (k >= 3) o$leave <- sapply(1:k, function(j) {
    r <- rma(y[-j], sei = se[-j], method = "REML", test = "knha", control = tight("REML")); c(r$beta, r$se, r$tau2) })
  if (k >= 10) {
    e <- regtest(y, sei = se, model = "lm")
    o$egger <- list(slope = unname(coef(e$fit)[2]), t = e$zval, p = e$pval, limit = e$est)
    m <- rma(y, sei = se, method = "ML", control = list(threshold = 1e-14, maxiter = 10000))
    z <- qnorm(.975); if (min(sum(y >= z * se), sum(y < z * se)) >= 3) {
      s <- selmodel(m, type = "stepfun", steps = .025, alternative = "greater", skiphes = TRUE,
                    control = list(optimizer = "Nelder-Mead", maxit = 20000, reltol = 1e-15))
      o$selection <- list(estimate = c(s$beta), tau2 = s$tau2, chance = s$delta[2], lrt = s$LRT, p = s$LRTp) } }
  out[[i]] <- o
}
arms <- list()
for (i in 1:6) {  # trials of one to three arms that share a control
  trial <- rep(1:6, c(1, 2, 3, 1, 2, 3)); n <- length(trial); arm <- runif(n, .1, 4); control <- runif(6, .1, 4)
  V <- outer(trial, trial, "==") * control[trial] + diag(arm)
  y <- 1 + rnorm(6, 0, 1.5)[trial] + rnorm(6, 0, sqrt(control))[trial] + rnorm(n, 0, sqrt(arm))
  r <- tryCatch(rma.mv(y, V, random = ~ 1 | trial, method = "REML",
                       control = list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-13)), error = function(e) NULL)
  if (is.null(r)) next  # its optimizer gives up where tau2 is 0
  arms[[length(arms) + 1]] <- list(y = y, V = V, trial = trial, estimate = c(r$beta), std.error = r$se, tau2 = r$sigma2)
}
cat(toJSON(list(pools = out, arms = arms), digits = NA, auto_unbox = TRUE, null = "null"))
"""


@pytest.fixture(scope="module")
def r_answers() -> dict[str, Any]:
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", R_CODE], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


needs_r = pytest.mark.needs("Rscript", "R:metafor", "R:jsonlite")


@needs_r
def test_random_trials_as_metafor_pools_them(r_answers: dict[str, Any]) -> None:
    compared = 0
    for case in r_answers["pools"]:
        v = [se**2 for se in case["se"]]
        for key, theirs in case["fits"].items():
            method, test = key.split()
            ours = pool(case["y"], v, method, "hartung_knapp" if test == "knha" else "normal")
            # R stops where the likelihood is flat to its last digits: 1e-6 in tau2, 1e-7 in all that is reported
            assert ours.tau2 == pytest.approx(theirs["tau2"], rel=1e-5, abs=1e-12)
            meets(ours, theirs | {"tau2": ours.tau2, "I2": ours.i2}, rel=1e-6)
            compared += 1
    assert compared == 10 * 7


@needs_r
def test_leaving_one_out_as_metafor_does(r_answers: dict[str, Any]) -> None:
    cases = [case for case in r_answers["pools"] if "leave" in case]
    assert len(cases) > 3
    for case in cases:
        ours = leave_one_out(case["y"], [se**2 for se in case["se"]])
        found = [[p.estimate for p in ours], [p.interval.std_error for p in ours]]
        np.testing.assert_allclose(found, case["leave"][:2], rtol=1e-5)


@needs_r
def test_eggers_regression_as_metafor_does(r_answers: dict[str, Any]) -> None:
    cases = [case for case in r_answers["pools"] if "egger" in case]
    assert len(cases) > 1
    for case in cases:
        ours, theirs = small_studies(case["y"], [se**2 for se in case["se"]]), case["egger"]
        assert (ours.slope, ours.statistic, ours.p_value) == pytest.approx(
            (theirs["slope"], theirs["t"], theirs["p"]), rel=1e-8
        )
        assert ours.limit == pytest.approx(theirs["limit"], rel=1e-8, abs=1e-12)


@needs_r
def test_the_selection_model_as_metafor_does(r_answers: dict[str, Any]) -> None:
    cases = [case for case in r_answers["pools"] if "selection" in case]
    assert cases
    for case in cases:
        ours, theirs = selection(case["y"], [se**2 for se in case["se"]]), case["selection"]
        assert ours.statistic == pytest.approx(theirs["lrt"], abs=1e-6)
        assert ours.estimate == pytest.approx(theirs["estimate"], rel=1e-4, abs=1e-6)
        assert ours.relative_chance == pytest.approx(theirs["chance"], rel=1e-4)


@needs_r
def test_arms_that_share_a_control_as_rma_mv_does(r_answers: dict[str, Any]) -> None:
    assert len(r_answers["arms"]) >= 3
    for case in r_answers["arms"]:
        trial, y, V = np.array(case["trial"]), np.array(case["y"]), np.array(case["V"])
        joined = [within(y[trial == t], V[np.ix_(trial == t, trial == t)]) for t in range(1, 7)]
        ours = pool([c.estimate for c in joined], [c.variance for c in joined], "REML", "normal")
        assert ours.tau2 == pytest.approx(case["tau2"], rel=1e-4, abs=1e-6)
        assert ours.estimate == pytest.approx(case["estimate"], rel=1e-5, abs=1e-6)
        assert ours.interval.std_error == pytest.approx(case["std.error"], rel=1e-5)


def test_tau2_is_solved_to_ten_digits() -> None:
    """Paule and Mandel: Q(tau2) is its degrees of freedom. REML: the score is zero. Whatever the unit."""
    for unit in (1e-6, 1.0, 1e6):
        y, v = np.array(Y) * unit, np.array(V) * unit**2
        for step in (-1, 1):
            tau2 = pool(list(y), list(v), "PM").tau2 * (1 + step * 1e-10)
            w = 1 / (v + tau2)
            assert np.sign(w @ (y - w @ y / w.sum()) ** 2 - (len(y) - 1)) == -step
            tau2 = pool(list(y), list(v), "REML").tau2 * (1 + step * 1e-10)
            w = 1 / (v + tau2)
            assert np.sign(w**2 @ (y - w @ y / w.sum()) ** 2 - w.sum() + w @ w / w.sum()) == -step


def test_a_factor_under_one_shows_the_truncated_interval_beside() -> None:
    alike = pool([0.010, 0.011, 0.0105, 0.0102], [1e-4] * 4)
    assert alike.factor is not None
    assert alike.factor < 1
    assert alike.truncated is not None
    assert alike.truncated.std_error == pytest.approx(0.01 / 2)
    assert alike.interval.std_error == pytest.approx(0.005 * math.sqrt(alike.factor))
    assert alike.truncated.conf_low < alike.interval.conf_low
    assert pool(Y, V).truncated is None  # its factor is over 1


def test_the_prediction_interval_is_metafors() -> None:
    p = pool(Y, V, "REML", "hartung_knapp")
    half = stats.t.ppf(0.975, 7) * math.hypot(p.tau, p.interval.std_error)
    assert p.interval.predict_high == pytest.approx(p.estimate + half, rel=1e-12)


ALIKE = MORE["alike"]


def test_the_interval_that_leads_is_the_wider_of_two() -> None:
    """Four trials that agree by luck: metafor's normal interval leads, its Hartung and Knapp stands in the table."""
    p = pool(ALIKE["y"], [se**2 for se in ALIKE["se"]])
    assert p.leading_test == "normal"
    for found, key in ((p.leading, "wald"), (p.interval, "knha"), (p.truncated, "adhoc")):
        assert found is not None
        theirs = ALIKE[key]
        for name in ("std_error", "conf_low", "conf_high", "p_value"):
            # R stops REML at 1e-13 or so of the likelihood; tau2 is 0 here, so every digit is met
            assert getattr(found, name) == pytest.approx(theirs[name.replace("_", ".")], rel=1e-8), (
                key,
                name,
            )
    assert (p.interval.predict_low, p.leading.predict_low) == (pytest.approx(ALIKE["knha"]["pi.low"]), None)
    wide = pool(Y, V)
    assert wide.leading_test == "hartung_knapp"
    assert (wide.leading.conf_low, wide.leading.conf_high) == (
        wide.interval.conf_low,
        wide.interval.conf_high,
    )
    normal = pool(Y, V, "REML", "normal")
    assert (normal.leading_test, normal.leading.conf_low) == ("normal", normal.interval.conf_low)
    exact = pool([0.01, 0.01], [1e-4, 1e-4])  # q is 0: its own interval is a point
    assert exact.leading.conf_high == pytest.approx(0.01 + stats.norm.ppf(0.975) * 0.01 / math.sqrt(2))


@pytest.mark.parametrize(
    ("trials", "estimate", "low", "high", "p", "knha_low"),
    [  # (control, of, letter, of); in R: rma(y, v, method = "REML", test = "z"), and with "knha" beside it
        (
            [(60, 600, 66, 600), (90, 600, 99, 600), (45, 600, 51, 600)],
            *(0.0111863689589, -0.00890491661718, 0.031277654535, 0.275157092424, 0.00471493502532),
        ),
        (
            [(88, 200, 95, 200), (92, 210, 97, 205)],
            *(0.0350384532073, -0.0334861649169, 0.103563071331, 0.31625592856, 0.0345589185553),
        ),
    ],
)
def test_trials_that_agree_by_luck_are_not_sure(
    trials: list[tuple[int, int, int, int]],
    estimate: float,
    low: float,
    high: float,
    p: float,
    knha_low: float,
) -> None:
    y = [b / m - a / n for a, n, b, m in trials]
    v = [a / n * (1 - a / n) / (n - 1) + b / m * (1 - b / m) / (m - 1) for a, n, b, m in trials]
    found = pool(y, v)
    assert found.tau2 == 0
    assert found.estimate == pytest.approx(estimate, rel=1e-10)
    assert (found.leading.conf_low, found.leading.conf_high) == pytest.approx((low, high), rel=1e-10)
    assert found.leading.p_value == pytest.approx(p, rel=1e-8)
    assert found.interval.conf_low == pytest.approx(knha_low, rel=1e-8)  # leaves zero out, and leads no more


def test_the_leading_interval_covers_as_often_as_it_says() -> None:
    """Simulated: six trials of unequal size, true effects that vary. 95 percent within 2; its Monte Carlo error is 0.7."""
    rng = np.random.default_rng(7)
    covered = 0
    rounds = 1000
    v = np.array([0.5, 1.0, 1.0, 2.0, 4.0, 8.0]) * 1e-4
    for _ in range(rounds):
        truth = rng.normal(0.02, 0.015, 6)
        inside = pool(list(rng.normal(truth, np.sqrt(v))), list(v)).leading
        covered += inside.conf_low <= 0.02 <= inside.conf_high
    assert abs(covered / rounds - 0.95) < 0.02


def test_what_cannot_be_pooled_is_refused() -> None:
    for y, v in (
        ([0.1], [1.0]),
        ([0.1, 0.2], [1.0, 0.0]),
        ([0.1, math.nan], [1.0, 1.0]),
        ([0.1, 0.2], [1.0]),
    ):
        with pytest.raises(ValueError, match=r"two estimates|finite"):
            pool(y, v)
    with pytest.raises(ValueError, match="three trials"):
        leave_one_out([0.1, 0.2], [1.0, 1.0])
    with pytest.raises(ValueError, match="positive definite"):
        within([0.1, 0.2], [[1.0, 1.0], [1.0, 1.0]])
    with pytest.raises(ValueError, match="ten trials"):
        small_studies(Y, V)
    with pytest.raises(ValueError, match="ten trials"):
        selection(Y, V)
    with pytest.raises(ValueError, match="equal"):
        small_studies(list(range(12)), [1.0] * 12)
    with pytest.raises(ValueError, match="either side"):
        selection([0.0] * 12, [1.0] * 12)


def test_selection_finds_nulls_that_were_left_out() -> None:
    rng = np.random.default_rng(11)
    se = rng.uniform(0.002, 0.02, 400)
    y = rng.normal(0.01, np.hypot(se, 0.005))
    seen = (y >= 1.96 * se) | (rng.random(400) < 0.2)
    found = selection(list(y[seen]), list(se[seen] ** 2))
    assert found.p_value < 0.001
    assert 0.1 < found.relative_chance < 0.4
    assert abs(found.estimate - 0.01) < abs(pool(list(y[seen]), list(se[seen] ** 2)).estimate - 0.01)
    turned = selection([-v for v in y[seen]], list(se[seen] ** 2), sign=-1)
    assert (turned.estimate, turned.statistic) == pytest.approx((-found.estimate, found.statistic))


def test_reml_is_the_highest_point_of_its_likelihood() -> None:
    """Against a plain search over 4,000 values of tau2, on data made to have two peaks or none."""
    rng = np.random.default_rng(5)
    for _ in range(60):
        k = int(rng.integers(2, 9))
        v = np.exp(rng.normal(-8, 2, k))  # very unequal trials
        y = rng.normal(0, np.sqrt(v + rng.choice([0, 1e-4, 1e-2])))

        def log_likelihood(tau2: float, y: np.ndarray = y, v: np.ndarray = v) -> float:
            w = 1 / (v + tau2)
            rest = y - w @ y / w.sum()
            return float((np.log(w).sum() - np.log(w.sum()) - w @ rest**2) / 2)

        ours = log_likelihood(pool(list(y), list(v), "REML").tau2)
        grid = [0.0, *np.geomspace(v.min() * 1e-8, 100 * (np.var(y) + v.max()), 4000)]
        assert ours >= max(map(log_likelihood, grid)) - 1e-9
