"""A pool in plain words: the average, how far the next city may lie from it, and how much to trust it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import replace

from rct.estimate.pool import Interval, Pooled
from rct.estimate.prediction import MIN_FOR_CITY
from rct.estimate.scales import DIFFERENCE
from rct.evidence.pool.choosing import Entry
from rct.evidence.pool.pooling import Pooling
from rct.kinds import kind_of
from rct.report.words import numbers as show
from rct.report.words.finding import Scale

METHODS = {"REML": "REML", "PM": "Paule-Mandel", "DL": "DerSimonian-Laird", "fixed": "fixed effect"}
HEAVY = 0.75  # of the weight, from which an average is one trial's own
WIDEST = 22  # characters of a line of a label in the terminal


def scale_of(pooling: Pooling) -> Scale:
    """Fine enough for the pooled interval."""
    kind, inside = kind_of(pooling.outcome.kind), pooling.main.leading
    bare = Scale(kind.share, 0, effect=pooling.entries[0].evidence.scale or DIFFERENCE)
    half = bare.times * (inside.conf_high - inside.conf_low) / 2
    places = show.places_for(half, kind.places, figures=2)
    return replace(bare, places=min(places, 4))


def name_of(fit: Pooled, short: bool = False) -> str:
    """`REML, Hartung-Knapp`; for the terminal `PM, Hartung-Knapp`."""
    if fit.method == "fixed":
        return METHODS[fit.method]
    if short:
        return f"{fit.method}, {'normal' if fit.test == 'normal' else 'Hartung-Knapp'}"
    return f"{METHODS[fit.method]}, {'normal' if fit.test == 'normal' else 'Hartung-Knapp'}"


def lead(pooling: Pooling) -> str:
    """The answer in one sentence."""
    scale, main = scale_of(pooling), pooling.main
    inside = main.leading
    span = f"{show.confidence(main.conf_level)} interval: {scale.span(inside.conf_low, inside.conf_high)}"
    what = f"“{pooling.label}”"
    if not pooling.tested:
        return (
            f"Over {main.k} trials {what} was on average {scale.lies(main.estimate)} ({span}), but the usual test can "
            "mislead in every one of them: this shows little."
        )
    if inside.conf_low <= 0 <= inside.conf_high:
        return (
            f"Over {main.k} trials it is not clear whether {what} moved at all: on average it was "
            f"{scale.lies(main.estimate)} ({span})."
        )
    good = (main.estimate > 0) == (pooling.sign > 0)
    verdict = "as hoped" if good else "the wrong way"
    return f"Over {main.k} trials {what} moved {verdict}: on average {scale.lies(main.estimate)} ({span})."


def plain_words(pooling: Pooling) -> Iterator[str]:
    """What a leader needs, a sentence or two each."""
    scale, main = scale_of(pooling), pooling.main
    yield lead(pooling)
    yield from _heavy(pooling)
    if pooling.ahead is not None:
        span = scale.span(*pooling.ahead)
        yield (
            f"In a new city like these the effect would most likely lie between {_between(span)} "
            f"({show.confidence(main.conf_level)} prediction interval)."
        )
    if pooling.tested:
        yield _spread(pooling, scale)
    if pooling.chance is not None and pooling.worthwhile is not None:
        yield (
            f"The chance that a new city like these would see {scale.typed(pooling.worthwhile)} or better is about "
            f"{_chance(pooling.chance)}. This is approximate: it takes these cities as a fair sample of cities "
            "like yours."
        )
    if pooling.without:
        yield _moved(pooling, scale)
    yield from _drawer(pooling, scale)


def _between(span: str) -> str:
    return span.replace(" to ", " and ")


def _chance(p: float) -> str:
    """Whole percent, never 0 or 100."""
    return "under 1%" if p < 0.01 else "over 99%" if p > 0.99 else f"{100 * p:.0f}%"


def _spread(pooling: Pooling, scale: Scale) -> str:
    """Whether the trials differ. Q on few trials finds little, so what it doesn't find is never said not to be there."""
    main = pooling.main
    told = f"I² {main.i2:.0f}%, Q {main.q:.1f} on {main.q_df} df, {show.p_value(main.q_p)}"
    rough = ", a rough guess from so few trials" if main.k < MIN_FOR_CITY else ""
    size = f"about {scale.size(main.tau)} around the average (tau{rough}; {told})"
    if main.q_p < 0.05:
        clear = "The trials differ by more than chance alone is likely to make them"
        return f"{clear} ({told})." if main.tau2 == 0 else f"{clear}: true effects spread by {size}."
    if main.tau2 == 0:
        return (
            f"Chance alone could make the trials differ as they do ({told}). That does not show that the effect is "
            f"the same everywhere: {main.k} trials can hide real differences."
        )
    clear = "Chance alone could make the trials differ as they do."
    return f"{clear} If true effects differ too, it is by {size}."


def _heavy(pooling: Pooling) -> Iterator[str]:
    """One trial that holds most of the weight: its chance is taken for that of all, since few trials seldom show how far
    true effects differ. (Two of variances .02 and 1, no effect on average, true effects that spread by .7: an
    average was found to have moved in 14.5 % of 1,500 simulated pools.)"""
    weight, label = max((w, e.label) for e, w in zip(pooling.entries, pooling.main.weights, strict=True))
    if weight > HEAVY:
        yield (
            f"{label} has {_chance(weight)} of the weight: this is nearly its own finding, and little is "
            "learned here of how it goes elsewhere."
        )


def _moved(pooling: Pooling, scale: Scale) -> str:
    """Whether one trial carries the answer."""
    main, without = pooling.main, pooling.without

    def sides(i: Interval) -> tuple[bool, bool]:
        return i.conf_low > 0, i.conf_high < 0

    turned = [
        e.label
        for e, w in zip(pooling.entries, without, strict=True)
        if sides(w.leading) != sides(main.leading)
    ]
    low, high = min(w.estimate for w in without), max(w.estimate for w in without)
    told = (
        f"Leaving out one trial at a time, the average goes from {scale.signed(low)} to {scale.signed(high)}"
    )
    if not turned:
        return f"{told}; no single trial decides what is said here."
    return f"{told}; without {' or without '.join(turned)} the answer above would read otherwise."


def _drawer(pooling: Pooling, scale: Scale) -> Iterator[str]:
    small, selected = pooling.small, pooling.selected
    if small is not None:
        clear = "find other effects than large ones" if small.p_value < 0.1 else "show no clear difference"
        yield (
            f"Small trials {clear} (Egger's regression, {show.p_value(small.p_value)}). Small trials may differ for "
            "honest reasons, and with few trials the check sees little."
        )
    if selected is not None:
        doubt = "Nulls may be missing" if selected.p_value < 0.1 and selected.relative_chance < 1 else (
            "There is no clear sign that nulls are missing"
        )  # fmt: skip
        yield (
            f"{doubt} (selection model, {show.p_value(selected.p_value)}; if selection were so, the average would be "
            f"{scale.signed(selected.estimate)}). No check finds what nobody wrote down."
        )


def trial_rows(pooling: Pooling, short: bool = False) -> list[tuple[str, ...]]:
    """A row a trial: label, versions, effect, interval, people, weight. Nulls stand where they were named.

    short: for the terminal. A label is folded there into rows of its own and never cut, or two trials of one city
    would look the same.
    """
    scale = scale_of(pooling)
    rows: list[tuple[str, ...]] = [
        (
            e.label,
            _versions(e, short),
            scale.signed(e.estimate),
            scale.ends(*interval_of(e)) + (" *" if e.fragile else ""),
            "" if e.n is None else f"{e.n:,}",
            f"{100 * w:.1f}%",
        )
        for e, w in zip(pooling.entries, pooling.main.weights, strict=True)
    ]
    return [line for row in rows for line in _folded(row)] if short else rows


def _folded(row: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The row, its label on as many lines as it takes."""
    first, *more = textwrap.wrap(row[0], WIDEST, subsequent_indent=" ", break_on_hyphens=False) or [row[0]]
    yield first, *row[1:]
    for line in more:
        yield line, *[""] * (len(row) - 1)


def own_notes(pooling: Pooling) -> list[tuple[str, list[str]]]:
    """What the trials' own records say (a replay, a late lock, deviations), each with the trials that say it."""
    said: dict[str, list[str]] = {}
    for entry in pooling.entries:
        for note in entry.evidence.notes:
            said.setdefault(note, []).append(entry.label)
    return list(said.items())


def _versions(entry: Entry, short: bool) -> str:
    arms = list(dict.fromkeys(x.arm for x in entry.lines))
    told = ", ".join(arms)
    return (
        f"{len(arms)} versions"
        if short and len(arms) > 1 and len(told) > WIDEST - 6
        else (told[: WIDEST - 7] + "…" if short and len(told) > WIDEST - 6 else told)
    )


def normal_interval(entry: Entry) -> tuple[float, float]:
    """Estimate ± 1.96 standard errors: how a pool sees a trial."""
    return entry.estimate - 1.959964 * entry.std_error, entry.estimate + 1.959964 * entry.std_error


def interval_of(entry: Entry) -> tuple[float, float]:
    """The interval to print of a trial: of a fragile one what its memo tells, where that travelled and has an end."""
    return entry.told or normal_interval(entry)


def method_rows(pooling: Pooling, short: bool = False) -> list[tuple[str, ...]]:
    """The answer above, then a row a method as metafor has it, the truncated interval beside where it is wider."""
    scale, main = scale_of(pooling), pooling.main
    rows = [_method(scale, "the answer above", main, main.leading, pooling.ahead, pooling.tested)]
    for fit in pooling.fits:
        rows.append(
            _method(
                scale,
                name_of(fit, short),
                fit,
                fit.interval,
                _predicted(pooling, fit.interval),
                pooling.tested,
            )
        )
        if fit.truncated is not None:
            name = "  with q held at 1" if short else f"{name_of(fit)}, q held at 1"
            rows.append(
                _method(scale, name, fit, fit.truncated, _predicted(pooling, fit.truncated), pooling.tested)
            )
    return rows


def _predicted(pooling: Pooling, inside: Interval) -> tuple[float, float] | None:
    """A method's own range for the next city; None where this set of trials can't bear one."""
    if pooling.ahead is None or inside.predict_low is None or inside.predict_high is None:
        return None
    return inside.predict_low, inside.predict_high


def _method(
    scale: Scale,
    name: str,
    fit: Pooled,
    inside: Interval,
    predicted: tuple[float, float] | None,
    tested: bool,
) -> tuple[str, ...]:
    return (
        name,
        scale.signed(fit.estimate),
        scale.ends(inside.conf_low, inside.conf_high),
        "" if inside.p_value is None or not tested else show.p_number(inside.p_value),
        scale.bare(fit.tau),
        f"{fit.i2:.0f}%",
        "" if predicted is None else scale.ends(*predicted),
    )
