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
from rct.language import day, listed, t
from rct.report import suppress
from rct.report.blocks import (
    Block,
    Bullets,
    Doc,
    Facts,
    Formula,
    Heading,
    Letters,
    LetterText,
    Note,
    Para,
    Table,
)
from rct.report.memo.apart import letter_pictures
from rct.report.plan import method, procedure
from rct.report.plan.adaptation import adaptation_blocks
from rct.report.plan.asked import asked
from rct.report.plan.plainness import plainness
from rct.report.printers import letters
from rct.report.printers.pdf import unix
from rct.report.record import Amendment, Flow, FrameFacts, Letter, MemoRecord, PlanRecord
from rct.report.words import numbers as show
from rct.report.words.phrases import counted, moment, piece, prose, quoted, sentence
from rct.report.words.references import cited

if TYPE_CHECKING:
    from rct.definition import Definition

REASONS = {
    "not_eligible": "not eligible",
    "opted_out": "opted out",
    "blank_line": "blank line",
}


def plan_doc(record: PlanRecord) -> Doc:
    """The plan: question, arms, letters, list, draw, outcomes, analysis, rule, dates, people, amendments."""
    definition = record.definition
    sections: list[tuple[str, list[Block]]] = [
        ("Summary", _summary(record)),
        ("Why this trial", _why(definition)),
        *_adapted(record),
        ("What is tried", _arms(record)),
        ("Who takes part", _who(record)),
        ("How the lots are drawn", _draw(record)),
        ("What is measured", _outcomes(record)),
        ("How it is analyzed", _analysis(record)),
        ("The decision rule", [Bullets(tuple(method.decision(definition)))]),
        ("What the trial can find", _power(record)),
        ("Dates", _dates(record)),
        ("People, ethics and privacy", _people(record)),
        ("Changes to this plan", _changes(record.amendments)),
        ("How to check this plan", _checking(record)),
    ]
    blocks: list[Block] = [Note(sentence(prose(w))) for w in record.warnings]
    blocks += asked(record)
    for number, (title, content) in enumerate(sections, 1):
        blocks.append(Heading(2, f"{number}. {title}", f"s{number}"))
        blocks += content
    references = cited([*_texts(blocks), *record.power])
    if references:
        blocks += [Heading(2, "References", "references"), Bullets(references)]
    title = prose(definition.trial.title)
    return Doc(
        title=f"Pre-analysis plan: {title}",
        subtitle=_subtitle(record),
        blocks=tuple(blocks),
        footer=(
            f"Head of the log: {show.in_fours(record.head)}",
            *(
                [f"Head of the workspace's log: {show.in_fours(record.workspace_head)}"]
                if record.workspace_head
                else []
            ),
            f"Plan hash: {show.in_fours(record.plan_hash)}",
        ),
        running=f"Plan {record.name} · head {show.in_fours(record.head.removeprefix('sha256:')[:16])}",
        time=unix(record.amendments[-1].time if record.amendments else record.locked_at),
        banner=banner(practice=record.practice, simulated=record.simulated),
        meta=head_meta(record),
        paper=record.paper,
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
    found = record.adaptation
    return [] if found is None else [("What is adapted", adaptation_blocks(found, record.definition))]


def _subtitle(record: PlanRecord) -> str:
    approved = f", approved by {prose(record.approved_by)}" if record.approved_by else ""
    place = f"{prose(record.city)}. " if record.city else ""
    return f"{place}Locked by {prose(record.locked_by)} on {moment(record.locked_at)}{approved}."


def _summary(record: PlanRecord) -> list[Block]:
    definition = record.definition
    first = definition.outcomes[definition.primary[0]]
    arms = [a for a in definition.arms.values() if not a.control]
    control = definition.arms[definition.control]
    frame = f" {record.frame.flow.units:,} units are on the list." if record.frame else ""
    lot = ", in groups that were made elsewhere" if _replayed(record) else " by lot"
    return [
        Para(
            f"{sentence(prose(definition.trial.title))} {listed([quoted(a.label) for a in arms])}"
            f" {'is' if len(arms) == 1 else 'are'} compared with {quoted(control.label)}{lot}.{frame} What"
            f" counts is {quoted(first.label)}. Nobody sees results by arm before"
            f" {day(definition.analysis.date)}."
        ),
        Facts(
            (
                ("Trial", record.name),
                ("Plan hash (SHA-256 of plan.json)", show.in_fours(record.plan_hash)),
                (
                    f"Seed commitment{' (the seed was not used)' if _replayed(record) else ''}",
                    show.in_fours(record.seed_commitment),
                ),
                ("Head of the log", show.in_fours(record.head)),
                *(
                    [("Head of the workspace's log", show.in_fours(record.workspace_head))]
                    if record.workspace_head
                    else []
                ),
            )
        ),
    ]


def _why(definition: Definition) -> list[Block]:
    trial = definition.trial
    rows = [
        ("Question", prose(trial.title)),
        ("Problem", prose(trial.problem)),
        ("Hypothesis", prose(trial.hypothesis)),
        ("Channel", piece(trial.channel)),
    ]
    if trial.keywords:
        rows.append(("Keywords", ", ".join(visible(k) for k in trial.keywords)))
    return [Facts(tuple(rows))]


_NOT_MADE = {"elsewhere": "made elsewhere", "unknown": "not by this software", "nothing": "nothing is sent"}


def _arms(record: PlanRecord) -> list[Block]:
    definition = record.definition
    whole = sum(definition.shares)
    rows = []
    senders = sending(definition, replayed=_replayed(record))
    for (name, arm), share in zip(definition.arms.items(), definition.shares, strict=True):
        cost = "" if arm.unit_cost is None else show.money(arm.unit_cost, record.currency)
        sent = listed([visible(path) for path in arm_templates(arm)]) or _NOT_MADE[senders[name]]
        label = visible(arm.label) + (" (control)" if arm.control else "")
        rows.append((name, label, str(share), str(Fraction(share, whole)), sent, cost))
    blocks: list[Block] = [
        Table(
            "Arms of the trial, in the order that the draw uses, with exact probabilities",
            ("Arm", "Version", "Share", "Probability", "What is sent", "Cost each"),
            tuple(rows),
            (False, False, True, True, False, True),
        ),
    ]
    if record.proofs:
        blocks.append(
            Letters(
                "The letters, as an invented recipient gets them", letter_pictures(definition, record.proofs)
            )
        )
    for letter in record.letters:
        blocks += _letter(definition, letter)
    plain = plainness(record.letters)
    if plain:
        blocks += [Heading(3, "Plain language", "plain"), *plain]
    return blocks


def _letter(definition: Definition, letter: Letter) -> list[Block]:
    used = [quoted(a.label) for a in definition.arms.values() if letter.path in arm_templates(a)]
    title = f"{visible(letter.path)}{f', sent to {listed(used)}' if used else ''}"
    digest = Para(f"SHA-256 of {visible(letter.path)}: {letter.sha256}")
    if letter.text is None:
        return [Para(f"Picture {visible(letter.path)}, fixed by its hash."), digest]
    source = "\n".join(visible(line) for line in letter.text.replace("\r\n", "\n").split("\n"))
    return [LetterText(f"Full text of {title}", letters.tree(letter.text), source), digest]


def _who(record: PlanRecord) -> list[Block]:
    definition = record.definition
    frame = definition.frame
    columns = [
        ("Identifier of a unit", f"{quoted(frame.id)}, pseudonymized; it never leaves the office"),
        (
            "Who is eligible",
            visible(frame.eligible.replace("\n", " ")) if frame.eligible else "everyone on the list",
        ),
        (
            "Opt-out",
            f"rows with a yes in {quoted(frame.opt_out)} are left out" if frame.opt_out else "no column",
        ),
        ("Covariates (numbers)", _names(frame.covariates)),
        ("Categories (text)", _names(frame.categories)),
        (
            "Contact details",
            f"{_names(frame.contact)}; kept encrypted, apart from all results" if frame.contact else "none",
        ),
    ]
    blocks: list[Block] = [
        Facts(tuple(columns)),
        Para(
            "Rows that are not eligible, opted out or blank are excluded and counted with the reason. A"
            " defective row (such as a duplicate identifier) stops the load, or is refused with a reason and"
            " counted."
        ),
    ]
    return [*blocks, *_frame(record.frame, record.threshold)] if record.frame else blocks


def left_out_rows(flow: Flow, threshold: int, all_rows: str) -> list[tuple[str, str]]:
    """Rows of the file, excluded by reason, refused: as they may be printed."""
    left = suppress.exclusions(flow, threshold)
    told = [(all_rows, left.rows)]
    told += [(f"Excluded: {REASONS.get(code, visible(code))}", n) for code, n in left.excluded.items()]
    told.append(("Refused as defective", left.refused))
    return [(what, show.count_or_withheld(n)) for what, n in told]


def _frame(facts: FrameFacts, threshold: int) -> list[Block]:
    flow = facts.flow
    rows = left_out_rows(flow, threshold, "Rows in the file")
    rows.append(("Units on the list", f"{flow.units:,}"))
    if flow.clusters is not None:
        rows.append(("Clusters", f"{flow.clusters:,}"))
    if facts.blocks:
        sizes = [n for _, n in facts.blocks]
        least = f"fewer than {threshold}" if min(sizes) < threshold else f"{min(sizes):,}"
        rows.append(("Blocks", f"{len(sizes):,}, from {least} to {max(sizes):,} units"))
        if facts.merged_blocks:
            rows.append(("Blocks joined by the rule for small blocks", f"{facts.merged_blocks:,}"))
    rows += [
        ("List frozen", f"{moment(facts.frozen_at)}; {counted(facts.freezes, 'freeze')} so far"),
        ("Hash of the list", show.in_fours(facts.frame_hash)),
    ]
    return [Facts(tuple(rows)), *(Note(sentence(prose(w))) for w in facts.warnings)]


def _replayed(record: PlanRecord) -> bool:
    return record.draw is not None and record.draw.replayed


def _draw(record: PlanRecord) -> list[Block]:
    definition = record.definition
    if record.draw is not None and record.draw.replayed:
        said = procedure.scheme(definition, replayed=True)
        return [Bullets(tuple(said)), Para(procedure.drawn(record.draw, definition))]
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
    for number, (name, what) in enumerate(definition.outcomes.items(), 1):
        rank = "primary" if what.primary else "secondary"
        if name == definition.primary[0]:
            rank = "primary; this one decides"
        rows = [
            ("Label", visible(what.label)),
            ("Rank", rank),
            ("Kind", kind_of(what.kind).meaning),
            ("Better", "higher" if what.direction == "increase" else "lower"),
            ("Column in the outcomes file", quoted(what.column)),
            ("Value of a unit", _value(definition, name)),
            ("When a unit has no outcome", _missing(definition, name)),
        ]
        if what.benefit is not None:
            worth = show.money(float(what.benefit), record.currency)
            rows.append(
                ("Worth of one more" if what.direction == "increase" else "Worth of one fewer", worth)
            )
        blocks += [Heading(3, f"Outcome {number}: {name}", f"outcome{number}"), Facts(tuple(rows))]
    return blocks


def _value(definition: Definition, name: str) -> str:
    what = definition.outcomes[name]
    end = definition.window_end(name)
    start = day(definition.trial.start)
    window = f"{start} (day 0) to {day(end)} (day {what.window_days}), both included" if end else None
    dated = f", dated by {quoted(what.date_column)}" if what.date_column else ""
    if what.rows == "unit":
        text = f"one row for each unit{dated}; the value of {quoted(what.column)}"
        return f"{text}; a date outside {window} is a defect" if window else f"{text}, final"
    how = {
        "any": f"yes if any row counts in which {quoted(what.column)} is yes (without that column: any row)",
        "count": "the number of rows that count",
        "sum": f"the sum of {quoted(what.column)} over the rows that count",
    }[what.aggregate or "sum"]
    counts = f"rows dated {window} count, for every arm alike" if window else "every row counts"
    return f"any number of rows for a unit{dated}; {counts}; {how}"


def _missing(definition: Definition, name: str) -> str:
    if definition.outcomes[name].missing == "zero":
        return "it counts as zero (no record means that it did not happen)"
    return (
        "it is left out of the analysis of this outcome, in whichever arm it was drawn to; the number is"
        " reported by arm and tested for a difference between arms"
    )


def _analysis(record: PlanRecord) -> list[Block]:
    definition = record.definition
    blocks: list[Block] = [Heading(3, "Estimates and their uncertainty", "estimates")]
    for step in method.estimation(definition):
        blocks.append(Para(step.text))
        if step.formula:
            blocks.append(Formula(step.formula))
    blocks.append(Para(method.notation(definition)))
    for title, anchor, said in (
        ("Covariates", "covariates", method.covariates(definition)),
        ("Several comparisons", "multiplicity", method.multiplicity(definition)),
        ("Subgroups", "subgroups", method.subgroups(definition)),
        ("Checks", "checks", method.checks(definition)),
        ("What is published", "published", [publication(record.threshold)]),
    ):
        blocks += [Heading(3, title, anchor), Bullets(tuple(said))]
    return blocks


def publication(threshold: int) -> str:
    """The suppression rule in words."""
    return (
        f"Figures that rest on fewer than {threshold} people in a group, or on fewer than {threshold} with or"
        " without the outcome, are withheld from memo and appendix, and so are the figures from which they"
        " could be worked out."
    )


def _power(record: PlanRecord) -> list[Block]:
    if record.power:
        return [Bullets(tuple(prose(s) for s in record.power))]
    return [Para("No expectation was stated, so nothing is said about what this trial can find.")]


def _dates(record: PlanRecord) -> list[Block]:
    rows = tuple((d.isoformat(), prose(what)) for d, what in record.calendar)
    return [Table("Calendar", ("Day", "What"), rows, (False, False))]


def _people(record: PlanRecord) -> list[Block]:
    trial = record.definition.trial
    rows = [
        ("Owner", prose(trial.owner)),
        ("Analyst", prose(trial.analyst)),
        ("Locked by", prose(record.locked_by)),
        ("Approved by", prose(record.approved_by) if record.approved_by else "nobody else"),
        ("Ethics", prose(trial.ethics)),
        ("What was known of the data at the lock", known.sentence(record.known)),
    ]
    if trial.retain_until is not None:
        rows.append(("Names and addresses deleted by", day(trial.retain_until)))
    said = [
        *(sentence(prose(s)) for s in record.concealment),
        (
            "After the draw the office knows the assignment. rct shows nothing by arm before "
            f"{day(record.definition.analysis.date)}; a person who holds both files could join them by hand."
        ),
    ]
    return [Facts(tuple(rows)), Bullets(tuple(said))]


_LATE = {
    "": "",
    "draw": " This came after the draw: a deviation.",
    "outcomes": " This came after the first outcome: a deviation. What it adds is exploratory.",
    "analysis": " This came after results were seen: a deviation. What it adds is exploratory.",
}


def _changes(amendments: Sequence[Amendment]) -> list[Block]:
    if not amendments:
        return [Para("None. A change after the draw, or after the first outcome, would be a deviation.")]
    return amendment_blocks(amendments)


def amendment_blocks(amendments: Sequence[Amendment]) -> list[Block]:
    """Each amendment with its reason and what it changed."""
    blocks: list[Block] = []
    for number, amendment in enumerate(amendments, 1):
        after = _LATE[amendment.after]
        blocks.append(
            Para(
                f"Amendment {number}, {moment(amendment.time)}, by {prose(amendment.person)}. Reason: "
                f"{sentence(prose(amendment.reason))}{after}"
            )
        )
        rows = tuple((visible(c.field), prose(c.old), prose(c.new)) for c in amendment.changes)
        blocks.append(
            Table(
                f"What amendment {number} changed", ("Field", "Before", "After"), rows, (False, False, False)
            )
        )
    return blocks


def _checking(record: PlanRecord) -> list[Block]:
    return [
        Bullets(
            (
                (
                    "The plan hash is the SHA-256 of plan.json, which holds the definition with its defaults"
                    " and the SHA-256 of every letter. A changed letter or number changes it; a comment does"
                    " not."
                ),
                (
                    f"rct verify {record.name} --head sha256:… tests the registry against the head printed"
                    " here. A registry that was rewritten disagrees with this paper."
                ),
                "Send the head to two people outside the team on the day of the lock.",
            )
        )
    ]


def _names(columns: Sequence[str]) -> str:
    return listed([quoted(c) for c in columns]) or "none"


def _texts(blocks: Sequence[Block]) -> list[str]:
    found: list[str] = []
    for block in blocks:
        if isinstance(block, Para):
            found.append(block.text)
        elif isinstance(block, Bullets):
            found += block.items
    return found
