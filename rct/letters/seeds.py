"""Staff addresses among the letters: 2 to 5 a version, so that someone at the office sees what arrives, and when."""

from __future__ import annotations

from pathlib import Path

from rct.definition import Definition
from rct.errors import stop
from rct.letters.sample import read_sample, sample_fields
from rct.letters.words import Value
from rct.registry.workspace import Workspace
from rct.tables import parse_number, read_table

FILE = "seeds.csv"  # in private/: used where --seeds names no other
LEAST, MOST = 2, 5


def read_seeds(
    ws: Workspace, definition: Definition, file: Path | None, used: list[str]
) -> list[dict[str, Value]]:
    """The fields of each staff address; none where no file is given and private/seeds.csv isn't there.

    A field that the file lacks is taken from the sample, but for the contact columns that the letters use.
    """
    path = file or ws.private / FILE
    if file is None and not path.is_file():
        return []
    table = read_table(path)
    lacking = [c for c in definition.frame.contact if c in used and c not in table.header]
    if lacking:
        stop(
            "seeds",
            f"The staff addresses need the columns that the letters use: {', '.join(lacking)} is missing.",
            "One row a person, with the same column names as the list of people.",
            file=path.name,
        )
    sample = read_sample(ws)
    rows = []
    for row in table:
        if not row.cells:
            continue
        if len(row.cells) != len(table.header):
            stop("seeds", "A row has another number of fields than the header.", "Mend the row.", file=path.name,
                 row=row.number, line=row.line)  # fmt: skip
        given = dict(zip(table.header, row.cells, strict=True))
        rows.append(_fields(definition, sample_fields(sample, definition, ""), given, path.name, row.number))
    if not LEAST <= len(rows) <= MOST:
        stop("seeds", f"Give {LEAST} to {MOST} staff addresses.", "One row a person.", file=path.name,
             found=str(len(rows)))  # fmt: skip
    return rows


def _fields(
    definition: Definition, fields: dict[str, Value], given: dict[str, str], file: str, row: int
) -> dict[str, Value]:
    for column in fields:
        if column not in given:
            continue
        if column in definition.frame.covariates:
            number = parse_number(given[column])
            if number is None:
                stop("seeds", "This column holds numbers.", "Write a number.", file=file, row=row, field=column,
                     found=given[column][:100])  # fmt: skip
            fields[column] = number
        else:
            fields[column] = given[column].strip()
    return fields
