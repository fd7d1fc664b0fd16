"""The `rct` program: the list of commands, loaded only when one is asked for, and how errors are shown."""

from __future__ import annotations

import gc
import importlib
import json
import os
import sqlite3
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from rct import __version__, fs
from rct.cli import defect
from rct.errors import HeldOpen, Problem, RctError
from rct.registry.trouble import problem_of

# What other programs call it, where no name of ours is spelled alike.
OTHER_WORDS = {
    "delete": "forget",
    "remove": "forget",
    "erase": "forget",
    "randomize": "draw",
    "print": "letters",
}
# name: (module, group, what it does in plain words). Help is printed from here, so that it imports nothing.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "new": ("new", "Plan", "start a trial by answering plain questions"),
    "adapt": ("adapt", "Plan", "start a replication of another city's trial"),
    "check": ("check", "Plan", "find every mistake in a trial, or in a list of people"),
    "power": ("power", "Plan", "see how small an effect the trial can find"),
    "lock": ("lock", "Plan", "fix the plan before anyone is drawn"),
    "amend": ("lock", "Plan", "change a locked plan in the open, with a reason"),
    "register": ("register", "Plan", "put the plan into a public registry's own fields"),
    "frame": ("frame", "Send", "load the list of people or households"),
    "draw": ("draw", "Send", "decide by lot who gets which letter"),
    "lint": ("letters", "Send", "measure how plain each letter is, and what to change"),
    "proof": ("letters", "Send", "see each letter, and where they differ, before anything is sent"),
    "letters": ("letters", "Send", "make the print files, the vendor's list and the counts"),
    "survey": ("survey", "Send", "print the survey's page for everyone drawn"),
    "handover": ("mailed", "Send", "write who gets which version, for a sending system"),
    "mailed": ("mailed", "Send", "load what was printed, mailed and returned, piece by piece"),
    "outcomes": ("outcomes", "Learn", "load what came back: payments, renewals, replies"),
    "remarks": ("survey", "Learn", "load what residents asked for or objected to, coded"),
    "analyze": ("analyze", "Learn", "run the analysis that the plan promised, and no more"),
    "report": ("analyze", "Learn", "write the one-page memo and the analyst's appendix"),
    "export": ("export", "Learn", "write the rows for R, Stata or Python, and a script for the results"),
    "consort": ("consort", "Learn", "fill the CONSORT 2025 checklist; what is left to write"),
    "decide": ("decide", "Learn", "record what was decided, beside what the rule said"),
    "followup": ("decide", "Learn", "record what became of a decision, 6 and 12 months on"),
    "status": ("look", "Look", "where each trial stands and what comes next"),
    "log": ("look", "Look", "everything that happened in a trial, in order"),
    "head": ("look", "Look", "one line for a witness, so that no one can rewrite the log"),
    "verify": ("verify", "Look", "re-derive draw, counts and results: does all of it hold?"),
    "serve": ("serve", "Look", "browse trials, results and logs in Datasette, on this machine"),
    "share": ("share", "Share", "write the evidence as one signed file for other cities"),
    "key": ("share", "Share", "show the city's public key and its fingerprint"),
    "trust": ("share", "Share", "whose bundles you believe, by name and fingerprint"),
    "library": ("library", "Share", "keep and find other cities' trials and published ones"),
    "pool": ("pool", "Share", "several trials together, and what a new city may expect"),
    "site": ("site", "Share", "build a portfolio: what was tried, what worked, what was decided"),
    "certify": ("certify", "Share", "gather what supports each criterion of a city certification"),
    "init": ("workspace", "Workspace", "make a workspace for your city in this folder"),
    "stop": ("workspace", "Workspace", "end a trial early, with a reason"),
    "forget": ("workspace", "Workspace", "delete a trial's names and addresses for good"),
    "demo": ("demo", "Workspace", "play a whole simulated trial, from definition to memo"),
    "completion": ("workspace", "Workspace", "let the shell finish rct's commands (bash, zsh, fish)"),
}
GROUPS = ("Plan", "Send", "Learn", "Look", "Share", "Workspace")


class Commands(click.Group):
    """A group that imports a command's module only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"rct.cli.{COMMANDS[name][0]}")
        command = getattr(module, name)
        return command if isinstance(command, click.Command) else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1, cutoff=0.75)
            meant = near[0] if near else OTHER_WORDS.get(args[0].casefold())
            hint = f" Did you mean: rct {meant}?" if meant else ""
            raise click.UsageError(f"There is no command '{args[0]}'.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, COMMANDS))
        for group in GROUPS:
            with formatter.section(group):
                formatter.write_dl(
                    [(n.ljust(width), text) for n, (_, g, text) in COMMANDS.items() if g == group]
                )


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="Start here:  rct demo      or:  rct init && rct new water-bills",
    invoke_without_command=True,
)
@click.option("-C", "directory", metavar="DIR", type=click.Path(path_type=Path), help="Work in this folder.")
@click.version_option(__version__, "-V", "--version", prog_name="rct")
@click.pass_context
def cli(ctx: click.Context, directory: Path | None) -> None:
    """Find out which wording works: lock the plan, draw by lot, analyze what was
    promised, write the memo. Each command says what it does, one with --help shows an example."""
    ctx.obj = {"directory": directory}
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run a command and leave with 0 (done), 1 (checked, and the answer is no) or 2 (could not be done)."""
    given = list(sys.argv[1:] if args is None else args)
    fs.lock_down()
    sys.excepthook = defect.show
    # One thread: sums then have the same bits whatever the number of cores, and many small products are faster.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault(
        "PYDANTIC_DISABLE_PLUGINS", "__all__"
    )  # or it looks through every package installed
    gc.set_threshold(100_000, 50, 100)  # rows by the million are no garbage: look through them seldom
    out = sys.stdout
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _noting(warnings.showwarning)
            warnings.simplefilter("always", HeldOpen)
            code = cli.main(args=given, prog_name="rct", standalone_mode=False)
        sys.stdout.flush()
    except RctError as error:
        code = _refuse(error.problems, given, error.rest)
    except click.UsageError as error:
        code = _refuse([_usage(error)], given)
    except (click.Abort, KeyboardInterrupt):
        code = _refuse(
            [
                Problem(
                    code="stopped_by_you", rule="Stopped, as you asked. What was not finished does not count."
                )
            ],
            given,
        )
    except SystemExit as end:
        # click puts another stream in place and leaves with 1 where the reader of a pipe is gone
        code = end.code if sys.stdout is out else _reader_left(given)
    except BrokenPipeError:
        code = _reader_left(given)
    except (OSError, MemoryError, sqlite3.Error) as error:
        problem = problem_of(error)
        if problem is None:
            raise
        code = _refuse([problem], given)
    sys.exit(code if isinstance(code, int) else 0)


def _noting(show: Callable[..., None]) -> Callable[..., None]:
    """Shows what happened beside the command as a note; any other warning as `show` does."""

    def note(message: Warning | str, *where: Any, **how: Any) -> None:
        if isinstance(message, HeldOpen):
            click.echo(f"note: {message}", err=True)
        else:
            show(message, *where, **how)

    return note


def _reader_left(args: Sequence[str]) -> int:
    """No noise at exit. What a command did is done; the answer of a check or verify reached nobody."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 2 if {"check", "verify"} & set(args) else 0


def _refuse(problems: list[Problem], args: Sequence[str], rest: str = "") -> int:
    if "--json" in args:
        said = {"ok": False, "problems": [p.as_dict() for p in problems], **({"rest": rest} if rest else {})}
        click.echo(json.dumps(said, allow_nan=False))
    else:
        from rct.cli.common import show_problems

        if [problem.code for problem in problems] == ["stopped_by_you"]:
            click.echo(f"\n{problems[0].rule}", err=True)  # it did what it was asked
        else:
            show_problems(problems, rest=rest)
    return 2


def _usage(error: click.UsageError) -> Problem:
    where = error.ctx.command_path if error.ctx else "rct"
    return Problem(code="usage", rule=error.format_message(), fix=f"See: {where} --help", field=None)
