"""Events of the workspace's own log: its making, what it knows of trials, and whose signature counts."""

from __future__ import annotations

from typing import ClassVar

from rct.registry.events.parts import KEY
from rct.registry.events.record import Body, field
from rct.registry.events.shapes import FLAG, TEXT, WHOLE, one_of


class OfficeBody(Body):
    """Stands in the workspace's log, not in a trial's."""

    chain: ClassVar[str] = "workspace"


class InitBody(OfficeBody):
    kind: ClassVar[str] = "init"
    when: ClassVar[str] = "a workspace is made"

    city: str = field(TEXT, "the city's name; empty without one")
    currency: str = field(TEXT, "its currency")


class EnteredBody(OfficeBody):
    kind: ClassVar[str] = "entered"
    when: ClassVar[str] = "a trial is locked, amended or analyzed"

    trial: str = field(TEXT, "the trial's name")
    of: str = field(one_of("lock", "amend", "analyze"), "which of the three it was")
    head: str = field(TEXT, "the hash of the trial's own event")
    practice: bool = field(FLAG, "whether the trial is for practice")


class KeyBody(OfficeBody):
    kind: ClassVar[str] = "key"
    when: ClassVar[str] = "the city's signing key is made"

    alg: str = field(TEXT, "`ed25519`")
    public: str = field(KEY, "the public half")


class TrustBody(OfficeBody):
    kind: ClassVar[str] = "trust"
    when: ClassVar[str] = "another city's key is trusted under a name"

    public: str = field(KEY, "the public key")
    name: str = field(TEXT, "whose it is")


class DistrustBody(OfficeBody):
    kind: ClassVar[str] = "distrust"
    when: ClassVar[str] = "it is trusted no longer"

    public: str = field(KEY, "the public key")
    name: str = field(TEXT, "whose it was")


class ForgetPracticeBody(OfficeBody):
    kind: ClassVar[str] = "forget_practice"
    when: ClassVar[str] = "a practice trial is removed"

    trial: str = field(TEXT, "its name")
    events: int = field(WHOLE, "how many events it had")
