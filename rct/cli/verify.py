"""verify: whether everything that rct wrote still holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rct.cli.common import Talk, show_problems, talks
from rct.errors import stop

if TYPE_CHECKING:
    from rct.registry.state import State


def _parts(trial: State) -> list[str]:
    """What was re-derived, in the words of the help; a draw made elsewhere can't be."""
    words = {
        "lock": "plan",
        "frame": "list",
        "draw": "draw",
        "outcomes": "outcomes",
        "analyze": "results",
        "printed": "documents",
        "shared": "bundle",
    }
    if trial.replayed:
        del words["draw"]
    return [word for kind, word in words.items() if any(e.kind == kind for e in trial.events)]


def _say(talk: Talk, trial: State) -> None:
    """What holds of a trial, and what can't be checked."""
    talk.wrap(
        f"{trial.name}: {len(trial.events)} events hold; re-derived: {', '.join(_parts(trial)) or 'nothing yet'}."
    )
    if trial.replayed:
        talk.wrap(
            "The draw was made elsewhere, so nothing of it can be derived. Checked: who got what is as it was read in, "
            "and the probabilities follow from its counts.",
            "  ",
        )


@click.command(epilog="Example:  rct verify water-bills --head sha256:4f0c…")
@click.argument("name", required=False, metavar="[NAME | BUNDLE]")
@click.option(
    "--head", "printed", metavar="HEAD", help="A head from plan, memo or witness: is it in this log?"
)
@click.option("--fingerprint", metavar="DIGITS", help="A bundle: take this key for now, as you were told it.")
@click.option("--unsigned", is_flag=True, help="A bundle: check it even if nobody signed it.")
@talks
def verify(
    talk: Talk, name: str | None, printed: str | None, fingerprint: str | None, unsigned: bool
) -> None:
    """Re-derive plan, draw, counts and results, and say whether all holds.

    Of a bundle from elsewhere: whether it was changed since it was signed, and the last step of every result again.

    Exit code 1 and the first thing that doesn't hold, if something doesn't. Without a head from paper the
    log can only be consistent in itself: whoever holds the folder could have rewritten all of it.
    """
    from rct.cli.verify_bundle import is_bundle, verify_bundle

    if name is not None and is_bundle(name):
        verify_bundle(talk, Path(name), printed, unsigned, fingerprint)
    _verify_trials(talk, name, printed)


def _verify_trials(talk: Talk, name: str | None, printed: str | None) -> None:
    from rct.audit.heads import is_head
    from rct.audit.verify import failures as run
    from rct.audit.verify import remarks_on
    from rct.cli.opening import announce_in
    from rct.evidence.bundle.resharing import shared_failures
    from rct.registry import state

    ws = talk.workspace
    if printed is not None and not is_head(printed):
        stop(
            "bad_head",
            "A head is `sha256:` and 64 hex digits; at least the first 16 are needed.",
            "Copy the whole line that rct head, plan or memo printed.",
            field="--head",
            found=printed,
        )
    with state.reading(ws) as db:
        trials = announce_in(talk, db, name)
        states, own = [t.state for t in trials], state.read_unchecked(db, "")
        with talk.working("Verifying"):
            failures = list(run(ws, db, trials, head=printed, then=shared_failures))
    if failures:
        talk.say("This does not hold:")
        if not talk.as_json:
            show_problems(failures, err=False)
    else:
        for trial in states:
            _say(talk, trial)
        if printed:
            _say_head(talk, printed, states, own)
        else:
            talk.wrap("Consistent in itself; compare the head with paper: rct verify NAME --head …")
    notes = list(remarks_on([own, *states]))
    for note in notes:
        talk.wrap(f"Note: {note}")
    result = {"ok": not failures, "failures": [f.as_dict() for f in failures], "notes": notes}
    talk.done(result, next="rct status")
    raise SystemExit(1 if failures else 0)


def _say_head(talk: Talk, printed: str, trials: Sequence[State], own: State) -> None:
    """Of which log the printed head is an event."""
    from rct.audit.heads import find_head

    for trial in trials:
        event = find_head(trial, printed)
        if event:
            talk.wrap(
                f"The head is event {event.seq} of {len(trial.events)} of {trial.name} ({event.time}): "
                "nothing up to it was changed since it was printed."
            )
    event = find_head(own, printed)
    if event:
        talk.wrap(
            f"The head is event {event.seq} of {len(own.events)} of the workspace's own log ({event.time}): "
            "nothing up to it was changed since it was printed, and every trial that it tells of is here."
        )
