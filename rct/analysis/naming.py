"""Whom the outcomes files name, held against the draw.

Under `missing = "zero"` a unit that no file named counts as no, or 0. That is right only where being left out means
no. A file with noes among its rows lists people, whatever they did: whom it leaves out it says nothing of, and if it
leaves out more of one arm than lots would, the zeros are not results. A file of yeses alone (or of events) lists what
happened: being named is then the outcome itself, and may well differ by arm.

Between the two lies a file with hardly any noes. Where nearly all pay, a list of people looks so; and so does a list of
payments with a few that were refunded. What tells them apart is how many they name: a list that names more than half of
some arm and holds noes can be one of people that lacks half of another, so no verdict rests on it; one that names less
is of payments, or would lack most of every arm, and gets a caution.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Literal

import numpy as np

from rct.analysis.data import sample
from rct.definition import Definition
from rct.errors import Problem
from rct.estimate.checks import RATIO_WARNS
from rct.estimate.ratio import TableTest, emptiest, table_test
from rct.estimate.records import Sample
from rct.registry.trial import Trial

NOES = 20  # a file lists people where one in so many of those it names, or more, has a no
MOST = 0.5  # of an arm: a file with any noes that names more of it may list people
TIMES = 10  # named so many times as often in one arm as in another: hardly an effect

Lists = Literal["people", "results"]


@dataclass(frozen=True)
class Naming:
    """Units that the files of one outcome named, of all that were drawn.

    lists: what the files plainly list. test: of those that list people and leave out some. refused: the files list people,
    or may, and whom they name differs between the arms, in all or in some block, as lots would not have it: no verdict can
    rest on it. lopsided: they list results, and one arm is nearly absent; that may be an effect, or half a file. doubtful:
    likewise, with a few noes among them and more named of some arms than lots would: people, or results and an effect.
    Where noes are few, being named may be the outcome: `lists` is then "results", and number and test are not told.
    """

    lists: Lists
    drawn: int
    named: int
    test: TableTest | None
    refused: bool = False
    lopsided: bool = False
    doubtful: bool = False


def naming(
    definition: Definition,
    outcome: str,
    made: Sample,
    units: Sequence[str],
    stored: Mapping[str, float | None],  # nan: the row was refused, which is no no
) -> Naming | None:
    """What the files name of `outcome`, which no file may leave out in silence. `made`: any sample of the trial's
    units, in their order. None where a unit that no file named is unobserved: then `missing` is what tells.
    """
    what = definition.outcomes[outcome]
    if what.missing != "zero":
        return None
    named = np.fromiter(map(stored.__contains__, units), dtype=float, count=len(units))
    n = int(named.sum())
    if n in (0, len(units)):
        return Naming("people", len(units), n, None)
    held = replace(made, y=named, x=np.empty((0, 0)), x_names=())
    noes = sum(map(operator.not_, map(stored.__getitem__, compress(units, named))))  # None is one too
    by_arm = np.bincount(made.arm, weights=named, minlength=made.arms) / np.maximum(
        np.bincount(made.arm, minlength=made.arms), 1
    )
    # A single no shows that an arm without a single row was left out.
    some = what.rows == "unit" and noes > 0
    plain = some and (noes * NOES >= n or by_arm.min() == 0)
    if not (plain or (some and by_arm.max() > MOST)):
        far = bool(TIMES * by_arm.min() < by_arm.max())
        uneven = (far or some) and table_test(held).warns
        return Naming("results", len(units), n, None, lopsided=far and uneven, doubtful=some and uneven)
    test = table_test(held)
    empty = emptiest(held)
    refused = test.warns or (empty is not None and empty < RATIO_WARNS)
    if not plain:
        return Naming("results", len(units), n, None, refused=refused)
    return Naming("people", len(units), n, test, refused=refused)


def named_unevenly(trial: Trial, outcomes: Sequence[str]) -> list[Problem]:
    """A warning for each of `outcomes` whose files, as far as they are loaded, name people unevenly.

    It tells that it is so, of files that list people, and not of which arm: no result may be seen before its date.
    """
    problems = []
    definition = trial.definition
    made: Sample | None = None
    for outcome in outcomes:
        what = definition.outcomes[outcome]
        if what.missing != "zero" or what.rows != "unit":
            continue
        if made is None:
            made = sample(definition, trial.units, trial.arms, np.zeros(len(trial.arms)))
        found = naming(definition, outcome, made, trial.units.units, trial.outcome(outcome))
        # Where the noes are few, being named may be the outcome: nothing is told of it before its date.
        if found is not None and found.refused and found.lists == "people":
            problems.append(
                Problem(
                    code="named_unevenly",
                    rule=(
                        f"The files for {outcome} name {found.named:,} of {found.drawn:,} units, and not as many of "
                        "each arm as lots would make it. A unit that no file names counts as no, or zero. As it stands, no "
                        "verdict will be given."
                    ),
                    fix="Ask for a file of everyone on the list, whatever they were sent, and load it too.",
                    field=outcome,
                )
            )
    return problems
