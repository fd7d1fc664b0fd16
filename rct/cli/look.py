"""status, log, head: reading only, also in a read-only workspace."""

from __future__ import annotations

from dataclasses import asdict

import click

from rct.cli.common import Talk, talks
from rct.errors import stop, visible
from rct.registry.events import NoteBody

STAGE_WORDS = {
    "new": "being planned",
    "locked": "plan locked; list of people missing",
    "framed": "list loaded; plan not locked",
    "ready": "ready to draw",
    "drawn": "drawn; outcomes missing",
    "outcomes": "outcomes loaded",
    "analyzed": "analyzed; memo not printed",
    "reported": "memo printed",
    "stopped": "stopped early",
    "forgotten": "people forgotten",
}


@click.command(epilog="Example:  rct status")
@click.argument("name", required=False)
@talks
def status(talk: Talk, name: str | None) -> None:
    """Where each trial stands, what is due, and what comes next."""
    from rct.audit.following import adoption, adoption_sentence
    from rct.audit.overview import dropped, overview, own_faults, states

    trials, lost = overview(talk.workspace, name), [] if name else dropped(talk.workspace)
    faults = own_faults(talk.workspace)
    for fault in faults:
        talk.wrap(f"the workspace: {visible(fault)}")
    for missing in lost:
        talk.wrap(
            f"{missing}: the workspace's log tells of this trial, and rct.db holds nothing of it: rct verify"
        )
    if not trials:
        talk.say("No trial yet in this workspace.")
        talk.done({"ok": True, "trials": [], "gone": lost, "notices": faults}, next="rct new water-bills")
        return
    talk.table(
        ("trial", "stage", "due", "next"),
        [
            (
                t.name + (" (PRACTICE)" if t.practice else ""),
                STAGE_WORDS[t.stage],
                t.due or "",
                t.next,
            )
            for t in trials
        ],
    )
    for trial in trials:
        for notice in trial.notices:
            talk.wrap(visible(f"{trial.name}: {notice}"), "  ")
        if name and trial.calendar:
            talk.say()
            for line in trial.calendar:
                talk.say(f"  {visible(line)}")
    used = None if name else adoption(states(talk.workspace, None, checked=False))
    if used is not None:
        talk.say()
        talk.wrap(adoption_sentence(used))
    listed = [
        {"name": t.name, "stage": t.stage, "due": t.due, "next": t.next, "practice": t.practice,
         "notices": list(t.notices)}
        for t in trials
    ]  # fmt: skip
    counted = None if used is None else asdict(used)
    talk.done(
        {"ok": True, "trials": listed, "adoption": counted, "gone": lost, "notices": faults},
        next=trials[0].next,
    )


@click.command(epilog="Example:  rct log water-bills")
@click.argument("name", required=False)
@talks
def log(talk: Talk, name: str | None) -> None:
    """Everything that happened in a trial, in order; without NAME, in all of them."""
    from rct.audit.blind import log_of
    from rct.audit.overview import events_of
    from rct.cli.opening import announce

    announce(talk, name)
    events = log_of(talk.workspace, events_of(talk.workspace, name))
    for event in (tellable.event for tellable in events):
        talk.say(
            visible(
                f"{event.trial or '(workspace)':<16} {event.seq:>4}  {event.time}  {event.kind:<10} {event.person}"
            )
        )
        reason = event.said.get("reason")
        if reason:
            talk.wrap(visible(f"reason: {reason}"), " " * 23)
        if event.kind == NoteBody.kind:
            talk.wrap(visible(f"note: {event.said.get('text', '')}"), " " * 23)
        if event.body.clock_back:
            talk.wrap(f"the clock stood {event.body.clock_back:,} seconds behind the event before", " " * 23)
    listed = [
        {"trial": e.trial, "seq": e.seq, "time": e.time, "person": e.person, "kind": e.kind, "body": tellable.body,
         "prev": e.prev, "hash": e.hash, "text": tellable.text}
        for tellable in events for e in [tellable.event]
    ]  # fmt: skip
    talk.done({"ok": True, "events": listed}, next=f"rct verify{f' {name}' if name else ''}")


@click.command(epilog="Example:  rct head water-bills")
@click.argument("name", required=False)
@talks
def head(talk: Talk, name: str | None) -> None:
    """One line to send to a witness, so that no one can rewrite the log unseen.

    Without NAME one for each trial, and one for the workspace, which tells whether a trial is gone.
    Mail it to two people outside the team at lock, draw and first analysis. Later: rct verify --head …
    """
    from rct.audit.heads import head_line
    from rct.audit.overview import own_log, states
    from rct.cli.opening import announce

    announce(talk, name)
    trial_states = [s for s in states(talk.workspace, name) if s.events]
    if not trial_states:
        stop("no_events", "Nothing has happened yet in this trial.", "See: rct status", found=name or "")
    own = None if name else own_log(talk.workspace)
    for one in [*trial_states, *([own] if own else [])]:
        click.echo(head_line(one), err=talk.as_json)
    talk.done(
        {
            "ok": True,
            "heads": [
                {"name": s.name, "seq": s.events[-1].seq, "head": s.events[-1].hash} for s in trial_states
            ],
            "workspace": {"seq": own.events[-1].seq, "head": own.events[-1].hash} if own else None,
        },
        next=f'send this line to someone outside the team; later: rct verify {trial_states[0].name} --head "…"',
    )
