"""`rct followup`: what became of a decision, 6 and 12 months after it (`rct.audit.following` counts it)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rct.audit.following import LOOKS, day_of, look_due, months_later
from rct.audit.reason import require_reason
from rct.definition import Definition
from rct.errors import stop
from rct.registry import chain
from rct.registry.change import changing, tidy
from rct.registry.events import DecideBody, FollowupBody
from rct.registry.trial import opened
from rct.registry.workspace import Workspace

Adopted = Literal["yes", "partly", "no"]
_MONEY = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_TEXT = 500  # characters of `to`


@dataclass(frozen=True)
class FollowupReport:
    """What a person says of the use of a trial's versions. `cost` in all since the decision, None: not known."""

    adopted: Adopted
    note: str
    to: str = ""
    arms: tuple[str, ...] = ()
    cost: str | None = None
    kept: bool | None = None  # still in use today; None where nothing was adopted


def follow(
    ws: Workspace, name: str, person: str, followup: FollowupReport
) -> tuple[chain.Event[FollowupBody], bool]:
    """Record what became of the last decision; (event, False) when the very same stands already.

    Refused before the first 6 months are over. Told again within one look, the later counts.
    """
    note = require_reason(followup.note, "--note")
    _require_consistent(followup)
    tidy(ws)
    with opened(ws, name) as trial:
        state = trial.state
        decision = state.last(DecideBody)
        if decision is None:
            stop("not_decided", f"Nothing is decided on {name} yet.", f"Decide first: rct decide {name} …")
        definition = trial.definition
    today = chain.due_date(list(state.events))
    months = look_due(decision, today)
    if months is None:
        first = months_later(day_of(decision), LOOKS[0])
        stop(
            "followup_early",
            f"The decision of {day_of(decision)} is followed up 6 and 12 months later.",
            f"Come back on {first}. If it was changed meanwhile: rct decide {name} …",
        )
    body = FollowupBody(
        months=months,
        decision=decision.hash,
        adopted=followup.adopted,
        arms=_arms(definition, followup),
        to=_to(followup),
        cost=_cost(followup),
        currency=ws.settings.currency,
        kept=_kept(followup),
        note=note,
    )
    last = state.last(FollowupBody)
    if last is not None and last.person == person and last.body.like(body):
        return last, False
    with changing(ws, name, person, seen=len(state.events)) as change:
        return change.event(body), True


def _arms(definition: Definition, followup: FollowupReport) -> tuple[str, ...]:
    """The versions in use; where the trial had one beside the control, that one."""
    tested = [name for name, arm in definition.arms.items() if not arm.control]
    unknown = [arm for arm in followup.arms if arm not in tested]
    if unknown:
        stop(
            "followup_arm",
            "--arm names a version that was tried, not the one it was compared with.",
            f"One of: {', '.join(tested)}",
            field="--arm",
            found=unknown[0],
        )
    if followup.adopted == "no":
        return ()
    return tuple(arm for arm in tested if arm in followup.arms) or (tuple(tested) if len(tested) == 1 else ())


def _to(followup: FollowupReport) -> str:
    text = " ".join(followup.to.split())
    if followup.adopted == "no":
        return ""
    if not 2 <= len(text) <= _TEXT or not text.isprintable():
        stop(
            "followup_to",
            f"--to says who gets it now: 2 to {_TEXT} printable characters.",
            'For example: --to "all districts, 12,000 bills a month"',
            field="--to",
            found=text[:100],
        )
    return text


def _cost(followup: FollowupReport) -> str | None:
    if followup.cost is None:
        return None
    text = followup.cost.replace(",", "").strip()
    if not _MONEY.fullmatch(text):
        stop(
            "followup_cost",
            "--cost is an amount of money, without its sign; leave it out where nobody knows.",
            "For example: --cost 640",
            field="--cost",
            found=followup.cost[:100],
        )
    return text


def _kept(followup: FollowupReport) -> bool | None:
    if followup.adopted == "no":
        return None
    if followup.kept is None:
        stop(
            "followup_kept",
            "Of what was adopted rct asks whether it is still in use.",
            "Add --kept or --dropped.",
            field="--kept",
        )
    return followup.kept


def _require_consistent(followup: FollowupReport) -> None:
    """What belongs to a use is not told where there is none."""
    given = {"--to": followup.to, "--arm": followup.arms, "--kept": followup.kept is not None}
    for option, value in given.items():
        if followup.adopted == "no" and value:
            stop("usage", f"{option} does not go with --adopted no.", "Leave it out.", field=option)
