"""A pool in plain words: the average, how far the next city may lie from it, and how much to trust it."""

from __future__ import annotations

from collections.abc import Iterator

from rct.estimate.pool import Interval, Pooled
from rct.evidence.choosing import Entry
from rct.evidence.pooling import Pooling
from rct.report import numbers as show
from rct.report.finding import Scale

METHODS = {"REML": "REML", "PM": "Paule-Mandel", "DL": "DerSimonian-Laird", "fixed": "fixed effect"}
WIDEST = 22  # characters of a label in the terminal


def scale_of(pooling: Pooling) -> Scale:
    """Fine enough for the pooled interval."""
    binary = pooling.outcome.kind == "binary"
    times = 100.0 if binary else 1.0
    inside = pooling.main.interval
    half = times * (inside.conf_high - inside.conf_low) / 2
    places = show.places_for(half, 1 if binary else 0, figures=2)
    return Scale(binary, min(places, 4), None)


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
    inside = main.interval
    span = f"{show.confidence(main.conf_level)} interval: {scale.span(inside.conf_low, inside.conf_high)}"
    what = f"“{pooling.label}”"
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
    inside = main.interval
    yield lead(pooling)
    if inside.predict_low is not None and inside.predict_high is not None:
        span = scale.span(inside.predict_low, inside.predict_high)
        yield (
            f"In a new city like these the effect would most likely lie between {_between(span)} "
            f"({show.confidence(main.conf_level)} prediction interval)."
        )
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
    main = pooling.main
    told = f"I² {main.i2:.0f}%, Q {main.q:.1f} on {main.q_df} df, {show.p_value(main.q_p)}"
    if main.tau2 == 0:
        return f"The trials differ no more than chance would make them ({told})."
    size = scale.size(main.tau)
    clear = "differ by more than chance" if main.q_p < 0.05 else "may differ by more than chance"
    return f"The trials {clear}: true effects spread by about {size} around the average (tau; {told})."


def _moved(pooling: Pooling, scale: Scale) -> str:
    """Whether one trial carries the answer."""
    main, without = pooling.main, pooling.without

    def sides(i: Interval) -> tuple[bool, bool]:
        return i.conf_low > 0, i.conf_high < 0

    turned = [
        e.label
        for e, w in zip(pooling.entries, without, strict=True)
        if sides(w.interval) != sides(main.interval)
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
    """A row a trial: label, effect, interval, standard error, people, weight. Nulls stand where they were named."""
    scale = scale_of(pooling)
    return [
        (
            _clipped(e.label) if short else e.label,
            _versions(e, short),
            scale.signed(e.estimate),
            scale.ends(*normal_interval(e)),
            "" if e.n is None else f"{e.n:,}",
            f"{100 * w:.1f}%",
        )
        for e, w in zip(pooling.entries, pooling.main.weights, strict=True)
    ]


def _clipped(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


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


def method_rows(pooling: Pooling, short: bool = False) -> list[tuple[str, ...]]:
    """A row a method, the truncated interval beside where it is wider."""
    scale, rows = scale_of(pooling), []
    for fit in pooling.fits:
        rows.append(_method(scale, name_of(fit, short), fit, fit.interval))
        if fit.truncated is not None:
            name = "  with q held at 1" if short else f"{name_of(fit)}, q held at 1"
            rows.append(_method(scale, name, fit, fit.truncated))
    return rows


def _method(scale: Scale, name: str, fit: Pooled, inside: Interval) -> tuple[str, ...]:
    predicted = (
        ""
        if inside.predict_low is None or inside.predict_high is None
        else scale.ends(inside.predict_low, inside.predict_high)
    )
    return (
        name,
        scale.signed(fit.estimate),
        scale.ends(inside.conf_low, inside.conf_high),
        "" if inside.p_value is None else show.p_number(inside.p_value),
        scale.bare(fit.tau),
        f"{fit.i2:.0f}%",
        predicted,
    )
