"""The memo: one page for leadership. `view` says what stands in it; every format prints the same view.

The answer comes first. Behind it stand the four questions of the Office of Evaluation Sciences (GSA): what was
the challenge, what did we change, how did we test it, what did we find.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rct.language import day, listed, speaking, spoken, t, tn
from rct.registry.results import Result
from rct.report import suppress
from rct.report.blocks import (
    Block,
    Bullets,
    Doc,
    Heading,
    LetterPicture,
    Letters,
    NoteBlock,
    Para,
    Picture,
    TableBlock,
)
from rct.report.figures import chart
from rct.report.memo.answer import answer, details, notes
from rct.report.memo.apart import apart_from, letter_pictures
from rct.report.memo.cautions import cautions
from rct.report.memo.others import never_reached, other_outcomes, subgroups, weak_groups
from rct.report.memo.rule import (
    agreed,
    changed_after_results,
    next_steps,
    passes,
    reasons,
    rule_word,
    tag,
    verdict,
)
from rct.report.memo.stakes import stakes
from rct.report.memo.trust import Check, checks, some_apart
from rct.report.plan.document import banner, head_meta
from rct.report.printers.glyphs import drawable
from rct.report.printers.pdf import unix
from rct.report.record import MemoRecord
from rct.report.words import numbers as show
from rct.report.words.elsewhere import sent_words
from rct.report.words.finding import Finding, Standing, findings, gap_of, headline
from rct.report.words.phrases import day_of, moment, number_word, prose, quoted, sentence

NAMED = 3  # versions named in one sentence


@dataclass(frozen=True)
class Section:
    """A part of the memo."""

    title: str
    texts: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()
    table: TableBlock | None = None
    checks: tuple[Check, ...] = ()
    letters: tuple[LetterPicture, ...] = ()


@dataclass(frozen=True)
class MemoView:
    """Everything the memo says, as text. `verdict` is the rule's one word, with `lead` behind it."""

    title: str
    eyebrow: str
    answer: str
    verdict: str
    lead: str
    details: tuple[str, ...]
    picture: Picture | None
    sections: tuple[Section, ...]
    notes: tuple[str, ...]
    footer: tuple[str, ...]
    running: str
    time: int
    banner: str | None
    meta: tuple[tuple[str, str], ...]
    crowded: bool  # many arms: smaller type in print
    lang: str
    paper: str
    good: str  # the word of a check that is as it should be, and of one that isn't
    look: str
    note: str  # of one that is, with a reservation
    page: str  # `Page` on the PDF
    apart: str  # over the letters: what stands beside each picture

    def mark(self, check: Check) -> str:
        """The word before a check."""
        return self.look if not check.good else self.note if check.note else self.good

    def running_text(self) -> list[str]:
        """Every paragraph that a reader reads: all but title, table, small print and what is behind a picture."""
        sentences = [self.answer, self.lead, *self.details]
        for part in self.sections:
            sentences += [*part.texts, *part.bullets, *(f"{c.title}. {c.text}" for c in part.checks)]
        return sentences


def view(record: MemoRecord) -> MemoView:
    """The memo's words, chart and table. ValueError where a stored verdict contradicts the results."""
    withheld = suppress.withheld(record)
    arms = findings(record, record.decision.outcome, withheld)
    top = headline(record, arms)
    return MemoView(
        title=prose(record.definition.trial.title),
        eyebrow=_eyebrow(record),
        answer=_answer(record, arms, top),
        verdict=tag(record.decision.verdict),
        lead=_lead(record, arms, top),
        details=tuple(details(record, arms, top)),
        picture=picture(record, arms),
        sections=tuple(_sections(record, arms, top, withheld)),
        notes=tuple(notes(record, top)),
        footer=(
            t("Head of the log: {head}", head=show.in_fours(record.head)),
            *_workspace_head(record),
            t("Plan hash: {hash}", hash=show.in_fours(record.plan_hash)),
            t("Trial {name}. Compare the head: {command}", name=record.name, command=_command(record)),
        ),
        running=t("Memo {name}", name=record.name),
        time=unix(record.analyzed_at),
        banner=banner(practice=record.practice, simulated=record.simulated),
        meta=head_meta(record),
        crowded=len(arms) > chart.CROWDED,
        lang=spoken().code,
        paper=record.paper,
        good=t("OK"),
        look=t("LOOK"),
        note=t("NOTE"),
        page=t("Page"),
        apart=apart_from(record.proofs),
    )


def picture(record: MemoRecord, arms: Sequence[Finding]) -> Picture | None:
    """The chart of the arms on the outcome that decides."""
    drawn = chart.arms_chart(arms, float(record.definition.decision.worthwhile), best=record.decision.best)
    if drawn is None:
        return None
    first = next(f for f in arms if f.shown)
    values = {"level": first.level, "control": first.control}
    caption = [
        t("Bars: {level} intervals of the difference from {control} (solid line).", **values),
        t("A bar across the line could be chance."),
        *(
            [t("A point without a bar has no interval.")]
            if any(f.shown and not f.bounded for f in arms)
            else []
        ),
        t("Dotted line: the least gain worth having."),
    ]
    # The diamond is explained only where one is drawn.
    if any(b.strong and b.value is not None for b in drawn.bars):
        caption.append(t("Diamond: the version to adopt."))
    language = spoken().code

    def pixels() -> bytes:
        with speaking(language):
            return chart.draw_png(drawn, drawable)

    def drawing(plain: chart.Plain) -> str:
        with speaking(language):
            return chart.draw(drawn, "arms", plain)

    return Picture(drawing, chart.alt_text(arms), " ".join(caption), pixels)


def memo_data(memo: MemoView) -> dict[str, Any]:
    """The view as plain dictionaries, for the page and for typst."""
    picture = memo.picture.as_data() if memo.picture else None
    return {**asdict(replace(memo, picture=None)), "picture": picture}


def memo_doc(memo: MemoView) -> Doc:
    """The view as blocks, for Markdown."""
    blocks: list[Block] = [NoteBlock(memo.answer), Para(f"{memo.verdict}: {memo.lead}")]
    blocks.append(Para(" ".join(memo.details)))
    if memo.picture:
        blocks.append(memo.picture)
    for number, section in enumerate(memo.sections):
        blocks.append(Heading(2, section.title, f"m{number}"))
        blocks += [Para(text) for text in section.texts]
        if section.letters:
            blocks.append(Letters(memo.apart, section.letters))
        if section.table:
            blocks.append(section.table)
        marked = (f"{memo.mark(c)}: {c.title}. {c.text}" for c in section.checks)
        items = (*section.bullets, *marked)
        if items:
            blocks.append(Bullets(items))
    if memo.notes:
        blocks.append(Para(" ".join(memo.notes)))
    return Doc(
        memo.title, memo.eyebrow, tuple(blocks), memo.footer, memo.running, memo.time, memo.banner, memo.meta,
        memo.paper,
    )  # fmt: skip


def _eyebrow(record: MemoRecord) -> str:
    trial = record.definition.trial
    again = " (" + t("analysis {number}", number=record.run) + ")" if record.run > 1 else ""
    parts = [
        prose(record.city),
        t("Memo"),
        f"{day_of(record.analyzed_at)}{again}",
        prose(trial.owner),
        t("analysis by {person}", person=prose(record.analyzed_by)),
    ]
    return " · ".join(part for part in parts if part)


def _command(record: MemoRecord) -> str:
    return f"rct verify {record.name} --head sha256:…"


def _workspace_head(record: MemoRecord) -> list[str]:
    if not record.workspace_head:
        return []
    return [t("Head of the workspace's log: {head}", head=show.in_fours(record.workspace_head))]


def _answer(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> str:
    said = answer(record, arms, top)
    if top.row.role != "confirmatory":
        hint = t(
            "This is exploratory: it was not planned so before outcomes came in. Read it as a hint, not as proof."
        )
        return f"{said} {hint}"
    if not changed_after_results(record):
        return said
    hint = t("The rule was changed after results were seen: read this as a hint, not as proof.")
    return f"{said} {hint}"


def _lead(record: MemoRecord, arms: Sequence[Finding], top: Finding) -> str:
    decided = {finding.row.arm: said for finding, said in zip(arms, reasons(record, arms), strict=True)}
    _, _, reason = decided[top.row.arm]
    if len(arms) > 1 and record.decision.best is None:
        reason = f"{top.arm}: {reason[0].lower()}{reason[1:]}"
    return " ".join([*cautions(record), verdict(record, arms), reason])


def _sections(
    record: MemoRecord, arms: Sequence[Finding], top: Finding, withheld: frozenset[Result]
) -> list[Section]:
    steps = [*([] if _overruled(record) else next_steps(record, arms, top)), *_care(record, top)]
    rest = [*other_outcomes(record, top, withheld), *subgroups(record, top, withheld), *never_reached(record)]
    return [
        Section(t("What was the challenge?"), (sentence(prose(record.definition.trial.problem)),)),
        Section(
            t("What did we change?"),
            (_changed(arms),),
            letters=letter_pictures(record.definition, record.proofs),
        ),
        Section(t("How did we test it?"), (" ".join(_tested(record)),), checks=tuple(checks(record))),
        Section(
            t("What did we find?"),
            (" ".join(stakes(record, top)),) if top.shown else (),
            tuple(rest),
            _results(record, arms),
        ),
        Section(
            t("What to do next"),
            (
                *_decided(record),
                *([" ".join(steps)] if steps else []),
                agreed(record, top.scale),
            ),
        ),
    ]


def _overruled(record: MemoRecord) -> bool:
    """Whether people decided otherwise than the rule says: then what to do is what they decided."""
    return record.decided is not None and record.decided.verdict != record.decision.verdict


def _care(record: MemoRecord, top: Finding) -> list[str]:
    return weak_groups(record, top) if record.decision.best == top.row.arm else []


def _changed(arms: Sequence[Finding]) -> str:
    values = {"control": arms[0].control, "count": number_word(len(arms))}
    if len(arms) > NAMED:
        return t("We tried {count} versions against {control}. The table below names them.", **values)
    return t("We tried {arms} against {control}.", arms=listed([f.arm for f in arms]), **values)


def _tested(record: MemoRecord) -> list[str]:
    definition = record.definition
    what = definition.outcomes[record.decision.outcome]
    values = {
        "total": f"{sum(n for _, n in record.draw.units):,}",
        "groups": number_word(len(definition.arms)),
        "outcome": quoted(what.label),
        "start": day(definition.trial.start),
    }
    sentences = [
        t("The {total} on the list were in {groups} groups made elsewhere, one for each version.", **values)
        if record.draw.replayed
        else t(
            "A lottery split the {total} on the list into {groups} groups, one for each version.", **values
        )
    ]
    if definition.design.clusters:
        shared = quoted(definition.design.clusters)
        sentences.append(t("Those who share a {shared} got the same version.", shared=shared))
    if what.window_days is None:
        sentences.append(t("Then we compared {outcome}.", **values))
    else:
        sentences.append(
            tn(
                "Then we compared {outcome}, counted for one day from {start}.",
                "Then we compared {outcome}, counted for {count} days from {start}.",
                what.window_days,
                **values,
            )
        )
    return sentences


def _decided(record: MemoRecord) -> list[str]:
    decided = record.decided
    if decided is None:
        return []
    values = {
        "day": day_of(decided.time),
        "person": prose(decided.person),
        "verdict": rule_word(decided.verdict),
        "rule": rule_word(record.decision.verdict),
    }
    said = (
        t("Decided on {day} by {person}: {verdict}, as the rule said.", **values)
        if decided.verdict == record.decision.verdict
        else t("Decided on {day} by {person}: {verdict}, though the rule said {rule}.", **values)
    )
    return [f"{said} {sentence(prose(decided.note))}".strip()]


def _results(record: MemoRecord, arms: Sequence[Finding]) -> TableBlock:
    """What each arm was and how it did: the numbers of the answer and of the chart once more."""
    by_arm = {f.row.arm: f for f in arms}
    drawn = dict(record.draw.units)
    costs = any(arm.unit_cost is not None for arm in record.definition.arms.values())
    level = next((f.level for f in arms if f.shown), None)
    rows = []
    for name, arm in record.definition.arms.items():
        cost = "" if arm.unit_cost is None else show.money(arm.unit_cost, record.currency)
        outcome, gap = _result(by_arm.get(name), arms)
        label = quoted(arm.label)
        label = t("{arm} (comparison)", arm=label) if arm.control else label
        said = (*([cost] if costs else []), outcome, gap, passes(record, name))
        rows.append((label, sent_words(record, name), f"{drawn[name]:,}", *said))
    header = (
        *(t("Version"), t("Sent"), t("Number")),
        *([t("Each")] if costs else []),
        t("Result"),
        t("Difference") if level is None else t("Difference ({level} interval)", level=level),
        t("Rule says"),
    )
    values = {"outcome": arms[0].outcome}
    caption = (
        t("Every version, and {outcome}", **values)
        if arms[0].scale.binary
        else t("Every version, and {outcome} on average", **values)
    )
    if some_apart(record):
        # Without a number: beside those drawn it would tell of a few people in a block.
        caption += ". " + t("Number: all in the group, with those who are compared with nobody")
    right = (False, False, True, *([True] if costs else []), True, True, False)
    return TableBlock(caption, header, tuple(rows), right)


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
        return "", t("withheld") if finding.standing is Standing.WITHHELD else t("none")
    mine = finding.mean_arm
    return ("" if mine is None else finding.scale.level(mine)), gap_of(finding)


def run_line(record: MemoRecord) -> str:
    """When and by whom the analysis was run."""
    return t(
        "Analysis {number}, run on {time} by {person}.",
        number=record.run,
        time=moment(record.analyzed_at),
        person=prose(record.analyzed_by),
    )
