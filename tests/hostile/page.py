"""docs/hostile.md, from the corpus: `python -m hostile.page` writes it, a test holds it."""

from __future__ import annotations

from pathlib import Path

from hostile.case import DOORS, MEBIBYTES, SECONDS, Case
from hostile.corpus import cases

PAGE = Path(__file__).parents[2] / "docs" / "hostile.md"
HEAD = f"""# Hostile files

What rct does with files that are broken, ambiguous or meant to harm. Each case below is a file that a test makes and
gives to the real commands, in a process of its own with {SECONDS} seconds of processor time and {MEBIBYTES} MiB of memory
beyond the program's own, unless the line says otherwise. Every file has one of three fates:

- **accepted exactly**: what the file says is stored, to the last character and the nearest double;
- **refused**: exit code 1 (`check`) or 2, nothing stored, the code named with row and column ([errors.md](errors.md));
- **neutralized**: the value is data, and where it comes out nothing runs it: [below](#values-where-they-come-out).

`make fuzz` gives 10,000 mutations of these files to the same commands (a sample is in `make test`): none may end in a
traceback, take longer, or take more memory. `tests/hostile/test_corpus.py` holds each line, `tests/hostile/test_fuzz.py`
the mutations, `tests/hostile/test_values.py` the values.
"""
VALUES = """
## Values, where they come out

Names, ids, titles and labels that are code elsewhere (markup of HTML, Markdown, typst and Jinja, formulas, escape codes,
paths, SQL) go through a whole trial, and everything that it writes is read back.

| where | what holds |
|---|---|
| letters (PDF) | the text of each name is on the page, character by character; nothing is read, nothing fails |
| vendor.xlsx, handover.xlsx | every cell is a text cell, equal to the value; no formula |
| vendor.csv, handover.csv | not written where a spreadsheet would run a cell; else exact |
| refused.csv | a cell that a spreadsheet would run starts with an apostrophe |
| plan, memo, appendix (HTML) | the label is text; no tag, attribute or link comes of it; the policy runs no script |
| terminal, log, status | no control, escape or bidi character; `--json` is ASCII |
| rct.db | ids and names are in the vault alone |
"""


def page() -> str:
    kinds: dict[str, list[Case]] = {}
    for case in cases():
        kinds.setdefault(case.kind, []).append(case)
    parts = [HEAD, "| kind | files | accepted | refused | met by |", "|---|---:|---:|---:|---|"]
    for kind, listed in kinds.items():
        accepted = sum(c.code is None for c in listed)
        door = DOORS[listed[0].door]
        parts.append(f"| {kind} | {len(listed)} | {accepted} | {len(listed) - accepted} | `{door}` |")
    for kind, listed in kinds.items():
        parts += ["", f"## {kind[0].upper()}{kind[1:]}", "", "| file | fate | bounds |", "|---|---|---|"]
        parts += [f"| {_cell(c.name)} | {_cell(c.fate)} | {_bounds(c)} |" for c in listed]
    return "\n".join(parts) + "\n" + VALUES


def _cell(text: str) -> str:
    return (
        text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("_", "\\_")
        if "`" not in text
        else text.replace("|", "\\|")
    )


def _bounds(case: Case) -> str:
    return "" if (case.seconds, case.mebibytes) == (SECONDS, MEBIBYTES) else f"{case.seconds} s"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
