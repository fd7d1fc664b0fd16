"""What vendor and post said, checked: counts and digest re-derived, and what deviates from the plan."""

from __future__ import annotations

from collections.abc import Iterator

from rct.analysis.delivery import delivery
from rct.audit.rows import dose_rows
from rct.errors import Problem
from rct.letters.pieces import OTHER_VERSION, delivery_by_version
from rct.letters.versions import letters_of
from rct.registry import doses, store
from rct.registry.events import MailedBody
from rct.registry.trial import Trial


def mailed_failures(trial: Trial) -> Iterator[Problem]:
    """Every event's rows add up; the stored doses and counts are those of the last events."""
    db, state = trial.db, trial.state
    last = state.last(MailedBody)
    if last is None or state.draw is None:
        return
    for event in state.all(MailedBody):
        if not event.body.adds_up:
            yield _failure(
                "rows_lost", state.name, f"event {event.seq}: rows are not kept + excluded + refused"
            )
    if doses.digest(db, state.name) != last.body.digest:
        yield _failure(
            "doses_changed",
            state.name,
            "what was stored of printed and returned pieces is not what was loaded",
        )
        return
    for what in dose_rows(trial):
        yield _failure("doses_changed", state.name, what)
    arms = {row.unit: row.arm for row in store.read_assignment(db, state.name)}
    events = [e for e in state.all(MailedBody) if e.body.of == "pieces"]
    if events:
        letters = letters_of(trial.definition, state.draw)
        sent = doses.read_doses(db, state.name)
        if any(arms.get(dose.unit) not in letters for dose in sent):
            return  # units whose arm was changed since: the draw is named
        if delivery_by_version(letters, arms, sent) != events[-1].body.versions:
            yield _failure(
                "doses_changed", state.name, f"the counts by version are not those of event {events[-1].seq}"
            )


def counted(n: int, few: int) -> str:
    """A count of people in a sentence; of fewer than `few` it tells no more."""
    return f"Fewer than {few}" if n < few else f"{n:,}"


def mailed_texts(body: MailedBody, few: int = 0) -> Iterator[tuple[str, str]]:
    """(code, sentence) of what an event of printed or returned pieces says that was not planned.

    few: smaller counts of people are not told; nor, then, are pieces by version, which tell who was left out of them.
    """
    refused = sum(body.refused.values())
    if refused:
        yield (
            "mailed_refused",
            f"{counted(refused, few)} rows of a file on mailed pieces were refused ({body.reason}).",
        )
    if body.changed:
        what = "version" if body.of == "counts" else "piece"
        hidden = few if body.of == "pieces" else 0
        plural = "" if body.changed == 1 and not hidden else "s"
        many = counted(body.changed, hidden)
        many = many[0].lower() + many[1:]
        yield "mailed_corrected", f"What was told of {many} {what}{plural} was corrected ({body.reason})."
    sentences = list(body.disagreements or ())
    if few:
        versions = dict.fromkeys(sentence.partition(":")[0] for sentence in sentences)
        sentences = [f"{v}: the vendor's counts do not agree with what was handed over" for v in versions]
    for sentence in sentences:
        yield "mailed_differs", f"{sentence[0].upper()}{sentence[1:]}."


def delivery_texts(trial: Trial, few: int = 0) -> Iterator[tuple[str, str]]:
    """(code, sentence) where pieces had another version, or met a status in other proportions than the arms were drawn.

    few: smaller counts of people are not told.
    """
    if trial.state.last(MailedBody) is None:
        return
    crossed = sum(sum(each.counts.values()) for each in delivery(trial, (OTHER_VERSION,)))
    if crossed:
        yield (
            OTHER_VERSION,
            f"{counted(crossed, few)} pieces had another version than was drawn. All are analyzed as they were drawn.",
        )
    for each in delivery(trial):
        if each.check is not None and each.check.warns:
            yield (
                "delivery_ratio",
                f"Pieces were {each.status} in other proportions than the arms were drawn (p < .001).",
            )


def _failure(code: str, name: str, what: str) -> Problem:
    return Problem(
        code=code,
        rule=f"This does not hold: {name}: {what}.",
        fix="Compare with a copy and with the printed head.",
        file="rct.db",
    )
