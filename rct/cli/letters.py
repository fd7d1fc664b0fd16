"""proof, lint and letters: see each arm's letter, measure its words, make the print files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rct.cli.common import Talk, count, talks
from rct.errors import visible

if TYPE_CHECKING:
    from rct.letters.letterhead import Paper
    from rct.letters.linting import LetterLint


@click.command(
    epilog="Example:  rct proof water-bills\n\n\b\nOnly to look:    rct proof water-bills --to proofs"
)
@click.argument("name")
@click.option("--to", type=click.Path(path_type=Path), metavar="DIR", help="Write there; log nothing.")
@talks
def proof(talk: Talk, name: str, to: Path | None) -> None:
    """Print each letter for an invented recipient.

    A PDF and a picture for each arm, and a sheet with all letters side by side: the same line in the same row, what
    differs marked, and when a line stands that has a condition. The invented recipient is in templates/sample.toml.
    """
    from rct.acts.proof import store_proofs
    from rct.cli.opening import announce, load_definition
    from rct.letters.proof import FOLDER, make_proofs, write_proofs

    ws = talk.workspace
    definition = load_definition(ws, name)
    announce(talk, name)
    with talk.working("Setting the proofs"):
        proofs = make_proofs(ws, definition)
        if to is not None:
            write_proofs(proofs, to)
            fresh, shown = True, str(to)
        else:
            fresh = store_proofs(ws, definition, talk.person, proofs)
            shown = ws.shown(ws.out(name) / FOLDER)
    talk.say(
        f"{name}: {count(len(proofs.files), 'file')} in {visible(shown)}" + ("" if fresh else " (unchanged)")
    )
    for key, columns in proofs.columns.items():
        language = f" ({visible(key)})" if key else ""
        for column in columns:
            said = (
                f"{column.differing:,} of {len(column.lines):,} lines differ"
                if column.lines
                else "nothing is sent"
            )
            talk.say(f"  {column.arm}{language}: {said}")
    talk.wrap("Look at side-by-side.pdf (or .html): do only the words differ that should?")
    talk.done(
        {"ok": True, "path": shown, "files": sorted(proofs.files), "fresh": fresh}, next=f"rct lint {name}"
    )


@click.command(epilog="Example:  rct lint water-bills")
@click.argument("name")
@talks
def lint(talk: Talk, name: str) -> None:
    """Measure how plain each letter is, and say what to change.

    Reading grade, sentence length, passive sentences, one action with a date and a contact, officialese with
    plain words. Exit code 1 when something should be changed.
    """
    from rct.cli.opening import announce, load_definition
    from rct.letters.linting import lint_letters

    definition = load_definition(talk.workspace, name)
    announce(talk, name)
    lints = lint_letters(talk.workspace, definition)
    if not lints:
        talk.say(f"{name} sends nothing: no arm has a template.")
    for letter in lints:
        measured = letter.lint
        hard = (
            ("grade 1 or below" if measured.grade < 1 else f"grade {measured.grade:.1f}")
            if measured.grade is not None
            else f"reading ease {measured.ease:.0f}"
            if measured.ease is not None
            else f"language {visible(measured.language)}"
        )
        talk.say(f"templates/{visible(letter.path)}: {'plain' if measured.ok else 'to mend'}")
        talk.wrap(
            f"{hard}; {measured.words_per_sentence:.0f} words a sentence, the longest {measured.longest}; "
            f"{100 * measured.passive_share:.0f} % passive",
            "  ",
        )
        if measured.action:
            talk.wrap(f"asks: {visible(measured.action)}", "  ")
        for remark in measured.remarks:
            talk.wrap(f"{'mend' if remark.mend else 'note'}: {visible(remark.text)}", "  ")
    ok = all(letter.lint.ok for letter in lints)
    result = {"ok": ok, "letters": [_as_dict(letter) for letter in lints]}
    talk.done(result, next=f"rct proof {name}" if ok else f"mend them, then: rct lint {name}")
    if not ok:
        raise SystemExit(1)


def _as_dict(letter: LetterLint) -> dict[str, Any]:
    m = letter.lint
    remarks = [{"code": r.code, "text": r.text, "mend": r.mend} for r in m.remarks]
    return {
        "arm": letter.arm, "language": m.language, "file": f"templates/{letter.path}", "ok": m.ok,
        "grade": m.grade, "ease": m.ease, "words": m.words, "sentences": m.sentences,
        "words_per_sentence": m.words_per_sentence, "longest": m.longest, "passive_share": m.passive_share,
        "action": m.action, "date": m.dated, "contact": m.contact, "remarks": remarks,
    }  # fmt: skip


@click.command(
    epilog="Example:  rct letters water-bills --seeds staff.csv\n\n\b\n"
    "A4, one side:    rct letters water-bills --paper a4 --simplex\n"
    "From Word:       rct letters --import today.docx --to water-bills/now.md"
)
@click.argument("name", required=False)
@click.option(
    "--import",
    "word",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Turn a Word letter (.docx) into a template, before the lock.",
)
@click.option("--to", metavar="NAME.md", help="With --import: its name under templates/ (else the file's).")
@click.option(
    "--seeds",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="2 to 5 staff addresses (else private/seeds.csv).",
)
@click.option("--by-hand", is_flag=True, help="List the rows that can't be printed, and print the others.")
@click.option("--paper", type=click.Choice(["us-letter", "a4"]), help="Else as in templates/letterhead.toml.")
@click.option("--duplex/--simplex", default=None, help="Blank backs, or none.")
@talks
def letters(talk: Talk, name: str | None, word: Path | None, to: str | None, **how: Any) -> None:
    """Make the print files after the draw: one PDF for every 500 letters.

    With them come vendor.xlsx, a manifest with counts and hashes, and a record layout, all in
    private/NAME/letters/. Versions are letters (A, B, …), mixed so that each day's mail holds all of them.

    --import FILE.docx makes none of these: it turns a Word letter into a template with its merge fields, and names
    everything that a template can't hold.
    """
    if word is not None:
        _import(talk, name, word, to)
        return
    if name is None:
        raise click.UsageError("Missing argument 'NAME'.")
    _print(talk, name, **how)


def _import(talk: Talk, name: str | None, word: Path, to: str | None) -> None:
    from rct.letters.word_import import import_letter

    ws = talk.workspace
    path, imported, fresh = import_letter(ws, word, to)
    if not fresh:
        talk.say("The same letter is there already; nothing was changed.")
    talk.say(f"Wrote {ws.shown(path)}")
    for said, field in imported.fields.items():
        talk.wrap(f"field {visible(said)}: {{{{ {field} }}}}, a column of that name in the list", "  ")
    for what, n in imported.lost.items():
        talk.wrap(f"lost: {visible(what)}{f' ({n:,} times)' if n > 1 else ''}", "  ")
    if not imported.lost:
        talk.say("  Nothing was lost.")
    result = {
        "ok": True,
        "path": ws.shown(path),
        "fields": imported.fields,
        "lost": imported.lost,
        "fresh": fresh,
    }
    talk.done(result, next=f"rct check {name}" if name else "name it in trial.toml; then rct check NAME")


def _print(
    talk: Talk, name: str, seeds: Path | None, by_hand: bool, paper: Paper | None, duplex: bool | None
) -> None:
    from rct.acts.letters import LettersRequest, make_letters
    from rct.audit.blind import may_tell_versions
    from rct.cli.opening import announce, load_definition

    ws = talk.workspace
    definition = load_definition(ws, name)
    announce(talk, name)
    with talk.working("Setting the letters"):
        made = make_letters(ws, definition, talk.person, LettersRequest(seeds, by_hand, paper, duplex))
    if not made.fresh:
        talk.say(f"{name}: these letters are there already; nothing was changed.")
    prints = [file for file in made.files if file.startswith("letters-")]
    talk.say(
        f"{name}: {count(made.pieces, 'piece')} in {count(len(prints), 'file')}, in {visible(made.path)}\n"
    )
    opted_out = sum(n["opted_out"] for n in made.versions.values())
    told: dict[str, dict[str, int | None]] = {v: dict(n) for v, n in made.versions.items()}
    if not may_tell_versions(ws, name, opted_out):
        told = {v: {**dict.fromkeys(n), "seeds": n["seeds"]} for v, n in made.versions.items()}
    head = ("version", "arm", "letters", "staff", "by hand", "opted out")
    keys = ("units", "seeds", "by_hand", "opted_out")
    rows = [
        (v, made.arms[v], *("withheld" if n[key] is None else f"{n[key]:,}" for key in keys))
        for v, n in told.items()
    ]
    talk.table(head, rows)
    talk.say()
    if told != made.versions:
        talk.wrap(
            f"{opted_out:,} opted out and get nothing. How many of each version, and so how many letters, is told "
            "with the results."
        )
    if not any(n["seeds"] for n in made.versions.values()):
        talk.wrap("No staff addresses: give 2 to 5 with --seeds FILE to see what arrives, and when.")
    if made.running:
        listed = ", ".join(f"{n:,}" for n in made.running[:10])
        talk.wrap(f"No vendor.csv: a spreadsheet would run a cell of row {listed}. Send vendor.xlsx.")
    if "by-hand.csv" in made.files:
        talk.wrap(f"Write these by hand: {visible(made.path)}/by-hand.csv")
    talk.wrap("Which arm a version is stays with you; the vendor gets the files but not this list.")
    result = {
        "ok": True, "pieces": made.pieces, "versions": told,
        "left_out": {"opted_out": opted_out}, "arms": made.arms, "files": made.files,
        "path": made.path, "fresh": made.fresh,
    }  # fmt: skip
    talk.done(result, next=f"send them to print; then rct mailed {name} FILE")
