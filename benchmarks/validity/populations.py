"""Finite sets of units with both potential outcomes, of every kind that the simulations draw from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Population:
    """A finite set of units. zero (n,) outcome without treatment; effect (n, K) effect of each arm."""

    zero: Floats
    effect: Floats
    x: Floats
    block: Codes | None = None
    cluster: Codes | None = None


Build = Callable[[np.random.Generator, int], Population]  # a generator and the number of arms


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


def few_moved(n: int) -> Build:
    """Everyone pays about 100; the letter moves 2 in 100 to pay far more, and all others a little less: 0 on average."""

    def build(rng: np.random.Generator, arms: int) -> Population:
        zero = rng.normal(100, 10, n)
        effect = np.zeros((n, arms))
        effect[rng.choice(n, n // 50, replace=False), 1:] = rng.lognormal(6, 1, (n // 50, 1))
        return Population(zero, effect - effect.mean(axis=0), covariates(rng, n))

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


def moved_by_size(blocks: int, homes: int) -> Build:
    """Homes of 1 to 8 in blocks; the effect goes with a home's size, and is 0 on average over people."""

    def build(rng: np.random.Generator, arms: int) -> Population:
        members = rng.integers(1, 9, blocks * homes)
        cluster = np.repeat(np.arange(len(members)), members)
        zero = rng.normal(0, 1, len(cluster)) + rng.normal(0, 0.5, len(members))[cluster]
        effect = np.zeros((len(cluster), arms))
        effect[:, 1:] = (0.3 * members[cluster] - 0.3 * members[cluster].mean())[:, None]
        block = np.repeat(np.arange(blocks), homes)[cluster]
        return Population(zero, effect, covariates(rng, len(cluster))[:, :1], block, cluster)

    return build


def one_column(build: Build) -> Build:
    def narrow(rng: np.random.Generator, arms: int) -> Population:
        made = build(rng, arms)
        return replace(made, x=made.x[:, :1])

    return narrow
