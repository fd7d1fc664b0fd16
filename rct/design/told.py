"""Does one labelling of people tell another? Lots don't: what was drawn by lot is told by nothing from before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log

LEAST = 10  # people a label, on average: finer labels guess well by chance alone
SHARE = 0.75  # of the wrong guesses that are spared by the label


def tells(labels: Sequence[object], arms: Sequence[str]) -> bool:
    """Whether whoever knows a person's label knows the arm: three of four guesses that would be wrong without it are
    right with it (Goodman and Kruskal's lambda), and that is no accident (G under independence, far beyond 1 in 10⁶).
    """
    n = len(arms)
    if n == 0:
        return False
    both, by_label, by_arm = Counter(zip(labels, arms, strict=True)), Counter(labels), Counter(arms)
    if len(by_label) * LEAST > n or len(by_arm) < 2:
        return False
    likeliest = max(by_arm.values())
    best: dict[object, int] = {}
    for (label, _), count in both.items():
        best[label] = max(best.get(label, 0), count)
    g = 2 * sum(c * log(c * n / (by_label[label] * by_arm[arm])) for (label, arm), c in both.items())
    df = (len(by_label) - 1) * (len(by_arm) - 1)
    return sum(best.values()) - likeliest >= SHARE * (n - likeliest) and g > 28 + 3 * df
