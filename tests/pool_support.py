"""What tests of pooling and the library share: evidence made of plain figures, and papers of plain counts."""

from __future__ import annotations

from typing import Any

from rct.evidence.record import Covariance, Evidence, EvidenceArm, EvidenceOutcome, ResultLine


def evidence(
    name: str,
    figures: dict[str, tuple[float | None, float | None]],
    *,
    outcome: str = "paid",
    kind: Any = "binary",
    direction: Any = "increase",
    unit: str | None = None,
    shared: float | None = None,
    nudges: dict[str, tuple[str, ...]] | None = None,
    **other: Any,
) -> Evidence:
    """A trial with an estimate and standard error for each arm; `shared` is the variance of their one control."""
    arms = [
        EvidenceArm("plain", "Today's letter", True, 500),
        *(EvidenceArm(a, a.title(), False, 500, (nudges or {}).get(a, ())) for a in figures),
    ]
    lines = []
    for arm, (estimate, se) in figures.items():
        ends = (
            (None, None) if estimate is None or se is None else (estimate - 1.96 * se, estimate + 1.96 * se)
        )
        lines.append(
            ResultLine(
                outcome,
                arm,
                "plain",
                "arm",
                None,
                None,
                estimate,
                se,
                None,
                None,
                None,
                *ends,
                None if estimate is None else 1000,
                500,
                500,
                0.4,
                "confirmatory",
            )
        )
    names = list(figures)
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    values: dict[str, Any] = {
        "source": "bundle",
        "name": name,
        "title": f"Does a letter help in {name}?",
        "city": name.title(),
        "problem": "Bills are paid late.",
        "hypothesis": "A letter helps.",
        "channel": "letter",
        "department": "water",
        "population": None,
        "keywords": (),
        "start": "2026-01-12",
        "scheme": "complete",
        "estimator": "difference_in_means",
        "arms": tuple(arms),
        "outcomes": (EvidenceOutcome(outcome, "Paid in full", kind, direction, True, 30, unit),),
        "lines": tuple(lines),
        "covariances": tuple(
            Covariance(outcome, a, outcome, b, shared) for a, b in pairs if shared is not None
        ),
        "worthwhile": 0.01,
        "rule_says": None,
        "decided": None,
        "digest": f"{abs(hash(name)):064x}",
    }
    return Evidence(**(values | other))


def paper_text(city: str, control: int, social: int, n: int = 1000, **extra: str) -> str:
    """A paper of two arms of n with so many payers."""
    more = "".join(f'{key} = "{value}"\n' for key, value in extra.items())
    return f"""[paper]
title = "Letters on overdue water bills in {city}"
citation = "Office of Evaluation, {city} (2024)"
where = "Table 1"
city = "{city}"
channel = "letter"
problem = "Water bills are paid late."
{more}
[arms.current]
label = "Today's letter"
control = true
n = {n}
[arms.social]
label = "Most neighbors pay on time"
n = {n}
nudge = ["social norm"]
[outcomes.paid]
label = "Paid within 30 days"
kind = "binary"
direction = "increase"
primary = true
window_days = 30
[outcomes.paid.arms]
current = {{ events = {control} }}
social = {{ events = {social} }}
"""
