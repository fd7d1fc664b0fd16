"""Which lines of which trials go into a pool, and every reason why some can't.

A trial counts once: where several of its arms or outcomes are asked for they are first made one, by generalized
least squares with the covariance that its evidence carries. Trials are kept in the order they were named in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rct.errors import Problem, RctError, stop, visible
from rct.estimate.estimators import null_of
from rct.estimate.pool import Combined, within
from rct.evidence.record import Evidence, EvidenceOutcome, ResultLine, folded
from rct.kinds import kind_of

LONGEST_CITY = 40  # characters of a city's name in a label: who signed must have room beside it


@dataclass(frozen=True)
class Wish:
    """What is to be pooled.

    outcome    the outcome's name
    others     (trial, outcome): in that trial these outcomes, whatever their names, are meant
    arms       only these arms: ARM in every trial that has one, or (trial, ARM)
    nudges     only arms of these kinds of nudge
    unit       what one unit of the outcome is, for trials that don't say
    worthwhile the least effect worth adopting: a gain, in the outcome's own unit or on the trials' scale
    """

    outcome: str
    others: tuple[tuple[str, str], ...] = ()
    arms: tuple[tuple[str | None, str], ...] = ()
    nudges: tuple[str, ...] = ()
    unit: str | None = None
    worthwhile: float | None = None


@dataclass(frozen=True)
class Entry:
    """One trial's part. `combined` where several lines were made one. The estimate is counted from no difference on the
    trials' scale: of a ratio of 1.1 it is 0.1."""

    label: str
    evidence: Evidence
    outcomes: tuple[EvidenceOutcome, ...]
    lines: tuple[ResultLine, ...]
    estimate: float
    variance: float
    n: int | None
    combined: Combined | None

    @property
    def std_error(self) -> float:
        return math.sqrt(self.variance)

    @property
    def fragile(self) -> tuple[str, ...]:
        """Why the usual test can mislead of one of its lines; () where nothing speaks for it."""
        return tuple(
            dict.fromkeys(code for x in self.lines if x.fragile is not None for code in x.fragile.split(","))
        )

    @property
    def told(self) -> tuple[float, float] | None:
        """The interval that is told of a fragile trial with one line, in place of any from its standard error."""
        inside = self.lines[0].interval if self.fragile and len(self.lines) == 1 else None
        return None if inside is None else (inside[0] - self.null, inside[1] - self.null)

    @property
    def null(self) -> float:
        """What the estimate is counted from."""
        return null_of(self.evidence.estimator, "arm")


def choose(wish: Wish, trials: Sequence[Evidence]) -> tuple[Entry, ...]:
    """Each trial's one estimate, in the order given. RctError with every reason why these can't be pooled."""
    if len(trials) < 2:
        stop("pool_too_few", "Pooling needs two trials or more.", "Name another trial, bundle or paper.",
             found=str(len(trials)))  # fmt: skip
    problems = list(_twice(trials))
    chosen: list[tuple[Evidence, tuple[EvidenceOutcome, ...], tuple[ResultLine, ...]]] = []
    for evidence in trials:
        try:
            outcomes = _outcomes(wish, evidence)
            chosen.append((evidence, outcomes, _lines(wish, evidence, outcomes)))
        except RctError as error:
            problems += error.problems
    problems += _unlike(wish, [(e, o) for e, outcomes, _ in chosen for o in outcomes])
    if problems:
        raise RctError(problems)
    labels = _labels([e for e, _, _ in chosen])
    return tuple(_entry(label, *one) for label, one in zip(labels, chosen, strict=True))


def _outcomes(wish: Wish, evidence: Evidence) -> tuple[EvidenceOutcome, ...]:
    names = [o for trial, o in wish.others if trial == evidence.name] or [wish.outcome]
    known = {o.name: o for o in evidence.outcomes}
    for name in names:
        if name not in known:
            stop(
                "pool_outcome",
                f"The trial {visible(evidence.name)} has no outcome {visible(name)}. "
                f"It has: {visible(', '.join(known))}.",
                f"If one of them is the same thing: --outcome {visible(evidence.name)}:{next(iter(known))}",
                field=evidence.name,
                found=name,
            )
    return tuple(known[name] for name in names)


def _lines(wish: Wish, evidence: Evidence, outcomes: Sequence[EvidenceOutcome]) -> tuple[ResultLine, ...]:
    wanted = _arms(wish, evidence)
    lines = []
    for outcome in outcomes:
        main = [
            x for x in evidence.lines if x.outcome == outcome.name and x.term == "arm" and x.subgroup is None
        ]
        planned = [x for x in main if x.role == "confirmatory"] or main
        lines += [x for x in planned if x.arm in wanted]
    if not lines:
        stop(
            "pool_no_figures",
            f"The trial {visible(evidence.name)} has no result for this outcome and these arms.",
            "Choose other arms with --arm. Pooled without this trial, say so beside the answer.",
            field=evidence.name,
        )
    for line in lines:
        place = f"{evidence.name}:{line.arm}"
        if line.estimate is None or line.std_error is None:
            stop(
                "pool_withheld",
                "The figures of this arm are withheld: too few people.",
                f"Choose other arms with --arm {visible(evidence.name)}:ARM. Pooled without this trial, say so beside the "
                "answer.",
                field=place,
            )
        if not line.std_error > 0:
            stop(
                "pool_zero_error",
                "Nobody differed within either arm, so the standard error is zero and the trial can't be weighed.",
                "Take an outcome that some people had and others not: --outcome "
                f"{visible(evidence.name)}:NAME. Pooled without it, the answer leaves out what this trial found: say "
                "so beside it.",
                field=place,
                found=str(line.std_error),
            )
    return tuple(lines)


def _arms(wish: Wish, evidence: Evidence) -> set[str]:
    arms = {a.name for a in evidence.arms if not a.control}
    mine = {arm for trial, arm in wish.arms if trial == evidence.name}
    general = {arm for trial, arm in wish.arms if trial is None}
    if mine or general:
        known = (mine or general) & arms
        if mine - arms or not known:
            stop(
                "pool_arm",
                f"The trial {visible(evidence.name)} has no such arm beside its control. "
                f"It has: {visible(', '.join(sorted(arms)))}.",
                f"Name one: --arm {visible(evidence.name)}:ARM",
                field=evidence.name,
                found=", ".join(sorted((mine or general) - arms)),
            )
        arms = known
    if wish.nudges:
        kinds = {n.casefold() for n in wish.nudges}
        arms &= {a.name for a in evidence.arms if kinds & {n.casefold() for n in a.nudge}}
        if not arms:
            stop(
                "pool_arm",
                f"No arm of the trial {visible(evidence.name)} is marked as {visible(', '.join(wish.nudges))}.",
                f"Name an arm: --arm {visible(evidence.name)}:ARM. Pooled without this trial, say so beside the answer.",
                field=evidence.name,
            )
    return arms


def _unlike(wish: Wish, outcomes: Sequence[tuple[Evidence, EvidenceOutcome]]) -> Iterator[Problem]:
    """Outcomes of different kinds, directions or units are different questions, and so are a difference and a ratio."""
    if not outcomes:
        return
    yield from _scales(list(dict.fromkeys(e for e, _ in outcomes)))
    (first_trial, first), rest = outcomes[0], outcomes[1:]
    for evidence, outcome in rest:
        if outcome.kind != first.kind:
            yield _differs("pool_kind", first.kind, outcome.kind, first_trial, evidence)
        if outcome.direction != first.direction:
            yield _differs("pool_direction", first.direction, outcome.direction, first_trial, evidence)
    if kind_of(first.kind).share:
        return
    units = [(e, folded(o.unit or wish.unit or "")) for e, o in outcomes]
    for evidence, unit in units:
        if not unit and kind_of(first.kind).needs_unit:
            yield Problem(
                "pool_unit",
                f"The trial {visible(evidence.name)} does not say what one unit of the outcome is.",
                "If it is the same in all of them, say so: --unit USD",
                field=evidence.name,
            )
        elif unit != units[0][1]:
            yield _differs("pool_unit", units[0][1] or "none", unit or "none", first_trial, evidence)


def _scales(trials: Sequence[Evidence]) -> Iterator[Problem]:
    """Every trial's estimates are numbers of one scale, in one unit."""
    first = trials[0]
    for evidence in trials:
        if evidence.scale is None:
            yield Problem(
                "pool_scale",
                f"The trial {visible(evidence.name)} was estimated by {visible(evidence.estimator)}, which is not known"
                " here: whether its figures are differences can't be told.",
                "Pool only trials whose estimator is known.",
                field=evidence.name,
                found=evidence.estimator,
            )
        elif first.scale is not None and evidence.scale != first.scale:
            told = [
                " of ".join(part for part in (s.name, s.unit) if part) for s in (first.scale, evidence.scale)
            ]
            yield _differs("pool_scale", told[0], told[1], first, evidence)


def _differs(code: str, one: str, other: str, first: Evidence, second: Evidence) -> Problem:
    return Problem(
        code,
        f"Different {code.removeprefix('pool_')}s are different questions: {visible(first.name)} has {visible(one)}, "
        f"{visible(second.name)} has {visible(other)}.",
        "Pool only trials that asked the same.",
        field=second.name,
        found=other,
    )


def _twice(trials: Sequence[Evidence]) -> Iterator[Problem]:
    """The same trial twice: as a bundle and from this workspace, under two cities' names, or one paper in two files."""
    seen: dict[tuple[str, ...], Evidence] = {}
    for evidence in trials:
        keys: list[tuple[str, ...]] = [("trial", folded(evidence.city), evidence.name)]
        if evidence.digest:
            keys.append(("digest", evidence.digest))
        if evidence.origin:
            keys.append(("origin", evidence.origin))
        key = next((key for key in [*keys, *_cited(evidence, known=False)] if key in seen), None)
        if key is not None:
            yield _same(seen[key], evidence, _WHAT[key[0]])
        for key in [*keys, *_cited(evidence, known=True)]:
            seen.setdefault(key, evidence)


def _cited(evidence: Evidence, *, known: bool) -> Iterator[tuple[str, ...]]:
    """What a paper's citation is looked for under, and (`known`) found under. One paper may tell of trials in two
    cities; where a file names none it may be any of them."""
    if evidence.citation is None:
        return
    citation, city = folded(evidence.citation), folded(evidence.city)
    yield "citation", citation, city
    if known or not city:
        yield "citation", citation, "anywhere"
    else:
        yield "citation", citation, ""


_WHAT = {
    "trial": "they have the same city and name",
    "digest": "they have the same file",
    "origin": "their logs begin with the same event",
    "citation": "they have the same citation, and not two different cities",
}


def _same(one: Evidence, other: Evidence, why: str) -> Problem:
    return Problem(
        "pool_same_trial",
        f"{_called(one)} and {_called(other)} are the same trial: {why}.",
        "A trial counts once. Leave one of them out.",
        field=other.name,
    )


def _called(evidence: Evidence) -> str:
    place = _place(evidence)
    return f"{visible(evidence.name)} ({evidence.source}{f' of {place}' if place else ''})"


def _entry(
    label: str, evidence: Evidence, outcomes: tuple[EvidenceOutcome, ...], lines: tuple[ResultLine, ...]
) -> Entry:
    first, null = lines[0], null_of(evidence.estimator, "arm")
    if len(lines) == 1:
        assert first.estimate is not None
        assert first.std_error is not None
        apart = first.estimate - null
        return Entry(label, evidence, outcomes, lines, apart, first.std_error**2, first.n, None)
    known = {}
    for c in evidence.covariances:
        known[(c.outcome_a, c.arm_a), (c.outcome_b, c.arm_b)] = c.value
        known[(c.outcome_b, c.arm_b), (c.outcome_a, c.arm_a)] = c.value
    V = [[_covariance(evidence, known, a, b) for b in lines] for a in lines]
    try:
        combined = within([(x.estimate or 0.0) - null for x in lines], V)
    except ValueError as error:
        stop(
            "pool_covariance",
            f"The covariances of {visible(evidence.name)} can't be: {error}.",
            f"Choose one arm: --arm {visible(evidence.name)}:ARM",
            field=evidence.name,
        )
    return Entry(
        label, evidence, outcomes, lines, combined.estimate, combined.variance, _people(lines), combined
    )


def _covariance(
    evidence: Evidence,
    known: dict[tuple[tuple[str, str], tuple[str, str]], float],
    a: ResultLine,
    b: ResultLine,
) -> float:
    if a is b:
        return (a.std_error or 0.0) ** 2
    key = (a.outcome, a.arm), (b.outcome, b.arm)
    if key in known:
        return known[key]
    stop(
        "pool_covariance",
        f"{visible(evidence.name)} does not say how the estimates of {visible(a.arm)} and {visible(b.arm)} hang "
        "together, so they can't be made one.",
        f"Choose one arm: --arm {visible(evidence.name)}:{visible(a.arm)}",
        field=f"{evidence.name}:{b.arm}",
    )


def _people(lines: Sequence[ResultLine]) -> int | None:
    """People behind several arms of one trial: each arm once, and the control once."""
    arms = {x.arm: x.n_arm for x in lines}
    control = lines[0].n_control
    if control is None or any(n is None for n in arms.values()):
        return None
    return control + sum(n or 0 for n in arms.values())


def _labels(trials: Sequence[Evidence]) -> list[str]:
    """City and year; where that is not enough the trial's name before it, and digits of its digest. Safe to print.

    No two are alike, and what tells them apart stands first: a table or a plot may have to cut what comes later.
    """
    places = [
        ", ".join(part for part in (_place(e), visible((e.start or "")[:4])) if part) or visible(e.name)
        for e in trials
    ]
    named = [
        p if places.count(p) == 1 or p == visible(e.name) else f"{visible(e.name)} ({p})"
        for p, e in zip(places, trials, strict=True)
    ]
    return [
        n if named.count(n) == 1 else f"{(e.digest or 'ours')[:12]} {n}"
        for n, e in zip(named, trials, strict=True)
    ]


def _place(evidence: Evidence) -> str:
    city, beside = evidence.city, evidence.place[len(evidence.city) :]
    if len(city) > LONGEST_CITY:
        city = city[: LONGEST_CITY - 1].rstrip() + "…"
    return visible(city + beside)
