"""One trial's evidence as every reader sees it, whether it came from a bundle, this workspace or a paper.

The library, pooling, adapting and the site read an `Evidence` and nothing else, so that another city's trial, our
own and a printed table stand side by side. It holds published figures only: what suppression withheld is None.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from rct.definition.choice import OneOf
from rct.estimate.estimators import ESTIMATORS
from rct.estimate.scales import EffectScale
from rct.kinds import names

Source = Literal["trial", "bundle", "paper"]


@dataclass(frozen=True)
class EvidenceArm:
    """One version. `n` units drawn to it (None: withheld or unknown); `nudge` the field's words, e.g. 'social norm'."""

    name: str
    label: str
    control: bool
    n: int | None = None
    nudge: tuple[str, ...] = ()


@dataclass(frozen=True)
class EvidenceOutcome:
    """What was measured, and in which direction it should move. `unit` says what one point of it is, if not a share."""

    name: str
    label: str
    kind: Annotated[str, OneOf(names)]
    direction: Literal["increase", "decrease"]
    primary: bool
    window_days: int | None = None
    unit: str | None = None


@dataclass(frozen=True)
class FragileFigures:
    """What is told of a fragile line in place of the t test's figures: the interval (None, None: it has no end), and the
    randomization test's p-value, adjusted in the plan's family (None: there is none, or it is withheld)."""

    interval: Literal["newcombe", "randomization"]
    conf_low: float | None
    conf_high: float | None
    p_value: float | None


@dataclass(frozen=True)
class ResultLine:
    """One row of results: the columns of results.csv that pooling and tables need. Estimates of binary outcomes are
    shares (0.02 is two percentage points)."""

    outcome: str
    arm: str
    control: str
    term: Literal["arm", "interaction", "between"]
    subgroup: str | None
    level: str | None
    estimate: float | None
    std_error: float | None
    df: float | None
    p_value: float | None
    p_adjusted: float | None
    conf_low: float | None
    conf_high: float | None
    n: int | None
    n_arm: int | None
    n_control: int | None
    mean_control: float | None
    role: Literal["confirmatory", "exploratory"]
    fragile: str | None = None  # why the t test may mislead: the column of results.csv
    told: FragileFigures | None = (
        None  # what is told in place of its interval; None of lines that aren't fragile, and in old bundles
    )

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval to print: of a fragile line the one that its memo tells, never the t test's."""
        low, high = self.conf_low, self.conf_high
        if self.fragile is not None:
            low, high = (None, None) if self.told is None else (self.told.conf_low, self.told.conf_high)
        return None if low is None or high is None else (low, high)

    @property
    def p(self) -> float | None:
        """The p-value to print: of a fragile line the randomization test's."""
        if self.fragile is None:
            return self.p_value
        return None if self.told is None else self.told.p_value


OF_ROW = tuple(f for f in ResultLine.__dataclass_fields__ if f != "told")  # the columns of results.csv


@dataclass(frozen=True)
class Covariance:
    """Covariance of two main estimates of one trial: a shared control, or two outcomes of the same people."""

    outcome_a: str
    arm_a: str
    outcome_b: str
    arm_b: str
    value: float


@dataclass(frozen=True)
class Evidence:
    """A trial as others may see it.

    `digest` is the sha256 of the bundle (of the paper's file; None for a trial of this workspace); `signed_by` the
    name under which the reader trusts the key, None where unsigned or unknown; `origin` the hash of the first event
    of the trial's log, which no other trial has, and `events` how many the log had (None for a paper). These two say
    where a text is from and are no part of it.
    """

    source: Source
    name: str
    title: str
    city: str
    problem: str
    hypothesis: str
    channel: str
    department: str | None
    population: str | None
    keywords: tuple[str, ...]
    start: str | None  # YYYY-MM-DD
    scheme: str
    estimator: str
    arms: tuple[EvidenceArm, ...]
    outcomes: tuple[EvidenceOutcome, ...]
    lines: tuple[ResultLine, ...]
    covariances: tuple[Covariance, ...]
    worthwhile: float | None
    rule_says: Literal["adopt", "adapt", "drop"] | None
    decided: Literal["adopt", "adapt", "drop"] | None
    citation: str | None = None
    digest: str | None = None
    signed_by: str | None = None
    notes: tuple[str, ...] = ()
    origin: str | None = field(default=None, compare=False)
    events: int | None = field(default=None, compare=False)

    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "extra": "forbid",
        "allow_inf_nan": False,
    }  # how `codec` reads it back

    @property
    def scale(self) -> EffectScale | None:
        """What its estimates are numbers of; None where its estimator is not known here."""
        known = ESTIMATORS.get(self.estimator)
        return None if known is None else known.scale

    @property
    def place(self) -> str:
        """The city as it is to be named: a bundle may call itself anything, so where the key that signed it is trusted
        under another name, that name stands beside. Not yet safe to print."""
        if not self.city or self.signed_by is None or folded(self.signed_by) == folded(self.city):
            return self.city
        return f"{self.city} (signed by {self.signed_by})"


def folded(text: str) -> str:
    """A text as it is compared: without regard to case, width and blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
