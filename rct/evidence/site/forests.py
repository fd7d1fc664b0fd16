"""Trials that share an outcome, side by side: every version's effect, and all of them pooled where that is sound.

Only trials of one kind of outcome with one name, direction and scale stand together. A trial gives one estimate to the
pool: several versions share one control, so they are first made one with their covariance, which is derived again
from the registry.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rct.estimate.pool import Pooled, pool, within
from rct.estimate.prediction import MIN_FOR_CITY
from rct.evidence.record import Evidence
from rct.evidence.site.published import Published
from rct.language import listed
from rct.report.figures import chart
from rct.report.words import numbers as show
from rct.report.words.finding import Finding, Scale, no_interval
from rct.report.words.fragility import of_those_pooled
from rct.report.words.phrases import unquoted

MOST = 40  # rows of one chart; the table beside it has all
FEWEST = 3  # trials of a pooled line: the interval of two, with one degree of freedom, says nothing
MOST_DERIVED = 20  # trials whose covariances are derived again: a portfolio is not to take an hour


@dataclass(frozen=True)
class SharedOutcome:
    """One outcome of two or more trials: what it is called, and each trial's versions against its control."""

    name: str
    label: str
    trials: tuple[Published, ...]

    @property
    def rows(self) -> list[tuple[Published, Finding]]:
        return [(t, f) for t in self.trials for f in t.findings]

    @property
    def scale(self) -> Scale:
        """Fine enough for the widest of the trials' own scales, without any trial's rule."""
        scales = [f.scale for _, f in self.rows]
        return Scale(scales[0].binary, max(s.places for s in scales), effect=scales[0].effect)


def shared(trials: Sequence[Published]) -> list[SharedOutcome]:
    """Every outcome that decides in two or more trials, those of most trials first."""
    publisheds: dict[tuple[str, str, str, str], list[Published]] = defaultdict(list)
    for t in trials:
        name = t.findings[0].row.outcome
        definition = t.locked.definition
        what = definition.outcomes[name]
        publisheds[name, what.kind, what.direction, definition.estimator.scale.name].append(t)
    several = [(key, of) for key, of in publisheds.items() if len(of) > 1]
    return [
        SharedOutcome(
            key[0],
            unquoted(of[0].findings[0].outcome),
            tuple(sorted(of, key=lambda t: (t.locked.definition.trial.start, t.name))),
        )
        for key, of in sorted(several, key=lambda pair: (-len(pair[1]), pair[0]))
    ]


def several_versions(together: Sequence[SharedOutcome]) -> list[str]:
    """The trials with more than one tested version among these, by name; none of too many to derive again."""
    names = sorted({t.name for one in together for t in one.trials if len(t.findings) > 1})
    return names if len(names) <= MOST_DERIVED else []


def pooled(one: SharedOutcome, derived: Mapping[str, Evidence]) -> tuple[Pooled, list[Published]] | None:
    """The random-effects answer (REML), each trial once; None where fewer than three can be pooled.

    `derived` has the covariances of trials with several versions, which are first made one.
    """
    fit = [(t, combined) for t in one.trials if (combined := _as_one(t, derived.get(t.name))) is not None]
    if len(fit) < FEWEST:
        return None
    return pool([e for _, (e, _) in fit], [v for _, (_, v) in fit]), [t for t, _ in fit]


def _as_one(t: Published, derived: Evidence | None) -> tuple[float, float] | None:
    """A trial's estimate and its variance, over all its versions; None where a figure of it is not known."""
    rows = [f.row for f in t.findings]
    values = [f.scale.apart(f.row.estimate) for f in t.findings if f.row.estimate is not None]
    errors = [r.std_error for r in rows if r.std_error]
    if len(values) < len(rows) or len(errors) < len(rows):
        return None
    if len(rows) == 1:
        return values[0], errors[0] ** 2
    known = {
        frozenset(((c.outcome_a, c.arm_a), (c.outcome_b, c.arm_b))): c.value
        for c in (derived.covariances if derived else ())
    }
    pairs = [[frozenset(((a.outcome, a.arm), (b.outcome, b.arm))) for b in rows] for a in rows]
    matrix = [
        [errors[i] ** 2 if i == j else known.get(pair) for j, pair in enumerate(line)]
        for i, line in enumerate(pairs)
    ]
    full = [[value for value in line if value is not None] for line in matrix]
    if any(len(line) < len(rows) for line in full):
        return None
    try:
        answer = within(values, full)
    except ValueError:
        return None
    return answer.estimate, answer.variance


def plot(one: SharedOutcome, derived: Mapping[str, Evidence]) -> dict[str, Any]:
    """The section of one outcome: chart, table and what the pooled line holds."""
    scale, answer = one.scale, pooled(one, derived)
    rows = one.rows[:MOST]
    labels = [f"{t.name}: {unquoted(f.arm)}" for t, f in rows]
    bars = [_bar(label, f, scale) for label, (_, f) in zip(labels, rows, strict=True)]
    told = []
    if answer is not None:
        bars.append(_pooled_bar(answer[0], len(answer[1]), scale))
        told.append(_pooled_sentence(answer[0], answer[1], scale, one))
    else:
        told.append("Too few trials can be pooled here to say anything of their average.")
    used = {t.name for t in answer[1]} if answer else set()
    told += _fragile(one, used)
    told += _not_pooled([t for t in one.trials if answer and t.name not in used])
    if any(len(t.findings) > 1 and t.name in used for t in one.trials):
        told.append(
            "A trial counts once: its versions share one control and are first made one, by generalized least squares."
        )
    if len(one.rows) > MOST:
        told.append(f"The chart shows {MOST} of {len(one.rows):,} versions; the table has all.")
    axis = f"{one.label}, difference" + (
        " (percentage points)" if scale.in_points else " (percent)" if scale.relative else ""
    )
    drawn = chart.Chart(tuple(bars), 0.0, "No difference", "", None, axis, "Difference (interval)")
    better = "more" if one.rows[0][1].sign > 0 else "less"
    marks = sorted({mark for t in one.trials for mark in t.marks})
    return {
        "key": f"outcome-{one.name}-{one.trials[0].name}",
        "title": one.label,
        "text": f"{len(one.trials)} trials. {better.capitalize()} is better."
        + (f" Some are not real: {listed(marks)}." if marks else ""),
        "svg": chart.draw(drawn, f"o-{one.name}-{one.trials[0].name}"),
        "alt": f"Forest plot of {one.label}: the figures of the table below.",
        "caption": "Bars: each trial's own interval of the difference from its control."
        + (" Diamond: all pooled." if answer else ""),
        "table": _table(one, scale),
        "notes": told,
    }


def _not_pooled(left: Sequence[Published]) -> list[str]:
    if not left:
        return []
    names = listed([t.name for t in left[:5]]) + (" and others" if len(left) > 5 else "")
    return [
        f"Shown and not pooled, since a figure that it takes is not at hand: {names}. rct pool can pool them."
    ]


def _fragile(one: SharedOutcome, used: set[str]) -> list[str]:
    """How many of those that are pooled are fragile: a pool weighs by the usual test's standard errors."""
    shaky = [t for t in one.trials if t.name in used and any(f.row.fragile for f in t.findings)]
    if not shaky:
        return []
    codes = {code for each in shaky for f in each.findings for code in f.row.reasons}
    said = f"Of those pooled, {of_those_pooled(len(shaky), len(used), codes)}: "
    if len(shaky) == len(used):
        return [said + "their standard errors can mislead, and the pooled interval may be too narrow."]
    return [said + "their standard errors can mislead, and the pool weighs by them."]


def _bar(label: str, f: Finding, scale: Scale) -> chart.Bar:
    if not f.shown:
        return chart.Bar(label, None, 0.0, 0.0, "", "not shown")
    times = scale.times
    return chart.Bar(
        label,
        times * f.estimate,
        *chart.bar_ends(f, times),
        "",
        f"{scale.signed(f.estimate)} ({_interval(f, scale)})",
    )


def _interval(f: Finding, scale: Scale) -> str:
    return scale.ends(f.low, f.high) if f.bounded else no_interval()


def _pooled_bar(answer: Pooled, count: int, scale: Scale) -> chart.Bar:
    times, at = scale.times, answer.leading
    gap = f"{scale.signed(answer.estimate)} ({scale.ends(at.conf_low, at.conf_high)})"
    return chart.Bar(
        f"Pooled, {count} trials",
        times * answer.estimate,
        times * at.conf_low,
        times * at.conf_high,
        "",
        gap,
        strong=True,
    )


def _pooled_sentence(answer: Pooled, used: Sequence[Published], scale: Scale, one: SharedOutcome) -> str:
    at = answer.leading
    whose = "the normal one" if answer.leading_test == "normal" else "Hartung and Knapp's"
    said = (
        f"Pooled over {len(used)} of {len(one.trials)} trials: {scale.lies(answer.estimate)} "
        f"({show.confidence(answer.conf_level)} interval: {scale.span(at.conf_low, at.conf_high)}; random effects by REML, "
        f"the interval {whose}, the wider of the two). All are of this city: what another would find they can't say."
    )
    if len(used) >= MIN_FOR_CITY:
        said += f" No range is given for one more such trial: that takes trials of {MIN_FOR_CITY} cities."
    return said


def _table(one: SharedOutcome, scale: Scale) -> dict[str, Any]:
    rows = []
    for t, f in one.rows:
        shown = (scale.signed(f.estimate), _interval(f, scale)) if f.shown else (chart.no_figure(f), "")
        link = {"text": t.title, "href": f"trials/{t.name}/index.html"}
        rows.append((link, f.arm, f.control, str(t.year), *shown))
    return {
        "caption": f"{one.label}: every version",
        "header": ("Trial", "Version", "Against", "Year", "Difference", "Interval"),
        "rows": rows,
        "right": (False, False, False, True, True, True),
    }
