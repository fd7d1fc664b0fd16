"""decide: record what was decided, beside what the agreed rule said."""

from __future__ import annotations

import click

from rct.cli.common import Talk, talks
from rct.errors import visible


@click.command(epilog='Example:  rct decide water-bills adopt --note "From the May bills on, all districts"')
@click.argument("name")
@click.argument("verdict", type=click.Choice(["adopt", "adapt", "drop"]))
@click.option("--note", required=True, help="What will be done, and why: it goes into the log and the memo.")
@talks
def decide(talk: Talk, name: str, verdict: str, note: str) -> None:
    """Record what was decided, beside what the agreed rule said.

    It may differ from the rule; the memo then says both. Another decision later is another event. `rct status`
    asks to look again 6 and 12 months after.
    """
    from rct.audit.deciding import decide as record
    from rct.cli.opening import announce

    announce(talk, name)
    event, fresh = record(talk.workspace, name, talk.person, verdict, note)
    if not fresh:
        talk.say("The same decision is recorded already; nothing was changed.")
    rule = event.body["rule"]
    agrees = "as the rule said" if rule == verdict else f"though the rule said {rule}"
    talk.wrap(f"{name}: {verdict}, {agrees}, by {visible(event.person)} on {event.time[:10]}.")
    talk.wrap("The memo says so when it is printed again; look at the outcome again in 6 and 12 months.")
    result = {"ok": True, "verdict": verdict, "rule": rule, "time": event.time, "fresh": fresh}
    talk.done(result, next=f"rct report {name}")
