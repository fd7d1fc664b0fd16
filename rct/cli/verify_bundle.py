"""verify BUNDLE: whether a file from elsewhere is what its city signed, and its figures what they claim."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rct import fs
from rct.cli.common import Talk, count, show_problems
from rct.errors import Problem, RctError, stop, typed, visible

if TYPE_CHECKING:
    from rct.evidence.bundle.opening import OpenedBundle
    from rct.registry.workspace import Workspace


def is_bundle(name: str) -> bool:
    """Whether what was given to verify is a file rather than a trial's name."""
    return name.endswith(".zip") or (not fs.is_name(name) and Path(name).is_file())


def verify_bundle(talk: Talk, path: Path, head: str | None, unsigned: bool, fingerprint: str | None) -> None:
    """Check everything, say what was done again and what was taken on trust; exit 1 when something fails."""
    from rct.evidence.bundle import signing
    from rct.evidence.bundle.opening import read_bundle, require_known

    ws = _workspace(talk)
    trusted = {} if ws is None else signing.trusted(ws)
    bundle = read_bundle(path, trusted)
    failures = list(bundle.failures)
    signed_by = bundle.signed_by
    if not failures:
        signed_by = signed_by or ask_to_trust(talk, ws, bundle, fingerprint)
        if signed_by is None:
            require_known(bundle, unsigned=unsigned, fingerprint=fingerprint)
        failures = _head(bundle, head)
    if failures:
        talk.say("This does not hold:")
        if not talk.as_json:
            show_problems(failures, err=False)
    else:
        _tell(talk, bundle, signed_by, head)
    result = {
        "ok": not failures,
        "failures": [f.as_dict() for f in failures],
        "signed_by": signed_by,
        "fingerprint": None if bundle.key is None else signing.fingerprint(bundle.key),
        "sha256": bundle.digest,
        "trial": None if bundle.evidence is None else bundle.evidence.name,
        "head": None if bundle.log is None else bundle.log.head,
    }
    talk.done(result, next=None if failures else f"rct library add {typed(path.name)}")
    raise SystemExit(1 if failures else 0)


def _workspace(talk: Talk) -> Workspace | None:
    """The workspace that knows whom we trust; a bundle can be checked without one."""
    try:
        return talk.workspace
    except RctError as error:
        if error.problems[0].code != "no_workspace":
            raise
        return None


def ask_to_trust(
    talk: Talk, ws: Workspace | None, bundle: OpenedBundle, fingerprint: str | None = None
) -> str | None:
    """At a terminal: show a stranger's fingerprint, and trust it by name if the person says so."""
    from rct.acts.trust import trust as trust_key
    from rct.evidence.bundle import signing

    asked = sys.stdin.isatty() and not talk.as_json and fingerprint is None
    if bundle.key is None or ws is None or not asked or bundle.evidence is None:
        return None
    talk.wrap(
        f"Signed by a key that you don't know. It says of itself: {visible(bundle.evidence.city or 'no city')}."
    )
    talk.say(f"Fingerprint: {signing.fingerprint(bundle.key)}")
    talk.wrap("Ask that city for its fingerprint by another way than the file, such as the phone.")
    if not click.confirm("Is it the same?", default=False):
        return None
    name = str(click.prompt("Trust it under which name", default=bundle.evidence.city or None))
    trust_key(ws, talk.person, bundle.key, name)
    return name


def _head(bundle: OpenedBundle, head: str | None) -> list[Problem]:
    from rct.audit.heads import is_head

    if head is None or bundle.log is None:
        return []
    if not is_head(head):
        stop(
            "bad_head",
            "A head is `sha256:` and 64 hex digits; at least the first 16 are needed.",
            "Copy the whole line that rct head, plan or memo printed.",
            field="--head",
            found=head,
        )
    if _event_of(bundle, head) is not None:
        return []
    rule = "This does not hold: no event of the bundle's log has this head: another trial, or a log written anew."
    return [
        Problem("head_unknown", rule, "Don't use it; ask the city.", bundle.file, field="--head", found=head)
    ]


def _event_of(bundle: OpenedBundle, head: str) -> int | None:
    from rct.audit.heads import find_head
    from rct.registry.state import State

    if bundle.log is None:
        return None
    event = find_head(State(bundle.log.events[0].trial, bundle.log.events), head)
    return None if event is None else event.seq


def _tell(talk: Talk, bundle: OpenedBundle, signed_by: str | None, head: str | None) -> None:
    from rct.evidence.bundle.signing import fingerprint
    from rct.evidence.bundle.steps_file import redone

    evidence, log = bundle.evidence, bundle.log
    if evidence is None or log is None:
        raise AssertionError("a bundle without failures has both")
    talk.wrap(
        f"{visible(evidence.title)} ({visible(evidence.city or 'no city named')}, trial {evidence.name})"
    )
    if bundle.key is None:
        talk.wrap("Unsigned: nobody answers for it. What is in it holds together.")
    else:
        who = visible(signed_by) if signed_by else "the key whose fingerprint you gave"
        talk.wrap(f"Signed by {who} ({fingerprint(bundle.key)}); nothing was changed since.")
    withheld = f", {len(log.withheld)} by their hash alone" if log.withheld else ""
    talk.wrap(
        f"Log: {count(len(log.events), 'event')}, every link holds{withheld}; plan, memo and proofs are its own."
    )
    for note in evidence.notes:
        talk.wrap(f"Note: {visible(note)}")
    lines, open_ = redone(bundle.rows)
    talk.wrap(
        f"Done again from their last step: estimate, standard error, degrees of freedom, interval and p of "
        f"{count(lines, 'result')}" + ("." if open_ else ", and Holm's adjustment.")
    )
    if open_:
        talk.wrap(
            f"The adjustment of {count(open_, 'result')} is on trust: others of their family are withheld."
        )
    talk.wrap(
        "On trust: the sums of residuals. Only the city has the rows; its own rct verify checks those sums."
    )
    if head is not None:
        talk.wrap(
            f"The head is event {_event_of(bundle, head)} of {len(log.events)}: nothing up to it was changed."
        )
    else:
        talk.wrap("Compare the head with the printed memo: rct verify BUNDLE --head …")
