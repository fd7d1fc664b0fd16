"""Where the next city's effect would lie: the stored answers of the formula, the law of Q, and its limits."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from rct.estimate import prediction
from rct.estimate.prediction import new_city

FOLDER = Path(__file__).parents[1] / "reference"
ANSWERS = json.loads((FOLDER / "methods.json").read_text(encoding="utf-8"))["pooling_more"]
with (FOLDER / "pooling.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))
Y = [float(row["y"]) for row in ROWS]
V = [float(row["se"]) ** 2 for row in ROWS]


@pytest.mark.parametrize(("key", "k"), [("prediction_nnf", 8), ("prediction_nnf_six", 6)])
def test_the_stored_answers_of_the_formula(key: str, k: int) -> None:
    theirs = ANSWERS[key]
    found = new_city(Y[:k], V[:k])
    assert found.interval() == pytest.approx((theirs["low"], theirs["high"]), rel=theirs["tolerance"])
    assert found.p_same == pytest.approx(theirs["p_tau2_zero"], rel=theirs["tolerance"])


def test_the_grids_are_fine_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every grid four times as fine the ends move by less than a five-hundredth of the interval's width."""
    low, high = new_city(Y[:6], V[:6]).interval()
    for grid in ("POINTS", "QUANTILES", "NODES"):
        monkeypatch.setattr(prediction, grid, 4 * getattr(prediction, grid))
    finer = new_city(Y[:6], V[:6]).interval()
    assert (low, high) == pytest.approx(finer, abs=2e-3 * (high - low))


@pytest.mark.parametrize("q", [1e-6, 0.3, 6.0, 40.0])
def test_the_law_of_q_is_chi_squared_where_it_must_be(q: float) -> None:
    """Without variance between cities, and with any where all trials are of one size (then it is scaled)."""
    weights = 1 / np.array(V)
    at_zero = prediction._law_of_q(weights, q)(np.zeros(1))[0]
    assert at_zero == pytest.approx(stats.chi2.sf(q, 7), rel=1e-9, abs=1e-12)
    between = np.array([0.0, 1e-6, 1e-3, 0.1, 10.0])
    alike = prediction._law_of_q(np.full(5, 1e4), q)(between)
    np.testing.assert_allclose(alike, stats.chi2.sf(q / (1 + 1e4 * between), 4), rtol=1e-9, atol=1e-12)


def test_the_law_of_q_is_met_by_lots() -> None:
    """200,000 draws of eight trials of unlike size: the share of Q beyond q, within four of its standard errors."""
    rng = np.random.default_rng(3)
    v, q = np.array(V), 12.0
    for between in (2e-5, 2e-4):
        drawn = rng.normal(0, np.sqrt(v + between), (200_000, 8))
        mean = drawn @ (1 / v) / (1 / v).sum()
        share = float(((drawn - mean[:, None]) ** 2 @ (1 / v) >= q).mean())
        found = float(prediction._law_of_q(1 / v, q)(np.array([between]))[0])
        assert found == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / 200_000))


def test_chance_and_interval_are_of_one_distribution() -> None:
    found = new_city(Y, V)
    low, high = found.interval()
    assert found.chance(low) == pytest.approx(0.975, abs=1e-6)
    assert found.chance(high) == pytest.approx(0.025, abs=1e-6)
    ninety = found.interval(0.9)
    assert low < ninety[0] < ninety[1] < high
    chances = [found.chance(x) for x in np.linspace(-0.1, 0.1, 41)]
    assert chances == sorted(chances, reverse=True)


def test_direction_and_unit_change_nothing_else() -> None:
    one = new_city(Y, V)
    turned = new_city([-y for y in Y], V)
    assert turned.chance(0.01, -1) == pytest.approx(one.chance(0.01), rel=1e-9)
    low, high = one.interval()
    assert turned.interval() == pytest.approx((-high, -low), rel=1e-7)
    for unit in (1e-6, 1e6):
        scaled = new_city([y * unit for y in Y], [v * unit**2 for v in V]).interval()
        assert scaled == pytest.approx((low * unit, high * unit), rel=1e-7)


def test_trials_of_one_size_without_spread_between_them() -> None:
    """Q is 0: no variance between cities, and the distribution shrinks to a point. Who tells it must look at that."""
    found = new_city([0.01] * 6, [1e-4] * 6)
    assert found.p_same == 1
    assert found.interval() == pytest.approx((0.01, 0.01), abs=1e-9)


def test_what_cannot_be_pooled_is_refused() -> None:
    for y, v in (([0.1], [1.0]), ([0.1, 0.2], [1.0, 0.0]), ([0.1, math.nan], [1.0, 1.0])):
        with pytest.raises(ValueError, match=r"two estimates|finite"):
            new_city(y, v)


def test_it_covers_as_often_as_it_says() -> None:
    """Simulated: six trials of like size, I2 about 50 percent. 95 percent within 4; the Monte Carlo error is 1.3."""
    rng = np.random.default_rng(9)
    rounds, held = 300, 0
    for _ in range(rounds):
        truth = rng.normal(0.02, 0.01, 7)
        found = new_city(list(rng.normal(truth[:6], 0.01)), [1e-4] * 6)
        held += 0.025 <= found.below(float(truth[6])) <= 0.975
    assert abs(held / rounds - 0.95) < 0.04
