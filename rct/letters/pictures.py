"""The pictures of letters and letterhead: bounded before anything opens them, and tried alone before a plan is locked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from rct.definition.letters import LetterError, picture_bytes
from rct.errors import Problem, RctError
from rct.letters.picture_size import pixels
from rct.letters.setting import damaged

MAX_PICTURE = 2 * 1024 * 1024  # a logo is in every file
MAX_PIXELS = 50_000_000  # a page at 600 dots an inch has 34 million
MAX_SIDE = 20_000
_SMALLER = "Save it smaller: what is printed needs no more than 300 dots an inch."


def read_pictures(templates: Path, names: Iterable[str]) -> dict[str, bytes]:
    """The bytes of the pictures that letters and letterhead name. Raises `RctError` naming those that can't be printed."""
    files: dict[str, bytes] = {}
    problems = []
    for name in names:
        try:
            files[name] = picture_bytes(templates, name, MAX_PICTURE)
        except LetterError as error:
            problems.append(Problem(error.code, error.rule, error.fix, found=error.found))
            continue
        if (problem := _size_problem(name, files[name])) is not None:
            problems.append(problem)
    if problems:
        raise RctError(problems)
    return files


def unprintable(templates: Path, names: Iterable[str]) -> list[Problem]:
    """What keeps each of these pictures from being printed, each tried alone by the program that prints."""
    problems: list[Problem] = []
    tried: set[str] = set()
    for name in names:
        try:
            data = read_pictures(templates, [name])[name]
        except RctError as error:
            problems += error.problems
            continue
        digest = hashlib.sha256(data).hexdigest()
        if digest not in tried and (problem := damaged(name, data)) is not None:
            problems.append(problem)
        tried.add(digest)
    return problems


def _size_problem(name: str, data: bytes) -> Problem | None:
    size = pixels(data)
    if size is None:
        if PurePosixPath(name).suffix.lower() == ".svg":
            return None
        rule = "The picture is damaged, or none of the kind that its name says."
        return Problem(
            "picture_damaged", rule, "Save it again as PNG or JPEG.", file=f"templates/{name}", found=name
        )
    width, height = size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        rule = (
            f"A picture has at most {MAX_PIXELS // 1_000_000} million dots, and {MAX_SIDE:,} to a side; "
            f"this one has {width:,} by {height:,}."
        )
        return Problem("picture_too_large", rule, _SMALLER, file=f"templates/{name}", found=name)
    return None
