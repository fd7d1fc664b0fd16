"""Draw, reveal, estimate: what each estimator did over many draws of one scenario."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

import numpy as np

from benchmarks.validity.populations import Population
from benchmarks.validity.scenarios import POPULATIONS, SCENARIOS, SEED, Scenario, draws_of, population
from rct.analysis.compute import DRAWS, less_error
from rct.definition.listed import loaded_from
from rct.design.schemes import SCHEMES, conduct, declare
from rct.design.strata import drawn_counts, sort_blocks
from rct.errors import Problem
from rct.estimate import Sample, estimate
from rct.estimate.estimators import ESTIMATORS
from rct.estimate.randomization import RandomizationTest, randomization_test
from rct.power import PowerRequest, foreseen

ALPHA = 0.05
REDRAWS = 1_000  # of the randomization test; a trial takes 10,000


@dataclass
class Tally:
    """What one estimator did over the draws of one population, all arms together."""

    lines: int = 0
    rejected: int = 0
    covered: int = 0
    no_test: int = 0
    fragile: int = 0  # the verdict says beside the result that the test may mislead
    decided: int = 0  # rejected by the randomization test too: what adopt and harmful ask for
    too_low: int = (
        0  # an interval that lies under the effect, and that effect redrawn is rejected: dropped as too small
    )
    too_high: int = 0  # the same where a decrease is good
    untold: int = 0  # lines with no warning, neither before the lock nor beside the verdict
    untold_rejected: int = 0
    warned: int = 0  # lines of a design that is warned of before the lock
    gaps: list[float] = field(default_factory=list)  # estimate less estimand, first arm
    errors: list[float] = field(default_factory=list)  # standard errors, first arm


Results = dict[str, dict[tuple[str, str], list[Tally]]]  # scenario -> (estimator, world) -> by population


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
        redrawn: dict[tuple[str, int, bool], RandomizationTest] = {}  # by world, arm and whether adjusted
        for estimator in scenario.estimators:
            strata = None
            if counts is not None:
                strata = sort_blocks(
                    labels, counts, scenario.shares, ESTIMATORS[estimator], clustered=clusters is not None
                ).of
            plain_mean = not ESTIMATORS[estimator].adjusts
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
                    fragile, decided = bool(line.fragile), rejected
                    if rejected and (fragile or world == "null"):
                        which = world, a, not plain_mean
                        if which not in redrawn:
                            redrawn[which] = _redrawn(sample, a, key, adjusted=not plain_mean)
                        test = redrawn[which]
                        decided = (
                            _less_error(test.p_value, test) <= alpha
                        )  # as `disagreeing` in rct.analysis.compute
                        fragile = fragile or not decided
                        if (
                            world == "null"
                            and not scenario.weak
                            and _less_error(test.p_tail, test) <= alpha / 2
                        ):
                            tally.too_low += line.conf_high < 0
                            tally.too_high += line.conf_low > 0
                    told = warned[estimator] or fragile
                    tally.rejected += rejected
                    tally.decided += decided
                    tally.fragile += fragile
                    tally.warned += warned[estimator]
                    tally.untold += not told
                    tally.untold_rejected += rejected and not told
                    tally.covered += line.conf_low <= target <= line.conf_high
                    if a == 1 and line.estimate is not None and line.std_error is not None:
                        tally.gaps.append(line.estimate - target)
                        tally.errors.append(line.std_error)
    return tallies


def _redrawn(sample: Sample, arm: int, key: str, *, adjusted: bool) -> RandomizationTest:
    return randomization_test(sample, arm, 0, draws=REDRAWS, seed=bytes.fromhex(key), adjusted=adjusted)


def _less_error(p: float | None, test: RandomizationTest) -> float:
    """As the rule has it, with the simulation error of a trial's draws; 1 where there is no p."""
    least = less_error(p, test.draws if test.exact else DRAWS)
    return 1.0 if least is None else least


def foreseen_of(scenario: Scenario, pop: Population, estimator: str) -> list[Problem]:
    """What `check --frame` would warn of: the plan expects what is true of these units without treatment."""
    arms = ("control", *(f"arm{a}" for a in range(1, len(scenario.shares))))
    request = PowerRequest(
        scenario.kind, arms, scenario.shares, units=len(pop.zero), clustered=pop.cluster is not None,
        baseline=float(pop.zero.mean()) if scenario.kind == "binary" else None, cluster_size=1.0,
    )  # fmt: skip
    blocks = ["" for _ in pop.zero] if pop.block is None else [str(b) for b in pop.block]
    clusters = None if pop.cluster is None else [str(c) for c in pop.cluster]
    chosen = ESTIMATORS[estimator]
    columns = pop.x.shape[1] if chosen.adjusts else 0
    facts = loaded_from(blocks, clusters, columns, ())
    found = foreseen.of_outcome(request) + foreseen.of_clusters(
        request, SCHEMES[scenario.scheme], chosen, facts.sizes
    )
    if pop.block is not None and clusters is None:
        found += foreseen.of_pairs(len(arms), chosen, [n for (n,) in facts.sizes.values()], columns)
    return found


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
