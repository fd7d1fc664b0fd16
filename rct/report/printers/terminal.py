"""Results as rows of a table for the terminal: the same rounding as the memo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rct.analysis.compute import OutcomeCheck
from rct.analysis.results import Instead
from rct.definition import Definition
from rct.errors import visible
from rct.estimate.estimators import estimator_of
from rct.estimate.levels import reference_of
from rct.kinds import kind_of
from rct.registry.results import Result
from rct.report.words import numbers as show
from rct.report.words.chance import unvaried
from rct.report.words.fragility import clauses

KIND = {
    "newcombe": "Newcombe's interval, made for few cases,",
    "randomization": "the interval of the randomization test",
}

HEAD = ("arm", "where", "effect", "interval", "p", "adjusted", "n")


@dataclass(frozen=True)
class _Shown:
    """How estimates are shown: in percentage points; with a plus, where more than 0 is more."""

    points: bool
    signed: bool

    @classmethod
    def of(cls, definition: Definition, outcome: str) -> _Shown:
        additive = definition.estimator.scale.additive
        return cls(additive and kind_of(definition.outcomes[outcome].kind).share, additive)


def result_rows(definition: Definition, rows: Sequence[Result], outcome: str) -> list[tuple[str, ...]]:
    """One line a result of `outcome`; effects on a share in percentage points, ratios as they are."""
    shown = _Shown.of(definition, outcome)
    alpha = float(definition.analysis.alpha)
    mine = [row for row in rows if row.outcome == outcome]
    first = {column: _first(mine, column) for column in {r.subgroup for r in mine if r.subgroup}}
    places = _places(mine, shown)
    return [
        (
            row.arm,
            _where(row, first),
            _value(row.estimate, shown, places),
            _interval(row, shown, places) + (" *" if row.fragile else ""),
            _p(row.p_value, alpha),
            _p(row.p_adjusted, alpha),
            "" if row.n is None else f"{row.n:,}",
        )
        for row in mine
    ]


def fragile_lines(
    definition: Definition,
    rows: Sequence[Result],
    shaky: Sequence[Instead],
    outcome: str,
    *,
    decides: bool,
) -> list[str]:
    """A paragraph for each fragile comparison of `outcome`: why the table's test may mislead, and what the memo tells
    in place of its interval. `shaky`: as `rct.analysis.results.fragile` gives them; `decides`: the rule looks at it."""
    shown = _Shown.of(definition, outcome)
    mine = [each for each in shaky if each.outcome == outcome]
    places = _places([*(row for row in rows if row.outcome == outcome), *_bounded(mine)], shown)
    adjusted = "" if definition.analysis.multiplicity == "none" else ", adjusted"
    sentences = []
    for each in mine:
        why = clauses(each.reasons)
        told = KIND.get(each.interval, str(each.interval))
        if _bounded([each]):
            text = f"The memo tells {told} in place of the t interval: {_interval(each, shown, places)}."
        else:
            text = f"{told[0].upper()}{told[1:]} has no end ({definition.estimator.scale.endless})."
        p = each.p_randomization_adjusted
        if p is None:
            text += " Drawing the lots anew does not bear the effect out."
        else:
            asks = "; the rule asks for it too" if decides else ""
            text += f" p by drawing the lots anew{adjusted}: {_p(p, float(definition.analysis.alpha))}{asks}."
        sentences.append(visible(f"{each.arm}: the t test may mislead here ({why}). {text}"))
    return sentences


def star_line(rows: Sequence[Result], outcome: str) -> list[str]:
    """What the star in the table of `outcome` stands for."""
    if not any(row.fragile for row in rows if row.outcome == outcome):
        return []
    return ["* The t test, whose interval and p these are, may mislead here."]


def untested_lines(
    definition: Definition, rows: Sequence[Result], checks: Sequence[OutcomeCheck], outcome: str
) -> list[str]:
    """What is said of each arm of `outcome` of which nothing varies by which the t test could tell an error."""
    alpha = float(definition.analysis.alpha)
    fisher = {arm: p for check in checks if check.outcome == outcome for arm, p in check.fisher}
    said = (
        unvaried(row, row.arm, fisher.get(row.arm), alpha)
        for row in rows
        if row.outcome == outcome and row.main
    )
    return [visible(" ".join(sentences)) for sentences in said if sentences]


def _bounded(shaky: Sequence[Instead]) -> list[Instead]:
    return [each for each in shaky if each.conf_low is not None and each.conf_high is not None]


def unit_of(definition: Definition, outcome: str) -> str:
    scale = definition.estimator.scale
    if not scale.additive:
        return f"{scale.name}, {scale.null:g} is no difference"
    return scale.unit or kind_of(definition.outcomes[outcome].kind).unit or "in its own unit"


def _first(rows: Sequence[Result], column: str) -> str:
    """The level that the interactions of `column` are measured from."""
    within, between = (
        {r.level for r in rows if r.level is not None and r.subgroup == column and r.term == term}
        for term in ("arm", "interaction")
    )
    return reference_of(within, between) or "the first"


def _where(row: Result, first: Mapping[str, str]) -> str:
    if row.term == "between":
        return f"{estimator_of(row.estimator).scale.word} {row.control} (exploratory)"
    mark = "" if row.role == "confirmatory" else " (exploratory)"
    if row.subgroup is None:
        return f"all{mark}"
    if row.term == "interaction":
        return f"{row.subgroup}: {row.level} less {first[row.subgroup]}{mark}"
    return f"{row.subgroup}: {row.level}{mark}"


def _places(intervals: Sequence[Result | Instead], shown: _Shown) -> int:
    """Decimals that show the smallest interval of the table to two figures; points always have two."""
    widths = [
        row.conf_high - row.conf_low
        for row in intervals
        if row.conf_low is not None and row.conf_high is not None
    ]
    return 2 if shown.points or not widths else show.places_for(min(widths) / 2, 2, figures=2)


def _interval(row: Result | Instead, shown: _Shown, places: int) -> str:
    if row.conf_low is None:
        return ""
    return f"{_value(row.conf_low, shown, places)} to {_value(row.conf_high, shown, places)}"


def _value(value: float | None, shown: _Shown, places: int) -> str:
    if value is None:
        return ""
    return ("+" if value > 0 and shown.signed else "") + (
        show.points(value, places) if shown.points else show.decimal(value, places)
    )


def _p(p: float | None, alpha: float) -> str:
    return "" if p is None else show.p_number(p, alpha)
