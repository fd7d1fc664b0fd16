"""How many: a whole number, 0 or more."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rct.kinds.base import OutcomeKind
from rct.language import phrase, tell

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Count(OutcomeKind):
    """Taken to vary as Poisson's does, unless a standard deviation is given."""

    name = "count"
    meaning = phrase("a count")
    answer = "how many"
    aggregates = ("count", "sum")
    refusal = "count_not_whole"
    nothing = "0"
    baseline = "a mean count above 0"
    baseline_limits = "above 0"
    baseline_fix = "Write the mean count."
    spread_note = "A count is taken to vary as Poisson's does; if it varies more, give sd."
    likely_skewness = 10.0  # of visits
    positive = True

    def implausible(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        import numpy as np

        wrong: NDArray[np.bool_] = (values < 0) | (values != np.floor(values)) & ~np.isnan(values)
        return wrong

    def possible(self, baseline: float) -> bool:
        return baseline > 0

    def spread(self, baseline: float | None, sd: float | None) -> float:
        return math.sqrt(max(baseline or 0.0, 0.0)) if sd is None else sd

    def lacks(self, label: str, baseline: float | None, sd: float | None) -> Iterator[str]:
        if baseline is None and sd is None:
            yield tell(
                "baseline: what mean count do you expect for {label} under the control? Last year's is a good guess.",
                label=label,
            )
