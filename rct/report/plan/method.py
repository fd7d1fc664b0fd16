"""The analysis in words, computed from the definition: the rules of docs/methods.md for this design.

The plan prints them before, the appendix after, from the same functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rct.analysis.compute import DRAWS
from rct.kinds import kind_of
from rct.language import listed
from rct.report.words import numbers as show
from rct.report.words.finding import Scale
from rct.report.words.phrases import quoted

if TYPE_CHECKING:
    from rct.definition import Definition


_PAIRS = "If every block is a pair"


@dataclass(frozen=True)
class Step:
    """A sentence of method, and its formula where it has one."""

    text: str
    formula: str | None = None


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
    if definition.analysis.estimator != "difference_in_means":
        said += ["p the number of covariate columns X", "X̄ their mean over all analyzed units"]
    return "; ".join(said) + "."


def estimation(definition: Definition) -> list[Step]:
    """Estimand, estimator, standard error and degrees of freedom of the main comparisons."""
    blocked, clustered = definition.blocked, definition.clustered
    unweighted = clustered or definition.analysis.block_weights == "precision"
    tell: dict[str, Callable[[bool, bool], list[Step]]] = {
        "difference_in_means": _means,
        "ols": partial(_ols, unweighted=unweighted),
        "lin": _lin,
    }
    step = tell[definition.analysis.estimator](blocked, clustered)
    pairs = len(definition.arms) == 2 and len(set(definition.shares)) == 1
    if not pairs:
        step = [s for s in step if not s.text.startswith(_PAIRS)]  # a pair holds one unit of each of two arms
    level = show.confidence(1 - definition.analysis.alpha)
    of_clusters = " The average is over units, not over clusters." if clustered else ""
    if clustered and blocked:
        of_clusters += (
            " Where few clusters of unlike size share a block, units of the large ones count for less."
        )
    return [
        Step(
            "Estimand: the average effect, over the units drawn, of being assigned to an arm instead of the "
            f"control. Every unit counts in the arm it was drawn to, whatever reached it.{of_clusters}"
        ),
        *step,
        *_errors(clustered, definition.analysis.estimator),
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
        *(_small_blocks(definition.analysis.estimator, clustered, pairs=pairs) if blocked else []),
        _nothing_varies(definition, pairs=pairs),
    ]


def _fragile(definition: Definition) -> list[Step]:
    """When the t test is not enough, and what is asked and told then: `rct.estimate.fragile`."""
    blocked, clustered = definition.blocked, definition.clustered
    adjusts = _adjusts(definition)
    welch = not blocked and definition.analysis.estimator == "difference_in_means"
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
    own = "that test's own, which assumes one effect for all"
    yes_no = any(kind_of(o.kind).events for o in definition.outcomes.values())
    if clustered or not yes_no:
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
            f" randomization test{of} ({DRAWS:,} draws{holm}) be at most alpha, on the estimate's side of 0, and"
            f" {interval}; where that has no end, the t interval is shown, and said to be so.",
            "γ = m₃ (1/n_a² − 1/n_0²) / [s² (1/n_a + 1/n_0)]^(3/2)",
        )
    ]


def _adjusts(definition: Definition) -> bool:
    """Whether the estimator takes out what columns from before the draw explain."""
    frame = definition.frame
    return definition.analysis.estimator != "difference_in_means" and bool(
        frame.covariates or frame.categories
    )


def _nothing_varies(definition: Definition, *, pairs: bool) -> Step:
    blocked, clustered = definition.blocked, definition.clustered
    less = ", less what X explains," if _adjusts(definition) else ""
    what = "the clusters' average outcome" if clustered else "the outcome"
    if definition.analysis.estimator == "difference_in_means" and not blocked and not clustered:
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


def _means(blocked: bool, clustered: bool) -> list[Step]:
    if clustered:
        within = " and block effects" if blocked else ""
        means = "" if blocked else ": the difference of the two means over units"
        text = (
            f"Estimator: least squares of the outcome on an indicator of the arm{within}, on the rows of the"
            f" arm and the control{means}."
        )
        if not blocked:
            return [Step(text)]
        return [
            Step(
                text
                + " Each block has one weight, the same for both arms, so that blocks count by their clusters:"
                " G counts clusters, of all arms (G_b), of the two compared (G_2b), of each (G_ba, G_b0).",
                "y ~ arm + block effects;   v_b = (G_b / G_2b) · G_2b² / (G_ba · G_b0)",
            ),
            Step(
                "Where every block has one cluster of each of two arms, the estimate is the mean of the pair"
                " differences of cluster means, weighted by units (Imai, King and Nall 2009).",
                "τ = Σ_b (n_b/N) τ_b;   V = B/((B − 1) N²) · Σ_b (n_b τ_b − N τ/B)²;   df = B − 1",
            ),
        ]
    if not blocked:
        return [
            Step(
                "Estimator: the difference in means, each arm against the control, on the rows of these two"
                " arms (Neyman 1923; Imbens and Rubin 2015, chapter 6). Degrees of freedom: Welch 1947.",
                "τ_a = ȳ_a − ȳ_0;   V = s²_a/n_a + s²_0/n_0;   "
                "df = V² / [ (s²_a/n_a)²/(n_a − 1) + (s²_0/n_0)²/(n_0 − 1) ]",
            )
        ]
    return [
        Step(
            "Estimator: the difference in means within each block, averaged with weights n_b/N, where n_b"
            " counts the units of all arms, so that differences between arms add up (Miratrix, Sekhon and Yu"
            " 2013; Imbens and Rubin 2015, chapter 9). B is the number of blocks.",
            "τ_a = Σ_b (n_b/N)(ȳ_ba − ȳ_b0);   V = Σ_b (n_b/N)² (s²_ba/n_ba + s²_b0/n_b0);   "
            "df = Σ_b (n_ba + n_b0) − 2B",
        ),
        Step(
            f"{_PAIRS}, the estimate is the mean of the pair differences (Imbens and Rubin"
            " 2015, chapter 10).",
            "V = Σ_b (τ_b − τ̄)² / (B(B − 1));   df = B − 1",
        ),
    ]


def _ols(blocked: bool, clustered: bool, *, unweighted: bool) -> list[Step]:
    text = (
        "Estimator: one least-squares regression over all arms, of the outcome on indicators of the arms"
        " and X"
    )
    if blocked:
        text += (
            " and indicators of the blocks, without weights: where shares differ by block, blocks count by precision"
            if unweighted
            else " and indicators of the blocks. It is unweighted if the share of units in each arm is the same"
            " in every block; otherwise each unit has the weight n_b/n_ba"
        )
    text += (
        ". The arm's coefficient is the estimate (Freedman 2008 and Lin 2013 on what this costs and does"
        " not)."
    )
    if clustered:
        return [Step(text)]
    df = "N − B − (K − 1) − p" if blocked else "N − rank"
    return [Step(f"{text} Degrees of freedom: {df}.")]


def _lin(blocked: bool, clustered: bool) -> list[Step]:
    if not blocked:
        ending = "" if clustered else " Degrees of freedom: N − K(1 + p)."
        return [
            Step(
                "Estimator: one least-squares regression over all arms, of the outcome on indicators of the"
                " arms, the covariates centered on their mean, and all products of the two. The arm's"
                " coefficient is the estimate: the average effect with chance differences in X taken out"
                f" (Lin 2013).{ending}",
                "y ~ arms × (X − X̄)",
            )
        ]
    if clustered:
        return [
            Step(
                "Estimator: one least-squares regression over all arms, of the outcome on indicators of the arms, the"
                " covariates centered on their mean, all products of the two, and block effects that are not crossed"
                " with the arms, without weights: where shares differ by block, blocks count by precision (Lin 2013).",
                "y ~ arms × (X − X̄) + block effects",
            )
        ]
    ending = " Degrees of freedom: N − K(B + p), with B blocks."
    return [
        Step(
            "Estimator: cells of arm by block with slopes of X for each arm, averaged over blocks with"
            " weights n_b/N; no other weights, whatever the shares (Lin 2013; Miratrix, Sekhon and Yu 2013)."
            f" β_a comes from within the cells of arm a.{ending}",
            "τ_a = Σ_b (n_b/N) { [ȳ_ba + (x̄_b − x̄_ba)'β_a] − [ȳ_b0 + (x̄_b − x̄_b0)'β_0] }",
        ),
        Step(
            f"{_PAIRS}: the regression of pair differences on the differences and the centered pair"
            " means of X (Fogarty 2018), HC2.",
            "df = B − 1 − 2p",
        ),
    ]


def _errors(clustered: bool, estimator: str) -> list[Step]:
    if clustered:
        return [
            Step(
                "Standard errors: CR2, clustered as the lots were drawn (Bell and McCaffrey 2002), with"
                " Satterthwaite degrees of freedom unless others are given above (Pustejovsky and Tipton"
                " 2018); the working covariance is the identity."
            )
        ]
    neyman = (
        "; for a difference in means it is Neyman's variance" if estimator == "difference_in_means" else ""
    )
    return [Step(f"Standard errors: HC2, robust to different variances (MacKinnon and White 1985){neyman}.")]


def _small_blocks(estimator: str, clustered: bool, *, pairs: bool) -> list[Step]:
    count = "clusters" if clustered else "units"
    steps = [
        Step(
            "Small blocks, sorted before outcomes are seen. Blocks are merged only with blocks of the same"
            " assignment shares (in a replayed draw, of counts that the plan's shares could have given). Blocks in"
            " which some arm may get none"
            f" (⌊n_b·w_i/W⌋ = 0) are merged in byte order of their labels, counting {count}, once for all"
            " comparisons: blocks join the open stratum until ⌊n·w_i/W⌋ ≥ 2 for its summed n and every arm's"
            " drawn count is 2 or more; then it closes. A remainder joins the last closed stratum, else the"
            " first block with two in every cell, else the last one with a single unit in one. A block that missing"
            " outcomes leave without an arm is without comparison and leaves the estimate: a deviation."
        )
    ]
    if estimator == "difference_in_means" and not clustered:
        steps.append(
            Step(
                "Blocks with a cell of one unit form a group S of their own (Pashley and Miratrix 2021), if"
                " there are 3 or more and each has under half of the group's N_S; otherwise they are merged"
                " as above. The groups are joined with L, the blocks with two in both cells, and"
                " Satterthwaite degrees of freedom.",
                "V_S = Σ_S c_b / (N_S + Σ c) · (τ_b − τ_S)²,   c_b = n_b² / (N_S − 2n_b),   df = B_S − 1;   "
                "V = (N_L/N)² V_L + (N_S/N)² V_S",
            )
        )
    elif estimator == "lin" and clustered:
        steps.append(
            Step("A block with a cell that may have fewer than 2 clusters is refused before the draw.")
        )
    elif clustered or estimator == "lin":
        likewise = f"Every block with a cell of fewer than 2 {count} is merged likewise"
        unless = (
            f", unless there are three or more pairs (blocks with one of the {count} in each arm) and no larger block:"
            " then pairs stay as they are"
        )
        steps.append(Step(f"{likewise}{unless if pairs else ''}."))
    return steps


def covariates(definition: Definition) -> list[str]:
    """What is adjusted for, and how categories and gaps are treated."""
    frame = definition.frame
    if not frame.covariates and not frame.categories:
        return ["No covariates: nothing is adjusted for."]
    columns = (*frame.covariates, *frame.categories)
    names, serve = listed([quoted(c) for c in columns]), "serve" if len(columns) > 1 else "serves"
    if definition.analysis.estimator == "difference_in_means":
        said = [f"{names} {serve} the balance table only: a difference in means is not adjusted."]
    else:
        said = [f"X holds {names}, as they were before the draw."]
        said.append(
            "Constant or collinear columns (pivoted at 1e-10 after scaling) are dropped, and named in the log and the"
            " appendix"
            + (
                "; a column that is constant within any arm is dropped for all."
                if definition.analysis.estimator == "lin"
                else "."
            )
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
    if definition.clustered or (
        definition.blocked and definition.analysis.estimator == "difference_in_means"
    ):
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
    least = Scale(binary=kind_of(first.kind).share, places=0).typed(definition.decision.worthwhile)
    alpha = show.exactly(definition.analysis.alpha)
    p = "p-value" if definition.analysis.multiplicity == "none" else "adjusted p-value"
    a = "a" if p == "p-value" else "an"
    several = len(definition.arms) > 2
    said = [
        (
            f"The first primary outcome decides: {quoted(first.label)}, where {way} is better. Signs are"
            f" turned so that benefit is positive. The least effect worth adopting is {least}."
        ),
        f"Adopt: the {p} is at most {alpha} and the estimate is at least {least}.",
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
