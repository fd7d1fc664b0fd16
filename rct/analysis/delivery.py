"""Delivery by arm: what was mailed, delivered, returned and forwarded, held against what was drawn.

Delivery happens after the draw. It is told and tested, and never filters the analysis: who got no letter stays in
the arm that was drawn. What people did with a piece (opened, clicked, replied, stopped) is a result, and is shown by
arm only when results may be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rct.analysis.data import levels_of
from rct.definition import Definition
from rct.definition.resolve import arm_templates
from rct.design.schemes.dealing import codes
from rct.estimate.levels import in_order
from rct.estimate.ratio import TableTest, table_test
from rct.estimate.records import Sample
from rct.letters.pieces import DELIVERY, OTHER_VERSION, RESPONSES, STATUSES, WISHES
from rct.registry import doses, state, store
from rct.registry.events import HandoverBody, LettersBody
from rct.registry.trial import Trial


@dataclass(frozen=True)
class Delivery:
    """One status: pieces by arm of those to whom something is sent, and whether they are as many as lots would give.

    `counts` are units. check: the status or not, by arm, in the blocks and clusters of the draw; None: nothing to test.
    """

    status: str
    counts: Mapping[str, int]
    drawn: Mapping[str, int]
    check: TableTest | None


def shown(trial: Trial) -> Sequence[str]:
    """The statuses that may be shown by arm today: before the date of the results, none that is a result.

    Where people of this trial opted out and a later list left them out, what was sent by arm would tell how many.
    """
    trial_state = trial.state
    if trial_state.results_open(trial.definition.analysis.date):
        return STATUSES
    wished = any(d.status in WISHES for d in doses.read_doses(trial.db, trial.name))
    return (
        ()
        if wished and any(state.left_out(e.body) for e in trial_state.all(LettersBody, HandoverBody))
        else DELIVERY
    )


def delivery(trial: Trial, statuses: Sequence[str] = DELIVERY) -> list[Delivery]:
    """The statuses that were told, in the order of `statuses`. Nothing was loaded: []."""
    definition, told = trial.definition, doses.read_doses(trial.db, trial.name)
    if not told:
        return []
    rows = {row.unit: row for row in store.read_assignment(trial.db, trial.name)}
    reached = {rows[d.unit].arm for d in told}
    arms = [a for a, arm in definition.arms.items() if arm_templates(arm) or a in reached]
    drawn = {a: {row.unit for row in rows.values() if row.arm == a} for a in arms}
    sent = [row for row in rows.values() if row.arm in drawn]
    deliveries = []
    for status in statuses:
        units = {d.unit for d in told if d.status == status}
        if units:
            by_arm = {a: units & drawn[a] for a in arms}
            deliveries.append(
                Delivery(
                    status,
                    {a: len(by_arm[a]) for a in arms},
                    {a: len(drawn[a]) for a in arms},
                    _check(definition, arms, sent, units) if status in DELIVERY else None,
                )
            )
    return deliveries


ARRIVED = ("delivered", "forwarded", *RESPONSES)  # any of these: a piece got through


def crossovers(trial: Trial) -> dict[str, int]:
    """Units by arm that got another version than was drawn, every arm with any: for an analysis of those who complied.

    Nothing of the confirmatory analysis reads it: everyone is analyzed in the arm that was drawn.
    """
    told = delivery(trial, (OTHER_VERSION,))
    return {arm: n for each in told for arm, n in each.counts.items() if n}


MOST_LEVELS = 50  # of a column by which reach is told; a finer one would be all small counts


@dataclass(frozen=True)
class LevelReach:
    """Units with this value to whom something is sent, and those of whom only returned mail was told."""

    column: str
    level: str
    sent: int
    unreached: int


def reach(trial: Trial) -> list[LevelReach]:
    """Who was never reached, by each planned subgroup, category and block column, levels in order.

    Arms together: who was reached is about addresses, not about wording. No returned mail was told: [].
    """
    definition, told = trial.definition, doses.read_doses(trial.db, trial.name)
    came_back = {d.unit for d in told if d.status == "returned"}
    if not came_back:
        return []
    unreached = came_back - {d.unit for d in told if d.status in ARRIVED}
    arms = {row.unit: row.arm for row in store.read_assignment(trial.db, trial.name)}
    mailed = {a for a, arm in definition.arms.items() if arm_templates(arm)}
    mailed |= {arms[d.unit] for d in told}
    names = dict.fromkeys(
        (*definition.analysis.subgroups, *definition.frame.categories, *definition.design.blocks)
    )
    frame, level_reaches = trial.frame, []
    for name in (n for n in names if n in frame.columns):
        values = levels_of(frame.columns[name])
        sent = Counter(v for unit, v in zip(frame.units, values, strict=True) if arms[unit] in mailed)
        missed = Counter(v for unit, v in zip(frame.units, values, strict=True) if unit in unreached)
        if len(sent) <= MOST_LEVELS:
            levels = in_order(sent)
            level_reaches += [LevelReach(name, level, sent[level], missed[level]) for level in levels]
    return level_reaches


def _check(
    definition: Definition, arms: Sequence[str], sent: Sequence[store.Assigned], units: set[str]
) -> TableTest | None:
    """Whether `units` fell on the arms that something is sent to as lots would have it; None with one such arm."""
    if len(arms) < 2 or not sent:
        return None
    labels, block = codes([row.block for row in sent]) if definition.design.blocks else ((), None)
    return table_test(
        Sample(
            y=np.fromiter((row.unit in units for row in sent), dtype=float, count=len(sent)),
            arm=np.fromiter((arms.index(row.arm) for row in sent), dtype=np.int64, count=len(sent)),
            arm_names=tuple(arms),
            shares=tuple(definition.arms[a].share for a in arms),
            block=block,
            block_labels=tuple(labels),
            cluster=codes([row.cluster for row in sent])[1] if definition.clustered else None,
        )
    )
