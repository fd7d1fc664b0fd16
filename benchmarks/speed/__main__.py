"""make bench: every row of the table, one after another, then docs/speed.md."""

from __future__ import annotations

import argparse
import os
import time

from benchmarks.speed import cr2, draw, floors, frame, letters, lin, measure, road, start
from benchmarks.speed.measure import ROOT
from benchmarks.speed.page import page
from benchmarks.speed.rows import Row

ROWS = {
    "draw": draw.measured,
    "lin": lin.measured,
    "cr2": cr2.measured,
    "published": cr2.published,
    "frame": frame.measured,
    "letters": letters.measured,
    "road": road.measured,
    "floors": floors.measured,
    "start": start.measured,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=list(ROWS), help="these rows; the page says which are missing"
    )
    parser.add_argument("--turns", type=int, help="turns of each side, in place of the row's own number")
    parser.add_argument("--print", action="store_true", help="print the page and leave docs/speed.md alone")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    began = time.monotonic()
    rows: list[Row] = []
    for key in asked.only or ROWS:
        print(f"{time.monotonic() - began:6.0f} s  {key} …", flush=True)
        measure.turns = asked.turns
        rows.append(ROWS[key]())
        for aim in rows[-1].aims:
            print(f"          {aim.name}: {aim.reached:.3g} (aim {aim.aim:g} {aim.unit})", flush=True)
    text = page(rows, time.monotonic() - began, load)
    if asked.print:
        print(text)
    else:
        (ROOT / "docs" / "speed.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
