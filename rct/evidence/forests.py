"""Trials that share an outcome, side by side: every version's effect, and all of them pooled where that is sound.

Only trials of one kind of outcome with one name and direction stand together. A trial gives one estimate to the
pool; one with several versions shares its control among them, and their covariance is in its bundle alone, so it is
shown and not pooled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rct.estimate.pool import Pooled, pool
from rct.evidence.published import Published
from rct.report import chart
from rct.report import numbers as show
from rct.report.finding import Finding, Scale
from rct.report.words import listed, unquoted

MOST = 40  # rows of one chart; the table beside it has all


@dataclass(frozen=True)
class Shared:
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
        return Scale(scales[0].binary, max(s.places for s in scales))


def shared(trials: Sequence[Published]) -> list[Shared]:
    """Every outcome that decides in two or more trials, those of most trials first."""
    found: dict[tuple[str, str, str], list[Published]] = defaultdict(list)
    for t in trials:
        name = t.findings[0].row.outcome
        what = t.dossier.definition.outcomes[name]
        found[name, what.kind, what.direction].append(t)
    several = [(key, of) for key, of in found.items() if len(of) > 1]
    return [
        Shared(
            key[0],
            unquoted(of[0].findings[0].outcome),
            tuple(sorted(of, key=lambda t: (t.dossier.definition.trial.start, t.name))),
        )
        for key, of in sorted(several, key=lambda pair: (-len(pair[1]), pair[0]))
    ]


def pooled(one: Shared) -> tuple[Pooled, list[Published]] | None:
    """The random-effects answer (REML, Hartung and Knapp) over trials with one tested version; None under two."""
    fit = []
    for t in one.trials:
        row = t.findings[0].row
        if len(t.findings) == 1 and t.findings[0].shown and row.std_error:
            fit.append((t, t.findings[0].estimate, row.std_error**2))
    if len(fit) < 2:
        return None
    return pool([e for _, e, _ in fit], [v for _, _, v in fit]), [t for t, _, _ in fit]


def plot(one: Shared) -> dict[str, Any]:
    """The section of one outcome: chart, table and what the pooled line holds."""
    scale, answer = one.scale, pooled(one)
    rows = one.rows[:MOST]
    labels = [f"{t.name}: {unquoted(f.arm)}" for t, f in rows]
    bars = [_bar(label, f, scale) for label, (_, f) in zip(labels, rows, strict=True)]
    told = []
    if answer is not None:
        bars.append(_pooled_bar(answer[0], len(answer[1]), scale))
        told.append(_pooled_sentence(answer[0], answer[1], scale, one))
    several = [t for t in one.trials if len(t.findings) > 1]
    if several:
        names = listed([t.name for t in several[:5]])
        told.append(
            f"Shown and not pooled, since several versions share one control there: {names}"
            + (" and others." if len(several) > 5 else ".")
        )
    if len(one.rows) > MOST:
        told.append(f"The chart shows {MOST} of {len(one.rows):,} versions; the table has all.")
    axis = f"{one.label}, difference" + (" (percentage points)" if scale.binary else "")
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


def _bar(label: str, f: Finding, scale: Scale) -> chart.Bar:
    if not f.shown:
        return chart.Bar(label, None, 0.0, 0.0, "", "not shown")
    times = 100.0 if scale.binary else 1.0
    return chart.Bar(
        label,
        times * f.estimate,
        times * f.low,
        times * f.high,
        "",
        f"{scale.signed(f.estimate)} ({scale.ends(f.low, f.high)})",
    )


def _pooled_bar(answer: Pooled, count: int, scale: Scale) -> chart.Bar:
    times, at = 100.0 if scale.binary else 1.0, answer.interval
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


def _pooled_sentence(answer: Pooled, used: Sequence[Published], scale: Scale, one: Shared) -> str:
    at = answer.interval
    said = (
        f"Pooled over {len(used)} of {len(one.trials)} trials: {scale.lies(answer.estimate)} "
        f"({show.confidence(answer.conf_level)} interval: {scale.span(at.conf_low, at.conf_high)}; random effects by REML, "
        "interval of Hartung and Knapp)."
    )
    if at.predict_low is not None and at.predict_high is not None:
        said += f" The effect in one more such trial: {scale.span(at.predict_low, at.predict_high)}."
    return said


def _table(one: Shared, scale: Scale) -> dict[str, Any]:
    rows = []
    for t, f in one.rows:
        shown = (scale.signed(f.estimate), scale.ends(f.low, f.high)) if f.shown else (chart.no_figure(f), "")
        link = {"text": t.title, "href": f"trials/{t.name}/index.html"}
        rows.append((link, f.arm, f.control, str(t.year), *shown))
    return {
        "caption": f"{one.label}: every version",
        "header": ("Trial", "Version", "Against", "Year", "Difference", "Interval"),
        "rows": rows,
        "right": (False, False, False, True, True, True),
    }
