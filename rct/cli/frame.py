"""frame: load the list of people or households."""

from __future__ import annotations

from pathlib import Path

import click

from rct.cli.common import Talk, count, renames, talks
from rct.errors import visible

SHOWN_WARNINGS = 10
WORDS = {
    "not_eligible": "not eligible",
    "opted_out": "opted out",
    "blank_line": "blank lines",
    "excluded_unit": "of units that the list excluded",
    "staff_piece": "to staff addresses",
    "repeated_status": "of a piece with this status already",
}


@click.command(epilog="Example:  rct frame water-bills accounts.csv")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--encoding", metavar="NAME", help="The file's encoding, if it is not UTF-8 (windows-1252).")
@click.option("--rename", multiple=True, metavar="A=B", help="The file's column A is the definition's B.")
@click.option("--refuse-bad-rows", is_flag=True, help="Load the rest of a file with defective rows.")
@click.option("--reason", default="", help="Why the bad rows can be left out.")
@talks
def frame(
    talk: Talk,
    name: str,
    file: Path,
    encoding: str | None,
    rename: tuple[str, ...],
    refuse_bad_rows: bool,
    reason: str,
) -> None:
    """Load the list of people or households (CSV or XLSX).

    Names, addresses and your own ids go encrypted into private/; the registry keeps pseudonyms. Loading
    freezes the list.
    """
    from rct.acts.frame import load_frame
    from rct.audit.reason import require_reason
    from rct.cli.opening import announce, plan_or_definition
    from rct.definition.expectations import design_warnings, told
    from rct.draw.lots import which_beacon
    from rct.registry import state

    ws = talk.workspace
    if refuse_bad_rows:
        reason = require_reason(reason)
    definition = plan_or_definition(ws, name, ("frame", "design"))
    announce(talk, name)
    with talk.working("Reading the list"):
        loaded = load_frame(
            ws, definition, file, talk.person, encoding=encoding, rename=renames(rename),
            refuse_bad_rows=refuse_bad_rows, reason=reason,
        )  # fmt: skip
    counts = loaded.counts
    talk.say(f"{name}: {counts.rows:,} rows read")
    talk.say(f"  {counts.kept:>10,}  kept")
    for code, n in counts.reasons.items():
        talk.say(f"  {n:>10,}  {WORDS.get(code, f'refused: {code}')}")
    if loaded.refused_file:
        talk.say(f"  The refused rows are listed in {loaded.refused_file}")
    if loaded.rows.ignored:
        listed = ", ".join(visible(c) or "(no name)" for c in loaded.rows.ignored[:12])
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
        found = state.read_state(db, name)
    if definition.design.beacon != "none" and found.plan:
        talk.wrap(which_beacon(found, definition), "  ")
    result = {
        "ok": True,
        "rows": counts.rows,
        "kept": counts.kept,
        "excluded": counts.excluded,
        "refused": counts.refused,
        "unchanged": 0 if loaded.fresh else counts.kept,
        "reasons": counts.reasons,
        "frame_hash": loaded.frame_hash,
        "freezes": loaded.freezes,
        "fresh": loaded.fresh,
        "ignored": loaded.rows.ignored,
        "warnings": [w.as_dict() for w in [*loaded.warnings, *foreseen]],
    }
    talk.done(result, next=f"rct {'status' if found.draw else 'draw' if found.plan else 'lock'} {name}")
