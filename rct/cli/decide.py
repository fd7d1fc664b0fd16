"""decide, followup: record what was decided, and later what became of it."""

from __future__ import annotations

from typing import Any

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
    asks what became of it 6 and 12 months after.
    """
    from rct.acts.decide import decide as record
    from rct.cli.opening import announce

    announce(talk, name)
    event, fresh = record(talk.workspace, name, talk.person, verdict, note)  # type: ignore[arg-type]
    if not fresh:
        talk.say("The same decision is recorded already; nothing was changed.")
    rule = event.body.rule
    agrees = "as the rule said" if rule == verdict else f"though the rule said {rule}"
    talk.wrap(f"{name}: {verdict}, {agrees}, by {visible(event.person)} on {event.time[:10]}.")
    talk.wrap(
        "The memo says so when it is printed again; rct status asks what became of it in 6 and 12 months."
    )
    result = {"ok": True, "verdict": verdict, "rule": rule, "time": event.time, "fresh": fresh}
    talk.done(result, next=f"rct report {name}")


@click.command(
    epilog='Example:  rct followup water-bills --adopted partly --to "districts 1 to 4" --cost 640 --kept --note "…"'
)
@click.argument("name")
@click.option(
    "--adopted",
    type=click.Choice(["yes", "partly", "no"]),
    required=True,
    help="Was a version that was tried put to use?",
)
@click.option("--to", default="", metavar="WHO", help="Who gets it now (with yes and partly).")
@click.option(
    "--arm", "arms", multiple=True, metavar="ARM", help="Which version; only needed where several were tried."
)
@click.option(
    "--cost", metavar="AMOUNT", help="What it has cost since the decision, all in; leave out if nobody knows."
)
@click.option("--kept/--dropped", default=None, help="Still in use, or given up again (with yes and partly).")
@click.option("--note", required=True, help="What happened, and why: it goes into the log and the portfolio.")
@talks
def followup(talk: Talk, name: str, **values: Any) -> None:
    """Record what became of a decision, 6 and 12 months after it.

    A decision is not yet a use: of 73 trials in 30 cities 27% led to the use of a tested version (DellaVigna, Kim
    and Linos 2024). `rct status` asks when it is due, and counts.
    """
    from rct.acts.followup import FollowupReport, follow
    from rct.cli.opening import announce

    announce(talk, name)
    event, fresh = follow(talk.workspace, name, talk.person, FollowupReport(**values))
    if not fresh:
        talk.say("The same is recorded already; nothing was changed.")
    body = event.body
    state = {True: ", still in use", False: ", given up since", None: ""}[body.kept]
    talk.wrap(f"{name}, {body.months} months on: adopted {body.adopted}{state}, by {visible(event.person)}.")
    keys = ("months", "adopted", "arms", "to", "cost", "currency", "kept", "note")
    shown = {key: getattr(body, key) for key in keys}
    talk.done({"ok": True, **shown, "time": event.time, "fresh": fresh}, next="rct site")
