"""A pool of trials: all methods side by side, the checks that this many trials can bear, and what to say of it."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rct.errors import visible
from rct.estimate import pool as pooling
from rct.estimate.pool import Pooled
from rct.estimate.prediction import MIN_FOR_CITY, NewCity, new_city
from rct.estimate.publication import Selection, SmallStudies, selection, small_studies
from rct.evidence.library.paper import flags
from rct.evidence.pool.choosing import Entry, Wish, choose
from rct.evidence.record import Evidence, EvidenceOutcome, folded
from rct.report.words.fragility import of_those_pooled

T = TypeVar("T")
METHODS: tuple[tuple[pooling.Method, pooling.Test], ...] = (
    ("REML", "hartung_knapp"),
    ("REML", "normal"),
    ("PM", "hartung_knapp"),
    ("PM", "normal"),
    ("DL", "hartung_knapp"),
    ("DL", "normal"),
    ("fixed", "normal"),
)
MOST_LEFT_OUT = 200
FEW_DF = 10
MARKS = ("practice", "simulated")


@dataclass(frozen=True)
class Pooling:
    """Everything that is said of a pool. `main` is REML with Hartung and Knapp's interval; what is told of it is its
    `leading` interval, the wider of that and the normal one.

    without    `main` without each trial in turn (three trials or more)
    ahead      where the effect in one more city would lie (five trials or more, each of another city)
    chance     that it is `worthwhile` or better there
    not_shown  (what, why): checks that this set of trials can't bear
    """

    outcome: EvidenceOutcome
    entries: tuple[Entry, ...]
    main: Pooled
    fits: tuple[Pooled, ...]
    without: tuple[Pooled, ...]
    small: SmallStudies | None
    selected: Selection | None
    worthwhile: float | None
    ahead: tuple[float, float] | None
    chance: float | None
    not_shown: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]

    @property
    def fragile(self) -> tuple[Entry, ...]:
        """The trials of which the usual test can mislead, and with it their standard error."""
        return tuple(e for e in self.entries if e.fragile)

    @property
    def tested(self) -> bool:
        """Whether p-values of the pool are told: they lean on standard errors, and here all of these are fragile."""
        return len(self.fragile) < len(self.entries)

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        return 1 if self.outcome.direction == "increase" else -1

    @property
    def label(self) -> str:
        """The outcome in plain words, safe to print."""
        return visible(self.outcome.label)

    @property
    def unit(self) -> str:
        """What one unit is, safe to print; empty where nobody says."""
        return visible(self.outcome.unit or "")

    @property
    def marks(self) -> tuple[str, ...]:
        """What the page must carry on top: PRACTICE, SIMULATED."""
        words = {w.casefold() for e in self.entries for w in e.evidence.keywords}
        return tuple(mark.upper() for mark in MARKS if mark in words)


def pool_evidence(wish: Wish, trials: Sequence[Evidence]) -> Pooling:
    """Pool one outcome of several trials. RctError with every reason why these can't be pooled."""
    return _pooled(wish, choose(wish, trials))


def _pooled(wish: Wish, entries: tuple[Entry, ...]) -> Pooling:
    y, v = [e.estimate for e in entries], [e.variance for e in entries]
    fits = tuple(pooling.pool(y, v, method, test) for method, test in METHODS)
    main, first = fits[0], entries[0].outcomes[0]
    sign = 1 if first.direction == "increase" else -1
    worthwhile = wish.worthwhile if wish.worthwhile is not None else _agreed(entries)
    not_shown: list[tuple[str, str]] = []

    def shown(what: str, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except ValueError as error:
            not_shown.append((what, str(error)))
            return None

    ahead = chance = None

    def sound(make: Callable[[], T]) -> T:
        if all(e.fragile for e in entries):
            raise ValueError("the standard errors of all of these trials rest on few events or few groups")
        return make()

    city = shown("what a new city may expect", lambda: sound(lambda: _next_city(entries, main)))
    if city is not None:
        ahead = city.interval()
        if worthwhile is not None:
            chance = city.chance(worthwhile, sign)
        else:
            not_shown.append(("the chance in your city", "say what is worthwhile with --worthwhile"))
    return Pooling(
        outcome=first,
        entries=entries,
        main=main,
        fits=fits,
        without=shown("leaving one out", lambda: _without(y, v)) or (),
        small=shown("the check for small trials", lambda: sound(lambda: small_studies(y, v))),
        selected=shown("the check for selection", lambda: sound(lambda: selection(y, v, sign))),
        worthwhile=worthwhile,
        ahead=ahead,
        chance=chance,
        not_shown=tuple(not_shown),
        notes=tuple(_notes(wish, entries, main)),
    )


def _next_city(entries: Sequence[Entry], main: Pooled) -> NewCity:
    """The next city's effect. ValueError says why nothing can be said of it.

    Trials of one city tell how its months or offices differ, not how cities do; and where trials agree by luck the
    range comes out narrower than the interval of the average, which it can't be.
    """
    if main.k < MIN_FOR_CITY:
        raise ValueError(f"it takes {MIN_FOR_CITY} trials; {main.k} can't show how far cities lie apart")
    cities = _cities(entries)
    if cities < MIN_FOR_CITY:
        what = "one city" if cities == 1 else f"{cities} cities"
        raise ValueError(f"it takes trials of {MIN_FOR_CITY} cities, and these are of {what}")
    found = new_city([e.estimate for e in entries], [e.variance for e in entries])
    (low, high), inside = found.interval(), main.leading
    if low > inside.conf_low or high < inside.conf_high:
        raise ValueError(
            "its range would leave out averages that are still possible, as happens where trials agree by luck"
        )
    return found


def _cities(entries: Sequence[Entry]) -> int:
    """Of how many cities these are, as far as their names tell; a paper that names none is taken for one of its own."""
    unnamed = ("ours" if e.evidence.source == "trial" else f"{i}" for i, e in enumerate(entries))
    return len({folded(e.evidence.city) or other for e, other in zip(entries, unnamed, strict=True)})


def _without(y: list[float], v: list[float]) -> tuple[Pooled, ...]:
    if len(y) > MOST_LEFT_OUT:
        raise ValueError(f"of more than {MOST_LEFT_OUT} trials no single one moves the answer much")
    return pooling.leave_one_out(y, v)


def _agreed(entries: tuple[Entry, ...]) -> float | None:
    """What our own trials here agreed on beforehand, where they all agreed on the same for this outcome."""
    said = {
        e.evidence.worthwhile
        for e in entries
        if e.evidence.source == "trial" and e.outcomes[0].name == _first_primary(e.evidence)
    }
    return said.pop() if len(said) == 1 else None


def _first_primary(evidence: Evidence) -> str | None:
    return next((o.name for o in evidence.outcomes if o.primary), None)


def _notes(wish: Wish, entries: Sequence[Entry], main: Pooled) -> Iterator[str]:
    """What a reader must know beside the numbers."""
    if main.k < MIN_FOR_CITY:
        yield f"{main.k} trials can't show how much effects differ from place to place."
    if _cities(entries) == 1:
        yield "All of these trials are of one city: what they show is how the effect was there."
    windows = {o.window_days for e in entries for o in e.outcomes}
    if len(windows) > 1:
        told = ", ".join(
            "no window" if w is None else f"{w} days" for w in sorted(windows, key=lambda w: w or 0)
        )
        yield f"The trials count outcomes over different times: {told}."
    labels = list(dict.fromkeys(folded(o.label) for e in entries for o in e.outcomes))
    if len(labels) > 1:
        yield "The outcome has different labels in the trials; look whether they mean the same."
    controls: dict[str, str] = {}
    for e in entries:
        label = next(a.label for a in e.evidence.arms if a.name == e.lines[0].control)
        controls.setdefault(folded(label), visible(label))
    if len(controls) > 1:
        told = "; ".join(f"“{c}”" for c in list(controls.values())[:4]) + ("; …" if len(controls) > 4 else "")
        yield f"The versions were compared with controls of different names ({told}); look whether they mean the same."
    shaky = [e for e in entries if e.fragile]
    if shaky:
        yield _shaky(shaky, len(entries))
    few = [
        e.label for e in entries if not e.fragile and any(x.df is not None and x.df < FEW_DF for x in e.lines)
    ]
    if few:
        yield (
            f"The standard error rests on few clusters or people (under {FEW_DF} degrees of freedom), and is taken as "
            f"known all the same, in: {', '.join(few[:6])}{', …' if len(few) > 6 else ''}."
        )
    joined = [e for e in entries if e.combined is not None]
    if joined:
        yield (
            f"In {_count(len(joined), 'trial')} several arms or outcomes were made one estimate first: the average "
            "of the versions that were tried, not the best of them."
        )
    apart = [e.label for e in joined if e.combined and e.combined.q_p < 0.05]
    if apart:
        yield f"The versions within one trial differ by more than chance is likely to make them in: {', '.join(apart[:6])}."
    after = [e for e in entries if any(x.role == "exploratory" for x in e.lines)]
    if after:
        yield f"Of {_count(len(after), 'trial')} no plan locked beforehand is known to promise this (exploratory)."
    flagged = [e.label for e in entries if e.evidence.source == "paper" and flags(e.evidence)]
    if flagged:
        yield f"A printed figure contradicts its own counts in: {', '.join(flagged)}."
    papers: dict[str, list[str]] = {}
    for e in entries:
        papers.setdefault(folded(e.evidence.citation or ""), []).append(e.label)
    for labels in [found for cited, found in papers.items() if cited and len(found) > 1][:3]:
        yield f"From one table of one paper, so look whether they are different trials: {', '.join(labels)}."
    alike = _alike(entries)
    if alike:
        yield f"The same figures to the last digit, so look whether they are one trial: {alike}."
    if wish.unit and any(o.unit is None for e in entries for o in e.outcomes):
        yield f"That the unit is {visible(wish.unit)} in every trial is your word; not every file says it."
    spread = statistics.quantiles([e.std_error for e in entries], n=4) if len(entries) > 3 else None
    if spread and max(e.std_error for e in entries) > 10 * spread[1]:
        yield "One trial is far less precise than the others; it has next to no weight."


def _shaky(entries: Sequence[Entry], of: int) -> str:
    """How many of those pooled are fragile, and what that means for the answer."""
    codes = {code for e in entries for code in e.fragile}
    first = f"{of_those_pooled(len(entries), of, codes)} (marked * in the table)"
    said = f"{first}: their standard errors can mislead, and a pool weighs by them."
    if len(entries) < of:
        return said
    return f"{said} So no p-value of the pool is told, and its interval may be too narrow."


def _alike(entries: Sequence[Entry]) -> str:
    """Trials whose figures agree to the last digit: one trial under two names, or a coincidence of small counts."""
    same: dict[tuple[float, float], list[str]] = {}
    for e in entries:
        same.setdefault((e.estimate, e.variance), []).append(e.label)
    told = [" and ".join(labels) for labels in same.values() if len(labels) > 1]
    return "; ".join(told[:3]) + (f"; and {len(told) - 3} more" if len(told) > 3 else "")


def _count(n: int, thing: str) -> str:
    return f"{n} {thing}{'' if n == 1 else 's'}"
