"""What an estimate is a number of: a difference, or a ratio. How it is turned back into the arm's own level, where "no
difference" lies on it, and which outcomes an effect of its kind, the same for all, would have left without the arm.

Plain numbers; nothing here imports numpy before it is called.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class EffectScale:
    """A scale of estimates; as it stands here, that of differences: the arm's level less the control's.

    name      one word: trials are pooled only with others of the same scale
    null      the estimate where the arm changes nothing; every test is against it
    additive  whether it is a plain difference of levels: then Newcombe's interval and worst-case bounds are on its scale
    estimand  what is estimated, in the plan's words
    endless   why an interval of the randomization test may have no end, in brackets
    word      what stands between an arm and what it is compared with
    relative  whether the effect is shown as a percentage of the control's level, and not in the outcome's unit
    unit      of its numbers, where it is neither the outcome's nor percent (days); empty: the outcome's
    """

    name: str = "difference"
    unit: str = ""
    null: ClassVar[float] = 0.0
    additive: ClassVar[bool] = True
    endless: ClassVar[str] = "the lots could have fallen in too few ways"
    word: ClassVar[str] = "less"
    relative: ClassVar[bool] = False
    estimand: ClassVar[str] = (
        "the average effect, over the units drawn, of being assigned to an arm instead of the control"
    )

    def level(self, control: float, estimate: float) -> float:
        """The arm's level, from the control's."""
        return control + estimate

    def more(self, control: float | None, estimate: float) -> float | None:
        """How much the arm's level lies above the control's, in the outcome's unit; None where that hangs on a control's
        level that is not known."""
        return estimate

    def of_more(self, control: float | None, more: float) -> float | None:
        """The estimate that is `more` in the outcome's unit: the reverse of `more`."""
        return more

    def gain(self, estimate: float, sign: int) -> float:
        """How far the estimate lies on the good side of `null`: what the least worthwhile effect is held against.
        sign: 1 where more is better, -1 where less is."""
        return sign * (estimate - self.null)

    def at_gain(self, gain: float, sign: int) -> float:
        """The estimate that is such a gain."""
        return self.null + sign * gain

    def without(self, y: NDArray[np.float64], mine: NDArray[np.bool_], effect: float) -> NDArray[np.float64]:
        """(n,) the outcomes had the arm, whose units are `mine`, not had this one effect on all of them."""
        return y - effect * mine

    def carried(self, y: NDArray[np.float64], mine: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(n,) a column c such that y - s c are the outcomes without the effect `of_shift(s)`."""
        return mine.astype(float)

    def of_shift(self, s: float) -> float:
        """The effect that takes s of `carried` away; it rises with s. Infinite where none takes so much."""
        return s


@dataclass(frozen=True)
class RatioScale(EffectScale):
    """The arm's level over the control's: 1.1 is ten percent more. A gain of 0.1 is ten percent more, or less."""

    name: str = "ratio"
    null: ClassVar[float] = 1.0
    additive: ClassVar[bool] = False
    endless: ClassVar[str] = "drawing the lots anew rules out no ratio that is large enough"
    word: ClassVar[str] = "over"
    relative: ClassVar[bool] = True
    estimand: ClassVar[str] = (
        "the average outcome over the units drawn had all been assigned to an arm, divided by what it had been had all been"
        " assigned to the control"
    )

    def level(self, control: float, estimate: float) -> float:
        return control * estimate

    def more(self, control: float | None, estimate: float) -> float | None:
        return None if control is None else control * (estimate - 1)

    def of_more(self, control: float | None, more: float) -> float | None:
        return 1 + more / control if control else None

    def without(self, y: NDArray[np.float64], mine: NDArray[np.bool_], effect: float) -> NDArray[np.float64]:
        import numpy as np

        return np.where(mine, y / effect, y)

    def carried(self, y: NDArray[np.float64], mine: NDArray[np.bool_]) -> NDArray[np.float64]:
        return y * mine

    def of_shift(self, s: float) -> float:
        return 1 / (1 - s) if s < 1 else math.inf


DIFFERENCE = EffectScale()
RATIO = RatioScale()
