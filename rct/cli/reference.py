"""The pages of docs/ that are written from the code: `python -m rct.cli.reference docs`.

commands.md from the commands' own help, results.md from the columns of the results, errors.md from the codes,
definition.md from the models of trial.toml, log.md from the records of events.
A test holds the files to what is written here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from rct.cli.common import WIDTH
from rct.cli.main import COMMANDS, GROUPS, cli
from rct.cli.reference_log import log_page
from rct.codes import CODES
from rct.definition.reference import definition_reference
from rct.registry.results import COLUMNS

COMMANDS_HEAD = """# Commands

Each command says what it does when it is given `--help`; this page is a copy of all of that.

- **Workspace.** A command works in the nearest folder upward that holds `rct.toml`, or in the one after `-C`.
- **Person.** The log says who did it: `--by`, else `by` in rct.toml, else the login.
- **Asking.** Only `rct new` asks questions. `lock`, `amend`, `draw`, `stop` and `forget` ask for a yes at a terminal;
  `--yes` skips that.
- **Again.** A command given again with the same input changes nothing, says so, and ends with 0.
- **Exit codes.** 0: done, or nothing to change. 1: `check` or `verify` ran, and the answer is no. 2: it could not be
  done, and nothing was changed.
- **Programs.** With `--json` one object goes to standard output, all talk to standard error. On exit code 2 it is
  `{"ok": false, "problems": [...]}`; a problem has `code`, `file`, `row`, `line`, `field`, `found`, `rule` and `fix`.
  The codes are in [errors.md](errors.md).
"""
ERRORS_HEAD = """# Codes

What can go wrong has a code, a sentence on what was found, the rule, and what to do. Programs read the code from
`--json`; people read the sentence. The same codes name the reasons why rows of a file were left out (`reasons`),
warnings that change nothing, what `rct verify` finds, and deviations from the plan.
"""
RESULTS_HEAD = """# Results, column by column

`rct analyze NAME` stores its results in three places, with the same columns: the table `result` of rct.db,
`out/results.csv` and `out/results.json`. There is one row for each outcome, arm and, where the plan names subgroups,
level or interaction; and where an arm is to be adopted, one for each other that it is held against (`term` is `between`).
Covariates have no rows. An arm has its effect against the control in the row with `term` `arm` and no `subgroup`.

Numbers are in full double precision; in the CSV they are the shortest text that reads back. An empty field of the CSV
is null in JSON and in SQLite. How each number is made stands in [methods.md](methods.md).

`refused` in results.json names the outcomes whose files list people and leave out more of some arms than lots would
([methods.md](methods.md), section 14): their rows stand as they were computed, and are no results. Memo and bundle have
no figure of them.

`fragile` in results.json (and in `rct analyze --json`) lists the comparisons over all units of which the t test may
mislead ([methods.md](methods.md), section 13): `outcome`, `arm`, `reasons` (the codes of the column `fragile`), the
interval that memo and rule go by in place of the t interval (`interval` says which, `conf_low` and `conf_high` are its
ends, null where it has none), and `p_randomization_adjusted`, in the plan's family. appendix.json has the same list of
what may be published, and whether drawing the lots anew bears the difference out (`borne_out`); its `randomization` has each
test's `p_randomization`, `randomization_draws` and `std_error`, the Monte Carlo error of p (0 where every arrangement was
gone through).
"""


def pages() -> dict[str, str]:
    """Every generated page by its file name. Raises ValueError when a result column has no meaning or a meaning
    no column."""
    return {
        "commands.md": commands(),
        "definition.md": definition_reference(),
        "errors.md": errors(),
        "log.md": log_page(),
        "results.md": results(),
    }


def commands() -> str:
    """Every command's help at 80 columns, in the groups of `rct --help`."""
    top = click.Context(cli, info_name="rct", terminal_width=WIDTH, **cli.context_settings)
    parts = [COMMANDS_HEAD, _help(cli, top)]
    for group in GROUPS:
        parts.append(f"## {group}\n")
        for name, (_, its_group, summary) in COMMANDS.items():
            if its_group == group:
                command = cli.get_command(top, name)
                assert command is not None
                context = click.Context(command, parent=top, info_name=name, terminal_width=WIDTH)
                parts += [
                    f"### rct {name}\n",
                    f"{summary[0].upper()}{summary[1:]}.\n",
                    _help(command, context),
                ]
                if isinstance(command, click.Group):
                    for inner in command.list_commands(context):
                        part = command.get_command(context, inner)
                        assert part is not None
                        below = click.Context(part, parent=context, info_name=inner, terminal_width=WIDTH)
                        parts += [f"#### rct {name} {inner}\n", _help(part, below)]
    return "\n".join(parts)


def _help(command: click.Command, context: click.Context) -> str:
    lines = command.get_help(context).splitlines()
    return "\n".join(["```", *(line.rstrip() for line in lines), "```", ""])


def errors() -> str:
    """Every code with its meaning, by name."""
    return (
        ERRORS_HEAD
        + "\n"
        + _table(("code", "what it means, and what to do"), [(f"`{c}`", t) for c, t in sorted(CODES.items())])
    )


def results() -> str:
    """Every result column with meaning, unit and when it is empty, in the order of the files."""
    rows = [(f"`{c.name}`", c.meaning, c.unit, c.empty or "never") for c in COLUMNS]
    return RESULTS_HEAD + "\n" + _table(("column", "what it holds", "unit", "empty"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return (
        "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
        + "\n"
    )


def main(folder: Path) -> None:
    """Write the pages into `folder`, and name those that changed."""
    for name, text in pages().items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
            click.echo(f"wrote {path}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
