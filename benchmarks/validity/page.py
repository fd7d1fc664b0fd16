"""docs/validity.md: the rows of the simulations, what departs, and how to read it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from benchmarks.validity.scenarios import POPULATIONS, SCENARIOS, Scenario, draws_of
from benchmarks.validity.simulate import ALPHA, Results, Tally

MARGIN = 0.015  # an error that is larger by this must be told before the lock and beside the verdict

INTRODUCTION = """# Do the estimators keep their promises?

Written by `make validity` (`benchmarks/validity`); do not edit by hand. Simulated, {replications} draws a row.

Each design below has ten fixed, finite sets of units with both potential outcomes, drawn equally often. Only the
draw is random: rct's own draw, by SHA-256 tickets of a new key each time, with strata sorted as in a real trial.
Outcomes are skewed, depend on two covariates and not in a straight line, and differ between blocks and clusters.

- **Type I error**: the share of draws in which p is at most .05 although the treatment does nothing to anybody
  (the sharp null; in three designs it does something that is 0 on average). It should be 5 %.
- **Coverage**: the share of draws whose 95 % interval holds the average effect over these units, when every unit
  has its own effect. It should be 95 % or more: no method can know how two outcomes of one unit vary together,
  so the honest ones err on the wide side (Neyman 1923).
- In brackets a 95 % Monte Carlo interval (Wilson). With several arms a row is the average over arms, before any
  adjustment for their number.
- **Told**: the share of draws in which a city is warned: before the lock, by `check`, from the expectations of the plan
  and the list; and beside the verdict, from the data that came.
- **Error of the verdict**: the share of draws in which p is at most .05 and the p-value of the randomization test is too:
  what *adopt* and *did harm* ask for.
- **Dropped**: the share of draws in which an effect as large as the least worthwhile one is dropped as too small: the
  interval lies under it and the randomization test of just that effect rejects it, on that side. It should be 2.5 %; the
  worse of both directions is shown.
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
- **A few people who are moved far** skew the arm they are in, and t finds harm where they are few in it. The data show it
  (`unlike_skew`) but where hardly one of them was drawn to the version: nothing can, then.
- **Few clusters of unlike size in each block**: block effects give people of large homes less weight, so that an effect that
  goes with the size of the home is not averaged over people. More blocks don't help, larger ones do. The list shows it
  before the lock (`large_clusters_count_less`), no outcome does.
- **A dozen clusters of like size**: the error is right, the power is not there.
- **Coverage well over 95 %** is the price of effects that vary between units: no variance estimate can see how
  the two outcomes of one unit go together. Pairs and triples show it most. Coverage under 95 % in designs that are told
  is that of the t interval; where a comparison is fragile the memo prints another.
- **Bias**: averages over units are slightly biased where clusters differ in size, since an arm's size is then
  random, and `lin` where outcomes curve. Both shrink with the number of units and clusters.
"""


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Wilson's 95 % interval for a share."""
    z, p = 1.959964, hits / trials
    middle = (p + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z * math.sqrt(p * (1 - p) / trials + z**2 / (4 * trials**2)) / (1 + z**2 / trials)
    return middle - half, middle + half


def _interval(share: float, replications: int) -> tuple[float, float]:
    """Wilson's interval by draws, since the arms of a trial share one."""
    return wilson(round(share * replications), replications)


def shown(share: float, replications: int) -> str:
    """A share in percent with its Monte Carlo interval."""
    low, high = _interval(share, replications)
    return f"{100 * share:.1f} ({100 * low:.1f}–{100 * high:.1f})"


def default_of(estimator: str) -> str:
    """When a plan that says nothing gets this estimator."""
    if estimator == "difference_in_means":
        return "without covariates"
    return "with covariates" if estimator == "lin" else ""


def table(results: Results, replications: int) -> list[str]:
    """The rows of results, as Markdown."""
    rows = [
        "| design | estimator | default | type I error, % | told: before the lock, beside the verdict, % of draws "
        "| error of the verdict, % | dropped, % | coverage, % | mean SE / true SD | bias / true SD |",
        "|---|---|---|---|---|---|---|---|---|---|",
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
            f"| {'' if scenario.weak else shown(_dropped(null), draws)} "
            f"| {shown(_share(real, 'covered'), draws)} | {size:.2f} | {bias:+.3f} |"
        )
    return rows


def _share(tallies: list[Tally], what: str) -> float:
    hits: int = sum(getattr(t, what) for t in tallies)
    return hits / sum(t.lines for t in tallies)


def _dropped(tallies: list[Tally]) -> float:
    return max(_share(tallies, "too_low"), _share(tallies, "too_high"))


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
        dropped = _dropped(null)
        if _interval(dropped, draws)[0] > ALPHA / 2 + MARGIN:
            out.append(f"{where}: a worthwhile effect is dropped in {shown(dropped, draws)} %")
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
        "Rows whose whole interval lies over 6.5 % (dropped: 4 %): of the draws without a warning, or of what the verdict "
        "would say:\n",
        *untold(results, replications),
        "\n" + READING.rstrip(),
    ]
    return "\n".join(parts) + "\n"
