"""Lin's adjustment with HC2, a million rows, ten covariates, two arms."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

from benchmarks.speed.measure import alternating, side
from benchmarks.speed.rows import Aim, Row

ROWS, COVARIATES = 1_000_000, 10
Prepared = tuple[Callable[[], object], float]


def data():  # type: ignore[no-untyped-def]
    import numpy as np

    random = np.random.default_rng(2)
    x = np.empty((ROWS, COVARIATES))
    for low in range(0, ROWS, 50_000):  # by parts, so that making the data is not the peak
        x[low : low + 50_000] = random.normal(size=(50_000, COVARIATES))
    arm = random.integers(0, 2, ROWS)
    y = random.normal(size=ROWS)
    y += 0.2 * arm
    y += x @ np.linspace(-0.3, 0.3, COVARIATES)
    return y, arm, x, (y.nbytes + arm.nbytes + x.nbytes) / 2**20


def of_rct() -> Prepared:
    from rct.estimate import estimate
    from rct.estimate.records import Sample

    y, arm, x, size = data()
    names = tuple(f"x{j}" for j in range(COVARIATES))

    def work() -> object:
        line = estimate(
            Sample(y, arm, ("control", "letter"), (1, 1), x=x, x_names=names), "lin", "HC2"
        ).lines[0]
        return [line.estimate, line.std_error]

    return work, size


def of_statsmodels() -> Prepared:
    import numpy as np
    import statsmodels.api as sm

    y, arm, x, size = data()

    def work() -> object:
        centered = x - x.mean(axis=0)
        design = np.column_stack([np.ones(ROWS), arm, centered, arm[:, None] * centered])
        fit = sm.OLS(y, design).fit(cov_type="HC2")
        return [float(fit.params[1]), float(fit.bse[1])]

    return work, size


def of_statsmodels_one_thread() -> Prepared:
    import os

    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    return of_statsmodels()


SIDES = {"rct": of_rct, "statsmodels": of_statsmodels, "statsmodels-1": of_statsmodels_one_thread}


def measured() -> Row:
    name = f"statsmodels {version('statsmodels')}"
    spent = alternating(
        {
            "rct": lambda: side("lin", "rct", 3),
            name: lambda: side("lin", "statsmodels", 2),
            f"{name}, one thread": lambda: side("lin", "statsmodels-1", 2),
        },
        3,
    )
    ours = spent["rct"]
    peer = min((s for n, s in spent.items() if n != "rct"), key=lambda s: s.wall)
    same = max(abs(a / b - 1) for a, b in zip(ours.answer, peer.answer, strict=True))  # type: ignore[call-overload]
    return Row(
        "lin",
        [
            Aim("times faster than statsmodels", peer.wall / ours.wall, 8, "times", at_least=True),
            Aim(
                "data and what the fit adds, over the data",
                (ours.peak - ours.data + ours.size) / ours.size,
                1.3,
                "times",
            ),
        ],
        list(spent.items()),
        [
            f"Estimate and standard error of the two agree to {same:.0e}. The ratio is to the faster of statsmodels with "
            "all threads and with one.",
            f"The data are {ours.size:.0f} MiB; the fit adds {ours.peak - ours.data:.0f} MiB, statsmodels' "
            f"{peer.peak - peer.data:.0f} MiB.",
        ],
        "whole columns at a time (four times slower), chunks of 1,024 to 4,096 rows, running minima and sums in place of "
        "numpy's reductions along the short axis, one product a chunk in place of three.",
    )
