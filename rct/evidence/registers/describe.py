"""The sentences that registries ask for, computed from the definition: each holds what the plan holds, no more."""

from __future__ import annotations

from rct.definition import Definition
from rct.definition.resolve import arm_templates
from rct.definition.sending import sending
from rct.evidence.registers.material import Material
from rct.kinds import kind_of
from rct.language import day, listed
from rct.report.plan import method, procedure
from rct.report.words import numbers as show
from rct.report.words.phrases import piece, prose, quoted, sentence


def hypotheses(material: Material) -> str:
    """The hypothesis, and the direction hoped for on every primary outcome."""
    sentences = [sentence(prose(material.definition.trial.hypothesis))]
    for name in material.definition.primary:
        outcome = material.definition.outcomes[name]
        hoped = "a rise" if outcome.direction == "increase" else "a fall"
        sentences.append(f"On {quoted(outcome.label)}, {hoped} is hoped for; every test is two-sided.")
    return " ".join(sentences)


_NOT_MADE = {
    "elsewhere": "made elsewhere (write what it was)",
    "unknown": "nothing is sent by rct (write what they got)",
    "nothing": "nothing is sent",
}


def arms(material: Material) -> list[str]:
    """One line an arm: label, share, what is sent."""
    shares = material.definition.shares
    lines = []
    senders = sending(material.definition, replayed=material.replayed)
    for (name, arm), share in zip(material.definition.arms.items(), shares, strict=True):
        sent = arm_templates(arm)
        what = (
            f"one {piece(material.definition.trial.channel)} ({listed(sent)})"
            if sent
            else _NOT_MADE[senders[name]]
        )
        mark = ", the control" if arm.control else ""
        lines.append(f"{quoted(arm.label)} ({name}{mark}), {share} of every {sum(shares)}: {what}")
    return lines


def design(material: Material) -> str:
    """Parallel groups, how many, how drawn."""
    number = len(material.definition.arms)
    return " ".join(
        [
            f"A {'' if material.replayed else 'randomized '}trial with {number} parallel arms, between units.",
            *procedure.scheme(material.definition, replayed=material.replayed),
        ]
    )


def randomization(material: Material) -> str:
    """How lots are drawn, in the registry's sense of method."""
    if material.replayed:
        said = "Made elsewhere: write how the lots were drawn, by whom and when."
        return " ".join([said, *procedure.scheme(material.definition, replayed=True)])
    said = (
        "In the office by computer: tickets are SHA-256 of a committed seed, the plan's hash and the list's hash, so "
        "that anyone with the published parts can repeat the draw."
    )
    return " ".join([said, *procedure.scheme(material.definition)])


def unit(definition: Definition) -> str:
    """What is randomized."""
    if definition.design.clusters:
        return f"cluster: the rows that share a value of {quoted(definition.design.clusters)}"
    return f"one row of the list, identified by {quoted(definition.frame.id)}"


def outcome(definition: Definition, name: str) -> str:
    """One outcome with its measurement, window and rule for the unobserved."""
    what = definition.outcomes[name]
    end = definition.window_end(name)
    when = f"from {day(definition.trial.start)} to {day(end)}" if end else "final value"
    absent = (
        "a unit without a record counts as zero"
        if what.missing == "zero"
        else "a unit without a record is left out"
    )
    rows = (
        "one row a unit" if what.rows == "unit" else f"one row an event, taken together as {what.aggregate}"
    )
    better = "higher" if what.direction == "increase" else "lower"
    return (
        f"{quoted(what.label)}: {kind_of(what.kind).meaning}, {better} is better; administrative records, column "
        f"{quoted(what.column)}, {rows}; {when}; {absent}"
    )


def outcomes(definition: Definition, *, primary: bool) -> list[str] | None:
    """The primary outcomes, or the others; None where there are none."""
    return [outcome(definition, n) for n, o in definition.outcomes.items() if o.primary is primary] or None


def analysis(material: Material) -> str:
    """Estimator, errors, covariates, comparisons, subgroups, as the plan prints them."""
    definition = material.definition
    steps = [
        step.text + (f" [{step.formula}]" if step.formula else "") for step in method.estimation(definition)
    ]
    return " ".join(
        [
            *steps,
            *method.covariates(definition),
            *method.multiplicity(definition),
            *method.subgroups(definition),
        ]
    )


def inference(material: Material) -> str:
    """Thresholds, adjustment and the rule for the decision."""
    definition = material.definition
    level = show.confidence(1 - definition.analysis.alpha)
    return " ".join(
        [
            f"Two-sided tests, {level} intervals.",
            *method.multiplicity(definition),
            *method.decision(definition),
        ]
    )


def exclusions(material: Material) -> str:
    """Who is left out before the draw, and that nobody is after it."""
    frame = material.definition.frame
    sentences = []
    if frame.eligible:
        sentences.append(
            f"Before the draw: rows for which this does not hold are left out: {prose(frame.eligible)}."
        )
    if frame.opt_out:
        sentences.append(f"Before the draw: rows with a yes in {quoted(frame.opt_out)} are left out.")
    sentences.append(
        "Everyone who opted out of an earlier mailing is left out too. After the draw nobody is: every unit counts in the "
        "arm it was drawn to, whatever reached it. No outlier is removed."
    )
    return " ".join(sentences)


def missing(material: Material) -> str:
    """What becomes of units without an outcome, and of missing covariates."""
    sentences = []
    for what in material.definition.outcomes.values():
        rule = (
            "counts as zero"
            if what.missing == "zero"
            else "is left out, counted by arm and tested for a difference"
        )
        sentences.append(f"{quoted(what.label)}: a unit that no file names {rule}.")
    if material.definition.frame.missing_covariates == "impute":
        sentences.append("A missing covariate takes the list's mean, with an indicator.")
    else:
        sentences.append("A row with a missing covariate is refused when the list is loaded.")
    return " ".join(sentences)


def sample(material: Material) -> str | None:
    """How many units, and how the number comes about."""
    if material.units is None:
        return None
    clusters = f" in {material.clusters:,} clusters" if material.clusters else ""
    how = (
        "on the loaded list, all of whom take part"
        if material.loaded
        else "expected; all on the list take part"
    )
    return f"{material.units:,} units{clusters}, {how}."


def by_arm(material: Material) -> list[str] | None:
    """Units drawn to each arm, or the share of the expected number."""
    if material.drawn:
        return [f"{quoted(material.definition.arms[arm].label)}: {n:,} units" for arm, n in material.drawn]
    if material.units is None:
        return None
    whole = sum(material.definition.shares)
    pairs = zip(material.definition.arms.values(), material.definition.shares, strict=True)
    return [f"{quoted(a.label)}: about {round(material.units * share / whole):,} units" for a, share in pairs]


def summary(material: Material) -> str:
    """The abstract: problem, question, versions, outcome."""
    trial = material.definition.trial
    first = material.definition.outcomes[material.definition.primary[0]]
    labels = listed([quoted(a.label) for a in material.definition.arms.values()])
    lot = "In groups made elsewhere," if material.replayed else "By lot,"
    return " ".join(
        [
            sentence(prose(trial.problem)),
            sentence(prose(trial.title)),
            f"{lot} each unit gets one of these versions: {labels}.",
            f"What counts is {quoted(first.label)}.",
        ]
    )


def plan_note(material: Material) -> str:
    """Where the plan is fixed, so that a registration can be held against it."""
    if material.plan_hash is None:
        return "The plan is not locked yet."
    return (
        f"Pre-analysis plan locked {material.locked_at}; SHA-256 of plan.json {material.plan_hash}; "
        f"head of the log {material.head}."
    )


def last_day(definition: Definition) -> str:
    """The trial's end as ISO text: its own, else the last window's, else the day of the analysis."""
    ends = [end for n in definition.outcomes if (end := definition.window_end(n))]
    return (definition.trial.end or max(ends, default=definition.analysis.date)).isoformat()
