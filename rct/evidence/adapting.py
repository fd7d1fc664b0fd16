"""A local replication of another city's trial: its definition and letters copied, what is theirs marked, its effect
shrunk for the power of ours.

What is copied is the design, the versions, the outcomes and the letters' words. What is theirs (people, columns of
their files, costs, days, places in the letters) is marked and must be rewritten; `check` lists it. The original plan
and letters are kept beside the definition, so that the new plan can list every change from them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from rct.definition import Definition, plan
from rct.definition.model import Adapted, Power
from rct.definition.rewrite import mark_letter, marked
from rct.definition.rewritten import trial_toml
from rct.errors import stop
from rct.evidence.bundle.opening import OpenedBundle
from rct.evidence.record import Evidence, ResultLine
from rct.kinds import kind_of
from rct.power.shrink import shrunk
from rct.report.plan.adaptation import ORIGINAL, original_letter

TEXT = (".md", ".txt")


@dataclass(frozen=True)
class EffectPrior:
    """What such trials find: mean and spread of effects, in shares."""

    mean: float
    sd: float


@dataclass(frozen=True)
class Start:
    """A trial to be written: trial.toml and the originals by file name, letters by path under templates/."""

    toml: str
    files: dict[str, bytes]
    letters: dict[str, bytes]
    marks: int  # places in the letters
    expected: float | None  # the effect that the power reckons with; None where the field says nothing
    theirs: ResultLine | None  # the line of results that it rests on


def start_from(bundle: OpenedBundle, evidence: Evidence, name: str, first: date, field: EffectPrior) -> Start:
    """The replication's files. Raises `RctError` where the bundle holds no definition that this rct can read."""
    source = _plan(bundle)
    original = plan.from_plan(source, "plan.json")
    if original.name != evidence.name:
        stop("member_altered", "The plan is another trial's.", "Don't use this bundle.", file=bundle.file)
    texts, letters, marks = _letters(bundle, original, evidence, name)
    best = _leading(evidence)
    expected = _expected(evidence, best, field)
    definition = _adapted(original, evidence, plan.plan_hash(source), first, texts, bundle.digest)
    definition = definition.model_copy(update={"power": _power(definition, best, expected)})
    files = {f"{ORIGINAL}/plan.json": source}
    for member, path in bundle.listed.of("rct_template"):
        files[f"{ORIGINAL}/{original_letter(path)}"] = bundle.members[member]
    return Start(trial_toml(definition), files, letters, marks, expected, best)


def _plan(bundle: OpenedBundle) -> bytes:
    """The plan in force: the last amendment's, else the locked one."""
    numbered = [
        (int(m[1] or 1), n) for n in bundle.members if (m := re.fullmatch(r"plan(?:_(\d+))?\.json", n))
    ]
    return bundle.members[max(numbered)[1]]


def _letters(
    bundle: OpenedBundle, original: Definition, evidence: Evidence, name: str
) -> tuple[dict[str, str], dict[str, bytes], int]:
    """(their path → ours, our files, places marked)."""
    names = [evidence.city, evidence.department or "", original.trial.owner, original.trial.analyst]
    paths: dict[str, str] = {}
    letters: dict[str, bytes] = {}
    marks = 0
    for member, path in bundle.listed.of("rct_template"):
        ours = f"{name}/{PurePosixPath(path).name}"
        if ours in letters:
            ours = f"{name}/{len(letters) + 1}-{PurePosixPath(path).name}"
        paths[path] = ours
        data = bundle.members[member]
        if path.endswith(TEXT):
            text, found = mark_letter(data.decode(), names)
            marks += found
            data = text.encode()
        letters[ours] = data
    for theirs, ours in paths.items():  # pictures are named inside the letters
        if not theirs.endswith(TEXT):
            for path in [p for p in letters if p.endswith(TEXT)]:
                letters[path] = letters[path].replace(f"]({theirs})".encode(), f"]({ours})".encode())
    return paths, letters, marks


def _adapted(
    original: Definition,
    evidence: Evidence,
    plan_hash: str,
    first: date,
    paths: Mapping[str, str],
    digest: str,
) -> Definition:
    """Their definition with what is theirs marked, and our days."""
    later = first - original.trial.start
    trial = original.trial.model_copy(
        update={
            "problem": marked(original.trial.problem),
            "owner": marked(original.trial.owner),
            "analyst": marked(original.trial.analyst),
            "ethics": marked(original.trial.ethics),
            "population": marked(original.trial.population) if original.trial.population else None,
            "start": first,
            "end": original.trial.end + later if original.trial.end else None,
            "retain_until": None,
            "keywords": [k for k in original.trial.keywords or () if k not in ("practice", "simulated")]
            or None,
        }
    )
    frame, design = original.frame, original.design
    return original.model_copy(
        update={
            "trial": trial,
            "arms": {a: _arm(original, a, paths) for a in original.arms},
            "frame": frame.model_copy(
                update={
                    "id": marked(frame.id),
                    "covariates": _all(frame.covariates),
                    "categories": _all(frame.categories),
                    "contact": _all(frame.contact),
                    "opt_out": marked(frame.opt_out) if frame.opt_out else None,
                    "eligible": marked(frame.eligible) if frame.eligible else None,
                }
            ),
            "design": design.model_copy(
                update={
                    "blocks": _all(design.blocks),
                    "clusters": marked(design.clusters) if design.clusters else None,
                    "beacon": "none",
                }
            ),
            "outcomes": {
                name: what.model_copy(
                    update={
                        "column": marked(what.column),
                        "date_column": marked(what.date_column) if what.date_column else None,
                        "benefit": None,
                    }
                )
                for name, what in original.outcomes.items()
            },
            "analysis": original.analysis.model_copy(
                update={
                    "subgroups": _all(original.analysis.subgroups),
                    "date": original.analysis.date + later,
                }
            ),
            "survey": _survey(original, paths),
            "adapted": Adapted(city=evidence.place, trial=original.name, plan_hash=plan_hash, bundle=digest),
        }
    )


def _all(columns: list[str]) -> list[str]:
    return [marked(c) for c in columns]


def _arm(original: Definition, name: str, paths: Mapping[str, str]) -> object:
    arm = original.arms[name]
    many = {key: paths[path] for key, path in (arm.templates or {}).items() if path in paths}
    return arm.model_copy(
        update={
            "template": paths.get(arm.template) if arm.template else None,
            "templates": many or None,
            "language": marked(arm.language) if arm.language and many else None,
            "unit_cost": None,
        }
    )


def _survey(original: Definition, paths: Mapping[str, str]) -> object:
    survey = original.survey
    if survey is None or survey.template not in paths:
        return None
    address = marked(survey.address) if survey.address else None
    return survey.model_copy(update={"template": paths[survey.template], "address": address})


def _leading(evidence: Evidence) -> ResultLine | None:
    """The main line of the first primary outcome that helped most; None where all of them are withheld."""
    first = next((o for o in evidence.outcomes if o.primary), None)
    if first is None:
        return None
    sign = 1 if first.direction == "increase" else -1
    lines = [
        line
        for line in evidence.lines
        if line.outcome == first.name and line.term == "arm" and line.subgroup is None
        and line.role == "confirmatory" and line.estimate is not None and line.std_error is not None
    ]  # fmt: skip
    return max(lines, key=lambda line: sign * (line.estimate or 0.0), default=None)


def _expected(evidence: Evidence, best: ResultLine | None, field: EffectPrior) -> float | None:
    """Their best effect, benefit positive, shrunk toward the field; None where the outcome is no share, or the effect no
    difference of shares."""
    if best is None or best.estimate is None or best.std_error is None:
        return None
    what = next(o for o in evidence.outcomes if o.name == best.outcome)
    if not kind_of(what.kind).share or evidence.scale is None or not evidence.scale.additive:
        return None
    sign = 1 if what.direction == "increase" else -1
    return shrunk(sign * best.estimate, best.std_error, field.mean, field.sd)


def _power(definition: Definition, best: ResultLine | None, expected: float | None) -> Power:
    """What ours may expect: their control's outcome, and the shrunk effect; else the least worthwhile one."""
    baseline = None if best is None or best.mean_control is None else float(f"{best.mean_control:.4g}")
    scale, effect = definition.estimator.scale, expected
    if effect is None or effect <= 0:
        effect = scale.more(baseline, scale.at_gain(definition.decision.worthwhile, 1))
    return Power(baseline=baseline, minimum_effect=None if effect is None else float(f"{effect:.3g}"))
