"""frame: load the list of people or households."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rct.cli.common import Talk, count, talks
from rct.cli.loading import ENCODING, FILE, REFUSE_BAD_ROWS, columns, counted, how_read, rename, say_counts
from rct.errors import visible

if TYPE_CHECKING:
    from rct.tables.options import FileOptions

SHOWN_WARNINGS = 10


@click.command(epilog="Example:  rct frame water-bills accounts.csv")
@click.argument("name")
@FILE
@ENCODING
@rename("the definition's B")
@REFUSE_BAD_ROWS
@click.option("--reason", default="", help="Why the bad rows can be left out.")
@talks
@how_read
def frame(talk: Talk, name: str, file: Path, how: FileOptions) -> None:
    """Load the list of people or households (CSV or XLSX).

    Names, addresses and your own ids go encrypted into private/; the registry keeps pseudonyms. Loading
    freezes the list.
    """
    from rct.acts.frame import load_frame
    from rct.cli.opening import announce, plan_or_definition
    from rct.definition.expectations import design_warnings, told
    from rct.draw.lots import which_beacon
    from rct.registry import state

    ws = talk.workspace
    definition = plan_or_definition(ws, name, ("frame", "design", "columns", "formats"))
    announce(talk, name)
    with talk.working("Reading the list"):
        loaded = load_frame(ws, definition, file, talk.person, how)
    counts = loaded.counts
    say_counts(talk, f"{name}: {counts.rows:,} rows read", counts)
    if loaded.refused_file:
        talk.say(f"  The refused rows are listed in {loaded.refused_file}")
    if loaded.rows.ignored:
        listed = columns(loaded.rows.ignored)
        talk.wrap(f"Columns that the definition doesn't name were not stored: {listed}.", "  ")
    for warning in loaded.warnings[:SHOWN_WARNINGS]:
        talk.wrap(f"warning: {visible(warning.rule)} {visible(warning.found or '')}", "  ")
    if len(loaded.warnings) > SHOWN_WARNINGS:
        talk.say(f"  … and {len(loaded.warnings) - SHOWN_WARNINGS:,} more warnings (--json lists them)")
    foreseen = design_warnings(definition, loaded.facts)
    for warning in foreseen:
        talk.wrap(f"warning: {visible(told(warning))}", "  ")
    if not loaded.fresh:
        talk.say("  The same list is loaded already; nothing was changed.")
    talk.say(f"  list {loaded.frame_hash}, loaded {count(loaded.freezes, 'time')}")
    with state.reading(ws) as db:
        trial_state = state.read_state(db, name)
    if definition.design.beacon != "none" and trial_state.plan:
        talk.wrap(which_beacon(trial_state, definition), "  ")
    result = {
        "ok": True,
        **counted(counts, 0 if loaded.fresh else counts.kept),
        "frame_hash": loaded.frame_hash,
        "freezes": loaded.freezes,
        "fresh": loaded.fresh,
        "ignored": loaded.rows.ignored,
        "warnings": [w.as_dict() for w in [*loaded.warnings, *foreseen]],
    }
    talk.done(
        result, next=f"rct {'status' if trial_state.draw else 'draw' if trial_state.plan else 'lock'} {name}"
    )
