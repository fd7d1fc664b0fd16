"""How far to trust it: each check in plain words, and whether it is as it should be. The numbers of the tests
behind them are in the appendix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rct.errors import visible
from rct.estimate.checks import RATIO_WARNS
from rct.kinds import kind_of
from rct.language import listed, number, t, tn
from rct.report import suppress
from rct.report.memo.cautions import LATE, bounds_of
from rct.report.record import DeviationRecord, MemoRecord
from rct.report.words import numbers as show
from rct.report.words.deviating import told
from rct.report.words.finding import findings, leading, main_rows
from rct.report.words.phrases import day_of, prose, quoted, sentence

USUAL = 0.05  # p-values of balance: often enough by lot
FEW_DF = 4.5  # four, where sums of squares leave 3.9999 or 4.0001
REASONS = 3  # reasons of amendments before the draw that are named
ROOM = 600  # characters of deviations that the page has room for; the appendix has all
# The gravest first; the memo always prints these.
ALWAYS = ("amended_after_results", "early", "clock_wrong", "amended_late", "drawn_elsewhere")
LONG = 300  # characters of one deviation
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
        *_early_end(record),
        *_cut(record),
        *_clusters(record),
        *_fragile(record),
        *_apart(record),
        *_blocks(record),
        *_amendments(record),
        _deviations(record),
        *_office_notes(record),
    ]


def _locked(record: MemoRecord) -> Check:
    values = {
        "person": prose(record.locked_by),
        "second": prose(record.approved_by or ""),
        "day": day_of(record.locked_at),
        "drawn": day_of(record.draw.drawn_at),
    }
    locked = (
        t("{person} locked the plan on {day}, approved by {second}.", **values)
        if record.approved_by
        else t("{person} locked the plan on {day}.", **values)
    )
    codes = {d.code for d in record.deviations}
    if "locked_after_start" in codes:
        locked += " " + t("That was after the trial's start.")
    if "locked_after_date" in codes:
        locked += " " + t("That was after the day set for the analysis.")
    before = record.locked_at <= record.draw.drawn_at
    good = before and codes.isdisjoint({"locked_after_start", "locked_after_date"})
    if record.draw.replayed and before:
        title = t("Planned before the groups were read in") if good else t("Not planned before the start")
        when = t("The groups were read in on {drawn}; when they were made is not known here.", **values)
        return Check(title, f"{locked} {when}", good, note=True)
    if not before:
        title = t("Planned after the draw")
    elif not good:
        title = t("Not planned before the start")
    else:
        title = t("Planned before the draw")
    drawn = (
        t("A draw that was made elsewhere was taken over on {drawn}.", **values)
        if record.draw.replayed
        else t("The lots were drawn on {drawn}.", **values)
    )
    return Check(title, f"{locked} {drawn}", good)


def _drawn(record: MemoRecord) -> Check:
    draw = record.draw
    counts = [
        tn("The plan was locked once.", "The plan was locked {count} times.", draw.locks),
        tn("The list was loaded once.", "The list was loaded {count} times.", draw.freezes),
    ]
    if draw.replayed:
        counts.append(t("Whether the groups were made by lot, this software cannot say."))
        return Check(t("Groups made elsewhere"), " ".join(counts), False)
    title = t("Draw {number} of {number}", number=draw.draws)
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


def _balance(record: MemoRecord) -> list[Check]:
    balance = record.balance
    if balance is None or balance.p_value is None:
        text = t("The list held nothing by which to compare them.")
        return [Check(t("Groups not compared at the start"), text, True, True)]
    if balance.p_value >= USUAL:
        return [Check(t("Groups alike at the start"), t("As alike as lots usually make them."), True)]
    text = (
        t("They were less alike than lots usually make them. See the appendix.")
        if balance.p_value >= RATIO_WARNS
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
        left_out = _left_out(record, outcome)
        if left_out is not None:
            return [left_out]
        if what.missing != "zero":
            text = t("All {drawn} on the list were followed to the end.", drawn=number(drawn))
            if not some_apart(record):
                return [Check(t("No one is missing"), text, True)]
            return [Check(t("No outcome is missing"), f"{text} {_but_apart(record)}", True, True)]
        if kind_of(what.kind).yes_no:
            text = t(
                "Who is in no record counts as no. Whether the records are whole, only the office knows."
            )
        else:
            text = t(
                "Who is in no record counts as zero. Whether the records are whole, only the office knows."
            )
        if some_apart(record):
            return [Check(t("No outcome is missing"), f"{text} {_but_apart(record)}", True, True)]
        return [Check(t("No one is left out"), text, True, True)]
    shares = sorted(rows, key=lambda o: o.missing / o.drawn)
    low, high = shares[0], shares[-1]
    values = {
        "missing": f"{missing:,}",
        "drawn": f"{drawn:,}",
        "share": show.percent(missing / drawn),
        "low": show.percent(low.missing / low.drawn),
        "few": _label(record, low.arm),
        "high": show.percent(high.missing / high.drawn),
        "many": _label(record, high.arm),
    }
    text = t("{missing} of {drawn} ({share}) have no outcome.", **values)
    spread = t("It is {low} with {few} and {high} with {many}.", **values)
    lines = [text, spread, *_rows_refused(record, outcome)]
    uneven = outcome in record.uneven
    if uneven:
        lines.append(t("Lots alone hardly make so wide a gap: who is missing may hang on the version."))
        lines += _bounded(record)
    return [Check(t("Some are missing"), " ".join(lines), not uneven), *_named_badly(record, outcome)]


def _rows_refused(record: MemoRecord, outcome: str) -> list[str]:
    if not any(r.outcome == outcome and r.units for r in record.refused_rows):
        return []
    return [t("Rows of some were refused: what they said is not known.")]


def _bounded(record: MemoRecord) -> list[str]:
    """How far the missing could move the figure that the answer speaks of, where it is printed."""
    arms = findings(record, record.decision.outcome, suppress.withheld(record))
    top = leading(arms, record.decision.best)
    bounds_record = bounds_of(record, top.row.arm)
    if bounds_record is None or not top.shown:
        return []
    span = top.scale.of_levels.span(bounds_record.low, bounds_record.high)
    return [
        t(
            "Had all those missing gone one way or the other, the difference could be anywhere: {span}.",
            span=span,
        )
    ]


def _named_badly(record: MemoRecord, outcome: str) -> list[Check]:
    """Whom the records leave out, where that asks for a look; beside those who are missing it is no good news at all."""
    left_out = _left_out(record, outcome)
    return [] if left_out is None or left_out.good else [left_out]


def _left_out(record: MemoRecord, outcome: str) -> Check | None:
    """What to say where a unit that no record names counts as no or zero; None where that is as it should be."""
    naming = next((n for n in record.naming if n.outcome == outcome), None)
    if naming is None or naming.named == naming.drawn:
        return None
    counts = next(n.named for n in suppress.published_naming(record) if n.outcome == outcome)
    yes_no = kind_of(record.definition.outcomes[outcome].kind).yes_no
    if naming.refused:
        text = t("The files list people, and leave out more of some groups than of others.")
        fix = t("Whom they leave out counts as no.") if yes_no else t("Whom they leave out counts as zero.")
        return Check(t("Records leave people out"), f"{text} {fix}", False)
    if naming.lopsided:
        text = t("One group is nearly absent from the records.")
        ask = t("Find out whether records of every group were asked for.")
        return Check(t("Records may lack a group"), f"{text} {ask}", False)
    if naming.doubtful:
        text = t("They say no of a few, and name more people of some groups than of others.")
        ask = t("If they list people, whom they leave out counts as no.")
        return Check(t("Records may leave people out"), f"{text} {ask}", False)
    if naming.lists == "people" and naming.named:
        if counts is None:
            text = t("They are few or nearly all, so their number is not shown.")
        else:
            left = naming.drawn - counts
            text = t("Records leave out {left} of {drawn}.", left=number(left), drawn=number(naming.drawn))
        as_none = t("They count as no.") if yes_no else t("They count as zero.")
        return Check(t("Some are in no record"), f"{text} {as_none}", True, True)
    return None


def _early_end(record: MemoRecord) -> list[Check]:
    """Records of the deciding outcome that stop before its window does."""
    coverage = next((c for c in record.coverage if c.outcome == record.decision.outcome), None)
    if coverage is None:
        return []
    sentences = []
    if coverage.last is not None:
        sentences.append(
            t(
                "The last day in the records is {last}, and days up to {end} count.",
                last=day_of(coverage.last),
                end=day_of(coverage.end),
            )
        )
    if coverage.loaded is not None:
        sentences.append(
            t(
                "They were loaded on {loaded}, before the last day that counts, {end}.",
                loaded=day_of(coverage.loaded),
                end=day_of(coverage.end),
            )
            if coverage.last is None
            else t("They were loaded on {loaded}.", loaded=day_of(coverage.loaded))
        )
    return [Check(t("Records end early"), " ".join(sentences), False)]


def _cut(record: MemoRecord) -> list[Check]:
    """Records of the deciding outcome that stop for one arm alone; neither which nor when, which would count its people."""
    if record.decision.outcome not in record.cut:
        return []
    text = t("After its last day the other groups still have many; by lot it would have some of them.")
    ask = t("Find out whether the records of every group reach as far.")
    return [Check(t("Records of one group end early"), f"{text} {ask}", False)]


def _ratio(record: MemoRecord) -> list[Check]:
    checks = []
    deciding = record.decision.outcome
    for test in record.sample_ratio:
        if test.p_value is None or test.outcome not in record.definition.primary:
            continue
        name = quoted(record.definition.outcomes[test.outcome].label)
        if test.p_value < RATIO_WARNS:
            text = t(
                "For {outcome}, outcomes came back in other shares than were drawn. Find out why.",
                outcome=name,
            )
            checks.append(Check(t("Group sizes are off"), text, False))
        elif test.outcome == deciding and deciding not in record.uneven:
            checks.append(
                Check(_as_drawn(record), t("Outcomes came back in the shares that were drawn."), True)
                if not record.draw.replayed
                else Check(_as_drawn(record), t("Outcomes came back in the shares of the groups."), True)
            )
    whole = all(o.missing == 0 for o in record.outcomes if o.outcome == deciding)
    whole = whole and not some_apart(record)  # what is missing says then who is compared with nobody
    if not checks and whole and not any(n.refused for n in record.naming if n.outcome == deciding):
        everyone = (
            t("Everyone in the groups is compared.")
            if record.draw.replayed
            else t("Everyone who was drawn is compared.")
        )
        checks.append(Check(_as_drawn(record), everyone, True))
    return checks


def _as_drawn(record: MemoRecord) -> str:
    return t("Group sizes as read in") if record.draw.replayed else t("Group sizes as drawn")


def _clusters(record: MemoRecord) -> list[Check]:
    rows = main_rows(record.results, record.decision.outcome)
    few = [r.df for r in rows if r.n_clusters is not None and r.df is not None and r.df < FEW_DF]
    if not few:
        return []
    return [Check(t("Few groups"), t("Too few groups were drawn to lean on the interval."), False)]


def _fragile(record: MemoRecord) -> list[Check]:
    rows = main_rows(suppress.published(record), record.decision.outcome)
    codes = {code for r in rows for code in r.reasons}
    if not codes or (codes == {"few_clusters"} and _clusters(record)):  # its own line says so
        return []
    return [Check(t("A fragile comparison"), t("The usual test can mislead here: see the answer."), False)]


def some_apart(record: MemoRecord) -> bool:
    """Whether people with a known outcome lie in blocks without comparison: withheld figures tell that too."""
    return any(r.n_without_comparison for r in main_rows(record.results, record.decision.outcome))


def _number_apart(record: MemoRecord) -> int | None:
    """How many they are, over all groups; None where that is too few, or told of withheld figures, to print."""
    outcome = record.decision.outcome
    rows = main_rows(suppress.published(record), outcome)
    flows = [o for o in record.outcomes if o.outcome == outcome]
    if not rows or any(None in (r.n_arm, r.n_control, r.n_without_comparison) for r in rows):
        return None
    if any(suppress.observed(record, o) is None for o in flows):
        return None
    compared = {r.arm: r.n_arm or 0 for r in rows} | {r.control: r.n_control or 0 for r in rows}
    # A comparison of two groups counts its own two: the sum over the groups is what the memo speaks of.
    count = sum(o.drawn - o.missing - compared[o.arm] for o in flows if o.arm in compared)
    return count if count >= record.threshold else None


def _but_apart(record: MemoRecord) -> str:
    count = _number_apart(record)
    if count is None:
        return t("But some people are compared with nobody: see the blocks below.")
    return t("But {count} people are compared with nobody: see the blocks below.", count=number(count))


def _apart(record: MemoRecord) -> list[Check]:
    """Blocks where nobody of another arm is left to compare with: of their people no number speaks."""
    if not some_apart(record):
        return []
    count = _number_apart(record)
    text = t("In some blocks one group has nobody left to compare with.")
    left = (
        t("The people there are left out.")
        if count is None
        else t("{count} people there are left out.", count=number(count))
    )
    return [Check(t("Blocks without comparison"), f"{text} {left}", False)]


def _blocks(record: MemoRecord) -> list[Check]:
    if record.merged_blocks == 0 or some_apart(record):
        return []
    joined = f"{record.merged_blocks:,}"
    if record.draw.replayed:
        text = t(
            "{joined} of {blocks} blocks were joined to others, by this software's rule for small blocks.",
            joined=joined,
            blocks=number(record.blocks or record.merged_blocks),
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
    text = (
        tn(
            "The plan was changed once before the groups were read in: {reasons}.",
            "The plan was changed {count} times before the groups were read in: {reasons}.",
            len(before),
            reasons=reasons,
        )
        if record.draw.replayed
        else tn(
            "The plan was changed once before the draw: {reasons}.",
            "The plan was changed {count} times before the draw: {reasons}.",
            len(before),
            reasons=reasons,
        )
    )
    if late:
        text += " " + t("It was changed again later: see the deviations.")
    return [Check(t("Plan amended"), text, not late)]


def _deviations(record: MemoRecord) -> Check:
    late_lock = any(d.code in LATE for d in record.deviations)
    # The late lock has its own line above.
    deviation_records = sorted((d for d in record.deviations if d.code not in LATE), key=_gravity)
    if not deviation_records and late_lock:
        return Check(t("Else done as planned"), t("But for the late lock, it was done as planned."), True)
    if not deviation_records:
        return Check(t("Done as planned"), t("What was done is what the plan said."), True)
    sentences = _that_fit(deviation_records)
    more = len(deviation_records) - len(sentences)
    if more > 0:
        sentences = [
            *sentences,
            tn("{count} more is in the appendix.", "{count} more are in the appendix.", more),
        ]
    return Check(
        tn("{count} deviation", "{count} deviations", len(record.deviations)), " ".join(sentences), False
    )


def _office_notes(record: MemoRecord) -> list[Check]:
    """What the office wrote down for this page, in its own words, the first first; what has no room is in the appendix."""
    notes = [n for n in record.office_notes if n.memo]
    if not notes:
        return []
    texts: list[str] = []
    for each in notes:
        text = t("{day}: {note}", day=day_of(each.time), note=sentence(prose(each.text)))
        if texts and sum(map(len, texts)) + len(text) > ROOM:
            break
        texts.append(text)
    more = len(notes) - len(texts)
    if more:
        texts.append(tn("{count} more is in the appendix.", "{count} more are in the appendix.", more))
    title = tn("{count} note of the office", "{count} notes of the office", len(notes))
    return [Check(title, " ".join(texts), True, True)]


def _gravity(deviation: DeviationRecord) -> int:
    """What touches the result most comes first."""
    if deviation.code in _GRAVITY:
        return _GRAVITY.index(deviation.code)
    return len(_GRAVITY)


def _that_fit(deviation_records: Sequence[DeviationRecord]) -> list[str]:
    """Late amendments and early looks, all of them, and of the others what the page has room for, in the order given."""
    texts = [_short(told(d)) for d in deviation_records]
    always = [d.code in ALWAYS for d in deviation_records]
    left = ROOM - sum(len(text) for text, kept in zip(texts, always, strict=True) if kept)
    sentences = []
    for text, kept in zip(texts, always, strict=True):
        if not kept:
            left -= len(text)
        if kept or left >= 0:
            sentences.append(text)
    return sentences


def _short(text: str) -> str:
    """A long text by its beginning and its end: the reason comes first, what was changed last."""
    if len(text) <= LONG:
        return text
    return f"{text[: LONG // 2].rstrip()} … {text[-LONG // 2 :].lstrip()}"


def _label(record: MemoRecord, arm: str) -> str:
    return quoted(record.definition.arms[arm].label)
