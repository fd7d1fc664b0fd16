"""library: other cities' trials and published ones, kept and found."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rct.cli.common import Talk, count, talks
from rct.errors import typed, visible

if TYPE_CHECKING:
    from rct.evidence.record import Evidence

FILTERS = ("problem", "channel", "department", "population", "nudge", "outcome")
DIGITS = 12  # of a digest, enough to tell entries apart by eye


@click.group(epilog="Example:  rct library add bundle.zip")
def library() -> None:
    """Keep other cities' bundles and published papers, find them, pool them.

    The files lie in library/ of the workspace; library.db there is an index of them, made anew at any time.
    """


@library.command(
    short_help="Add bundles and papers: all or none.",
    epilog="Example:  rct library add ~/from-oldtown/ docs/papers/resume-audit.toml",
)
@click.argument(
    "files", nargs=-1, required=True, metavar="BUNDLE|PAPER|FOLDER...", type=click.Path(path_type=Path)
)
@click.option("--replace", is_flag=True, help="Put a newer file of the same trial in the older one's place.")
@talks
def add(talk: Talk, files: tuple[Path, ...], replace: bool) -> None:
    """Add bundles, papers (.toml, docs/papers.md) or folders of them: all or none."""
    from rct.evidence.library.entries import add as put
    from rct.evidence.library.paper import flags

    if sys.stdin.isatty() and not talk.as_json:
        _ask_about_strangers(talk, files)
    with talk.working("Reading"):
        added = put(talk.workspace, files, replace=replace)
    for evidence in added.new:
        if len(added.new) <= 20:
            talk.say(f"  added      {_name(evidence)}")
        for flag in flags(evidence):
            talk.wrap(visible(f"look: {evidence.name}: {flag}"), "    ")
    for evidence in added.unchanged[:20]:
        talk.say(f"  unchanged  {_name(evidence)}")
    replaced = f", {count(added.replaced, 'older file')} replaced" if added.replaced else ""
    talk.say(f"{count(len(added.new), 'file')} added, {len(added.unchanged)} there already{replaced}.")
    result = {
        "ok": True,
        "added": [_short(e) for e in added.new],
        "unchanged": [_short(e) for e in added.unchanged],
        "replaced": added.replaced,
        "flags": {e.name: flags(e) for e in added.new if flags(e)},
    }
    talk.done(result, next="rct library find WORDS")


@library.command(
    short_help="Find entries by their words.",
    epilog='Example:  rct library find "water bills letter social norm" --department water',
)
@click.argument("words", nargs=-1)
@click.option("--problem", default="", help="Words of the problem or hypothesis.")
@click.option("--channel", default="", help="letter, postcard, email, sms.")
@click.option("--department", default="", help="Words of the department.")
@click.option("--population", default="", help="Words of who the people were.")
@click.option("--nudge", default="", help="The kind of nudge, e.g. 'social norm'.")
@click.option("--outcome", default="", help="Words of an outcome's name or label.")
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1, 100_000), help="List at most so many."
)
@talks
def find(talk: Talk, words: tuple[str, ...], limit: int, **filters: str) -> None:
    """Find entries by their words, best match first; without words, all of them.

    The order is how well the words match, never what was found: trials that found nothing stand beside the others.
    """
    from rct.evidence.library.find import find as search

    found = search(talk.workspace, " ".join(words), filters, limit)
    if not found.total:
        talk.say("No entry has these words.")
    elif found.any_word:
        talk.say(f"No entry has all of these words; with some of them: {_entries(found.total)}.")
    else:
        talk.say(f"{_entries(found.total)}.")
    for evidence in found.hits:
        talk.say()
        for line in _hit(evidence):
            talk.wrap(visible(line[1]), " " * line[0])
    if found.total > len(found.hits):
        talk.say(f"\n… and {found.total - len(found.hits):,} more (--limit).")
    if found.total:
        talk.say()
        talk.wrap(
            f"Arms of all of these, on the first primary outcome: {found.better} better, {found.unclear} "
            f"not clear, {found.worse} worse (of several arms of one entry: adjusted by Holm)."
        )
    tally = {"better": found.better, "unclear": found.unclear, "worse": found.worse}
    entries = [_short(e) | {"results": list(_results(e))} for e in found.hits]
    talk.done(
        {"ok": True, "total": found.total, "any_word": found.any_word, **tally, "entries": entries},
        next="rct library show NAME   or   rct pool OUTCOME NAME NAME",
    )


@library.command(short_help="Everything about one entry.", epilog="Example:  rct library show resume-audit")
@click.argument("name")
@talks
def show(talk: Talk, name: str) -> None:
    """Everything about one entry, by its name or the first digits of its digest."""
    from dataclasses import asdict

    from rct.evidence.library.entries import get
    from rct.evidence.library.show import facts, fragile_words, main_lines, result_rows

    evidence = get(talk.workspace, name, to_look=True)
    talk.wrap(visible(evidence.title))
    for term, text in facts(evidence):
        talk.wrap(visible(f"{term}: {text}"), "  ")
    for outcome in evidence.outcomes:
        rows = result_rows(evidence, outcome)
        if rows:
            talk.say()
            talk.wrap(visible(f"{outcome.name}: {outcome.label}" + (" (primary)" if outcome.primary else "")))
            talk.table(("arm", "against", "effect", "95% interval", "p", "people"), rows)
            for said in fragile_words(evidence, main_lines(evidence, outcome)):
                talk.wrap(visible(said), "  ")
    if evidence.notes:
        talk.say("\nNotes:")
        for note in evidence.notes:
            talk.wrap(visible(f"- {note}"), "  ")
    first = next((o.name for o in evidence.outcomes if o.primary), evidence.outcomes[0].name)
    talk.done(
        {"ok": True, "entry": asdict(evidence)}, next=f"rct pool {typed(first)} {typed(evidence.name)} TRIAL"
    )


@library.command(short_help="Make the index anew from the files.", epilog="Example:  rct library rebuild")
@talks
def rebuild(talk: Talk) -> None:
    """Make the index library.db anew from the files, checking each."""
    from rct.evidence.library.entries import rebuild as anew

    with talk.working("Reading the library"):
        entries = anew(talk.workspace)
    talk.say(f"The index holds {count(entries, 'file')} of library/.")
    talk.done({"ok": True, "files": entries}, next="rct library find WORDS")


def _ask_about_strangers(talk: Talk, files: tuple[Path, ...]) -> None:
    """At a terminal: show the fingerprint of each key that nobody trusts yet, and trust it if the person says so."""
    from rct.cli.verify_bundle import ask_to_trust
    from rct.evidence.bundle import signing
    from rct.evidence.bundle.opening import read_bundle
    from rct.evidence.library.files import within_folder

    for path in (inner for given in files for inner in within_folder(given)):
        if path.suffix.lower() != ".zip" or not path.is_file():
            continue
        bundle = read_bundle(path, signing.trusted(talk.workspace))
        if not bundle.failures and bundle.key is not None and bundle.signed_by is None:
            talk.say(f"{visible(path.name)}:")
            ask_to_trust(talk, talk.workspace, bundle)


def _entries(n: int) -> str:
    return "1 entry" if n == 1 else f"{n:,} entries"


def _name(e: Evidence) -> str:
    return visible(f"{e.name}  {e.place}".rstrip() + f"  {(e.digest or '')[:DIGITS]}")


def _short(e: Evidence) -> dict[str, Any]:
    return {
        "name": e.name,
        "title": e.title,
        "city": e.city,
        "source": e.source,
        "digest": e.digest,
        "signed_by": e.signed_by,
        "citation": e.citation,
        "start": e.start,
    }


def _hit(e: Evidence) -> Iterator[tuple[int, str]]:
    """Indent and text of each line of one entry."""
    from rct.evidence.library.show import fragile_words, main_lines, origin, primary, result_rows

    place = ", ".join(part for part in (e.place, (e.start or "")[:4]) if part)
    yield 0, f"{e.name}  {place}  {(e.digest or '')[:DIGITS]}"
    yield 2, e.title
    outcome = primary(e)
    rows = result_rows(e, outcome)
    told = "; ".join(f"{arm} {effect} ({interval})" for arm, _, effect, interval, *_ in rows)
    yield 2, f"{outcome.label}: {told or 'no result'}"
    yield from ((2, said) for said in fragile_words(e, main_lines(e, outcome)))
    yield 2, origin(e)


def _results(e: Evidence) -> Iterator[dict[str, Any]]:
    """The figures of the usual test, and of a fragile line why they can mislead and what is told in their place."""
    from dataclasses import asdict

    for x in e.lines:
        if x.term == "arm" and x.subgroup is None:
            yield {
                "outcome": x.outcome,
                "arm": x.arm,
                "estimate": x.estimate,
                "conf_low": x.conf_low,
                "conf_high": x.conf_high,
                "p_value": x.p_value,
                "n": x.n,
                "fragile": x.fragile.split(",") if x.fragile else [],
                "told": None if x.told is None else asdict(x.told),
            }
