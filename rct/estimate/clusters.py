"""Cluster-robust variances: CR0, CR1 (Stata's factor), CR2 with Satterthwaite degrees of freedom.

CR2 after Bell and McCaffrey (2002), Pustejovsky and Tipton (2018), working covariance I as in clubSandwich
and estimatr. With whitened rows u_i = [1/sqrt(W_g), z_i R^-1] (the absorbed group's column kept) and Q =
[U] or, with weights, Q = [U, WU], the block of (I-H)(I-H)' that belongs to cluster g is I + Q_g C Q_g'. All
that CR2 and its degrees of freedom need of a cluster are Q'Q and Q'e. The matrix P of Satterthwaite has the
diagonal P_gg = a_g'a_g (a_g the rows' weights in the contrast) and beside it P_gh = z_g' Omega z_h 1[same group] +
y_g' J y_h. It is never formed: its sums come from k x k and group-wise sums. Only for the few clusters that nearly
decide a slope alone, whose y is so large that such sums would cancel, is the row of P computed as it stands.

A `ClusteredContrast` is one contrast of one regression. Those of regressions on disjoint rows add up, with the
covariance of clusters that lie in several of them (a subgroup's levels).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rct.estimate.least_squares import LONE, Contrast, lone_column
from rct.estimate.moments import CHUNK, Solution, chunks
from rct.estimate.records import Codes, Floats, Mask

NEAR = 1e-3  # of leverage 1: from there on P's sums would lose digits


@dataclass(frozen=True)
class ClusteredContrast:
    """One contrast, cluster by cluster. ids (G,) ascending codes; s (G,) the signed shares whose squares sum
    to the variance; own (G,) P's diagonal; y (G, m), z (G, r), group (G,): the pieces of the rest of P; near (G,)
    clusters within NEAR of leverage 1; omega (C, r, r); j (m, m)."""

    ids: Codes
    s: Floats
    own: Floats
    near: Mask
    y: Floats
    z: Floats
    group: Codes
    omega: Floats
    j: Floats

    def diagonal(self) -> Floats:
        """What the sums of the rest of P hold on the diagonal, (G,)."""
        turned = (self.omega.take(self.group, axis=0) @ self.z[:, :, None])[:, :, 0]
        return np.asarray(np.vecdot(turned, self.z) + np.vecdot(self.y @ self.j, self.y))

    def only(self, keep: Codes) -> ClusteredContrast:
        """The clusters at the positions `keep`."""
        return ClusteredContrast(
            self.ids[keep],
            self.s[keep],
            self.own[keep],
            self.near[keep],
            self.y[keep],
            self.z[keep],
            self.group[keep],
            self.omega,
            self.j,
        )

    def row(self, g: int) -> Floats:
        """P_gh beside the diagonal of one cluster with every cluster, (G,); at g itself 0."""
        found = self.y @ (self.j @ self.y[g])
        same = self.group == self.group[g]
        found[same] += self.z[same] @ (self.omega[self.group[g]] @ self.z[g])
        found[g] = 0.0
        return np.asarray(found)


@dataclass(frozen=True)
class ClusteredContrasts:
    """parts: one a contrast; lone: a column of x that one cluster decides alone, or None."""

    parts: tuple[ClusteredContrast, ...]
    lone: int | None


def cluster_parts(
    s: Solution, contrasts: list[Contrast], cluster: Codes, kind: str = "CR2"
) -> ClusteredContrasts:
    """Cluster the contrasts' variances. cluster (n,): any integer codes; each lies in one absorbed group.

    kind CR0, CR1 (stata: G/(G-1) (n-1)/(n-rank)) or CR2. Raises ValueError when a cluster spans groups,
    RctError when a cluster's leverage is 1 through no covariate.
    """
    order = np.argsort(cluster, kind="stable")
    starts = np.flatnonzero(np.diff(cluster[order], prepend=cluster[order[:1]] - 1))
    ids, sizes = cluster[order[starts]], np.diff(starts, append=len(order))
    group = s.rows.group[order[starts]]
    if s.rows.groups > 1 and np.any(s.rows.group[order] != np.repeat(group, sizes)):
        raise ValueError("a cluster lies in more than one block")
    pieces = _Pieces(s, contrasts, group)
    lone: list[Floats] = []
    for size in np.unique(sizes).tolist():
        alike = np.flatnonzero(sizes == size)
        step = max(CHUNK // size, 1)
        for low in range(0, len(alike), step):
            at = alike[low : low + step]
            lone.append(pieces.add(at, order[(starts[at][:, None] + np.arange(size)).ravel()], size, kind))
    directions = np.concatenate(lone)
    if len(directions):
        return ClusteredContrasts((), lone_column(s, directions))
    factor = 1.0
    if kind == "CR1":
        factor = np.sqrt(len(ids) / (len(ids) - 1) * (s.n - 1) / (s.n - s.rank))
    return ClusteredContrasts(pieces.parts(ids, factor), None)


class _Pieces:
    """Collects what each cluster contributes, some clusters of one size at a time."""

    def __init__(self, s: Solution, contrasts: list[Contrast], group: Codes):
        k, groups, clusters, q = s.rows.k, s.rows.groups, len(group), len(contrasts)
        self.solution, self.group, self.k = s, group, k
        self.weighted = s.rows.weight is not None
        self.column = 1 / np.sqrt(s.totals)  # of the group's own column in its rows
        self.omegas = np.column_stack([c.omega for c in contrasts]) * self.column[:, None]
        self.slopes = s.inverse.T @ np.column_stack([c.slope for c in contrasts])
        self.s = np.zeros((q, clusters))
        self.p = np.zeros((q, clusters))
        self.near = np.zeros(clusters, dtype=bool)
        eye = np.eye(k)
        if self.weighted:
            self.own, self.mixed, self.rest = _squared_weights(s)
            none = np.zeros((k, k))
            self.j = np.block([[self.rest, -eye, eye], [-eye, none, none], [eye, none, none]])
            self.omega = np.zeros((groups, 2, 2))
            self.omega[:, 0, 0] = self.own
            self.omega[:, 0, 1] = self.omega[:, 1, 0] = -1.0
        else:
            self.j = -eye
            self.omega = np.full((groups, 1, 1), -1.0)
        self.y = np.zeros((q, clusters, len(self.j)))
        self.z = np.zeros((q, clusters, self.omega.shape[1]))

    def add(self, at: Codes, rows: Codes, size: int, kind: str) -> Floats:
        """Enter the clusters `at`, whose `rows` stand together, `size` each; returns (d, k) the directions in which
        a cluster's leverage is 1: then nothing was entered.

        CR2's matrix of a cluster is I + Q C Q': of as many rows as the cluster. Where Q has fewer columns the
        same numbers come from Q'Q.
        """
        group = self.group[at]
        alpha = np.concatenate(
            [self.omegas[group][:, None, :], np.broadcast_to(self.slopes, (len(at), *self.slopes.shape))],
            axis=1,
        )  # (b, 1 + k, contrasts)
        wide = size > (2 if self.weighted else 1) * (self.k + 1)
        if kind == "CR2" and not wide and self._by_rows(at, rows, size, alpha, group):
            return np.empty((0, self.k))
        gram, qe = self._grams(rows, size)
        return self._by_grams(at, gram, qe, alpha, group, kind)

    def _whitened(self, rows: Codes) -> tuple[Floats, Floats]:
        """U (m, 1 + k) and residuals (m,) of some rows."""
        s = self.solution
        z = s.z(rows)
        e = s.y(rows) - z @ s.beta
        e[np.abs(e) <= s.negligible] = 0.0
        u = np.empty((len(rows), 1 + self.k))
        u[:, 0] = self.column[s.rows.group[rows]]
        np.matmul(z, s.inverse, out=u[:, 1:])
        return u, e

    def _by_rows(self, at: Codes, rows: Codes, size: int, alpha: Floats, group: Codes) -> bool:
        """Small clusters: with the square matrices of their rows. False when one's leverage is 1."""
        flat, e = self._whitened(rows)
        u = flat.reshape(len(at), size, -1)
        if self.weighted:
            w = self.solution.weight(rows).reshape(len(at), size, 1)
            mixed = np.vecdot(u[:, :, 1:], self.mixed.take(group, axis=0)[:, None, :])[:, :, None]
            mixed *= self.column[group][:, None, None]
            own = (self.own * self.column**2)[group][:, None, None]
            middle = (u[:, :, 1:] @ self.rest) @ u[:, :, 1:].transpose(0, 2, 1) + mixed + own
            middle += mixed.transpose(0, 2, 1)
            middle -= (w + w.transpose(0, 2, 1)) * (u @ u.transpose(0, 2, 1))
            a = w * (u @ alpha)
        else:
            middle = -(u @ u.transpose(0, 2, 1))
            a = u @ alpha
        self.p[:, at] = _dots(a, a).T
        middle += np.eye(size)
        values, vectors = _eigen(middle)
        if values.min() <= LONE:
            return False
        self.near[at] = values.min(axis=1) < NEAR
        turned = vectors.transpose(0, 2, 1) @ a
        turned *= (values**-0.5)[:, :, None]
        a = vectors @ turned
        self.s[:, at] = _dots(e.reshape(len(at), size, 1), a).T
        f = u.transpose(0, 2, 1) @ a
        self._keep(
            at, np.concatenate([f, u.transpose(0, 2, 1) @ (w * a)], axis=1) if self.weighted else f, group
        )
        return True

    def _grams(self, rows: Codes, size: int) -> tuple[Floats, Floats]:
        """Q'Q (b, m, m) and Q'e (b, m) of clusters; of a large one, in chunks."""
        m = (2 if self.weighted else 1) * (self.k + 1)
        clusters = len(rows) // size
        gram, qe = np.zeros((clusters, m, m)), np.zeros((clusters, m))
        for low in range(0, len(rows), CHUNK):
            some = rows[low : low + CHUNK]
            u, e = self._whitened(some)
            if self.weighted:
                u = np.hstack([u, u * self.solution.weight(some)[:, None]])
            q = u.reshape(clusters, -1, m)
            turn = q.transpose(0, 2, 1)
            gram += turn @ q
            qe += (turn @ e.reshape(clusters, -1, 1))[:, :, 0]
        return gram, qe

    def _by_grams(
        self, at: Codes, gram: Floats, qe: Floats, alpha: Floats, group: Codes, kind: str
    ) -> Floats:
        """Large clusters: from Q'Q and Q'e."""
        m = self.k + 1
        none = np.empty((0, self.k))
        if self.weighted:
            middle = self._middle(group)
            alpha = np.concatenate([np.zeros_like(alpha), alpha], axis=1)
        if kind != "CR2":
            self.s[:, at] = _dots(qe[:, :, None], alpha).T
            return none
        if self.weighted:
            root, left = _roots(gram)
            values, vectors = np.linalg.eigh(root @ middle @ root)
            values = 1 + values
            right = root
        else:
            values, vectors = _eigen(gram)
            values = 1 - values
        which, direction = np.nonzero(values <= LONE)
        if len(which):
            v = vectors[which, :, direction]
            if self.weighted:
                v = (left[which] @ v[:, :, None])[:, :, 0]
                v = v[:, :m] + v[:, m:]
            return v[:, 1:]
        self.near[at] = values.min(axis=1) < NEAR
        self.p[:, at] = _dots(alpha, gram @ alpha).T
        power = (values**-0.5)[:, :, None]
        if self.weighted:
            turned = vectors.transpose(0, 2, 1) @ (right @ alpha)
            share = (qe[:, None, :] @ (left @ vectors))[:, 0, :, None]
            f = right @ (vectors @ (power * turned))
        else:
            turned = vectors.transpose(0, 2, 1) @ alpha
            share = (qe[:, None, :] @ vectors)[:, 0, :, None]
            f = vectors @ ((1 - values)[:, :, None] * power * turned)
        self.s[:, at] = _dots(share, power * turned).T
        self._keep(at, f, group)
        return none

    def _middle(self, group: Codes) -> Floats:
        """C of each cluster: [[V2, -I], [-I, 0]] in its own group's column and the k others."""
        m = self.k + 1
        c = np.zeros((len(group), 2 * m, 2 * m))
        c[:, 0, 0] = self.own[group]
        c[:, 0, 1:m] = c[:, 1:m, 0] = self.mixed[group]
        c[:, 1:m, 1:m] = self.rest
        c[:, :m, m:] = c[:, m:, :m] = -np.eye(m)
        return c

    def _keep(self, at: Codes, f: Floats, group: Codes) -> None:
        """Store f = Q'A a, (b, m, q), split into the absorbed column's part (z) and the rest (y)."""
        m, k = self.k + 1, self.k
        f = f.transpose(2, 0, 1)
        self.z[:, at, 0] = f[:, :, 0]
        self.y[:, at, :k] = f[:, :, 1:m]
        if self.weighted:
            self.z[:, at, 1] = f[:, :, m]
            self.y[:, at, k : 2 * k] = f[:, :, m + 1 :]
            self.y[:, at, 2 * k :] = f[:, :, :1] * self.mixed[group][None]

    def parts(self, ids: Codes, factor: float) -> tuple[ClusteredContrast, ...]:
        return tuple(
            ClusteredContrast(
                ids,
                factor * self.s[i],
                self.p[i],
                self.near,
                self.y[i],
                self.z[i],
                self.group,
                self.omega,
                self.j,
            )
            for i in range(len(self.s))
        )


def _dots(a: Floats, b: Floats) -> Floats:
    """(b, n, q) times (b, n, q), summed over n."""
    return np.asarray(np.einsum("bnq,bnq->bq", a, b))


def _eigen(a: Floats) -> tuple[Floats, Floats]:
    """Eigenvalues (b, m) and vectors (b, m, m) of symmetric matrices (b, m, m)."""
    if a.shape[1] == 1:
        return a[:, :, 0], np.ones_like(a)
    values, vectors = np.linalg.eigh(a)
    return values, vectors


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


def inner(a: ClusteredContrast, b: ClusteredContrast) -> float:
    """sum over g, h of P_gh of `a` times P_gh of `b`, over the clusters that both have."""
    if a is not b:
        _, ia, ib = np.intersect1d(a.ids, b.ids, assume_unique=True, return_indices=True)
        a, b = a.only(ia), b.only(ib)
    if not len(a.ids):
        return 0.0
    total = float(np.sum(a.own * b.own))
    near = a.near | b.near
    for g in np.flatnonzero(near):  # beside the diagonal: their rows, and their columns among the others
        both = a.row(int(g)) * b.row(int(g))
        total += float(np.sum(both) + np.sum(both[~near]))
    if near.any():
        rest = np.flatnonzero(~near)
        a, b = a.only(rest), b.only(rest)
    if not len(a.ids):
        return total
    total -= float(np.sum(a.diagonal() * b.diagonal()))
    yy = a.y.T @ b.y
    total += float(np.sum((a.j @ yy @ b.j) * yy))
    for one, other in ((a, b), (b, a)):
        zy = _sums(one.group, len(one.omega), one.z, other.y)
        total += float(np.sum(one.omega * (zy @ other.j @ zy.transpose(0, 2, 1))))
    pairs, place = np.unique(a.group * len(b.omega) + b.group, return_inverse=True)
    zz = _sums(place, len(pairs), a.z, b.z)
    turned = a.omega[pairs // len(b.omega)] @ zz @ b.omega[pairs % len(b.omega)]
    return total + float(np.sum(turned * zz))


def _sums(code: Codes, groups: int, left: Floats, right: Floats) -> Floats:
    """(groups, r, m) sums of left_i right_i' by code; left (G, r), right (G, m)."""
    if groups == 1:
        return (left.T @ right)[None]
    out = np.empty((groups, left.shape[1], right.shape[1]))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            out[:, i, j] = np.bincount(code, weights=left[:, i] * right[:, j], minlength=groups)
    return out


def combine(parts: tuple[tuple[float, ClusteredContrast], ...]) -> tuple[float, float | None]:
    """Variance and Satterthwaite df of a signed sum of parts on disjoint rows. df is None when undefined."""
    ids = np.concatenate([p.ids for _, p in parts])
    _, place = np.unique(ids, return_inverse=True)
    shares = np.concatenate([sign * p.s for sign, p in parts])
    variance = float(np.sum(np.bincount(place, weights=shares) ** 2))
    trace, square = traces(parts)
    return variance, trace**2 / square if square > 0 else None


def traces(parts: tuple[tuple[float, ClusteredContrast], ...]) -> tuple[float, float]:
    """The traces of P and of P squared, of a signed sum of parts: the df are the first squared over the second."""
    trace = sum(float(np.sum(p.own)) for _, p in parts)
    square = sum(
        (1 if i == j else 2) * inner(a, b)
        for i, (_, a) in enumerate(parts)
        for j, (_, b) in enumerate(parts[: i + 1])
    )
    return trace, float(square)
