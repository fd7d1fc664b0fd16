"""Hand-made records of the cases that a memo must read right in. Every number is written here."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from datetime import date

from rct.definition import Definition, check_text
from rct.estimate.decision import ArmInput, Reason, decide
from rct.registry.results import Result
from rct.report.record import (
    Amendment,
    AppendixRecord,
    ArmDecisionRecord,
    BalanceFacts,
    BalanceRow,
    Between,
    Cell,
    CostRecord,
    DecisionFacts,
    DeviationRecord,
    DrawFacts,
    FieldChange,
    Flow,
    FrameFacts,
    LetterRecord,
    LogEvent,
    MemoRecord,
    OutcomeFlow,
    PlanRecord,
    SampleRatio,
)
from rct.report.words.finding import main_rows, sign_of

HEAD = "sha256:" + "0123456789abcdef" * 4
PLAN_HASH = "fedcba9876543210" * 4
LOCKED, DRAWN, ANALYZED = "2026-01-05T09:12:33Z", "2026-01-08T10:02:00Z", "2026-03-02T08:30:00Z"

_DEFINITION = """
[trial]
title = "Which letter gets overdue water bills paid?"
problem = "One in four water bills is paid late; late fees fall on those who can least afford them."
hypothesis = "A letter that says most neighbors pay on time gets more bills paid within 30 days."
channel = "letter"
owner = "Dana Reyes, Water Department"
analyst = "Sam Okafor, Innovation Team"
ethics = "Reviewed by the city attorney; every version is true and nobody loses a service."
start = 2026-01-12
keywords = [{keywords}]

{arms}

[frame]
id = "account"
{frame}

[design]
{design}

{outcomes}

[analysis]
alpha = 0.05
date = 2026-03-02
{analysis}

[decision]
worthwhile = {worthwhile}
"""

PAID = """
[outcomes.paid_30]
label = "Paid in full within 30 days"
kind = "binary"
primary = true
column = "paid"
date_column = "paid_on"
rows = "event"
window_days = 30
missing = "zero"
benefit = 40.0
"""


def definition(
    labels: list[str],
    *,
    outcomes: str = PAID,
    worthwhile: float = 0.01,
    design: str = 'scheme = "complete"',
    frame: str = "",
    analysis: str = "",
    keywords: str = '"water"',
    costs: list[float] | None = None,
    templates: bool = True,
) -> Definition:
    """A definition whose first arm is the control; arms are called a0, a1, …"""
    arms = []
    for i, label in enumerate(labels):
        arms.append(f"[arms.a{i}]\nlabel = {toml_text(label)}\n" + ("control = true\n" if i == 0 else ""))
        if templates:
            arms[-1] += f'template = "water/a{i}.md"\n'
        if costs:
            arms[-1] += f"unit_cost = {costs[i]}\n"
    text = _DEFINITION.format(
        arms="\n".join(arms),
        outcomes=outcomes,
        worthwhile=worthwhile,
        design=design,
        frame=frame,
        analysis=analysis,
        keywords=keywords,
    )
    return check_text(text, "water-bills")


def toml_text(text: str) -> str:
    """A TOML basic string of any text."""
    return (
        '"'
        + "".join(
            c if c.isascii() and c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text
        )
        + '"'
    )


def row(
    arm: str,
    estimate: float | None,
    low: float | None = None,
    high: float | None = None,
    p: float | None = None,
    *,
    adjusted: float | None = None,
    control: float | None = 0.42,
    outcome: str = "paid_30",
    family: str | None = "primary",
    n: int = 2500,
    df: float = 4998.0,
    **more: object,
) -> Result:
    """A row of the results; the standard error is that of the interval."""
    se = None if low is None or high is None else (high - low) / 3.92
    values: dict[str, object] = {
        "outcome": outcome,
        "arm": arm,
        "control": "a0",
        "term": "arm",
        "subgroup": None,
        "level": None,
        "estimate": estimate,
        "std_error": se,
        "statistic": None if not se or estimate is None else estimate / se,
        "df": df,
        "p_value": p,
        "p_adjusted": (p if adjusted is None else adjusted) if family else None,
        "family": family,
        "p_randomization": None,
        "randomization_draws": None,
        "conf_level": 0.95,
        "conf_low": low,
        "conf_high": high,
        "n": 2 * n,
        "n_arm": n,
        "n_control": n,
        "n_clusters": None,
        "n_blocks": None,
        "n_drawn": 2 * n,
        "n_missing": 0,
        "mean_control": control,
        "estimator": "difference_in_means",
        "se_type": "HC2",
        "role": "confirmatory",
    }
    return Result.of({**values, **more})


# Where a record has no rows that the rule could look at.
_SOME_REASON: dict[str, Reason] = {"adopt": "worthwhile", "adapt": "chance", "drop": "too_small"}


def memo(
    what: Definition,
    rows: list[Result],
    verdicts: list[str],
    *,
    best: str | None = None,
    tied: tuple[str, ...] = (),
    costs: dict[str, CostRecord] | None = None,
    n: int = 2500,
    cells: tuple[Cell, ...] | None = None,
    **more: object,
) -> MemoRecord:
    """A record around the rows; verdicts are those of the arms a1, a2, …"""
    arms = list(what.arms)
    overall = "adopt" if "adopt" in verdicts else "drop" if set(verdicts) == {"drop"} else "adapt"
    outcomes = list(what.outcomes)
    record = MemoRecord(
        name=what.name,
        definition=what,
        plan_hash=PLAN_HASH,
        head=HEAD,
        locked_at=LOCKED,
        locked_by="Dana Reyes",
        approved_by="Maria Núñez",
        analyzed_at=ANALYZED,
        analyzed_by="Sam Okafor",
        run=1,
        draw=DrawFacts(
            drawn_at=DRAWN,
            drawn_by="Dana Reyes",
            draws=1,
            locks=1,
            freezes=1,
            beacon="",
            frame_hash="ab" * 32,
            key="cd" * 32,
            replayed=False,
            units=tuple((a, n) for a in arms),
        ),
        flow=Flow(
            rows=n * len(arms) + 120 + 2,
            excluded=(("not_eligible", 80), ("opted_out", 40)),
            refused=2,
            units=n * len(arms),
            clusters=None,
        ),
        results=tuple(rows),
        decision=DecisionFacts(
            outcome=what.primary[0],
            verdict=overall,
            arms=tuple(
                ArmDecisionRecord(a, _SOME_REASON[v], (costs or {}).get(a))
                for a, v in zip(arms[1:], verdicts, strict=True)
            ),
            best=best,
            tied=tied,
        ),
        outcomes=tuple(OutcomeFlow(o, a, n, n) for o in outcomes for a in arms),
        cells=(
            cells
            if cells is not None
            else tuple(
                Cell(o, a, None, None, n, n // 2 if what.outcomes[o].kind == "binary" else None)
                for o in outcomes
                for a in arms
            )
        ),
        balance=BalanceFacts(
            3.1,
            4.0,
            0.54,
            (
                BalanceRow(
                    "balance", (61.2,) * len(arms), tuple(0.01 * (i + 1) for i in range(len(arms) - 1))
                ),
                BalanceRow(
                    "language=es",
                    (0.2,) * len(arms),
                    (-0.02,) * (len(arms) - 1),
                    tuple(500 for _ in arms),
                ),
            ),
        ),
        sample_ratio=tuple(SampleRatio(o, 0.0, float(len(arms) - 1), 1.0) for o in outcomes),
        city="City of Springfield",
    )
    record = ruled(replace(record, **more))  # type: ignore[arg-type]
    assert not rows or [a.verdict for a in record.decision.arms] == verdicts
    return record


def ruled(record: MemoRecord) -> MemoRecord:
    """The record with what the rule says of the rows that it has now."""
    what, outcome = record.definition, record.decision.outcome
    fragile = {f.arm: f for f in record.fragile if f.outcome == outcome}
    inputs = []
    for row in main_rows(record.results, outcome):
        told = fragile.get(row.arm)
        inputs.append(
            ArmInput(
                *(row.arm, row.estimate),
                *((row.conf_low, row.conf_high) if told is None else (told.low, told.high)),
                row.ruling_p,
                planned=row.role == "confirmatory",
                fragile=told is not None,
                p_randomization=None if told is None else told.p_redrawn,
            )
        )
    made = decide(
        inputs,
        worthwhile=float(what.decision.worthwhile),
        alpha=float(what.analysis.alpha),
        sign=sign_of(what, outcome),
        scale=what.estimator.scale,
        between=lambda a, b: None,
        refused=any(n.refused for n in record.naming if n.outcome == outcome),
    )
    reasons = {a.arm: a.reason for a in made.arms}
    arms = tuple(replace(a, reason=reasons.get(a.arm, a.reason)) for a in record.decision.arms)
    best = record.decision.best if made.verdict == "adopt" else None
    decision = replace(
        record.decision, arms=arms, verdict=made.verdict if inputs else record.decision.verdict, best=best
    )
    return replace(record, decision=decision)


SOCIAL, PLAIN, TODAY = "'9 in 10 neighbours pay on time'", "Plain words", "Today's letter"


def win() -> MemoRecord:
    """One arm, a clear gain, with benefit and cost."""
    return memo(
        definition([TODAY, SOCIAL], costs=[0.60, 0.64]),
        [row("a1", 0.032, 0.0213, 0.0432, 0.0000004)],
        ["adopt"],
        best="a1",
        costs={"a1": CostRecord(0.04, 1.25, 0.04 / 0.0432, 0.04 / 0.0213)},
    )


def null() -> MemoRecord:
    """One arm, no clear difference, the least worthwhile effect still possible."""
    return memo(
        definition([TODAY, PLAIN], costs=[0.60, 0.64]),
        [row("a1", 0.003, -0.0082, 0.0142, 0.60)],
        ["adapt"],
        costs={"a1": CostRecord(0.04, 0.04 / 0.003, 0.04 / 0.0142, None)},
    )


def ruled_out() -> MemoRecord:
    """A null so precise that the least worthwhile effect is unlikely."""
    return memo(definition([TODAY, PLAIN]), [row("a1", 0.001, -0.0042, 0.0062, 0.70)], ["drop"])


def harm() -> MemoRecord:
    return memo(
        definition([TODAY, "Threat of a fee"]), [row("a1", -0.031, -0.0442, -0.0178, 0.00001)], ["drop"]
    )


def several() -> MemoRecord:
    """Four arms: two good ones that can't be told apart, one unclear; the cheaper of the two is chosen."""
    return memo(
        definition([TODAY, SOCIAL, PLAIN, "A holdout with no letter at all"], costs=[0.6, 0.7, 0.6, 0.0]),
        [
            row("a1", 0.034, 0.0202, 0.0478, 1e-6, adjusted=3e-6),
            row("a2", 0.029, 0.0152, 0.0428, 4e-5, adjusted=8e-5),
            row("a3", -0.004, -0.0178, 0.0098, 0.57, adjusted=0.57),
        ],
        ["adopt", "adopt", "drop"],
        best="a2",
        tied=("a1",),
        between=(Between("a2", "a1", -0.005, -0.0188, 0.0088, 0.95),),
        costs={"a1": CostRecord(0.1, 2.94, 2.09, 4.95), "a2": CostRecord(0.0, 0.0, 0.0, 0.0)},
    )


def eight() -> MemoRecord:
    """Eight arms with long labels, none clearly better after adjustment; missing outcomes and deviations."""
    labels = [TODAY] + [
        f"Version {i}: a letter with a rather long name that says what it does" for i in range(1, 8)
    ]
    rows = [
        row("a1", 0.021, 0.0012, 0.0408, 0.038, adjusted=0.266),
        row("a2", 0.012, -0.0078, 0.0318, 0.24, adjusted=1.0),
        row("a3", 0.008, -0.0118, 0.0278, 0.43, adjusted=1.0),
        row("a4", 0.001, -0.0188, 0.0208, 0.92, adjusted=1.0),
        row("a5", -0.006, -0.0258, 0.0138, 0.55, adjusted=1.0),
        row("a6", -0.011, -0.0308, 0.0088, 0.28, adjusted=1.0),
        row("a7", -0.030, -0.0498, -0.0102, 0.003, adjusted=0.021),
    ]
    made = memo(definition(labels), rows, ["adapt"] * 5 + ["drop", "drop"])
    return replace(
        made,
        deviations=(
            DeviationRecord("late_lock", 3, LOCKED, "Dana Reyes", "The plan was locked after the start"),
            DeviationRecord(
                "early_look", 9, ANALYZED, "Sam Okafor", "Results were seen two days early: council meeting"
            ),
        ),
    )


def clustered() -> MemoRecord:
    """Households in blocks, lin with CR2, few clusters, missing outcomes, a decrease wanted, subgroups."""
    outcomes = """
[outcomes.calls]
label = "Calls to the hotline in 30 days"
kind = "count"
primary = true
direction = "decrease"
missing = "drop"
benefit = 6.5

[outcomes.paid]
label = "Paid at all"
kind = "binary"
missing = "drop"
"""
    what = definition(
        [TODAY, PLAIN],
        outcomes=outcomes,
        worthwhile=0.05,
        design='scheme = "blocked_clustered"\nblocks = ["district"]\nclusters = "household"',
        frame='covariates = ["balance"]\ncategories = ["language"]',
        analysis='subgroups = ["language"]',
        costs=[0.6, 0.9],
    )
    common = {"se_type": "CR2", "estimator": "lin", "n_clusters": 40, "n_blocks": 4}
    rows = [
        row("a1", -0.21, -0.33, -0.09, 0.01, control=1.23, outcome="calls", df=3.6, n=600, **common),
        row(
            "a1",
            -0.18,
            -0.36,
            0.0,
            0.05,
            control=1.1,
            outcome="calls",
            family=None,
            subgroup="language",
            level="en",
            n=300,
            **common,
        ),
        row(
            "a1",
            -0.25,
            -0.45,
            -0.05,
            0.02,
            control=1.4,
            outcome="calls",
            family=None,
            subgroup="language",
            level="es",
            n=300,
            **common,
        ),
        row(
            "a1",
            -0.07,
            -0.34,
            0.2,
            0.61,
            control=None,
            outcome="calls",
            family="subgroup:language",
            subgroup="language",
            level="es",
            term="interaction",
            **common,
        ),
        row(
            "a1",
            0.012,
            -0.03,
            0.054,
            0.57,
            control=0.61,
            outcome="paid",
            family=None,
            df=30.2,
            n=600,
            **common,
        ),
    ]
    cells = [
        Cell(o, a, None, None, 600, 350 if o == "paid" else None)
        for o in ("calls", "paid")
        for a in ("a0", "a1")
    ]
    cells += [
        Cell(o, a, "language", level, 300, 170 if o == "paid" else None)
        for o in ("calls", "paid")
        for a in ("a0", "a1")
        for level in ("en", "es")
    ]
    made = memo(
        what,
        rows,
        ["adopt"],
        best="a1",
        costs={"a1": CostRecord(0.3, 0.3 / 0.21, 0.3 / 0.33, 0.3 / 0.09)},
        n=620,
        cells=tuple(cells),
    )
    return replace(
        made,
        outcomes=(
            OutcomeFlow("calls", "a0", 620, 600),
            OutcomeFlow("calls", "a1", 620, 580),
            OutcomeFlow("paid", "a0", 620, 600),
            OutcomeFlow("paid", "a1", 620, 580),
        ),
        sample_ratio=(SampleRatio("calls", 0.34, 1.0, 0.56), SampleRatio("paid", 0.34, 1.0, 0.56)),
        blocks=12,
        merged_blocks=2,
        flow=replace(made.flow, clusters=412),
        draw=replace(
            made.draw,
            clusters=(("a0", 206), ("a1", 206)),
            beacon="lottery:state-pick6:2026-01-07:3-9-12-21-33-40",
        ),
        amendments=(
            Amendment(
                "2026-01-06T10:00:00Z",
                "Dana Reyes",
                "the window was too short",
                (FieldChange("outcomes.calls.window_days", "20", "30"),),
            ),
        ),
    )


def practice() -> MemoRecord:
    return replace(win(), practice=True, simulated=True)


def withheld() -> MemoRecord:
    """Four people with the outcome in the control arm: figures may not be printed."""
    record = win()
    cells = (Cell("paid_30", "a0", None, None, 2500, 4), Cell("paid_30", "a1", None, None, 2500, 84))
    return replace(record, cells=cells)


def png(width: int, height: int) -> bytes:
    """A gray picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xdd" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def all_memos() -> dict[str, MemoRecord]:
    makers = (win, null, ruled_out, harm, several, eight, clustered, practice, withheld)
    return {maker.__name__: maker() for maker in makers}


LETTER = """# Your water bill

Dear {{ name }},

Your bill of **{{ balance }}** was due on *{{ due }}*. 9 in 10 of your neighbors pay on time.

- Pay online: [water.example](https://water.example/pay)
- Call 555-0134

![logo](logo.png)

{% if language == 'es' %}Gracias.{% endif %}
<script>alert(1)</script>
"""


def plan(record: MemoRecord | None = None, **more: object) -> PlanRecord:
    """The plan of a memo's trial."""
    record = record or clustered()
    what = record.definition
    made = PlanRecord(
        name=record.name,
        definition=what,
        plan_hash=PLAN_HASH,
        head=HEAD,
        locked_at=LOCKED,
        locked_by="Dana Reyes",
        approved_by="Maria Núñez",
        seed_commitment="12" * 32,
        letters=tuple(LetterRecord(p, LETTER, "34" * 32) for p in what.template_paths),
        calendar=((date(2026, 1, 12), "Letters go out"), (date(2026, 3, 2), "Results may be seen")),
        power=("With 1,240 units this trial can find a difference of 0.18 calls.",),
        warnings=(),
        amendments=record.amendments,
        frame=FrameFacts(
            flow=record.flow,
            frame_hash="56" * 32,
            frozen_at="2026-01-07T10:00:00Z",
            freezes=1,
            blocks=(("North", 300), ("South", 7)),
            merged_blocks=1,
        ),
        city="City of Springfield",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def appendix(record: MemoRecord) -> AppendixRecord:
    events = tuple(
        LogEvent(i, t, "Dana Reyes", k, '{"plan_hash":"fedc"}', HEAD)
        for i, (t, k) in enumerate([(LOCKED, "lock"), (DRAWN, "draw"), (ANALYZED, "analyze")], 1)
    )
    return AppendixRecord(record, events)
