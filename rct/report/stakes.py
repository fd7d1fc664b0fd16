"""People and money: what the interval means for 10,000 more, what one more outcome costs.

A money number is printed only where it is defined: a benefit was named in the plan, a cost is known, and the
interval doesn't make it unbounded.
"""

from __future__ import annotations

from rct.report import numbers as show
from rct.report.finding import Finding, Standing
from rct.report.language import t
from rct.report.record import Cost, MemoRecord

PEOPLE = 10_000


def stakes(record: MemoRecord, top: Finding) -> list[str]:
    """The sentences on people and money for the arm of the answer."""
    if not top.shown:
        return []
    return [*_people(record, top), *_cost(record, top)]


def _people(record: MemoRecord, top: Finding) -> list[str]:
    told = {"people": f"{PEOPLE:,}", "arm": top.arm, "outcome": top.outcome}
    low, high = PEOPLE * top.low, PEOPLE * top.high
    benefit = record.definition.outcomes[top.row.outcome].benefit
    if low <= 0 <= high:
        told |= {"low": _size(-low), "high": _size(high)}
        if top.scale.binary:
            text = t(
                "If {people} more get {arm}, expect from {low} fewer to {high} more with {outcome}.", **told
            )
        else:
            text = t(
                "If {people} more get {arm}, expect a total of {outcome} from {low} lower to {high} higher.",
                **told,
            )
        return [text] if benefit is None else [text, t("That includes no change, so no money is named.")]
    near, far = sorted((abs(low), abs(high)))
    told |= {"low": _size(near), "high": _size(far)}
    if top.scale.binary:
        said = [
            t("If {people} more get {arm}, expect {low} to {high} more with {outcome}.", **told)
            if low > 0
            else t("If {people} more get {arm}, expect {low} to {high} fewer with {outcome}.", **told)
        ]
    else:
        said = [
            t("If {people} more get {arm}, expect a total of {outcome} {low} to {high} higher.", **told)
            if low > 0
            else t("If {people} more get {arm}, expect a total of {outcome} {low} to {high} lower.", **told)
        ]
    if benefit is not None:
        amounts = {"low": _money(record, near * float(benefit)), "high": _money(record, far * float(benefit))}
        said.append(
            t("That is worth about {low} to {high}.", **amounts)
            if top.gain > 0
            else t("That is a loss of about {low} to {high}.", **amounts)
        )
    if top.standing in (Standing.MAYBE_BETTER, Standing.MAYBE_WORSE):
        said.append(t("All this holds only if it was not chance."))
    return said


def _cost(record: MemoRecord, top: Finding) -> list[str]:
    cost = next((a.cost for a in record.decision.arms if a.arm == top.row.arm), None)
    if cost is None:
        return []
    each = cost.extra_cost
    told = {"arm": top.arm, "control": top.control, "each": show.money(abs(each), record.currency)}
    if each == 0:
        return [t("{arm} costs the same as {control}.", **told)]
    if each < 0:
        return [t("{arm} costs {each} less for each one than {control}.", **told)]
    return [
        t("{arm} costs {each} more for each one than {control}.", **told),
        *_per_outcome(record, cost, top),
    ]


def _per_outcome(record: MemoRecord, cost: Cost, top: Finding) -> list[str]:
    more = top.sign > 0
    if cost.none or cost.low is None:
        return [t("No gain is to be expected for it.")]
    told = {"low": show.money(cost.low, record.currency)}
    if cost.high is None or cost.per_outcome is None:
        return [
            t("One more outcome costs at least {low}, with no upper limit.", **told)
            if more
            else t("One outcome avoided costs at least {low}, with no upper limit.", **told)
        ]
    told |= {
        "high": show.money(cost.high, record.currency),
        "cost": show.money(cost.per_outcome, record.currency),
    }
    return [
        t("One more outcome costs {cost} (from {low} to {high}).", **told)
        if more
        else t("One outcome avoided costs {cost} (from {low} to {high}).", **told)
    ]


def _size(value: float) -> str:
    return show.three_figures(value)


def _money(record: MemoRecord, value: float) -> str:
    return show.money(value, record.currency, rough=True)
