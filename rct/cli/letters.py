"""proof, lint and letters: see each arm's letter, measure its words, make the print files."""

from __future__ import annotations

from pathlib import Path

import click

from rct.cli.common import Talk, count, talks
from rct.errors import visible


@click.command(
    epilog="Example:  rct proof water-bills\n\n\b\nOnly to look:    rct proof water-bills --to proofs"
)
@click.argument("name")
@click.option("--to", type=click.Path(path_type=Path), metavar="DIR", help="Write there; log nothing.")
@talks
def proof(talk: Talk, name: str, to: Path | None) -> None:
    """Print each letter for an invented recipient.

    A PDF and a picture for each arm, and a sheet with all letters side by side in which every line that
    differs is marked. The invented recipient is in templates/sample.toml.
    """
    from rct.cli.opening import announce, load_definition
    from rct.letters.proof import FOLDER, make_proofs, store_proofs, write_proofs

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
