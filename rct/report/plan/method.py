"""The analysis in words, computed from the definition: the rules of docs/methods.md for this design.

The plan prints them before, the appendix after, from the same functions.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from rct.analysis.compute import DRAWS
from rct.estimate.estimators.base import MethodStep, PlanShape
from rct.kinds import kind_of
from rct.language import listed, number, t, tn
from rct.report.words import numbers as show
from rct.report.words.finding import Scale
from rct.report.words.phrases import quoted

if TYPE_CHECKING:
    from rct.definition import Definition
    from rct.estimate.scales import EffectScale


def notation(definition: Definition) -> str:
    """The letters of the formulas: those that this design has."""
    sentences = [t("Notation: a is an arm and 0 the control")]
    if definition.blocked:
        sentences += [
            t("b a block"),
            t("n_b the units of block b with an observed outcome, over all arms"),
            t("N their sum"),
            t("n_ba, ȳ_ba and s²_ba the count, mean and variance (divisor n − 1) of arm a in block b"),
        ]
    else:
        sentences += [
            t("N the units with an observed outcome, over all arms"),
            t("n_a, ȳ_a and s²_a the count, mean and variance (divisor n − 1) of arm a"),
        ]
    sentences.append(t("K the number of arms"))
    if definition.estimator.adjusts:
        sentences += [t("p the number of covariate columns X"), t("X̄ their mean over all analyzed units")]
    return "; ".join(sentences) + "."


def _shape(definition: Definition) -> PlanShape:
    return PlanShape(
        blocked=definition.blocked,
        clustered=definition.clustered,
        pairs=len(definition.arms) == 2 and len(set(definition.shares)) == 1,
        by_precision=definition.analysis.block_weights == "precision",
        columns=bool(definition.frame.covariates or definition.frame.categories),
    )


def _no_difference(scale: EffectScale) -> list[MethodStep]:
    """What a test is against, where that is not 0."""
    if scale.null == 0:
        return []
    return [
        MethodStep(
            t(
                "Scale: the estimate is a {scale}, and no difference is {null}; every test is against that. The "
                "interaction of a subgroup is the difference of two such {scale}s, tested against 0.",
                scale=t(scale.name),
                null=number(f"{scale.null:g}"),
            )
        )
    ]


def estimation(definition: Definition) -> list[MethodStep]:
    """Estimand, estimator, standard error and degrees of freedom of the main comparisons."""
    blocked, clustered = definition.blocked, definition.clustered
    shape, estimator = _shape(definition), definition.estimator
    step = estimator.estimation(shape)
    if not shape.pairs:
        step = [s for s in step if not s.of_pairs]  # a pair holds one unit of each of two arms
    level = show.confidence(1 - definition.analysis.alpha)
    estimand = [
        t(
            "Estimand: {estimand}. Every unit counts in the arm it was drawn to, whatever reached it.",
            estimand=t(estimator.scale.estimand),
        )
    ]
    if clustered:
        estimand.append(t("The average is over units, not over clusters."))
    if clustered and blocked:
        estimand.append(
            t("Where few clusters of unlike size share a block, units of the large ones count for less.")
        )
    return [
        MethodStep(" ".join(estimand)),
        *step,
        estimator.error_words(shape),
        *_no_difference(estimator.scale),
        MethodStep(
            t(
                "Tests are two-sided, whichever direction is hoped for. The {level} interval is the estimate plus "
                "and minus Student's t quantile, with the degrees of freedom given, times the standard error.",
                level=level,
            )
        ),
        *_fragile(definition),
        MethodStep(
            t(
                "The draw's realized counts are taken as given: by the rule of the draw, the assignment is then a "
                "stratified complete randomization, and no correction is owed for leftovers."
            )
            if definition.scheme.permitted_within
            else t(
                "The draw's realized counts are taken as given: by the rule of the draw, the assignment is then a "
                "complete randomization, and no correction is owed for leftovers."
            )
        ),
        *(_small_blocks(definition, shape) if blocked else []),
        _nothing_varies(definition, pairs=shape.pairs),
    ]


def _fragile(definition: Definition) -> list[MethodStep]:
    """When the t test is not enough, and what is asked and told then: `rct.estimate.fragile`."""
    blocked, clustered = definition.blocked, definition.clustered
    adjusts = _adjusts(definition)
    welch = definition.estimator.df_by_arm(blocked=blocked, clustered=clustered)
    skewed = ["|γ| > .25"]
    if blocked:
        skewed.append(t("of outcomes less their block's mean"))
    if clustered:
        skewed.append(t("and of clusters' sums"))
    reasons = [
        t(
            "few differ from most (one value, such as no or nothing, is that of half of the two arms' units or more, "
            "and fewer than 10 units of either arm have another, or have it, counted in the blocks where the outcome "
            "varies)"
        )
        if blocked
        else t(
            "few differ from most (one value, such as no or nothing, is that of half of the two arms' units or more, "
            "and fewer than 10 units of either arm have another, or have it)"
        ),
        t("the arms differ in size and the outcome is skewed ({measure})", measure=", ".join(skewed)),
    ]
    if clustered:
        reasons.append(
            t(
                "few clusters decide: degrees of freedom under 4.5, or under half of ({full}), or under 20 and under "
                "three quarters of what clusters of one size would leave",
                full=t("clusters of the two arms − 2 strata")
                if blocked
                else t("clusters of the two arms − 2"),
            )
        )
    elif not welch:  # Welch's degrees of freedom have each arm's variance in them
        reasons.append(
            t(
                "a small arm carries the error: degrees of freedom by the variance that each arm contributes (one "
                "variance an arm) under 20 and under three quarters of those used"
            )
        )
    reasons.append(
        t("the randomization test refutes the t test by more than drawing explains (two simulation errors)")
    )
    scale = definition.estimator.scale
    own = (
        t("that test's own, which assumes one effect for all")
        if scale.additive
        else t("that test's own, which assumes one {scale} for all", scale=t(scale.name))
    )
    yes_no = any(kind_of(o.kind).events for o in definition.outcomes.values())
    if clustered or not yes_no or not scale.additive:
        interval = t("the interval told is {own}", own=own)
    elif blocked:
        interval = t(
            "the interval told is Newcombe's for yes/no outcomes (in blocks of the weighted shares, each by Wilson's "
            "interval at the effective number 1/Σ(w_b²/n_ba), w_b the block's weight) (Newcombe 1998), else {own}",
            own=own,
        )
    else:
        interval = t(
            "the interval told is Newcombe's for yes/no outcomes (Newcombe 1998), else {own}", own=own
        )
    holm = definition.analysis.multiplicity == "holm"
    values = {
        "reasons": reduce(lambda one, other: t("{one}; or {other}", one=one, other=other), reasons),
        "test": t("the randomization test of the outcome less what X explains")
        if adjusts
        else t("the randomization test"),
        "draws": t("{draws} draws, adjusted by Holm's method", draws=number(DRAWS))
        if holm
        else t("{draws} draws", draws=number(DRAWS)),
        "null": number(f"{scale.null:g}"),
        "interval": interval,
    }
    return [
        MethodStep(
            t(
                "A comparison is fragile where {reasons}. There a verdict also asks that the p-value of {test} "
                "({draws}) be at most alpha, on the estimate's side of {null}, and {interval}; where that has no "
                "end, the t interval is shown, and said to be so.",
                **values,
            ),
            "γ = m₃ (1/n_a² − 1/n_0²) / [s² (1/n_a + 1/n_0)]^(3/2)",
        )
    ]


def _adjusts(definition: Definition) -> bool:
    """Whether the estimator takes out what columns from before the draw explain."""
    frame = definition.frame
    return definition.estimator.adjusts and bool(frame.covariates or frame.categories)


def _nothing_varies(definition: Definition, *, pairs: bool) -> MethodStep:
    blocked, clustered = definition.blocked, definition.clustered
    what = t("the clusters' average outcome") if clustered else t("the outcome")
    if _adjusts(definition):
        what = t("{outcome}, less what X explains,", outcome=what)
    if definition.estimator.df_by_arm(blocked=blocked, clustered=clustered):
        return MethodStep(
            t(
                "Where an outcome does not vary in one of two compared arms, the degrees of freedom are those of the "
                "other; where it varies in neither, the standard error is 0 and no p-value is given."
            )
        )
    if not blocked:
        return MethodStep(
            t(
                "Where {outcome} does not vary within the arms, the standard error is 0 and no p-value is given.",
                outcome=what,
            )
        )
    return MethodStep(
        t(
            "Where {outcome} does not vary within the arms of any block (or, of pairs, the difference is the same in "
            "all), the standard error is 0 and no p-value is given, even if it varies from block to block.",
            outcome=what,
        )
        if pairs
        else t(
            "Where {outcome} does not vary within the arms of any block, the standard error is 0 and no p-value is "
            "given, even if it varies from block to block.",
            outcome=what,
        )
    )


def _small_blocks(definition: Definition, shape: PlanShape) -> list[MethodStep]:
    return [
        MethodStep(
            t(
                "Small blocks, sorted before outcomes are seen. Blocks are merged only with blocks of the same "
                "assignment shares (in a replayed draw, of counts that the plan's shares could have given). Blocks "
                "in which some arm may get none (⌊n_b·w_i/W⌋ = 0) are merged in byte order of their labels, counting "
                "{count}, once for all comparisons: blocks join the open stratum until ⌊n·w_i/W⌋ ≥ 2 for its summed "
                "n and every arm's drawn count is 2 or more; then it closes. A remainder joins the last closed "
                "stratum, else the first block with two in every cell, else the last one with a single unit in one. "
                "A block that missing outcomes leave without an arm is without comparison and leaves the estimate: a "
                "deviation.",
                count=t("clusters") if shape.clustered else t("units"),
            )
        ),
        *definition.estimator.small_blocks(shape),
    ]


def covariates(definition: Definition) -> list[str]:
    """What is adjusted for, and how categories and gaps are treated."""
    frame = definition.frame
    if not frame.covariates and not frame.categories:
        return [t("No covariates: nothing is adjusted for.")]
    columns = (*frame.covariates, *frame.categories)
    names = listed([quoted(c) for c in columns])
    if definition.estimator.adjusts:
        sentences = [
            t("X holds {columns}, as they were before the draw.", columns=names),
            definition.estimator.adjustment,
        ]
    else:
        sentences = [
            tn(
                "{columns} serves the balance table only: {why}.",
                "{columns} serve the balance table only: {why}.",
                len(columns),
                columns=names,
                why=definition.estimator.idle,
            )
        ]
    if frame.categories:
        sentences.append(t("A category becomes indicators, without that of its first level in byte order."))
    if frame.missing_covariates == "impute":
        sentences.append(
            t("A missing covariate takes the frame's mean, with an indicator that it was missing.")
        )
    else:
        sentences.append(t("A row with a missing covariate is refused when the list is loaded, never later."))
    return sentences


def multiplicity(definition: Definition) -> list[str]:
    """Which comparisons are adjusted together."""
    arms = len(definition.arms) - 1
    primary = len(definition.primary)
    lines = arms * primary
    if definition.analysis.multiplicity == "none":
        sentences = [t("The {count} primary comparisons are not adjusted for their number.", count=lines)]
    else:
        sentences = [
            tn(
                "Family “primary”: every primary outcome by every arm but the control, {count} comparison, adjusted "
                "by Holm's method (Holm 1979). Intervals are not adjusted.",
                "Family “primary”: every primary outcome by every arm but the control, {count} comparisons, adjusted "
                "by Holm's method (Holm 1979). Intervals are not adjusted.",
                lines,
            )
        ]
        sentences += [
            t(
                "Family “{family}”: the interactions of {column}, adjusted together by the same method.",
                family=f"subgroup:{c}",
                column=quoted(c),
            )
            for c in definition.analysis.subgroups
        ]
    secondary = [quoted(o.label) for o in definition.outcomes.values() if not o.primary]
    if secondary:
        sentences.append(t("Secondary outcomes, not adjusted: {outcomes}.", outcomes=listed(secondary)))
    sentences.append(
        t("Whatever this plan does not name is exploratory, and says so wherever it is printed.")
    )
    return sentences


def subgroups(definition: Definition) -> list[str]:
    """Planned subgroups: what is estimated within and between levels."""
    columns = definition.analysis.subgroups
    if not columns:
        return [t("None is planned. Any difference between groups is exploratory.")]
    return [
        t(
            "By {columns}, as before the draw. Within each level: the plan's estimator on the level's units. Between "
            "levels: the interaction, each level less the first in byte order that was recorded and could be "
            "estimated, from the plan's regression crossed with the level (degrees of freedom: {df}).",
            columns=listed([quoted(c) for c in columns]),
            df="Satterthwaite" if definition.clustered else t("N − rank"),
        )
    ]


def checks(definition: Definition, *, replayed: bool = False) -> list[str]:
    """Checks that go beside the results and change none of them; `replayed`: of a draw made elsewhere."""
    sets = definition.scheme.permitted_within
    sentences, last = list[str](), list[str]()
    counts = (
        t("The counts of the groups as they were read in are taken as given.")
        if replayed
        else t("At the draw the counts are the rule's exactly, and are not tested.")
    )
    units = not definition.blocked and not definition.clustered
    if units and any(kind_of(o.kind).events for o in definition.outcomes.values()):
        last.append(t("With fewer than 5 events in an arm, Fisher's exact test stands beside the estimate."))
    if definition.estimator.df_may_be_few(blocked=definition.blocked, clustered=definition.clustered):
        last.append(t("With Satterthwaite degrees of freedom under 4, the memo warns."))
    if definition.frame.covariates or definition.frame.categories:
        sentences.append(
            t(
                "Balance before the draw: means, normalized differences, and the d² omnibus test under the design "
                "(Hansen and Bowers 2008). It never leads to another draw."
            )
        )
    return [
        *sentences,
        t(
            "Beside each arm's p-value stands a randomization p-value: the arm's and the control's {things} are "
            "dealt anew {draws} (all arrangements, if there are no more), and {difference} over its standard error, "
            "both found anew each time, is compared with the one observed (Fisher 1935; Phipson and Smyth 2010; "
            "Chung and Romano 2013; Young 2019). The rule asks for it where a comparison is fragile.",
            things=t("clusters") if definition.clustered else t("units"),
            draws=t("{count} times within their {sets}", count=number(DRAWS), sets=t(sets))
            if sets
            else t("{count} times", count=number(DRAWS)),
            difference=t("the difference in means of the outcome less what X explains,")
            if _adjusts(definition)
            else t("the difference in means"),
        ),
        t(
            "Sample ratio: whether outcomes are known in the proportions that were drawn. {test} p under 0.001 is "
            "reported as a warning. {counts}",
            test=_ratio(definition),
            counts=counts,
        ),
        t("Attrition: units drawn, observed and missing, by arm and outcome."),
        *last,
    ]


def _ratio(definition: Definition) -> str:
    """The test of who is known, by arm: `rct.estimate.ratio`."""
    if definition.clustered:
        test = t(
            "The test is the design's difference in means of known or not, with CR2, the least p over the arms after "
            "Holm"
        )
        few = t("where few clusters hold one that is known, or one that is not")
    elif sets := definition.scheme.permitted_within:
        test = t(
            "The table of known or not by arm is tested within {sets} (Mantel and Haenszel 1959; Birch 1965 for more arms)",
            sets=t(sets),
        )
        few = t("where few are known, or unknown")
    else:
        test = t("The table of known or not by arm is tested by Pearson's chi-squared")
        few = t("where fewer than 5 are expected in a cell")
    return t(
        "{test}; {few}, p is the share of the draws' tables at least as far off, all of them or of {most}.",
        test=test,
        few=few,
        most=number(10_000),
    )


def decision(definition: Definition, outcome: str | None = None) -> list[str]:
    """The decision rule with its numbers. `outcome` decides; else the first primary one."""
    first = definition.outcomes[outcome or definition.primary[0]]
    scale = definition.estimator.scale
    least = Scale(binary=kind_of(first.kind).share, places=0, effect=scale).typed(
        definition.decision.worthwhile
    )
    values = {
        "outcome": quoted(first.label),
        "least": least,
        "alpha": show.exactly(definition.analysis.alpha),
    }
    bare = definition.analysis.multiplicity == "none"
    sentences = [
        t(
            "The first primary outcome decides: {outcome}, where higher is better. Signs are turned so that benefit is "
            "positive. The least effect worth adopting is {least}.",
            **values,
        )
        if first.direction == "increase"
        else t(
            "The first primary outcome decides: {outcome}, where lower is better. Signs are turned so that benefit is "
            "positive. The least effect worth adopting is {least}.",
            **values,
        ),
        t(
            "Adopt: the {p} is at most {alpha} and the {estimate} is at least {least}.",
            p=t("p-value") if bare else t("adjusted p-value"),
            estimate=t("estimate") if scale.additive else t("gain"),
            **values,
        ),
        t(
            "Drop: the interval's upper end is below {least}, or the estimate is harmful with a p-value of at most {alpha}.",
            **values,
        )
        if bare
        else t(
            "Drop: the interval's upper end is below {least}, or the estimate is harmful with an adjusted p-value of "
            "at most {alpha}.",
            **values,
        ),
        t("Adapt: all else, and wherever no p-value can be had. Not settled: reword, or test again."),
    ]
    if len(definition.arms) > 2:
        sentences.append(
            t(
                "Over all arms: adopt if any arm is to be adopted, drop if all are to be dropped, else adapt. Of "
                "several arms to adopt, the one with the largest benefit; where two cannot be told apart (the plan's "
                "estimator between them, unadjusted p above {alpha}), the cheaper. The memo says that the best "
                "figure leans high.",
                **values,
            )
        )
    sentences.append(
        t(
            "Cost per additional outcome: the arm's unit cost less the control's, divided by the effect, with the "
            "interval from the effect's interval; no figure where that has no upper limit."
        )
    )
    return sentences
