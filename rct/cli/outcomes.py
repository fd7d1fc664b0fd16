"""outcomes: load what came back."""

from __future__ import annotations

from pathlib import Path

import click

from rct.cli.common import Talk, renames, talks
from rct.cli.frame import WORDS
from rct.errors import visible


@click.command(epilog="Example:  rct outcomes water-bills payments.csv")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--encoding", metavar="NAME", help="The file's encoding, if it is not UTF-8 (windows-1252).")
@click.option("--rename", multiple=True, metavar="A=B", help="The file's column A is the definition's B.")
@click.option("--by-reference", is_flag=True, help="Rows name people by the code on the piece: a survey.")
@click.option("--refuse-bad-rows", is_flag=True, help="Load the rest of a file with defective rows.")
@click.option("--correct", is_flag=True, help="Replace values that differ from what was loaded: a deviation.")
@click.option("--reason", default="", help="Why: with --correct or --refuse-bad-rows.")
@talks
def outcomes(
    talk: Talk,
    name: str,
    file: Path,
    encoding: str | None,
    rename: tuple[str, ...],
    by_reference: bool,
    refuse_bad_rows: bool,
    correct: bool,
    reason: str,
) -> None:
    """Load what came back: payments, renewals, replies (CSV or XLSX).

    One row a unit, or one row an event, as the plan says. Nothing by arm is shown.
    """
    from rct.acts.outcomes import load_outcomes
    from rct.analysis.coverage import cut_warnings, early_ends
    from rct.analysis.naming import named_unevenly
    from rct.audit.reason import require_reason
    from rct.cli.opening import announce, plan_in_force
    from rct.cli.references import names_by_reference
    from rct.registry.trial import opened

    ws = talk.workspace
    if refuse_bad_rows or correct:
        reason = require_reason(reason)
    definition = plan_in_force(ws, name)
    announce(talk, name)
    names = names_by_reference(ws, name) if by_reference else None
    with talk.working("Reading the outcomes"):
        loaded = load_outcomes(
            ws, definition, file, talk.person, encoding=encoding, rename=renames(rename),
            refuse_bad_rows=refuse_bad_rows, correct=correct, reason=reason, names=names,
        )  # fmt: skip
    counts, rows = loaded.counts, loaded.rows
    talk.say(f"{name}: {counts.rows:,} rows read")
    talk.say(f"  {counts.kept:>10,}  kept")
    for code, n in counts.reasons.items():
        talk.say(f"  {n:>10,}  {WORDS.get(code, f'refused: {code}')}")
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
        "rows": counts.rows,
        "kept": counts.kept,
        "excluded": counts.excluded,
        "refused": counts.refused,
        "unchanged": loaded.unchanged,
        "reasons": counts.reasons,
        "new": loaded.new,
        "changed": loaded.changed,
        "outside": rows.outside,
        "unobserved": rows.unobserved,
        "fresh": loaded.fresh,
        "ignored": rows.ignored,
        "warnings": [w.as_dict() for w in warnings],
    }
    talk.done(result, next=f"rct analyze {name}   (on {due} or later)")
