"""outcomes: load what came back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rct.cli.common import Talk, talks
from rct.cli.loading import ENCODING, FILE, REFUSE_BAD_ROWS, counted, how_read, rename, say_counts
from rct.errors import visible

if TYPE_CHECKING:
    from rct.tables.options import FileOptions


@click.command(epilog="Example:  rct outcomes water-bills payments.csv")
@click.argument("name")
@FILE
@ENCODING
@rename("the definition's B")
@click.option("--by-reference", is_flag=True, help="Rows name people by the code on the piece: a survey.")
@REFUSE_BAD_ROWS
@click.option("--correct", is_flag=True, help="Replace values that differ from what was loaded: a deviation.")
@click.option("--reason", default="", help="Why: with --correct or --refuse-bad-rows.")
@talks
@how_read
def outcomes(talk: Talk, name: str, file: Path, by_reference: bool, how: FileOptions) -> None:
    """Load what came back: payments, renewals, replies (CSV or XLSX).

    One row a unit, or one row an event, as the plan says. Nothing by arm is shown.
    """
    from rct.acts.outcomes import load_outcomes
    from rct.analysis.coverage import cut_warnings, early_ends
    from rct.analysis.naming import named_unevenly
    from rct.cli.opening import announce, plan_in_force
    from rct.cli.references import names_by_reference
    from rct.registry.trial import opened

    ws = talk.workspace
    definition = plan_in_force(ws, name)
    announce(talk, name)
    names = names_by_reference(ws, name) if by_reference else None
    with talk.working("Reading the outcomes"):
        loaded = load_outcomes(ws, definition, file, talk.person, how, names)
    counts, rows = loaded.counts, loaded.rows
    say_counts(talk, f"{name}: {counts.rows:,} rows read", counts)
    for outcome in rows.values:
        label = visible(definition.outcomes[outcome].label)
        talk.say(f"  {label}: {len(rows.values[outcome]):,} units named by the file")
        if rows.outside[outcome]:
            talk.say(
                f"  {rows.outside[outcome]:>10,}  events outside the window (not counted, for every arm alike)"
            )
        if rows.unobserved[outcome]:
            talk.say(f"  {rows.unobserved[outcome]:>10,}  empty values: unobserved, not zero")
    with opened(ws, name) as trial:
        warnings = [*rows.warnings, *named_unevenly(trial, list(rows.values))]
        warnings += early_ends(trial.state, definition, list(rows.values))
        warnings += cut_warnings(trial, list(rows.values))
    for warning in warnings:
        talk.wrap(f"warning: {visible(warning.rule)} {visible(warning.fix)}", "  ")
    talk.say(f"  values: {loaded.new:,} new, {loaded.unchanged:,} unchanged, {loaded.changed:,} corrected")
    if not loaded.fresh:
        talk.say("  The same outcomes are loaded already; nothing was changed.")
    due = definition.analysis.date
    talk.wrap(f"No result by arm is shown before {due}.", "  ")
    result = {
        "ok": True,
        **counted(counts, loaded.unchanged),
        "new": loaded.new,
        "changed": loaded.changed,
        "outside": rows.outside,
        "unobserved": rows.unobserved,
        "fresh": loaded.fresh,
        "ignored": rows.ignored,
        "warnings": [w.as_dict() for w in warnings],
    }
    talk.done(result, next=f"rct analyze {name}   (on {due} or later)")
