"""The pre-analysis plan as a document, from which an outsider could run the analysis."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from rct.audit import known
from rct.definition.resolve import arm_templates
from rct.definition.sending import sending
from rct.errors import visible
from rct.kinds import kind_of
from rct.language import day, listed, number, phrase, retold, spoken, t, tn
from rct.report import suppress
from rct.report.blocks import (
    Block,
    Bullets,
    Doc,
    FactsBlock,
    FormulaBlock,
    Heading,
    Letters,
    LetterText,
    NoteBlock,
    Para,
    TableBlock,
)
from rct.report.memo.apart import letter_pictures
from rct.report.plan import method, procedure
from rct.report.plan.adaptation import adaptation_blocks
from rct.report.plan.asked import asked
from rct.report.plan.plainness import plainness
from rct.report.plan.reading import reading
from rct.report.printers import letters
from rct.report.printers.pdf import unix
from rct.report.record import Amendment, Flow, FrameFacts, LetterRecord, MemoRecord, PlanRecord
from rct.report.words import numbers as show
from rct.report.words.phrases import moment, piece, prose, quoted, sentence
from rct.report.words.references import cited

if TYPE_CHECKING:
    from rct.definition import Definition
    from rct.definition.model import Outcome

REASONS = {
    "not_eligible": phrase("not eligible"),
    "opted_out": phrase("opted out"),
    "blank_line": phrase("blank line"),
}


def plan_doc(record: PlanRecord) -> Doc:
    """The plan: question, arms, letters, list, draw, outcomes, analysis, rule, dates, people, amendments."""
    definition = record.definition
    sections: list[tuple[str, list[Block]]] = [
        (t("Summary"), _summary(record)),
        (t("Why this trial"), _why(definition)),
        *_adapted(record),
        (t("What is tried"), _arms(record)),
        (t("Who takes part"), _who(record)),
        (t("How the lots are drawn"), _draw(record)),
        (t("What is measured"), _outcomes(record)),
        (t("How it is analyzed"), _analysis(record)),
        (t("The decision rule"), [Bullets(tuple(method.decision(definition)))]),
        (t("What the trial can find"), _power(record)),
        (t("Dates"), _dates(record)),
        (t("People, ethics and privacy"), _people(record)),
        (t("Changes to this plan"), _changes(record.amendments)),
        (t("How to check this plan"), _checking(record)),
    ]
    blocks: list[Block] = [NoteBlock(sentence(prose(retold(w)))) for w in record.warnings]
    blocks += asked(record)
    for place, (title, content) in enumerate(sections, 1):
        blocks.append(Heading(2, f"{place}. {title}", f"s{place}"))
        blocks += content
    references = cited([*_texts(blocks), *record.power])
    if references:
        blocks += [Heading(2, t("References"), "references"), Bullets(references)]
    title = prose(definition.trial.title)
    return Doc(
        title=t("Pre-analysis plan: {title}", title=title),
        subtitle=_subtitle(record),
        blocks=tuple(blocks),
        footer=(
            t("Head of the log: {head}", head=show.in_fours(record.head)),
            *(
                [t("Head of the workspace's log: {head}", head=show.in_fours(record.workspace_head))]
                if record.workspace_head
                else []
            ),
            t("Plan hash: {hash}", hash=show.in_fours(record.plan_hash)),
        ),
        running=t(
            "Plan {name} · head {head}",
            name=record.name,
            head=show.in_fours(record.head.removeprefix("sha256:")[:16]),
        ),
        time=unix(record.amendments[-1].time if record.amendments else record.locked_at),
        banner=banner(practice=record.practice, simulated=record.simulated),
        meta=head_meta(record),
        paper=record.paper,
        lang=spoken().code,
    )


def head_meta(record: PlanRecord | MemoRecord) -> tuple[tuple[str, str], ...]:
    """The heads and the plan's hash, for programs that read a page."""
    beside = [("rct-workspace-head", record.workspace_head)] if record.workspace_head else []
    return (("rct-head", record.head), *beside, ("rct-plan-hash", record.plan_hash))


def banner(*, practice: bool, simulated: bool) -> str | None:
    """What stands on top of every page of a trial that isn't real."""
    if practice and simulated:
        return t("PRACTICE, with SIMULATED data: not a real trial, and no real people.")
    if practice:
        return t("PRACTICE: not a real trial.")
    return t("SIMULATED data: no real people.") if simulated else None


def _adapted(record: PlanRecord) -> list[tuple[str, list[Block]]]:
    adaptation = record.adaptation
    return (
        []
        if adaptation is None
        else [(t("What is adapted"), adaptation_blocks(adaptation, record.definition))]
    )


def _subtitle(record: PlanRecord) -> str:
    place = f"{prose(record.city)}. " if record.city else ""
    values = {"person": prose(record.locked_by), "time": moment(record.locked_at)}
    if record.approved_by:
        approver = prose(record.approved_by)
        return place + t("Locked by {person} on {time}, approved by {approver}.", approver=approver, **values)
    return place + t("Locked by {person} on {time}.", **values)


def _summary(record: PlanRecord) -> list[Block]:
    definition = record.definition
    first = definition.outcomes[definition.primary[0]]
    arms = [a for a in definition.arms.values() if not a.control]
    control = definition.arms[definition.control]
    values = {
        "arms": listed([quoted(a.label) for a in arms]),
        "control": quoted(control.label),
        "outcome": quoted(first.label),
        "day": day(definition.analysis.date),
    }
    sentences = [sentence(prose(definition.trial.title))]
    if _replayed(record):
        sentences.append(
            tn(
                "{arms} is compared with {control}, in groups that were made elsewhere.",
                "{arms} are compared with {control}, in groups that were made elsewhere.",
                len(arms),
                **values,
            )
        )
    else:
        sentences.append(
            tn(
                "{arms} is compared with {control} by lot.",
                "{arms} are compared with {control} by lot.",
                len(arms),
                **values,
            )
        )
    if record.frame:
        sentences.append(t("{units} units are on the list.", units=number(record.frame.flow.units)))
    sentences.append(t("What counts is {outcome}. Nobody sees results by arm before {day}.", **values))
    return [
        Para(" ".join(sentences)),
        FactsBlock(
            (
                (t("Trial"), record.name),
                (t("Plan hash (SHA-256 of plan.json)"), show.in_fours(record.plan_hash)),
                (
                    t("Seed commitment (the seed was not used)")
                    if _replayed(record)
                    else t("Seed commitment"),
                    show.in_fours(record.seed_commitment),
                ),
                (t("Head of the log"), show.in_fours(record.head)),
                *(
                    [(t("Head of the workspace's log"), show.in_fours(record.workspace_head))]
                    if record.workspace_head
                    else []
                ),
            )
        ),
    ]


def _why(definition: Definition) -> list[Block]:
    trial = definition.trial
    rows = [
        (t("Question"), prose(trial.title)),
        (t("Problem"), prose(trial.problem)),
        (t("Hypothesis"), prose(trial.hypothesis)),
        (t("Channel"), piece(trial.channel)),
    ]
    if trial.keywords:
        rows.append((t("Keywords"), ", ".join(visible(k) for k in trial.keywords)))
    return [FactsBlock(tuple(rows))]


_NOT_MADE = {
    "elsewhere": phrase("made elsewhere"),
    "unknown": phrase("not by this software"),
    "nothing": phrase("nothing is sent"),
}


def _arms(record: PlanRecord) -> list[Block]:
    definition = record.definition
    whole = sum(definition.shares)
    rows = []
    senders = sending(definition, replayed=_replayed(record))
    for (name, arm), share in zip(definition.arms.items(), definition.shares, strict=True):
        cost = "" if arm.unit_cost is None else show.money(arm.unit_cost, record.currency)
        sent = listed([visible(path) for path in arm_templates(arm)]) or t(_NOT_MADE[senders[name]])
        label = visible(arm.label)
        label = t("{arm} (control)", arm=label) if arm.control else label
        rows.append((name, label, str(share), str(Fraction(share, whole)), sent, cost))
    blocks: list[Block] = [
        TableBlock(
            t("Arms of the trial, in the order that the draw uses, with exact probabilities"),
            (t("Arm"), t("Version"), t("Share"), t("Probability"), t("What is sent"), t("Cost each")),
            tuple(rows),
            (False, False, True, True, False, True),
        ),
    ]
    if record.proofs:
        blocks.append(
            Letters(
                t("The letters, as an invented recipient gets them"),
                letter_pictures(definition, record.proofs),
            )
        )
    for letter in record.letters:
        blocks += _letter(definition, letter)
    plain = plainness(record.letters)
    if plain:
        blocks += [Heading(3, t("Plain language"), "plain"), *plain]
    return blocks


def _letter(definition: Definition, letter: LetterRecord) -> list[Block]:
    used = [quoted(a.label) for a in definition.arms.values() if letter.path in arm_templates(a)]
    values = {"file": visible(letter.path), "arms": listed(used), "hash": letter.sha256}
    digest = Para(t("SHA-256 of {file}: {hash}", **values))
    if letter.text is None:
        return [Para(t("Picture {file}, fixed by its hash.", **values)), digest]
    title = t("Full text of {file}, sent to {arms}", **values) if used else t("Full text of {file}", **values)
    source = "\n".join(visible(line) for line in letter.text.replace("\r\n", "\n").split("\n"))
    return [LetterText(title, letters.tree(letter.text), source), digest]


def _who(record: PlanRecord) -> list[Block]:
    definition = record.definition
    frame = definition.frame
    columns = [
        (
            t("Identifier of a unit"),
            t("{column}, pseudonymized; it never leaves the office", column=quoted(frame.id)),
        ),
        (
            t("Who is eligible"),
            visible(frame.eligible.replace("\n", " ")) if frame.eligible else t("everyone on the list"),
        ),
        (
            t("Opt-out"),
            t("rows with a yes in {column} are left out", column=quoted(frame.opt_out))
            if frame.opt_out
            else t("no column"),
        ),
        (t("Covariates (numbers)"), _names(frame.covariates)),
        (t("Categories (text)"), _names(frame.categories)),
        (
            t("Contact details"),
            t("{columns}; kept encrypted, apart from all results", columns=_names(frame.contact))
            if frame.contact
            else t("none"),
        ),
        *reading(definition),
    ]
    blocks: list[Block] = [
        FactsBlock(tuple(columns)),
        Para(
            t(
                "Rows that are not eligible, opted out or blank are excluded and counted with the reason. A defective "
                "row (such as a duplicate identifier) stops the load, or is refused with a reason and counted."
            )
        ),
    ]
    return [*blocks, *_frame(record.frame, record.threshold)] if record.frame else blocks


def left_out_rows(flow: Flow, threshold: int, all_rows: str) -> list[tuple[str, str]]:
    """Rows of the file, excluded by reason, refused: as they may be printed."""
    left = suppress.exclusions(flow, threshold)
    told = [(all_rows, left.rows)]
    told += [
        (t("Excluded: {reason}", reason=t(REASONS[code]) if code in REASONS else visible(code)), n)
        for code, n in left.excluded.items()
    ]
    told.append((t("Refused as defective"), left.refused))
    return [(what, show.count_or_withheld(n)) for what, n in told]


def _frame(facts: FrameFacts, threshold: int) -> list[Block]:
    flow = facts.flow
    rows = left_out_rows(flow, threshold, t("Rows in the file"))
    rows.append((t("Units on the list"), number(flow.units)))
    if flow.clusters is not None:
        rows.append((t("Clusters"), number(flow.clusters)))
    if facts.blocks:
        sizes = [n for _, n in facts.blocks]
        few = min(sizes) < threshold
        values = {
            "blocks": number(len(sizes)),
            "least": t("fewer than {count}", count=threshold) if few else number(min(sizes)),
            "most": number(max(sizes)),
        }
        rows.append((t("Blocks"), t("{blocks}, from {least} to {most} units", **values)))
        if facts.merged_blocks:
            rows.append((t("Blocks joined by the rule for small blocks"), number(facts.merged_blocks)))
    rows += [
        (
            t("List frozen"),
            tn(
                "{time}; {count} freeze so far",
                "{time}; {count} freezes so far",
                facts.freezes,
                time=moment(facts.frozen_at),
            ),
        ),
        (t("Hash of the list"), show.in_fours(facts.frame_hash)),
    ]
    return [FactsBlock(tuple(rows)), *(NoteBlock(sentence(prose(retold(w)))) for w in facts.warnings)]


def _replayed(record: PlanRecord) -> bool:
    return record.draw is not None and record.draw.replayed


def _draw(record: PlanRecord) -> list[Block]:
    definition = record.definition
    if record.draw is not None and record.draw.replayed:
        sentences = procedure.scheme(definition, replayed=True)
        return [Bullets(tuple(sentences)), Para(procedure.drawn(record.draw, definition))]
    blocks: list[Block] = [
        Bullets(tuple(procedure.scheme(definition))),
        *procedure.steps(record.name, definition, record.seed_commitment),
    ]
    if record.draw is not None:
        blocks.append(Para(procedure.drawn(record.draw, definition)))
    return blocks


def _outcomes(record: PlanRecord) -> list[Block]:
    definition = record.definition
    blocks: list[Block] = []
    for place, (name, what) in enumerate(definition.outcomes.items(), 1):
        rank = t("primary") if what.primary else t("secondary")
        if name == definition.primary[0]:
            rank = t("primary; this one decides")
        rows = [
            (t("Label"), visible(what.label)),
            (t("Rank"), rank),
            (t("Kind"), t(kind_of(what.kind).meaning)),
            (t("Better"), t("higher") if what.direction == "increase" else t("lower")),
            (t("Column in the outcomes file"), quoted(what.column)),
            (t("Value of a unit"), _value(definition, name)),
            (t("When a unit has no outcome"), _missing(definition, name)),
        ]
        if what.benefit is not None:
            worth = show.money(float(what.benefit), record.currency)
            rows.append(
                (t("Worth of one more") if what.direction == "increase" else t("Worth of one fewer"), worth)
            )
        blocks += [
            Heading(3, t("Outcome {number}: {name}", number=place, name=name), f"outcome{place}"),
            FactsBlock(tuple(rows)),
        ]
    return blocks


def _value(definition: Definition, name: str) -> str:
    what = definition.outcomes[name]
    end = definition.window_end(name)
    start = day(definition.trial.start)
    window = ""
    if end:
        told = {"start": start, "end": day(end), "days": what.window_days}
        window = t("{start} (day 0) to {end} (day {days}), both included", **told)
    column = quoted(what.column)
    if what.rows == "unit":
        sentences = [
            t("one row for each unit, dated by {date}", date=quoted(what.date_column))
            if what.date_column
            else t("one row for each unit")
        ]
        if window:
            sentences += [
                t("the value of {column}", column=column),
                t("a date outside {window} is a defect", window=window),
            ]
        else:
            sentences.append(t("the value of {column}, final", column=column))
        return "; ".join([*sentences, *_outsiders(what)])
    how = {
        "any": t(
            "yes if any row counts in which {column} is yes (without that column: any row)", column=column
        ),
        "count": t("the number of rows that count"),
        "sum": t("the sum of {column} over the rows that count", column=column),
    }[what.aggregate or "sum"]
    return "; ".join(
        [
            t("any number of rows for a unit, dated by {date}", date=quoted(what.date_column))
            if what.date_column
            else t("any number of rows for a unit"),
            t("rows dated {window} count, for every arm alike", window=window)
            if window
            else t("every row counts"),
            how,
            *_outsiders(what),
        ]
    )


def _outsiders(what: Outcome) -> list[str]:
    passed = t("rows of people who are not in the trial are counted and passed over")
    return [passed] if what.outsiders == "pass" else []


def _missing(definition: Definition, name: str) -> str:
    if definition.outcomes[name].missing == "zero":
        return t("it counts as zero (no record means that it did not happen)")
    return t(
        "it is left out of the analysis of this outcome, in whichever arm it was drawn to; the number is reported by arm "
        "and tested for a difference between arms"
    )


def _analysis(record: PlanRecord) -> list[Block]:
    definition = record.definition
    blocks: list[Block] = [Heading(3, t("Estimates and their uncertainty"), "estimates")]
    for step in method.estimation(definition):
        blocks.append(Para(step.text))
        if step.formula:
            blocks.append(FormulaBlock(step.formula))
    blocks.append(Para(method.notation(definition)))
    for title, anchor, sentences in (
        (t("Covariates"), "covariates", method.covariates(definition)),
        (t("Several comparisons"), "multiplicity", method.multiplicity(definition)),
        (t("Subgroups"), "subgroups", method.subgroups(definition)),
        (t("Checks"), "checks", method.checks(definition)),
        (t("What is published"), "published", [publication(record.threshold)]),
    ):
        blocks += [Heading(3, title, anchor), Bullets(tuple(sentences))]
    return blocks


def publication(threshold: int) -> str:
    """The suppression rule in words."""
    return t(
        "Figures that rest on fewer than {threshold} people in a group, or on fewer than {threshold} with or without the "
        "outcome, are withheld from memo and appendix, and so are the figures from which they could be worked out.",
        threshold=threshold,
    )


def _power(record: PlanRecord) -> list[Block]:
    if record.power:
        return [Bullets(tuple(prose(retold(s)) for s in record.power))]
    return [Para(t("No expectation was stated, so nothing is said about what this trial can find."))]


def _dates(record: PlanRecord) -> list[Block]:
    rows = tuple((d.isoformat(), prose(retold(what))) for d, what in record.calendar)
    return [TableBlock(t("Calendar"), (t("Day"), t("What")), rows, (False, False))]


def _people(record: PlanRecord) -> list[Block]:
    trial = record.definition.trial
    rows = [
        (t("Owner"), prose(trial.owner)),
        (t("Analyst"), prose(trial.analyst)),
        (t("Locked by"), prose(record.locked_by)),
        (t("Approved by"), prose(record.approved_by) if record.approved_by else t("nobody else")),
        (t("Ethics"), prose(trial.ethics)),
        (t("What was known of the data at the lock"), known.sentence(record.known)),
    ]
    if trial.retain_until is not None:
        rows.append((t("Names and addresses deleted by"), day(trial.retain_until)))
    sentences = [
        *(sentence(prose(retold(s))) for s in record.concealment),
        t(
            "After the draw the office knows the assignment. rct shows nothing by arm before {day}; a person who holds "
            "both files could join them by hand.",
            day=day(record.definition.analysis.date),
        ),
    ]
    return [FactsBlock(tuple(rows)), Bullets(tuple(sentences))]


_LATE = {
    "": "",
    "draw": phrase("This came after the draw: a deviation."),
    "outcomes": phrase("This came after the first outcome: a deviation. What it adds is exploratory."),
    "analysis": phrase("This came after results were seen: a deviation. What it adds is exploratory."),
}


def _changes(amendments: Sequence[Amendment]) -> list[Block]:
    if not amendments:
        return [Para(t("None. A change after the draw, or after the first outcome, would be a deviation."))]
    return amendment_blocks(amendments)


def amendment_blocks(amendments: Sequence[Amendment]) -> list[Block]:
    """Each amendment with its reason and what it changed."""
    blocks: list[Block] = []
    for place, amendment in enumerate(amendments, 1):
        late = _LATE[amendment.after]
        said = t(
            "Amendment {number}, {time}, by {person}. Reason: {reason}",
            number=place,
            time=moment(amendment.time),
            person=prose(amendment.person),
            reason=sentence(prose(amendment.reason)),
        )
        blocks.append(Para(f"{said} {t(late)}" if late else said))
        rows = tuple((visible(c.field), prose(c.old), prose(c.new)) for c in amendment.changes)
        blocks.append(
            TableBlock(
                t("What amendment {number} changed", number=place),
                (t("Field"), t("Before"), t("After")),
                rows,
                (False, False, False),
            )
        )
    return blocks


def _checking(record: PlanRecord) -> list[Block]:
    return [
        Bullets(
            (
                t(
                    "The plan hash is the SHA-256 of plan.json, which holds the definition with its defaults and the "
                    "SHA-256 of every letter. A changed letter or number changes it; a comment does not."
                ),
                t(
                    "{command} tests the registry against the head printed here. A registry that was rewritten disagrees "
                    "with this paper.",
                    command=f"rct verify {record.name} --head sha256:…",
                ),
                t("Send the head to two people outside the team on the day of the lock."),
            )
        )
    ]


def _names(columns: Sequence[str]) -> str:
    return listed([quoted(c) for c in columns]) or t("none")


def _texts(blocks: Sequence[Block]) -> list[str]:
    found: list[str] = []
    for block in blocks:
        if isinstance(block, Para):
            found.append(block.text)
        elif isinstance(block, Bullets):
            found += block.items
    return found
