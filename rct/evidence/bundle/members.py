"""What a trial's bundle holds: its evidence, file by file, with nothing of a person in it.

Everything in it is read off the registry and what was printed before; what is small is withheld by the one audit that
memo and appendix use (`rct.report.suppress`). The same evidence makes the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rct.analysis.fits import covariances
from rct.analysis.steps import steps_of
from rct.analysis.stored import Analyzed
from rct.definition.letters import LetterError, picture_bytes, read_letter
from rct.definition.resolve import arm_templates
from rct.definition.rewritten import trial_toml
from rct.errors import Problem, RctError, stop
from rct.evidence.bundle import log, tables_file
from rct.evidence.bundle.codec import to_json
from rct.evidence.bundle.container import NAME
from rct.evidence.bundle.opening import check_bundle
from rct.evidence.bundle.package import Member
from rct.evidence.bundle.readme import readme
from rct.evidence.bundle.signing import public_of
from rct.evidence.bundle.steps_file import steps_json
from rct.evidence.gathering import of_memo
from rct.evidence.record import Covariance, Evidence
from rct.registry import chain, state
from rct.registry.events import PlanBody, PrintedBody
from rct.registry.state import State, current_path
from rct.report import suppress
from rct.report.record import MemoRecord

BUNDLE = "bundle.zip"
LARGEST_PICTURE = 3 << 20


def require_accepted(data: bytes, key: Ed25519PrivateKey, name: str) -> None:
    """Read back what was written as whoever receives it will, before it counts: nobody hands out what is refused."""
    try:
        read = check_bundle(BUNDLE, data, {})
        wrong = [p.rule for p in read.failures]
        if not wrong and read.key != public_of(key):
            wrong = ["It is not signed by this city's key."]
    except RctError as error:
        wrong = [p.rule for p in error.problems]
    if wrong:
        raise RctError(
            Problem(
                "bundle_refused",
                f"Whoever receives this bundle would refuse it, so it was not written: {wrong[0]}",
                f"See whether all holds here: rct verify {name}. If it does, this is a fault of rct: report it.",
                file=BUNDLE,
                found=f"{len(wrong)} failure{'s' if len(wrong) > 1 else ''}",
            )
        )


def gather(trial: Analyzed, memo: MemoRecord) -> tuple[Evidence, dict[str, Member]]:
    """The evidence and every member but the list and its signature."""
    definition = memo.definition
    hidden = suppress.audited(memo)
    stays = suppress.staying(memo)
    inputs = trial.frame, trial.arms, trial.outcomes
    together = [Covariance(*a, *b, value) for a, b, value in covariances(definition, *inputs)]
    evidence = of_memo(memo, together)
    steps = steps_of(definition, *inputs, memo.threshold, hidden, _between(memo))
    members = {
        "evidence.json": Member(
            to_json(evidence), "The trial in one record: what the library and pooling read"
        ),
        "results.csv": Member(tables_file.results(memo), "Results, one row an outcome, arm and group"),
        "cells.csv": Member(tables_file.cells(memo), "Units and events by arm, and by arm and group"),
        "flow.json": Member(tables_file.flow(memo), "From the rows of the list to the outcomes"),
        "steps.json": Member(
            steps_json(memo.name, steps, suppress.published(memo)), "The last step of every result"
        ),
        "trial.toml": Member(trial_toml(definition).encode(), "The definition, to copy and change"),
        log.FILE: Member(
            log.log_json(memo.name, events_of(trial.state), memo.threshold, stays),
            "Everything that happened, in order",
        ),
        **_memos(trial, memo),
        **_plans(trial),
        **_letters(trial),
        **_proofs(trial, memo),
    }
    members["readme.md"] = Member(
        readme(memo, evidence, members).encode(), "What this is, and what each file is"
    )
    return evidence, members


def events_of(trial_state: State) -> Sequence[chain.Event]:
    """The log as far as the bundle tells it: all but the notes, at its end, that it was shared."""
    last = max(e.seq for e in trial_state.events if e.kind != "shared")
    return [e for e in trial_state.events if e.seq <= last]


def _memos(trial: Analyzed, memo: MemoRecord) -> dict[str, Member]:
    """The memo that was printed of this analysis, byte for byte."""
    ws = trial.ws
    event = next(
        (
            e
            for e in reversed(trial.state.all(PrintedBody))
            if e.body.of == "memo" and e.body.head == memo.head
        ),
        None,
    )
    if event is None:
        stop(
            "not_reported",
            f"There is no memo of this analysis of {memo.name}.",
            f"Write it first: rct report {memo.name}",
        )
    members = {}
    for file, title in (
        ("memo.html", "The memo, one page for leadership"),
        ("memo.md", "The memo as plain text"),
    ):
        path = current_path(trial.db, ws.out(memo.name) / file)
        data = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(data).hexdigest() != event.body.files.get(file):
            stop(
                "document_changed",
                f"The memo is not the one that event {event.seq} wrote.",
                f"Print it again: rct report {memo.name}",
                file=ws.shown(ws.out(memo.name) / file),
            )
        members[file] = Member(data, title)
    return members


def _plans(trial: Analyzed) -> dict[str, Member]:
    """plan.json, plan_2.json, …: the locked plan and each amendment's, their hashes checked against the log."""
    ws, members = trial.ws, {}
    for number, event in enumerate(trial.state.all(PlanBody), start=1):
        path = current_path(trial.db, state.plan_file(ws, trial.name, number))
        data = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(data).hexdigest() != event.body.plan_hash:
            stop(
                "plan_changed",
                f"This file is not the plan of event {event.seq}.",
                "Restore it from a copy.",
                file=ws.shown(state.plan_file(ws, trial.name, number)),
            )
        title = "The plan as it was locked" if number == 1 else f"The plan after amendment {number - 1}"
        members["plan.json" if number == 1 else f"plan_{number}.json"] = Member(data, title)
    return members


def _letters(trial: Analyzed) -> dict[str, Member]:
    """The letters' templates and pictures that the plan names; one that was edited since is left out."""
    hashes, templates = trial.templates, trial.ws.templates
    members: dict[str, Member] = {}
    texts = set(trial.definition.template_paths)
    for number, path in enumerate(sorted(hashes), start=1):
        try:
            data = read_letter(templates, path).encode() if path in texts else picture_bytes(templates, path)
        except LetterError:
            continue
        ending = "md" if path in texts else path.rsplit(".", 1)[-1].lower().replace("jpeg", "jpg")
        name = f"template_{number}.{ending}"
        if hashlib.sha256(data).hexdigest() == hashes[path] and NAME.fullmatch(name):
            members[name] = Member(data, f"The letter's template {path}", {"rct_template": path})
    return members


def _proofs(trial: Analyzed, memo: MemoRecord) -> dict[str, Member]:
    """Pictures of the letters that the plan names, for an invented recipient: every page that `rct proof` kept, else
    the one that the memo shows."""
    definition = memo.definition
    pages = list(_kept(trial))
    pages += [("", p.arm, p.png) for p in memo.proofs if p.arm not in {arm for _, arm, _ in pages}]
    members: dict[str, Member] = {}
    for file, arm, data in pages:
        about = {"rct_arm": arm} | ({"rct_proof": file} if file else {})
        members[f"proof_{len(members) + 1}.png"] = Member(
            data, f"The letter: {definition.arms[arm].label}", about
        )
    return members


def _kept(trial: Analyzed) -> Iterator[tuple[str, str, bytes]]:
    """File, arm and bytes of the pictures of the last `printed` event of proofs, if it was of the plan's letters."""
    definition = trial.definition
    event = next(reversed(trial.state.printed("proofs")), None)
    arms = {a: tuple(arm_templates(arm)) for a, arm in definition.arms.items()}
    if event is None or event.body.templates != trial.templates or event.body.arms != arms:
        return
    for file, digest in sorted(event.body.files.items()):
        arm = next((a for a in definition.arms if _is_of(file, a)), None)
        path = current_path(trial.db, trial.ws.out(trial.name) / file)
        if arm is None or not path.is_file() or path.stat().st_size > LARGEST_PICTURE:
            continue
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() == digest:
            yield file.removeprefix("proofs/"), arm, data


def _is_of(file: str, arm: str) -> bool:
    """Whether a picture is of this arm: letter-ARM.png, letter-ARM.LANGUAGE.png, or a further page of either."""
    return re.fullmatch(rf"proofs/letter-{re.escape(arm)}(\.[^/]+?)?(-\d+)?\.png", file) is not None


def steps_document(trial: Analyzed, memo: MemoRecord) -> bytes:
    """steps.json as it would be written now, for whoever compares a bundle with the workspace."""
    hidden = suppress.audited(memo)
    inputs = trial.frame, trial.arms, trial.outcomes
    steps = steps_of(memo.definition, *inputs, memo.threshold, hidden, _between(memo))
    return steps_json(memo.name, steps, suppress.published(memo))


def _between(memo: MemoRecord) -> list[tuple[str, str, str]]:
    return [(r.outcome, r.arm, r.control) for r in memo.results if r.term == "between"]
