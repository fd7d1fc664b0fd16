"""What the commands that load a file share: its options, and the account of its rows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rct.cli.common import Talk
from rct.errors import stop, visible

if TYPE_CHECKING:
    from rct.tables import Counts

WORDS = {
    "not_eligible": "not eligible",
    "opted_out": "opted out",
    "blank_line": "blank lines",
    "excluded_unit": "of units that the list excluded",
    "outsider": "of people who are not in the trial",
    "staff_piece": "to staff addresses",
    "repeated_status": "of a piece with this status already",
    "unmatched": "of addresses or numbers that nobody in this trial has",
    "shared_contact": "of addresses or numbers that several people share",
    "before_draw": "from before the draw",
    "nothing_yet": "that tell nothing yet",
    "other_message": "of another kind",
}
SHOWN_COLUMNS = 12
# Options of a command that go into its FileOptions, beside --rename.
HOW = ("encoding", "refuse_bad_rows", "correct", "reason", "sheet", "header_row")

FILE = click.argument("file", type=click.Path(path_type=Path))
ENCODING = click.option(
    "--encoding", metavar="NAME", help="The file's encoding, if it is not UTF-8 (windows-1252)."
)
SHEET = click.option("--sheet", metavar="NAME", help="The sheet of a workbook to read, if not the first.")
HEADER_ROW = click.option(
    "--header-row",
    metavar="N",
    type=click.IntRange(1, 1_000),
    help="The line with the column names, if a title stands above them.",
)
REFUSE_BAD_ROWS = click.option(
    "--refuse-bad-rows", is_flag=True, help="Load the rest of a file with defective rows."
)


def rename(to: str) -> Callable[..., Any]:
    """`--rename`: what the file calls A is `to`; and where in the file the columns are."""
    named = click.option("--rename", multiple=True, metavar="A=B", help=f"The file's column A is {to}.")
    return lambda command: named(SHEET(HEADER_ROW(command)))


def how_read(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand a command its options on a file as one `FileOptions`, called `how`."""

    @functools.wraps(function)
    def read(talk: Talk, *, rename: Sequence[str] = (), **options: Any) -> Any:
        from rct.audit.reason import require_reason
        from rct.tables.options import FileOptions

        _ = talk.workspace  # where there is none, that is said first
        given = {key: options.pop(key) for key in HOW if key in options}
        if given.get("refuse_bad_rows") or given.get("correct"):
            given["reason"] = require_reason(given["reason"])
        return function(talk, how=FileOptions(rename=_renames(rename), **given), **options)

    return read


def _renames(pairs: Sequence[str]) -> dict[str, str]:
    """`--rename file_column=name`, as often as needed, as a mapping."""
    mapping = {}
    for pair in pairs:
        column, sign, name = pair.rpartition("=")
        if not sign or not column or not name:
            stop(
                "bad_rename",
                "--rename takes file_column=name.",
                "For example: --rename acct_no=account",
                found=pair,
            )
        mapping[column] = name
    return mapping


def say_counts(talk: Talk, read: str, counts: Counts, kept: str = "kept") -> None:
    """`bills: 240 rows read`, how many were kept, and why others were not."""
    talk.say(read)
    talk.say(f"  {counts.kept:>10,}  {kept}")
    for code, n in counts.reasons.items():
        talk.say(f"  {n:>10,}  {WORDS.get(code, f'refused: {code}')}")


def columns(names: Iterable[str]) -> str:
    """Columns of a file by name, as many as can be read in a line."""
    return ", ".join(visible(name) or "(no name)" for name in list(names)[:SHOWN_COLUMNS])


def counted(counts: Counts, unchanged: int) -> Mapping[str, Any]:
    """What --json tells of the rows of a file."""
    return {
        "rows": counts.rows,
        "kept": counts.kept,
        "excluded": counts.excluded,
        "refused": counts.refused,
        "unchanged": unchanged,
        "reasons": counts.reasons,
    }
