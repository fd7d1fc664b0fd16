"""The CONSORT 2025 checklist (Hopewell et al. 2025) filled from what the registry knows.

Each item names where plan, memo or appendix report it, or what a person must still write. An item is never called
reported because it usually would be: it is so only where the document has it. Items are told in our own words; the
numbers are the checklist's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rct.audit.known import NOT_STATED
from rct.definition.resolve import arm_templates
from rct.report.blocks import Block, Doc, Heading, Para, TableBlock
from rct.report.plan.document import banner
from rct.report.printers.pdf import unix
from rct.report.record import MemoRecord
from rct.report.words.elsewhere import who_sends
from rct.report.words.phrases import prose

Status = Literal["reported", "partly", "to write", "not applicable"]

REFERENCE = (
    "Hopewell S, Chan A-W, Collins GS, et al. CONSORT 2025 statement. PLOS Medicine 2025; 22(4): e1004587."
)


@dataclass(frozen=True)
class Place:
    """Where something stands: a document and the heading in it."""

    document: Literal["plan", "memo", "appendix"]
    heading: str

    def __str__(self) -> str:
        return self.document if not self.heading else f"{self.document}, “{self.heading}”"


@dataclass(frozen=True)
class ChecklistItem:
    """One line of the checklist. `missing`: what a person must still write, where anything is."""

    number: str
    section: str
    topic: str
    status: Status
    places: tuple[Place, ...] = ()
    missing: str = ""


@dataclass(frozen=True)
class ChecklistFacts:
    """What the checklist needs beyond the memo's record."""

    registered: tuple[tuple[str, str], ...]  # (registry, number)
    shared: bool  # a bundle was made of this trial
    known: str
    stopped: bool
    returned: bool  # what became of the pieces was loaded


def plan(heading: str) -> Place:
    return Place("plan", heading)


def appendix(heading: str) -> Place:
    return Place("appendix", heading)


MEMO = Place("memo", "")


def checklist(memo: MemoRecord, facts: ChecklistFacts) -> list[ChecklistItem]:
    """Every item, in the checklist's order."""
    return [*_opening(memo, facts), *_methods(memo), *_lots(memo), *_results(memo, facts), *_discussion()]


def _opening(memo: MemoRecord, facts: ChecklistFacts) -> list[ChecklistItem]:
    numbers = ", ".join(f"{prose(number)} ({registry})" for registry, number in facts.registered)
    data = (
        "The bundle holds plan, log, results and tables. Say who may have the office's rows, and how."
        if facts.shared
        else f"Nothing was shared yet: rct share {memo.name}. Say who may have the office's rows, and how."
    )
    head = "Title and abstract"
    science = "Open science"
    return [
        ChecklistItem(
            "1a",
            head,
            "called a randomized trial in its title",
            "to write",
            (),
            "Put the words 'randomized trial' into the title of what you publish.",
        ),
        ChecklistItem("1b", head, "structured summary", "reported", (MEMO, appendix("Summary"))),
        ChecklistItem(
            "2",
            science,
            f"public registration: {numbers}" if numbers else "public registration",
            "partly" if numbers else "to write",
            (),
            "Give the date and the address."
            if numbers
            else f"The log holds no registration: rct register {memo.name}, then --number.",
        ),
        ChecklistItem(
            "3",
            science,
            "protocol and plan of analysis",
            "partly",
            (plan(""),),
            "Say where others find plan.pdf.",
        ),
        ChecklistItem(
            "4",
            science,
            "sharing of data, code and materials",
            "partly" if facts.shared else "to write",
            (),
            data,
        ),
        ChecklistItem(
            "5a",
            science,
            "who paid, and their part in the trial",
            "to write",
            (),
            "Write who paid and what they decided.",
        ),
        ChecklistItem(
            "5b", science, "conflicts of interest", "to write", (), "Write them, or that there are none."
        ),
        ChecklistItem(
            "6",
            "Introduction",
            "background and reasons",
            "partly",
            (plan("Why this trial"),),
            "Add what earlier trials found.",
        ),
        ChecklistItem(
            "7",
            "Introduction",
            "aims, for benefits and harms",
            "partly",
            (plan("Why this trial"),),
            "The hypothesis names the benefit; write which harms were thought of.",
        ),
    ]


def _methods(memo: MemoRecord) -> list[ChecklistItem]:
    definition = memo.definition
    head = "Methods"
    late = any(a.after for a in memo.amendments)
    secondary = any(not o.primary for o in definition.outcomes.values())
    named = "primary and secondary outcomes" if secondary else "primary outcomes; no secondary one is planned"
    sent = any(arm_templates(a) for a in definition.arms.values())
    elsewhere = "elsewhere" in who_sends(memo).values()
    power = definition.power is not None
    return [
        ChecklistItem(
            "8",
            head,
            "part that residents had in the trial",
            "to write",
            (),
            "Write who was asked, and what changed.",
        ),
        ChecklistItem(
            "9",
            head,
            "design, ratio of the arms, aim",
            "reported",
            (plan("What is tried"), plan("How the lots are drawn")),
        ),
        ChecklistItem(
            "10",
            head,
            "changes after the start" if late else "changes after the start: none in the log",
            "reported",
            (appendix("Deviations and amendments"),),
        ),
        ChecklistItem(
            "11",
            head,
            "place and setting",
            "partly" if memo.city else "to write",
            (appendix("What each arm was"),),
            "Describe the office, its people and how the letters usually go out.",
        ),
        ChecklistItem("12a", head, "who could take part", "reported", (plan("Who takes part"),)),
        ChecklistItem(
            "12b",
            head,
            "sites and staff",
            "to write",
            (),
            "Write who sent what was made elsewhere, and from where.",
        )
        if elsewhere
        else ChecklistItem(
            "12b", head, "sites and staff", "not applicable", (), "Pieces are sent by the office alone."
        ),
        ChecklistItem(
            "13",
            head,
            "what each arm got",
            "partly" if sent and elsewhere else "reported" if sent else "to write",
            (plan("What is tried"), appendix("What each arm was")),
            ""
            if sent and not elsewhere
            else "Write what each arm got for which no template is named, word for word.",
        ),
        ChecklistItem("14", head, named, "reported", (plan("What is measured"),)),
        ChecklistItem(
            "15",
            head,
            "how harms were looked for",
            "to write",
            (),
            "Write how complaints, costs and mistakes were counted.",
        ),
        ChecklistItem(
            "16a",
            head,
            "size of the sample",
            "reported" if power else "partly",
            (plan("What the trial can find"),),
            "" if power else "The plan states no expectation: write how the size came about.",
        ),
        ChecklistItem("16b", head, "interim looks and stopping", "reported", (plan("Dates"),)),
    ]


def _lots(memo: MemoRecord) -> list[ChecklistItem]:
    head = "Randomization"
    elsewhere = (
        "" if not memo.draw.replayed else "The draw was made elsewhere: write how, by whom and with what."
    )
    status: Status = "partly" if memo.draw.replayed else "reported"
    lots = (plan("How the lots are drawn"), appendix("The draw"))
    return [
        ChecklistItem("17a", head, "who made the sequence, and how", status, lots, elsewhere),
        ChecklistItem("17b", head, "kind of randomization, blocks", status, lots, elsewhere),
        ChecklistItem(
            "18",
            head,
            "how the sequence was kept hidden",
            status,
            (plan("People, ethics and privacy"),),
            elsewhere,
        ),
        ChecklistItem(
            "19",
            head,
            "who could see the sequence",
            "partly",
            (plan("People, ethics and privacy"),),
            elsewhere or "Write who handled the list between draw and mailing.",
        ),
        ChecklistItem(
            "20a",
            head,
            "who did not know the arms",
            "partly",
            (plan("People, ethics and privacy"),),
            "Write whether staff who answer the phone knew the versions.",
        ),
        ChecklistItem(
            "20b",
            head,
            "how that was kept up",
            "partly",
            (plan("People, ethics and privacy"),),
            "Version letters stand on print files; write what else was done.",
        ),
        ChecklistItem(
            "21a",
            "Statistics",
            "how arms are compared",
            "reported",
            (plan("How it is analyzed"), appendix("Method")),
        ),
        ChecklistItem(
            "21b",
            "Statistics",
            "who is in each analysis",
            "reported",
            (plan("How it is analyzed"), appendix("Flow of units")),
        ),
        ChecklistItem(
            "21c", "Statistics", "how missing data are treated", "reported", (plan("What is measured"),)
        ),
        ChecklistItem(
            "21d", "Statistics", "subgroups and further analyses", "reported", (plan("How it is analyzed"),)
        ),
    ]


def _results(memo: MemoRecord, facts: ChecklistFacts) -> list[ChecklistItem]:
    head = "Results"
    sent = bool({"rct", "elsewhere"} & set(who_sends(memo).values()))
    delivered: Status = "reported" if facts.returned else "to write" if sent else "not applicable"
    baseline: Status = "reported" if memo.balance is not None else "to write"
    subgroups = bool(memo.definition.analysis.subgroups)
    return [
        ChecklistItem("22a", head, "flow of units by arm", "reported", (appendix("Flow of units"),)),
        ChecklistItem(
            "22b", head, "losses and exclusions, with reasons", "reported", (appendix("Flow of units"),)
        ),
        ChecklistItem("23a", head, "dates", "reported", (plan("Dates"), appendix("The log"))),
        ChecklistItem(
            "23b",
            head,
            "why it ended",
            "reported" if facts.stopped else "not applicable",
            (appendix("The log"),) if facts.stopped else (),
            "" if facts.stopped else "It ended as planned.",
        ),
        ChecklistItem(
            "24a",
            head,
            "what was truly sent",
            delivered,
            (appendix("Flow of units"), appendix("What each arm was")) if facts.returned else (),
            ""
            if facts.returned or not sent
            else f"Load the vendor's counts and returns: rct mailed {memo.name} FILE.",
        ),
        ChecklistItem(
            "24b",
            head,
            "what else reached people meanwhile",
            "to write",
            (),
            "Write which other mailings or campaigns ran in these weeks.",
        ),
        ChecklistItem(
            "25",
            head,
            "the arms before the draw",
            baseline,
            (appendix("Balance before the draw"),) if memo.balance is not None else (),
            "" if memo.balance is not None else "The plan names no covariates: describe who the people were.",
        ),
        ChecklistItem(
            "26",
            head,
            "numbers, effects and intervals for each outcome",
            "reported",
            (MEMO, appendix("Results")),
        ),
        ChecklistItem(
            "27",
            head,
            "harms",
            "to write",
            (),
            "Write complaints, mistakes and costs by arm, or that there were none.",
        ),
        ChecklistItem(
            "28",
            head,
            "further analyses",
            "reported" if subgroups else "not applicable",
            (appendix("Subgroups"),) if subgroups else (),
            "" if subgroups else "None is planned.",
        ),
    ]


def _discussion() -> list[ChecklistItem]:
    return [
        ChecklistItem(
            "29",
            "Discussion",
            "what it means",
            "partly",
            (MEMO,),
            "Set it beside what other trials found: rct pool.",
        ),
        ChecklistItem(
            "30",
            "Discussion",
            "limits",
            "partly",
            (MEMO, appendix("Deviations and amendments")),
            "The software lists deviations; write what else could mislead.",
        ),
    ]


def document(memo: MemoRecord, items: Sequence[ChecklistItem], facts: ChecklistFacts) -> Doc:
    """The checklist as a page: what is left to write first, then all of it."""
    left = [i for i in items if i.missing and i.status in ("to write", "partly")]
    blocks: list[Block] = [
        Heading(2, "Still to write", "left"),
        TableBlock(
            "What only a person can write",
            ("Item", "About", "What to do"),
            tuple((i.number, i.topic, i.missing) for i in left),
            (False, False, False),
        ),
        Heading(2, "All items", "all"),
        TableBlock(
            "The checklist, item by item",
            ("Item", "Section", "About", "Status", "Where"),
            tuple(
                (i.number, i.section, i.topic, i.status, "; ".join(map(str, i.places)) or "–") for i in items
            ),
            (False,) * 5,
        ),
    ]
    if facts.known == NOT_STATED:
        blocks.append(
            Para("The plan was locked on or after the start, and nobody said who had seen the data: say so.")
        )
    blocks.append(Para(f"The numbers are those of the checklist: {REFERENCE}"))
    done = sum(i.status in ("reported", "not applicable") for i in items)
    return Doc(
        title=f"CONSORT 2025 checklist: {prose(memo.definition.trial.title)}",
        subtitle=f"{done} of {len(items)} items are reported in full; {len(left)} need a person's words.",
        blocks=tuple(blocks),
        footer=(f"Head of the log: {memo.head}",),
        running=f"CONSORT {memo.name}",
        time=unix(memo.analyzed_at),
        banner=banner(practice=memo.practice, simulated=memo.simulated),
        meta=(("rct-head", memo.head),),
    )
