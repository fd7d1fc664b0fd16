"""How far to trust it: each check in a sentence, and whether it is as it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rct.errors import visible
from rct.report import numbers as show
from rct.report.finding import main_rows
from rct.report.record import MemoRecord
from rct.report.words import counted, day_of, listed, prose, quoted, sentence

USUAL, RARE = 0.05, 0.001  # p-values of balance: often enough by lot; hardly ever by lot
FEW_DF = 4.0
LISTED = 3  # deviations printed in the memo; the appendix has all


@dataclass(frozen=True)
class Check:
    """One line of the panel. `good` False asks the reader to look."""

    title: str
    text: str
    good: bool


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
    approved = f" and approved by {prose(record.approved_by)}" if record.approved_by else ""
    before = record.locked_at <= record.draw.drawn_at
    text = (
        f"The plan was locked by {prose(record.locked_by)}{approved} on {day_of(record.locked_at)}; "
        f"the lots were drawn on {day_of(record.draw.drawn_at)}."
    )
    return Check("Locked before the draw" if before else "Locked after the draw", text, before)


def _drawn(record: MemoRecord) -> Check:
    draw = record.draw
    counts = f"{counted(draw.locks, 'lock')}, {counted(draw.freezes, 'freeze')} of the list"
    title = f"Draw {draw.draws} of {draw.draws}"
    if draw.replayed:
        text = f"{counts}. The lots were drawn elsewhere and read in: rct cannot vouch for them."
        return Check(title, text, False)
    if draw.beacon:
        return Check(title, f"{counts}. Public randomness was used: {visible(draw.beacon)}.", True)
    text = f"{counts}. No public randomness: the office could have tried several draws in private."
    return Check(title, text, True)


def _balance(record: MemoRecord) -> list[Check]:
    balance = record.balance
    if balance is None or balance.p_value is None:
        return []
    differences = [abs(d) for row in balance.rows for d in row.normalized if d is not None]
    largest = f"; the largest difference is {max(differences):.2f} standard deviations" if differences else ""
    p = f"({show.p_value(balance.p_value, USUAL)}){largest}."
    if balance.p_value >= USUAL:
        return [Check("Groups alike at the start", f"As alike as lots usually make them {p}", True)]
    often = (
        "less alike than lots usually make them" if balance.p_value >= RARE else "far less alike than by lot"
    )
    return [Check("Groups differ at the start", f"The groups were {often} {p}", False)]


def _missing(record: MemoRecord) -> list[Check]:
    outcome = record.definition.primary[0]
    rows = [o for o in record.outcomes if o.outcome == outcome and o.drawn > 0]
    if not rows:
        return []
    drawn, missing = sum(o.drawn for o in rows), sum(o.missing for o in rows)
    what = record.definition.outcomes[outcome]
    if missing == 0:
        rule = " (a unit without a record counts as zero, as planned)" if what.missing == "zero" else ""
        return [Check("No missing outcomes", f"Every one of the {drawn:,} units has an outcome{rule}.", True)]
    shares = sorted(rows, key=lambda o: o.missing / o.drawn)
    low, high = shares[0], shares[-1]
    text = (
        f"{counted(missing, 'unit')} of {drawn:,} ({show.percent(missing / drawn)})"
        f" {'has' if missing == 1 else 'have'} no outcome, from {show.percent(low.missing / low.drawn)}"
        f" ({_label(record, low.arm)}) to {show.percent(high.missing / high.drawn)}"
        f" ({_label(record, high.arm)})."
    )
    return [Check("Missing outcomes", text, not _lopsided(record, outcome))]


def _ratio(record: MemoRecord) -> list[Check]:
    said = []
    for test in record.sample_ratio:
        if test.p_value is None or test.outcome not in record.definition.primary:
            continue
        name = quoted(record.definition.outcomes[test.outcome].label)
        p = show.p_value(test.p_value)
        if test.p_value < RARE:
            text = f"For {name}, outcomes came back in other proportions than were drawn ({p}): find out why."
            said.append(Check("Sample ratio off", text, False))
        elif test.outcome == record.definition.primary[0]:
            text = f"Outcomes came back in the proportions that were drawn ({p})."
            said.append(Check("Sample ratio as drawn", text, True))
    return said


def _clusters(record: MemoRecord) -> list[Check]:
    rows = main_rows(record.results, record.definition.primary[0])
    few = [r.df for r in rows if r.n_clusters is not None and r.df is not None and r.df < FEW_DF]
    if not few:
        return []
    text = f"The interval rests on {show.degrees(min(few))} degrees of freedom: too few clusters to lean on."
    return [Check("Few clusters", text, False)]


def _blocks(record: MemoRecord) -> list[Check]:
    if record.merged_blocks == 0:
        return []
    of = f" of {record.blocks:,}" if record.blocks is not None else ""
    text = f"{record.merged_blocks:,}{of} blocks were small and were joined, by the rule fixed in advance."
    return [Check("Small blocks", text, True)]


def _amendments(record: MemoRecord) -> list[Check]:
    before = [a for a in record.amendments if not a.after_draw]
    if not before:
        return []
    reasons = listed([f"“{prose(a.reason)}”" for a in before[:LISTED]])
    more = f" and {len(before) - LISTED} more" if len(before) > LISTED else ""
    times = "once" if len(before) == 1 else counted(len(before), "time")
    text = f"The plan was changed {times} before the draw: {reasons}{more}."
    return [Check("Plan amended", text, True)]


def _deviations(record: MemoRecord) -> Check:
    found: Sequence[str] = [sentence(prose(d.text)) for d in record.deviations]
    if not found:
        return Check(
            "No deviations", "The software found no difference between the plan and what was done.", True
        )
    more = len(found) - LISTED
    text = " ".join(found[:LISTED]) + (f" {more} more: see the appendix." if more > 0 else "")
    return Check(counted(len(found), "deviation"), text, False)


def _lopsided(record: MemoRecord, outcome: str) -> bool:
    return any(
        t.outcome == outcome and t.p_value is not None and t.p_value < RARE for t in record.sample_ratio
    )


def _label(record: MemoRecord, arm: str) -> str:
    return quoted(record.definition.arms[arm].label)
