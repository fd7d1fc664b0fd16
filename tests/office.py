"""An office's own export, as a parking system writes it: a title row, a blank row, headings with spaces, money as text,
dates as a spreadsheet's dates, ids with leading zeros by format alone, ZIP codes partly as numbers, a totals row, a second
sheet. Everyone in it is invented."""

from __future__ import annotations

import csv
import io
import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl

HEADINGS = ("Citation #", "Owner Name", "Mail Addr 1", "Mail City", "Mail ZIP", "E-Mail", "Phone", "Language",
            "Amount Due", "Due Date", "District", "Do Not Mail", "Paid Last Year")  # fmt: skip
FIRST = ("ANA", "LUIS", "MARY", "WEI", "TOM", "ROSA", "IVAN", "LEE", "OMAR", "JUNE")
LAST = ("TORRES", "SMITH", "WANG", "REED", "KIM", "LOPEZ", "STONE", "DIAZ", "ABBOTT", "NGUYEN")


def people(n: int = 60, seed: int = 1) -> list[dict[str, Any]]:
    """`n` tickets, a holder each."""
    lots = random.Random(seed)
    rows = []
    for i in range(n):
        rows.append(
            {
                "Citation #": 1_200 + 7 * i,
                "Owner Name": f"{LAST[i % 10]}, {FIRST[(i // 10 + i) % 10]}",
                "Mail Addr 1": f"{10 + i} Oak Street",
                "Mail City": "Riverton",
                "Mail ZIP": 2_100 + i % 30,
                "E-Mail": f"holder{i}@mail.example",
                "Phone": f"(555) 010-{i:04}",
                "Language": "es" if i % 4 == 0 else "en",
                "Amount Due": 25 + lots.randrange(0, 160_000) / 100,
                "Due Date": date(2026, 9, 1) + timedelta(days=i % 60),
                "District": "North" if i % 2 else "South",
                "Do Not Mail": "No" if i % 15 else "Requested",
                "Paid Last Year": "Paid" if lots.random() < 0.4 else "Unpaid",
            }
        )
    return rows


def money(amount: float) -> str:
    return f"${amount:,.2f}"


def workbook(
    path: Path, rows: list[dict[str, Any]], *, titles: int = 2, totals: bool = True, second: bool = True
) -> Path:
    """The export as XLSX. `titles`: rows above the header, the last of them blank."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Citations"
    for k in range(titles):
        sheet.append(
            ["City of Riverton - Open Parking Citations"] if k < titles - 1 or titles == 1 else [None]
        )
    sheet.append(list(HEADINGS))
    for i, row in enumerate(rows):
        values = dict(row)
        values["Amount Due"] = money(row["Amount Due"])
        values["Due Date"] = datetime.combine(row["Due Date"], datetime.min.time())
        values["Mail ZIP"] = row["Mail ZIP"] if i % 3 else f"{row['Mail ZIP']:05}"
        sheet.append([values[h] for h in HEADINGS])
        at = sheet.max_row
        sheet.cell(at, 1).number_format = "0000000"
        sheet.cell(at, HEADINGS.index("Due Date") + 1).number_format = "m/d/yyyy"
    if totals:
        whole = sum(r["Amount Due"] for r in rows)
        sheet.append(["Grand Total", *[None] * 7, money(whole)])
    if second:
        notes = book.create_sheet("Notes")
        notes.append(["Exported", "By"])
        notes.append(["2026-11-02", "Parking desk"])
    book.save(path)
    return path


def as_csv(rows: list[dict[str, Any]], *, titles: int = 0, totals: bool = False) -> str:
    """The same as CSV: dates as M/D/YYYY, ids with their zeros, ZIP codes that lost theirs."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    for _ in range(titles):
        writer.writerow(["City of Riverton - Open Parking Citations"])
    writer.writerow(HEADINGS)
    for row in rows:
        day = row["Due Date"]
        values = {
            **row,
            "Citation #": f"{row['Citation #']:07}",
            "Amount Due": money(row["Amount Due"]),
            "Due Date": f"{day.month}/{day.day}/{day.year}",
        }
        writer.writerow([values[h] for h in HEADINGS])
    if totals:
        writer.writerow(["Grand Total", *[""] * 7, money(sum(r["Amount Due"] for r in rows)), *[""] * 4])
    return stream.getvalue()
