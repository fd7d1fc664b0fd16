"""The files that a letter is made of: its Markdown and every picture it names, all inside templates/."""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

from rct import fs
from rct.errors import Problem, RctError

MAX_LETTER = 64 * 1024
MAX_PICTURE = 20 * 1024 * 1024
MAX_BRACKETS = 1_000
MAX_LEVEL = 10  # a quote is one level, a list two
_HIDDEN = {"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"}
# Tabs; joiners and marks of direction that belong to spelling; hyphens and joins that a typesetter asks for.
_KEPT = frozenset("\t\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2060")
_LINK = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp"}


class LetterError(RctError):
    """A letter or one of its pictures can't be used: wherever it is read, that is the user's to mend."""

    def __init__(self, code: str, rule: str, fix: str, found: str):
        super().__init__(Problem(code=code, rule=rule, fix=fix, found=found))
        self.code, self.rule, self.fix, self.found = code, rule, fix, found


def letter_files(templates: Path, template: str) -> dict[str, str]:
    """{path: sha256} of `template` and of every picture that it names; paths relative to `templates`, with /.

    Text is hashed after CRLF → LF, pictures raw. Raises `LetterError`.
    """
    text = read_letter(templates, template)
    found = {_normal(template): hashlib.sha256(text.encode()).hexdigest()}
    for picture in pictures(text):
        data = picture_bytes(templates, picture, named_in=template)
        found[_normal(picture)] = hashlib.sha256(data).hexdigest()
    return found


def picture_bytes(
    templates: Path, picture: str, largest: int = MAX_PICTURE, *, named_in: str = "a letter"
) -> bytes:
    """The bytes of a picture under `templates`. Raises `LetterError`."""
    file = _file(templates, picture, f"The picture {picture} in {named_in}")
    if file.suffix.lower() not in PICTURES:
        rule = f"A picture in {named_in} is none that can be printed."
        raise LetterError("picture_kind", rule, "Use PNG, JPEG, SVG, GIF or WebP.", picture)
    return _read(file, largest, "picture")


def read_letter(templates: Path, template: str) -> str:
    """The text of a letter, UTF-8, with line ends as LF. Raises `LetterError`."""
    file = _file(templates, template, f"The letter {template}")
    if file.suffix.lower() not in {".md", ".txt"}:
        rule = f"A letter is a text in Markdown (.md) or plain text (.txt); {template} is not."
        raise LetterError("letter_kind", rule, "Save the letter as a .md file under templates/.", template)
    data = _read(file, MAX_LETTER, "letter")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        rule = f"A letter is saved as UTF-8; line {line} of {template} is not."
        raise LetterError("letter_encoding", rule, "Save it again as UTF-8.", template) from error
    if "\x00" in text:
        rule = f"{template} holds a NUL character: it is no text."
        raise LetterError("letter_encoding", rule, "Save it again as plain UTF-8 text.", template)
    text = text.replace("\r\n", "\n")
    _refuse_hidden(text, template)
    _refuse_nested(text, template)
    return text


def _refuse_hidden(text: str, template: str) -> None:
    """No escape code for a terminal, no reversed words: a letter shows all that it holds."""
    for number, line in enumerate(text.split("\n"), start=1):
        for c in line:
            if unicodedata.category(c) in _HIDDEN and c not in _KEPT:
                rule = f"Line {number} of {template} holds a hidden character, U+{ord(c):04X}."
                raise LetterError("control_character", rule, "Type the line again.", template)


def _refuse_nested(text: str, template: str) -> None:
    """What is set as PDF has no more levels than typst can follow; no reader could follow them either."""
    if text.count("[") > MAX_BRACKETS:  # each one open is looked for to the letter's end
        rule = f"{template} holds more than {MAX_BRACKETS:,} square brackets."
        raise LetterError("template_syntax", rule, "Make it shorter.", template)
    deepest = max(_markdown().parse(text), key=lambda block: block.level, default=None)
    if deepest is not None and deepest.level > MAX_LEVEL:
        line = (deepest.map or [0])[0] + 1
        rule = f"Lists and quotes stand in one another too deeply at line {line} of {template}."
        raise LetterError("template_syntax", rule, "Write it with fewer levels.", template)


def pictures(text: str) -> list[str]:
    """The picture paths that a letter names, whatever its conditions say, each once.

    A path with a field or a condition in it is none: `links.mistakes_of_addresses` says so.
    """
    from rct.definition.readings import OPEN, LetterReading, readings

    found = [p for reading in (LetterReading(text, ()), *readings(text)) for p in reading.pictures()]
    return [p for p in dict.fromkeys(found) if not any(sign in p for sign in (OPEN, "{{", "{%"))]


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt  # only where a letter is read

    return MarkdownIt("commonmark", {"html": False})


def _normal(path: str) -> str:
    return PurePosixPath(path).as_posix()


def _file(templates: Path, path: str, what: str) -> Path:
    """The file at `path`, links followed, certain to be inside `templates`."""
    if _LINK.match(path):
        fix = "Copy the file into templates/ and name it from there."
        raise LetterError("outside_templates", f"{what} must be a file under templates/, no link.", fix, path)
    parts = PurePosixPath(path).parts
    if "\\" in path or "\x00" in path or path.startswith("/") or ".." in parts:
        fix = "Write the path from templates/, with /, without .. - for example water/current.md."
        raise LetterError("outside_templates", f"{what} must be inside templates/.", fix, path)
    base = templates.resolve()
    try:
        resolved = (base / path).resolve()
    except (OSError, RuntimeError) as error:  # a loop of links
        raise LetterError(
            "template_missing", f"{what} can't be reached.", "Replace the link.", path
        ) from error
    if not resolved.is_relative_to(base):
        fix = "Copy the file into templates/; a link that leads out is not followed."
        raise LetterError("outside_templates", f"{what} must be inside templates/.", fix, path)
    try:
        is_file = resolved.is_file()
    except OSError:  # a name longer than the disk allows
        is_file = False
    if (there := fs.spelled(base, path)) != _normal(path):
        rule = f"{what} is spelled otherwise in the folder, and other systems tell capitals apart."
        raise LetterError("template_missing", rule, f"Write it as the folder has it: {there}", path)
    if not is_file:
        raise LetterError("template_missing", f"{what} is not there.", _nearby(base, path), path)
    if (other := fs.twin(base, path)) is not None:
        rule = f"{what} and {other} beside it are one file on Windows and macOS: their names differ by case alone."
        raise LetterError("name_twins", rule, "Rename one of them.", path)
    return resolved


def _nearby(base: Path, path: str) -> str:
    known: list[str] = []
    for file in base.rglob("*.md"):
        known.append(file.relative_to(base).as_posix())
        if len(known) >= 500:
            break
    close = difflib.get_close_matches(path, known, n=1, cutoff=0.6)
    return f"Did you mean {close[0]}?" if close else "Put the file under templates/, or correct the path."


def _read(file: Path, largest: int, what: str) -> bytes:
    try:
        with file.open("rb") as f:
            data = f.read(largest + 1)
    except OSError as error:
        why = error.strerror or "it can't be read"
        raise LetterError(
            "template_missing", f"{file.name}: {why}.", "Check its permissions.", file.name
        ) from error
    if len(data) > largest:
        size = f"{largest // 1024} KiB" if largest < 1024**2 else f"{largest // 1024**2} MiB"
        raise LetterError("template_size", f"A {what} has at most {size}.", "Make it smaller.", file.name)
    return data
