"""calendar: a trial's days as a file for the office's calendar program."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rct import fs
from rct.cli.common import Talk, talks
from rct.errors import stop

if TYPE_CHECKING:
    from rct.registry.state import State


@click.command(epilog="Example:  rct calendar water-bills --to water-bills.ics")
@click.argument("name")
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to write it (else NAME.ics in this folder).",
)
@talks
def calendar(talk: Talk, name: str, to: Path | None) -> None:
    """Write the trial's dates as an .ics file for Outlook, Google Calendar and others.

    When letters go out, the last day that counts for each outcome, when results may be seen, when names are to be
    deleted, and 6 and 12 months after a decision. Each with a reminder on the day before. After an amendment write it
    again and open it again: the days move.
    """
    from rct.cli.opening import announce, load_definition, next_step
    from rct.definition.dates import calendar as days_of
    from rct.definition.dates import calendar_lines
    from rct.definition.ics import calendar_file
    from rct.registry.events import AmendBody
    from rct.registry.trial import opened

    ws = talk.workspace
    announce(talk, name)
    with opened(ws, name) as trial:
        trial_state = trial.state
        definition = trial.definition if trial_state.plan is not None else load_definition(ws, name)
        edition, plan = len(trial_state.all(AmendBody)), trial_state.plan
    days = sorted([*days_of(definition), *_looks(trial_state)], key=lambda entry: entry[0])
    origin = trial_state.events[0].hash if trial_state.events else name
    stamp = plan.when if plan is not None else datetime.now(UTC)
    data = calendar_file(
        name, definition.trial.title, days, origin=origin, edition=edition, stamp=stamp.astimezone(UTC)
    )
    path = to or Path(f"{name}.ics")
    _require_calendar(path)
    fs.write_out(path, data)
    for line in calendar_lines(days):
        talk.say(f"  {line}")
    talk.say(f"Wrote {path}")
    result = {"ok": True, "dates": [{"date": day.isoformat(), "what": what} for day, what in days]}
    talk.done(result, next=next_step(ws, name) if plan is not None else f"rct lock {name}")


def _looks(trial_state: State) -> list[tuple[date, str]]:
    """The days on which it is asked what became of the last decision."""
    from rct.audit.following import LOOKS, day_of, months_later
    from rct.registry.events import DecideBody

    decision = trial_state.last(DecideBody)
    if decision is None:
        return []
    return [
        (
            months_later(day_of(decision), n),
            f"What became of the decision, after {n} months: rct followup {trial_state.name}",
        )
        for n in LOOKS
    ]


def _require_calendar(path: Path) -> None:
    """Nothing but a calendar is written over."""
    try:
        with path.open("rb") as file:
            first = file.read(15)
    except FileNotFoundError:
        return
    if first != b"BEGIN:VCALENDAR":
        stop(
            "not_a_calendar",
            "There is another file of this name, which is no calendar.",
            "Give another name: --to FILE.ics",
            field="--to",
        )
