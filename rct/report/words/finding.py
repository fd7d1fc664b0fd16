"""What the result rows say, read once for all sentences and charts: which arm, how clear, at which scale.

Nothing here rounds; `Scale` knows how many decimals an outcome is shown with, so that all its numbers agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from rct.estimate.scales import DIFFERENCE, EffectScale
from rct.kinds import OutcomeKind, kind_of
from rct.language import spoken, t
from rct.language.catalogue import SIGNS
from rct.registry.results import Result
from rct.report.record import Fragile, MemoRecord
from rct.report.words import numbers as show
from rct.report.words.phrases import prose, quoted

if TYPE_CHECKING:
    from rct.definition import Definition


class Standing(Enum):
    """How an arm stands against the control, benefit being good whichever way the outcome points."""

    BETTER = "better"  # the interval lies on the good side, and the adjusted p agrees
    MAYBE_BETTER = "maybe better"  # the interval does, the adjusted p doesn't
    UNCLEAR = "unclear"
    MAYBE_WORSE = "maybe worse"
    WORSE = "worse"
    UNTESTED = "untested"  # no p-value or no interval: nothing varied, or nothing was observed
    WITHHELD = "withheld"  # too few people in a cell to print
    REFUSED = "refused"  # the files leave out people of some arms: no figure of it is a result


GOOD = (Standing.BETTER, Standing.MAYBE_BETTER)
BAD = (Standing.WORSE, Standing.MAYBE_WORSE)


@dataclass(frozen=True)
class Scale:
    """How the numbers of one outcome are shown: shares in points and percent, all else as they are; on a relative scale
    differences in percent of the control's level.

    Differences are counted from no difference, whatever the scale: of a ratio of 1.1 that is 0.1, ten percent. `unit` is
    that of a number that is no share: money by its code (USD) or a word of the plan.
    """

    binary: bool
    places: int
    rule: float | None = None  # the least effect worth adopting, with the sign of such a difference
    unit: str = ""
    effect: EffectScale = DIFFERENCE
    level_places: int | None = None  # of levels, where differences are shown in another unit

    def apart(self, value: float) -> float:
        """How far a stored estimate lies from no difference."""
        return value - self.effect.null

    @property
    def relative(self) -> bool:
        """Whether differences are percentages of the control's level."""
        return self.effect.relative

    @property
    def in_points(self) -> bool:
        """Whether differences are percentage points."""
        return self.binary and not self.relative

    @property
    def of_levels(self) -> Scale:
        """The scale of a difference of two levels, whatever estimates are numbers of."""
        if self.effect.additive:
            return self
        places = self.places if self.level_places is None else self.level_places
        return Scale(self.binary, places, unit=self.unit)

    @property
    def of_interaction(self) -> Scale:
        """The scale of a difference between two effects: of percentages it is percentage points."""
        return Scale(True, self.places) if self.relative else self

    def bare(self, value: float) -> str:
        """A difference without its unit; more decimals where it would look like the rule's own number."""
        return show.decimal(self._times(value), self._places(value, self.rule))

    def edge(self, value: float) -> str:
        """An interval's end, likewise; more decimals too where it would look like no difference at all."""
        return show.decimal(self._times(value), self._places(value, self.rule, 0.0))

    def size(self, value: float) -> str:
        """The size of a difference, with its unit."""
        return self._with_unit(self.bare(value).removeprefix(show.MINUS))

    def limit(self, value: float) -> str:
        """The size of an interval's end, with its unit."""
        return self._with_unit(self.edge(value).removeprefix(show.MINUS))

    def typed(self, value: float) -> str:
        """A number of the plan, exactly as agreed, with its unit."""
        points = self.binary or self.relative
        return self._with_unit(show.points_exactly(value) if points else show.exactly(value))

    def signed(self, value: float) -> str:
        """A difference for a table: +3.2, −0.4, 0.0."""
        text = self.bare(value) + self._percent
        return f"+{text}" if value > 0 and any(c in "123456789" for c in text) else text

    def level(self, value: float) -> str:
        """An arm's own figure: 42.0%, 1.15."""
        places = self.places if self.level_places is None else self.level_places
        text = show.decimal(self.times_of_levels * value, places)
        return f"{text}%" if self.binary else self._in_unit(text)

    def lies(self, value: float) -> str:
        """3.2 percentage points higher."""
        size = self.size(value)
        return t("{size} lower", size=size) if value < 0 else t("{size} higher", size=size)

    def span(self, low: float, high: float) -> str:
        """2.1 to 4.3 points higher; 0.8 points lower to 1.4 points higher."""
        first, last = (self.edge(v).removeprefix(show.MINUS) + self._percent for v in (low, high))
        if low >= 0:
            far = t("{size} points", size=last) if self.in_points else last
            return t("{first} to {last} higher", first=first, last=far)
        if high <= 0:
            far = t("{size} points", size=first) if self.in_points else first
            return t("{first} to {last} lower", first=last, last=far)
        if self.in_points:
            return t("{first} points lower to {last} points higher", first=first, last=last)
        return t("{first} lower to {last} higher", first=first, last=last)

    def sizes(self, low: float, high: float) -> str:
        """2.1 to 4.3: the sizes of an interval that leaves out zero, the smaller first."""
        first, last = sorted((low, high), key=abs)
        return t("{low} to {high}", low=self._edge_size(first), high=self._edge_size(last))

    def ends(self, low: float, high: float) -> str:
        """An interval for a table: −0.8 to 1.4."""
        first, last = (self.edge(v) + self._percent for v in (low, high))
        return t("{low} to {high}", low=first, high=last)

    def _edge_size(self, value: float) -> str:
        return self.edge(value).removeprefix(show.MINUS) + self._percent

    @property
    def _percent(self) -> str:
        """What stands behind every difference of a relative scale, the unit being named or not."""
        return "%" if self.relative else ""

    def _in_unit(self, text: str) -> str:
        if self.unit in SIGNS:
            bare = text.removeprefix(show.MINUS)
            return text[: len(text) - len(bare)] + spoken().formats.money(bare, self.unit)
        return f"{text} {self.unit}".rstrip()

    def _with_unit(self, text: str) -> str:
        if self.relative:
            return f"{text}%"
        if not self.binary:
            return self._in_unit(text)
        one = text in ("1", show.MINUS + "1")
        return t("{size} percentage point", size=text) if one else t("{size} percentage points", size=text)

    def _places(self, value: float, *marks: float | None) -> int:
        pairs = [(self._times(value), self._times(mark)) for mark in marks if mark is not None]
        return show.apart(self.places, pairs)

    @property
    def times(self) -> float:
        """What a difference is multiplied by to be shown: 100 for percent."""
        return 100.0 if self.binary or self.relative else 1.0

    @property
    def times_of_levels(self) -> float:
        """The same of an arm's own figure."""
        return 100.0 if self.binary else 1.0

    def _times(self, value: float) -> float:
        return self.times * value


@dataclass(frozen=True)
class Finding:
    """One row of the results with what is needed to speak of it."""

    row: Result
    arm: str  # label, quoted
    control: str
    outcome: str
    scale: Scale
    sign: int  # 1 where more is better, -1 where less is
    standing: Standing
    fragile: Fragile | None = None  # then its interval is told in place of the row's

    @property
    def estimate(self) -> float:
        """How far the estimate lies from no difference; only where the standing isn't withheld or untested without
        figures."""
        return self.scale.apart(_number(self.row.estimate))

    @property
    def low(self) -> float:
        return self.scale.apart(_number(_ends(self.row, self.fragile)[0]))

    @property
    def high(self) -> float:
        return self.scale.apart(_number(_ends(self.row, self.fragile)[1]))

    @property
    def ends(self) -> tuple[float | None, float | None]:
        """The interval that is told, (None, None) where there is none."""
        return (self.low, self.high) if self.bounded else (None, None)

    @property
    def mean_arm(self) -> float | None:
        """The arm's own level, on the control's weights; None where the control's is not known."""
        control = self.row.mean_control
        return None if control is None else self.scale.effect.level(control, _number(self.row.estimate))

    def more(self, difference: float) -> float | None:
        """What such a difference brings a unit, in the outcome's unit; None where the control's level is not known."""
        effect = self.scale.effect
        return effect.more(self.row.mean_control, effect.null + difference)

    @property
    def gain(self) -> float:
        """The difference turned so that benefit is positive."""
        return self.sign * self.estimate

    @property
    def gain_high(self) -> float:
        return max(self.sign * self.low, self.sign * self.high)

    @property
    def shown(self) -> bool:
        """Whether there is an estimate to print; `bounded` says whether an interval stands beside it."""
        hidden = self.standing in (Standing.WITHHELD, Standing.REFUSED)
        return not hidden and (self.tested or self.row.unvaried)

    @property
    def bounded(self) -> bool:
        """Whether there is an interval to tell: of a fragile comparison never the t test's."""
        return None not in _ends(self.row, self.fragile)

    @property
    def tested(self) -> bool:
        """Whether the usual test was made, its figures printed or not: the rule looks at withheld ones too."""
        return has_interval(self.row)

    @property
    def level(self) -> str:
        """The interval's level: 95%."""
        return show.confidence(_number(self.row.conf_level))

    @property
    def interval(self) -> str:
        """`95% interval: 2.1 to 4.3 points higher`."""
        if not self.bounded:
            return no_interval()
        return t("{level} interval: {span}", level=self.level, span=self.scale.span(self.low, self.high))

    @property
    def interval_size(self) -> str:
        """`95% interval: 2.1 to 4.3`, where the verb beside it says which way."""
        return t("{level} interval: {span}", level=self.level, span=self.scale.sizes(self.low, self.high))

    @property
    def adjusted(self) -> float | None:
        """The p-value that the rule looks at."""
        return self.row.ruling_p


def no_interval() -> str:
    """What stands where the interval would."""
    return t("no interval")


def gap_of(finding: Finding) -> str:
    """For a table or a chart: `+3.2 (2.1 to 4.3)`."""
    scale = finding.scale
    inside = scale.ends(finding.low, finding.high) if finding.bounded else no_interval()
    return f"{scale.signed(finding.estimate)} ({inside})"


def has_interval(row: Result) -> bool:
    """Whether a row has an estimate with an interval."""
    return row.estimate is not None and row.conf_low is not None and row.conf_high is not None


def main_rows(rows: Iterable[Result], outcome: str) -> list[Result]:
    """The rows of each arm against the control over all units, in the order of the results.

    The confirmatory ones; the exploratory ones of an outcome that has no others.
    """
    main = [r for r in rows if r.outcome == outcome and r.main]
    return [r for r in main if r.role == "confirmatory"] or main


def scale_of(
    definition: Definition, outcome: str, rows: Sequence[Result], deciding: str | None = None
) -> Scale:
    """The one scale for an outcome's numbers: fine enough for its narrowest interval. `deciding` is the outcome
    that the rule looks at, else the first primary one.
    """
    kind, effect = kind_of(definition.outcomes[outcome].kind), definition.estimator.scale
    unit = "" if kind.share else prose(effect.unit or definition.outcomes[outcome].unit or kind.unit)
    levels = None
    if effect.relative:
        levels = _places([r for r in rows if r.mean_control is not None], kind, unit, effect)
    scale = Scale(
        kind.share,
        _places(rows, kind, unit, DIFFERENCE, effect),
        unit=unit,
        effect=effect,
        level_places=levels,
    )
    if outcome != (deciding or definition.primary[0]):
        return scale
    return replace(scale, rule=sign_of(definition, outcome) * float(definition.decision.worthwhile))


def _places(
    rows: Sequence[Result], kind: OutcomeKind, unit: str, of: EffectScale, shown: EffectScale = DIFFERENCE
) -> int:
    """Decimals for the narrowest interval: of estimates as they are shown, or on scale `of` of what they bring."""
    share = kind.share or shown.relative
    times, places = (100.0, 0) if shown.relative else (kind.times, kind.places)
    for row in rows:
        if row.conf_low is not None and row.conf_high is not None:
            ends = [of.more(row.mean_control, end) or 0.0 for end in (row.conf_low, row.conf_high)]
            places = show.places_for(times * (ends[1] - ends[0]) / 2, places, figures=1 if share else 2)
    return 2 if unit in SIGNS and places == 1 and not shown.relative else places  # cents


def sign_of(definition: Definition, outcome: str) -> int:
    """1 where more is better, -1 where less is."""
    return 1 if definition.outcomes[outcome].direction == "increase" else -1


def findings(record: MemoRecord, outcome: str, withheld: frozenset[Result] = frozenset()) -> list[Finding]:
    """Every arm's planned comparison on one outcome, in the arms' order."""
    rows = main_rows(record.results, outcome)
    by_arm = {row.arm: row for row in rows}
    scale = scale_of(
        record.definition, outcome, [r for r in rows if r not in withheld], record.decision.outcome
    )
    return [
        finding_of(
            record.definition,
            by_arm[arm],
            scale,
            withheld=by_arm[arm] in withheld,
            refused=refused(record, outcome),
            fragile=next((f for f in record.fragile if (f.outcome, f.arm) == (outcome, arm)), None),
        )
        for arm in record.definition.arms
        if arm in by_arm
    ]


def refused(record: MemoRecord, outcome: str) -> bool:
    """Whether the files of `outcome` leave out people of some arms, so that nothing can be said of it."""
    return any(n.refused for n in record.naming if n.outcome == outcome)


def finding_of(
    definition: Definition,
    row: Result,
    scale: Scale,
    *,
    withheld: bool,
    refused: bool = False,
    fragile: Fragile | None = None,
) -> Finding:
    """One row, with its labels and how it stands."""
    what = definition.outcomes[row.outcome]
    sign = sign_of(definition, row.outcome)
    if row.term == "interaction":
        scale = scale.of_interaction
    standing = _standing(row, fragile, sign, float(definition.analysis.alpha), scale)
    if refused or withheld:
        standing = Standing.REFUSED if refused else Standing.WITHHELD
    return Finding(
        row=row,
        arm=quoted(definition.arms[row.arm].label),
        control=quoted(definition.arms[row.control].label),
        outcome=quoted(what.label),
        scale=scale,
        sign=sign,
        standing=standing,
        fragile=fragile,
    )


def _ends(row: Result, fragile: Fragile | None) -> tuple[float | None, float | None]:
    """The interval that is told; None, None where there is none, or the one of a fragile comparison has no end."""
    if fragile is None:
        return row.conf_low, row.conf_high
    return fragile.low, fragile.high


def endless(fragile: Fragile | None) -> bool:
    """Whether the comparison is fragile and its interval has no end, so that none can be told."""
    return fragile is not None and (fragile.low is None or fragile.high is None)


def redrawn_doubts(fragile: Fragile | None, alpha: float) -> bool:
    """Whether the randomization test, where it has a say, finds no effect."""
    return fragile is not None and (fragile.p_redrawn is None or fragile.p_redrawn > alpha)


def _standing(row: Result, fragile: Fragile | None, sign: int, alpha: float, scale: Scale) -> Standing:
    ends = _ends(row, fragile)
    if row.p_value is None or ends[0] is None or ends[1] is None:
        return Standing.UNTESTED
    low, high = sorted((sign * scale.apart(ends[0]), sign * scale.apart(ends[1])))
    doubtful = (row.p_adjusted is not None and row.p_adjusted > alpha) or redrawn_doubts(fragile, alpha)
    if low > 0:
        return Standing.MAYBE_BETTER if doubtful else Standing.BETTER
    if high < 0:
        return Standing.MAYBE_WORSE if doubtful else Standing.WORSE
    return Standing.UNCLEAR


def headline(record: MemoRecord, all_arms: Sequence[Finding]) -> Finding:
    """The arm that the answer speaks of."""
    return leading(all_arms, record.decision.best)


def leading(all_arms: Sequence[Finding], best: str | None) -> Finding:
    """The arm to adopt (`best`), else the clearest gain, else the largest.

    An arm without a figure to show comes last, before it one that no test could be made of.
    """
    for finding in all_arms:
        if finding.row.arm == best:
            return finding
    return max(all_arms, key=lambda f: (f.shown, f.tested, _rank(f.standing), f.gain if f.shown else 0.0))


def _rank(standing: Standing) -> int:
    return {Standing.BETTER: 2, Standing.MAYBE_BETTER: 1}.get(standing, 0)


def _number(value: float | None) -> float:
    if value is None:
        raise ValueError("a figure that isn't there was asked for")
    return value
