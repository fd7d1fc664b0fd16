"""A second implementation of every estimator, from the rules alone, to hold the first one to: dense and slow.

Whole design matrices with a column for every block, the whole n x n hat matrix, an eigendecomposition of (I - H)_gg
for every cluster, the whole G x G matrix of Satterthwaite's. No absorbing, no chunks, no k x k sums: it shares
`Sample` with `rct.estimate` and nothing else.

HC2: MacKinnon and White (1985). CR2 and its degrees of freedom: Bell and McCaffrey (2002), with weights Pustejovsky
and Tipton (2018) with the working covariance I. Small blocks: Pashley and Miratrix (2021). Pairs, `lin`: Fogarty
(2018). Pairs of clusters: Imai, King and Nall (2009, Statistical Science 24(1), 29-53), as R's estimatr has it,
tau = sum n_b tau_b / N and V = B / (B - 1) sum (n_b tau_b - N tau / B)^2 / N^2, df B - 1, where n_b counts the
pair's units and tau_b is the difference of its two clusters' means.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from rct.estimate import Sample

LONE = 1e-8  # no row or cluster whose leverage is this near to 1 enters silently
DEPENDENT = 1e-10  # a column that adds less than this of its length is dropped
DUST = 1e-10


class RefusedError(Exception):
    """These data have no answer by this estimator."""


@dataclass
class Line:
    """One arm against the control; None as in `rct.estimate.Estimate`."""

    estimate: float
    std_error: float
    df: float | None
    mean_control: float
    n: int
    n_arm: int
    n_control: int
    n_clusters: int | None
    n_drawn: int
    n_missing: int
    n_without_comparison: int
    scale: float  # what rounding alone can do to the estimate and its error
    statistic: float | None = None
    p_value: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None


@dataclass
class Answer:
    lines: list[Line]
    dropped: list[str] = field(default_factory=list)


@dataclass
class Trial:
    """The units that are analyzed, with their stratum (all 0 without blocks). y and x are shifted by their first
    value, which is exact; `base` is what y was shifted by."""

    y: np.ndarray
    arm: np.ndarray
    stratum: np.ndarray
    cluster: np.ndarray | None
    x: np.ndarray
    base: float
    arms: int
    blocked: bool
    sample: Sample
    out: np.ndarray  # (drawn,) units of blocks without comparison, whether or not their outcome is known

    @property
    def strata(self):
        return np.unique(self.stratum)

    def items(self, where):
        """How many units, or clusters where clusters were drawn, lie in `where`."""
        return int(np.sum(where)) if self.cluster is None else len(np.unique(self.cluster[where]))

    def count(self, stratum, arm):
        return self.items((self.stratum == stratum) & (self.arm == arm))

    def part(self, keep):
        return Trial(
            self.y[keep], self.arm[keep], self.stratum[keep], None if self.cluster is None else self.cluster[keep],
            self.x[keep], self.base, self.arms, self.blocked, self.sample, self.out,
        )  # fmt: skip


def dense(sample: Sample, estimator: str, alpha: float = 0.05) -> Answer:
    """Every arm against arm 0, by `difference_in_means`, `ols` or `lin`, with the design's standard errors.

    Raises RefusedError."""
    t = prepared(sample, estimator)
    if estimator == "difference_in_means":
        try:
            made = Answer([difference_in_means(t, arm) for arm in range(1, t.arms)])
        except LoneError as lone:
            raise RefusedError("an arm or a block that one cluster decides") from lone
    elif estimator == "lin" and t.blocked and t.cluster is None and pairs(t):
        made = pair_regression(t)
    else:
        made = regression(t, estimator)
    for line in made.lines:
        test(line, alpha)
    return made


def test(line: Line, alpha: float) -> None:
    """t tests and intervals, or none where nothing varies."""
    if line.std_error == 0:
        line.df = None
        return
    line.statistic = line.estimate / line.std_error
    line.p_value = float(2 * stats.t.sf(abs(line.statistic), line.df))
    half = float(stats.t.isf(alpha / 2, line.df)) * line.std_error
    line.conf_low, line.conf_high = line.estimate - half, line.estimate + half


# which units, in which strata


def prepared(sample: Sample, estimator: str) -> Trial:
    """The trial on the units that are analyzed: outcomes known, in blocks that have a comparison."""
    n, blocked = len(sample.y), sample.block is not None
    known = ~np.isnan(sample.y)
    if not all(np.any(known & (sample.arm == a)) for a in range(sample.arms)):
        raise RefusedError("an arm without outcomes")
    stratum = np.zeros(n, dtype=int)
    if blocked:
        of = np.arange(len(sample.block_labels)) if sample.strata is None else np.array(sample.strata)
        stratum = of[sample.block]
    base = float(sample.y[known][0])
    whole = Trial(
        sample.y - base, sample.arm, stratum, sample.cluster, sample.columns - sample.columns[:1], base,
        sample.arms, blocked, sample, stratum < 0,
    )  # fmt: skip
    if blocked:
        return standing(whole, known, estimator)
    t = whole.part(known)
    if min(t.count(0, a) for a in range(t.arms)) < 2:
        raise RefusedError("an arm of one")
    return t


def standing(whole: Trial, known, estimator: str) -> Trial:
    """A stratum that missing outcomes left without what each arm needs leaves; one that had too few as drawn joins
    the next one of the same shares, the last the one before."""
    sample = whole.sample
    alike = (
        np.ones(len(sample.block_labels), dtype=bool)
        if sample.possible is None
        else np.array(sample.possible)
    )
    clusters, paired = sample.cluster is not None, pairs(whole)
    strata = [s for s in whole.strata if s >= 0]
    seen = whole.part(known)
    drawn = {s: [whole.count(s, a) for a in range(whole.arms)] for s in strata}
    observed = {s: [seen.count(s, a) for a in range(whole.arms)] for s in strata}
    joins = {s: bool(np.all(alike[sample.block[whole.stratum == s]])) for s in strata}
    need = dict.fromkeys(strata, 1 if paired or (not clusters and estimator != "lin") else 2)
    while True:
        out = [
            s for s in strata
            if min(observed[s]) < need[s] and (not joins[s] or min(drawn[s]) >= need[s])
        ]  # fmt: skip
        groups, _ = in_order([s for s in strata if s not in out and joins[s]], observed, need)
        groups += [[s] for s in strata if s not in out and not joins[s]]
        if not groups:
            raise RefusedError("no block compares")
        if clusters or estimator != "difference_in_means":
            break
        more = [s for s in unsettled(groups, observed) if need[s] < 2]
        if not more:
            break
        need |= dict.fromkeys(more, 2)
    stratum = np.full(len(known), -1)
    for g in groups:
        stratum[np.isin(whole.stratum, g)] = g[0]
    whole.stratum, whole.out = stratum, stratum < 0
    return whole.part(known & ~whole.out)


def in_order(strata, observed, need):
    """Groups of strata in which every arm has what it needs, by order of label, and what found none to join."""
    groups, waiting = [], []
    for s in strata:
        waiting.append(s)
        if np.min(np.sum([observed[w] for w in waiting], axis=0)) >= max(need[w] for w in waiting):
            groups.append(waiting)
            waiting = []
    if groups:
        groups[-1] = groups[-1] + waiting
        waiting = []
    return groups, waiting


def unsettled(groups, observed):
    """Strata with a single unit in an arm or the control that are no set which gives a variance."""
    total = [np.sum([observed[s] for s in g], axis=0) for g in groups]
    for arm in range(1, len(total[0])):
        small = [i for i, n in enumerate(total) if min(n[0], n[arm]) == 1]
        sizes = [total[i].sum() for i in small]
        if small and (len(small) < 3 or 2 * max(sizes) >= sum(sizes)):
            yield from (s for i in small for s in groups[i])


def pairs(t: Trial) -> bool:
    """Whether the draw was of pairs: three blocks or more of one unit (or cluster) of each of two arms, and beside
    them at most single ones that joined a pair."""
    s = t.sample
    if s.block is None or t.arms != 2:
        return False
    item = np.arange(len(s.y)) if s.cluster is None else s.cluster
    home = np.arange(len(s.block_labels)) if s.strata is None else np.array(s.strata)
    of_pairs = []
    for b in np.unique(s.block):
        if home[b] >= 0:
            n = [len(np.unique(item[(s.block == b) & (s.arm == a)])) for a in (0, 1)]
            if max(n) > 1:
                return False
            of_pairs += [home[b]] * (min(n) == 1)
    return len(of_pairs) >= 3 and len(set(of_pairs)) == len(of_pairs)


# difference in means: each arm on its own rows and the control's


def difference_in_means(t: Trial, arm: int) -> Line:
    two = t.part((t.arm == 0) | (t.arm == arm))
    if t.cluster is not None:
        if not t.blocked:
            return clustered_difference(t, two, arm)
        return paired_clusters(t, two, arm) if pairs(t) else block_effects(t, two, arm)
    strata, n_all = t.strata, len(t.y)
    cells = []
    for s in strata:
        a, c = (two.y[(two.stratum == s) & (two.arm == k)] for k in (arm, 0))
        cells.append((int(np.sum(t.stratum == s)), a, c))
    tau = sum(n / n_all * (a.mean() - c.mean()) for n, a, c in cells)
    mean_control = sum(n / n_all * c.mean() for n, a, c in cells) + t.base
    weight = np.sqrt(sum((n / n_all) ** 2 * (1 / len(a) + 1 / len(c)) for n, a, c in cells))
    small = [c for c in cells if min(len(c[1]), len(c[2])) == 1]
    large = [c for c in cells if min(len(c[1]), len(c[2])) >= 2]
    parts = []
    if large:
        pieces = [[(n / n_all) ** 2 * v.var(ddof=1) / len(v) for v in (a, c)] for n, a, c in large]
        v = float(np.sum(pieces))
        if t.blocked:
            parts.append((v, sum(len(a) + len(c) for _, a, c in large) - 2 * len(large)))
        else:  # Welch
            below = sum(q**2 / (len(u) - 1) for q, u in zip(pieces[0], large[0][1:], strict=True))
            parts.append((v, v**2 / below if below > 0 else None))
    if small:
        n_b = np.array([n for n, _, _ in small], dtype=float)
        if len(small) < 3 or 2 * n_b.max() >= n_b.sum():
            raise RefusedError("small blocks that are no set")
        tau_b = np.array([a.mean() - c.mean() for _, a, c in small])
        tau_s = n_b @ tau_b / n_b.sum()
        c_b = n_b**2 / (n_b.sum() - 2 * n_b)
        v = float(np.sum(c_b / (n_b.sum() + c_b.sum()) * (tau_b - tau_s) ** 2))
        parts.append(((n_b.sum() / n_all) ** 2 * v, len(small) - 1))
    total = sum(v for v, _ in parts)
    if len(parts) == 1:
        df = parts[0][1]
    else:
        df = total**2 / sum(v**2 / d for v, d in parts) if total > 0 else None
    return finished(t, two, arm, tau, total, df, mean_control, weight)


def clustered_difference(t, two, arm):
    x = np.column_stack([np.ones(len(two.y)), two.arm == arm]).astype(float)
    solved = solve(x, two.y, cluster=two.cluster)
    tau, v, df, weight = robust(solved, np.array([0.0, 1.0]))
    return finished(t, two, arm, tau, v, df, float(solved.beta[0]) + t.base, weight)


def block_effects(t, two, arm):
    """y ~ arm + block effects on the two arms' rows, weights constant within a block, from counts of clusters."""
    strata = two.strata
    w = np.empty(len(two.y))
    share, means = [], []
    for s in strata:
        inside = two.stratum == s
        g_a, g_0, g = two.count(s, arm), two.count(s, 0), t.items(t.stratum == s)
        if min(g_a, g_0) < 2:
            raise RefusedError("a cell of one cluster")
        w[inside] = g / (g_a + g_0) * (g_a + g_0) ** 2 / (g_a * g_0)
        n_a, n_0 = (int(np.sum(inside & (two.arm == k))) for k in (arm, 0))
        share.append(w[inside][0] * n_a * n_0 / (n_a + n_0))
        means.append(two.y[inside & (two.arm == 0)].mean())
    x = np.column_stack([two.arm == arm, *(two.stratum == s for s in strata)]).astype(float)
    tau, v, df, weight = robust(solve(x, two.y, w, two.cluster), np.eye(x.shape[1])[0])
    control = float(np.average(means, weights=share)) + t.base
    return finished(t, two, arm, tau, v, df, control, weight)


def paired_clusters(t, two, arm):
    n_b, tau_b, control, weight = [], [], [], 0.0
    n_all = len(two.y)
    for s in two.strata:
        inside = two.stratum == s
        if min(two.count(s, arm), two.count(s, 0)) == 0:
            raise RefusedError("a pair without its other half")
        a, c = (two.y[inside & (two.arm == k)].mean() for k in (arm, 0))
        n_b.append(int(np.sum(inside)))
        tau_b.append(a - c)
        control.append(c)
        for k in (arm, 0):
            for g in np.unique(two.cluster[inside & (two.arm == k)]):
                own = np.sum(two.cluster == g) / np.sum(inside & (two.arm == k))
                weight += (np.sum(inside) / n_all * own) ** 2
    n_b, tau_b, pairs_ = np.array(n_b, dtype=float), np.array(tau_b), len(n_b)
    if pairs_ < 2:
        raise RefusedError("one pair")
    tau = n_b @ tau_b / n_all
    v = pairs_ / (pairs_ - 1) * np.sum((n_b * tau_b - n_all * tau / pairs_) ** 2) / n_all**2
    control = float(n_b @ np.array(control) / n_all) + t.base
    return finished(t, two, arm, tau, v, pairs_ - 1, control, np.sqrt(weight))


# regressions on all arms


def regression(t: Trial, estimator: str) -> Answer:
    """ols, or lin where it is one regression, of y on arms, strata and the covariates that can be kept."""
    use, dropped = list(range(t.x.shape[1])), []
    while True:
        x, lines, owner, w = design(t, estimator, use)
        by_arm = estimator == "lin" and (t.cluster is None or not t.blocked)
        bad = dependent(x, owner, use)
        if not by_arm:
            bad = bad[:1]  # without it others may be told apart
        if not bad:
            if any(saturated(x[t.arm == a]) for a in range(t.arms)) if by_arm else saturated(x):
                raise RefusedError("as many columns as rows")
            try:
                return Answer(list(fitted(t, estimator, x, lines, w, len(use))), dropped)
            except LoneError as lone:
                bad = [blamed(x, owner, lone.direction, w, t.stratum, t.arm if by_arm else None)]
        use = [j for j in use if j not in bad]
        dropped += [t.sample.x_names[j] for j in bad]


def design(t: Trial, estimator: str, use: list[int]):
    """The design matrix without an intercept, two contrasts for each arm (its effect, the control's mean), which
    covariate each column belongs to (-1: none), and row weights."""
    strata = t.strata
    x = t.x[:, use] - t.x[:, use].mean(axis=0)
    spread = x.std(axis=0)
    x = x / np.where(spread > 0, spread, 1)
    blocks = np.column_stack([t.stratum == s for s in strata]).astype(float)
    share = blocks.mean(axis=0)
    w = None
    if estimator == "ols":
        arms = np.column_stack([t.arm == a for a in range(1, t.arms)]).astype(float)
        whole = np.hstack([arms, blocks, x])
        owner = [-1] * (t.arms - 1 + len(strata)) + use
        effect = [np.eye(whole.shape[1])[a] for a in range(t.arms - 1)]
        mean = np.concatenate([np.zeros(t.arms - 1), share, np.zeros(len(use))])
        if t.blocked and t.cluster is None and not t.sample.by_precision:
            w = weights(t)
    elif t.blocked and t.cluster is not None:  # block effects not crossed with arms
        arms = np.column_stack([t.arm == a for a in range(1, t.arms)]).astype(float)
        slopes = np.hstack(
            [x[:, [j]] * np.column_stack([np.ones(len(x)), arms]) for j in range(len(use))] + [x[:, :0]]
        )
        whole = np.hstack([arms, blocks, slopes])
        owner = [-1] * (t.arms - 1 + len(strata)) + [j for j in use for _ in range(t.arms)]
        effect = [np.eye(whole.shape[1])[a] for a in range(t.arms - 1)]
        mean = np.concatenate([np.zeros(t.arms - 1), share, np.zeros(slopes.shape[1])])
    else:  # cells of arm and stratum, slopes by arm
        cells = np.hstack([blocks * (t.arm == a)[:, None] for a in range(t.arms)])
        slopes = np.hstack(
            [x[:, [j]] * (t.arm == a)[:, None] for j in range(len(use)) for a in range(t.arms)] + [x[:, :0]]
        )
        whole = np.hstack([cells, slopes])
        owner = [-1] * cells.shape[1] + [j for j in use for _ in range(t.arms)]
        effect, mean = [], np.zeros(whole.shape[1])
        mean[: len(strata)] = share
        for a in range(1, t.arms):
            c = np.zeros(whole.shape[1])
            c[a * len(strata) : (a + 1) * len(strata)] = share
            effect.append(c - mean)
    return whole, [np.array([e, mean]) for e in effect], owner, w


def saturated(x) -> bool:
    """Whether rows are as few as the coefficients that can be told apart, so that nothing is left over."""
    x = x[:, np.any(x != 0, axis=0)]
    return x.shape[1] >= len(x) and np.linalg.matrix_rank(x) >= len(x)


def weights(t: Trial):
    """n_b/n_ba, or None where the arms' shares are the same in every stratum."""
    counts = np.array([[t.count(s, a) for a in range(t.arms)] for s in t.strata])
    sizes = counts.sum(axis=1)
    if np.array_equal(counts * sizes[0], counts[:1] * sizes[:, None]):
        return None
    ratio = sizes[:, None] / counts
    return ratio[np.searchsorted(t.strata, t.stratum), t.arm]


def dependent(x, owner, use):
    """The covariates that have a column which follows from all the columns before it, in order. Columns of an arm
    are 0 in the others: each arm is judged by itself, on every covariate."""
    first = owner.index(use[0]) if use else x.shape[1]
    basis = np.linalg.qr(x[:, :first])[0]
    if np.linalg.matrix_rank(x[:, :first]) < first:
        raise RefusedError("arms and blocks that can't be told apart")
    bad = []
    for j in use:
        for column in np.flatnonzero(np.array(owner) == j):
            v = x[:, column]
            rest = v - basis @ (basis.T @ v)
            rest -= basis @ (basis.T @ rest)
            if np.linalg.norm(rest) > DEPENDENT * max(np.linalg.norm(v), 1e-300):
                basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
            elif j not in bad:
                bad.append(j)
    return bad


def fitted(t, estimator, x, lines, w, p):
    """A line for each arm but the control."""
    strata, k = len(t.strata), x.shape[1]
    solved = solve(x, t.y, w, t.cluster)
    for arm, (effect, mean) in enumerate(lines, start=1):
        tau, v, df, weight = robust(solved, effect)
        if t.cluster is None:
            n = len(t.y)
            if not t.blocked:
                df = n - k
            elif estimator == "ols":
                df = n - strata - (t.arms - 1) - p
            else:
                df = n - t.arms * (strata + p)
        yield finished(t, t, arm, tau, v, df, float(mean @ solved.beta) + t.base, weight)


def blamed(x, owner, direction, w, stratum, arm=None):
    """The covariate that lone rows or clusters decide: the one with the largest part of the combinations of columns
    that are 0 for everybody else, each measured by its spread inside strata; of equals the last.

    arm: every row's, where slopes are by arm: a column then is of the one arm in which it isn't 0."""
    w = np.ones(len(x)) if w is None else w
    part = np.zeros(x.shape[1])
    covariates = np.flatnonzero(np.array(owner) >= 0)
    for j in covariates:
        own = np.ones(len(x), dtype=bool) if arm is None else np.isin(arm, arm[x[:, j] != 0])
        for s in np.unique(stratum[own]):
            i = own & (stratum == s)
            part[j] += w[i] @ (x[i, j] - np.average(x[i, j], weights=w[i])) ** 2
        part[j] = np.abs(direction[j]) * np.sqrt(part[j])
    if not len(covariates) or part.max() < 1e-6 * max(1, np.abs(direction).max()):
        raise RefusedError("an arm or a block that one row decides")
    return owner[np.flatnonzero(part >= part.max() * (1 - 1e-6))[-1]]


def pair_regression(t: Trial) -> Answer:
    """Differences of y on 1, differences of x, and centered pair means of x. Where a pair that lost an outcome has
    joined another, the three or more of them count by their units."""
    names = [f"{name} (difference within pairs)" for name in t.sample.x_names]
    names += [f"{name} (mean of pairs)" for name in t.sample.x_names]
    both = np.column_stack([t.y, t.x])
    arm = {
        a: np.array([both[(t.stratum == s) & (t.arm == a)].mean(axis=0) for s in t.strata]) for a in (0, 1)
    }
    everyone = np.array([both[t.stratum == s].mean(axis=0) for s in t.strata])
    n_b = np.array([np.sum(t.stratum == s) for s in t.strata], dtype=float)
    share = n_b / n_b.sum()
    away, middle = arm[1] - arm[0], everyone - share @ everyone
    columns = np.hstack([away[:, 1:], middle[:, 1:]])
    scale = np.linalg.norm(columns, axis=0)
    columns = columns / np.where(scale > 0, scale, 1)
    use, dropped, n = list(range(len(names))), [], len(away)
    w = None if np.ptp(n_b) == 0 else n_b / n_b.mean()
    while True:
        x = np.column_stack([np.ones(n), columns[:, use]])
        bad = next(iter(dependent(x, [-1, *use], use)), None)
        if bad is None and x.shape[1] >= n:
            raise RefusedError("more columns than pairs")
        if bad is None:
            try:
                tau, v, _, weight = robust(solve(x, away[:, 0], w), np.eye(x.shape[1])[0])
                break
            except LoneError as lone:
                bad = blamed(x, [-1, *use], lone.direction, w, np.zeros(n))
        use.remove(bad)
        dropped.append(names[bad])
    control = float(share @ (arm[1] + arm[0])[:, 0]) / 2 - tau / 2 + t.base
    return Answer([finished(t, t, 1, tau, v, n - 1 - len(use), control, weight)], dropped)


# least squares and its variance


class LoneError(Exception):
    """Rows or clusters with a leverage of 1. direction: how much of each coefficient they decide, together."""

    def __init__(self, directions):
        super().__init__("leverage of 1")
        self.direction = np.linalg.norm(directions, axis=1)


@dataclass
class Solved:
    """A least-squares fit, with what every contrast of it needs."""

    beta: np.ndarray
    e: np.ndarray
    away: np.ndarray  # (n, k): W X (X'WX)^-1
    h: np.ndarray | None  # leverages, without clusters
    groups: list  # (rows, A_g, (I - H)_g), with clusters


def solve(x, y, w=None, cluster=None) -> Solved:
    """Raises LoneError where a row's or cluster's leverage is 1."""
    n = len(x)
    root = np.ones((n, 1)) if w is None else np.sqrt(w)[:, None]
    q, r = np.linalg.qr(root * x)
    inverse = np.linalg.inv(r)
    beta = inverse @ (q.T @ (root[:, 0] * y))
    beta = beta + inverse @ (q.T @ (root[:, 0] * (y - x @ beta)))  # one step of refinement
    away = (root * q) @ inverse.T
    m = inverse @ inverse.T
    h, groups = None, []
    if cluster is None:
        h = np.sum(q**2, axis=1)
        alone = 1 - h <= LONE
        if np.any(alone):
            raise LoneError(m @ (root * x)[alone].T)
    else:
        keep = np.eye(n) - (q / root) @ (q * root).T  # I - X M X'W
        square = keep if w is None else keep @ keep.T
        level = keep if w is None else np.eye(n) - q @ q.T
        alone = []
        for g in np.unique(cluster):
            i = np.flatnonzero(cluster == g)
            values, vectors = np.linalg.eigh(level[np.ix_(i, i)])
            if values[0] <= LONE:
                alone.append(m @ (root * x)[i].T @ vectors[:, values <= LONE])
                continue
            if w is not None:
                values, vectors = np.linalg.eigh(square[np.ix_(i, i)])
            groups.append((i, vectors @ np.diag(values**-0.5) @ vectors.T, keep[i]))
        if alone:
            raise LoneError(np.hstack(alone))
    return Solved(beta, y - x @ beta, away, h, groups)


def robust(s: Solved, contrast):
    """A contrast's value, HC2's or CR2's variance, Satterthwaite's df (CR2 only), and the root of the sum of its
    squared weights on rows or clusters."""
    a = s.away @ contrast
    value = float(contrast @ s.beta)
    if s.h is not None:
        return value, float(np.sum(a**2 * s.e**2 / (1 - s.h))), None, float(np.sqrt(a @ a))
    v, weight, pushed = 0.0, 0.0, []
    for i, adjust, keep in s.groups:
        v += float(a[i] @ adjust @ s.e[i]) ** 2
        weight += float(np.sum(a[i])) ** 2
        pushed.append(keep.T @ (adjust @ a[i]))
    p = np.array(pushed) @ np.array(pushed).T
    return value, v, float(np.trace(p) ** 2 / np.sum(p**2)), float(np.sqrt(weight))


def finished(t, rows, arm, tau, v, df, mean_control, weight) -> Line:
    """The line, with its counts. rows: those of the fit."""
    spread = float(rows.y.max() - rows.y.min())
    se = float(np.sqrt(v))
    if spread == 0 or se <= DUST * spread * weight:
        se = 0.0
    if se > 0 and (df is None or df <= 0):
        raise RefusedError("no degrees of freedom")
    s = t.sample
    drawn = np.isin(s.arm, np.unique(rows.arm))
    return Line(
        float(tau), se, df, float(mean_control),
        n=len(rows.y), n_arm=int(np.sum(rows.arm == arm)), n_control=int(np.sum(rows.arm == 0)),
        n_clusters=None if rows.cluster is None else len(np.unique(rows.cluster)),
        n_drawn=int(np.sum(drawn)), n_missing=int(np.sum(drawn & np.isnan(s.y))),
        n_without_comparison=int(np.sum(drawn & t.out & ~np.isnan(s.y))),
        scale=spread * weight,
    )  # fmt: skip
