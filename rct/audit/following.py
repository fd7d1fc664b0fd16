"""What became of a decision: asked 6 and 12 months after it, since few tested versions are ever used.

30 cities that ran 73 trials with one national nudge unit went on to use a tested version in 27 % of them, and
strong evidence hardly made it likelier (DellaVigna, Kim and Linos 2024). A decision is not a use; so it is asked
after, and counted as it is told.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from rct.errors import stop
from rct.registry import chain, state
from rct.registry.events import DecideBody, FollowupBody
from rct.registry.state import State
from rct.registry.workspace import Workspace

if TYPE_CHECKING:
    from rct.definition import Definition

LOOKS = (6, 12)  # months after a decision
FIELD = "Elsewhere: 27% of 73 trials in 30 cities (DellaVigna, Kim and Linos 2024)."
Adopted = Literal["yes", "partly", "no"]
_MONEY = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_TEXT = 500  # characters of `to`


@dataclass(frozen=True)
class Told:
    """What a person says of the use of a trial's versions. `cost` in all since the decision, None: not known."""

    adopted: Adopted
    note: str
    to: str = ""
    arms: tuple[str, ...] = ()
    cost: str | None = None
    kept: bool | None = None  # still in use today; None where nothing was adopted


@dataclass(frozen=True)
class Adoption:
    """How many decisions led to use. Only real trials count; `asked` = yes + partly + no."""

    decided: int  # trials with a decision
    due: int  # of these, decided 6 months ago or earlier
    yes: int
    partly: int
    no: int
    dropped: int  # of yes and partly, given up since

    @property
    def asked(self) -> int:
        return self.yes + self.partly + self.no

    @property
    def waiting(self) -> int:
        """Due, and nobody has told yet."""
        return self.due - self.asked


def follow(ws: Workspace, name: str, person: str, told: Told) -> tuple[chain.Event[FollowupBody], bool]:
    """Record what became of the last decision; (event, False) when the very same stands already.

    Refused before the first 6 months are over. Told again within one look, the later counts.
    """
    from rct.audit.closing import require_reason
    from rct.definition import plan
    from rct.registry.change import changing, tidy

    note = require_reason(told.note, "--note")
    _require_consistent(told)
    tidy(ws)
    with state.reading(ws) as db:
        found = state.read_state(db, name)
        decision = found.last(DecideBody)
        if decision is None:
            stop("not_decided", f"Nothing is decided on {name} yet.", f"Decide first: rct decide {name} …")
        definition = plan.from_plan(state.read_plan(ws, db, found))
    today = chain.due_date(list(found.events))
    months = _look(decision, today)
    if months is None:
        first = months_later(_day(decision), LOOKS[0])
        stop(
            "followup_early",
            f"The decision of {_day(decision)} is followed up 6 and 12 months later.",
            f"Come back on {first}. If it was changed meanwhile: rct decide {name} …",
        )
    body = FollowupBody(
        months=months,
        decision=decision.hash,
        adopted=told.adopted,
        arms=_arms(definition, told),
        to=_to(told),
        cost=_cost(told),
        currency=ws.settings.currency,
        kept=_kept(told),
        note=note,
    )
    last = found.last(FollowupBody)
    if last is not None and last.person == person and last.body.like(body):
        return last, False
    with changing(ws, name, person, seen=len(found.events)) as change:
        return change.event(body), True


def followups(found: State) -> list[chain.Event[FollowupBody]]:
    """What was told of the last decision, oldest first."""
    decision = found.last(DecideBody)
    return [] if decision is None else found.after(FollowupBody, event=decision)


def look_again(found: State, today: date) -> str | None:
    """The sentence that asks what became of the last decision; None when it isn't due, or was told."""
    decision = found.last(DecideBody)
    months = None if decision is None else _look(decision, today)
    if decision is None or months is None or any(e.body.months == months for e in followups(found)):
        return None
    # Another decision of that day or later starts the months anew.
    return (
        f"decided on {_day(decision)} ({decision.body.verdict}); the {months} months were over on "
        f"{months_later(_day(decision), months)}: what became of it? rct followup {found.name} "
        "--adopted yes|partly|no …"
    )


def adoption(found: Iterable[State], today: date | None = None) -> Adoption | None:
    """Counted over real trials; None where none has a decision. `today` is the machine's date unless given."""
    decided = due = dropped = 0
    told = {"yes": 0, "partly": 0, "no": 0}
    for trial in found:
        decision = trial.last(DecideBody)
        if decision is None or trial.practice or trial.simulated:
            continue
        decided += 1
        due += _look(decision, today or chain.due_date(list(trial.events))) is not None
        after = followups(trial)
        if after:
            told[after[-1].body.adopted] += 1
            dropped += after[-1].body.kept is False
    return Adoption(decided, due, told["yes"], told["partly"], told["no"], dropped) if decided else None


def adoption_sentence(counted: Adoption) -> str:
    """`Used after the decision: 2 of 3 trials asked about (1 in part), …`, the field's own share beside it."""
    if not counted.asked:
        waiting = f"; {counted.waiting} due" if counted.waiting else ""
        after = "1 decision" if counted.decided == 1 else f"{counted.decided} decisions"
        return f"Put to use after {after}: nothing is told yet{waiting}. {FIELD}"
    used = counted.yes + counted.partly
    more = [
        *([f"{counted.partly} only in part"] if counted.partly else []),
        *([f"{counted.dropped} given up since"] if counted.dropped else []),
    ]
    rest = f"; {counted.waiting} due and not told yet" if counted.waiting else ""
    among = f" ({', '.join(more)})" if more else ""
    trials = "trial" if counted.asked == 1 else "trials"
    return f"Put to use: {used} of {counted.asked} {trials} asked about{among}{rest}. {FIELD}"


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _day(event: chain.Event) -> date:
    return event.when.date()


def _look(decision: chain.Event, today: date) -> int | None:
    """The last look that is due: 6 or 12 months, None before."""
    due = [months for months in LOOKS if months_later(_day(decision), months) <= today]
    return due[-1] if due else None


def _arms(definition: Definition, told: Told) -> tuple[str, ...]:
    """The versions in use; where the trial had one beside the control, that one."""
    tested = [name for name, arm in definition.arms.items() if not arm.control]
    unknown = [arm for arm in told.arms if arm not in tested]
    if unknown:
        stop(
            "followup_arm",
            "--arm names a version that was tried, not the one it was compared with.",
            f"One of: {', '.join(tested)}",
            field="--arm",
            found=unknown[0],
        )
    if told.adopted == "no":
        return ()
    return tuple(arm for arm in tested if arm in told.arms) or (tuple(tested) if len(tested) == 1 else ())


def _to(told: Told) -> str:
    text = " ".join(told.to.split())
    if told.adopted == "no":
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


def _cost(told: Told) -> str | None:
    if told.cost is None:
        return None
    text = told.cost.replace(",", "").strip()
    if not _MONEY.fullmatch(text):
        stop(
            "followup_cost",
            "--cost is an amount of money, without its sign; leave it out where nobody knows.",
            "For example: --cost 640",
            field="--cost",
            found=told.cost[:100],
        )
    return text


def _kept(told: Told) -> bool | None:
    if told.adopted == "no":
        return None
    if told.kept is None:
        stop(
            "followup_kept",
            "Of what was adopted rct asks whether it is still in use.",
            "Add --kept or --dropped.",
            field="--kept",
        )
    return told.kept


def _require_consistent(told: Told) -> None:
    """What belongs to a use is not told where there is none."""
    given = {"--to": told.to, "--arm": told.arms, "--kept": told.kept is not None}
    for option, value in given.items():
        if told.adopted == "no" and value:
            stop("usage", f"{option} does not go with --adopted no.", "Leave it out.", field=option)
