"""One line each for the other planned outcomes and the planned subgroups, for the arm of the answer."""

from __future__ import annotations

from collections.abc import Sequence

from rct.report import numbers as show
from rct.report.finding import BAD, GOOD, Finding, Scale, finding_of, findings, has_interval, scale_of
from rct.report.record import MemoRecord, ResultRow
from rct.report.suppress import first_levels
from rct.report.words import quoted

LISTED = 3


def other_outcomes(record: MemoRecord, top: Finding, withheld: frozenset[ResultRow]) -> list[str]:
    """The planned outcomes beside the first primary one."""
    names = [name for name in record.definition.outcomes if name != record.decision.outcome]
    said = []
    for name in names:
        for finding in findings(record, name, withheld):
            if finding.row.arm == top.row.arm:
                said.append(_line(record, finding))
    if len(said) > LISTED:
        return [*said[:LISTED], f"{len(said) - LISTED} more planned outcomes are in the appendix."]
    return said


def subgroups(record: MemoRecord, top: Finding, withheld: frozenset[ResultRow]) -> list[str]:
    """Planned subgroups only: does the effect of this arm differ between the levels."""
    said = []
    for column in record.definition.analysis.subgroups:
        rows = [
            r
            for r in record.results
            if r.term == "interaction"
            and r.subgroup == column
            and r.arm == top.row.arm
            and r.outcome == record.decision.outcome
            and r.role == "confirmatory"
        ]
        shown = [r for r in rows if r not in withheld and has_interval(r)]
        if shown:
            said.append(_subgroup(record, column, shown, top.scale))
        elif rows:
            said.append(f"By {quoted(column)}: withheld, because a group is too small.")
    return said


def _line(record: MemoRecord, finding: Finding) -> str:
    kind = "" if record.definition.outcomes[finding.row.outcome].primary else " (secondary)"
    if not finding.shown:
        return f"{finding.outcome}{kind}: the figures are withheld or could not be computed."
    gain = "a gain" if finding.standing in GOOD else "a loss"
    clear = f"clearly {gain}" if finding.standing in GOOD + BAD else "not clearly different"
    if finding.adjusted is not None and finding.standing.name.startswith("MAYBE"):
        clear = f"perhaps {gain}; adjusted p = {show.p_number(finding.adjusted)}"
    return f"{finding.outcome}{kind}: {finding.scale.lies(finding.estimate)} ({finding.interval}), {clear}."


def _subgroup(record: MemoRecord, column: str, rows: Sequence[ResultRow], scale: Scale) -> str:
    alpha = float(record.definition.analysis.alpha)
    strongest = min(rows, key=lambda r: (_p(r) is None, _p(r) or 0.0))
    scale = scale_of(record.definition, strongest.outcome, rows)
    finding = finding_of(record.definition, strongest, scale, withheld=False)
    first = first_levels(record.results)[strongest.outcome, column]
    p = _p(strongest)
    level = quoted(strongest.level or "")
    apart = (
        f"the difference made by {finding.arm} was {scale.size(finding.estimate)}"
        f" {'higher' if finding.estimate >= 0 else 'lower'} for {level} than for {quoted(first)}"
        f" ({finding.interval}"
    )
    if p is None:
        return f"By {quoted(column)}: {apart}); no p-value could be computed."
    word = "adjusted p" if strongest.p_adjusted is not None and len(rows) > 1 else "p"
    ending = f"{word} {show.p_value(p, alpha).removeprefix('p ')})"
    if p <= alpha:
        return f"By {quoted(column)}: {apart}, {ending}."
    among = f"the strongest of {len(rows)} contrasts: " if len(rows) > 1 else ""
    return f"By {quoted(column)}: no clear difference in the effect ({among}{apart}, {ending})."


def _p(row: ResultRow) -> float | None:
    return row.p_value if row.p_adjusted is None else row.p_adjusted
