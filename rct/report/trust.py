"""How far to trust it: each check in plain words, and whether it is as it should be. The numbers of the tests
behind them are in the appendix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rct.errors import visible
from rct.report import numbers as show
from rct.report import suppress
from rct.report.deviating import told
from rct.report.finding import main_rows
from rct.report.language import t, tn
from rct.report.record import Deviation, MemoRecord
from rct.report.words import day_of, listed, prose, quoted

USUAL, RARE = 0.05, 0.001  # p-values of balance: often enough by lot; hardly ever by lot
FEW_DF = 4.0
REASONS = 3  # reasons of amendments before the draw that are named
ROOM = 600  # characters of deviations that the page has room for; the appendix has all
ALWAYS = ("amended_after_results", "early", "amended_late")  # the gravest first; the memo always prints these
LONG = 300  # characters of one deviation
_LATE = {"locked_after_start", "locked_after_date"}
_GRAVITY = (*ALWAYS, "outcomes_corrected", "analyzed_again", "stopped")


@dataclass(frozen=True)
class Check:
    """One line of the panel. `good` False asks the reader to look; `note`: as it should be, with a reservation."""

    title: str
    text: str
    good: bool
    note: bool = False


def checks(record: MemoRecord) -> list[Check]:
    """The panel, in the order in which things happened."""
    return [
        _locked(record),
        _drawn(record),
        *_balance(record),
        *_missing(record),
        *_ratio(record),
        *_clusters(record),
        *_blocks(record),
        *_amendments(record),
        _deviations(record),
    ]


def _locked(record: MemoRecord) -> Check:
    told = {
        "person": prose(record.locked_by),
        "second": prose(record.approved_by or ""),
        "day": day_of(record.locked_at),
        "drawn": day_of(record.draw.drawn_at),
    }
    locked = (
        t("{person} locked the plan on {day}, approved by {second}.", **told)
        if record.approved_by
        else t("{person} locked the plan on {day}.", **told)
    )
    codes = {d.code for d in record.deviations}
    if "locked_after_start" in codes:
        locked += " " + t("That was after the trial's start.")
    if "locked_after_date" in codes:
        locked += " " + t("That was after the day set for the analysis.")
    before = record.locked_at <= record.draw.drawn_at
    good = before and codes.isdisjoint({"locked_after_start", "locked_after_date"})
    if not before:
        title = t("Planned after the draw")
    elif not good:
        title = t("Not planned before the start")
    else:  # when lots that were drawn elsewhere fell, nobody here can know
        title = t("Planned before the start") if record.draw.replayed else t("Planned before the draw")
    drawn = (
        t("A draw that was made elsewhere was taken over on {drawn}.", **told)
        if record.draw.replayed
        else t("The lots were drawn on {drawn}.", **told)
    )
    return Check(title, f"{locked} {drawn}", good)


def _drawn(record: MemoRecord) -> Check:
    draw = record.draw
    title = t("Draw {number} of {number}", number=draw.draws)
    counts = [
        tn("The plan was locked once.", "The plan was locked {count} times.", draw.locks),
        tn("The list was loaded once.", "The list was loaded {count} times.", draw.freezes),
    ]
    if draw.replayed:
        counts.append(t("The lots were drawn elsewhere, so this software cannot vouch for them."))
        return Check(title, " ".join(counts), False)
    if draw.beacon:
        counts.append(t("Public numbers went into the draw: {beacon}.", beacon=visible(draw.beacon)))
        if draw.beacon.startswith("lottery:"):
            counts.append(
                t("Check that no drawing lay between the day list and plan were fixed and that date.")
            )
    else:
        counts.append(t("No public number was used: the office could have tried draws in private."))
    # Without public numbers nothing shows that no other draw was tried; with a lottery's, a reader has to check one.
    return Check(title, " ".join(counts), True, not draw.beacon or draw.beacon.startswith("lottery:"))


def late(record: MemoRecord) -> list[str]:
    """A caution to stand beside the verdict: a plan or a rule that came after what it should have come before."""
    codes = {d.code for d in record.deviations}
    said = []
    if codes & _LATE or record.locked_at > record.draw.drawn_at:
        said.append(t("Caution: the plan was locked late."))
    if "early" in codes:
        said.append(t("Caution: results were seen before their date."))
    return said


def _balance(record: MemoRecord) -> list[Check]:
    balance = record.balance
    if balance is None or balance.p_value is None:
        text = t("The list held nothing by which to compare them.")
        return [Check(t("Groups not compared at the start"), text, True, True)]
    if balance.p_value >= USUAL:
        return [Check(t("Groups alike at the start"), t("As alike as lots usually make them."), True)]
    text = (
        t("They were less alike than lots usually make them. See the appendix.")
        if balance.p_value >= RARE
        else t("They were far less alike than lots make them. Find out why.")
    )
    return [Check(t("Groups differ at the start"), text, False)]


def _missing(record: MemoRecord) -> list[Check]:
    outcome = record.decision.outcome
    rows = [o for o in record.outcomes if o.outcome == outcome and o.drawn > 0]
    if not rows:
        return []
    if any(suppress.observed(record, o) is None for o in rows):
        text = t("In some group too few have an outcome to print how many.")
        return [Check(t("Some are missing"), text, False)]
    drawn, missing = sum(o.drawn for o in rows), sum(o.missing for o in rows)
    what = record.definition.outcomes[outcome]
    if missing == 0:
        if what.missing != "zero":
            text = t("All {drawn} on the list were followed to the end.", drawn=f"{drawn:,}")
            return [Check(t("No one is missing"), text, True)]
        if what.kind == "binary":
            text = t(
                "Who is in no record counts as no. Whether the records are whole, only the office knows."
            )
        else:
            text = t(
                "Who is in no record counts as zero. Whether the records are whole, only the office knows."
            )
        return [Check(t("No one is left out"), text, True, True)]
    shares = sorted(rows, key=lambda o: o.missing / o.drawn)
    low, high = shares[0], shares[-1]
    told = {
        "missing": f"{missing:,}",
        "drawn": f"{drawn:,}",
        "share": show.percent(missing / drawn),
        "low": show.percent(low.missing / low.drawn),
        "few": _label(record, low.arm),
        "high": show.percent(high.missing / high.drawn),
        "many": _label(record, high.arm),
    }
    text = t("{missing} of {drawn} ({share}) have no outcome.", **told)
    spread = t("It is {low} with {few} and {high} with {many}.", **told)
    return [Check(t("Some are missing"), f"{text} {spread}", not _lopsided(record, outcome))]


def _ratio(record: MemoRecord) -> list[Check]:
    said = []
    for test in record.sample_ratio:
        if test.p_value is None or test.outcome not in record.definition.primary:
            continue
        name = quoted(record.definition.outcomes[test.outcome].label)
        if test.p_value < RARE:
            text = t(
                "For {outcome}, outcomes came back in other shares than were drawn. Find out why.",
                outcome=name,
            )
            said.append(Check(t("Group sizes are off"), text, False))
        elif test.outcome == record.decision.outcome:
            said.append(
                Check(t("Group sizes as drawn"), t("Outcomes came back in the shares that were drawn."), True)
            )
    if not said and all(o.missing == 0 for o in record.outcomes if o.outcome == record.decision.outcome):
        said.append(Check(t("Group sizes as drawn"), t("Everyone who was drawn is compared."), True))
    return said


def _clusters(record: MemoRecord) -> list[Check]:
    rows = main_rows(record.results, record.decision.outcome)
    few = [r.df for r in rows if r.n_clusters is not None and r.df is not None and r.df < FEW_DF]
    if not few:
        return []
    return [Check(t("Few groups"), t("Too few groups were drawn to lean on the interval."), False)]


def _blocks(record: MemoRecord) -> list[Check]:
    if record.merged_blocks == 0:
        return []
    joined = f"{record.merged_blocks:,}"
    if record.draw.replayed:
        text = t(
            "{joined} of {blocks} blocks were joined to others, by this software's rule for small blocks.",
            joined=joined,
            blocks=f"{record.blocks or record.merged_blocks:,}",
        )
    elif record.blocks is None:
        text = t("{joined} small blocks were joined, by a rule fixed in advance.", joined=joined)
    else:
        of = f"{record.blocks:,}"
        text = t(
            "{joined} of {blocks} blocks were small and were joined, by a rule fixed in advance.",
            joined=joined,
            blocks=of,
        )
    return [Check(t("Small blocks"), text, True)]


def _amendments(record: MemoRecord) -> list[Check]:
    before = [a for a in record.amendments if not a.after]
    late = len(before) < len(record.amendments)
    if not before:
        return []
    reasons = listed([f"“{prose(a.reason)}”" for a in before[:REASONS]])
    text = tn(
        "The plan was changed once before the draw: {reasons}.",
        "The plan was changed {count} times before the draw: {reasons}.",
        len(before),
        reasons=reasons,
    )
    if late:
        text += " " + t("It was changed again later: see the deviations.")
    return [Check(t("Plan amended"), text, not late)]


def _deviations(record: MemoRecord) -> Check:
    late_lock = any(d.code in _LATE for d in record.deviations)
    # The late lock has its own line above.
    found = sorted((d for d in record.deviations if d.code not in _LATE), key=_gravity)
    if not found and late_lock:
        return Check(t("Else done as planned"), t("But for the late lock, it was done as planned."), True)
    if not found:
        return Check(t("Done as planned"), t("What was done is what the plan said."), True)
    said = _that_fit(found)
    more = len(found) - len(said)
    if more > 0:
        said = [*said, tn("{count} more is in the appendix.", "{count} more are in the appendix.", more)]
    return Check(tn("{count} deviation", "{count} deviations", len(record.deviations)), " ".join(said), False)


def _gravity(deviation: Deviation) -> int:
    """What touches the result most comes first."""
    if deviation.code in _GRAVITY:
        return _GRAVITY.index(deviation.code)
    return len(_GRAVITY)


def _that_fit(found: Sequence[Deviation]) -> list[str]:
    """Late amendments and early looks, all of them, and of the others what the page has room for, in the order given."""
    texts = [_short(told(d)) for d in found]
    always = [d.code in ALWAYS for d in found]
    left = ROOM - sum(len(text) for text, kept in zip(texts, always, strict=True) if kept)
    said = []
    for text, kept in zip(texts, always, strict=True):
        if not kept:
            left -= len(text)
        if kept or left >= 0:
            said.append(text)
    return said


def _short(text: str) -> str:
    """A long text by its beginning and its end: the reason comes first, what was changed last."""
    if len(text) <= LONG:
        return text
    return f"{text[: LONG // 2].rstrip()} … {text[-LONG // 2 :].lstrip()}"


def _lopsided(record: MemoRecord, outcome: str) -> bool:
    return any(
        s.outcome == outcome and s.p_value is not None and s.p_value < RARE for s in record.sample_ratio
    )


def _label(record: MemoRecord, arm: str) -> str:
    return quoted(record.definition.arms[arm].label)
