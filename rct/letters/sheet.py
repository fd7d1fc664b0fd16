"""The side-by-side sheet: each arm's letter in a column, every line that differs marked by its shape."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment

MARK = "▶"
_SENTENCE = re.compile(r"(?<=[.!?:])(?<!\b[0-9]\.) +(?=[A-ZÁÉÍÓÚÑ¿¡«“\"(])")
COLUMNS = 3  # beside each other on a page; the control stands first on every page


@dataclass(frozen=True)
class Column:
    """One arm's letter: (line, differs) in order. Without lines nothing is sent."""

    arm: str
    label: str
    lines: tuple[tuple[str, bool], ...]

    @property
    def differing(self) -> int:
        return sum(differs for _, differs in self.lines)


def compare(letters: Mapping[str, tuple[str, Sequence[str]]], control: str) -> list[Column]:
    """{arm: (label, lines)} as columns, the control first (the first letter where the control sends nothing).

    A line is marked where some other letter has no such line at that place. A paragraph counts sentence by sentence.
    """
    said = {arm: _sentences(lines) for arm, (_, lines) in letters.items()}
    first = control if said.get(control) else next((arm for arm, lines in said.items() if lines), control)
    sent = {arm: lines for arm, lines in said.items() if lines}
    marked = {
        arm: [
            any(marks) for marks in zip(*(_differing(other, lines) for other in sent.values()), strict=True)
        ]
        for arm, lines in sent.items()
    }
    order = sorted(letters, key=lambda arm: (not said[arm], arm != first))
    return [
        Column(arm, letters[arm][0], tuple(zip(said[arm], marked.get(arm, []), strict=True))) for arm in order
    ]


def _sentences(lines: Sequence[str]) -> list[str]:
    return [part.strip() for line in lines for part in _SENTENCE.split(line) if part.strip()]


def _differing(base: Sequence[str], lines: Sequence[str]) -> list[bool]:
    differs = [True] * len(lines)
    for block in difflib.SequenceMatcher(None, base, lines, autojunk=False).get_matching_blocks():
        for i in range(block.b, block.b + block.size):
            differs[i] = False
    return differs


def sheet_data(title: str, lead: str, columns: Sequence[Column]) -> dict[str, Any]:
    """What sheet.typ prints: pages of at most three columns, the first arm's on each."""
    sent = [c for c in columns if c.lines]
    rest = sent[1:]
    step = COLUMNS - 1
    groups = [rest[i : i + step] for i in range(0, len(rest), step)] or [[]]
    return {
        "title": title,
        "lead": " ".join([lead, *unsent(columns)]),
        "mark": MARK,
        "pages": [[_column(c) for c in (*sent[:1], *group)] for group in groups],
    }


def unsent(columns: Sequence[Column]) -> list[str]:
    """A sentence on the arms that send nothing, if there are any."""
    labels = [c.label for c in columns if not c.lines]
    return [f"Nothing is sent to: {'; '.join(labels)}."] if labels else []


def _column(column: Column) -> dict[str, Any]:
    lines = [{"text": text, "differs": differs} for text, differs in column.lines]
    return {"label": column.label, "note": note(column), "lines": lines}


def note(column: Column) -> str:
    n = column.differing
    return "No line differs." if not n else f"{n} {'line is' if n == 1 else 'lines are'} not in every letter."


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 1.5rem; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1.5rem; }
section { border: 1px solid #777; padding: 1rem; min-width: 0; overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; } h2 { font-size: 1rem; margin: 0 0 .3rem; }
ul { list-style: none; padding: 0; } li { margin: .4rem 0; padding-left: 1.6rem; }
li.differs { border-left: 4px solid #1a1a1a; padding-left: .4rem; font-weight: 600; background: #f2f2f2; }
.mark { display: inline-block; width: 1.2rem; } .note { color: #444; margin: 0; }
</style>
</head>
<body>
<h1>{{ title }}</h1>
<p>{{ lead }}</p>
<main>
{% for column in columns %}<section>
<h2>{{ column.label }}</h2>
<p class="note">{{ column.note }}</p>
<ul>
{% for line in column.lines %}<li{% if line.differs %} class="differs"{% endif %}>
{%- if line.differs %}<span class="mark" role="img" aria-label="differs:">{{ mark }}</span>{% endif %}{{ line.text }}</li>
{% endfor %}</ul>
</section>
{% endfor %}</main>
</body>
</html>
"""


def sheet_html(title: str, lead: str, columns: Sequence[Column]) -> bytes:
    """The sheet as a page of its own."""
    page = Environment(autoescape=True).from_string(_PAGE)
    said = " ".join([lead, *unsent(columns)])
    shown = [_column(c) for c in columns if c.lines]
    return page.render(title=title, lead=said, mark=MARK, columns=shown).encode()
