"""What goes to the vendor beside the print files: manifest, addresses, record layout. No arm's name, no id."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rct.letters.prepare import ByHand, Serial
from rct.letters.words import as_text
from rct.letters.workbook import MAX_ROWS, exact_csv, running_rows, string_workbook
from rct.tables.people import csv_for_people
from rct.tables.values import SPELLING

FIXED = ("serial", "version", "reference", "file", "page", "pages", "language")


@dataclass(frozen=True)
class PrintFile:
    """One numbered PDF: its pieces' serials, its pages, and the first page and page count of each piece."""

    name: str
    sha256: str
    size: int
    first: int
    last: int
    pages: int
    versions: dict[str, int]
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Sheet:
    """The vendor's table."""

    header: tuple[str, ...]
    rows: list[tuple[str, ...]]

    @property
    def running(self) -> list[int]:
        """Rows that a spreadsheet would run."""
        return running_rows(self.rows)


def vendor_sheet(pieces: Sequence[Serial], files: Sequence[PrintFile], columns: Sequence[str]) -> Sheet:
    """A row a piece, staff addresses among them and not told apart."""
    lines = max((len(p.piece.address) for p in pieces), default=0)
    header = (*FIXED, *(f"address_{i}" for i in range(1, lines + 1)), *(f"field_{c}" for c in columns))
    rows = []
    for file in files:
        for piece, (page, pages) in zip(pieces[file.first - 1 : file.last], file.places, strict=True):
            address = [*piece.piece.address, *[""] * (lines - len(piece.piece.address))]
            rows.append(
                (
                    str(piece.serial), piece.version, piece.piece.reference, file.name, str(page), str(pages),
                    piece.piece.language, *address, *(as_text(piece.fields[c]) for c in columns),
                )
            )  # fmt: skip
    return Sheet(header, rows)


def sheet_files(sheet: Sheet) -> dict[str, bytes]:
    """vendor.xlsx, and vendor.csv unless a spreadsheet would run one of its cells."""
    files = {}
    if len(sheet.rows) <= MAX_ROWS:
        files["vendor.xlsx"] = string_workbook(sheet.header, sheet.rows)
    if not sheet.running or not files:  # more rows than a sheet holds: no spreadsheet opens such a list
        files["vendor.csv"] = exact_csv(sheet.header, sheet.rows)
    return files


def manifest(
    trial: str, how: Mapping[str, Any], versions: Mapping[str, Mapping[str, int]], files: Sequence[PrintFile]
) -> bytes:
    """manifest.json: each file with its hash and counts, and the counts of each version."""
    listed = [
        {
            "file": f.name,
            "sha256": f.sha256,
            "bytes": f.size,
            "pieces": f.last - f.first + 1,
            "first_serial": f.first,
            "last_serial": f.last,
            "pages": f.pages,
            "versions": dict(sorted(f.versions.items())),
        }
        for f in files
    ]
    totals = {v: n["units"] + n["seeds"] for v, n in sorted(versions.items())}
    body = {
        "rct_manifest": 1,
        "job": trial,
        **how,
        "pieces": sum(totals.values()),
        "versions": totals,
        "files": listed,
    }
    return (json.dumps(body, indent=1, ensure_ascii=True) + "\n").encode()


def manifest_csv(files: Sequence[PrintFile]) -> bytes:
    """The same counts as a table: a row a file."""
    versions = sorted({v for f in files for v in f.versions})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["file", "sha256", "pieces", "first_serial", "last_serial", "pages", *versions])
    for f in files:
        counts = [f.versions.get(v, 0) for v in versions]
        writer.writerow([f.name, f.sha256, f.last - f.first + 1, f.first, f.last, f.pages, *counts])
    return out.getvalue().encode()


_MEANINGS = {
    "serial": "Order of printing and mailing, from 1. Keep it: neighbors in it hold different versions on purpose.",
    "version": "Which letter this is. Every count you send back is by this letter.",
    "reference": "Code of the piece, in the window and on every page. The last character checks the others.",
    "file": "The PDF that holds the piece.",
    "page": "Its first page in that file, from 1.",
    "pages": "How many pages it has, blank backs not counted.",
    "language": "Language of the letter.",
}


def layout_rows(sheet: Sheet) -> list[tuple[str, str, str]]:
    """(column, longest value in characters, meaning) of the vendor's table."""
    rows = []
    for i, name in enumerate(sheet.header):
        longest = max((len(row[i]) for row in sheet.rows), default=0)
        meaning = _MEANINGS.get(name) or (
            "A line of the address, as it stands in the window; may be empty."
            if name.startswith("address_")
            else f"The field {name.removeprefix('field_')} of the letter, as the city's list has it."
        )
        rows.append((name, str(longest), meaning))
    return rows


def record_layout(trial: str, sheet: Sheet, how: Mapping[str, Any], files: Sequence[PrintFile]) -> bytes:
    """record-layout.md: what the vendor needs to know, in plain words."""
    sentences = [
        f"# Record layout: {trial}",
        "",
        f"{len(sheet.rows):,} pieces in {len(files):,} PDF files (tagged, built to PDF/UA-1). Paper: {how['paper']}; "
        + (
            "printed on both sides; every piece starts on a sheet of its own."
            if how["duplex"]
            else "printed on one side."
        ),
        "",
        "- Print in order of serial and mail all versions on the same day.",
        "- Leave out nobody. What is spoiled is printed again; report how many, by version.",
        "- Send back a table with the columns version, file, printed, mailed, spoilage: a row a version.",
    ]
    if how["kind"] == "letter":
        sentences.append(
            "- The address fits a #10 envelope with a left window (7/8 in from the left, 1/2 in from the bottom, "
            "4 1/2 by 1 1/8 in), the sheet folded in three."
        )
    sentences += [
        "",
        "vendor.xlsx: all cells are text. vendor.csv, where there is one: UTF-8, LF, comma, exact.",
        "",
    ]
    sentences += ["| column | longest | meaning |", "|---|---|---|"]
    sentences += [f"| {n} | {w} | {m} |".replace("\n", " ") for n, w, m in layout_rows(sheet)]
    return ("\n".join(sentences) + "\n").encode()


def layout_csv(sheet: Sheet) -> bytes:
    return exact_csv(("column", "longest", "meaning"), layout_rows(sheet))


def seeds_csv(pieces: Sequence[Serial]) -> bytes | None:
    """The staff addresses among the pieces, for the office alone; None without any."""
    rows = [(p.serial, p.version, p.piece.reference, *p.piece.address[:2]) for p in pieces if p.seed]
    if not rows:
        return None
    return csv_for_people(("serial", "version", "reference", "name", "street"), [(*r, "")[:5] for r in rows])


def by_hand_csv(listed: Sequence[ByHand]) -> bytes | None:
    """The pieces that someone writes by hand, for the office alone; None without any."""
    if not listed:
        return None
    columns = list(dict.fromkeys(c for hand in listed for c in hand.recipient.fields))
    rows = [
        (
            hand.recipient.id, hand.version, hand.reference, hand.problem.code, hand.problem.found or "",
            *(as_text(hand.recipient.fields.get(c, "")) for c in columns),
        )
        for hand in listed
    ]  # fmt: skip
    # Names as they are spelled: envelopes are written from this file.
    return csv_for_people(("id", "version", "reference", "reason", "detail", *columns), rows, kept=SPELLING)
