"""The example trials that rct comes with, copied with new dates and under a new name."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from rct import fs
from rct.definition.dates import MONTHS
from rct.definition.keys import near
from rct.definition.positions import dates
from rct.definition.rewrite import MARK, in_letter, mark_keys
from rct.errors import stop, visible

NOT_REAL = ("practice", "simulated")  # keywords of trials whose every page says that nobody is written to
THEIRS = (
    "problem",
    "hypothesis",
    "owner",
    "analyst",
    "ethics",
    "population",
)  # what is said in a city's name
PROMISES = "This letter is an example's. Make every sentence true for your office, then delete this line."
_MONEY = re.compile(r"(?m)^(unit_cost|benefit) = ([\d.]+)[^\n]*$")
_DAY = re.compile(rf"\b({'|'.join(MONTHS)}) (\d{{1,2}}), (\d{{4}})\b")


@dataclass(frozen=True)
class Example:
    """A trial ready to be written: trial.toml, and its letters by their path under templates/."""

    name: str
    toml: str
    letters: dict[str, bytes]
    marks: int
    printed: bool  # on paper


def examples() -> dict[str, str]:
    """{name: title} of every shipped trial, by name."""
    found = {}
    for file in sorted(fs.shipped("trials").glob("*/trial.toml")):
        found[file.parent.name] = str(tomllib.loads(file.read_text("utf-8"))["trial"]["title"])
    return found


def example(source: str, name: str, start: date, *keywords: str) -> Example:
    """The shipped trial `source` as a trial called `name` that starts on `start`.

    Every date moves by the same number of days, those written out in the letters too; the letters move to
    templates/`name`/; `keywords` (such as practice) are added. What the example says and promises in its city's name is
    marked, and its money is left out, unless a keyword says that the trial isn't real. Raises `RctError` when there is
    no such example.
    """
    known = examples()
    if source not in known:
        meant = near(source, known)
        fix = f"Did you mean {meant}?" if meant else f"Known examples: {', '.join(known)}."
        stop("no_example", "There is no shipped trial of this name.", fix, found=visible(source))
    original = (fs.shipped("trials") / source / "trial.toml").read_text("utf-8")
    text = re.sub(rf'(= ")({re.escape(source)})(/[^"\n]*\.(?:md|txt)")', rf"\g<1>{name}\g<3>", original)
    text = add_keywords(shift_dates(text, start), *keywords)
    moved = start - tomllib.loads(original)["trial"]["start"]
    folder = fs.shipped("templates") / source
    letters = {f"{name}/{path}": _letter(folder / path, source, name, moved) for path in _files(folder)}
    printed = bool(letters) and tomllib.loads(original)["trial"]["channel"] in ("letter", "postcard")
    if set(keywords) & set(NOT_REAL):
        return Example(name, text, letters, 0, printed)
    text = _MONEY.sub(r"# \1 = \2  # the example's figure: put in your own", mark_keys(text, THEIRS))
    letters = {
        path: _unconfirmed(data) if path.endswith((".md", ".txt")) else data for path, data in letters.items()
    }
    marks = text.count(MARK) + sum(data.count(MARK.encode()) for data in letters.values())
    return Example(name, text, letters, marks, printed)


def _unconfirmed(letter: bytes) -> bytes:
    return f"{in_letter(PROMISES)}\n\n".encode() + letter


def shift_dates(text: str, start: date) -> str:
    """`text` (a trial.toml) with trial.start moved to `start` and every other date by as many days.

    Raises `RctError` when the text has no trial.start, or a date would leave the calendar.
    """
    tokens = dates(text)
    first = next((t.value for t in tokens if t.path == ("trial", "start")), None)
    if first is None:
        stop(
            "missing_key",
            "trial.start is required.",
            "Write, for example: start = 2026-01-12",
            field="trial.start",
        )
    data, moved = text.encode(), start - first
    for token in reversed(tokens):
        day = token.value
        if day is not None:
            data = data[: token.start] + _moved(day, moved).isoformat().encode() + data[token.end :]
    return data.decode()


def add_keywords(text: str, *words: str) -> str:
    """`text` (a trial.toml) with `words` at the end of trial.keywords, which is made if it isn't there."""
    trial = tomllib.loads(text)["trial"]
    new = [word for word in words if word not in trial.get("keywords", [])]
    if not new:
        return text
    quoted = ", ".join(f'"{word}"' for word in new)
    if trial.get("keywords"):
        return re.sub(r"(?m)^(keywords = \[[^\]\n]*)\]", rf"\g<1>, {quoted}]", text, count=1)
    return re.sub(r"(?m)^(start = .*)$", rf"\g<1>\nkeywords = [{quoted}]", text, count=1)


def _moved(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        stop(
            "bad_date", f"{day} can't be moved by {by.days:,} days.", "Choose another start.", found=str(day)
        )


def _files(folder: Path) -> list[str]:
    return (
        [f.relative_to(folder).as_posix() for f in sorted(folder.rglob("*")) if f.is_file()]
        if folder.is_dir()
        else []
    )


def _letter(file: Path, source: str, name: str, moved: timedelta) -> bytes:
    """A letter's bytes; pictures that it names in its own folder move with it, and days such as January 26, 2026."""
    if file.suffix != ".md":
        return file.read_bytes()
    text = file.read_text("utf-8").replace(f"]({source}/", f"]({name}/")
    return _DAY.sub(lambda hit: _written(_moved(_read(hit), moved)), text).encode()


def _read(hit: re.Match[str]) -> date:
    return date(int(hit[3]), MONTHS.index(hit[1]) + 1, int(hit[2]))


def _written(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"
