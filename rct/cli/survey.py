"""survey: the pages that ask people; remarks: what people said of their own accord, coded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rct.cli.common import Talk, count, talks
from rct.cli.loading import ENCODING, FILE, REFUSE_BAD_ROWS, counted, how_read, rename
from rct.errors import visible

if TYPE_CHECKING:
    from rct.letters.letterhead import Paper
    from rct.tables.options import FileOptions


@click.command(epilog="Example:  rct survey water-bills")
@click.argument("name")
@click.option("--by-hand", is_flag=True, help="Leave out the rows that can't be printed.")
@click.option("--paper", type=click.Choice(["us-letter", "a4"]), help="Else as in templates/letterhead.toml.")
@talks
def survey(talk: Talk, name: str, by_hand: bool, paper: Paper | None) -> None:
    """Print the survey's page for everyone drawn, with the code that answers come back by.

    The page is the same in every arm. Load the answers, typed in or exported from the online form, with
    rct outcomes NAME FILE --by-reference.
    """
    from rct.acts.survey import make_survey
    from rct.cli.opening import announce

    announce(talk, name)
    with talk.working("Setting the pages"):
        made = make_survey(talk.workspace, name, talk.person, by_hand=by_hand, paper=paper)
    if not made.fresh:
        talk.say(f"{name}: these pages are there already; nothing was changed.")
    talk.say(
        f"{name}: {count(made.pages, 'page')} in {count(len(made.files), 'file')}, in {visible(made.path)}"
    )
    if made.opted_out:
        talk.say(f"  {made.opted_out:>10,}  left out: they opted out since the draw")
    if made.by_hand:
        talk.say(f"  {made.by_hand:>10,}  left out: no font can print a value, or the address is too long")
    result = {
        "ok": True, "pages": made.pages, "files": dict(made.files), "opted_out": made.opted_out,
        "by_hand": made.by_hand, "path": made.path, "fresh": made.fresh,
    }  # fmt: skip
    talk.done(result, next=f"rct outcomes {name} FILE --by-reference")


@click.command(epilog="Example:  rct remarks water-bills calls.csv")
@click.argument("name")
@FILE
@click.option("--by-id", is_flag=True, help="Rows name people by your own id, not by the code on the piece.")
@ENCODING
@rename("B")
@REFUSE_BAD_ROWS
@click.option("--reason", default="", help="Why: with --refuse-bad-rows.")
@talks
@how_read
def remarks(talk: Talk, name: str, file: Path, by_id: bool, how: FileOptions) -> None:
    """Load what residents asked for or objected to, coded by staff.

    A row a remark: reference, kind (asked, objected, praised, other) and theme, a few words of yours. The
    appendix counts them; a theme of few people is not named there.
    """
    from rct.acts.remarks import load_remarks
    from rct.cli.opening import after_loading, announce, plan_in_force
    from rct.cli.references import names_by_reference
    from rct.outcomes.names import names_by_id

    ws = talk.workspace
    definition = plan_in_force(ws, name)
    announce(talk, name)
    names = names_by_id(ws, definition) if by_id else names_by_reference(ws, name)
    loaded = load_remarks(ws, definition, file, talk.person, names, how)
    counts = loaded.counts
    talk.say(f"{name}: {counts.rows:,} rows read")
    talk.say(f"  {counts.kept:>10,}  kept: {loaded.new:,} new, {loaded.unchanged:,} there already")
    for code, n in counts.reasons.items():
        talk.say(f"  {n:>10,}  {code.replace('_', ' ')}")
    for kind, n in loaded.kinds.items():
        talk.say(f"  {n:>10,}  {kind}")
    talk.wrap("They are counted in the appendix, never by arm before the results are due.", "  ")
    result = {
        "ok": True, **counted(counts, loaded.unchanged), "new": loaded.new,
        "kinds": loaded.kinds, "fresh": bool(loaded.new), "ignored": loaded.ignored,
    }  # fmt: skip
    talk.done(result, next=after_loading(ws, name))
