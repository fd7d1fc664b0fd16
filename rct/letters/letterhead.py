"""What stands around a letter's words: templates/letterhead.toml, strict, with every key optional.

department = "Water Department"        # else the trial's owner
city = "City of Springfield"           # else `city` of rct.toml
address = ["100 Main Street", "Springfield, IL 62701"]
phone = "(555) 010-0100"               # also: email, web
logo = "logo.svg"                      # under templates/; logo_alt says what it shows
signer = "Dana Reyes"                  # also: signer_title, signature (a picture), signature_alt
qr = "https://springfield.example/pay?ref={reference}"   # else the code holds the reference alone
paper = "us-letter"                    # or "a4"
duplex = true                          # blank backs, so that every letter starts on a sheet of its own
date = true                            # print the trial's start
font = "Public Sans"                   # a font in templates/fonts/

[es]                                   # any of the texts again, for letters in that language
department = "Departamento de Agua"
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from rct.definition import Definition
from rct.definition.rewrite import marked
from rct.errors import Problem, RctError, stop
from rct.language import language_of
from rct.letters.words import plain
from rct.registry.workspace import Workspace

FILE = "letterhead.toml"
STARTER = f"""\
# What stands around the words of every letter. Write your own and take each mark away; docs/letters.md has all keys.
department = "{marked("Water Department")}"
address = ["{marked("100 Main Street")}", "{marked("Springfield, IL 62701")}"]
phone = "{marked("(555) 010-0100")}"
# web = "springfield.example/water"
# logo = "logo.svg"                 # a picture in this folder
# signer = "Dana Reyes"
"""
Paper = Literal["us-letter", "a4"]
_TEXTS = (
    "department", "city", "phone", "email", "web", "logo", "logo_alt", "signer", "signer_title", "signature",
    "signature_alt", "qr",
)  # fmt: skip


@dataclass(frozen=True)
class Letterhead:
    """The letterhead's texts; `languages` are overrides, `sha256` that of the file ('' without one)."""

    texts: Mapping[str, str]
    address: tuple[str, ...] = ()
    paper: Paper = "us-letter"
    duplex: bool = True
    dated: bool = True
    font: str = ""
    languages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sha256: str = ""

    @property
    def pictures(self) -> list[str]:
        """The pictures that it names, each once."""
        tables: list[Mapping[str, Any]] = [self.texts, *self.languages.values()]
        named = [str(t.get(k, "")) for t in tables for k in ("logo", "signature")]
        return list(dict.fromkeys(name for name in named if name))

    def every_text(self) -> list[tuple[str, str]]:
        """(key, text) of all that it says, in every language; an address line by line."""
        named = {**self.texts, "address": self.address}
        tables = {"": named, **{f"{code}.": table for code, table in self.languages.items()}}
        return [
            (prefix + key, str(line))
            for prefix, table in tables.items()
            for key, value in table.items()
            for line in (value if isinstance(value, list | tuple) else [value])
        ]

    def text(self, key: str, language: str) -> str:
        return str(self.languages.get(language, {}).get(key, self.texts.get(key, "")))

    def data(self, definition: Definition, city: str | None, language: str) -> dict[str, Any]:
        """What the typst file prints at the head and the end of a letter in `language`."""
        speech = language_of(language)
        said = {key: plain(self.text(key, language)) for key in _TEXTS}
        said["department"] = said["department"] or plain(definition.trial.owner)
        said["city"] = said["city"] or plain(city or "")
        said["logo_alt"] = said["logo_alt"] or said["city"] or "Logo"
        said["signature_alt"] = said["signature_alt"] or speech.t(
            "Signature of {person}", person=said["signer"] or said["department"]
        )
        lines = self.languages.get(language, {}).get("address", self.address)
        return {
            **said,
            "address": [plain(line) for line in lines],
            "date": speech.day(definition.trial.start) if self.dated else "",
            "page_word": speech.t("Page"),
            "reference_word": speech.t("Reference"),
            # Under a code that no resident can use, in place of the reference, which stands in the window.
            "office_word": "" if _is_link(said["qr"]) else speech.t("For office use"),
        }

    def on(self, paper: Paper | None, duplex: bool | None) -> Letterhead:
        """The same on other paper."""
        return replace(self, paper=paper or self.paper, duplex=self.duplex if duplex is None else duplex)


def _is_link(text: str) -> bool:
    return text.lower().startswith(("https://", "http://"))


def read_letterhead(ws: Workspace) -> Letterhead:
    """The workspace's letterhead. Raises `RctError` with every mistake in it."""
    path = ws.templates / FILE
    if not path.is_file():
        return Letterhead({})
    data = path.read_bytes()
    shown = ws.shown(path)
    try:
        given = tomllib.loads(data[: 1 << 20].decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        stop("letterhead", "letterhead.toml must be TOML in UTF-8.", "Mend the line named.", file=shown,
             found=str(error)[:200])  # fmt: skip
    problems = list(_mistakes(given, shown))
    if problems:
        raise RctError(problems)
    languages = {key: value for key, value in given.items() if isinstance(value, dict)}
    return Letterhead(
        {key: given[key] for key in _TEXTS if key in given},
        tuple(given.get("address", ())),
        given.get("paper", "us-letter"),
        given.get("duplex", True),
        given.get("date", True),
        given.get("font", ""),
        languages,
        hashlib.sha256(data).hexdigest(),
    )


def _mistakes(given: Mapping[str, Any], shown: str) -> list[Problem]:
    problems = []
    for key, value in given.items():
        if isinstance(value, dict):
            problems += [
                _problem(shown, f"{key}.{inner}", v, "A language's table holds texts of the letterhead.")
                for inner, v in value.items()
                if not _fits(inner, v) or inner in ("paper", "duplex", "date", "font")
            ]
        elif not _fits(key, value):
            known = ", ".join((*_TEXTS, "address", "paper", "duplex", "date", "font"))
            problems.append(
                _problem(shown, key, value, f"letterhead.toml knows {known}; texts are in quotes.")
            )
    return problems


def _fits(key: str, value: Any) -> bool:
    if key in ("duplex", "date"):
        return isinstance(value, bool)
    if key == "paper":
        return value in ("us-letter", "a4")
    if key == "address":
        return isinstance(value, list) and len(value) <= 4 and all(_is_text(v) for v in value)
    return (key in _TEXTS or key == "font") and _is_text(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 300 and "\n" not in value


def _problem(shown: str, key: str, value: Any, rule: str) -> Problem:
    return Problem(
        code="letterhead", file=shown, field=key, found=repr(value)[:100], rule=rule, fix="Mend this line."
    )
