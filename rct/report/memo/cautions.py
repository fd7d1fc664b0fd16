"""Cautions that stand beside the verdict: why a reader may not lean on it as on an honest trial's.

A verdict is one word, and who reads one word reads no list of checks. What makes the word doubtful stands right before
it, in memo, terminal and site alike, each caution in one sentence; the checks and the deviations tell the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

from rct.language import SOURCE, number, speaking, t
from rct.report.memo.rule import rule_changes
from rct.report.record import BoundsRecord, MemoRecord
from rct.report.words.finding import main_rows, sign_of

MOST = 4  # cautions that the page has room for
LATE = {"locked_after_start", "locked_after_date"}


def cautions(record: MemoRecord) -> list[str]:
    """What stands beside the verdict: what came too late first, then what the records lack. () of an honest trial."""
    sentences = [
        *_too_late(record),
        *_rule_changed(record),
        *_outcomes_changed(record),
        *_cut(record),
        *_lopsided(record),
        *_refused(record),
        *_unnamed(record),
        *_ended(record),
    ]
    if len(sentences) <= MOST:
        return sentences
    return [*sentences[:MOST], t("More cautions stand below.")]


def cautions_in_english(record: MemoRecord) -> list[str]:
    """The same for what is always in English: terminal, appendix and site."""
    with speaking(SOURCE.code):
        return cautions(record)


def bounds_of(record: MemoRecord, arm: str) -> BoundsRecord | None:
    """The worst-case bounds of an arm on the outcome that decides, where they were asked for."""
    deciding = record.decision.outcome
    return next((b for b in record.bounds if b.outcome == deciding and b.arm == arm), None)


def _too_late(record: MemoRecord) -> Iterator[str]:
    codes = {d.code for d in record.deviations}
    if codes & LATE or record.locked_at > record.draw.drawn_at:
        yield t("Caution: the plan was locked late.")
    if "early" in codes:
        yield t("Caution: results were seen before their date.")
    if "clock_wrong" in codes:
        yield t("Caution: a clock was wrong.")
    if record.draw.replayed:
        yield t("Caution: the groups were made elsewhere.")


def _rule_changed(record: MemoRecord) -> Iterator[str]:
    """What the verdict rests on (alpha, the least worth having, the outcome that decides) was another when it counted."""
    when = {a.after for a in record.amendments if rule_changes(record, a)}
    if "analysis" in when:
        yield t("Caution: the rule was changed after results were seen.")
    elif "outcomes" in when:
        yield t("Caution: the rule was changed after outcomes came in.")


def _outcomes_changed(record: MemoRecord) -> Iterator[str]:
    if record.after_results == "corrected":
        yield t("Caution: outcomes were corrected after results were seen.")
    elif record.after_results == "added":
        yield t("Caution: outcomes were added after results were seen.")


def _cut(record: MemoRecord) -> Iterator[str]:
    if record.decision.outcome in record.cut:
        yield t("Caution: the records of one group end before those of others.")


def _lopsided(record: MemoRecord) -> Iterator[str]:
    if record.decision.outcome not in record.lopsided:
        return
    if record.decision.verdict == "adapt" or _survives(record):
        yield t("Caution: more of one group are missing than lots would make.")
    else:
        yield t("Caution: more of one group are missing than lots would make; the difference may be theirs.")


def _least(record: MemoRecord, sign: int) -> float | None:
    """The least worthwhile effect in the outcome's unit, which the bounds are in; of a ratio at the control's level."""
    scale = record.definition.estimator.scale
    rows = main_rows(record.results, record.decision.outcome)
    control = next((r.mean_control for r in rows if r.mean_control is not None), None)
    more = scale.more(control, scale.at_gain(float(record.definition.decision.worthwhile), sign))
    return None if more is None else sign * more


def _survives(record: MemoRecord) -> bool:
    """Whether the verdict stands whatever the missing did: the version to adopt helps, those to drop gain too little."""
    decision = record.decision
    sign = sign_of(record.definition, decision.outcome)
    arms = [decision.best] if decision.best is not None else [a.arm for a in decision.arms]
    bounds_records = [bounds_of(record, arm) for arm in arms]
    least = _least(record, sign)
    gains = [sorted((sign * b.low, sign * b.high)) for b in bounds_records if b is not None]
    if len(gains) < len(arms):
        return False
    if decision.verdict == "adopt":
        return all(low > 0 for low, _ in gains)
    return all(high < least for _, high in gains) if least is not None else False


def _refused(record: MemoRecord) -> Iterator[str]:
    """Refused rows that may hold the outcome of someone who now counts as no."""
    rows = next((r.unplaced for r in record.refused_rows if r.outcome == record.decision.outcome), 0)
    if not rows or record.definition.outcomes[record.decision.outcome].missing != "zero":
        return
    if rows >= record.threshold:
        yield t("Caution: of {count} refused rows it is not known whose they are.", count=number(rows))
    else:
        yield t("Caution: of some refused rows it is not known whose they are.")


def _unnamed(record: MemoRecord) -> Iterator[str]:
    naming = next((n for n in record.naming if n.outcome == record.decision.outcome), None)
    if naming is None or naming.refused:  # then there is no verdict to lean on
        return
    if naming.lopsided:
        yield t("Caution: one group is nearly absent from the records.")
    elif naming.doubtful:
        yield t("Caution: the records may leave out people of some groups.")


def _ended(record: MemoRecord) -> Iterator[str]:
    if any(c.outcome == record.decision.outcome for c in record.coverage):
        yield t("Caution: the records end early.")
