"""Why a comparison is fragile, in words: an entry a code of `rct.estimate.fragile`, for every place that says why."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from rct.language import t


@dataclass(frozen=True)
class Why:
    """clause: for the terminal, in English. rests_on: what a trial of a pool rests on, in English. sentence: the memo's, in
    its language."""

    clause: str
    rests_on: str
    sentence: Callable[[], str]


WHY: dict[str, Why] = {
    "few_events": Why(
        "in an arm only few differ from most, or nearly all do",
        "few events",
        lambda: t("Very few had the outcome, or lacked it, in some group: the usual test can mislead."),
    ),
    "tests_disagree": Why(
        "drawing the lots anew refutes the test",
        "a test that drawing the lots anew refutes",
        lambda: t(
            "The usual test finds a difference and drawing the lots anew does not: the usual one misleads."
        ),
    ),
    "worthwhile_open": Why(
        "drawing the lots anew leaves a gain worth having open",
        "an interval that drawing the lots anew widens",
        lambda: t(
            "The usual test all but excludes a gain worth having and drawing the lots anew does not: the usual one misleads."
        ),
    ),
    "few_units": Why(
        "a small arm carries most of the error",
        "a small group",
        lambda: t("One group is small and carries most of the error: the usual test can mislead."),
    ),
    "skewed": Why(
        "the arms differ in size and a few large values weigh much",
        "a few large values",
        lambda: t("The groups differ in size and a few large values weigh much: the usual test can mislead."),
    ),
    "unlike_skew": Why(
        "a few large values weigh much in one arm and not in the other",
        "a few large values of one group",
        lambda: t(
            "A few large values weigh much in one group and not in the other: the usual test can mislead."
        ),
    ),
    "few_clusters": Why(
        "few clusters decide",
        "few groups",
        lambda: t(
            "Whole groups were drawn, and they are few or weigh unequally: the usual test can mislead."
        ),
    ),
}


def clauses(codes: Collection[str]) -> str:
    """`few clusters decide; …`, of codes that this rct knows or not."""
    return "; ".join(WHY[code].clause if code in WHY else code for code in codes)


def sentences(codes: Collection[str]) -> list[str]:
    """A sentence a code. Of few events it is said already that a few values weigh much."""
    gone = {"skewed"} if "few_events" in codes else set()
    return [why.sentence() for code, why in WHY.items() if code in codes and code not in gone]


def of_those_pooled(shaky: int, of: int, codes: Collection[str]) -> str:
    """`2 of 5 trials rest on few events or few groups`: of those pooled, how many are fragile, and why."""
    why = " or ".join(each.rests_on for code, each in WHY.items() if code in codes)
    return f"{shaky:,} of {of:,} trials {'rests' if shaky == 1 else 'rest'} on {why}"
