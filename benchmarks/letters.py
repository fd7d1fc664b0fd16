"""10,000 letters through the commands, read back; then ten hostile address books. Run: python benchmarks/letters.py

Every page of every print file is read as text: the name on it must be that of the reference code on it, as the
office's own list has it, and no other code may stand there. Each version's count is that of the draw, every file
opens, is tagged and no larger than promised. A hostile value must come out letter for letter, on its own page alone.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pikepdf
import pypdf

RCT = str(Path(sys.executable).with_name("rct"))
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}")
ADDRESS = "{{ name }}\n{{ street }}\n{{ unit }}\n{{ city }}\n\n# Your bill\n\nDear {{ name }},\n\n"
WORDS = {"a.md": "Your bill is due. Please pay within 14 days. Call us at (555) 010-0100.\n"}
WORDS["b.md"] = "Nine in ten neighbors pay on time. " + WORDS["a.md"]
HOSTILE = (
    *(
        '#read("/etc/passwd")',
        "*x* _y_ **z**",
        "$y$ $$x^2$$",
        "{{7*7}} {% if %}",
        "<script>alert(1)</script>",
    ),
    *(
        "O'Brien & Sons",
        "Núñez-Đỗ",
        "= 1+1 [a](b) ![p](q)",
        '\\#set page(width: 1cm) "',
        "`code` // c /* x */ " + "X" * 200,
    ),
)
TRIAL = """[trial]
title = "Which letter gets bills paid?"
problem = "Bills are paid late."
hypothesis = "A norm helps."
channel = "letter"
owner = "Water Department"
analyst = "Ana"
ethics = "Reviewed by the city attorney."
start = {start}

[arms.current]
label = "Today's letter"
control = true
template = "a.md"

[arms.social]
label = "Neighbors pay"
template = "b.md"
share = 2

[frame]
id = "account"
contact = ["name", "street", "unit", "city"]

[design]
scheme = "complete"

[outcomes.paid]
label = "Paid"
kind = "binary"
primary = true
missing = "zero"

[analysis]
date = {due}

[decision]
worthwhile = 0.01
"""


def rct(folder: Path, *words: object) -> dict[str, object]:
    """A command's JSON; anything but success ends the run."""
    command = [RCT, "-C", str(folder), *map(str, words), "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"{' '.join(map(str, words))}: {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return dict(json.loads(ran.stdout))


def mail(root: Path, name: str, people: list[dict[str, str]]) -> dict[str, object]:
    """A trial of these people from definition to print files."""
    folder = root / "trials" / name
    folder.mkdir(parents=True)
    today = date.today()
    (folder / "trial.toml").write_text(
        TRIAL.format(start=today, due=today + timedelta(days=30)), encoding="utf-8"
    )
    listed = root / f"{name}.csv"
    with listed.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(people[0]))
        writer.writeheader()
        writer.writerows(people)
    rct(root, "lock", name)
    rct(root, "frame", name, listed)
    rct(root, "draw", name)
    return rct(root, "letters", name)


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b]+", "", text)


def check(root: Path, name: str, people: list[dict[str, str]]) -> str:
    """Read everything back; AssertionError where something does not hold. Returns what was seen, in a line."""
    folder = root / "private" / name / "letters"
    sheet = openpyxl.load_workbook(folder / "vendor.xlsx", read_only=True).active
    cells = [["" if c is None else str(c) for c in row] for row in sheet.iter_rows(values_only=True)]
    rows = [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]
    assert len(rows) == len(people) == len({row["reference"] for row in rows})
    of_page = {(row["file"], int(row["page"])): row for row in rows}
    more = Counter(row["version"] for row in rows).most_common(1)[0][0]  # the version of share 2
    seen: Counter[str] = Counter()
    pages = 0
    for path in sorted(folder.glob("letters-*.pdf")):
        with pikepdf.open(path) as opened, opened.open_metadata() as metadata:
            assert opened.Root.MarkInfo.Marked, path
            assert "/StructTreeRoot" in opened.Root, path
            assert metadata["pdfuaid:part"] == "1", path
        reader = pypdf.PdfReader(path)
        assert len(reader.pages) <= 2_000, path
        for number, page in enumerate(reader.pages, start=1):
            pages += 1
            text = page.extract_text()
            row = of_page.get((path.name, number))
            if row is None:
                assert not text.strip(), (path, number)  # the blank back
                continue
            assert set(CODE.findall(text)) == {row["reference"]}, (path, number)
            assert squeezed(row["field_name"]) in squeezed(text), (path, number, row["field_name"])
            assert ("Nineinten" in squeezed(text)) == (row["version"] == more), (
                path,
                number,
            )
            seen[row["version"]] += 1
        assert hashlib.sha256(path.read_bytes()).hexdigest() in (folder / "manifest.json").read_text(), path
    drawn = Counter(
        line["arm"] for line in csv.DictReader((root / "trials" / name / "out" / "assignment.csv").open())
    )
    assert sorted(seen.values()) == sorted(drawn.values()), (seen, drawn)
    assert Counter(row["field_name"] for row in rows) == Counter(p["name"] for p in people)
    counts = f"by version {dict(sorted(seen.items()))}, drawn {dict(sorted(drawn.items()))}"
    return f"{len(rows):,} letters on {pages:,} pages, {counts}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=10_000)
    many = parser.parse_args().letters
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "city")
        subprocess.run([RCT, "init", str(root), "--city", "Testville", "--by", "Tess"],
                       check=True, capture_output=True)  # fmt: skip
        for file, words in WORDS.items():
            (root / "templates" / file).write_text(ADDRESS + words, encoding="utf-8")
        people = [
            {"account": f"{i:06d}", "name": f"Person {i:06d} Surname", "street": f"{i} Main Street",
             "unit": "" if i % 2 else "Apt 4", "city": "Springfield"}
            for i in range(many)
        ]  # fmt: skip
        began = time.monotonic()
        mail(root, "many", people)
        print(
            f"{check(root, 'many', people)}; {time.monotonic() - began:.0f} s with reading back", flush=True
        )
        for number, value in enumerate(HOSTILE, start=1):
            book = [
                # A name may be as long as it likes; what would fill the whole window is refused, not cut.
                {"account": str(i), "name": f"{value} {i}", "street": f"{value[:60]} {i}", "unit": value[:60] * (i % 2),
                 "city": "Springfield"}
                for i in range(12)
            ]  # fmt: skip
            mail(root, f"book{number}", book)
            print(f"book {number}: {value[:40]!r}: {check(root, f'book{number}', book)}", flush=True)
        verified = rct(root, "verify")
        print(f"verify: {verified['ok']}")


if __name__ == "__main__":
    main()
