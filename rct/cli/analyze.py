"""analyze: run the analysis that the plan promised, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from rct.cli.common import Talk, count, talks
from rct.errors import stop, visible
from rct.language import SOURCE, codes, others, suffix
from rct.registry.events import DecideBody

if TYPE_CHECKING:
    from rct.acts.analyze import MadeAnalysis
    from rct.analysis.compute import AnalysisResults
    from rct.definition import Definition
    from rct.registry.state import State


@click.command(epilog="Example:  rct analyze water-bills")
@click.argument("name")
@click.option("--early", is_flag=True, help="Before the plan's date: a deviation, with its reason.")
@click.option("--reason", default="", help="Why it can't wait.")
@talks
def analyze(talk: Talk, name: str, early: bool, reason: str) -> None:
    """Run the analysis that the plan promised, and no more.

    Every unit counts in the arm it was drawn to. Refused before the plan's date.
    """
    from rct.acts.analyze import analyze as run
    from rct.analysis.results import fragile
    from rct.analysis.stored import analyzed as last_analysis
    from rct.audit.reason import require_reason
    from rct.cli.opening import announce
    from rct.registry.trial import again
    from rct.report.gather import beside_results
    from rct.report.words.phrases import sentence

    if early:
        reason = require_reason(reason)
    elif reason:
        stop("usage", "--reason goes with --early.", "Leave it out, or add --early.", field="--reason")
    (seen,) = announce(talk, name)
    with talk.working("Analyzing"):
        analyzed = run(seen, talk.person, early=early, reason=reason)
        with again(analyzed.seen, own=int(analyzed.fresh)) as trial:
            deviations, notes, cautions, analysis = beside_results(last_analysis(trial))
    refused = list(analyzed.event.body.refused or ())
    shaky = fragile(analyzed.rows, analysis.told)
    if not analyzed.fresh:
        talk.say("The same plan on the same data was analyzed already; nothing was changed.")
    definition = trial.definition
    for outcome in dict.fromkeys(r.outcome for r in analyzed.rows):
        _say_outcome(talk, definition, analyzed, analysis, outcome)
    if notes:
        talk.say("\nNotes:")
        for note in notes:
            talk.wrap(visible(f"- {sentence(note)}"), "  ")
    talk.say(f"\nThe agreed rule says: {analyzed.event.body.verdict}.")
    for caution in cautions:
        talk.wrap(visible(caution))
    _say_refused(talk, [definition.outcomes[outcome].label for outcome in refused])
    if deviations:
        talk.say(f"\n{count(len(deviations), 'deviation')} from the plan:")
        for deviation in deviations:
            talk.wrap(visible(f"- {deviation.text}"), "  ")
    result = {
        "ok": True,
        "results": [row.as_dict() for row in analyzed.rows],
        "deviations": [d.as_dict() for d in deviations],
        "fresh": analyzed.fresh,
        "refused": refused,
        "fragile": [asdict(each) for each in shaky],
        "cautions": cautions,
    }
    talk.done(result, next=f"rct report {name}")


def _say_outcome(
    talk: Talk, definition: Definition, analyzed: MadeAnalysis, analysis: AnalysisResults, outcome: str
) -> None:
    from rct.analysis.results import fragile
    from rct.report.printers import terminal
    from rct.report.words import numbers as show

    rows = analyzed.rows
    level = show.confidence(rows[0].conf_level)
    label = visible(definition.outcomes[outcome].label)
    talk.say(f"\n{label} ({terminal.unit_of(definition, outcome)}, {level} intervals)")
    talk.table(terminal.HEAD, terminal.result_rows(definition, rows, outcome))
    if outcome in (analyzed.event.body.refused or ()):
        return  # its figures are no results: memo and rule use none of them
    shaky = fragile(rows, analysis.told)
    for line in (
        *terminal.star_line(rows, outcome),
        *terminal.untested_lines(definition, rows, analysis.checks, outcome),
        *terminal.fragile_lines(definition, rows, shaky, outcome, decides=outcome == analysis.deciding),
    ):
        talk.wrap(line, "  ")


def _say_refused(talk: Talk, labels: Sequence[str]) -> None:
    for label in labels:
        talk.wrap(
            f"The files for “{visible(label)}” list people and leave out more of some arms than of others; whom they leave "
            "out counts as no, or zero. So its figures are no results, and no verdict rests on them. Load records of "
            "everyone, and analyze again."
        )


@click.command(epilog="Example:  rct report water-bills --open")
@click.argument("name")
@click.option(
    "--lang",
    "language",
    default=SOURCE.code,
    show_default=True,
    help=f"Write memo and appendix in this language too: {', '.join(others(*codes()))}.",
)
@click.option("--open", "show", is_flag=True, help="Show the memo in the browser.")
@talks
def report(talk: Talk, name: str, language: str, show: bool) -> None:
    """Write the one-page memo and the analyst's appendix.

    memo.html, memo.pdf, memo.docx, memo.md and memo.json (for programs) say the same, from one record; appendix.html and
    appendix.json hold every number.
    """
    from rct.acts.report import print_report
    from rct.cli.opening import announce

    ws = talk.workspace
    (trial,) = announce(talk, name)
    with talk.working("Writing the memo"):
        printed = print_report(trial, talk.person, language)
    if not printed.fresh:
        talk.say("The same memo was printed already; nothing was changed.")
    for path in printed.paths:
        talk.say(f"  {path}")
    memo = (ws.out(name) / f"memo{suffix(language)}.html").resolve()
    talk.say(f"\nMemo: {memo}")
    if show:
        click.launch(memo.as_uri())
    talk.done(
        {"ok": True, "paths": list(printed.paths), "fresh": printed.fresh},
        next="rct site" if _decided(printed.state) else f'rct decide {name} adopt|adapt|drop --note "…"',
    )


def _decided(state: State) -> bool:
    """Whether people decided on the analysis that was printed."""
    decided, analysis = state.last(DecideBody), state.analysis
    return decided is not None and analysis is not None and decided.seq > analysis.seq
