"""A finished trial as the portfolio shows it: read from the documents that were printed, never computed anew.

What stands in memo.json and appendix.json has passed the rule on small counts already, and both are compared with
their digests in the log. So a portfolio of a thousand trials needs no analysis, and can't say more than the memos do.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from rct.audit.following import followups
from rct.definition.sending import sending
from rct.errors import stop
from rct.evidence import documents
from rct.evidence.documents import Document, printed
from rct.registry.chain import Event
from rct.registry.events import DecideBody, FollowupBody
from rct.registry.results import Result
from rct.registry.trial import Locked
from rct.report.appendix.equity import Reach
from rct.report.record import Fragile
from rct.report.words.finding import Finding, Standing, finding_of, leading, main_rows, scale_of
from rct.report.words.phrases import prose

Group = Literal["worked", "unclear", "harm", "none"]
_GROUPS: dict[Standing, Group] = {
    Standing.BETTER: "worked",
    Standing.MAYBE_BETTER: "unclear",
    Standing.UNCLEAR: "unclear",
    Standing.MAYBE_WORSE: "unclear",
    Standing.WORSE: "harm",
}


@dataclass(frozen=True)
class Published:
    """One finished trial, light enough to hold a thousand of. Counts are of units drawn, money as in rct.toml."""

    locked: Locked
    analyzed_at: str
    head: str
    plan_hash: str
    answer: str  # the memo's first sentence
    group: Group
    some_harm: bool  # a version that is not the one of the answer did harm
    findings: tuple[Finding, ...]  # of the outcome that decides, each arm
    rule: str  # adopt, adapt, drop
    cost: tuple[float, float, float | None] | None  # one more outcome: cost, from, to (None: no limit)
    units: int
    sent: int  # units drawn to a version that is sent, by rct or made elsewhere
    spent: float | None  # on what is sent; None where a unit cost is missing
    decision: Event[DecideBody] | None
    told: tuple[Event[FollowupBody], ...]  # what became of the decision
    results: tuple[Result, ...]  # the rows of results.csv, as published
    reach: tuple[Reach, ...] = ()  # whom no mail reached, as published
    cautions: tuple[str, ...] = ()  # that stand beside the memo's verdict

    @property
    def name(self) -> str:
        return self.locked.name

    @property
    def guarded(self) -> str:
        """The answer with its cautions: it stands nowhere in a list without them."""
        return " ".join([self.answer, *self.cautions])

    @property
    def replayed(self) -> bool:
        """The groups were made elsewhere and read in."""
        return self.locked.state.replayed

    @property
    def title(self) -> str:
        return prose(self.locked.definition.trial.title)

    @property
    def year(self) -> int:
        return self.locked.definition.trial.start.year

    @property
    def marks(self) -> tuple[str, ...]:
        """Words that mark a trial that isn't real."""
        one = self.locked
        practice = one.state.practice or one.definition.practice
        simulated = one.state.simulated or one.definition.simulated
        return (*(("PRACTICE",) if practice else ()), *(("SIMULATED",) if simulated else ()))


@dataclass(frozen=True)
class Memo:
    """The memo as printed, its letters taken out as pictures: what its template reads, and (file name, PNG) of each."""

    page: dict[str, Any]
    letters: tuple[tuple[str, bytes], ...]


def finished(trial: Locked) -> bool:
    """Whether there is a memo of the last analysis, and the plan's date is reached."""
    state = trial.state
    analysis = state.analysis
    if analysis is None or not trial.due or state.outdated:
        return False
    return {"memo.html", "appendix.json"} <= printed(state, "memo", after=analysis).keys()


def publish(trial: Locked) -> Published:
    """The trial's published figures. RctError where a printed document is not the one of the log."""
    state, definition = trial.state, trial.definition
    pages = printed(state, "memo", after=state.analysis)
    said = _appendix(documents.read(trial.ws, trial.db, trial.name, pages["appendix.json"]), trial, pages)
    if said["threshold"] < trial.ws.settings.threshold:
        stop(
            "document_threshold",
            f"The memo of {trial.name} was printed when counts under {said['threshold']} were suppressed; "
            f"rct.toml now says {trial.ws.settings.threshold}.",
            f"Print it again: rct report {trial.name}",
            file=f"trials/{trial.name}/out/appendix.json",
        )
    memo = _memo(trial)
    rows = [(Result.of(r), bool(r["withheld"])) for r in said["results"]]
    outcome = said["decision"]["outcome"]
    arms = _findings(trial, outcome, rows, said.get("fragile", ()))
    top = leading(arms, said["decision"]["best"])
    group = _GROUPS.get(top.standing, "none")
    replayed = bool(said["draw"]["replayed"])
    told = {p["arm"] for p in said["pieces"] if p["pieces"] != 0}
    senders = sending(definition, replayed=replayed, told=told)
    sent = {name: kind in ("rct", "elsewhere") for name, kind in senders.items()}
    units: dict[str, int] = said["draw"]["units"]
    costs = {name: arm.unit_cost for name, arm in definition.arms.items() if sent[name]}
    return Published(
        locked=trial,
        analyzed_at=said["analyzed_at"],
        head=said["head"],
        plan_hash=said["plan_hash"],
        answer=memo["answer"],
        group=group,
        some_harm=group != "harm" and any(f.standing is Standing.WORSE for f in arms),
        findings=tuple(arms),
        rule=said["decision"]["verdict"],
        cost=_cost(said["decision"], top),
        units=sum(units.values()),
        sent=sum(units[name] for name in definition.arms if sent[name]),
        spent=(
            None
            if any(c is None for c in costs.values())
            else float(sum(units[name] * float(c) for name, c in costs.items() if c is not None))
        ),
        decision=state.last(DecideBody),
        told=tuple(followups(state)),
        results=tuple(row for row, _ in rows),
        reach=tuple(
            Reach(r["column"], r["level"], r["sent"], r["unreached"])
            for r in said.get("equity", {}).get("reach", ())
        ),
        cautions=tuple(said.get("cautions", ())),
    )


def memo_page(trial: Locked) -> Memo:
    """The memo as printed, to stand inside a page of the portfolio, each letter a picture beside it."""
    memo = _memo(trial)
    letters: list[tuple[str, bytes]] = []
    for letter in (letter for section in memo["sections"] for letter in section["letters"]):
        letter["file"] = f"letter-{len(letters) + 1}.png"
        letters.append((letter["file"], base64.b64decode(letter["png"])))
    return Memo(memo, tuple(letters))


def _memo(trial: Locked) -> dict[str, Any]:
    """memo.json. RctError where the memo was printed by an rct that wrote none, or another."""
    pages = printed(trial.state, "memo", after=trial.state.analysis)
    if "memo.json" not in pages:
        _other_version(trial, pages["memo.html"])
    memo: dict[str, Any] = json.loads(documents.read(trial.ws, trial.db, trial.name, pages["memo.json"]))
    if memo.get("rct_memo") != 1:
        _other_version(trial, pages["memo.json"])
    return memo


def _appendix(data: bytes, trial: Locked, pages: dict[str, Document]) -> dict[str, Any]:
    said = json.loads(data)
    analysis = trial.state.analysis
    if said.get("rct_appendix") != 1 or analysis is None or said.get("head") != analysis.hash:
        _other_version(trial, pages["appendix.json"])
    return dict(said)


def _other_version(trial: Locked, document: Document) -> NoReturn:
    stop(
        "document_version",
        f"This document of {trial.name} was printed by another version of rct.",
        f"Print it again: rct report {trial.name}",
        file=f"trials/{trial.name}/out/{document.file}",
    )


def _findings(
    trial: Locked, outcome: str, rows: list[tuple[Result, bool]], told: Sequence[Mapping[str, Any]]
) -> list[Finding]:
    withheld = {row for row, gone in rows if gone}
    chosen = main_rows([row for row, _ in rows], outcome)
    scale = scale_of(trial.definition, outcome, [r for r in chosen if r not in withheld], deciding=outcome)
    known = {(each["outcome"], each["arm"]): each for each in told}
    return [
        finding_of(
            trial.definition,
            row,
            scale,
            withheld=row in withheld,
            fragile=_fragile(row, known.get((row.outcome, row.arm))),
        )
        for row in chosen
    ]


def _fragile(row: Result, told: Mapping[str, Any] | None) -> Fragile | None:
    """What the memo told of a fragile comparison. An appendix of an earlier rct has no word of it: then nothing is said
    to be found."""
    if row.fragile is None:
        return None
    if told is None:
        return Fragile(row.outcome, row.arm, "randomization", None, None, None)
    p = told["p_randomization_adjusted"]
    if p is None and told["borne_out"]:  # withheld beside another version's, and yet at most alpha
        p = 0.0
    return Fragile(row.outcome, row.arm, told["interval"], told["conf_low"], told["conf_high"], p)


def _cost(decision: dict[str, Any], top: Finding) -> tuple[float, float, float | None] | None:
    cost = next((a["cost"] for a in decision["arms"] if a["arm"] == top.row.arm), None)
    if not top.shown or not cost or cost["none"] or cost["per_outcome"] is None or cost["extra_cost"] <= 0:
        return None
    return cost["per_outcome"], cost["low"], cost["high"]
