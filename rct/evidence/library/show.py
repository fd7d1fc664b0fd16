"""One entry in words and rows for the terminal: who ran it, what was found, how it came here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rct.estimate.scales import DIFFERENCE
from rct.evidence.record import Evidence, EvidenceOutcome, ResultLine
from rct.kinds import kind_of
from rct.report.words import numbers as show
from rct.report.words.finding import Scale
from rct.report.words.fragility import clauses

KIND = {"newcombe": "Newcombe's interval", "randomization": "The randomization test's interval"}


def primary(evidence: Evidence) -> EvidenceOutcome:
    """The outcome that the trial is judged by: the first primary one, else the first."""
    return next((o for o in evidence.outcomes if o.primary), evidence.outcomes[0])


def main_lines(evidence: Evidence, outcome: EvidenceOutcome) -> list[ResultLine]:
    """Each arm against the control over all people, as planned where there was a plan."""
    lines = [
        x for x in evidence.lines if x.outcome == outcome.name and x.term == "arm" and x.subgroup is None
    ]
    return [x for x in lines if x.role == "confirmatory"] or lines


def result_rows(evidence: Evidence, outcome: EvidenceOutcome) -> list[tuple[str, ...]]:
    """A row an arm: arm, against, effect, interval, p, people. Yes/no outcomes in percentage points; of a fragile line
    what its memo tells in place of the usual test's figures, marked with a star."""
    lines = main_lines(evidence, outcome)
    scale = scale_of(evidence, outcome, lines)
    return [
        (
            x.arm,
            x.control,
            "withheld" if x.estimate is None else scale.signed(scale.apart(x.estimate)),
            _interval(x, scale),
            "" if x.p is None else show.p_number(x.p),
            "" if x.n is None else f"{x.n:,}",
        )
        for x in lines
    ]


def _interval(x: ResultLine, scale: Scale) -> str:
    if x.interval is None:
        return "no interval *" if x.fragile else ""
    return scale.ends(*map(scale.apart, x.interval)) + (" *" if x.fragile else "")


def fragile_words(evidence: Evidence, lines: Iterable[ResultLine]) -> Iterator[str]:
    """What the stars stand for: a sentence an arm."""
    endless = (evidence.scale or DIFFERENCE).endless
    for x in lines:
        if x.fragile is None:
            continue
        why = clauses(x.fragile.split(","))
        if x.told is None:
            told = "What should be told in its place did not travel with it, so no interval is shown."
        elif x.told.conf_low is None:
            told = f"The randomization test's interval has no end ({endless})."
        else:
            told = f"{KIND[x.told.interval]} and the p of drawing the lots anew are shown, as in its memo."
        yield f"* {x.arm}: the usual test can mislead here ({why}). {told}"


def scale_of(evidence: Evidence, outcome: EvidenceOutcome, lines: list[ResultLine]) -> Scale:
    """Fine enough for the narrowest interval."""
    kind, bare = (
        kind_of(outcome.kind),
        Scale(kind_of(outcome.kind).share, 0, effect=evidence.scale or DIFFERENCE),
    )
    places = kind.places
    for x in lines:
        if x.interval is not None:
            half = bare.times * (x.interval[1] - x.interval[0]) / 2
            places = show.places_for(half, places, figures=2)
    return replace(bare, places=min(places, 4))


def origin(evidence: Evidence) -> str:
    """Where the figures come from: `paper: …`, `bundle, signed by …`."""
    if evidence.source == "paper":
        return f"paper: {evidence.citation}"
    if evidence.source == "bundle":
        return (
            f"bundle, signed by {evidence.signed_by}" if evidence.signed_by else "bundle, signature not known"
        )
    return "a trial of this workspace"


def facts(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Terms and what they are; what isn't known is left out."""
    arms = "; ".join(
        f"{a.name}: {a.label}"
        + (" (control)" if a.control else "")
        + (f", {a.n:,} people" if a.n is not None else "")
        + (f" [{', '.join(a.nudge)}]" if a.nudge else "")
        for a in evidence.arms
    )
    rows = (
        ("name", evidence.name),
        ("digest", evidence.digest),
        ("from", origin(evidence)),
        ("city", evidence.place),
        ("start", evidence.start),
        ("problem", evidence.problem),
        ("hypothesis", evidence.hypothesis),
        ("channel", evidence.channel),
        ("department", evidence.department),
        ("population", evidence.population),
        ("keywords", ", ".join(evidence.keywords)),
        ("versions", arms),
        ("the agreed rule said", evidence.rule_says),
        ("decided", evidence.decided),
    )
    yield from ((term, text) for term, text in rows if text)
