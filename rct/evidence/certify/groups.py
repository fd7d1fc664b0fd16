"""Who benefits, over many trials: whether effects differ between planned groups, and whom no mail reached.

Differences come from what memo and appendix printed, so they are suppressed already; returned mail is counted here
and suppressed by the rule of `rct.report.appendix.equity`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rct.evidence.site.published import Published, finished, publish
from rct.registry.trial import Locked
from rct.report.appendix.equity import Reach
from rct.report.blocks import TableBlock
from rct.report.suppress import first_levels, group_fragile
from rct.report.words import numbers as show
from rct.report.words.finding import scale_of
from rct.report.words.phrases import prose, unquoted


@dataclass(frozen=True)
class SubgroupDifference:
    """How much one version's effect in a group differs from that in the first group. Figures None: withheld."""

    trial: str
    outcome: str
    arm: str
    column: str
    level: str
    base: str
    estimate: float | None
    conf_low: float | None
    conf_high: float | None
    p_adjusted: float | None
    shown: str  # with its interval, in the outcome's unit


@dataclass(frozen=True)
class Groups:
    """What is known of groups in the trials looked at."""

    differences: tuple[SubgroupDifference, ...] = ()
    reach: tuple[tuple[str, Reach], ...] = ()  # trial, one level


def groups(trials: Sequence[Locked]) -> Groups:
    """Of every finished trial, on the outcome that decides."""
    publisheds = [publish(t) for t in trials if finished(t)]
    differences = [d for t in publisheds if t.locked.definition.analysis.subgroups for d in _differences(t)]
    return Groups(tuple(differences), tuple((t.name, r) for t in publisheds for r in t.reach))


def tables(groups: Groups) -> list[TableBlock]:
    """The two tables of the pack, those that there are."""
    made = []
    if groups.differences:
        rows = tuple(
            (
                *(d.trial, d.arm, f"{prose(d.column)}: {prose(d.level)}, not {prose(d.base)}", d.shown),
                "" if d.p_adjusted is None else show.p_number(d.p_adjusted),
            )
            for d in groups.differences
        )
        header = ("Trial", "Version", "Group", "Effect differs by (interval)", "p")
        made.append(
            TableBlock(
                "Does the effect differ between groups?", header, rows, (False, False, False, True, True)
            )
        )
    if groups.reach:
        shares = tuple(
            (
                *(name, prose(r.column), prose(r.level)),
                "withheld" if r.sent is None else f"{r.sent:,}",
                "withheld" if r.share is None else show.percent(r.share),
            )
            for name, r in groups.reach
        )
        header = ("Trial", "By", "Group", "Sent to", "Never reached")
        made.append(TableBlock("Whom no mail reached", header, shares, (False, False, False, True, True)))
    return made


def _differences(t: Published) -> list[SubgroupDifference]:
    outcome = t.findings[0].row.outcome
    mine = [
        r for r in t.results if r.outcome == outcome and r.subgroup is not None and r.role == "confirmatory"
    ]
    tested = [r for r in mine if r.term == "interaction"]
    definition = t.locked.definition
    scale = scale_of(definition, outcome, [r for r in tested if r.conf_low is not None]).of_interaction
    differences = []
    for r in tested:
        base = first_levels(tuple(mine)).get((outcome, r.subgroup), "")
        shown = (
            "withheld"
            if r.estimate is None or r.conf_low is None or r.conf_high is None
            else f"{scale.signed(r.estimate)} ({scale.ends(r.conf_low, r.conf_high)})"
        )
        p = r.ruling_p
        if r.estimate is not None and group_fragile(mine, r, base):
            shown, p = f"{scale.signed(r.estimate)} (the usual test can mislead here)", None
        label = unquoted(definition.arms[r.arm].label)
        differences.append(
            SubgroupDifference(
                *(t.name, outcome, label, r.subgroup or "", r.level or "", base),
                *(r.estimate, r.conf_low, r.conf_high, p, shown),
            )
        )
    return differences
