"""Every confirmatory line of the results again, without rct. Needs numpy, pandas, scipy and statsmodels.

    python analysis.py

data.csv (or data.parquet) has a row a unit; lines.csv a row a line of the results: by which formula (docs/methods.md of
rct), of which units. A column s1, s2, ... of the data holds the stratum of each unit of one fit; it is empty where the unit
is not in it. Strata are the blocks of the draw, small ones merged by the rule of docs/methods.md, section 9: that rule is
not done again here. Nor are randomization p-values, and the lines whose column why_not says so.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

TOLD = ["estimate", "std_error", "df", "p_value", "conf_low", "conf_high", "p_adjusted"]
TEXT = dict.fromkeys(("unit", "block", "cluster", "arm", "control", "level", "x", "x_means"), str)
TEXT |= dict.fromkeys(("why_not", "family", "sample", "against", "among"), str)


def read(name):
    return pd.read_csv(name, dtype=TEXT, keep_default_na=False, na_values=[""])


data = pd.read_parquet("data.parquet") if Path("data.parquet").exists() else read("data.csv")
lines, fits = read("lines.csv"), read("fits.csv").set_index("sample")


def words(text):
    return text.split(" ") if isinstance(text, str) else []


def means(e, l):
    """A difference in means of units: large strata by Neyman, those with a single unit by Pashley and Miratrix (2021)."""
    rows = []
    for _, q in e.groupby("s"):
        a, c = q.y[q.arm == l.arm], q.y[q.arm == l.control]
        rows.append((len(q), a.mean() - c.mean(), len(a), len(c), a.var() / len(a), c.var() / len(c)))
    b = pd.DataFrame(rows, columns=["n", "tau", "a", "c", "va", "vc"])
    N, single = b.n.sum(), b[["a", "c"]].min(axis=1) == 1
    S, L = b[single], b[~single]
    VL, residual, VS = float((((L.n / N) ** 2) * (L.va + L.vc)).sum()), float((L.a + L.c - 2).sum()), 0.0
    own = residual
    if len(S):
        NS = S.n.sum()
        cb = S.n**2 / (NS - 2 * S.n)
        middle = (S.n * S.tau).sum() / NS
        VS = float((NS / N) ** 2 * (cb / (NS + cb.sum()) * (S.tau - middle) ** 2).sum())
        own = np.nan if len(L) else len(S) - 1.0
    if not l.blocked:
        df = VL**2 / float((L.va**2 / (L.a - 1) + L.vc**2 / (L.c - 1)).sum())
    elif not len(S):
        df = residual
    elif not len(L):
        df = len(S) - 1.0
    else:
        df = (VL + VS) ** 2 / (VL**2 / residual + VS**2 / (len(S) - 1))
    return float((b.n / N * b.tau).sum()), np.sqrt(VL + VS), df, own


def pairs_of_clusters(e, l):
    each = np.array(
        [
            len(q) / len(e) * (q.y[q.arm == l.arm].mean() - q.y[q.arm == l.control].mean())
            for _, q in e.groupby("s")
        ]
    )
    B = len(each)
    return each.sum(), np.sqrt(B / (B - 1) * ((each - each.mean()) ** 2).sum()), B - 1.0, B - 1.0


def regression(y, X, target, weights=None, clusters=None):
    """The coefficient of column `target`: HC2, or CR2 with Satterthwaite's degrees of freedom."""
    y, X = np.asarray(y, dtype=float), np.asarray(X, dtype=float)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
    if clusters is None:
        fit = sm.WLS(y, X, weights=w).fit(cov_type="HC2", use_t=True)
        residual = len(y) - X.shape[1]
        return fit.params[target], fit.bse[target], residual, residual
    return cr2(y, X, w, np.asarray(clusters), target)


def cr2(y, X, w, clusters, target):
    """Bell and McCaffrey (2002), Pustejovsky and Tipton (2018), working covariance I."""
    M = np.linalg.inv(X.T @ (w[:, None] * X))
    beta = M @ (X.T @ (w * y))
    e, squared = y - X @ beta, X.T @ (w[:, None] ** 2 * X)
    variance, own, across = 0.0, [], []
    for g in pd.unique(clusters):
        at = clusters == g
        Xg, wg = X[at], w[at]
        H = Xg @ M @ (Xg * wg[:, None]).T
        values, vectors = np.linalg.eigh(np.eye(at.sum()) - H - H.T + Xg @ M @ squared @ M @ Xg.T)
        root = np.where(values > 1e-12, 1 / np.sqrt(np.maximum(values, 1e-12)), 0.0)
        u = (
            (vectors * root) @ vectors.T @ (wg * (Xg @ M[:, target]))
        )  # the rows' weights in the estimate, adjusted
        variance += float(u @ e[at]) ** 2
        own.append(u @ u)
        across.append((Xg.T @ u, Xg.T @ (wg * u)))
    a, b = (np.array(part) for part in zip(*across))
    P = np.diag(own) - b @ M @ a.T - a @ M @ b.T + a @ M @ squared @ M @ a.T
    return beta[target], np.sqrt(variance), np.trace(P) ** 2 / np.sum(P * P), len(y) - X.shape[1]


def indicators(values, first):
    kept = sorted(set(values) - {first})
    return kept, np.column_stack(
        [np.ones((len(values), 0)), *((np.asarray(values) == v).astype(float) for v in kept)]
    )


def estimate(l, sample, spec):
    """Estimate, error, degrees of freedom, and rows less rank of one line of one fit."""
    e = data[data[sample].notna()]
    e = e.assign(s=e[sample].astype(int), y=e[l.y].astype(float), arm=e.arm.astype(str))
    g = e.cluster.to_numpy() if l.clustered else None
    X = e[words(spec.x)].to_numpy(dtype=float)
    one, (arms, A) = np.ones((len(e), 1)), indicators(e.arm.tolist(), l.control)
    B = indicators(e.s.tolist(), e.s.iloc[0])[1]
    target = 1 + arms.index(l.arm)
    if spec.method == "means":
        return means(e, l)
    if spec.method == "pairs_of_clusters":
        return pairs_of_clusters(e, l)
    if spec.method == "means_clustered":
        first = e.drop_duplicates("cluster")
        count = {
            a: first[first.arm.isin(a)].groupby("s").size()
            for a in ((l.arm, l.control), (l.arm,), (l.control,))
        }
        v = first.groupby("s").size() * count[l.arm, l.control] / (count[l.arm,] * count[l.control,])
        k = e.arm.isin([l.arm, l.control]).to_numpy()
        M = np.hstack([one, A[:, [target - 1]], B])[k]
        return regression(e.y[k], M, 1, e.s.map(v)[k] if l.blocked else None, g[k])
    if spec.method == "ols":
        w = (
            e.groupby("s").y.transform("size") / e.groupby(["s", "arm"]).y.transform("size")
            if spec.weighted
            else None
        )
        return regression(e.y, np.hstack([one, A, X, B]), target, w, g)
    if spec.method in ("lin", "lin_block_effects"):
        Z = np.hstack([X, B]) if spec.method == "lin" else X
        Z = Z - Z.mean(axis=0)
        rest = [B] if spec.method == "lin_block_effects" else []
        M = np.hstack([one, A, Z, *(Z * A[:, [j]] for j in range(A.shape[1])), *rest])
        return regression(e.y, M, target, None, g)
    by = e.groupby("s")
    n = by.size()

    def side(column):
        mean = e.groupby(["s", "arm"])[column].mean().unstack()
        return mean[l.arm] - mean[l.control]

    D = [side(c) for c in words(spec.x)]
    P = [by[c].mean() - (n * by[c].mean()).sum() / n.sum() for c in words(spec.x_means)]
    return regression(side("y"), np.column_stack([np.ones(len(n)), *D, *P]), 0, n / n.mean())


def line(l):
    a = estimate(l, l["sample"], fits.loc[l["sample"]])
    if l.term != "interaction":
        return a[:3]
    b = estimate(l, l.against, fits.loc[l.against])
    own = [estimate(l, at, fits.loc[at])[3] for at in words(l.among)]
    v = a[1] ** 2 + b[1] ** 2
    df = v**2 / (a[1] ** 4 / a[2] + b[1] ** 4 / b[2]) if np.isnan(own).any() else sum(own)
    return a[0] - b[0], np.sqrt(v), df


found = pd.DataFrame(np.nan, index=lines.index, columns=TOLD)
done = lines.why_not.isna()
for i in lines.index[done]:
    value, se, df = line(lines.loc[i])
    half = stats.t.ppf(1 - (1 - lines.conf_level[i]) / 2, df) * se
    found.loc[i, TOLD[:6]] = [value, se, df, 2 * stats.t.sf(abs(value / se), df), value - half, value + half]
# Holm within each family. A line that is not done here keeps its own p; one that has none, or is gone, counts as 1.
p = found.p_value.fillna(lines.p_value)
for family in lines.family.dropna().unique():
    at = lines.index[lines.family == family]
    gone = int(lines.family_size[at[0]]) - len(at)
    found.loc[at, "p_adjusted"] = multipletests([*p[at].fillna(1), *[1.0] * gone], method="holm")[1][
        : len(at)
    ]
far = 0.0
for column in TOLD:
    assert not (found[column].isna() & lines[column].notna() & done).any(), column
    size = lines[column].abs()
    if column in ("estimate", "conf_low", "conf_high"):
        size = np.maximum(size, lines.std_error)
    far = max(far, float(((found[column] - lines[column]).abs() / size.clip(lower=1e-300)).fillna(0).max()))
keys = ["outcome", "arm", "control", "term", "subgroup", "level"]
pd.concat([lines[keys], found], axis=1).to_csv("reproduced.csv", index=False)
print(pd.concat([lines[["outcome", "arm", "term", "level"]], found], axis=1).to_string(index=False))
for i in lines.index[~done]:
    print("Not reproduced:", *lines.loc[i, ["outcome", "arm", "term", "level", "why_not"]])
print(f"{done.sum()} of {len(lines)} lines reproduced; largest relative difference {far:.2g}")
sys.exit(0 if far <= 1e-8 else 1)
