"""trial.toml → `Definition`, or every mistake in it at once, each with its line and column."""

from __future__ import annotations

import re
import sys
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rct.definition.check import cross_check
from rct.definition.explain import DefinitionMistake, validate
from rct.definition.keys import dotted
from rct.definition.positions import DEEP, Positions, dates, positions, too_deep
from rct.errors import MAX_LISTED, Problem, RctError, stop, visible
from rct.fs import is_name

if TYPE_CHECKING:
    from rct.definition.resolve import Definition

MAX_BYTES = 1024 * 1024
LONGEST = 500  # characters of a key or a sentence in a message
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_DAY_LINE = re.compile(rb"(?m)^[ \t]*[\w.-]+[ \t]*=[ \t]*([0-9]{4}-[0-9]{2}-[0-9]{2})(?=[ \t\r]*(?:#|$))")
_LONG_NUMBER = re.compile(rf"[0-9][0-9_]{{{sys.int_info.default_max_str_digits - 1},}}")
_SOME_DAY = "2000-01-01"  # stands in for an impossible date, so that the rest can be read


def load(
    path: Path,
    *,
    name: str | None = None,
    templates: Path | None = None,
    shown_as: str | None = None,
    letters: bool = True,
) -> Definition:
    """The definition in `path`, WORKSPACE/trials/NAME/trial.toml.

    `name` is that of the folder unless given; `templates` is WORKSPACE/templates unless given; `shown_as` is
    the file's name in messages (from the workspace unless given); `letters`: whether they are read too. Raises
    `RctError` with every mistake.
    """
    path = path.absolute()
    workspace = path.parents[min(2, len(path.parents) - 1)]
    shown = shown_as or path.relative_to(workspace).as_posix()
    text = read_text(path, visible(shown))
    return check_text(
        text,
        name or path.parent.name,
        file=visible(shown),
        path=path,
        templates=(templates or workspace / "templates") if letters else None,
    )


def check_text(
    text: str, name: str, *, file: str = "trial.toml", path: Path | None = None, templates: Path | None = None
) -> Definition:
    """The definition in `text`. Letters are looked for only where `templates` is given.

    Raises `RctError` with every mistake, in the order of the file.
    """
    readable, raw, impossible = parsed(text, file)
    source = _Source(file, readable)
    return check_raw(raw, name, source, impossible=impossible, path=path, templates=templates)


@dataclass(frozen=True)
class _Source:
    """Where the keys came from, to say so in messages; no text where they came from a locked plan."""

    file: str
    text: str | None = None

    def problem(self, finding: DefinitionMistake, places: Positions) -> Problem:
        place = places.find(finding.path) or ((1, 1) if self.text is not None else None)
        line, column = place or (None, None)
        if finding.file is not None:
            line, column = finding.line, None
        return Problem(
            code=finding.code,
            rule=_cut(finding.rule),
            fix=finding.fix,
            file=finding.file or self.file,
            line=line,
            column=column,
            field=_cut(visible(dotted(finding.path))) or None,
            found=None if finding.found is None else visible(finding.found),
        )


def _cut(text: str) -> str:
    """A key may be as long as the file allows; a message may not."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def check_raw(
    raw: dict[str, Any],
    name: str,
    source: _Source,
    *,
    impossible: list[DefinitionMistake],
    path: Path | None = None,
    templates: Path | None = None,
) -> Definition:
    """The definition in the keys `raw`; `impossible` are dates that were found wrong when reading."""
    from rct.definition.resolve import resolve  # with the models, which take a tenth of a second

    raw = clean(raw)
    trial, mistakes = validate(raw)
    mistakes = [*impossible, *mistakes]
    if not is_name(name):
        rule = (
            "A trial is named after its folder: 1 to 64 of a-z, 0-9, _ and -, a letter or digit first, "
            "and no device name such as con or nul."
        )
        mistakes.append(DefinitionMistake((), "bad_name", rule, "Rename the folder, e.g. water-bills.", name))
    mistakes += cross_check(raw, mistakes, templates)
    if trial is not None and not mistakes:
        return resolve(trial, name, path)
    places = positions(source.text or "")
    problems = [source.problem(finding, places) for finding in mistakes[:MAX_LISTED]]
    raise RctError(
        sorted(problems, key=lambda p: (p.file != source.file, p.file, p.line or 0, p.column or 0))
    )


def from_keys(raw: dict[str, Any], name: str, file: str) -> Definition:
    """The definition in keys that came from a locked plan: checked as ever, letters not looked for."""
    return check_raw(raw, name, _Source(file), impossible=[])


def clean(value: Any) -> Any:
    """Text in NFC, without white space at its ends; all else as it is."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    if isinstance(value, dict):
        return {key: clean(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [clean(inner) for inner in value]
    return value


def read_text(path: Path, shown: str) -> str:
    """The text of a trial.toml. Raises `RctError` where it can't be read, is too big or is not UTF-8."""
    try:
        with path.open("rb") as f:
            data = f.read(MAX_BYTES + 1)
    except FileNotFoundError:
        stop("no_definition", "There is no trial.toml here.", "Make one with: rct new NAME", file=shown)
    except OSError as error:
        rule = f"It can't be read: {visible(str(error.strerror))}."
        stop("definition_unreadable", rule, "Check the file's permissions.", file=shown)
    if len(data) > MAX_BYTES:
        stop("definition_too_big", "A trial.toml has at most 1 MiB.", "Is this the right file?", file=shown)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        rule = "The file is saved as UTF-16; a trial.toml is UTF-8."
        stop("definition_encoding", rule, "Save it again and choose the encoding UTF-8.", file=shown)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        start = data.rfind(b"\n", 0, error.start) + 1
        column = len(data[start : error.start].decode(errors="replace")) + 1
        rule = "The file is not UTF-8: an accent or quotation mark was saved in another encoding."
        fix = "Save it again and choose the encoding UTF-8."
        found = f"byte {data[error.start]:02x}"
        stop("definition_encoding", rule, fix, file=shown, line=line, column=column, found=found)


def parsed(text: str, file: str) -> tuple[str, dict[str, Any], list[DefinitionMistake]]:
    """As `_with_real_dates`; `RctError` where `text` is no TOML."""
    deep = too_deep(text) if _may_be_deep(text) else None
    if deep is not None:
        stop(
            "toml_nesting", "Keys are nested too deeply.", "Is this the right file?", file=file, line=deep[0]
        )
    try:
        return _with_real_dates(text)
    except tomllib.TOMLDecodeError as error:
        stop("toml_syntax", **_syntax(str(error), text), file=file)
    except RecursionError:
        stop("toml_nesting", "Lists or tables are nested too deeply.", "Is this the right file?", file=file)
    except ValueError:
        rule = "A number has too many digits."
        stop("toml_syntax", rule, "Write a number of usual size.", file=file, **_long_number(text))


def _long_number(text: str) -> dict[str, Any]:
    """Where the first number stands that Python does not read for its length."""
    match = _LONG_NUMBER.search(text)
    if match is None:
        return {}
    line = text.count("\n", 0, match.start()) + 1
    paths = [path for path, (row, _) in positions(text).starts.items() if row == line - 1]
    return {
        "line": line,
        "column": match.start() - text.rfind("\n", 0, match.start()),
        "field": _cut(visible(dotted(max(paths, key=len)))) if paths else None,
        "found": f"{match[0][:20]}… ({len(match[0]):,} characters)",
    }


def _may_be_deep(text: str) -> bool:
    """Whether a key could have more parts than `too_deep` allows: each costs a dot in its line, or a bracket."""
    brackets = text.count("[") + text.count("{")
    return brackets + max((line.count(".") for line in text.split("\n")), default=0) > DEEP - 2


def _with_real_dates(text: str) -> tuple[str, dict[str, Any], list[DefinitionMistake]]:
    """`text` with another day in place of one that no calendar has, its keys, a finding for each such day."""
    try:
        return text, tomllib.loads(text), []
    except tomllib.TOMLDecodeError:
        pass  # it may be a day that no calendar has
    wrong = {token.start: token.text for token in dates(text) if token.value is None}
    try:
        readable = _put(text, wrong)
        raw = tomllib.loads(readable)
    except tomllib.TOMLDecodeError:  # a month 13 is no date to tree-sitter: look at the lines
        lines = {m.start(1): m[1].decode() for m in _DAY_LINE.finditer(text.encode())}
        wrong |= {start: written for start, written in lines.items() if not _is_day(written)}
        readable = _put(text, wrong)
        raw = tomllib.loads(readable)
    paths = {token.start: token.path for token in dates(readable)}
    fix = "Write year-month-day, e.g. 2026-02-28, without quotes."
    impossible = [
        DefinitionMistake(
            paths[start], "bad_date", f"There is no day {written} in the calendar.", fix, written
        )
        for start, written in wrong.items()
        if start in paths
    ]
    return readable, raw, impossible


def _put(text: str, wrong: dict[int, str]) -> str:
    data = bytearray(text.encode())
    for start, written in wrong.items():
        data[start : start + len(written)] = _SOME_DAY.encode()
    return data.decode()


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _syntax(message: str, text: str) -> dict[str, Any]:
    """tomllib's message in plain words, with its place and what is usually meant."""
    place = _PLACE.search(message)
    lines = text.replace("\r\n", "\n").split("\n")
    line, column = (int(place[1]), int(place[2])) if place else (len(lines), len(lines[-1]) + 1)
    here = lines[line - 1] if line <= len(lines) else ""
    what = visible(_PLACE.sub("", message).replace(" (at end of document)", ""))
    return {
        "rule": f"This line can't be read as TOML: {what}.",
        "fix": _syntax_hint(what, here),
        "line": line,
        "column": column,
        "found": visible(here.strip()[:80]) or None,
    }


def _syntax_hint(what: str, line: str) -> str:
    value = line.partition("=")[2].strip()
    if any(c in value[:1] for c in "“”„‘’«"):
        return 'Use straight quotes: "like this".'
    if re.match(r"[\"']?\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", value):
        return f"Write dates as year-month-day without quotes, for example: {date(2026, 1, 12)}"
    if "\\" in value and ("Unescaped" in what or "hex" in what):
        return "Write / in place of \\, or put the text in 'single quotes'."
    if value.split("#")[0].strip().casefold() in {"true", "false", "yes", "no", "on", "off", "y", "n"}:
        return "Write true or false, in small letters and without quotes."
    if re.match(r"\d+,\d", value):
        return "Write a point in numbers: 0.05."
    if re.match(r"[^\W\d]", value):
        return 'Put text in quotes: "like this".'
    if "twice" in what or "overwrite" in what or "redefin" in what.lower() or "declare" in what.lower():
        return "A key or table may stand only once: join the two."
    return 'Each line is  key = value ; text in "quotes", lists in [brackets], tables start with [name].'
