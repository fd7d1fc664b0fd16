"""make bench: every row of the table, one after another, then docs/speed.md. `--only KEY …` prints these alone."""

from __future__ import annotations

import sys
import time

from benchmarks.speed import cr2, draw, frame, letters, lin, road, start
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
    "start": start.measured,
}


def main(only: list[str]) -> None:
    began = time.monotonic()
    rows: list[Row] = []
    for key, measured in ROWS.items():
        if only and key not in only:
            continue
        print(f"{time.monotonic() - began:6.0f} s  {key} …", flush=True)
        rows.append(measured())
        for aim in rows[-1].aims:
            print(f"          {aim.name}: {aim.reached:.3g} (aim {aim.aim:g} {aim.unit})", flush=True)
    text = page(rows, time.monotonic() - began)
    if only:
        print(text)
    else:
        (ROOT / "docs" / "speed.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[2:] if sys.argv[1:2] == ["--only"] else [])
