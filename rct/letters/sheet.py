"""The side-by-side sheet: each arm's letter in a column, the same line in the same row, what differs marked by shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jinja2 import Environment

from rct.letters.align import Row, align
from rct.letters.conditions import Stand

Mark = Literal["", "some", "alone"]
MARKS: dict[Mark, str] = {"alone": "▶", "some": "▷", "": ""}
SPOKEN: dict[Mark, str] = {"alone": "in this letter alone:", "some": "not in every letter:", "": ""}
COLUMNS = 3  # beside each other on a page; the control stands first on every page
LEGEND: tuple[tuple[Mark, str], ...] = (
    ("alone", "Bold, with a thick bar: in this letter alone."),
    ("some", "With a thin bar: in more than one letter, but not in all, or not at the same place."),
    ("", "Without a mark: in every letter. A dash: this letter has no such line."),
)


@dataclass(frozen=True)
class LetterLine:
    """One line of a letter, the sheet's row in which it stands, and how far the letters share it."""

    text: str
    row: int
    mark: Mark
    only_if: str = ""
    printed: bool = True  # for the invented recipient

    @property
    def differs(self) -> bool:
        return self.mark != ""


@dataclass(frozen=True)
class LetterColumn:
    """One arm's letter, its lines in order. Without lines nothing is sent."""

    arm: str
    label: str
    lines: tuple[LetterLine, ...]

    @property
    def differing(self) -> int:
        return sum(line.differs for line in self.lines)


def compare(letters: Mapping[str, tuple[str, Sequence[Stand]]], control: str) -> list[LetterColumn]:
    """{arm: (label, lines)} as columns, the control first (the first letter where the control sends nothing).

    A line is marked where some other letter has no such line in its row, or has it under another condition.
    """
    stands = {arm: list(lines) for arm, (_, lines) in letters.items()}
    first = control if stands.get(control) else next((arm for arm, lines in stands.items() if lines), control)
    order = sorted(letters, key=lambda arm: (not stands[arm], arm != first))
    sent = [arm for arm in order if stands[arm]]
    rows = align([[line.text for line in stands[arm]] for arm in sent])
    lines: dict[str, list[LetterLine]] = {arm: [] for arm in order}
    keys = [{(x.text, x.only_if) for x in stands[arm]} for arm in sent]
    for number, row in enumerate(rows):
        here = _here(row, [stands[arm] for arm in sent])
        for arm, stand in zip(sent, here, strict=True):
            if stand is not None:
                key = (stand.text, stand.only_if)
                alike = sum(x is not None and (x.text, x.only_if) == key for x in here)
                letters_with = sum(key in known for known in keys)
                mark: Mark = "" if alike == len(sent) else "alone" if letters_with == 1 else "some"
                lines[arm].append(LetterLine(stand.text, number, mark, stand.only_if, stand.printed))
    return [LetterColumn(arm, letters[arm][0], tuple(lines[arm])) for arm in order]


def _here(row: Row, stands: Sequence[Sequence[Stand]]) -> list[Stand | None]:
    return [None if at is None else lines[at] for at, lines in zip(row, stands, strict=True)]


def sheet_data(
    title: str, lead: str, banner: str, paper: str, language: str, columns: Sequence[LetterColumn]
) -> dict[str, Any]:
    """What sheet.typ and the page print: pages of at most three columns, the first arm's on each."""
    sent = [c for c in columns if c.lines]
    rest = sent[1:]
    step = COLUMNS - 1
    groups = [rest[i : i + step] for i in range(0, len(rest), step)] or [[]]
    return {
        "title": title,
        "lead": " ".join([lead, *_unsent(columns)]),
        "banner": banner,
        "paper": paper,
        "lang": language,  # of the letters; the sheet's own words are English
        "legend": [{"kind": kind, "mark": MARKS[kind], "text": text} for kind, text in LEGEND],
        "pages": [_page([*sent[:1], *group]) for group in groups],
    }


def _page(columns: Sequence[LetterColumn]) -> dict[str, Any]:
    """A table: the heads, and the rows that any of the columns has; a cell is None where its letter has no line."""
    at = [{line.row: line for line in column.lines} for column in columns]
    rows = sorted({row for lines in at for row in lines})
    return {
        "heads": [{"label": c.label, "note": note(c)} for c in columns],
        "rows": [[_cell(lines.get(row)) for lines in at] for row in rows],
    }


def _cell(line: LetterLine | None) -> dict[str, str] | None:
    if line is None:
        return None
    when = f"only if {line.only_if}" if line.only_if else ""
    when += "" if line.printed else "; not for this recipient"
    return {
        "text": line.text,
        "kind": line.mark,
        "mark": MARKS[line.mark],
        "spoken": SPOKEN[line.mark],
        "when": when,
    }


def _unsent(columns: Sequence[LetterColumn]) -> list[str]:
    """A sentence on the arms that send nothing, if there are any."""
    labels = [c.label for c in columns if not c.lines]
    return [f"Nothing is sent to: {'; '.join(labels)}."] if labels else []


def note(column: LetterColumn) -> str:
    """How many lines the letter does not share, of how many."""
    n, lines = column.differing, len(column.lines)
    if not n:
        return "Every line is in every letter."
    alone = sum(line.mark == "alone" for line in column.lines)
    return f"{n} of {lines} lines {'is' if n == 1 else 'are'} not in every letter; {alone} in this one alone."


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
@page { size: {{ 'A4' if paper == 'a4' else 'letter' }} landscape; margin: 0.5in; }
body { font: 1rem/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 1.5rem; }
.banner { border: 3px solid #1a1a1a; padding: .4rem .8rem; font-weight: 700; text-align: center; margin: 0 0 1rem; }
h1 { font-size: 1.3rem; margin: 0 0 .3rem; }
.legend { list-style: none; padding: 0; margin: .6rem 0 1rem; } .legend li { margin: .2rem 0; padding: .1rem .5rem; }
.scroll { overflow-x: auto; margin: 0 0 1.5rem; }
table { border-collapse: collapse; width: 100%; min-width: 40rem; table-layout: fixed; }
th, td { border: 1px solid #777; padding: .3rem .6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th span { display: block; font-weight: 400; font-size: .9rem; }
.alone { border-left: 7px solid #1a1a1a; font-weight: 600; background: #ececec; }
.some { border-left: 3px double #1a1a1a; }
.none { color: #595959; } .when { display: block; font-weight: 400; font-style: italic; }
@media print { body { font-size: 9pt; margin: 0; } thead { display: table-header-group; }
  tr { break-inside: avoid; } .scroll { overflow: visible; break-after: page; } .scroll:last-child { break-after: auto; }
  * { print-color-adjust: exact; } }
</style>
</head>
<body>
<main>
<p class="banner">{{ banner }}</p>
<h1>{{ title }}</h1>
<p>{{ lead }}</p>
<ul class="legend">
{% for sign in legend %}<li class="{{ sign.kind or 'all' }}">{{ sign.mark }} {{ sign.text }}</li>
{% endfor %}</ul>
{% for page in pages %}<div class="scroll" tabindex="0" role="region" aria-label="Letters side by side, {{ loop.index }}">
<table>
<thead><tr>
{% for head in page.heads %}<th scope="col">{{ head.label }}<span>{{ head.note }}</span></th>
{% endfor %}</tr></thead>
<tbody>
{% for row in page.rows %}<tr>
{% for cell in row %}
{%- if cell %}<td{% if cell.kind %} class="{{ cell.kind }}"{% endif %}>
{%- if cell.mark %}<span role="img" aria-label="{{ cell.spoken }}">{{ cell.mark }}</span> {% endif %}
{#- #}<span lang="{{ lang }}">{{ cell.text }}</span>
{%- if cell.when %}<span class="when">{{ cell.when }}</span>{% endif %}</td>
{%- else %}<td class="none">–</td>{% endif %}
{% endfor %}</tr>
{% endfor %}</tbody>
</table>
</div>
{% endfor %}</main>
</body>
</html>
"""


def sheet_html(data: Mapping[str, Any]) -> bytes:
    """The sheet as a page of its own, from `sheet_data`."""
    return Environment(autoescape=True).from_string(_PAGE).render(**data).encode()
