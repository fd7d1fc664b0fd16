"""Cluster-robust variances: CR0, CR1 (Stata's factor), CR2 with Satterthwaite degrees of freedom.

CR2 after Bell and McCaffrey (2002), Pustejovsky and Tipton (2018), working covariance I as in clubSandwich
and estimatr. With whitened rows u_i = [1/sqrt(W_g), z_i R^-1] (the absorbed group's column kept) and Q =
[U] or, with weights, Q = [U, WU], the block of (I-H)(I-H)' that belongs to cluster g is I + Q_g C Q_g'. All
that CR2 and its degrees of freedom need of a cluster are Q'Q and Q'e. The matrix P of Satterthwaite, P_gh =
q_g 1[g=h] + z_g' Omega z_h 1[same group] + y_g' J y_h, is never formed: its sums come from k x k and
group-wise sums.

A `Part` is one contrast of one regression. Parts of regressions on disjoint rows add up, with the covariance
of clusters that lie in several of them (a subgroup's levels).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rct.estimate.least_squares import LONE, Contrast, lone_column
from rct.estimate.moments import CHUNK, Solution, chunks
from rct.estimate.records import Codes, Floats


@dataclass(frozen=True)
class Part:
    """One contrast, cluster by cluster. ids (G,) ascending codes; s (G,) the signed shares whose squares sum
    to the variance; q (G,), y (G, m), z (G, r), group (G,): the pieces of P; omega (C, r, r); j (m, m)."""

    ids: Codes
    s: Floats
    q: Floats
    y: Floats
    z: Floats
    group: Codes
    omega: Floats
    j: Floats

    def diagonal(self) -> Floats:
        """P_gg - q_g, (G,)."""
        own = np.einsum("gi,gij,gj->g", self.z, self.omega[self.group], self.z)
        return np.asarray(own + np.einsum("gi,ij,gj->g", self.y, self.j, self.y))

    def only(self, keep: Codes) -> Part:
        """The clusters at the positions `keep`."""
        return Part(
            self.ids[keep],
            self.s[keep],
            self.q[keep],
            self.y[keep],
            self.z[keep],
            self.group[keep],
            self.omega,
            self.j,
        )


@dataclass(frozen=True)
class Clustered:
    """parts: one a contrast; lone: a column of x that one cluster decides alone, or None."""

    parts: tuple[Part, ...]
    lone: int | None


def cluster_parts(s: Solution, contrasts: list[Contrast], cluster: Codes, kind: str = "CR2") -> Clustered:
    """Cluster the contrasts' variances. cluster (n,): any integer codes; each lies in one absorbed group.

    kind CR0, CR1 (stata: G/(G-1) (n-1)/(n-rank)) or CR2. Raises ValueError when a cluster spans groups,
    RctError when a cluster's leverage is 1 through no covariate.
    """
    order = np.argsort(cluster, kind="stable")
    ids, starts = np.unique(cluster[order], return_index=True)
    ends = np.append(starts[1:], len(order))
    group = s.rows.group[order[starts]]
    if np.any(s.rows.group[order] != np.repeat(group, ends - starts)):
        raise ValueError("a cluster lies in more than one block")
    weighted = s.rows.weight is not None
    k = s.rows.k
    alpha = np.vstack(
        [
            np.column_stack([c.omega for c in contrasts])[group].T[None] / np.sqrt(s.totals[group]),
            np.broadcast_to(
                (s.inverse.T @ np.column_stack([c.slope for c in contrasts]))[:, :, None],
                (k, len(contrasts), len(ids)),
            ),
        ]
    ).transpose(2, 0, 1)  # (G, 1 + k, q)
    pieces = _Pieces(s, weighted, len(ids), len(contrasts))
    low = 0
    while low < len(ids):
        high = low + 1
        while high < len(ids) and ends[high] - starts[low] <= CHUNK:
            high += 1
        rows = order[starts[low] : ends[high - 1]]
        gram, qe = _grams(s, rows, starts[low:high] - starts[low], weighted)
        lone = pieces.add(slice(low, high), gram, qe, alpha[low:high], group[low:high], kind)
        if lone is not None:
            return Clustered((), lone)
        low = high
    factor = 1.0
    if kind == "CR1":
        factor = np.sqrt(len(ids) / (len(ids) - 1) * (s.n - 1) / (s.n - s.rank))
    return Clustered(pieces.parts(ids, group, factor), None)


def _grams(s: Solution, rows: Codes, starts: Codes, weighted: bool) -> tuple[Floats, Floats]:
    """Q'Q (b, m, m) and Q'e (b, m) of a batch of clusters whose rows stand together."""
    z = s.z(rows)
    e = s.y(rows) - z @ s.beta
    e[np.abs(e) <= s.negligible()] = 0.0
    q = np.column_stack([1 / np.sqrt(s.totals[s.rows.group[rows]]), z @ s.inverse])
    if weighted:
        q = np.hstack([q, q * s.weight(rows)[:, None]])
    qe = np.add.reduceat(q * e[:, None], starts)
    if len(rows) < 8 * len(starts):  # many small clusters: one pass; few large ones: a product for each
        return np.add.reduceat(q[:, :, None] * q[:, None, :], starts), qe
    ends = [*starts[1:], len(rows)]
    return np.array([q[i:j].T @ q[i:j] for i, j in zip(starts, ends, strict=True)]), qe


class _Pieces:
    """Collects what each cluster contributes."""

    def __init__(self, s: Solution, weighted: bool, clusters: int, contrasts: int):
        k, groups = s.rows.k, s.rows.groups
        self.solution, self.weighted, self.k = s, weighted, k
        self.s = np.zeros((contrasts, clusters))
        self.q = np.zeros((contrasts, clusters))
        eye = np.eye(k)
        if weighted:
            self.own, self.mixed, self.rest = _squared_weights(s)
            none = np.zeros((k, k))
            self.j = np.block([[self.rest, -eye, eye], [-eye, none, none], [eye, none, none]])
            self.omega = np.zeros((groups, 2, 2))
            self.omega[:, 0, 0] = self.own
            self.omega[:, 0, 1] = self.omega[:, 1, 0] = -1.0
        else:
            self.j = -eye
            self.omega = np.full((groups, 1, 1), -1.0)
        self.y = np.zeros((contrasts, clusters, len(self.j)))
        self.z = np.zeros((contrasts, clusters, self.omega.shape[1]))

    def add(self, at: slice, gram: Floats, qe: Floats, alpha: Floats, group: Codes, kind: str) -> int | None:
        """Enter a batch of clusters; returns the column of x to leave out when a cluster's leverage is 1."""
        m = self.k + 1
        if self.weighted:
            middle = self._middle(group)
            alpha = np.concatenate([np.zeros_like(alpha), alpha], axis=1)
        if kind != "CR2":
            self.s[:, at] = np.einsum("gi,giq->qg", qe, alpha)
            return None
        if self.weighted:
            root, left = _roots(gram)
            values, vectors = np.linalg.eigh(root @ middle @ root)
            values = 1 + values
            right = root
        else:
            values, vectors = np.linalg.eigh(gram)
            values = 1 - values
        worst = int(np.argmin(values.min(axis=1)))
        if values[worst].min() <= LONE:
            v = vectors[worst, :, int(np.argmin(values[worst]))]
            direction = (left[worst] @ v)[m:] + (left[worst] @ v)[:m] if self.weighted else v
            return lone_column(self.solution, self.solution.inverse @ direction[1:])
        power = values**-0.5
        if self.weighted:
            turned = vectors.transpose(0, 2, 1) @ (right @ alpha)
            self.s[:, at] = np.einsum("gi,gij,gj,gjq->qg", qe, left @ vectors, power, turned)
            self.q[:, at] = np.einsum("gj,gjq->qg", 1 / values, turned**2)
            f = right @ (vectors @ (power[:, :, None] * turned))
        else:
            turned = vectors.transpose(0, 2, 1) @ alpha
            self.s[:, at] = np.einsum("gi,gij,gj,gjq->qg", qe, vectors, power, turned)
            self.q[:, at] = np.einsum("gj,gjq->qg", (1 - values) / values, turned**2)
            f = vectors @ ((1 - values)[:, :, None] * power[:, :, None] * turned)
        self._keep(at, f, group)
        return None

    def _middle(self, group: Codes) -> Floats:
        """C of each cluster: [[V2, -I], [-I, 0]] in its own group's column and the k others."""
        m = self.k + 1
        c = np.zeros((len(group), 2 * m, 2 * m))
        c[:, 0, 0] = self.own[group]
        c[:, 0, 1:m] = c[:, 1:m, 0] = self.mixed[group]
        c[:, 1:m, 1:m] = self.rest
        c[:, :m, m:] = c[:, m:, :m] = -np.eye(m)
        return c

    def _keep(self, at: slice, f: Floats, group: Codes) -> None:
        """Store f = Q'A a, (b, m, q), split into the absorbed column's part (z) and the rest (y)."""
        m, k = self.k + 1, self.k
        f = f.transpose(2, 0, 1)
        self.z[:, at, 0] = f[:, :, 0]
        self.y[:, at, :k] = f[:, :, 1:m]
        if self.weighted:
            self.z[:, at, 1] = f[:, :, m]
            self.y[:, at, k : 2 * k] = f[:, :, m + 1 :]
            self.y[:, at, 2 * k :] = f[:, :, :1] * self.mixed[group][None]

    def parts(self, ids: Codes, group: Codes, factor: float) -> tuple[Part, ...]:
        return tuple(
            Part(ids, factor * self.s[i], self.q[i], self.y[i], self.z[i], group, self.omega, self.j)
            for i in range(len(self.s))
        )


def _squared_weights(s: Solution) -> tuple[Floats, Floats, Floats]:
    """U'W^2U in three pieces: each group's own (C,), groups by columns (C, k), columns (k, k)."""
    own = np.zeros(s.rows.groups)
    mixed = np.zeros((s.rows.groups, s.rows.k))
    rest = np.zeros((s.rows.k, s.rows.k))
    for at in chunks(s.n):
        group = s.rows.group[at]
        w2 = s.weight(at) ** 2
        t = s.z(at) @ s.inverse
        np.add.at(own, group, w2 / s.totals[group])
        np.add.at(mixed, group, (w2 / np.sqrt(s.totals[group]))[:, None] * t)
        rest += (t * w2[:, None]).T @ t
    return own, mixed, rest


def _roots(gram: Floats) -> tuple[Floats, Floats]:
    """Symmetric square roots of Q'Q, and of its pseudo-inverse, for a batch (b, m, m)."""
    values, vectors = np.linalg.eigh(gram)
    keep = values > 1e-13 * values[:, -1:]
    root = np.sqrt(np.where(keep, values, 0.0))
    inverse = np.where(keep, 1 / np.where(keep, root, 1.0), 0.0)
    turn = vectors.transpose(0, 2, 1)
    return (vectors * root[:, None, :]) @ turn, (vectors * inverse[:, None, :]) @ turn


def inner(a: Part, b: Part) -> float:
    """sum over g, h of P_gh of `a` times P_gh of `b`, over the clusters that both have."""
    if a is not b:
        _, ia, ib = np.intersect1d(a.ids, b.ids, assume_unique=True, return_indices=True)
        a, b = a.only(ia), b.only(ib)
    if not len(a.ids):
        return 0.0
    da, db = a.diagonal(), b.diagonal()
    total = float(np.sum(a.q * b.q + a.q * db + b.q * da))
    yy = a.y.T @ b.y
    total += float(np.sum((a.j @ yy @ b.j) * yy))
    for one, other in ((a, b), (b, a)):
        zy = np.zeros((len(one.omega), one.z.shape[1], other.y.shape[1]))
        np.add.at(zy, one.group, one.z[:, :, None] * other.y[:, None, :])
        total += float(np.einsum("cij,cik,kl,cjl->", one.omega, zy, other.j, zy, optimize=True))
    pairs, place = np.unique(np.column_stack([a.group, b.group]), axis=0, return_inverse=True)
    zz = np.zeros((len(pairs), a.z.shape[1], b.z.shape[1]))
    np.add.at(zz, place.reshape(-1), a.z[:, :, None] * b.z[:, None, :])
    turned = a.omega[pairs[:, 0]] @ zz @ b.omega[pairs[:, 1]]
    return total + float(np.sum(turned * zz))


def combine(parts: tuple[tuple[float, Part], ...]) -> tuple[float, float | None]:
    """Variance and Satterthwaite df of a signed sum of parts on disjoint rows. df is None when undefined."""
    ids = np.concatenate([p.ids for _, p in parts])
    _, place = np.unique(ids, return_inverse=True)
    shares = np.concatenate([sign * p.s for sign, p in parts])
    variance = float(np.sum(np.bincount(place, weights=shares) ** 2))
    trace, square = traces(parts)
    return variance, trace**2 / square if square > 0 else None


def traces(parts: tuple[tuple[float, Part], ...]) -> tuple[float, float]:
    """The traces of P and of P squared, of a signed sum of parts: the df are the first squared over the second."""
    trace = sum(float(np.sum(p.q + p.diagonal())) for _, p in parts)
    square = sum(
        (1 if i == j else 2) * inner(a, b)
        for i, (_, a) in enumerate(parts)
        for j, (_, b) in enumerate(parts[: i + 1])
    )
    return trace, float(square)
