"""What a kind of outcome is asked. A new kind is a class that answers otherwise, and a line in `rct.kinds`.

The answers here are those of an amount that is measured: numbers in a unit of their own, compared by their means. Texts
are English; those that a document prints are `phrase`s, which it prints through `t`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from rct.language import phrase, t, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

Aggregate = Literal["any", "count", "sum"]


class OutcomeKind:
    """A kind of outcome. Units of effects are the outcome's own; shares are fractions (0.02 is two points)."""

    # --- its name and its words
    name: ClassVar[str]  # in trial.toml, and in everything that is stored
    meaning: ClassVar[str]  # in plain words: 'yes or no', 'an amount'
    answer: ClassVar[str]  # what someone who never programmed chooses it by: 'how many'

    # --- how it is read from a file
    yes_no: ClassVar[bool] = (
        False  # a cell is yes or no, else a number; a unit in no record is a no, else zero
    )
    aggregates: ClassVar[tuple[Aggregate, ...]] = ("sum",)  # how events may be joined, the usual way first
    zero_if_absent: ClassVar[bool] = True  # whether a unit in no file may count as zero where rows are units
    refusal: ClassVar[str] = ""  # the code by which an implausible number is refused
    nothing: ClassVar[str | None] = (
        None  # what a cell says of nothing in the window; None: that hangs on the outcome
    )

    # --- its scale
    share: ClassVar[bool] = (
        False  # its mean is a share of people: percent, and differences in percentage points
    )
    needs_unit: ClassVar[bool] = False  # whether trials are pooled only where each says what one unit is

    # --- what is expected of it
    baseline: ClassVar[str] = "a mean"  # what a baseline is, with its limits
    baseline_limits: ClassVar[str] = "a number"
    baseline_fix: ClassVar[str] = "Write the mean."
    spread_note: ClassVar[str | None] = None  # what is assumed of the spread where none is given
    likely_skewness: ClassVar[float] = (
        25.0  # that a city's files may well have: payments of which most are zero
    )
    positive: ClassVar[bool] = False  # whether `rct new` takes only a mean above 0
    asks_spread: ClassVar[bool] = False  # whether `rct new` asks how far apart people are

    @property
    def times(self) -> float:
        """What a number of it is multiplied by to be shown: 100 for percent."""
        return 100.0 if self.share else 1.0

    @property
    def unit(self) -> str:
        """The unit of a difference, where the kind alone says it."""
        return phrase("percentage points") if self.share else ""

    @property
    def in_unit(self) -> str:
        """For the end of a caption, in the language spoken: ' (percentage points)', or nothing."""
        return f" ({t(self.unit)})" if self.unit else ""

    @property
    def places(self) -> int:
        """The fewest decimals that its numbers are shown with."""
        return 1 if self.share else 0

    @property
    def events(self) -> bool:
        """Whether units with and without the event are counted: then Newcombe's interval and Fisher's test exist, small
        cells of either are withheld, and the missing can be bounded by all and none."""
        return self.yes_no

    def implausible(self, values: NDArray[np.float64]) -> NDArray[np.bool_] | None:
        """Which numbers of a column can't be; None: all can. nan is an empty cell."""
        return None

    def possible(self, baseline: float) -> bool:
        """Whether a control arm can have this figure."""
        return True

    def spread(self, baseline: float | None, sd: float | None) -> float:
        """The standard deviation within an arm that power counts with."""
        return 0.0 if sd is None else sd

    def lacks(self, label: str, baseline: float | None, sd: float | None) -> Iterator[str]:
        """What [power] must say and doesn't, as sentences that begin with the key."""
        if sd is None:
            yield tell(
                "sd: how much does {label} vary from one unit to the next (its standard deviation)?",
                label=label,
            )
