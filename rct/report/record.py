"""What the documents are made of: plain values, gathered once, printed as HTML, PDF and Markdown alike.

A record holds facts, never sentences: every number in a sentence is computed where the sentence is
printed, from these values at full precision. Nothing here opens a file or a database.

Times are text as the log keeps them (`YYYY-MM-DDTHH:MM:SSZ`); hashes are as the log writes them
(bare hex; heads with `sha256:`). Shares of people (binary outcomes) are fractions of 1, not percent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from rct.analysis.voices import KindCount, Response, Theme
from rct.disclosure import Cell as Cell
from rct.estimate.decision import VERDICTS, Reason, Verdict
from rct.registry.results import Result

if TYPE_CHECKING:
    from rct.definition import Definition
    from rct.letters.lint import Lint
    from rct.report.plan.adaptation import Adaptation


@dataclass(frozen=True)
class FieldChange:
    """One changed field of a definition (dotted, as `outcomes.paid.window_days`) or one template."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Amendment:
    """A dated, reasoned change of the plan. `after`: what had happened by then; anything makes it a deviation."""

    time: str
    person: str
    reason: str
    changes: tuple[FieldChange, ...]
    after: str = ""  # draw, outcomes, analysis; '' before the draw


@dataclass(frozen=True)
class LetterRecord:
    """A template: its path under templates/, its text as hashed (None for a picture), its sha256, how plain it is."""

    path: str
    text: str | None
    sha256: str
    lint: Lint | None = None


@dataclass(frozen=True)
class Flow:
    """Every row of the frame file accounted for: rows = units + excluded (by reason) + refused."""

    rows: int
    excluded: tuple[tuple[str, int], ...]  # (reason code, rows), the reasons that occurred
    refused: int
    units: int
    clusters: int | None  # None where the design has none


@dataclass(frozen=True)
class FrameFacts:
    """The list of units as it is frozen. `blocks` holds (label, units), empty where there are none."""

    flow: Flow
    frame_hash: str
    frozen_at: str
    freezes: int
    blocks: tuple[tuple[str, int], ...]
    merged_blocks: int = 0  # blocks that the rule for small blocks joins to others
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class DrawFacts:
    """The one draw. `beacon` is the string that went into the key ('' for none)."""

    drawn_at: str
    drawn_by: str
    draws: int
    locks: int
    freezes: int
    beacon: str
    frame_hash: str
    key: str | None  # None when an assignment made elsewhere was replayed
    replayed: bool
    units: tuple[tuple[str, int], ...]  # (arm name, units drawn to it), every arm
    clusters: tuple[tuple[str, int], ...] = ()  # the same in clusters, where the design has them


@dataclass(frozen=True)
class PlanRecord:
    """All that the plan document prints."""

    name: str
    definition: Definition
    plan_hash: str
    head: str  # of the lock event, or of the latest amend event
    locked_at: str
    locked_by: str
    approved_by: str | None
    seed_commitment: str
    letters: tuple[LetterRecord, ...]
    calendar: tuple[tuple[date, str], ...]
    power: tuple[str, ...] = ()  # sentences of rct.power
    least_found: float | None = (
        None  # the effect on the outcome that decides which is found with the power planned
    )
    warnings: tuple[str, ...] = ()  # sentences, such as 'locked after the start'
    amendments: tuple[Amendment, ...] = ()
    frame: FrameFacts | None = None
    draw: DrawFacts | None = None
    proofs: tuple[Proof, ...] = ()  # the letters' pictures that there are, in the arms' order
    concealment: tuple[str, ...] = ()  # sentences: who could know what, before it was due
    adaptation: Adaptation | None = None  # of a replication: what differs from the original
    known: str = "not-stated"  # what was known of the data at the lock: a key of rct.audit.known.LEVELS
    city: str = ""
    currency: str = "USD"
    threshold: int = 10
    paper: str = "us-letter"
    practice: bool = False
    simulated: bool = False
    workspace_head: str = ""  # of the workspace's log, as of the same commit; '' where an older rct wrote it


@dataclass(frozen=True)
class CostRecord:
    """Cost per additional outcome of one arm, c/effect with the interval [c/u, c/l].

    `high` None: no upper limit (l <= 0 < u). `none` True: no additional outcomes (u <= 0).
    """

    extra_cost: float  # c, the arm's unit cost less the control's
    per_outcome: float | None
    low: float | None
    high: float | None
    none: bool = False


@dataclass(frozen=True)
class ArmDecisionRecord:
    """What the agreed rule says of one arm, and why. `cost` None: no money can be shown."""

    arm: str
    reason: Reason
    cost: CostRecord | None = None

    @property
    def verdict(self) -> Verdict:
        return VERDICTS.get(self.reason, "adapt")


@dataclass(frozen=True)
class Fragile:
    """A comparison of which the t test may mislead: the interval that is told in its place (`newcombe` or
    `randomization`; None, None where it has no end), and the randomization test's p-value adjusted like the plan's."""

    outcome: str
    arm: str
    kind: Literal["newcombe", "randomization"]
    low: float | None
    high: float | None
    p_redrawn: float | None


@dataclass(frozen=True)
class DecisionFacts:
    """What the rule says over all arms, on the first primary outcome."""

    outcome: str
    verdict: Verdict
    arms: tuple[ArmDecisionRecord, ...]  # every arm but the control, in order
    best: str | None  # the arm to adopt, None unless the verdict is adopt
    tied: tuple[str, ...] = ()  # other arms to adopt: those, with `best`, that can't be told apart


@dataclass(frozen=True)
class Between:
    """The arm to adopt against another that is sent, on the outcome that decides: exploratory, not adjusted."""

    arm: str
    other: str
    estimate: float
    conf_low: float
    conf_high: float
    conf_level: float
    fragile: tuple[str, ...] = ()


@dataclass(frozen=True)
class BalanceRow:
    """One covariate: its mean in every arm (in order) and normalized difference of every arm to control.

    `counts` for an indicator (a category's level, a yes/no column): units with it, in every arm.
    """

    covariate: str
    means: tuple[float | None, ...]
    normalized: tuple[float | None, ...]  # one an arm but the control, in the arms' order
    counts: tuple[int, ...] | None = None


@dataclass(frozen=True)
class BalanceFacts:
    """Hansen and Bowers' (2008) d² under the design, and the table. `p_value` None: nothing to test."""

    d2: float | None
    df: float | None
    p_value: float | None
    rows: tuple[BalanceRow, ...]


@dataclass(frozen=True)
class OutcomeFlow:
    """One outcome in one arm: units drawn, units with an observed outcome."""

    outcome: str
    arm: str
    drawn: int
    observed: int

    @property
    def missing(self) -> int:
        return self.drawn - self.observed


@dataclass(frozen=True)
class SampleRatio:
    """Test that observed outcomes fall on the arms as the draw did; `method` as in `rct.estimate.ratio.TableTest`."""

    outcome: str
    statistic: float | None
    df: float | None
    p_value: float | None
    method: str = "pearson"


@dataclass(frozen=True)
class AttritionRecord:
    """Whether an outcome is known as often in every arm as in the control. `p_value` None: nothing varied in the cells."""

    outcome: str
    p_value: float | None
    warns: bool


@dataclass(frozen=True)
class NamingRecord:
    """Whom the files of an outcome name, where a unit that none names counts as no or zero.

    lists: people (noes among the rows) or results. refused: no verdict can rest on it.
    lopsided: of a list of results, one arm is nearly absent; doubtful: a few noes among them, so that they may be people.
    """

    outcome: str
    lists: str
    drawn: int
    named: int | None  # None: not to be told
    p_value: float | None
    refused: bool = False
    lopsided: bool = False
    doubtful: bool = False


@dataclass(frozen=True)
class RefusedRows:
    """Rows of an outcome's files that were refused. units: whether people's outcomes are unknown by it; unplaced: rows of
    whom it is not known whose they are."""

    outcome: str
    units: bool
    unplaced: int


@dataclass(frozen=True)
class BoundsRecord:
    """An arm's difference to the control can't lie outside, whatever those with an unknown outcome did."""

    outcome: str
    arm: str
    low: float
    high: float


@dataclass(frozen=True)
class Coverage:
    """Records of an outcome that stop before its window does. Days as ISO text.

    last: the latest day in the files, where that is too early; loaded: the day of the last load, likewise.
    """

    outcome: str
    end: str
    last: str | None
    loaded: str | None


@dataclass(frozen=True)
class ExactTest:
    """Fisher's exact test, beside an estimate with fewer than 5 events in an arm."""

    outcome: str
    arm: str
    p_value: float


@dataclass(frozen=True)
class DeviationRecord:
    """A difference between plan and what happened, found by the software."""

    code: str
    seq: int | None
    time: str
    person: str
    text: str


@dataclass(frozen=True)
class LogEvent:
    """One event of the chain; `body` is its canonical JSON text."""

    seq: int
    time: str
    person: str
    kind: str
    body: str
    hash: str


@dataclass(frozen=True)
class Said:
    """A line of a letter, and whether some other arm's letter lacks it."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Proof:
    """An arm's letter as a picture (PNG), made for an invented recipient, its first words and all its lines.

    `narrow` is a picture of its words alone in a narrow column, if there is one.
    """

    arm: str
    png: bytes
    words: str
    lines: tuple[Said, ...] = ()
    narrow: bytes = b""


@dataclass(frozen=True)
class Decided:
    """What people decided, beside what the rule said."""

    time: str
    person: str
    verdict: Verdict
    note: str


@dataclass(frozen=True)
class OfficeNote:
    """What the office wrote down of the trial; `memo`: whether it is printed there too."""

    seq: int
    time: str
    person: str
    text: str
    memo: bool


@dataclass(frozen=True)
class PieceFlow:
    """What became of the pieces of one arm: units drawn, units of whom this status was told."""

    status: str
    arm: str
    drawn: int
    pieces: int


@dataclass(frozen=True)
class PieceRatio:
    """Whether a status was met in the arms as they were drawn."""

    status: str
    chi2: float | None
    df: int | None
    p_value: float
    method: str = "pearson"


@dataclass(frozen=True)
class ReachCount:
    """Units of one level to whom something was sent, and those whom no piece reached."""

    column: str
    level: str
    sent: int
    unreached: int


@dataclass(frozen=True)
class MemoRecord:
    """All that the memo prints, and most of what the appendix prints."""

    name: str
    definition: Definition  # of the plan in force, not of the file
    plan_hash: str
    head: str  # of the analyze event
    locked_at: str
    locked_by: str
    approved_by: str | None
    analyzed_at: str
    analyzed_by: str
    run: int  # 1 for the first analysis
    draw: DrawFacts
    flow: Flow
    results: tuple[Result, ...]
    decision: DecisionFacts
    outcomes: tuple[OutcomeFlow, ...]  # outcome by arm
    cells: tuple[Cell, ...]  # every outcome by arm, and by subgroup level where planned
    balance: BalanceFacts | None  # None: no covariates before the draw
    sample_ratio: tuple[SampleRatio, ...] = ()
    attrition: tuple[AttritionRecord, ...] = ()  # of every outcome that is known of some and not of others
    uneven: tuple[str, ...] = ()  # outcomes that are missing from the arms in shares that lots seldom give
    lopsided: tuple[str, ...] = ()  # of these, in shares that lots give less than once in a thousand draws
    naming: tuple[NamingRecord, ...] = ()  # of every outcome where no record counts as no or zero
    coverage: tuple[Coverage, ...] = ()  # () where all records reach to the end of their windows
    cut: tuple[str, ...] = ()  # outcomes whose records of one arm end before those of others
    refused_rows: tuple[RefusedRows, ...] = ()
    bounds: tuple[
        BoundsRecord, ...
    ] = ()  # of yes/no outcomes that are missing from the arms in other shares than lots give
    after_results: Literal["", "added", "corrected"] = ""  # what was done to the outcome that decides
    between: tuple[Between, ...] = ()  # ties first, then the next-best versions
    pieces: tuple[
        PieceFlow, ...
    ] = ()  # status by arm, of arms to whom something is sent; () where nothing was told
    piece_ratio: tuple[PieceRatio, ...] = ()
    reach: tuple[ReachCount, ...] = ()  # by subgroup, category and block column; () where no mail came back
    responses: tuple[Response, ...] = ()  # who answered, for every outcome from a survey
    themes: tuple[Theme, ...] = ()  # what residents said of their own accord, coded
    remark_kinds: tuple[KindCount, ...] = ()  # people who said something, by kind and arm
    fragile: tuple[Fragile, ...] = ()  # comparisons of which the t test may mislead
    exact: tuple[ExactTest, ...] = ()
    deviations: tuple[DeviationRecord, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    blocks: int | None = None  # blocks in the draw
    merged_blocks: int = 0  # of these, joined to others by the rule for small blocks
    small_blocks: int = 0  # of these, with one arm of one unit, analyzed by Pashley and Miratrix' estimator
    dropped: tuple[str, ...] = ()  # covariate columns dropped as constant or collinear
    notes: tuple[str, ...] = ()  # sentences of the estimators
    revealing: frozenset[str] = frozenset()  # those of them by which a cell's count is known, or nearly
    proofs: tuple[Proof, ...] = ()  # the letters' pictures that there are, in the arms' order
    planned: Definition | None = (
        None  # of the plan that was in force when the first outcome came; None: the same
    )
    decided: Decided | None = None
    office_notes: tuple[OfficeNote, ...] = ()  # in the order of the log, those after the analysis too
    city: str = ""
    currency: str = "USD"
    threshold: int = 10
    paper: str = "us-letter"
    practice: bool = False
    simulated: bool = False
    workspace_head: str = ""  # of the workspace's log, as of the same commit; '' where an older rct wrote it


@dataclass(frozen=True)
class AppendixRecord:
    """The analyst's appendix: the memo's record and the whole log."""

    memo: MemoRecord
    log: tuple[LogEvent, ...]
    letters: tuple[LetterRecord, ...] = ()
