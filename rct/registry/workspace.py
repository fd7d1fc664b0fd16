"""A workspace: the folder that a city keeps, found upward by its rct.toml."""

from __future__ import annotations

import getpass
import os
import tomllib
import unicodedata
from dataclasses import dataclass, fields
from pathlib import Path

from rct import fs
from rct.errors import Problem, RctError, stop

DEFAULT_THRESHOLD = 10  # published cells under this many people are suppressed
MAX_SETTINGS = 1 << 20
LONGEST_PATH = 500  # bytes; SQLite allows 512 and adds endings of its own
PAPERS = ("us-letter", "a4")


@dataclass(frozen=True)
class Settings:
    """rct.toml: what is the same for all trials of the city."""

    city: str | None = None
    currency: str = "USD"
    by: str | None = None
    threshold: int = DEFAULT_THRESHOLD
    paper: str = "us-letter"


@dataclass(frozen=True)
class Workspace:
    root: Path
    settings: Settings

    @property
    def database(self) -> Path:
        return self.root / "rct.db"

    @property
    def private(self) -> Path:
        return self.root / "private"

    @property
    def vault(self) -> Path:
        return self.private / "vault.db"

    @property
    def key_file(self) -> Path:
        return self.private / fs.PRIVATE_KEY

    @property
    def templates(self) -> Path:
        return self.root / "templates"

    @property
    def trials(self) -> Path:
        return self.root / "trials"

    def definition_file(self, name: str) -> Path:
        return self.trials / fs.require_name(name, "trial") / "trial.toml"

    def out(self, name: str) -> Path:
        return self.trials / fs.require_name(name, "trial") / "out"

    def private_trial(self, name: str) -> Path:
        return self.private / fs.require_name(name, "trial")

    def shown(self, path: Path) -> str:
        """A path as printed and stored: relative to the workspace, with `/`."""
        return path.relative_to(self.root).as_posix()

    def person(self, by: str | None) -> str:
        """Who does this: `--by`, else rct.toml, else the login."""
        name = unicodedata.normalize("NFC", (by or self.settings.by or getpass.getuser()).strip())
        if not name or len(name) > 200 or any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in name):
            stop(
                "bad_person", "The person's name is 1 to 200 printable characters.", field="--by", found=name
            )
        return name


def require_short(root: Path) -> None:
    """Refuse a folder whose path is longer than SQLite opens files at; it would say that it can't, and not why."""
    if len(os.fsencode(root / "private" / "vault.db-journal")) > LONGEST_PATH:
        stop(
            "path_too_long",
            f"The path to this folder is too long for the database: with its files it may have {LONGEST_PATH} bytes.",
            "Move the workspace to a folder with a shorter path.",
            found=f"{len(os.fsencode(root))} bytes",
        )


def find(start: Path) -> Workspace:
    """The workspace of `start`: the nearest folder upward that holds rct.toml."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "rct.toml").is_file():
            require_short(folder)
            return Workspace(folder, read_settings(folder / "rct.toml"))
    stop(
        "no_workspace",
        "This folder is in no rct workspace (no rct.toml here or above).",
        "Make one with: rct init",
        found=str(start),
    )


def read_settings(path: Path) -> Settings:
    """rct.toml as `Settings`; an `RctError` that lists every mistake in it."""
    data = path.read_bytes()
    if len(data) > MAX_SETTINGS:
        stop("rct_toml", "rct.toml is larger than 1 MiB.", "Restore it from a copy.", file="rct.toml")
    try:
        given = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        stop(
            "rct_toml",
            "rct.toml must be TOML in UTF-8.",
            "Mend the line named.",
            file="rct.toml",
            found=str(error)[:200],
        )
    kinds = {"city": str, "currency": str, "by": str, "threshold": int, "paper": str}
    problems = []
    for key, value in given.items():
        if key not in kinds:
            problems.append(
                _setting(key, value, f"rct.toml knows {', '.join(f.name for f in fields(Settings))}.")
            )
        elif type(value) is not kinds[key]:
            problems.append(
                _setting(
                    key, value, "This must be text." if kinds[key] is str else "This must be a whole number."
                )
            )
        elif isinstance(value, int) and not 3 <= value <= 1_000:
            problems.append(
                _setting(key, value, "The suppression threshold is a whole number from 3 to 1,000.")
            )
        elif key == "currency" and not is_currency(str(value)):
            problems.append(_setting(key, value, "The currency is a three-letter code such as USD."))
        elif key == "paper" and value not in PAPERS:
            problems.append(_setting(key, value, f"The paper is one of: {', '.join(PAPERS)}."))
    if problems:
        raise RctError(problems)
    return Settings(**given)


def is_currency(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()


def _setting(key: str, value: object, rule: str) -> Problem:
    return Problem(
        code="rct_toml", file="rct.toml", field=key, found=repr(value)[:100], rule=rule, fix="Mend this line."
    )
