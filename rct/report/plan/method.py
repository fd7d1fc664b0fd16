"""The analysis in words, computed from the definition: the rules of docs/methods.md for this design.

The plan prints them before, the appendix after, from the same functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rct.analysis.compute import DRAWS
from rct.estimate.estimators.base import PAIRS, Shape, Step
from rct.kinds import kind_of
from rct.report.words import numbers as show
from rct.report.words.finding import Scale
from rct.report.words.phrases import listed, quoted

if TYPE_CHECKING:
    from rct.definition import Definition
    from rct.estimate.scales import EffectScale


def notation(definition: Definition) -> str:
    """The letters of the formulas: those that this design has."""
    said = ["Notation: a is an arm and 0 the control"]
    if definition.blocked:
        said += [
            "b a block",
            "n_b the units of block b with an observed outcome, over all arms",
            "N their sum",
            "n_ba, ȳ_ba and s²_ba the count, mean and variance (divisor n − 1) of arm a in block b",
        ]
    else:
        said += [
            "N the units with an observed outcome, over all arms",
            "n_a, ȳ_a and s²_a the count, mean and variance (divisor n − 1) of arm a",
        ]
    said.append("K the number of arms")
    if definition.estimator.adjusts:
        said += ["p the number of covariate columns X", "X̄ their mean over all analyzed units"]
    return "; ".join(said) + "."


def _shape(definition: Definition) -> Shape:
    return Shape(
        blocked=definition.blocked,
        clustered=definition.clustered,
        pairs=len(definition.arms) == 2 and len(set(definition.shares)) == 1,
        by_precision=definition.analysis.block_weights == "precision",
        columns=bool(definition.frame.covariates or definition.frame.categories),
    )


def _no_difference(scale: EffectScale) -> list[Step]:
    """What a test is against, where that is not 0."""
    if scale.null == 0:
        return []
    return [
        Step(
            f"Scale: the estimate is a {scale.name}, and no difference is {scale.null:g}; every test is against that. The"
            f" interaction of a subgroup is the difference of two such {scale.name}s, tested against 0."
        )
    ]


def estimation(definition: Definition) -> list[Step]:
    """Estimand, estimator, standard error and degrees of freedom of the main comparisons."""
    blocked, clustered = definition.blocked, definition.clustered
    shape, estimator = _shape(definition), definition.estimator
    step = estimator.estimation(shape)
    if not shape.pairs:
        step = [s for s in step if not s.text.startswith(PAIRS)]  # a pair holds one unit of each of two arms
    level = show.confidence(1 - definition.analysis.alpha)
    of_clusters = " The average is over units, not over clusters." if clustered else ""
    if clustered and blocked:
        of_clusters += (
            " Where few clusters of unlike size share a block, units of the large ones count for less."
        )
    return [
        Step(
            f"Estimand: {estimator.scale.estimand}. Every unit counts in the arm it was drawn to, whatever"
            f" reached it.{of_clusters}"
        ),
        *step,
        estimator.error_words(shape),
        *_no_difference(estimator.scale),
        Step(
            f"Tests are two-sided, whichever direction is hoped for. The {level} interval is the estimate"
            " plus and minus Student's t quantile, with the degrees of freedom given, times the standard"
            " error."
        ),
        *_fragile(definition),
        Step(
            "The draw's realized counts are taken as given: by the rule of the draw, the assignment is then a"
            f" {'stratified ' if definition.scheme.permitted_within else ''}complete randomization, and no correction is"
            " owed for leftovers."
        ),
        *(_small_blocks(definition, shape) if blocked else []),
        _nothing_varies(definition, pairs=shape.pairs),
    ]


def _fragile(definition: Definition) -> list[Step]:
    """When the t test is not enough, and what is asked and told then: `rct.estimate.fragile`."""
    blocked, clustered = definition.blocked, definition.clustered
    adjusts = _adjusts(definition)
    welch = definition.estimator.df_by_arm(blocked=blocked, clustered=clustered)
    reasons = [
        "few differ from most (one value, such as no or nothing, is that of half of the two arms' units or more, and fewer"
        " than 10 units of either arm have another, or have it"
        + (", counted in the blocks where the outcome varies" if blocked else "")
        + ")",
        "the arms differ in size and the outcome is skewed (|γ| > .25"
        + (", of outcomes less their block's mean" if blocked else "")
        + (", and of clusters' sums" if clustered else "")
        + ")",
    ]
    if clustered:
        full = "clusters of the two arms − 2 strata" if blocked else "clusters of the two arms − 2"
        reasons.append(
            f"few clusters decide: degrees of freedom under 4.5, or under half of ({full}), or under 20 and under three"
            " quarters of what clusters of one size would leave"
        )
    elif not welch:  # Welch's degrees of freedom have each arm's variance in them
        reasons.append(
            "a small arm carries the error: degrees of freedom by the variance that each arm contributes (one variance"
            " an arm) under 20 and under three quarters of those used"
        )
    reasons.append(
        "the randomization test refutes the t test by more than drawing explains (two simulation errors)"
    )
    holm = ", adjusted by Holm's method" if definition.analysis.multiplicity == "holm" else ""
    of = " of the outcome less what X explains" if adjusts else ""
    scale = definition.estimator.scale
    own = f"that test's own, which assumes one {'effect' if scale.additive else scale.name} for all"
    yes_no = any(kind_of(o.kind).events for o in definition.outcomes.values())
    if clustered or not yes_no or not scale.additive:
        interval = f"the interval told is {own}"
    else:
        weights = (
            " (in blocks of the weighted shares, each by Wilson's interval at the effective number 1/Σ(w_b²/n_ba), w_b"
            " the block's weight)"
            if blocked
            else ""
        )
        interval = f"the interval told is Newcombe's for yes/no outcomes{weights} (Newcombe 1998), else {own}"
    return [
        Step(
            f"A comparison is fragile where {'; or '.join(reasons)}. There a verdict also asks that the p-value of the"
            f" randomization test{of} ({DRAWS:,} draws{holm}) be at most alpha, on the estimate's side of {scale.null:g},"
            f" and {interval}; where that has no end, the t interval is shown, and said to be so.",
            "γ = m₃ (1/n_a² − 1/n_0²) / [s² (1/n_a + 1/n_0)]^(3/2)",
        )
    ]


def _adjusts(definition: Definition) -> bool:
    """Whether the estimator takes out what columns from before the draw explain."""
    frame = definition.frame
    return definition.estimator.adjusts and bool(frame.covariates or frame.categories)


def _nothing_varies(definition: Definition, *, pairs: bool) -> Step:
    blocked, clustered = definition.blocked, definition.clustered
    less = ", less what X explains," if _adjusts(definition) else ""
    what = "the clusters' average outcome" if clustered else "the outcome"
    if definition.estimator.df_by_arm(blocked=blocked, clustered=clustered):
        return Step(
            "Where an outcome does not vary in one of two compared arms, the degrees of freedom are those of"
            " the other; where it varies in neither, the standard error is 0 and no p-value is given."
        )
    if not blocked:
        return Step(
            f"Where {what}{less} does not vary within the arms, the standard error is 0 and no p-value is given."
        )
    same = " (or, of pairs, the difference is the same in all)" if pairs else ""
    return Step(
        f"Where {what}{less} does not vary within the arms of any block{same}, the standard error is 0 and no p-value is"
        " given, even if it varies from block to block."
    )


def _small_blocks(definition: Definition, shape: Shape) -> list[Step]:
    count = "clusters" if shape.clustered else "units"
    return [
        Step(
            "Small blocks, sorted before outcomes are seen. Blocks are merged only with blocks of the same"
            " assignment shares (in a replayed draw, of counts that the plan's shares could have given). Blocks in"
            " which some arm may get none"
            f" (⌊n_b·w_i/W⌋ = 0) are merged in byte order of their labels, counting {count}, once for all"
            " comparisons: blocks join the open stratum until ⌊n·w_i/W⌋ ≥ 2 for its summed n and every arm's"
            " drawn count is 2 or more; then it closes. A remainder joins the last closed stratum, else the"
            " first block with two in every cell, else the last one with a single unit in one. A block that missing"
            " outcomes leave without an arm is without comparison and leaves the estimate: a deviation."
        ),
        *definition.estimator.small_blocks(shape),
    ]


def covariates(definition: Definition) -> list[str]:
    """What is adjusted for, and how categories and gaps are treated."""
    frame = definition.frame
    if not frame.covariates and not frame.categories:
        return ["No covariates: nothing is adjusted for."]
    columns = (*frame.covariates, *frame.categories)
    names, serve = listed([quoted(c) for c in columns]), "serve" if len(columns) > 1 else "serves"
    if not definition.estimator.adjusts:
        said = [f"{names} {serve} the balance table only: {definition.estimator.idle}."]
    else:
        said = [f"X holds {names}, as they were before the draw."]
        said.append(
            "Constant or collinear columns (pivoted at 1e-10 after scaling) are dropped, and named in the log and the"
            " appendix" + definition.estimator.adjustment
        )
    if frame.categories:
        said.append("A category becomes indicators, without that of its first level in byte order.")
    if frame.missing_covariates == "impute":
        said.append("A missing covariate takes the frame's mean, with an indicator that it was missing.")
    else:
        said.append("A row with a missing covariate is refused when the list is loaded, never later.")
    return said


def multiplicity(definition: Definition) -> list[str]:
    """Which comparisons are adjusted together."""
    arms = len(definition.arms) - 1
    primary = len(definition.primary)
    lines = arms * primary
    if definition.analysis.multiplicity == "none":
        said = [f"The {lines} primary comparisons are not adjusted for their number."]
    else:
        said = [
            f"Family “primary”: every primary outcome by every arm but the control, {lines}"
            f" {'comparison' if lines == 1 else 'comparisons'}, adjusted by Holm's method (Holm 1979)."
            " Intervals are not adjusted."
        ]
        said += [
            f"Family “subgroup:{c}”: the interactions of {quoted(c)}, adjusted together by the same method."
            for c in definition.analysis.subgroups
        ]
    secondary = [quoted(o.label) for o in definition.outcomes.values() if not o.primary]
    if secondary:
        said.append(f"Secondary outcomes, not adjusted: {listed(secondary)}.")
    said.append("Whatever this plan does not name is exploratory, and says so wherever it is printed.")
    return said


def subgroups(definition: Definition) -> list[str]:
    """Planned subgroups: what is estimated within and between levels."""
    columns = definition.analysis.subgroups
    if not columns:
        return ["None is planned. Any difference between groups is exploratory."]
    df = "Satterthwaite" if definition.clustered else "N − rank"
    return [
        f"By {listed([quoted(c) for c in columns])}, as before the draw. Within each level: the plan's"
        " estimator on the level's units. Between levels: the interaction, each level less the first in byte"
        " order that was recorded and could be estimated, from the plan's regression crossed with the level"
        f" (degrees of freedom: {df})."
    ]


def checks(definition: Definition, *, replayed: bool = False) -> list[str]:
    """Checks that go beside the results and change none of them; `replayed`: of a draw made elsewhere."""
    per = "clusters" if definition.clustered else "units"
    sets = definition.scheme.permitted_within
    within = f" within their {sets}" if sets else ""
    of = " of the outcome less what X explains," if _adjusts(definition) else ""
    said, last = list[str](), list[str]()
    counts = (
        "The counts of the groups as they were read in are taken as given."
        if replayed
        else "At the draw the counts are the rule's exactly, and are not tested."
    )
    units = not definition.blocked and not definition.clustered
    if units and any(kind_of(o.kind).events for o in definition.outcomes.values()):
        last.append("With fewer than 5 events in an arm, Fisher's exact test stands beside the estimate.")
    if definition.estimator.df_may_be_few(blocked=definition.blocked, clustered=definition.clustered):
        last.append("With Satterthwaite degrees of freedom under 4, the memo warns.")
    if definition.frame.covariates or definition.frame.categories:
        said.append(
            "Balance before the draw: means, normalized differences, and the d² omnibus test under the design"
            " (Hansen and Bowers 2008). It never leads to another draw."
        )
    return [
        *said,
        (
            f"Beside each arm's p-value stands a randomization p-value: the arm's and the control's {per} are"
            f" dealt anew {DRAWS:,} times{within} (all arrangements, if there are no more), and the"
            f" difference in means{of} over its standard error, both found anew each time, is compared with the one observed"
            " (Fisher 1935; Phipson and Smyth 2010; Chung and Romano 2013; Young 2019). The rule asks for it where a"
            " comparison is fragile."
        ),
        f"Sample ratio: whether outcomes are known in the proportions that were drawn. {_ratio(definition)} p under 0.001"
        f" is reported as a warning. {counts}",
        "Attrition: units drawn, observed and missing, by arm and outcome.",
        *last,
    ]


def _ratio(definition: Definition) -> str:
    """The test of who is known, by arm: `rct.estimate.ratio`."""
    if definition.clustered:
        test = (
            "The test is the design's difference in means of known or not, with CR2, the least p over the arms after"
            " Holm"
        )
        few = "where few clusters hold one that is known, or one that is not"
    elif sets := definition.scheme.permitted_within:
        test = (
            f"The table of known or not by arm is tested within {sets} (Mantel and Haenszel 1959; Birch 1965 for more"
            " arms)"
        )
        few = "where few are known, or unknown"
    else:
        test = "The table of known or not by arm is tested by Pearson's chi-squared"
        few = "where fewer than 5 are expected in a cell"
    return (
        f"{test}; {few}, p is the share of the draws' tables at least as far off, all of them or of 10,000."
    )


def decision(definition: Definition, outcome: str | None = None) -> list[str]:
    """The decision rule with its numbers. `outcome` decides; else the first primary one."""
    first = definition.outcomes[outcome or definition.primary[0]]
    way = "higher" if first.direction == "increase" else "lower"
    scale = definition.estimator.scale
    least = Scale(binary=kind_of(first.kind).share, places=0, effect=scale).typed(
        definition.decision.worthwhile
    )
    estimate = "estimate" if scale.additive else "gain"
    alpha = show.exactly(definition.analysis.alpha)
    p = "p-value" if definition.analysis.multiplicity == "none" else "adjusted p-value"
    a = "a" if p == "p-value" else "an"
    several = len(definition.arms) > 2
    said = [
        (
            f"The first primary outcome decides: {quoted(first.label)}, where {way} is better. Signs are"
            f" turned so that benefit is positive. The least effect worth adopting is {least}."
        ),
        f"Adopt: the {p} is at most {alpha} and the {estimate} is at least {least}.",
        (
            f"Drop: the interval's upper end is below {least}, or the estimate is harmful with {a} {p} of at"
            f" most {alpha}."
        ),
        "Adapt: all else, and wherever no p-value can be had. Not settled: reword, or test again.",
    ]
    if several:
        said.append(
            "Over all arms: adopt if any arm is to be adopted, drop if all are to be dropped, else adapt. Of"
            " several arms to adopt, the one with the largest benefit; where two cannot be told apart (the"
            f" plan's estimator between them, unadjusted p above {alpha}), the cheaper. The memo says that"
            " the best figure leans high."
        )
    said.append(
        "Cost per additional outcome: the arm's unit cost less the control's, divided by the effect, with the"
        " interval from the effect's interval; no figure where that has no upper limit."
    )
    return said
