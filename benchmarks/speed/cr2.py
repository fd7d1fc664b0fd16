"""CR2 with Satterthwaite degrees of freedom: estimatr's case, and the shape of a published trial."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from benchmarks.speed.measure import Spent, alternating, run, side
from benchmarks.speed.rows import Aim, Row

Prepared = tuple[Callable[[], object], float]
TOLD = 10.7  # seconds of estimatr 1.0.0 on another machine, where no R is here

SCRIPT = """
suppressMessages(library(estimatr))
d <- read.csv(commandArgs(TRUE)[1])
t <- system.time(f <- lm_robust(y ~ z + a + b, data = d, clusters = cluster, se_type = "CR2"))[["elapsed"]]
cat(sprintf('[%.6f, %.17g, %.17g, %.17g, "%s"]\\n', t, coef(f)[["z"]], f$std.error[["z"]], f$df[["z"]],
            as.character(packageVersion("estimatr"))))
"""


def clustered():  # type: ignore[no-untyped-def]
    import numpy as np

    n, clusters = 100_000, 10_000
    random = np.random.default_rng(3)
    cluster = random.integers(0, clusters, n)
    z = random.permutation(np.arange(clusters) % 2)[cluster]
    x = random.normal(size=(n, 2))
    y = 0.1 * z + x @ [0.2, -0.1] + random.normal(size=clusters)[cluster] + random.normal(size=n)
    return y, z, x, cluster


def of_rct() -> Prepared:
    from rct.estimate import estimate
    from rct.estimate.records import Sample

    y, z, x, cluster = clustered()

    def work() -> object:
        made = Sample(y, z, ("control", "letter"), (1, 1), cluster=cluster, x=x, x_names=("a", "b"))
        line = estimate(made, "ols", "CR2").lines[0]
        return [line.estimate, line.std_error, line.df]

    return work, 0.0


def of_published() -> Prepared:
    """344,084 people in 180,002 households, 10,000 blocks, five arms, block effects and five covariates."""
    import numpy as np

    from rct.estimate import estimate
    from rct.estimate.records import Sample

    people, households, blocks, arms = 344_084, 180_002, 10_000, 5
    random = np.random.default_rng(4)
    block_of = np.sort(
        np.concatenate(
            [np.repeat(np.arange(blocks), 10), random.integers(0, blocks, households - 10 * blocks)]
        )
    )
    starts = np.searchsorted(block_of, np.arange(blocks + 1))
    arm_of = np.concatenate(
        [random.permutation(np.arange(b - a) % arms) for a, b in pairwise(starts.tolist())]
    )
    cluster = np.concatenate([np.arange(households), random.integers(0, households, people - households)])
    random.shuffle(cluster)
    x = random.normal(size=(people, 5))
    y = (random.random(people) < 0.3 + 0.01 * arm_of[cluster]).astype(float)
    sample = Sample(
        y, arm_of[cluster], ("control", "a", "b", "c", "d"), (1,) * arms, block=block_of[cluster],
        block_labels=tuple(f"{b:05d}" for b in range(blocks)), cluster=cluster, x=x, x_names=tuple("vwxyz"),
    )  # fmt: skip

    def work() -> object:
        return [[line.estimate, line.std_error, line.df] for line in estimate(sample, "ols", "CR2").lines]

    return work, 0.0


def write_csv(path: str) -> Prepared:
    y, z, x, cluster = clustered()
    with Path(path).open("w") as file:
        file.write("y,z,a,b,cluster\n")
        file.writelines(
            f"{a!r},{b},{c!r},{d!r},{e}\n"
            for a, b, (c, d), e in zip(y.tolist(), z.tolist(), x.tolist(), cluster.tolist(), strict=True)
        )
    return (lambda: None), 0.0


SIDES = {"rct": of_rct, "rct-published": of_published}


def estimatr(csv: Path) -> Spent:
    """R's own time for the call alone, and the peak of its process."""
    done = run(["Rscript", "--vanilla", "-e", SCRIPT, str(csv)])
    seconds, *answer = json.loads(str(done.answer).splitlines()[-1])
    return Spent(seconds, done.cpu, done.peak, answer=answer)


def measured() -> Row:
    import sys

    sides: dict[str, Callable[[], Spent]] = {"rct": lambda: side("cr2", "rct", 5)}
    notes, peer_name = [], ""
    with tempfile.TemporaryDirectory() as folder:
        if shutil.which("Rscript"):
            csv = Path(folder) / "clustered.csv"
            run(
                [sys.executable, "-c", f"from benchmarks.speed.cr2 import write_csv; write_csv({str(csv)!r})"]
            )
            peer_name = "estimatr"
            sides[peer_name] = lambda: estimatr(csv)
        spent = alternating(sides, 2)
    ours = spent["rct"]
    seconds = spent[peer_name].wall if peer_name else TOLD
    if peer_name:
        ours_at, theirs = ours.answer, spent[peer_name].answer
        same = max(abs(a / b - 1) for a, b in zip(ours_at[:2], theirs[:2], strict=True))  # type: ignore[index]
        df = abs(ours_at[2] / theirs[2] - 1)  # type: ignore[index]
        notes.append(
            f"Estimate and standard error agree with estimatr to {same:.0e}, degrees of freedom to {df:.0e}."
        )
        spent[f"estimatr {theirs[3]}"] = spent.pop(peer_name)  # type: ignore[index]
    else:
        notes.append(f"No R was there; estimatr 1.0.0 took {TOLD} s on another machine with two cores.")
    return Row(
        "cr2",
        [
            Aim("times faster than estimatr", seconds / ours.wall, 100, "times", at_least=True),
            Aim("peak memory", ours.peak, 200, "MiB"),
        ],
        list(spent.items()),
        notes,
        "one product a cluster (a call each), sums of outer products row by row, and batches of clusters of one size, "
        "which is what stands.",
    )


def published() -> Row:
    spent = alternating({"rct": lambda: side("cr2", "rct-published", 1)}, 2)["rct"]
    return Row(
        "published",
        [Aim("time", spent.wall, 10, "s"), Aim("peak memory", spent.peak, 1024, "MiB")],
        [("rct (ols, CR2)", spent)],
        [
            "Four comparisons with their standard errors and Satterthwaite degrees of freedom, blocks weighted."
        ],
        "square matrices of all columns a cluster (fourteen times slower) and of the cluster's own rows, which stands.",
    )
