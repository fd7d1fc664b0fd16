"""A trial of this workspace as others may see it: the figures that suppression lets out, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rct.analysis.fits import covariances
from rct.analysis.stored import current
from rct.definition import Definition
from rct.evidence.bundle.opening import read_bundle, require_sound
from rct.evidence.record import (
    OF_ROW,
    Covariance,
    Evidence,
    EvidenceArm,
    EvidenceOutcome,
    FragileFigures,
    ResultLine,
)
from rct.registry.results import Result
from rct.registry.trial import Trial, opened
from rct.registry.workspace import Workspace
from rct.report.gather import memo_record
from rct.report.memo.instead import Shown, by_arm, instead
from rct.report.record import MemoRecord
from rct.report.suppress import published

LATE = ("locked_after_start", "locked_after_date")  # told as they are: they hold two dates
GRAVE = {
    "amended_late": "The plan was changed after the draw or the first outcome.",
    "amended_after_results": "The plan was changed after results were seen.",
    "early": "Results were seen before their date.",
}


def from_trial(ws: Workspace, name: str) -> Evidence:
    """The last analysis of a trial, computed anew. RctError where there is none or it can't be re-derived."""
    with opened(ws, name) as trial:
        return of_trial(trial)


def of_trial(trial: Trial) -> Evidence:
    """The same of a trial that is open."""
    memo = memo_record(current(trial))
    several = len(memo.results) > 1
    inputs = memo.definition, trial.frame, trial.arms, trial.outcomes
    together = covariances(*inputs) if several else []
    evidence = of_memo(memo, [Covariance(*one, *other, value) for one, other, value in together])
    events = trial.state.events
    return replace(evidence, origin=events[0].hash, events=len(events))


def from_bundle(
    path: Path, trusted: Mapping[str, str], *, unsigned: bool = False, fingerprint: str | None = None
) -> Evidence:
    """The evidence of a bundle that holds in every part and is signed by someone in `trusted` (public key -> name).

    Raises RctError with what does not hold; see `bundle.require_sound` for unsigned bundles and strangers.
    """
    return require_sound(read_bundle(path, trusted), unsigned=unsigned, fingerprint=fingerprint)


def of_memo(memo: MemoRecord, together: list[Covariance]) -> Evidence:
    """What the memo knows, as evidence. Of the covariances stay those of two estimates that are both shown."""
    definition, lines = memo.definition, _lines(memo)
    trial = definition.trial
    shown = {
        (line.outcome, line.arm)
        for line in lines
        if line.subgroup is None and line.term == "arm" and line.std_error is not None
    }
    kept = [c for c in together if (c.outcome_a, c.arm_a) in shown and (c.outcome_b, c.arm_b) in shown]
    return Evidence(
        source="trial",
        name=memo.name,
        title=trial.title,
        city=memo.city,
        problem=trial.problem,
        hypothesis=trial.hypothesis,
        channel=trial.channel,
        department=trial.department,
        population=trial.population,
        keywords=tuple(trial.keywords or ()),
        start=trial.start.isoformat(),
        scheme=definition.design.scheme,
        estimator=definition.analysis.estimator,
        arms=_arms(memo),
        outcomes=_outcomes(definition),
        lines=lines,
        covariances=tuple(kept),
        worthwhile=definition.decision.worthwhile,
        rule_says=memo.decision.verdict,
        decided=None if memo.decided is None else memo.decided.verdict,
        notes=_notes(memo),
    )


def _arms(memo: MemoRecord) -> tuple[EvidenceArm, ...]:
    drawn = dict(memo.draw.units)
    return tuple(
        EvidenceArm(
            name,
            arm.label,
            name == memo.definition.control,
            drawn[name] if drawn[name] >= memo.threshold else None,
            tuple(arm.nudge or ()),
        )
        for name, arm in memo.definition.arms.items()
    )


def _outcomes(definition: Definition) -> tuple[EvidenceOutcome, ...]:
    return tuple(
        EvidenceOutcome(
            name,
            o.label,
            o.kind,
            o.direction,
            o.primary,
            o.window_days,
            o.unit,
        )
        for name, o in definition.outcomes.items()
    )


def _lines(memo: MemoRecord) -> tuple[ResultLine, ...]:
    showns = by_arm(instead(memo))
    return tuple(_line(row, showns.get((row.outcome, row.arm))) for row in published(memo))


def _line(row: Result, shown: Shown | None) -> ResultLine:
    line = ResultLine(**{field: getattr(row, field) for field in OF_ROW})
    if shown is None or line.fragile is None or line.term != "arm" or line.subgroup is not None:
        return line
    figures = shown.conf_low, shown.conf_high, shown.p_randomization_adjusted
    return replace(line, told=FragileFigures(shown.interval, *figures))


def _notes(memo: MemoRecord) -> tuple[str, ...]:
    """What whoever reuses these figures must know first."""
    sentences = []
    if memo.practice:
        sentences.append("A practice trial: its people and outcomes were made up to learn the commands.")
    if memo.simulated:
        sentences.append("Its outcomes come from a generator, not from people.")
    if memo.draw.replayed:
        sentences.append("The assignment was made elsewhere and read in: nothing shows that it was by lot.")
    sentences += [d.text for d in memo.deviations if d.code in LATE]
    sentences += [text for code, text in GRAVE.items() if any(d.code == code for d in memo.deviations)]
    if memo.deviations:
        what = "deviation" if len(memo.deviations) == 1 else "deviations"
        sentences.append(f"{len(memo.deviations)} {what} from the plan; the memo names them.")
    return tuple(sentences)
