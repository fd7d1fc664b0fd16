"""One entry in words and rows for the terminal: who ran it, what was found, how it came here."""

from __future__ import annotations

from collections.abc import Iterator

from rct.evidence.record import Evidence, Line, Outcome
from rct.report import numbers as show
from rct.report.finding import Scale


def primary(evidence: Evidence) -> Outcome:
    """The outcome that the trial is judged by: the first primary one, else the first."""
    return next((o for o in evidence.outcomes if o.primary), evidence.outcomes[0])


def main_lines(evidence: Evidence, outcome: Outcome) -> list[Line]:
    """Each arm against the control over all people, as planned where there was a plan."""
    lines = [
        x for x in evidence.lines if x.outcome == outcome.name and x.term == "arm" and x.subgroup is None
    ]
    return [x for x in lines if x.role == "confirmatory"] or lines


def result_rows(evidence: Evidence, outcome: Outcome) -> list[tuple[str, ...]]:
    """A row an arm: arm, against, effect, interval, p, people. Yes/no outcomes in percentage points."""
    lines = main_lines(evidence, outcome)
    scale = scale_of(outcome, lines)
    return [
        (
            x.arm,
            x.control,
            "withheld" if x.estimate is None else scale.signed(x.estimate),
            "" if x.conf_low is None or x.conf_high is None else scale.ends(x.conf_low, x.conf_high),
            "" if x.p_value is None else show.p_number(x.p_value),
            "" if x.n is None else f"{x.n:,}",
        )
        for x in lines
    ]


def scale_of(outcome: Outcome, lines: list[Line]) -> Scale:
    """Fine enough for the narrowest interval."""
    binary = outcome.kind == "binary"
    places = 1 if binary else 0
    for x in lines:
        if x.conf_low is not None and x.conf_high is not None:
            half = (100.0 if binary else 1.0) * (x.conf_high - x.conf_low) / 2
            places = show.places_for(half, places, figures=2)
    return Scale(binary, min(places, 4))


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
