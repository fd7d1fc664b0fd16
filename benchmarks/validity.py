"""Do the estimators keep their promises? Type I error and coverage by simulation, with rct's own draw.

`make validity` writes docs/validity.md in about forty minutes on two cores. Every scenario has ten fixed, finite
sets of units with both potential outcomes; only the draw is random, by SHA-256 tickets of a fresh key each time.
Under the sharp null the treatment does nothing to anybody; under heterogeneous effects each unit has its own,
and the estimand is the average over these units. A short version runs in tests/estimate/test_validity.py.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rct.definition.listed import loaded_from
from rct.design.schemes import conduct, declare
from rct.design.strata import drawn_counts, sort_blocks
from rct.errors import Problem
from rct.estimate import Sample, estimate
from rct.estimate.randomization import randomization_test
from rct.power import PowerRequest, foreseen

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
SEED = "rct.validity.1"
ALPHA = 0.05
POPULATIONS = 10
REDRAWS = 1_000  # of the randomization test; a trial takes 10,000
MARGIN = 0.015  # an error that is larger by this must be told before the lock and beside the verdict


@dataclass(frozen=True)
class Population:
    """A finite set of units. zero (n,) outcome without treatment; effect (n, K) effect of each arm."""

    zero: Floats
    effect: Floats
    x: Floats
    block: Codes | None = None
    cluster: Codes | None = None


Build = Callable[[np.random.Generator, int], Population]  # a generator and the number of arms


@dataclass(frozen=True)
class Scenario:
    """One design on one population, and the estimators that may analyze it.

    kind: of the outcome. weak: there is an effect in each unit, which is 0 on average, where others have none at all.
    part: of the draws that are asked for, where one takes long.
    """

    name: str
    scheme: str
    shares: tuple[int, ...]
    build: Build
    note: str
    estimators: tuple[str, ...] = ("difference_in_means", "ols", "lin")
    kind: str = "continuous"
    weak: bool = False
    part: float = 1.0


@dataclass
class Tally:
    """What one estimator did over the draws of one population, all arms together."""

    lines: int = 0
    rejected: int = 0
    covered: int = 0
    no_test: int = 0
    fragile: int = 0  # the verdict says beside the result that the test may mislead
    decided: int = (
        0  # rejected, and where fragile by the randomization test too: what adopt and harmful ask for
    )
    untold: int = 0  # lines with no warning, neither before the lock nor beside the verdict
    untold_rejected: int = 0
    warned: int = 0  # lines of a design that is warned of before the lock
    gaps: list[float] = field(default_factory=list)  # estimate less estimand, first arm
    errors: list[float] = field(default_factory=list)  # standard errors, first arm


Results = dict[str, dict[tuple[str, str], list[Tally]]]  # scenario -> (estimator, world) -> by population


def outcomes(rng: np.random.Generator, n: int, arms: int, level: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Outcomes that covariates explain in part and not in a straight line, a little skewed; effects that vary
    with the covariates and between units, one column an arm (the control's is 0)."""
    zero = level + x[:, 0] + 0.4 * x[:, 0] ** 2 + 0.5 * x[:, 1] + rng.gamma(2.0, 0.7, n)
    effect = np.zeros((n, arms))
    for a in range(1, arms):
        effect[:, a] = 0.3 * a + 0.6 * x[:, 0] + rng.normal(0, 0.8, n)
    return zero, effect


def covariates(rng: np.random.Generator, n: int) -> Floats:
    return np.column_stack([rng.normal(size=n), (rng.random(n) < 0.3).astype(float)])


def plain(n: int) -> Build:
    def build(rng: np.random.Generator, arms: int) -> Population:
        x = covariates(rng, n)
        zero, effect = outcomes(rng, n, arms, np.zeros(n), x)
        return Population(zero, effect, x)

    return build


def rare(n: int, share: float) -> Build:
    """A yes/no outcome that few have."""

    def build(rng: np.random.Generator, arms: int) -> Population:
        x = covariates(rng, n)
        p = share * np.exp(0.4 * x[:, 0]) / np.exp(0.08)
        zero = (rng.random(n) < p).astype(float)
        effect = np.zeros((n, arms))
        effect[:, 1:] = np.maximum(zero[:, None], rng.random((n, 1)) < share / 2) - zero[:, None]
        return Population(zero, effect, x)

    return build


def in_blocks(sizes: list[int]) -> Build:
    def build(rng: np.random.Generator, arms: int) -> Population:
        block = np.repeat(np.arange(len(sizes)), sizes)
        shift = rng.normal(0, 1, len(sizes))
        x = covariates(rng, len(block)) + 0.3 * shift[block][:, None]
        zero, effect = outcomes(rng, len(block), arms, shift[block], x)
        effect[:, 1:] += 0.4 * shift[block][:, None]
        return Population(zero, effect, x, block)

    return build


def in_clusters(sizes: list[int], low: int, high: int, blocked: bool) -> Build:
    """sizes: clusters of each block; each cluster has low to high units."""

    def build(rng: np.random.Generator, arms: int) -> Population:
        home = np.repeat(np.arange(len(sizes)), sizes)
        members = rng.integers(low, high + 1, len(home))
        cluster = np.repeat(np.arange(len(home)), members)
        block = home[cluster]
        shift = rng.normal(0, 0.6, len(home)) + (0.5 * rng.normal(size=len(sizes))[home] if blocked else 0)
        x = covariates(rng, len(cluster))
        x[:, 0] += 0.5 * rng.normal(size=len(home))[cluster]
        zero, effect = outcomes(rng, len(cluster), arms, shift[cluster], x)
        effect[:, 1:] += 0.4 * rng.normal(size=len(home))[cluster][:, None]
        return Population(zero, effect, x, block if blocked else None, cluster)

    return build


def money(n: int) -> Build:
    """Amounts: 85 in 100 are zero, the others lognormal with a standard deviation of 1.5 on the log scale."""

    def build(rng: np.random.Generator, arms: int) -> Population:
        x = covariates(rng, n)
        zero = (rng.random(n) < 0.15) * np.exp(rng.normal(0, 1.5, n))
        effect = np.zeros((n, arms))
        effect[:, 1:] = zero[:, None] * rng.uniform(-0.1, 0.5, (n, 1))
        return Population(zero, effect, x)

    return build


def canceling(n: int) -> Build:
    """Effects that differ much between units and are 0 on average."""

    def build(rng: np.random.Generator, arms: int) -> Population:
        x = covariates(rng, n)
        zero, effect = outcomes(rng, n, arms, np.zeros(n), x)
        effect[:, 1:] = rng.normal(0, 4, (n, 1))
        return Population(zero, effect - effect.mean(axis=0), x)

    return build


Sizes = Callable[[np.random.Generator], Codes]  # units of each cluster


def lognormal(count: int, cv: float) -> Sizes:
    return lambda rng: np.maximum(
        1, np.round(np.exp(rng.normal(2.5, math.sqrt(math.log(1 + cv**2)), count)))
    ).astype(np.int64)


def one_large(rng: np.random.Generator) -> Codes:
    return np.append(rng.integers(5, 16, 9), 200)


def unlike(sizes: Sizes, blocks: int = 1) -> Build:
    """Clusters of unlike size, as many in each block, whose units are alike (intracluster correlation about .1)."""

    def build(rng: np.random.Generator, arms: int) -> Population:
        members = sizes(rng)
        home = np.arange(len(members)) % blocks
        home.sort()
        cluster = np.repeat(np.arange(len(members)), members)
        x = covariates(rng, len(cluster))[:, :1]
        shift = rng.normal(0, 0.5, len(members))
        zero, effect = outcomes(
            rng, len(cluster), arms, shift[cluster], np.column_stack([x, np.zeros(len(x))])
        )
        effect[:, 1:] += 0.4 * rng.normal(size=len(members))[cluster][:, None]
        return Population(zero, effect, x, home[cluster] if blocks > 1 else None, cluster)

    return build


def tied_to_size(blocks: int, homes: int) -> Build:
    """Homes of 1 to 6 in blocks; the larger a home, the likelier each of its people says yes."""

    def build(rng: np.random.Generator, arms: int) -> Population:
        members = rng.integers(1, 7, blocks * homes)
        cluster = np.repeat(np.arange(len(members)), members)
        x = covariates(rng, len(cluster))[:, :1]
        zero = (rng.random(len(cluster)) < 0.05 + 0.1 * members[cluster]).astype(float)
        effect = np.zeros((len(cluster), arms))
        effect[:, 1:] = np.maximum(zero, rng.random(len(cluster)) < 0.05)[:, None] - zero[:, None]
        return Population(zero, effect, x, np.repeat(np.arange(blocks), homes)[cluster], cluster)

    return build


def one_column(build: Build) -> Build:
    def narrow(rng: np.random.Generator, arms: int) -> Population:
        made = build(rng, arms)
        return replace(made, x=made.x[:, :1])

    return narrow


NO_LIN = ("difference_in_means", "ols")
SMALL = [1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 10, 14, 20, 30]
SCENARIOS = [
    Scenario("complete", "complete", (1, 1), plain(120), "120 units, 1:1"),
    Scenario("complete, small", "complete", (1, 1), plain(30), "30 units, 1:1"),
    Scenario("complete, unequal shares, 4 arms", "complete", (3, 1, 1, 1), plain(240), "240 units, 3:1:1:1"),
    Scenario("complete, rare yes/no", "complete", (1, 2), rare(900, 0.03), "900 units, 1:2, 3 % say yes", kind="binary"),
    Scenario("blocked", "blocked", (1, 1), in_blocks([12, 16, 24, 30, 38]), "5 blocks of 12 to 38, 1:1"),
    Scenario(
        "blocked, unequal shares, 3 arms", "blocked", (2, 1, 1), in_blocks([11, 14, 18, 21, 29, 34]),
        "6 blocks of 11 to 34, 2:1:1, counts uneven between blocks",
    ),
    Scenario("blocked, small blocks", "blocked", (1, 1), in_blocks(SMALL), "19 blocks of 1 to 30, 1:1: L, S and M"),
    Scenario(
        "blocked, small blocks, unequal, 3 arms", "blocked", (2, 1, 1), in_blocks(SMALL),
        "19 blocks of 1 to 30, 2:1:1: most small ones are merged",
    ),
    Scenario("blocked, triples", "blocked", (1, 2), in_blocks([3] * 40), "40 blocks of 3, 1:2: all small"),
    Scenario("pairs", "blocked", (1, 1), in_blocks([2] * 40), "40 pairs"),
    Scenario("pairs, few", "blocked", (1, 1), in_blocks([2] * 12), "12 pairs"),
    Scenario("clustered", "clustered", (1, 1), in_clusters([40], 2, 9, False), "40 clusters of 2 to 9, 1:1"),
    Scenario("clustered, few", "clustered", (1, 1), in_clusters([12], 3, 9, False), "12 clusters of 3 to 9, 1:1"),
    Scenario(
        "clustered, unequal shares, 3 arms", "clustered", (2, 1, 1), in_clusters([60], 1, 12, False),
        "60 clusters of 1 to 12, 2:1:1",
    ),
    Scenario(
        "blocked_clustered", "blocked_clustered", (1, 1), in_clusters([6, 8, 9, 11], 2, 8, True),
        "4 blocks of 6 to 11 clusters, 1:1",
    ),
    Scenario(
        "blocked_clustered, unequal shares, 3 arms", "blocked_clustered", (2, 1, 1),
        in_clusters([9, 10, 13, 17, 19], 2, 8, True), "5 blocks of 9 to 19 clusters, 2:1:1",
    ),
    Scenario(
        "blocked_clustered, small blocks", "blocked_clustered", (1, 1), in_clusters([2, 3, 3, 2, 4, 3, 6, 8, 9], 2, 6, True),
        "9 blocks of 2 to 9 clusters, 1:1: merged; lin is refused", NO_LIN,
    ),
    Scenario("money, 1:4", "complete", (1, 4), money(400), "400 units, 1:4, 85 % zero, else lognormal"),
    Scenario("money, 9:1", "complete", (9, 1), money(1000), "1,000 units, 9:1, 85 % zero, else lognormal"),
    Scenario("yes/no of 1 %, 9:1", "complete", (9, 1), rare(2000, 0.01), "2,000 units, 9:1, 1 % say yes", kind="binary"),
    Scenario(
        "yes/no of 0.5 %, 3:1", "complete", (3, 1), rare(4000, 0.005), "4,000 units, 3:1, 0.5 % say yes", kind="binary",
        part=0.5,
    ),
    Scenario("clustered, one large", "clustered", (1, 1), unlike(one_large), "10 clusters, one of 200, nine of 5 to 15"),
    Scenario(
        "clustered, unlike", "clustered", (1, 1), unlike(lognormal(20, 1.3)), "20 clusters, lognormal sizes, cv 1.3",
    ),
    Scenario("clustered, six", "clustered", (1, 1), one_column(in_clusters([6], 5, 15, False)), "6 clusters of 5 to 15",
        NO_LIN),
    Scenario(
        "blocked_clustered, ten fours", "blocked_clustered", (1, 1), unlike(lognormal(40, 1.3), 10),
        "10 blocks of 4 clusters, lognormal sizes, cv 1.3",
    ),
    Scenario(
        "blocked_clustered, three tens", "blocked_clustered", (1, 1), unlike(lognormal(30, 1.3), 3),
        "3 blocks of 10 clusters, lognormal sizes, cv 1.3",
    ),
    Scenario(
        "blocked_clustered, homes 8:2", "blocked_clustered", (4, 1), tied_to_size(200, 10),
        "200 blocks of 10 homes, 4:1, yes/no that hangs on the home's size", NO_LIN, kind="binary", part=0.1,
    ),
    Scenario("pairs, eight", "blocked", (1, 1), one_column(in_blocks([2] * 8)), "8 pairs, one covariate"),
    Scenario(
        "effects that cancel", "complete", (3, 1), canceling(200),
        "200 units, 3:1; the null is weak: effects differ, and are 0 on average", weak=True,
    ),
]  # fmt: skip


def population(scenario: Scenario, number: int) -> Population:
    """The scenario's units of that number: always the same."""
    seed = int.from_bytes(hashlib.sha256(f"{SEED}|{scenario.name}|{number}".encode()).digest()[:8], "big")
    return scenario.build(np.random.default_rng(seed), len(scenario.shares))


def replicate(name: str, number: int, draws: int, alpha: float = ALPHA) -> dict[tuple[str, str], Tally]:
    """Draw, reveal, estimate, as often as `draws`, for one population of a scenario.

    Keys: (estimator, 'null' or 'effects'). alpha is 0.05 but where a test shows that too short an interval is found.
    """
    scenario = next(s for s in SCENARIOS if s.name == name)
    pop = population(scenario, number)
    n, arms = pop.effect.shape
    names = ("control", *(f"arm{a}" for a in range(1, arms)))
    units = [f"u{i:04d}" for i in range(n)]
    labels = () if pop.block is None else tuple(f"B{b:03d}" for b in range(int(pop.block.max()) + 1))
    blocks = None if pop.block is None else [labels[b] for b in pop.block]
    clusters = None if pop.cluster is None else [f"c{c:04d}" for c in pop.cluster]
    design = declare(scenario.scheme, names, scenario.shares)
    se_type = "HC2" if pop.cluster is None else "CR2"
    truth = pop.effect.mean(axis=0)
    warned = {e: bool(foreseen_of(scenario, pop, e)) for e in scenario.estimators}
    x_names = tuple(f"x{i + 1}" for i in range(pop.x.shape[1]))
    tallies: dict[tuple[str, str], Tally] = {}
    for r in range(draws):
        key = hashlib.sha256(f"{SEED}|{scenario.name}|{number}|{r}".encode()).hexdigest()
        arm = conduct(design, key, units, blocks, clusters).arm
        counts = None if pop.block is None else drawn_counts(pop.block, arm, len(labels), arms, pop.cluster)
        chance: dict[tuple[str, int], float] = {}  # the randomization test's p, by world and arm
        for estimator in scenario.estimators:
            strata = None
            if counts is not None:
                strata = sort_blocks(
                    labels, counts, scenario.shares, estimator, clustered=clusters is not None
                ).of
            plain_mean = estimator == "difference_in_means"
            for world in ("null", "effects"):
                treated = world == "effects" or scenario.weak
                y = pop.zero + (pop.effect[np.arange(n), arm] if treated else 0.0)
                sample = Sample(
                    y, arm, names, scenario.shares, pop.block, labels, strata, pop.cluster,
                    np.empty((0, 0)) if plain_mean else pop.x, () if plain_mean else x_names,
                )  # fmt: skip
                fit = estimate(sample, estimator, se_type, alpha)
                tally = tallies.setdefault((estimator, world), Tally())
                for a, line in enumerate(fit.lines, start=1):
                    target = float(truth[a]) if world == "effects" else 0.0
                    tally.lines += 1
                    if line.p_value is None or line.conf_low is None or line.conf_high is None:
                        tally.no_test += 1
                        continue
                    rejected = line.p_value <= alpha
                    decided = rejected
                    if rejected and line.fragile:
                        if (world, a) not in chance:
                            chance[world, a] = _by_chance(sample, a, key)
                        decided = chance[world, a] <= alpha
                    told = warned[estimator] or bool(line.fragile)
                    tally.rejected += rejected
                    tally.decided += decided
                    tally.fragile += bool(line.fragile)
                    tally.warned += warned[estimator]
                    tally.untold += not told
                    tally.untold_rejected += rejected and not told
                    tally.covered += line.conf_low <= target <= line.conf_high
                    if a == 1 and line.estimate is not None and line.std_error is not None:
                        tally.gaps.append(line.estimate - target)
                        tally.errors.append(line.std_error)
    return tallies


def _by_chance(sample: Sample, arm: int, key: str) -> float:
    """The randomization test's p-value, which asks for no covariates; 1 where there is none."""
    bare = replace(sample, x=np.empty((0, 0)), x_names=())
    p = randomization_test(bare, arm, 0, draws=REDRAWS, seed=bytes.fromhex(key)).p_value
    return 1.0 if p is None else p


def foreseen_of(scenario: Scenario, pop: Population, estimator: str) -> list[Problem]:
    """What `check --frame` would warn of: the plan expects what is true of these units without treatment."""
    arms = ("control", *(f"arm{a}" for a in range(1, len(scenario.shares))))
    request = PowerRequest(
        scenario.kind, arms, scenario.shares, units=len(pop.zero), clustered=pop.cluster is not None,
        baseline=float(pop.zero.mean()) if scenario.kind == "binary" else None, cluster_size=1.0,
    )  # fmt: skip
    blocks = ["" for _ in pop.zero] if pop.block is None else [str(b) for b in pop.block]
    clusters = None if pop.cluster is None else [str(c) for c in pop.cluster]
    columns = 0 if estimator == "difference_in_means" else pop.x.shape[1]
    facts = loaded_from(blocks, clusters, columns, ())
    found = foreseen.of_outcome(request) + foreseen.of_clusters(request, estimator, facts.sizes)
    if pop.block is not None and clusters is None:
        found += foreseen.of_pairs(len(arms), estimator, [n for (n,) in facts.sizes.values()], columns)
    return found


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Wilson's 95 % interval for a share."""
    z, p = 1.959964, hits / trials
    middle = (p + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z * math.sqrt(p * (1 - p) / trials + z**2 / (4 * trials**2)) / (1 + z**2 / trials)
    return middle - half, middle + half


def run(replications: int, workers: int, only: str = "") -> Results:
    """All scenarios, a population at a time, shared out to the workers."""
    # Read when a worker loads numpy; matrices as small as these only lose by threads.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = [
            (scenario.name, pool.submit(replicate, scenario.name, number, draws_of(scenario, replications)))
            for scenario in SCENARIOS
            if only in scenario.name
            for number in range(POPULATIONS)
        ]
        out: Results = {}
        for name, job in jobs:
            for key, tally in job.result().items():
                out.setdefault(name, {}).setdefault(key, []).append(tally)
    return out


def draws_of(scenario: Scenario, replications: int) -> int:
    """Draws of each population."""
    return max(1, round(replications * scenario.part / POPULATIONS))


def _interval(share: float, replications: int) -> tuple[float, float]:
    """Wilson's interval by draws, since the arms of a trial share one."""
    return wilson(round(share * replications), replications)


def shown(share: float, replications: int) -> str:
    """A share in percent with its Monte Carlo interval."""
    low, high = _interval(share, replications)
    return f"{100 * share:.1f} ({100 * low:.1f}–{100 * high:.1f})"


INTRODUCTION = """# Do the estimators keep their promises?

Written by `make validity` (`benchmarks/validity.py`); do not edit by hand. Simulated, {replications} draws a row.

Each design below has ten fixed, finite sets of units with both potential outcomes, drawn equally often. Only the
draw is random: rct's own draw, by SHA-256 tickets of a new key each time, with strata sorted as in a real trial.
Outcomes are skewed, depend on two covariates and not in a straight line, and differ between blocks and clusters.

- **Type I error**: the share of draws in which p is at most .05 although the treatment does nothing to anybody
  (the sharp null; in one design it does something that is 0 on average). It should be 5 %.
- **Coverage**: the share of draws whose 95 % interval holds the average effect over these units, when every unit
  has its own effect. It should be 95 % or more: no method can know how two outcomes of one unit vary together,
  so the honest ones err on the wide side (Neyman 1923).
- In brackets a 95 % Monte Carlo interval (Wilson). With several arms a row is the average over arms, before any
  adjustment for their number.
- **Told**: the share of draws in which a city is warned: before the lock, by `check`, from the expectations of the plan
  and the list; and beside the verdict, from the data that came.
- **Error of the verdict**: the share of draws in which p is at most .05 and, where the verdict calls the comparison
  fragile, the p-value of the randomization test is too: what *adopt* and *did harm* ask for.
- **Mean SE / true SD**: 1.00 is exact, more is cautious. **Bias / true SD** is of the first arm.
- **Default**: `difference_in_means` for a plan without covariates, `lin` for one with covariates; `ols` is by choice,
  or where `lin` is refused.
"""

READING = """## How to read what departs

What errs by more than 1.5 points is told twice: before the lock, by `check`, from the plan's expectations and the list;
and beside the verdict, from the data. The columns **told** and **error of the verdict** show both; the list above
names what slips through.

- **Amounts in arms of unlike size**: the difference in means is as skewed as the smaller arm, and the test finds an
  effect where that arm happens to lack the few large amounts. No estimator helps: all three err alike. Equal shares do,
  even with the same amounts (then the test is rather too careful). With smoothly spread outcomes, as in the designs
  of 3:1:1:1 and 2:1:1, the error is small, and the warning before the lock is more careful than it need be: the list
  does not tell how an outcome will be spread.
- **Rare yes or no in a small arm**: with no event in the small arm its variance is 0, and the difference looks certain.
  The verdict then rests on the randomization test, which is exact.
- **Few clusters, or a few that hold most units**: Satterthwaite's degrees of freedom take up some of it, not all. What
  matters is not how many clusters there are, but among how many the units are spread.
- **Blocks of clusters under unequal shares**: `difference_in_means` weighs blocks by counts of clusters and not by who
  happened to be drawn, so a home's size that goes with the outcome does no harm (the homes 8:2).
- **Regressions on few pairs** estimate slopes from a handful of differences: HC2 takes most of that up, not all. From 20
  pairs a column on nothing is left of it.
- **Effects that differ and cancel** are no sharp null. The t-test of each arm's own variance is right about the average;
  the randomization test agrees because it is studentized.
- **A dozen clusters of like size**: the error is right, the power is not there.
- **Coverage well over 95 %** is the price of effects that vary between units: no variance estimate can see how
  the two outcomes of one unit go together. Pairs and triples show it most. Coverage under 95 % in designs that are told
  is that of the t interval; where a comparison is fragile the memo prints another.
- **Bias**: averages over units are slightly biased where clusters differ in size, since an arm's size is then
  random, and `lin` where outcomes curve. Both shrink with the number of units and clusters.
"""


def default_of(estimator: str) -> str:
    """When a plan that says nothing gets this estimator."""
    if estimator == "difference_in_means":
        return "without covariates"
    return "with covariates" if estimator == "lin" else ""


def table(results: Results, replications: int) -> list[str]:
    """The rows of results, as Markdown."""
    rows = [
        "| design | estimator | default | type I error, % | told: before the lock, beside the verdict, % of draws "
        "| error of the verdict, % | coverage, % | mean SE / true SD | bias / true SD |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for scenario, estimator, null, real in _lines(results):
        spread = [float(np.std(t.gaps)) for t in real]
        size = np.mean([np.mean(t.errors) / sd for t, sd in zip(real, spread, strict=True)])
        bias = np.mean([np.mean(t.gaps) / sd for t, sd in zip(real, spread, strict=True)])
        draws = draws_of(scenario, replications) * POPULATIONS
        rows.append(
            f"| {scenario.name} | `{estimator}` | {default_of(estimator)} "
            f"| {shown(_share(null, 'rejected'), draws)} "
            f"| {100 * _share(null, 'warned'):.0f}, {100 * _share(null, 'fragile'):.0f} "
            f"| {shown(_share(null, 'decided'), draws)} "
            f"| {shown(_share(real, 'covered'), draws)} | {size:.2f} | {bias:+.3f} |"
        )
    return rows


def _share(tallies: list[Tally], what: str) -> float:
    hits: int = sum(getattr(t, what) for t in tallies)
    return hits / sum(t.lines for t in tallies)


def departures(results: Results, replications: int) -> list[str]:
    """Rows whose Monte Carlo interval lies wholly on the bad side: type I over 5 %, or coverage under 95 %."""
    out = []
    for scenario, estimator, null, real in _lines(results):
        where, draws = f"- {scenario.name}, `{estimator}`", draws_of(scenario, replications) * POPULATIONS
        error, coverage = _share(null, "rejected"), _share(real, "covered")
        if _interval(error, draws)[0] > ALPHA:
            out.append(f"{where}: type I error {shown(error, draws)} %")
        if _interval(coverage, draws)[1] < 1 - ALPHA:
            out.append(f"{where}: coverage {shown(coverage, draws)} %")
    return out or ["None."]


def untold(results: Results, replications: int) -> list[str]:
    """Rows whose test errs by more than MARGIN, interval and all, in draws that nothing warned of; or whose verdict
    errs so."""
    out = []
    for scenario, estimator, null, _ in _lines(results):
        where, draws = f"- {scenario.name}, `{estimator}`", draws_of(scenario, replications) * POPULATIONS
        silent = sum(t.untold for t in null)
        if silent:
            share = sum(t.untold_rejected for t in null) / silent
            of = max(1, round(draws * silent / sum(t.lines for t in null)))
            if _interval(share, of)[0] > ALPHA + MARGIN:
                out.append(f"{where}: {shown(share, of)} % of the draws without a warning")
        verdict = _share(null, "decided")
        if _interval(verdict, draws)[0] > ALPHA + MARGIN:
            out.append(f"{where}: the verdict errs in {shown(verdict, draws)} %")
    return out or ["None."]


def _lines(
    results: Results,
) -> Iterator[tuple[Scenario, str, list[Tally], list[Tally]]]:
    for scenario in SCENARIOS:
        if scenario.name in results:
            for estimator in scenario.estimators:
                made = results[scenario.name]
                yield scenario, estimator, made[estimator, "null"], made[estimator, "effects"]


def document(results: Results, replications: int, agreed: str = "") -> str:
    """docs/validity.md. agreed: what two implementations found."""
    designs = ["| design | scheme | units |", "|---|---|---|"]
    designs += [f"| {s.name} | `{s.scheme}` | {s.note} |" for s in SCENARIOS]
    untested = sum(t.no_test for made in results.values() for tallies in made.values() for t in tallies)
    parts = [
        INTRODUCTION.format(replications=f"{replications:,}"),
        agreed,
        "## Designs\n",
        *designs,
        "\n## Results\n",
        *table(results, replications),
        f"\nLines without a test (no variance): {untested}.\n",
        "## What departs\n",
        "Rows whose whole Monte Carlo interval is on the bad side (of so many rows one or two would be by chance):\n",
        *departures(results, replications),
        "\n## What errs by more than 1.5 points and is not told\n",
        "Rows whose whole interval lies over 6.5 %: of the draws without a warning, or of what the verdict would say:\n",
        *untold(results, replications),
        "\n" + READING.rstrip(),
    ]
    return "\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Type I error and coverage by simulation.")
    parser.add_argument("--replications", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--only", default="", help="designs whose name holds this text: prints, writes nothing"
    )
    arguments = parser.parse_args()
    began = time.monotonic()
    from agreement import agreement_section  # beside this file, which is first on the path when it is run

    agreed = "" if arguments.only else agreement_section(arguments.workers)
    results = run(arguments.replications, arguments.workers, arguments.only)
    if arguments.only:
        print("\n".join(table(results, arguments.replications)))
    else:
        path = Path(__file__).parents[1] / "docs" / "validity.md"
        path.write_text(document(results, arguments.replications, agreed), encoding="utf-8")
        print(path)
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
