"""The addresses that a letter's links and pictures lead to, and which columns stand there.

A field that is the whole address of a link (`[Pay here]({{ link }})`, or right behind https://) must hold a whole web
address, which is taken as it is; a field inside a longer one is encoded. A picture's path is the same for everyone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rct.definition.letters import LetterError, read_letter
from rct.definition.readings import BARE_ADDRESS, MARK, OPEN, WHOLE, LetterReading, conditioned, readings
from rct.definition.syntax import Mistake
from rct.errors import visible

_SENTENCE_END = ".,;:!?"


@dataclass(frozen=True)
class Linked:
    """A column that is the whole address of a link, behind `scheme` ('' where the value has its own).

    `optional`: the letter asks first whether there is a value.
    """

    column: str
    scheme: str
    optional: bool


def linked(text: str) -> list[Linked]:
    """The columns that are whole addresses in a sound letter, each once a scheme."""
    found: dict[tuple[str, str], None] = {}
    for reading in readings(text):
        for address in (*reading.addresses(), *_bare(reading.text)):
            whole = WHOLE.fullmatch(address)
            if whole and (column := reading.marks[int(whole["mark"])].column):
                found[column, (whole["scheme"] or "").lower()] = None
    asked = conditioned(text) if found else set()
    return [Linked(column, scheme, column in asked) for column, scheme in found]


def linked_columns(templates: Path, paths: Iterable[str]) -> list[Linked]:
    """`linked` of several letters; one that can't be read is left to who prints it. Optional only where all ask."""
    found: dict[tuple[str, str], bool] = {}
    for path in paths:
        try:
            each = linked(read_letter(templates, path))
        except LetterError:
            continue
        for one in each:
            key = one.column, one.scheme
            found[key] = one.optional and found.get(key, True)
    return [Linked(column, scheme, optional) for (column, scheme), optional in found.items()]


def mistakes_of_addresses(text: str, numbers: Collection[str] = ()) -> list[Mistake]:
    """What is wrong with the addresses of a letter whose template is sound."""
    told = readings(text)
    if not told:
        rule = "The letter has more answers to its conditions than can be looked at one by one."
        return [Mistake("template_syntax", None, rule, "Write it with fewer {% elif %}.")]
    found: dict[Mistake, None] = {}
    for reading in told:
        for mistake in (*_pictures(text, reading), *_links(text, reading, numbers)):
            found[mistake] = None
    return list(found)


def _bare(text: str) -> Iterator[str]:
    for match in BARE_ADDRESS.finditer(text):
        yield match[0].rstrip(_SENTENCE_END)


def _pictures(text: str, reading: LetterReading) -> Iterator[Mistake]:
    for path in reading.pictures():
        if OPEN in path:
            rule = "A picture's path holds a field or a condition: which file is printed must be known to the plan."
            fix = "Write the path out. For several pictures: {% if … %}![…](one.png){% else %}![…](two.png){% endif %}"
            line = _line(text, r"!\[[^\]]*\]\([^)\n]*\{[{%]")
            yield Mistake("picture_path", line, rule, fix, _shown(path, reading))


def _links(text: str, reading: LetterReading, numbers: Collection[str]) -> Iterator[Mistake]:
    for address in reading.addresses():
        first = MARK.match(address)
        if first is None or reading.marks[int(first[1])].condition:
            continue
        line = _line(text, r"\]\(\s*<?\{\{")
        whole = WHOLE.fullmatch(address)
        column = reading.marks[int(first[1])].column
        if whole is None:
            rule = "A link's address begins with a field and goes on behind it: it would lead nowhere."
            fix = "Put whole addresses into one column, or begin with https:// and the name of the site."
            yield Mistake("link_address", line, rule, fix, _shown(address, reading))
        elif column in numbers:
            rule = f"{visible(column)} is a number (frame.covariates), and here it is the address of a link."
            yield Mistake(
                "link_address", line, rule, "Use a column with whole addresses, https://…", visible(column)
            )


def _line(text: str, pattern: str) -> int | None:
    match = re.search(pattern, text)
    return None if match is None else text.count("\n", 0, match.start()) + 1


def _shown(address: str, reading: LetterReading) -> str:
    def said(match: re.Match[str]) -> str:
        mark = reading.marks[int(match[1])]
        return "{% if … %}" if mark.condition else f"{{{{ {mark.column or '…'} }}}}"

    return visible(MARK.sub(said, address))[:80]
