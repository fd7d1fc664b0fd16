"""The memo: one page for leadership. `view` says what stands in it; every format prints the same view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rct.definition.resolve import arm_templates
from rct.report import chart, suppress
from rct.report import numbers as show
from rct.report.answer import answer, details
from rct.report.blocks import Block, Bullets, Doc, Heading, Note, Para, Picture, Table
from rct.report.finding import Finding, Standing, findings, headline
from rct.report.glyphs import drawable
from rct.report.others import other_outcomes, subgroups
from rct.report.pdf import unix
from rct.report.plan import banner
from rct.report.record import MemoRecord, ResultRow
from rct.report.rule import agreed, next_steps, reasons, verdict
from rct.report.stakes import stakes
from rct.report.trust import Check, checks
from rct.report.words import day_of, moment, piece, prose, quoted


@dataclass(frozen=True)
class Section:
    """A part of the memo. `verdict` is the rule's one word, with `lead` behind it."""

    title: str
    texts: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()
    table: Table | None = None
    checks: tuple[Check, ...] = ()
    verdict: str = ""
    lead: str = ""


@dataclass(frozen=True)
class MemoView:
    """Everything the memo says, as text."""

    title: str
    eyebrow: str
    answer: str
    details: tuple[str, ...]
    picture: Picture | None
    sections: tuple[Section, ...]
    footer: tuple[str, ...]
    running: str
    time: int
    banner: str | None
    meta: tuple[tuple[str, str], ...]
    crowded: bool  # many arms: smaller type in print


def view(record: MemoRecord) -> MemoView:
    """The memo's words, chart and table. ValueError where a stored verdict contradicts the results."""
    withheld = suppress.withheld(record)
    arms = findings(record, record.decision.outcome, withheld)
    top = headline(record, arms)
    return MemoView(
        title=prose(record.definition.trial.title),
        eyebrow=_eyebrow(record),
        answer=answer(record, arms, top),
        details=tuple(details(record, arms, top)),
        picture=picture(record, arms),
        sections=tuple(_sections(record, arms, top, withheld)),
        footer=(
            f"Head of the log: {show.in_fours(record.head)}",
            f"Plan hash: {show.in_fours(record.plan_hash)}",
            f"Trial {record.name}. Compare the head: rct verify {record.name} --head sha256:…",
        ),
        running=f"Memo {record.name}",
        time=unix(record.analyzed_at),
        banner=banner(practice=record.practice, simulated=record.simulated),
        meta=(("rct-head", record.head), ("rct-plan-hash", record.plan_hash)),
        crowded=len(arms) > chart.CROWDED,
    )


def picture(record: MemoRecord, arms: Sequence[Finding]) -> Picture | None:
    """The chart of the arms on the outcome that decides."""
    drawn = chart.arms_chart(arms, float(record.definition.decision.worthwhile), best=record.decision.best)
    if drawn is None:
        return None
    first = next(f for f in arms if f.shown)
    level = first.interval.partition(" ")[0]
    # The diamond is explained only where one is drawn.
    best = (
        " Diamond: the version to adopt." if any(b.strong and b.value is not None for b in drawn.bars) else ""
    )
    caption = (
        f"Bars: {level} intervals of the difference from {first.control} (solid line). A bar across the line"
        f" could be chance. Dotted line: the least effect worth adopting.{best}"
    )
    return Picture(
        chart.draw(drawn, "arms"), chart.draw(drawn, "arms", drawable), chart.alt_text(arms), caption
    )


def memo_data(memo: MemoView) -> dict[str, object]:
    """The view as plain dictionaries, for the page and for typst."""
    return asdict(memo)


def memo_doc(memo: MemoView) -> Doc:
    """The view as blocks, for Markdown."""
    blocks: list[Block] = [Note(memo.answer), *(Para(text) for text in memo.details)]
    if memo.picture:
        blocks.append(memo.picture)
    for number, section in enumerate(memo.sections):
        blocks.append(Heading(2, section.title, f"m{number}"))
        if section.verdict:
            blocks.append(Para(f"{section.verdict}: {section.lead}"))
        blocks += [Para(text) for text in section.texts]
        if section.table:
            blocks.append(section.table)
        items = (*section.bullets, *(f"{_mark(c)} {c.title}. {c.text}" for c in section.checks))
        if items:
            blocks.append(Bullets(items))
    return Doc(
        memo.title, memo.eyebrow, tuple(blocks), memo.footer, memo.running, memo.time, memo.banner, memo.meta
    )


def _mark(check: Check) -> str:
    return "OK:" if check.good else "LOOK:"


def _eyebrow(record: MemoRecord) -> str:
    place = f"{prose(record.city)} · " if record.city else ""
    again = f" (analysis {record.run})" if record.run > 1 else ""
    return (
        f"{place}Memo · {day_of(record.analyzed_at)}{again} · {prose(record.definition.trial.owner)} · "
        f"analysis by {prose(record.analyzed_by)}"
    )


def _sections(
    record: MemoRecord, arms: Sequence[Finding], top: Finding, withheld: frozenset[ResultRow]
) -> list[Section]:
    trial = record.definition.trial
    decided = {finding.row.arm: said for finding, said in zip(arms, reasons(record, arms), strict=True)}
    _, _, reason = decided[top.row.arm]
    of = f"{top.arm}: " if len(arms) > 1 and record.decision.best is None else ""
    lead = f"{verdict(record, arms)} {of}{reason}"
    sections = [
        Section("What was tried, and why", (prose(trial.problem),), table=_tried(record, arms)),
        Section(
            "The agreed rule, and what it says",
            (agreed(record, top.scale),),
            verdict=record.decision.verdict.upper(),
            lead=lead,
        ),
        Section("In people and money", tuple(stakes(record, top))),
    ]
    rest = [*other_outcomes(record, top, withheld), *subgroups(record, top, withheld)]
    if rest:
        sections.append(Section(f"Also planned, for {top.arm}", bullets=tuple(rest)))
    sections.append(Section("How far to trust it", checks=tuple(checks(record))))
    sections.append(Section("What to do next", (" ".join(next_steps(record, arms, top)),)))
    return [s for s in sections if s.texts or s.bullets or s.checks or s.table or s.verdict]


def _tried(record: MemoRecord, arms: Sequence[Finding]) -> Table:
    """What each arm was and how it did: the numbers of the answer and of the chart once more."""
    by_arm = {f.row.arm: f for f in arms}
    drawn = dict(record.draw.units)
    costs = any(arm.unit_cost is not None for arm in record.definition.arms.values())
    level = next((f" ({f.interval.partition(' ')[0]} interval)" for f in arms if f.shown), "")
    rows = []
    for name, arm in record.definition.arms.items():
        sent = piece(record.definition.trial.channel) if arm_templates(arm) else "nothing"
        cost = "" if arm.unit_cost is None else show.money(arm.unit_cost, record.currency)
        outcome, gap = _result(by_arm.get(name), arms)
        label = quoted(arm.label) + (" (comparison)" if arm.control else "")
        said = next((a.verdict for a in record.decision.arms if a.arm == name), "")
        rows.append((label, sent, f"{drawn[name]:,}", *([cost] if costs else []), outcome, gap, said))
    header = (
        *("Version", "Sent", "Units"),
        *(["Each"] if costs else []),
        *("Result", f"Difference{level}", "Rule says"),
    )
    caption = f"What was tried, and {arms[0].outcome}{'' if arms[0].scale.binary else ' on average'}"
    right = (False, False, True, *([True] if costs else []), True, True, False)
    return Table(caption, header, tuple(rows), right)


def _result(finding: Finding | None, arms: Sequence[Finding]) -> tuple[str, str]:
    first = next((f for f in arms if f.shown), None)
    if first is None or first.row.mean_control is None:
        level = None
    else:
        level = first.row.mean_control
    if finding is None:
        # A control whose own count is too small has no shown arm beside it.
        return ("" if first is None or level is None else first.scale.level(level)), ""
    if not finding.shown:
        return "", "withheld" if finding.standing is Standing.WITHHELD else "none"
    control = finding.row.mean_control
    gap = f"{finding.scale.signed(finding.estimate)} ({finding.scale.ends(finding.low, finding.high)})"
    return ("" if control is None else finding.scale.level(control + finding.estimate)), gap


def run_line(record: MemoRecord) -> str:
    """When and by whom the analysis was run."""
    return f"Analysis {record.run}, run on {moment(record.analyzed_at)} by {prose(record.analyzed_by)}."
