"""Random trials of every kind that the estimators meet, and the check that two implementations agree on them.

Two to eight arms, unequal shares, blocks of unlike sizes down to one unit, pairs, clusters of 1 to 40, pairs of
clusters. Covariates that are constant, collinear, rare, of the block or of the cluster, a million away from 0, or
whose slope one unit or cluster all but decides. Outcomes that are skewed, yes or no, constant, a thousand million
away from 0, or missing, here and there or in a whole cell. Lots and strata are rct's own, but for some replays whose
counts the shares could not have given. One in ten weighs its blocks by precision. A trial hangs on its seed alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import combinations, product

import numpy as np
from estimate.dense import Line, RefusedError, dense

from rct.design.schemes import conduct, declare
from rct.design.strata import drawn_counts, sort_blocks
from rct.errors import RctError
from rct.estimate import Estimate, Sample, estimate
from rct.estimate.estimators import ESTIMATORS as BY_NAME

ESTIMATORS = ("difference_in_means", "ols", "lin")
TOLERANCE = 1e-8
COUNTS = ("n", "n_arm", "n_control", "n_clusters", "n_drawn", "n_missing", "n_without_comparison")
KINDS = (
    "complete",
    "blocked",
    "small blocks",
    "pairs",
    "clustered",
    "blocked_clustered",
    "pairs of clusters",
)


@dataclass
class Agreement:
    """What a run found. refused: fits that both implementations refused."""

    trials: int = 0
    lines: int = 0
    refused: int = 0
    differences: list[str] = field(default_factory=list)

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(
            self.trials + other.trials,
            self.lines + other.lines,
            self.refused + other.refused,
            self.differences + other.differences,
        )


def agreement(seeds: Iterable[int]) -> Agreement:
    """Every number of every estimator on the trials of these seeds, held against the dense implementation."""
    found = Agreement()
    for seed in seeds:
        kind, s = trial(seed)
        found.trials += 1
        for estimator in ESTIMATORS:
            try:
                mine = sorted_for(s, estimator)
            except RctError:
                continue  # the draw itself is refused: there is nothing to estimate
            compare(mine, estimator, f"seed {seed} ({kind}, {estimator})", found)
    return found


def compare(s: Sample, estimator: str, where: str, found: Agreement) -> None:
    """Both implementations on one sample; what differs is added to `found`."""
    try:
        fit = estimate(s, estimator, "HC2" if s.cluster is None else "CR2")
    except RctError as error:
        fit, why = None, error.problems[0].code
    try:
        answer = dense(s, estimator)
    except RefusedError as refused:
        if fit is None:
            found.refused += 1
        else:
            found.differences.append(f"{where}: should be refused, {refused}")
        return
    if fit is None:
        found.differences.append(f"{where}: refused, {why}")
        return
    dropped = sorted(name for name, _ in fit.dropped)
    if dropped != sorted(answer.dropped):
        found.differences.append(f"{where}: dropped {dropped}, should be {sorted(answer.dropped)}")
    for line, want in zip(fit.lines, answer.lines, strict=True):
        found.lines += 1
        wrong = [f"{name} {got!r}, should be {should!r}" for name, got, should in unlike(line, want, s)]
        if wrong:
            found.differences.append(f"{where}, {line.arm}: {'; '.join(wrong)}")


def unlike(line: Estimate, want: Line, s: Sample):
    """(name, got, should be) of every number that differs.

    Estimates are held to 1e-8 of themselves or their error, whichever is larger; all that hangs on the error to
    1e-8 relative. Beside both, rounding: 1e-13 of what the whole spread of y would do to the estimate.
    """
    for name in COUNTS:
        got, should = getattr(line, name), getattr(want, name)
        if got != should:
            yield name, got, should
    size = float(np.nanmax(np.abs(s.y)))
    dust = 1e-13 * want.scale + 1e-30 if want.scale else 1e-14 * size
    for name, room in (
        ("estimate", TOLERANCE * max(abs(want.estimate), want.std_error) + dust),
        ("std_error", TOLERANCE * want.std_error + dust),
        ("mean_control", TOLERANCE * max(want.std_error, dust) + 1e-15 * size + 10 * dust),
    ):
        got, should = getattr(line, name), getattr(want, name)
        if got is None or not abs(got - should) <= room:
            yield name, got, should
    lost = TOLERANCE + (dust / want.std_error if want.std_error else 0)  # relative, of the error
    t = abs(want.statistic or 0)
    for name, room in (
        ("df", 4 * lost * (want.df or 0)),
        ("statistic", 2 * lost * (1 + t)),
        ("p_value", 4 * lost * (1 + min(t * t, 1 + (want.df or 0)) + t) * (want.p_value or 0) + 1e-300),
    ):
        got, should = getattr(line, name), getattr(want, name)
        if (got is None) != (should is None) or (got is not None and not abs(got - should) <= room):
            yield name, got, should
    for name in ("conf_low", "conf_high"):
        got, should = getattr(line, name), getattr(want, name)
        reach = abs((want.conf_high or 0) - (want.conf_low or 0)) + abs(want.estimate)
        room = 4 * lost * reach + dust
        if (got is None) != (should is None) or (got is not None and not abs(got - should) <= room):
            yield name, got, should


def sorted_for(s: Sample, estimator: str) -> Sample:
    """The sample with its blocks sorted into strata as the draw does for this estimator."""
    if s.block is None:
        return s
    counts = drawn_counts(s.block, s.arm, len(s.block_labels), s.arms, s.cluster)
    strata = sort_blocks(
        s.block_labels, counts, s.shares, BY_NAME[estimator], clustered=s.cluster is not None
    )
    return replace(s, strata=strata.of, possible=strata.possible)


def rearrangements(s: Sample, arm: int, most: int) -> list[Sample] | None:
    """Every trial that differs from this one in how the labels of `arm` and of the control fell inside blocks, among
    units (whole clusters) with a known outcome; None where there are more than `most`."""
    known = ~np.isnan(s.y)
    item = np.arange(len(s.y)) if s.cluster is None else s.cluster
    block = np.zeros(len(s.y), dtype=int) if s.block is None else s.block
    lots: list[tuple[list[int], list[tuple[int, ...]]]] = []
    for b in np.unique(block):
        two = known & (block == b) & np.isin(s.arm, [0, arm])
        items = np.unique(item[two]).tolist()
        taken = len(np.unique(item[two & (s.arm == arm)]))
        if 0 < taken < len(items):
            most //= math.comb(len(items), taken)
            lots.append((items, list(combinations(items, taken)) if most else []))
    made = []
    for choice in product(*(chosen for _, chosen in lots)) if most else ():
        to = s.arm.copy()
        for (items, _), chosen in zip(lots, choice, strict=True):
            inside = np.isin(item, items)
            to[inside] = np.where(np.isin(item[inside], chosen), arm, 0)
        made.append(replace(s, arm=to))
    return made if most else None


# the trials


def trial(seed: int) -> tuple[str, Sample]:
    """The kind and the sample of a seed."""
    rng = np.random.default_rng(seed)
    kind = KINDS[seed % len(KINDS)]
    paired = kind.startswith("pairs")
    arms = 2 if paired else int(rng.choice([2, 2, 2, 3, 3, 4, 5, 8]))
    shares = (1,) * arms
    if not paired and rng.random() < 0.5:
        shares = tuple(int(w) for w in rng.integers(1, 4, arms))
    home, cluster = places(rng, kind, arms, sum(shares))
    n = len(home)
    labels = tuple(f"B{b:03d}" for b in range(int(home.max()) + 1))
    blocked = kind not in ("complete", "clustered")
    scheme = (
        kind if cluster is None and not blocked else ("blocked" if cluster is None else "blocked_clustered")
    )
    if kind == "clustered":
        scheme = "clustered"
    names = ("control", *(f"arm{a}" for a in range(1, arms)))
    arm = conduct(
        declare(scheme, names, shares),
        rng.bytes(32).hex(),
        [f"u{i}" for i in range(n)],
        [labels[b] for b in home] if blocked else None,
        None if cluster is None else [f"c{c}" for c in cluster],
    ).arm
    arm = np.asarray(arm)
    if blocked and rng.random() < 0.2:
        arm = replayed(rng, home, cluster, arm, shares)
    x, x_names = covariates(rng, home, cluster, arm)
    y = outcomes(rng, home, cluster, arm, x)
    order = rng.permutation(n)
    s = Sample(
        y[order],
        arm[order],
        names,
        shares,
        home[order] if blocked else None,
        labels if blocked else (),
        None,
        None if cluster is None else cluster[order],
        x[order] if x_names else np.empty((0, 0)),
        x_names,
        by_precision=seed % 10 == 3,
    )
    return kind, s


def places(rng, kind, arms, weight):
    """Block codes and cluster codes (or None) of every unit."""
    if kind in ("complete", "clustered"):
        items = int(rng.integers(4, 30)) * weight if kind == "complete" else int(rng.integers(4, 9)) * weight
        of_item = np.zeros(min(items, 240), dtype=np.int64)
    elif kind == "small blocks":
        of_item = np.repeat(np.arange(24), rng.choice([1, 2, 2, 3, 3, 4, 5, 7, 10, 16], 24))
    elif kind == "pairs":
        of_item = np.repeat(np.arange(int(rng.integers(5, 40))), 2)
    elif kind == "pairs of clusters":
        of_item = np.repeat(np.arange(int(rng.integers(4, 15))), 2)
    else:
        blocks = int(rng.integers(2, 7))
        most = 5 * weight if kind == "blocked" else 4 * weight
        of_item = np.repeat(np.arange(blocks), rng.integers(2 * weight, max(most, 2 * weight + 2), blocks))
    if "cluster" not in kind:
        return of_item, None
    sizes = {
        "alike": np.full(len(of_item), int(rng.integers(1, 7))),
        "uneven": rng.integers(1, 9, len(of_item)),
        "skewed": np.minimum(40, np.ceil(rng.lognormal(1, 1, len(of_item)))).astype(np.int64),
    }[str(rng.choice(["alike", "uneven", "skewed"]))]
    if sizes.sum() > 700:
        sizes = np.minimum(sizes, 5)
    cluster = np.repeat(np.arange(len(of_item)), sizes)
    return of_item[cluster], cluster


def replayed(rng, home, cluster, arm, shares):
    """Arms that somebody else drew: in some blocks by coin tosses, in some all units in one or two arms."""
    item = np.arange(len(home)) if cluster is None else cluster
    out = arm.copy()
    for b in np.unique(home):
        items = np.unique(item[home == b])
        how = rng.random()
        if how < 0.3:
            tossed = rng.choice(len(shares), len(items), p=np.array(shares) / sum(shares))
        elif how < 0.45:
            tossed = rng.integers(0, 2, len(items)) * rng.integers(0, len(shares))
        else:
            continue
        for one, to in zip(items, tossed, strict=True):
            out[item == one] = to
    return out


def covariates(rng, home, cluster, arm):
    """Up to four columns, some of them useless."""
    n = len(home)
    columns, names = [], []
    for j in range(int(rng.choice([0, 1, 1, 2, 3, 4]))):
        kind = str(
            rng.choice(
                ["number"] * 6 + ["yes", "far", "rare", "near", "twin", "constant", "block", "cluster", "arm"]
            )
        )
        column = rng.normal(size=n) + 0.3 * home
        if kind == "yes":
            column = (column > 0).astype(float)
        elif kind == "far":
            column += 1e6
        elif kind == "rare":
            column = np.zeros(n)
            column[rng.integers(0, n, int(rng.integers(1, 4)))] = 1.0
        elif kind == "near":  # one unit or cluster all but decides the slope
            one = np.zeros(n, dtype=bool)
            one[int(rng.integers(0, n))] = True
            if cluster is not None:
                one = cluster == cluster[one]
            column = one + float(rng.choice([1e-1, 1e-2, 1e-3])) * rng.normal(size=n)
        elif kind == "twin" and columns:
            column = 2 * columns[-1] + 3
        elif kind == "constant":
            column = np.full(n, 4.2)
        elif kind == "block":
            column = rng.normal(size=home.max() + 1)[home]
        elif kind == "cluster" and cluster is not None:
            column = rng.normal(size=cluster.max() + 1)[cluster]
        elif kind == "arm":  # constant inside one arm
            column[arm == int(rng.integers(0, arm.max() + 1))] = 1.5
        columns.append(column)
        names.append(f"x{j}")
    return (np.column_stack(columns) if columns else np.empty((n, 0))), tuple(names)


def outcomes(rng, home, cluster, arm, x):
    """Outcomes with effects that vary, or none; some missing."""
    n = len(home)
    level = rng.normal(size=home.max() + 1)[home] + 0.3 * arm
    if cluster is not None:
        level = level + rng.normal(0, 0.6, cluster.max() + 1)[cluster]
    for column in x.T:
        if column.std() > 0:
            level = level + 0.4 * (column - column.mean()) / column.std() * (1 + 0.5 * arm)
    y = level + rng.normal(size=n) * (1 + 0.3 * arm)
    kind = str(
        rng.choice(["number"] * 5 + ["far", "very far", "yes", "rare", "money", "constant", "arm", "count"])
    )
    if kind == "far":
        y = y + 1e6
    elif kind == "very far":
        y = y + 1e9
    elif kind == "yes":
        y = (y > np.median(y)).astype(float)
    elif kind == "rare":
        y = (y > np.quantile(y, 0.96)).astype(float)
    elif kind == "money":
        y = np.where(rng.random(n) < 0.7, 0.0, np.round(np.exp(3 + y), 2))
    elif kind == "constant":
        y = np.full(n, 0.1)
    elif kind == "arm":  # nothing varies in some arms
        y = np.where(np.isin(arm, rng.integers(0, arm.max() + 1, 2)), 0.3, y)
    elif kind == "count":
        y = rng.poisson(np.exp(np.clip(0.3 * level, -2, 2))).astype(float)
    lost = str(rng.choice(["none"] * 5 + ["some", "many", "cell", "cells"]))
    gone = np.zeros(n, dtype=bool)
    if lost == "some":
        gone = rng.random(n) < 0.08
    elif lost == "many":
        gone = rng.random(n) < 0.3
    elif lost.startswith("cell"):
        for _ in range(1 if lost == "cell" else 3):
            gone |= (home == rng.integers(0, home.max() + 1)) & (arm == rng.integers(0, arm.max() + 1))
        if home.max() == 0:
            gone &= rng.random(n) < 0.5
    y[gone] = np.nan
    return y
