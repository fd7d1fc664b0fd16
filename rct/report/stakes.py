"""People and money: what the interval means for 10,000 more, what one more outcome costs.

A money number is printed only where it is defined: a benefit was named in the plan, a cost is known, and the
interval doesn't make it unbounded.
"""

from __future__ import annotations

from rct.report import numbers as show
from rct.report.finding import Finding, Standing
from rct.report.record import Cost, MemoRecord

PEOPLE = 10_000


def stakes(record: MemoRecord, top: Finding) -> list[str]:
    """The sentences on people and money for the arm of the answer."""
    if not top.shown:
        return []
    return [_people(record, top), *_cost(record, top)]


def _people(record: MemoRecord, top: Finding) -> str:
    doubt = (
        ", and this is not chance" if top.standing in (Standing.MAYBE_BETTER, Standing.MAYBE_WORSE) else ""
    )
    opening = f"If {PEOPLE:,} more get {top.arm} instead of {top.control}{doubt}, expect"
    low, high = PEOPLE * top.low, PEOPLE * top.high
    benefit = record.definition.outcomes[top.row.outcome].benefit
    if low <= 0 <= high:
        if top.scale.binary:
            text = f"{opening} anything from {_size(-low)} fewer to {_size(high)} more with {top.outcome}."
        else:
            change = f"anything from {_size(-low)} lower to {_size(high)} higher"
            text = f"{opening} the total of {top.outcome} to be {change}."
        return text if benefit is None else f"{text} That includes no change, so no money figure is given."
    near, far = sorted((abs(low), abs(high)))
    size = f"{_size(near)} to {_size(far)}"
    if top.scale.binary:
        text = f"{opening} {size} {'more' if low > 0 else 'fewer'} with {top.outcome}"
    else:
        text = f"{opening} the total of {top.outcome} to be {size} {'higher' if low > 0 else 'lower'}"
    if benefit is None:
        return text + "."
    worth = float(benefit)
    amounts = f"{_money(record, near * worth)} to {_money(record, far * worth)}"
    return f"{text}, {'worth' if top.gain > 0 else 'a loss of'} about {amounts}."


def _cost(record: MemoRecord, top: Finding) -> list[str]:
    cost = next((a.cost for a in record.decision.arms if a.arm == top.row.arm), None)
    if cost is None:
        return []
    each = cost.extra_cost
    if each == 0:
        return [f"{top.arm} costs the same as {top.control}."]
    if each < 0:
        return [f"{top.arm} costs {show.money(-each, record.currency)} less for each one than {top.control}."]
    return [
        f"{top.arm} costs {show.money(each, record.currency)} more for each one than {top.control}: "
        f"{_per_outcome(record, cost, top)}."
    ]


def _per_outcome(record: MemoRecord, cost: Cost, top: Finding) -> str:
    one = "additional outcome" if top.sign > 0 else "outcome avoided"
    if cost.none or cost.low is None:
        return f"no {one}s are to be expected for it"
    if cost.high is None or cost.per_outcome is None:
        return f"at least {show.money(cost.low, record.currency)} for each {one}, with no upper limit"
    low, high = (show.money(v, record.currency) for v in (cost.low, cost.high))
    return f"{show.money(cost.per_outcome, record.currency)} for each {one} (from {low} to {high})"


def _size(value: float) -> str:
    return show.three_figures(value)


def _money(record: MemoRecord, value: float) -> str:
    return show.money(value, record.currency, rough=True)
