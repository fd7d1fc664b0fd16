"""check: every mistake at once, in the definition and in a list of people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rct.cli.common import Talk, count, show_problems, talks
from rct.cli.loading import how_read, rename
from rct.errors import MAX_LISTED, Problem, RctError, visible

if TYPE_CHECKING:
    from rct.definition import Definition
    from rct.definition.listed import LoadedList
    from rct.frame.preview import Preview
    from rct.tables.options import FileOptions

# The list could not be looked at: no answer, exit code 2.
NOT_READ = {"encoding_conflict", "file_changed", "file_unreadable", "unknown_encoding", "unknown_rename"}
FEW = 10  # blocks or cells listed


@click.command(epilog="Example:  rct check water-bills --frame accounts.csv")
@click.argument("name")
@click.option(
    "--frame",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read this list too; store nothing.",
)
@click.option("--encoding", metavar="NAME", help="The file's encoding, if it is not UTF-8.")
@rename("the definition's B")
@talks
@how_read
def check(talk: Talk, name: str, file: Path | None, how: FileOptions) -> None:
    """Find every mistake in a trial's definition, and in a list of people.

    Nothing is stored. Exit code 1 when something must be mended.
    """
    from rct import fs
    from rct.cli.opening import announce, load_definition, next_step
    from rct.definition.expectations import design_warnings
    from rct.registry.trial import opened
    from rct.report.gather import list_facts, power_sentences

    ws = talk.workspace
    fs.require_name(name, "trial")
    try:
        definition = load_definition(ws, name)
    except RctError as error:
        if any(p.code == "no_trial" for p in error.problems):
            raise
        _no(talk, name, error.problems)
    announce(talk, name)
    problems = [*_check_sending(talk, definition), *_check_pictures(talk, definition)]
    rest, loaded = "", None
    if file is not None:
        in_file, rest, loaded = _check_file(talk, definition, file, how)
        problems += in_file
    if problems:
        _no(talk, name, problems, rest)
    talk.say(f"{name}: the definition holds together.")
    talk.calendar(definition)
    if file is None:
        loaded = list_facts(ws, definition)
    for sentence in power_sentences(definition, loaded):
        talk.wrap(visible(sentence), "  ")
    with opened(ws, name) as trial:
        locked = trial.state.plan is not None
    look = f"rct proof {name}   then   " if definition.template_paths else ""
    warnings = [w.as_dict() for w in design_warnings(definition, loaded)]
    talk.done(
        {"ok": True, "problems": [], "warnings": warnings},
        next=next_step(ws, name) if locked else f"{look}rct power {name}   then   rct lock {name}",
    )


def _no(talk: Talk, name: str, problems: Sequence[Problem], rest: str = "") -> None:
    many = "many things" if len(problems) >= MAX_LISTED else count(len(problems), "thing")
    talk.say(f"{name}: {many} to mend.")
    if not talk.as_json:
        show_problems(problems, err=False, rest=rest)
    said = {"ok": False, "problems": [p.as_dict() for p in problems], **({"rest": rest} if rest else {})}
    talk.done(said, next=f"mend them, then: rct check {name}")
    raise SystemExit(1)


def _check_sending(talk: Talk, definition: Definition) -> list[Problem]:
    """What letters, e-mails and text messages lack; how long each message is for the invented recipient."""
    from rct.letters.compose import Composer
    from rct.letters.letterhead import read_letterhead
    from rct.letters.messages import length_sentence, samples
    from rct.letters.required import sending_problems
    from rct.letters.words import UnfitValue

    try:
        composer = Composer(talk.workspace, definition, read_letterhead(talk.workspace))
    except RctError as error:
        return error.problems
    problems = sending_problems(composer)
    if definition.trial.channel not in ("email", "sms"):
        return problems
    try:
        for each in samples(composer):
            language = f" ({visible(each.language)})" if each.language else ""
            talk.wrap(f"{each.arm}{language}: {visible(length_sentence(each))}", "  ")
    except UnfitValue as error:
        talk.wrap(f"templates/sample.toml: the invented recipient lacks {visible(error.wanted)}", "  ")
    return problems


def _check_pictures(talk: Talk, definition: Definition) -> list[Problem]:
    """The pictures of letters and letterhead that can't be printed."""
    from rct.cli.opening import require_printable

    try:
        require_printable(talk, definition)
    except RctError as error:
        return error.problems
    return []


def _check_file(
    talk: Talk, definition: Definition, file: Path, how: FileOptions
) -> tuple[list[Problem], str, LoadedList | None]:
    """What is to be mended in the list, what there is beyond that, in words, and what the list says of the draw (None
    where it could not be read to the end)."""
    from rct.definition.links import linked_columns
    from rct.frame.kept import ledger_of
    from rct.frame.preview import preview
    from rct.registry.trial import opened

    with opened(talk.workspace, definition.name) as trial:
        ledger = ledger_of(trial)
    try:
        links = linked_columns(talk.workspace.templates, definition.template_paths)
        with talk.working("Reading the list"):
            seen = preview(definition, how.read(file, definition.layout), ledger, links)
    except RctError as error:
        if any(p.code in NOT_READ for p in error.problems):
            raise
        return error.problems, error.rest, None  # the file was read, and the answer is no
    _say_list(talk, definition, seen, file.name)
    return seen.problems, seen.rest, seen.rows.facts()


def _say_list(talk: Talk, definition: Definition, seen: Preview, file: str) -> None:
    counts = seen.rows.counts
    talk.say(f"{visible(file)}: {counts.rows:,} rows, {counts.kept:,} units would be drawn")
    for code, n in counts.reasons.items():
        talk.say(f"  {n:>10,}  {code.replace('_', ' ')}")
    if seen.clusters:
        talk.say(f"  {seen.clusters:,} clusters")
    if seen.blocks:
        talk.say(f"  {len(seen.blocks):,} blocks; units by arm in each:")
        head = ("block", "units", *definition.arms)
        rows = []
        for block in seen.blocks[:FEW]:
            cells = [f"{low:,}" if low == high else f"{low:,}-{high:,}" for low, high in block.arms]
            rows.append((" / ".join(block.label.split("\x1f")) or "(empty)", f"{block.units:,}", *cells))
        talk.table(head, rows, "    ")
        if len(seen.blocks) > FEW:
            talk.say(f"    … and {len(seen.blocks) - FEW:,} more")
    else:
        cells = [
            f"{a} {low:,}" if low == high else f"{a} {low:,}-{high:,}" for a, (low, high) in seen.arms.items()
        ]
        talk.wrap("arms: " + ", ".join(cells), "  ")
    if seen.merged:
        talk.wrap(f"{seen.merged:,} small blocks at most would be analyzed together with others.", "  ")
    if seen.rows.ignored:
        talk.wrap(
            "not named by the definition, not stored: "
            + ", ".join(visible(c) for c in seen.rows.ignored[:12]),
            "  ",
        )
    for warning in seen.rows.warnings[:FEW]:
        talk.wrap(f"warning: {visible(warning.rule)} {visible(warning.found or '')}".rstrip(), "  ")
        talk.wrap(visible(warning.fix), "    ")
