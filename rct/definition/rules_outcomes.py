"""Rules on outcomes, dates, expectations and the decision."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from rct.definition.explain import DefinitionMistake
from rct.definition.keys import did_you_mean, shown
from rct.definition.rules_columns import chosen_scheme, named_estimator
from rct.definition.view import UnknownError, View
from rct.errors import visible
from rct.kinds import OutcomeKind, kind_of

EARLIEST, LATEST = 1900, 2999  # years; outside, a date is a slip of the finger


def primary(view: View) -> Iterator[DefinitionMistake]:
    """At least one outcome, at least one of them primary."""
    if view.get("outcomes") is None:
        return
    outcomes = view.names("outcomes")
    if not outcomes:
        rule = "A trial measures at least one outcome."
        yield DefinitionMistake(("outcomes",), "no_outcome", rule, "Add a table [outcomes.NAME].")
    elif not any(view.get("outcomes", name, "primary", default=False) for name in outcomes):
        rule = "At least one outcome must be primary: what the trial is judged by."
        fix = f"Write primary = true under [outcomes.{visible(outcomes[0])}]."
        yield DefinitionMistake(("outcomes",), "no_primary", rule, fix)


def first_primary(view: View) -> str | None:
    """The first primary outcome: [power] and [decision] speak of it. `UnknownError` where that is open."""
    primary = (n for n in view.names("outcomes") if view.get("outcomes", n, "primary", default=False))
    return next(primary, None)


def _kind(view: View, name: str) -> OutcomeKind:
    return kind_of(view.required("outcomes", name, "kind"))


def aggregate(view: View, name: str) -> Iterator[DefinitionMistake]:
    here = ("outcomes", name)
    given = view.get(*here, "aggregate")
    if given is None:
        return
    if view.get(*here, "rows", default="unit") == "unit":
        rule = 'aggregate joins several rows of a unit; with rows = "unit" there is one.'
        fix = 'Write rows = "event", or take aggregate out.'
        yield DefinitionMistake((*here, "aggregate"), "aggregate_unit", rule, fix, shown(given))
        return
    kind = _kind(view, name)
    if given not in kind.aggregates:
        fits = " or ".join(kind.aggregates)
        rule = f'aggregate = "{given}" does not make a {kind.name} value.'
        fix = f"For {kind.name} use {fits}."
        yield DefinitionMistake((*here, "aggregate"), "aggregate_kind", rule, fix, shown(given))


def missing(view: View, name: str) -> Iterator[DefinitionMistake]:
    """`event` with `drop`, and zero for a measurement, would change what the numbers mean."""
    here = ("outcomes", name)
    chosen = view.required(*here, "missing")
    rows = view.get(*here, "rows", default="unit")
    if rows == "event" and chosen == "drop":
        rule = 'With rows = "event" a unit without a row had no event: that is a zero, it can\'t be dropped.'
        yield DefinitionMistake(
            (*here, "missing"), "event_drop", rule, 'Write missing = "zero".', shown(chosen)
        )
    if rows == "unit" and chosen == "zero" and not _kind(view, name).zero_if_absent:
        rule = (
            f"A missing measurement is not zero: a {_kind(view, name).name} outcome with "
            'rows = "unit" can\'t count as zero.'
        )
        fix = 'Write missing = "drop"; for sums of payments use rows = "event".'
        yield DefinitionMistake((*here, "missing"), "measurement_zero", rule, fix, shown(chosen))


def survey(view: View, name: str) -> Iterator[DefinitionMistake]:
    """Silence is no answer: who did not answer a survey is unobserved, one row a person."""
    here = ("outcomes", name)
    if view.get(*here, "source") != "survey":
        return
    if view.required(*here, "missing") != "drop":
        rule = "Who doesn't answer a survey has no answer: it can't count as zero."
        yield DefinitionMistake(
            (*here, "missing"), "survey_zero", rule, 'Write missing = "drop".', shown("zero")
        )
    if view.get(*here, "rows", default="unit") != "unit":
        rule = "A survey has one row for each person who answered."
        yield DefinitionMistake((*here, "rows"), "survey_rows", rule, 'Write rows = "unit".', shown("event"))


def window(view: View, name: str) -> Iterator[DefinitionMistake]:
    here = ("outcomes", name)
    days = view.get(*here, "window_days")
    of_events = days is not None and view.get(*here, "rows", default="unit") == "event"
    if of_events and view.get(*here, "date_column") is None:
        rule = f"A window of {days:,} days over events needs the column with their date."
        yield DefinitionMistake(
            (*here, "date_column"), "no_date_column", rule, 'Add, e.g.: date_column = "paid_on"'
        )
    column = view.get(*here, "column", default=name)
    if column == view.get(*here, "date_column"):
        rule = "column and date_column are the same column: one holds the value, the other its date."
        yield DefinitionMistake(
            (*here, "date_column"), "column_twice", rule, "Name the date's own column.", shown(column)
        )


def outcome_columns(view: View, name: str, key: str) -> Iterator[DefinitionMistake]:
    """What is measured goes to the registry: it can be neither contact nor id nor clusters."""
    here = ("outcomes", name)
    column = view.get(*here, key, default=name if key == "column" else None)
    if column is None:
        return
    for path, why in (
        (("frame", "id"), "the id of a unit"),
        (("design", "clusters"), "the clusters' column"),
        (("frame", "contact"), "in frame.contact, which never leaves private/"),
    ):
        try:
            special = view.get(*path)
        except UnknownError:
            continue
        if special is not None and (column == special or (isinstance(special, list) and column in special)):
            rule = f"{visible(column)} is {why}: it can't be an outcome's {key}."
            yield DefinitionMistake(
                (*here, key), "column_twice", rule, "Name the outcome's own column.", shown(column)
            )


def plausible_date(view: View, *path: str) -> Iterator[DefinitionMistake]:
    day: date | None = view.get(*path)
    if day is not None and not EARLIEST <= day.year <= LATEST:
        rule = f"The year {day.year} can't be right."
        yield DefinitionMistake(
            path, "bad_date", rule, "Check the year: 2026-01-12 is 12 January 2026.", shown(day)
        )


def not_before_start(view: View, key: str) -> Iterator[DefinitionMistake]:
    start: date = view.required("trial", "start")
    day: date | None = view.get("trial", key)
    if day is not None and day < start:
        rule = f"trial.{key} ({day}) is before trial.start ({start})."
        yield DefinitionMistake(("trial", key), "date_order", rule, f"Choose {start} or later.", shown(day))


def analysis_date(view: View) -> Iterator[DefinitionMistake]:
    """No result before every primary window is over."""
    start: date = view.required("trial", "start")
    due: date = view.required("analysis", "date")
    if not EARLIEST <= start.year <= LATEST:
        return
    longest: tuple[int, str] = (0, "")
    for name in view.names("outcomes"):
        try:
            if view.get("outcomes", name, "primary", default=False):
                longest = max(longest, (view.get("outcomes", name, "window_days", default=0), name))
        except UnknownError:
            continue
    earliest = start + timedelta(days=longest[0])
    if due < earliest:
        after = f" + {longest[0]} days of outcomes.{longest[1]}" if longest[0] else ""
        rule = f"analysis.date is before the last day that counts: {earliest} (trial.start {start}{after})."
        fix = f"Write date = {earliest} or later; leave a few days for the data to arrive."
        yield DefinitionMistake(("analysis", "date"), "date_too_early", rule, fix, shown(due))


def power_outcomes(view: View) -> Iterator[DefinitionMistake]:
    """[power.outcomes.X] speaks of a primary outcome."""
    known = view.names("outcomes")
    for name in view.names("power", "outcomes"):
        if name not in known or not view.get("outcomes", name, "primary", default=False):
            rule = f"[power.outcomes.{visible(name)}] must be named after a primary outcome."
            fix = (
                did_you_mean(name, known) or f"Primary outcomes are set under [outcomes]: {', '.join(known)}."
            )
            yield DefinitionMistake(
                ("power", "outcomes", name), "unknown_outcome", rule, visible(fix), visible(name)
            )


def power_clusters(view: View, key: str) -> Iterator[DefinitionMistake]:
    """How alike clusters are can be said only where clusters are drawn."""
    given = view.get("power", key)
    chosen = chosen_scheme(view)
    if given is not None and not chosen.needs_clusters:
        rule = f'power.{key} speaks of clusters, and scheme = "{chosen.name}" draws none.'
        yield DefinitionMistake(
            ("power", key), "scheme_refuses", rule, "Take it out, or choose a clustered scheme.", shown(given)
        )


def expectations(view: View, table: tuple[str, ...], name: str) -> Iterator[DefinitionMistake]:
    """Expectations must be possible for the kind of outcome they speak of."""
    kind = _kind(view, name)
    if kind.share and view.get(*table, "sd") is not None:
        rule = f"The standard deviation of a yes/no outcome ({visible(name)}) follows from its baseline."
        yield DefinitionMistake(
            (*table, "sd"), "sd_of_binary", rule, "Take sd out.", shown(view.get(*table, "sd"))
        )
    baseline = view.get(*table, "baseline")
    if baseline is None:
        return
    if not kind.possible(baseline):
        rule = f"{visible(name)} is {kind.meaning}: its baseline is {kind.baseline_limits}."
        yield DefinitionMistake(
            (*table, "baseline"), "out_of_range", rule, kind.baseline_fix, shown(baseline)
        )
        return
    effect = view.get(*table, "minimum_effect")
    if kind.share and effect is not None:
        up = view.get("outcomes", name, "direction", default="increase") == "increase"
        reached = baseline + effect if up else baseline - effect
        if not 0 < reached < 1:
            how = "rise" if up else "fall"
            rule = f"A baseline of {baseline} can't {how} by {effect}: shares end at 0 and 1."
            fix = "Write a smaller effect; 0.02 is two percentage points."
            yield DefinitionMistake((*table, "minimum_effect"), "out_of_range", rule, fix, shown(effect))


def first_expectations(view: View) -> Iterator[DefinitionMistake]:
    """The keys of [power] itself speak of the first primary outcome."""
    name = first_primary(view)
    if name is not None:
        yield from expectations(view, ("power",), name)


def worthwhile(view: View) -> Iterator[DefinitionMistake]:
    """The least effect worth adopting is a share: for yes/no of the units, on a relative scale of the control's level."""
    least: float = view.required("decision", "worthwhile")
    first, estimator = first_primary(view), named_estimator(view)
    if estimator is not None and estimator.scale.relative:
        if not least < 1:
            rule = (
                f"{estimator.name} compares by a {estimator.scale.name}: worthwhile is how far from"
                f" {estimator.scale.null:g}, above 0 and below 1."
            )
            fix = "Write 0.1 for ten percent more (or less, where less is better)."
            yield DefinitionMistake(("decision", "worthwhile"), "out_of_range", rule, fix, shown(least))
    elif first is not None and _kind(view, first).share and not least < 1:
        rule = f"{visible(first)} is yes or no: worthwhile is a share above 0 and below 1."
        fix = "Write a share, not a percentage: 0.01 is one percentage point."
        yield DefinitionMistake(("decision", "worthwhile"), "out_of_range", rule, fix, shown(least))
