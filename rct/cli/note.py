"""note: write down what a reader should know and no other command tells."""

from __future__ import annotations

import click

from rct.cli.common import Talk, talks
from rct.errors import visible


@click.command(
    epilog='Example:  rct note water-bills "The vendor put version A into the envelopes of 200 people of B." --memo'
)
@click.argument("name")
@click.argument("text")
@click.option("--memo", is_flag=True, help="Print it on the memo too, under how far to trust the result.")
@talks
def note(talk: Talk, name: str, text: str, memo: bool) -> None:
    """Write down what happened: into the log and the appendix, with --memo onto the memo too.

    For what no other command tells: boxes that were swapped, a misprint, a strike, a complaint in the paper. Write it
    on the day you know it: its day can't be changed later, and neither can it. Name no person.
    """
    from rct.acts.note import note as record
    from rct.cli.opening import after_loading, announce

    announce(talk, name)
    event, fresh = record(talk.workspace, name, talk.person, text, memo=memo)
    if not fresh:
        talk.say("The same note is in the log already; nothing was changed.")
    where = "log, appendix and memo" if memo else "log and appendix"
    talk.wrap(f"{name}: noted for {where} by {visible(event.person)} on {event.time[:10]}.")
    talk.done(
        {"ok": True, "text": event.body.text, "memo": memo, "time": event.time, "fresh": fresh},
        next=after_loading(talk.workspace, name),
    )
