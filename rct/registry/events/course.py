"""The course of a trial: made, locked, amended, printed, registered, decided, shared, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rct.registry.events.parts import (
    ADOPTED,
    HASHES,
    KEY,
    MONEY,
    TEXTS,
    VERDICT,
    Adopted,
    PlanEdit,
    Verdict,
    part,
)
from rct.registry.events.record import OLDER, Body, field
from rct.registry.events.shapes import DAY, FLAG, TEXT, WHOLE, by_name, maybe, one_of, several

_HEAD = "the hash that the workspace's log ended with before this event was entered there"
_FIRST = "not the first event of its log"


class NewBody(Body):
    kind: ClassVar[str] = "new"
    when: ClassVar[str] = "a trial is made by `rct new`"

    trial: str = field(TEXT, "its name")
    practice: bool = field(FLAG, "whether it is for practice")
    simulated: bool = field(FLAG, "whether its outcomes come from a generator, not from people")
    source: str = field(TEXT, "what it was made from")
    files: Mapping[str, str] | None = field(HASHES, "what was written", default=None, absent=OLDER)


class PlanBody(Body):
    """What lock and amendment have in common: the plan that is in force from then on."""

    plan_hash: str = field(TEXT, "SHA-256 of the plan's file")
    beacon: str = field(TEXT, "the public source of chance that the draw waits for, `none` without one")
    start: str = field(DAY, "the trial's start")
    date: str = field(DAY, "the date of the analysis")
    files: Mapping[str, str] = field(HASHES, "the plan's file")
    workspace: str | None = field(TEXT, _HEAD, default=None, absent=OLDER)


class LockBody(PlanBody):
    kind: ClassVar[str] = "lock"
    when: ClassVar[str] = "the plan is locked"

    trial: str = field(TEXT, "the trial's name")
    seed_commitment: str = field(TEXT, "the hash of the draw's seed, which stays in private/ until the draw")
    approved_by: str = field(TEXT, "who approved it; empty for nobody")
    today: str = field(DAY, "the day of the lock")
    known: str | None = field(TEXT, "what was known of the data then", default=None, absent=OLDER)
    threshold: int | None = field(
        WHOLE, "the least count of people that is printed", default=None, absent=OLDER
    )


class AmendBody(PlanBody):
    kind: ClassVar[str] = "amend"
    when: ClassVar[str] = "a locked plan is changed"

    reason: str = field(TEXT, "why")
    changes: tuple[PlanEdit, ...] = field(
        several(part(PlanEdit), "list of objects (`field`, `old`, `new`; null for none)"),
        "each change of the plan",
    )
    after: str = field(
        one_of("", "draw", "outcomes", "analysis"), "the last of these that had happened, empty for none"
    )


class PrintedBody(Body):
    kind: ClassVar[str] = "printed"
    when: ClassVar[str] = "plan, memo, appendix, proofs or forms are written"

    of: str = field(
        TEXT, "`plan`, `memo` (with its appendix), `proofs`, `consort` or `registration:` and where"
    )
    head: str = field(TEXT, "the hash that they print as the head of the log; empty for none")
    files: Mapping[str, str] = field(HASHES, "what was written")
    threshold: int | None = field(
        WHOLE, "the least count of people that is printed", default=None, absent="no memo, or " + OLDER
    )
    templates: Mapping[str, str] | None = field(
        HASHES, "the letters that proofs were made from", default=None, absent="no proofs, or " + OLDER
    )
    arms: Mapping[str, tuple[str, ...]] | None = field(
        by_name(TEXTS, "list of texts by arm"), "the letters of each arm",
        default=None, absent="no proofs, or " + OLDER,
    )  # fmt: skip
    practice: bool | None = field(FLAG, "whether the trial is for practice", default=None, absent=_FIRST)
    simulated: bool | None = field(
        FLAG, "whether its outcomes come from a generator", default=None, absent=_FIRST
    )


class RegisteredBody(Body):
    kind: ClassVar[str] = "registered"
    when: ClassVar[str] = "a public registry gave the trial a number: `rct register --number`"

    register: str = field(TEXT, "which registry")
    number: str = field(TEXT, "the number or address that it gave")
    plan_hash: str = field(TEXT, "SHA-256 of the plan in force")


class DecideBody(Body):
    kind: ClassVar[str] = "decide"
    when: ClassVar[str] = "people decide on an analysis"

    verdict: Verdict = field(VERDICT, "what they decided")
    note: str = field(TEXT, "why")
    rule: Verdict = field(VERDICT, "what the agreed rule said")
    head: str = field(TEXT, "the hash of the analysis")


class FollowupBody(Body):
    kind: ClassVar[str] = "followup"
    when: ClassVar[str] = "people say what became of a decision"

    months: int = field(WHOLE, "after how many months: 6 or 12")
    decision: str = field(TEXT, "the hash of the decision")
    adopted: Adopted = field(ADOPTED, "whether a tested version is in use")
    arms: tuple[str, ...] = field(TEXTS, "which versions")
    to: str = field(TEXT, "who gets it now; empty where nothing was adopted")
    cost: str | None = field(maybe(MONEY), "what it cost since the decision, null where nobody knows")
    currency: str = field(TEXT, "the currency of the cost")
    kept: bool | None = field(maybe(FLAG), "whether it is still in use, null where nothing was adopted")
    note: str = field(TEXT, "what people say of it")


class NoteBody(Body):
    kind: ClassVar[str] = "note"
    when: ClassVar[str] = "the office writes down what no other command tells"

    text: str = field(TEXT, "what happened; names nobody of the list")
    memo: bool = field(FLAG, "whether the memo prints it too")


class SharedBody(Body):
    kind: ClassVar[str] = "shared"
    when: ClassVar[str] = "the evidence is written as a bundle"

    bundle: str = field(TEXT, "SHA-256 of the bundle")
    bytes: int = field(WHOLE, "its size")
    head: str = field(TEXT, "the hash of the last event that it tells")
    key: str = field(KEY, "the public key that signed it")


class StopBody(Body):
    kind: ClassVar[str] = "stop"
    when: ClassVar[str] = "the trial is ended early"

    reason: str = field(TEXT, "why")
    stage: str = field(TEXT, "how far it had come")


class ForgetBody(Body):
    kind: ClassVar[str] = "forget"
    when: ClassVar[str] = "the trial's people are deleted"

    stage: str = field(TEXT, "how far the trial had come")
    rows_digest: str | None = field(
        TEXT, "the digest of the list's rows as they now stand", default=None, absent="the list was in order"
    )
    as_loaded: bool | None = field(
        FLAG, "whether the rows were those that were loaded", default=None, absent="the list was in order"
    )
