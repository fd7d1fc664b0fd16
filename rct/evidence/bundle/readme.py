"""readme.md of a bundle: what it is, what was found, what each file is and how to check it, for a person."""

from __future__ import annotations

from collections.abc import Mapping

from rct.errors import visible
from rct.estimate.estimators import null_of
from rct.evidence.bundle.package import FILE, SIGNATURE, Member
from rct.evidence.record import Evidence, ResultLine
from rct.report.printers.markdown import escaped
from rct.report.record import MemoRecord


def readme(memo: MemoRecord, evidence: Evidence, members: Mapping[str, Member]) -> str:
    """Markdown, lines of a table for the results and one for the files."""
    city = _text(evidence.city) or "A city"
    marks = [f"> **{note}**\n" for note in evidence.notes if "made up" in note or "generator" in note]
    files = {
        **{name: m.title for name, m in members.items()},
        "readme.md": "This page",
        FILE: "The list of all files, with their sha256 (a Data Package)",
        SIGNATURE: "The city's signature of that list",
    }
    return "\n".join(
        [
            f"# {_text(evidence.title)}",
            "",
            *marks,
            f"{city}. {_drawn(evidence, elsewhere=memo.draw.replayed)}. The rule agreed in advance "
            f"says: {evidence.rule_says}.{_decided(evidence)}",
            "",
            "## What was tried, and why",
            "",
            _text(evidence.problem),
            "",
            _text(evidence.hypothesis),
            "",
            *(f"- {_text(arm.label)}{' (the comparison)' if arm.control else ''}" for arm in evidence.arms),
            "",
            "## What was found",
            "",
            "| Outcome | Version | Difference | 95% interval | p, adjusted |",
            "| --- | --- | ---: | ---: | ---: |",
            *(
                _line(evidence, line)
                for line in evidence.lines
                if line.subgroup is None and line.term == "arm"
            ),
            "",
            "Differences are to the comparison, in shares (0.02 is two percentage points) or in the outcome's own unit. "
            "memo.html tells them in words; results.csv holds all of them.",
            *(_fragile(evidence)),
            "",
            "## What is not in here",
            "",
            f"Nobody's name, address or record; nothing of a block or household; no count of fewer than {memo.threshold} "
            "people, nor one from which such a count could be worked out. Withheld figures are empty.",
            "",
            "## The files",
            "",
            "| File | What it is |",
            "| --- | --- |",
            *(f"| {name} | {_text(files[name])} |" for name in sorted(files)),
            "",
            "## How to check it",
            "",
            "`rct verify bundle.zip` looks whether anything was changed since the city signed it, follows the log's "
            "links, and does the last step of every result again: estimate, standard error, degrees of freedom, "
            "interval, p and the adjustment for several comparisons. The sums of residuals inside it are taken on "
            "trust: only the city has the rows, and checks them with the same command.",
            "",
            f"Head of the log's analysis, to compare with the printed memo: `{memo.head}`",
            "",
        ]
    )


def _drawn(evidence: Evidence, *, elsewhere: bool) -> str:
    counts = [arm.n for arm in evidence.arms]
    whole = not any(n is None for n in counts)
    units = f"{sum(n or 0 for n in counts):,} units" if whole else ""
    if elsewhere:
        who = f"{units} in {len(counts)} groups" if units else f"{len(counts)} groups"
        return f"A trial, started on {evidence.start}; {who} made elsewhere and read in, by lot or not"
    how = (
        f"{units} drawn by lot to {len(counts)} versions" if units else f"{len(counts)} versions drawn by lot"
    )
    return f"A randomized trial, started on {evidence.start}; {how}"


def _decided(evidence: Evidence) -> str:
    return f" The city decided: {evidence.decided}." if evidence.decided else ""


def _line(evidence: Evidence, line: ResultLine) -> str:
    labels = {a.name: a.label for a in evidence.arms} | {o.name: o.label for o in evidence.outcomes}
    if line.estimate is None:
        figures = ["withheld", "", ""]
    else:
        mark = " *" if line.fragile else ""
        interval = "" if line.interval is None else f"{line.interval[0]:.4g} to {line.interval[1]:.4g}"
        p = line.p if line.fragile or line.p_adjusted is None else line.p_adjusted
        figures = [
            f"{line.estimate:+.4g}"
            if null_of(evidence.estimator, line.term) == 0
            else f"{line.estimate:.4g}",
            f"{interval or ('none' if mark else '')}{mark}",
            "" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}",
        ]
    return f"| {_text(labels[line.outcome])} | {_text(labels[line.arm])} | {' | '.join(figures)} |"


def _fragile(evidence: Evidence) -> list[str]:
    if not any(line.fragile and line.term == "arm" and line.subgroup is None for line in evidence.lines):
        return []
    return [
        "",
        r"\* The usual test can mislead here: interval and p are those that the memo tells in place of the t test's. The "
        "t test's own stand in results.csv, whose column fragile says why.",
    ]


def _text(text: str) -> str:
    """Text from a definition, in one line, that Markdown prints as it is."""
    return escaped(visible(" ".join(text.split()))) if text else ""
