"""mailed: what the vendor and the post say.  handover: who gets which version, for a sending system."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rct.cli.common import Talk, count, talks
from rct.cli.loading import ENCODING, FILE, REFUSE_BAD_ROWS, columns, counted, how_read, rename, say_counts
from rct.errors import MAX_LISTED, visible

if TYPE_CHECKING:
    from rct.analysis.delivery import Delivery
    from rct.letters.mailed import LoadedMail
    from rct.tables.options import FileOptions


SHOWN_LINES = 10


@click.command(
    epilog="Example:  rct mailed water-bills vendor-counts.csv\n\n\b\n"
    "Returned mail:   rct mailed water-bills returned.csv\n"
    "                 (columns reference, status, reason, date)\n"
    "                 rct mailed water-bills yellow-labels.csv --kind usps\n"
    "As they come:    rct mailed court-reminders log.csv --kind twilio"
)
@click.argument("name")
@FILE
@ENCODING
@rename("rct's column B")
@REFUSE_BAD_ROWS
@click.option(
    "--kind",
    metavar="VENDOR",
    help="Whose report it is: twilio, govdelivery, mailchimp, usps, table, or a profile of yours that ends in .toml.",
)
@click.option(
    "--status",
    type=click.Choice(
        ("mailed", "delivered", "returned", "forwarded", "other_version", "stopped", "opted_out")
    ),
    help="What all rows are of, where the file has no such column.",
)
@click.option("--correct", is_flag=True, help="Replace what was told otherwise before: a deviation.")
@click.option("--reason", default="", help="Why: with --correct or --refuse-bad-rows.")
@talks
@how_read
def mailed(talk: Talk, name: str, file: Path, how: FileOptions, kind: str | None, status: str | None) -> None:
    """Load what was printed, mailed and returned (CSV or XLSX).

    Either the vendor's counts (version, file, printed, mailed, spoilage), or pieces by the code on them: status
    mailed, returned, forwarded, delivered, other_version, opened, clicked, replied, stopped or opted_out, with a
    reason (moved, vacant, insufficient_address, refused, deceased, other) and a date. With --kind a vendor's report as
    it comes: people are found by code, id, e-mail address or phone number. None of it changes who is analyzed. What
    people did (from opened on) is shown by arm only when results may be.
    """
    from rct.acts.mailed import load_mailed
    from rct.analysis.delivery import delivery
    from rct.analysis.delivery import shown as may_be_shown
    from rct.cli.opening import after_loading, announce, plan_in_force
    from rct.registry.trial import opened

    ws = talk.workspace
    definition = plan_in_force(ws, name)
    announce(talk, name)
    with talk.working("Reading the file"):
        loaded = load_mailed(ws, definition, file, talk.person, how, kind=kind, status=status)
    with opened(ws, name) as trial:
        shown = delivery(trial, may_be_shown(trial))
    _tell(talk, name, loaded)
    _tell_delivery(talk, shown)
    result = {
        "ok": True,
        "of": loaded.kind,
        **counted(loaded.counts, loaded.unchanged),
        "new": loaded.new,
        "changed": loaded.changed,
        "statuses": loaded.statuses,
        "versions": {v: vars(c) for v, c in loaded.versions.items()},
        "disagreements": loaded.disagreements,
        "opted_out": loaded.opted_out,
        "unmatched_lines": list(loaded.unmatched[:MAX_LISTED]),
        "shared_lines": list(loaded.shared[:MAX_LISTED]),
        "delivery": [_as_dict(d) for d in shown],
        "fresh": loaded.fresh,
        "ignored": loaded.ignored,
        "warnings": [w.as_dict() for w in loaded.warnings],
    }
    talk.done(result, next=after_loading(ws, name))


def _tell(talk: Talk, name: str, loaded: LoadedMail) -> None:
    counts = loaded.counts
    what = "the vendor's counts" if loaded.kind == "counts" else "pieces"
    say_counts(talk, f"{name}: {counts.rows:,} rows read ({what})", counts)
    if loaded.refused_file:
        talk.say(f"  The refused rows are listed in {loaded.refused_file}")
    for status, n in loaded.statuses.items():
        talk.say(f"  {n:>10,}  {status.replace('_', ' ')}")
    if loaded.versions:
        talk.say()
        rows = [
            (c.version, f"{c.file:,}", f"{c.printed:,}", f"{c.mailed:,}", f"{c.spoilage:,}")
            for c in loaded.versions.values()
        ]
        talk.table(("version", "file", "printed", "mailed", "spoiled"), rows)
    _tell_lines(talk, loaded)
    for sentence in loaded.disagreements:
        talk.wrap(f"does not agree: {visible(sentence)} (a deviation)", "  ")
    if loaded.opted_out:
        people = (
            count(loaded.opted_out, "person") if loaded.opted_out == 1 else f"{loaded.opted_out:,} people"
        )
        talk.wrap(f"{people} wanted nothing more: later lists leave them out.", "  ")
    if loaded.ignored:
        talk.wrap(f"Columns that are not read were not stored: {columns(loaded.ignored)}.", "  ")
    for warning in loaded.warnings:
        talk.wrap(f"warning: {visible(warning.rule)}", "  ")
    if not loaded.fresh:
        talk.say("  The same is loaded already; nothing was changed.")


def _tell_lines(talk: Talk, loaded: LoadedMail) -> None:
    """The lines whose person could not be told, by number: an address stays in the file."""
    for lines, what in (
        (loaded.unmatched, "nobody in this trial has"),
        (loaded.shared, "several people share"),
    ):
        if lines:
            listed = ", ".join(f"{n:,}" for n in lines[:SHOWN_LINES])
            more = f" and {len(lines) - SHOWN_LINES:,} more" if len(lines) > SHOWN_LINES else ""
            talk.wrap(f"Lines with an address or number that {what}: {listed}{more}.", "  ")


def _tell_delivery(talk: Talk, shown: list[Delivery]) -> None:
    if not shown:
        return
    talk.say("\nDelivery by arm, of all that was loaded (it does not change who is analyzed):\n")
    arms = list(shown[0].counts)
    rows: list[tuple[str, ...]] = [("drawn", *(f"{shown[0].drawn[a]:,}" for a in arms), "")]
    for d in shown:
        p = "" if d.check is None else "< 0.001" if d.check.warns else f"{d.check.p_value:.3f}"
        rows.append((d.status, *(f"{d.counts[a]:,}" for a in arms), p))
    talk.table(("", *arms, "p (as drawn)"), rows)
    for d in shown:
        if d.check is not None and d.check.warns:
            talk.wrap(
                f"{d.status}: in other proportions than the arms were drawn. This is a deviation, told in the memo.",
                "  ",
            )


def _as_dict(found: Delivery) -> dict[str, Any]:
    check = found.check
    return {
        "status": found.status,
        "arms": dict(found.counts),
        "drawn": dict(found.drawn),
        "p_value": None if check is None else check.p_value,
        "warns": check is not None and check.warns,
    }


@click.command(
    epilog="Example:  rct handover water-bills\n\n\b\nText messages:   rct handover court-reminders --for sms"
)
@click.argument("name")
@click.option(
    "--for",
    "system",
    type=click.Choice(("mail", "email", "sms")),
    help="Which system sends (else by the trial's channel).",
)
@talks
def handover(talk: Talk, name: str, system: str | None) -> None:
    """Write who gets which version, for a mail, e-mail or SMS system.

    The list goes into private/: your own id, the version letter and the reference code. For e-mail or text messages
    also the contact columns with addresses or phone numbers and, where the trial has templates, each person's
    message. Who opted out since the draw is left out, and counted.
    """
    from rct.acts.handover import hand_over
    from rct.audit.blind import may_tell_versions
    from rct.cli.opening import announce, plan_in_force

    ws = talk.workspace
    definition = plan_in_force(ws, name)
    announce(talk, name)
    with talk.working("Writing the list"):
        handed = hand_over(ws, definition, talk.person, system)
    if not handed.fresh:
        talk.say("The same list is there already; nothing was changed.")
    talk.say(f"{name}: {count(handed.rows, 'row')} for {handed.system} ({', '.join(handed.header)})\n")
    tell = may_tell_versions(ws, name, handed.opted_out)
    rows = [
        (letter, f"{handed.versions[letter]:,}" if tell else "withheld", definition.arms[arm].label)
        for letter, arm in handed.arms.items()
    ]
    talk.table(("version", "units", "arm (not in the file)"), rows)
    segmented = handed.segments if tell else {}  # a version's messages may all have one number of segments
    for segments, n in sorted(segmented.items(), key=lambda item: int(item[0])):
        talk.say(f"  {n:>10,}  of {segments} segment{'' if segments == '1' else 's'}")
    if handed.opted_out:
        talk.say()
        talk.wrap(
            f"{handed.opted_out:,} opted out since the draw: they are left out here and stay in the analysis."
            + ("" if tell else " How many of each version is told with the results.")
        )
    if handed.running:
        listed = ", ".join(f"{n:,}" for n in handed.running[:10])
        more = f" and {len(handed.running) - 10:,} more" if len(handed.running) > 10 else ""
        talk.say()
        talk.wrap(
            f"No CSV was written: a spreadsheet would run a cell of row {listed}{more}. The workbook holds them as text."
        )
    talk.say()
    for path in handed.paths:
        talk.say(f"  {path}")
    talk.wrap("They hold ids: delete them once they are sent. rct forget removes them too.", "  ")
    result = {
        "ok": True,
        "for": handed.system,
        "columns": list(handed.header),
        "rows": handed.rows,
        "left_out": {"opted_out": handed.opted_out},
        "versions": {
            letter: {"arm": arm, "units": handed.versions[letter] if tell else None}
            for letter, arm in handed.arms.items()
        },
        "segments": handed.segments if tell else None,
        "running": handed.running,
        "paths": handed.paths,
        "fresh": handed.fresh,
    }
    talk.done(result, next=f"send them; then rct mailed {name} FILE")
