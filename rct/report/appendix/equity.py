"""Who benefits: outcomes and effects by planned subgroup, the gap between groups, and whom no mail reached.

Everything here is as it may be published: figures from small groups are None, by the rule of
`rct.report.suppress`. The memo, the appendix, the site and the pack for a certification print it.

The test comes first: whether the effect differs between groups at all is the interaction, each level's effect
less the first level's, with Holm's adjustment over the family. Effects within levels are read after it, since
one that is significant beside one that isn't shows no difference (Gelman and Stern 2006, The American
Statistician 60).

The gap between a level and the first one is what it is in the control group, and what it is in an arm. Its
change is the interaction, so the interval is that of the interaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rct.disclosure import hide_levels
from rct.estimate.scales import EffectScale
from rct.registry.results import Result
from rct.report import suppress
from rct.report.record import MemoRecord, ReachCount


@dataclass(frozen=True)
class LevelEffect:
    """One arm against the control within one level. Figures are None where withheld or not estimated."""

    level: str
    arm: str
    n_control: int | None
    n_arm: int | None
    mean_control: float | None
    mean_arm: float | None
    estimate: float | None
    conf_low: float | None
    conf_high: float | None
    withheld: bool


@dataclass(frozen=True)
class GapChange:
    """How the gap between a level and the base level differs between an arm and the control.

    gap_control  the level's mean less the base's, in the control group
    gap_arm      the same in the arm; of differences, gap_control + change
    change       the interaction, with its interval and p-values: of ratios, the one less the other
    """

    level: str
    base: str
    arm: str
    gap_control: float | None
    gap_arm: float | None
    change: float | None
    conf_low: float | None
    conf_high: float | None
    p_value: float | None
    p_adjusted: float | None
    p: float | None  # the one that the plan reads: adjusted where it adjusts
    withheld: bool
    fragile: bool = False  # the usual test may mislead within one of the two levels


@dataclass(frozen=True)
class GroupEquity:
    """One outcome by one planned subgroup. `p_least`: the family's smallest p-value, adjusted where the plan
    adjusts; None where every interaction is withheld or none could be tested. `tested`: how many were."""

    outcome: str
    column: str
    base: str
    p_least: float | None
    tested: int
    gaps: tuple[GapChange, ...]
    effects: tuple[LevelEffect, ...]

    @property
    def withheld(self) -> bool:
        return all(gap.withheld for gap in self.gaps)


@dataclass(frozen=True)
class Reach:
    """Units of one level to whom something was sent, and those whom nothing reached: it came back, and no
    word of theirs shows that another piece arrived. Both None where withheld."""

    column: str
    level: str
    sent: int | None
    unreached: int | None

    @property
    def share(self) -> float | None:
        return None if not self.sent or self.unreached is None else self.unreached / self.sent


@dataclass(frozen=True)
class Equity:
    """Everything on who benefits; both () where nothing was planned and no returned mail was told."""

    groups: tuple[GroupEquity, ...] = ()
    reach: tuple[Reach, ...] = ()

    def of(self, outcome: str) -> tuple[GroupEquity, ...]:
        return tuple(group for group in self.groups if group.outcome == outcome)


def equity(record: MemoRecord) -> Equity:
    """The published equity figures of a trial's last analysis."""
    rows = tuple(zip(record.results, suppress.published(record), strict=True))
    gone = suppress.withheld(record)
    first = suppress.first_levels(record.results)
    groups = [
        _group(outcome, column, first[outcome, column], rows, gone, record.definition.estimator.scale)
        for outcome in record.definition.outcomes
        for column in record.definition.analysis.subgroups
        if (outcome, column) in first
    ]
    reach = published_reach(record.reach, record.threshold, suppress.telling_levels(record))
    return Equity(tuple(groups), tuple(reach))


Pairs = Sequence[tuple[Result, Result]]  # as computed, as published


def _group(
    outcome: str, column: str, base: str, rows: Pairs, gone: frozenset[Result], scale: EffectScale
) -> GroupEquity:
    mine = [
        (raw, row, raw in gone)
        for raw, row in rows
        if raw.outcome == outcome and raw.subgroup == column and raw.role == "confirmatory"
    ]
    effects = tuple(_effect(raw, row, hidden, scale) for raw, row, hidden in mine if raw.term == "arm")
    control = {(e.level, e.arm): e.mean_control for e in effects}
    with_arm = {(e.level, e.arm): e.mean_arm for e in effects}

    def apart(means: Mapping[tuple[str, str], float | None], raw: Result, hidden: bool) -> float | None:
        there, here = means.get((raw.level or "", raw.arm)), means.get((base, raw.arm))
        return None if hidden or there is None or here is None else there - here

    gaps = []
    for raw, row, hidden in mine:
        if raw.term != "interaction":
            continue
        before = apart(control, raw, hidden)
        after = _sum(before, row.estimate) if scale.additive else apart(with_arm, raw, hidden)
        shaky = not hidden and suppress.group_fragile([r for r, _, _ in mine], raw, base)
        gaps.append(_gap(raw, row, hidden, base, before, after, shaky))
    tested = [gap.p for gap in gaps if gap.p is not None]
    return GroupEquity(outcome, column, base, min(tested, default=None), len(tested), tuple(gaps), effects)


def _effect(raw: Result, row: Result, hidden: bool, scale: EffectScale) -> LevelEffect:
    known = row.mean_control is not None and row.estimate is not None
    return LevelEffect(
        level=raw.level or "",
        arm=raw.arm,
        n_control=row.n_control,
        n_arm=row.n_arm,
        mean_control=row.mean_control,
        mean_arm=scale.level(row.mean_control or 0.0, row.estimate or 0.0) if known else None,
        estimate=row.estimate,
        conf_low=row.conf_low,
        conf_high=row.conf_high,
        withheld=hidden,
    )


def _gap(
    raw: Result,
    row: Result,
    hidden: bool,
    base: str,
    before: float | None,
    after: float | None,
    fragile: bool,
) -> GapChange:
    return GapChange(
        level=raw.level or "",
        base=base,
        arm=raw.arm,
        gap_control=before,
        gap_arm=after,
        change=row.estimate,
        conf_low=row.conf_low,
        conf_high=row.conf_high,
        p_value=row.p_value,
        p_adjusted=row.p_adjusted,
        p=row.p_value if raw.p_adjusted is None else row.p_adjusted,
        withheld=hidden,
        fragile=fragile,
    )


def _sum(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b


def published_reach(
    counts: Sequence[ReachCount], threshold: int, telling: Collection[tuple[str, str]] = ()
) -> list[Reach]:
    """Who was never reached, level by level; small counts go, and those that would give them or others away.

    telling  (column, level) whose people over all arms would tell what another table hides

    Columns are looked at one by one: each one's levels add up to the same totals, which are published.
    """
    reaches = []
    for column in dict.fromkeys(c.column for c in counts):
        levels = {c.level: (c.sent, c.unreached) for c in counts if c.column == column}
        hidden = hide_levels(levels, threshold, {level for of, level in telling if of == column})
        reaches += [
            Reach(column, level, *((None, None) if level in hidden else both))
            for level, both in levels.items()
        ]
    return reaches
