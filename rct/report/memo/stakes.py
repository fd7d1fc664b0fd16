"""People and money: what the interval means for 10,000 more, what one more outcome costs.

A money number is printed only where it is defined: a benefit was named in the plan, a cost is known, and the
interval doesn't make it unbounded.
"""

from __future__ import annotations

import math

from rct.definition.resolve import arm_templates
from rct.language import t
from rct.report.record import CostRecord, MemoRecord
from rct.report.words import numbers as show
from rct.report.words.finding import Finding, Standing
from rct.report.words.phrases import piece

PEOPLE = 10_000


def stakes(record: MemoRecord, top: Finding) -> list[str]:
    """The sentences on people and money for the arm of the answer; no word of money where no change is possible."""
    if not top.shown:
        return []
    if not top.bounded:
        return [t("What more of them would bring can't be told: there is no interval.")]
    low, high = top.more(top.low), top.more(top.high)
    if low is None or high is None:
        return []  # a ratio to a level that is not known
    if low <= 0 <= high:
        return [_unclear(record, top, low, high)]
    near, far = sorted((abs(PEOPLE * low), abs(PEOPLE * high)))
    return [_people(record, top, near, far), *_worth(record, top, near, far), *_only_if(top)]


def _told(record: MemoRecord, top: Finding) -> dict[str, str]:
    sent = arm_templates(record.definition.arms[top.row.arm])
    per = piece(record.definition.trial.channel, 2) if sent else t("people")
    values = {"people": f"{PEOPLE:,}", "pieces": per, "arm": top.arm, "outcome": top.outcome}
    return {**values, "control": top.control}


def _unclear(record: MemoRecord, top: Finding, low: float, high: float) -> str:
    values = _told(record, top) | {"low": _size(-PEOPLE * low), "high": _size(PEOPLE * high)}
    if top.scale.binary:
        return t(
            "With {arm} in place of {control}, {people} {pieces} bring from {low} fewer to {high} more with {outcome}.",
            **values,
        )
    return t(
        "With {arm} in place of {control}, {people} {pieces} bring a total of {outcome} from {low} lower to {high} higher.",
        **values,
    )


def _people(record: MemoRecord, top: Finding, near: float, far: float) -> str:
    values = _told(record, top) | {"low": _size(near), "high": _size(far)}
    if top.scale.binary:
        return (
            t(
                "With {arm} in place of {control}, {people} {pieces} bring {low} to {high} more with {outcome}.",
                **values,
            )
            if top.low > 0
            else t(
                "With {arm} in place of {control}, {people} {pieces} bring {low} to {high} fewer with {outcome}.",
                **values,
            )
        )
    return (
        t(
            "With {arm} in place of {control}, {people} {pieces} bring a total of {outcome} {low} to {high} higher.",
            **values,
        )
        if top.low > 0
        else t(
            "With {arm} in place of {control}, {people} {pieces} bring a total of {outcome} {low} to {high} lower.",
            **values,
        )
    )


def _worth(record: MemoRecord, top: Finding, near: float, far: float) -> list[str]:
    """What the change is worth, what the pieces cost, and what is left: the extra cost is that over the control."""
    benefit = record.definition.outcomes[top.row.outcome].benefit
    cost = next((a.cost for a in record.decision.arms if a.arm == top.row.arm), None)
    costs = _cost(record, cost, top) if cost else []
    if benefit is None:
        return costs
    near, far = near * float(benefit), far * float(benefit)
    values = {
        "low": _money(record, near),
        "high": _money(record, far),
        "each": show.money(float(benefit), record.currency).removesuffix(".00"),
    }
    if top.gain < 0:
        return [t("At {each} each, that is a loss of about {low} to {high}.", **values), *costs]
    worth = t("At {each} each, that is worth about {low} to {high}.", **values)
    if cost is None or cost.extra_cost == 0:
        return [worth, *costs]
    extra = PEOPLE * cost.extra_cost
    net = {"low": _money(record, near - extra), "high": _money(record, far - extra)}
    return [worth, costs[0], t("That leaves about {low} to {high} net.", **net), *costs[1:]]


def _only_if(top: Finding) -> list[str]:
    if top.standing in (Standing.MAYBE_BETTER, Standing.MAYBE_WORSE):
        return [t("All this holds only if it was not chance.")]
    return []


def _cost(record: MemoRecord, cost: CostRecord, top: Finding) -> list[str]:
    each = cost.extra_cost
    total = PEOPLE * (record.definition.arms[top.row.arm].unit_cost or 0.0)
    values = _told(record, top) | {
        "total": _money(record, total),
        "extra": _money(record, abs(PEOPLE * each)),
    }
    if each == 0 and record.definition.arms[top.row.arm].unit_cost is None:
        return []  # nothing is sent to either
    if each == 0:
        return [t("These {pieces} cost {total}, the same as with {control}.", **values)]
    if each < 0:
        return [t("These {pieces} cost {total}, which is {extra} less than with {control}.", **values)]
    if math.isclose(total, PEOPLE * each):
        said = t("These {pieces} cost {total}.", **values)
    else:
        said = t("These {pieces} cost {total}, which is {extra} more than with {control}.", **values)
    return [said, *_per_outcome(record, cost, top)]


def _per_outcome(record: MemoRecord, cost: CostRecord, top: Finding) -> list[str]:
    more = top.sign > 0
    if cost.none or cost.low is None:
        return [t("No gain is to be expected for it.")]
    if cost.high is None or cost.per_outcome is None:
        return []
    values = {
        "low": show.money(cost.low, record.currency),
        "high": show.money(cost.high, record.currency),
        "cost": show.money(cost.per_outcome, record.currency),
    }
    return [
        t("One more outcome costs {cost} (from {low} to {high}).", **values)
        if more
        else t("One outcome avoided costs {cost} (from {low} to {high}).", **values)
    ]


def _size(value: float) -> str:
    return show.three_figures(value)


def _money(record: MemoRecord, value: float) -> str:
    return show.money(value, record.currency, rough=True)
