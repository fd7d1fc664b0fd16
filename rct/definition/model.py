"""The keys of trial.toml: what each means, its kind, its limits, its default, an example.

These models are the one source for loading, for the JSON Schema that editors read, for the interview and for
docs/definition.md. Rules that join several keys are in `check.py`; defaults that hang on other keys
(`estimator`, `standard_errors`, `column`, `aggregate`) are filled in by `resolve.py`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from rct.definition.choice import OneOf
from rct.design import schemes
from rct.design.schemes import DEFAULT, SCHEMES
from rct.estimate import estimators
from rct.kinds import KINDS, Aggregate, names

Estimator = Annotated[str, OneOf(estimators.names)]
StandardErrors = Annotated[str, OneOf(estimators.standard_errors)]
Kind = Annotated[str, OneOf(names)]

Text = Annotated[str, Field(pattern=r"\S")]
Column = Annotated[str, Field(pattern=r"\S")]
Day = Annotated[date, WithJsonSchema({"type": "string", "format": "date"})]

MAX_SHARE = 1_000_000
MAX_AMOUNT = 1e15  # of money, or of what is measured; a mistyped exponent is far beyond it
MAX_WINDOW = 36_500  # a hundred years of days; keeps every date inside the calendar


def _pots() -> str:
    """What each scheme draws from, as one sentence."""
    *all_but, last = (scheme.pot for scheme in SCHEMES.values())
    said = "; ".join([*all_but, f"or {last}"])
    return f"{said[0].upper()}{said[1:]}."


class TomlTable(BaseModel):
    """A TOML table: unknown keys are refused, `true` is never a number, nothing is converted."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


# The words on kinds of outcomes, from the kinds themselves.
*_FIRST, _LAST = (f"{kind.name} ({kind.answer})" for kind in KINDS.values())
_KINDS = ", ".join([*_FIRST, f"or {_LAST}."])
_JOINED = ", ".join(sorted(f"{kind.aggregates[0]} for {kind.name}" for kind in KINDS.values()))


def key(default: Any, meaning: str, example: Any, **limits: Any) -> Any:
    """A key of trial.toml: its default (`...` where it is required), meaning and example."""
    return Field(default, description=meaning, examples=[example], **limits)


class Trial(TomlTable):
    """What the trial is about, who answers for it, and when it happens."""

    title: Text = key(..., "The question of the trial, in one line.", "Which letter gets overdue bills paid?")
    problem: Text = key(
        ...,
        "What is wrong today, and for whom.",
        "One in four water bills is paid late; late fees fall on the poor.",
    )
    hypothesis: Text = key(
        ...,
        "What you expect to happen, and why.",
        "A letter that says most neighbors pay on time gets more bills paid within 30 days.",
    )
    channel: Literal["letter", "postcard", "email", "sms"] = key(..., "How people are reached.", "letter")
    owner: Text = key(..., "Who answers for the trial.", "Dana Reyes, Water Department")
    analyst: Text = key(..., "Who runs the analysis.", "Sam Okafor, Innovation Team")
    ethics: Text = key(
        ...,
        "Why it is right to do this: the review, the legal basis, what people are told. Never blank.",
        "Reviewed by the city attorney on 3 November; every version is true and nobody loses a service.",
    )
    start: Day = key(..., "The day the letters go out (day 0 of every window).", date(2026, 1, 12))
    end: Day | None = key(None, "The last day of the trial.", date(2026, 3, 30))
    keywords: list[Text] | None = key(
        None,
        "Words to find the trial by. 'practice' or 'simulated' marks every page it prints.",
        ["water", "bills"],
    )
    department: Text | None = key(
        None, "The department whose letters these are: other cities search by it.", "water"
    )
    population: Text | None = key(
        None,
        "Who the people are, in a few words: other cities search by it.",
        "households with an overdue bill",
    )
    retain_until: Day | None = key(
        None, "The day on which names and addresses are to be deleted (`rct forget`).", date(2027, 1, 31)
    )


class Arm(TomlTable):
    """One version of the letter, or no letter at all. Order is kept: it is part of the draw."""

    label: Text = key(..., "The version in plain words, as leaders will read it.", "Today's letter")
    control: bool = key(False, "True for the one arm that all others are compared with.", True)
    template: Text | None = key(
        None, "The letter, a file under templates/. Without one nothing is sent.", "water/current.md"
    )
    templates: dict[str, Text] | None = key(
        None,
        "The letter in several languages, in place of `template`: a file for each value of `language`.",
        {"en": "water/current.md", "es": "water/current.es.md"},
    )
    language: Column | None = key(None, "The column of the frame that chooses among `templates`.", "language")
    share: int = key(
        1,
        "Units of this arm for each one of an arm with share 1. Whole; 2 and 2 is not reduced to 1 and 1.",
        2,
        ge=1,
        le=MAX_SHARE,
    )
    unit_cost: float | None = key(
        None, "What one letter of this arm costs, all in.", 0.64, ge=0, le=MAX_AMOUNT
    )
    value: Text | None = key(
        None,
        "How a file of a draw that was made elsewhere writes this arm, where not by its name.",
        "No_Letter",
    )
    nudge: list[Text] | None = key(
        None, "What kinds of nudge the version uses, in the field's words.", ["social norm", "simplification"]
    )


class Frame(TomlTable):
    """The list of units: which column is what, and who is left out."""

    id: Column = key(
        ..., "The column with your own id of a unit (account, case). It never leaves private/.", "account"
    )
    covariates: list[Column] = key(
        [],
        "Columns of numbers known before the draw. They sharpen the estimate.",
        ["balance", "late_last_year"],
    )
    categories: list[Column] = key([], "Columns of text known before the draw.", ["language"])
    eligible: Text | None = key(
        None,
        "Who takes part, as a condition on columns. Absent: everyone.",
        "balance >= 25 and status == 'open'",
    )
    opt_out: Column | None = key(None, "A yes/no column: who asked not to be part of this.", "do_not_mail")
    contact: list[Column] = key(
        [],
        "Names and addresses: kept encrypted in private/, never in the registry.",
        ["name", "street", "city"],
    )
    missing_covariates: Literal["refuse", "impute"] = key(
        "refuse", "An empty covariate: refuse the row, or take the frame's mean and mark it.", "impute"
    )


class Formats(TomlTable):
    """How your files write dates, numbers and yes or no. Declared, never guessed when a file is read."""

    date: Text | None = key(
        None,
        "How days are written: M/D/YYYY, DD.MM.YYYY, D-MMM-YYYY, YYYYMMDD. YYYY-MM-DD is always read, and so are a "
        "spreadsheet's own dates.",
        "M/D/YYYY",
    )
    number: Text | None = key(
        None,
        "How numbers are written, as a sample: $1,234.50, 1.234,50 (decimal comma), 12.5% (read as 0.125). A "
        "spreadsheet's own numbers are taken as they are stored.",
        "$1,234.50",
    )
    yes: list[Text] | None = key(
        None, "Words that mean yes, beside yes, y, true, 1 and x; in any case.", ["paid", "sí"]
    )
    no: list[Text] | None = key(
        None, "Words that mean no, beside no, n, false, 0 and nothing; in any case.", ["open"]
    )
    columns: dict[str, Text] | None = key(
        None,
        "The format of single columns, by the definition's name, where it differs from `date` and `number`, or where a "
        "spreadsheet shows a text column in a format: zeros (0000000) give digits their leading zeros back.",
        {"account": "0000000", "due": "M/D/YYYY"},
    )


class Design(TomlTable):
    """How lots are drawn."""

    scheme: Annotated[str, OneOf(schemes.names)] = key(DEFAULT, _pots(), "blocked")
    blocks: list[Column] = key(
        [], "Columns that make the blocks. Each block gets every version in the right numbers.", ["district"]
    )
    clusters: Column | None = key(
        None, "The column whose units stay together in one arm, such as a household.", "household"
    )
    beacon: str = key(
        "none",
        "Public randomness that nobody could know in advance: none, drand:CHAINHASH or lottery:NAME.",
        "lottery:state-pick6",
        json_schema_extra={"pattern": r"^(none|drand:[0-9a-f]{64}|lottery:[a-z0-9][a-z0-9_-]{0,63})$"},
    )


class Outcome(TomlTable):
    """What is measured afterwards."""

    label: Text = key(
        ..., "The outcome in plain words, as leaders will read it.", "Paid in full within 30 days"
    )
    kind: Kind = key(..., _KINDS, names()[0])
    primary: bool = key(
        False, "True for what the trial is judged by. The first primary outcome decides.", True
    )
    direction: Literal["increase", "decrease"] = key("increase", "Which way is good.", "increase")
    column: Column = key("", "Its column in the outcomes file. Absent: the outcome's name.", "paid")
    date_column: Column | None = key(None, "The column with the date of what happened.", "paid_on")
    rows: Literal["unit", "event"] = key(
        "unit", "One row for each unit, or one row for each event (each payment).", "event"
    )
    aggregate: Aggregate | None = key(
        None,
        "How a unit's events make one value: any (did it happen), count (how often), sum. "
        f"Absent: {_JOINED}.",
        "any",
    )
    window_days: int | None = key(
        None, "How many days after the start count. Absent: the value is final.", 30, ge=0, le=MAX_WINDOW
    )
    missing: Literal["zero", "drop"] = key(
        ..., "A unit that no file names: counts as zero, or is left out. Said in advance.", "zero"
    )
    outsiders: Literal["refuse", "pass"] | None = key(
        None,
        "Rows of people who are not in the trial: refused, or counted and passed over where a file holds everyone. A file "
        "with several outcomes passes them over where all of these do.",
        "pass",
    )
    benefit: float | None = key(
        None, "What one unit of the outcome is worth, in money.", 40.0, gt=0, le=MAX_AMOUNT
    )
    source: Literal["survey"] | None = key(
        None, "'survey' where people answer for themselves; then who answered is reported.", "survey"
    )
    unit: Text | None = key(
        None,
        "What one point of a continuous outcome is: only trials that measure in the same are pooled.",
        "USD",
    )


class Survey(TomlTable):
    """A short survey of everyone drawn: the same page for every arm, read back by the code that stands on it."""

    template: Text = key(
        ..., "The page, a file under templates/; `- [ ]` makes a box to tick.", "water/survey.md"
    )
    address: Text | None = key(
        None,
        "Where it can be answered online; {reference} becomes the piece's code. Absent: the QR code is the code alone.",
        "https://springfield.example/survey?ref={reference}",
    )


class Adapted(TomlTable):
    """The trial of another city that this one replicates. Written by `rct adapt`."""

    city: str = key(..., "The other city.", "Riverton")
    trial: Text = key(..., "Its name of the trial.", "water-bills")
    plan_hash: Text = key(..., "The hash of the plan that was adapted.", "9f2c…")
    bundle: Text | None = key(None, "The hash of the bundle that it came from.", "41ab…")
    changes: list[Text] = key(
        [],
        "What you changed from the original and why, in a sentence each.",
        ["Our bills are due in 21 days."],
    )


class Analysis(TomlTable):
    """How the result is computed. Nobody sees results by arm before `date`."""

    estimator: Estimator = key(
        estimators.usual(adjusting=False).name,
        f"How arms are compared. Absent: {estimators.usual(adjusting=True).name} if covariates or categories are named,"
        f" else {estimators.usual(adjusting=False).name}.",
        estimators.usual(adjusting=True).name,
    )
    standard_errors: StandardErrors = key(
        "HC2", "How uncertainty is measured. Absent: CR2 where clusters are drawn, else HC2.", "HC2"
    )
    block_weights: Literal["precision"] | None = key(
        None,
        f"How blocks of units count with {estimators.weighing()}. Absent: by their size. precision: block effects without"
        " weights, so that blocks count by how much they tell.",
        "precision",
    )
    alpha: float = key(
        0.05, "The chance of a false alarm that you accept: 0.05 is 5 percent.", 0.05, gt=0, lt=0.5
    )
    multiplicity: Literal["none", "holm"] = key(
        "holm", "How p-values are adjusted when there are several comparisons.", "holm"
    )
    subgroups: list[Column] = key([], "Categories or blocks in which the effect is compared.", ["language"])
    date: Day = key(..., "The day from which results may be seen.", date(2026, 3, 2))


class PowerOutcome(TomlTable):
    """What is expected of one further primary outcome."""

    baseline: float | None = key(
        None, "What the control arm's outcome will be.", 0.42, ge=-MAX_AMOUNT, le=MAX_AMOUNT
    )
    minimum_effect: float | None = key(
        None, "The least effect you hope for, always positive.", 0.02, gt=0, le=MAX_AMOUNT
    )
    sd: float | None = key(None, "The outcome's standard deviation within an arm.", 55.0, gt=0, le=MAX_AMOUNT)
    icc: float | None = key(None, "How alike the units of one cluster are.", 0.05, ge=0, lt=1)
    r2: float | None = key(None, "The share of the variance that covariates explain.", 0.2, ge=0, lt=1)


class Power(TomlTable):
    """What you expect, so that `rct power` can say whether the trial is big enough."""

    baseline: float | None = key(
        None,
        "What the control arm's outcome will be: a share (0.42), a mean count or a mean.",
        0.42,
        ge=-MAX_AMOUNT,
        le=MAX_AMOUNT,
    )
    minimum_effect: float | None = key(
        None,
        "The least effect you hope for, in the outcome's unit, always positive (0.02 is 2 points).",
        0.02,
        gt=0,
        le=MAX_AMOUNT,
    )
    power: float = key(0.8, "The chance you want of finding an effect of that size.", 0.8, ge=0.5, lt=1)
    units: int | None = key(
        None,
        "How many units you expect in all. A loaded frame's count is used instead.",
        20000,
        ge=2,
        le=1_000_000_000,
    )
    sd: float | None = key(
        None,
        "The outcome's standard deviation within an arm. Needed for a continuous outcome.",
        55.0,
        gt=0,
        le=MAX_AMOUNT,
    )
    icc: float | None = key(
        None,
        "How alike the units of one cluster are, 0 to 1. Needed when clusters are drawn.",
        0.05,
        ge=0,
        lt=1,
    )
    cluster_size: float | None = key(
        None, "How many units a cluster has on average.", 2.4, ge=1, le=MAX_AMOUNT
    )
    cluster_size_cv: float | None = key(
        None,
        "How unequal clusters are: the standard deviation of their sizes over the mean. Absent: 0.",
        0.5,
        ge=0,
        le=10,
    )
    r2: float = key(
        0.0,
        "The share of the outcome's variance that covariates and blocks explain, 0 to 1.",
        0.2,
        ge=0,
        lt=1,
    )
    outcomes: dict[str, PowerOutcome] | None = key(
        None,
        "Other expectations for a further primary outcome.",
        {"amount_30": {"baseline": 61.0, "sd": 55.0}},
    )


class Decision(TomlTable):
    """The rule, agreed in advance."""

    worthwhile: float = key(
        ...,
        "The least effect worth adopting, in the unit of the first primary outcome (0.01 is one point).",
        0.01,
        gt=0,
        le=MAX_AMOUNT,
    )


class TrialFile(TomlTable):
    """A trial.toml: the whole definition."""

    trial: Trial = key(..., "What the trial is about.", {})
    arms: dict[str, Arm] = key(..., "The versions, two or more; one is the control.", {})
    frame: Frame = key(..., "The list of units.", {})
    design: Design = key(Design(), "How lots are drawn.", {})
    outcomes: dict[str, Outcome] = key(..., "What is measured; at least one is primary.", {})
    analysis: Analysis = key(..., "How results are computed.", {})
    power: Power | None = key(None, "What you expect.", {})
    decision: Decision = key(..., "The rule, agreed in advance.", {})
    survey: Survey | None = key(None, "A short survey of the people drawn.", {})
    adapted: Adapted | None = key(None, "The trial that this one replicates.", {})
    columns: dict[str, Column] | None = key(
        None,
        "What your files call a column: the definition's name, and the heading that stands for it in lists and in files "
        "of outcomes and pieces. A file that has the definition's own name is read too.",
        {"name": "Owner Name", "account": "Citation #"},
    )
    formats: Formats | None = key(None, "How your files write dates, numbers and yes or no.", {})
