"""export: a trial's pseudonymous rows for other programs, with a script that gets its results again."""

from __future__ import annotations

import click

from rct.cli.common import Talk, count, talks
from rct.errors import visible


@click.command(epilog="Example:  rct export water-bills --to r")
@click.argument("name")
@click.option(
    "--to",
    "kind",
    type=click.Choice(["csv", "parquet", "stata", "r"]),
    required=True,
    help="For which program: csv has scripts for Python and R.",
)
@talks
def export(talk: Talk, name: str, kind: str) -> None:
    """Write a trial's rows for other programs, with a script that gets its results again.

    Data (codes, never names), a codebook and a script go into private/NAME/export, readable by you alone. The script needs
    no rct and reproduces every confirmatory line, or says which it can't. Refused before the plan's date.
    """
    from rct.cli.opening import announce
    from rct.face.exporting import export as run

    announce(talk, name)
    with talk.working("Exporting"):
        exported = run(talk.workspace, name, kind)
    talk.say(f"{count(exported.rows, 'unit')}, {count(exported.lines, 'confirmatory line')}")
    for file in exported.files:
        talk.say(f"  {exported.folder}/{file}")
    for line in exported.without:
        talk.wrap(f"Not reproduced by the script: {visible(line)}.")
    talk.wrap(
        "A row speaks of a person, if by code: keep the folder private, and delete it when you are done."
    )
    result = {
        "ok": True, "folder": exported.folder, "files": list(exported.files), "rows": exported.rows, "lines": exported.lines,
        "without": list(exported.without),
    }  # fmt: skip
    talk.done(result, next=f"rct verify {name}")
