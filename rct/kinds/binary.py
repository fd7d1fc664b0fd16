"""Yes or no: did it happen?"""

from __future__ import annotations

from collections.abc import Iterator

from rct.kinds.base import OutcomeKind
from rct.language import phrase, tell


class Binary(OutcomeKind):
    """A share of people; its spread follows from it."""

    name = "binary"
    meaning = answer = phrase("yes or no")
    yes_no = True
    aggregates = ("any",)
    nothing = "no (0)"
    share = True
    baseline = "a share between 0 and 1 (0.42 is 42 %)"
    baseline_limits = "a share above 0 and below 1"
    baseline_fix = "Write a share, not a percentage: 0.42 is 42 percent."

    def possible(self, baseline: float) -> bool:
        return 0 < baseline < 1

    def lacks(self, label: str, baseline: float | None, sd: float | None) -> Iterator[str]:
        if baseline is None:
            yield tell(
                "baseline: what share do you expect for {label} under the control? Last year's is a good guess.",
                label=label,
            )
