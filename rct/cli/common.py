"""What every command shares: options, talking to people and programs, and opening a trial."""

from __future__ import annotations

import functools
import json
import os
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rct.errors import MAX_LISTED, Problem, stop, visible
from rct.registry.workspace import Workspace, find

if TYPE_CHECKING:
    from rct.definition import Definition

WIDTH = 80
CALENDAR_TEXT_AT = 30  # where a calendar's text begins: after the date and the days between
SHOWN = 20  # problems printed before the rest is counted
NARROWEST = 8  # characters to which a column of words may shrink
FEWEST_ALIKE = 3  # problems of one kind that are told as one
EXAMPLES, PLACES = 3, 12  # of those, how many are quoted, and of how many more the place is named


class Talk:
    """Where a command's words go. With --json they go to standard error, and one object to standard output."""

    def __init__(self, directory: Path | None, by: str | None, as_json: bool):
        self.directory = directory or Path.cwd()
        self.by = by
        self.as_json = as_json

    @functools.cached_property
    def workspace(self) -> Workspace:
        if not self.directory.is_dir():
            stop(
                "no_folder", "There is no such folder.", "Check the path after -C.", found=str(self.directory)
            )
        return find(self.directory)

    @property
    def person(self) -> str:
        return self.workspace.person(self.by)

    def say(self, text: str = "") -> None:
        """Print a line as it is; values from data in it must already be `visible`."""
        click.echo(text, err=self.as_json)

    def note(self, text: str) -> None:
        """A paragraph on standard error, folded at 80 columns."""
        folded = textwrap.fill(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
        click.echo(styled(folded, err=True, fg="yellow"), err=True)

    def wrap(self, text: str, indent: str = "") -> None:
        """Print a paragraph, folded at 80 columns."""
        self.say(textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent))

    def facts(self, rows: Iterable[tuple[str, str]]) -> None:
        """What is what, a paragraph each, folded at 80 columns under its text."""
        rows = list(rows)
        width = max(len(name) for name, _ in rows) + 4
        for name, text in rows:
            lead = f"  {name}".ljust(width)
            self.say(textwrap.fill(visible(text), WIDTH, initial_indent=lead, subsequent_indent=" " * width))

    def calendar(self, definition: Definition) -> None:
        """The trial's days, folded at 80 columns under their text."""
        from rct.definition.dates import calendar, calendar_lines

        for line in calendar_lines(calendar(definition)):
            date_part = CALENDAR_TEXT_AT * " "
            for folded in textwrap.wrap(
                visible(line), WIDTH - 2, subsequent_indent=date_part, drop_whitespace=True
            ):
                self.say(f"  {folded}")

    def table(self, head: Sequence[str], rows: Iterable[Sequence[object]], indent: str = "  ") -> None:
        """A plain table: text to the left, numbers (anything that starts with a digit, sign or $) to the right. Where it is
        wider than the screen, words are folded within their column; numbers never are."""
        cells = [[visible(str(c)) for c in row] for row in rows]
        right = [bool(cells) and all(_is_number(r[i]) for r in cells) for i in range(len(head))]
        widths = _fitted([list(head), *cells], right, WIDTH - len(indent))
        for row in [list(head), *cells]:
            folded = [
                [c] if r or len(c) <= w else textwrap.wrap(c, w, break_on_hyphens=False)
                for c, w, r in zip(row, widths, right, strict=True)
            ]
            for parts in zip_longest(*folded, fillvalue=""):
                line = "  ".join(
                    c.rjust(w) if r else c.ljust(w) for c, w, r in zip(parts, widths, right, strict=True)
                )
                self.say((indent + line).rstrip())

    def done(self, result: Mapping[str, Any], *, next: str | None = None) -> None:
        """The last words: `Next: …` for people, or the result as one JSON object for programs."""
        if self.as_json:
            click.echo(json.dumps(result, allow_nan=False, default=str))
        if next:
            self.say(f"\n{styled('Next:', err=self.as_json, bold=True)} {next}")

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask before what can't be undone; only at a terminal, and not with --yes."""
        if not yes and not self.as_json and sys.stdin.isatty() and not click.confirm(question, default=False):
            raise click.Abort

    @contextmanager
    def working(self, text: str) -> Iterator[None]:
        """Say what takes long, once it does: at a terminal its seconds in a line that goes again, elsewhere one line."""
        over, began = threading.Event(), time.monotonic()

        def tell() -> None:
            with suppress(ValueError, OSError):  # the command may be ending, its streams closed
                if not sys.stderr.isatty():
                    if not over.wait(2):
                        click.echo(f"{text} …", err=True)
                    return
                line = ""
                while not over.wait(1):
                    line = f"{text} … {time.monotonic() - began:.0f} s"
                    click.echo(f"\r{line}", err=True, nl=False)
                click.echo(f"\r{' ' * len(line)}\r" if line else "", err=True, nl=False)

        teller = threading.Thread(target=tell, daemon=True)
        teller.start()
        try:
            yield
        finally:
            over.set()
            teller.join()


def styled(text: str, *, err: bool, **how: Any) -> str:
    """The text in bold or color where a person's terminal shows it, and they don't refuse it (https://no-color.org)."""
    stream = sys.stderr if err else sys.stdout
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty()
    return text if plain else click.style(text, **how)


def _fitted(rows: Sequence[Sequence[str]], right: Sequence[bool], room: int) -> list[int]:
    """The widths of a table's columns. Where they take more than the room, the widest column of words gives way, one
    character at a time; numbers keep theirs."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(right))]
    while sum(widths) + 2 * (len(widths) - 1) > room:
        wide = [i for i, number in enumerate(right) if not number and widths[i] > NARROWEST]
        if not wide:
            break
        widths[max(wide, key=lambda i: widths[i])] -= 1
    return widths


def _is_number(text: str) -> bool:
    return not text or text[0].isdigit() or (text[0] in "+-−$" and text[1:2].isdigit())


def talks(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command -C, --by and --json, and call it with a `Talk` first."""

    def wrapped(directory: Path | None, by: str | None, as_json: bool, **options: Any) -> Any:
        refuse_unreadable({"by": by, **options})
        parent = click.get_current_context().find_root().obj or {}
        return function(Talk(directory or parent.get("directory"), by, as_json), **options)

    functools.update_wrapper(wrapped, function)
    for option in (
        click.option(
            "-C", "directory", metavar="DIR", type=click.Path(path_type=Path), help="Work in this folder."
        ),
        click.option(
            "--by", metavar="PERSON", help="Who does this, for the log (else rct.toml, else the login)."
        ),
        click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output."),
    ):
        wrapped = option(wrapped)
    return wrapped


def refuse_unreadable(options: Mapping[str, Any]) -> None:
    """Refuse words that the terminal gave in another encoding than it says; paths are the system's own bytes."""
    for name, value in options.items():
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and any("\ud800" <= c <= "\udfff" for c in text):
                stop(
                    "argument_encoding",
                    "These words are no UTF-8: the terminal gave them in another encoding.",
                    "Set the terminal to UTF-8 and type them again.",
                    field=_as_typed(name),
                    found=text[:200],
                )


def _as_typed(name: str) -> str:
    """`--approved-by` or `NAME`, as the help shows it."""
    for option in click.get_current_context().command.params:
        if option.name == name:
            return option.opts[0] if isinstance(option, click.Option) else option.human_readable_name
    return name


def count(n: int, thing: str) -> str:
    """`1 lock`, `2 locks`, `20,332 units`."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def show_problems(problems: Sequence[Problem], *, err: bool = True, rest: str = "") -> None:
    """Print problems so that they read well at 80 columns, with color or without: those of one kind once, with how many
    there are and the first few. `rest` says what of all of them."""
    if err:
        click.echo(styled("rct could not do this.", err=True, fg="red", bold=True), err=True)
    kinds = _by_kind(problems)
    for alike in kinds[:SHOWN]:
        lines = problem_lines(alike[0]) if len(alike) == 1 else _kind_lines(alike)
        click.echo("\n" + "\n".join([styled(lines[0], err=err, bold=True), *lines[1:]]), err=err)
    if rest:
        click.echo("\n" + textwrap.fill(visible(rest), WIDTH, break_on_hyphens=False), err=err)
    elif len(kinds) > SHOWN:
        more = "and at least" if len(problems) >= MAX_LISTED else "and"
        left = sum(len(alike) for alike in kinds[SHOWN:])
        click.echo(f"\n… {more} {left:,} more; --json lists them.", err=err)


def _by_kind(problems: Sequence[Problem]) -> list[list[Problem]]:
    """Problems with one rule and one fix together, where there are enough of them, in the order of the first. Rows are of
    one file and one column; places are of any."""
    kinds: dict[tuple[object, ...], list[Problem]] = {}
    for problem in problems:
        rows_of = (problem.file, problem.field) if problem.row is not None else None
        kinds.setdefault((problem.code, rows_of, problem.rule, problem.fix), []).append(problem)
    return [
        part
        for alike in kinds.values()
        for part in ([alike] if len(alike) >= FEWEST_ALIKE else [[problem] for problem in alike])
    ]


def _kind_lines(alike: Sequence[Problem]) -> list[str]:
    """Problems of one kind: how many, the first of them quoted, where the others are, the rule, the fix."""
    first, in_rows = alike[0], alike[0].row is not None
    file = first.file if len({problem.file for problem in alike}) == 1 else None
    how_many = f"{len(alike):,} {'rows' if in_rows else 'places'}"
    lines = _where(file, first.field if in_rows else None, how_many)
    for problem in alike[:EXAMPLES]:
        field = None if in_rows else problem.field
        text = "  ".join(visible(part) for part in (_at(problem, file), field, problem.found) if part)
        lines += [f"  {cut}" for cut in textwrap.wrap(text, WIDTH - 2, max_lines=1, placeholder=" …")]
    others = [_at(problem, file) for problem in alike[EXAMPLES:]]
    if others:
        left = len(others) - PLACES
        also = (
            "also  "
            + ", ".join(visible(at) for at in others[:PLACES])
            + (f" … and {left:,} more" if left > 0 else "")
        )
        lines += textwrap.wrap(
            also, WIDTH - 2, initial_indent="  ", subsequent_indent=" " * 8, break_on_hyphens=False
        )
    return lines + _said("rule", first.rule) + _said("fix", first.fix)


def _at(problem: Problem, file: str | None) -> str:
    """Where one of several problems is, the file named unless it is the one that stands above them."""
    if problem.row is not None:
        return f"row {problem.row:,}"
    if problem.file is None or problem.file == file:
        return f"line {problem.line}" if problem.line is not None else problem.field or ""
    return problem.file if problem.line is None else f"{problem.file}:{problem.line}"


def problem_lines(problem: Problem) -> list[str]:
    """Where it is, then found, rule and fix, folded at 80 columns."""
    place = ":".join(str(p) for p in (problem.file, problem.line, problem.column) if p is not None)
    row = f"row {problem.row:,}" if problem.row is not None else None
    lines = _where(place, row, problem.field)
    return lines + _said("found", problem.found) + _said("rule", problem.rule) + _said("fix", problem.fix)


def _where(*parts: str | None) -> list[str]:
    return textwrap.wrap("  ".join(visible(p) for p in parts if p), WIDTH, break_on_hyphens=False)


def _said(name: str, text: str | None) -> list[str]:
    label = f"  {name:<6}"
    return textwrap.wrap(
        visible(text or ""),
        WIDTH,
        initial_indent=label,
        subsequent_indent=" " * len(label),
        break_on_hyphens=False,
    )
