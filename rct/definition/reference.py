"""docs/definition.md, written from the models: every key with its meaning, kind, default and example."""

from __future__ import annotations

import textwrap
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from rct.definition.keys import expected, is_named_tables, table_at, toml, toml_key
from rct.definition.model import TrialFile
from rct.definition.shipped import examples
from rct.estimate.estimators import usual
from rct.kinds import KINDS

# Defaults that the models can't show: they hang on other keys, or mean something when absent.
DEFAULTS = {
    "trial.retain_until": "absent",
    "arms.NAME.template": "absent: nothing is sent",
    "arms.NAME.templates": "absent: one letter, or none",
    "frame.eligible": "absent: everyone",
    "frame.opt_out": "absent: nobody opted out",
    "design.blocks": "required where the scheme needs them, refused where not",
    "design.clusters": "required where the scheme needs them, refused where not",
    "outcomes.NAME.column": "the outcome's name",
    "outcomes.NAME.aggregate": 'with rows = "event": any, count or sum, by kind',
    "outcomes.NAME.window_days": "absent: the value is final",
    "outcomes.NAME.benefit": "absent: no money in the memo",
    "analysis.estimator": f"`{usual(adjusting=True).name}` if covariates or categories are named,"
    f" else `{usual(adjusting=False).name}`",
    "analysis.standard_errors": "`CR2` if clusters are drawn, else `HC2`",
}

HEAD = """# trial.toml, key by key

A trial is defined in `trials/NAME/trial.toml`. `rct new NAME` writes one; `rct check NAME` names every
mistake in it at once, with line and column. Unknown keys are refused. This page is made from the program
itself.

Names of trials, arms and outcomes have 1 to 64 of a-z, 0-9, `_` and `-`, a letter or digit first; device
names such as `con` or `nul` are refused. Dates are written without quotes: `2026-01-12`. `true` is never a
number.
"""

TAIL = """## Columns: which may stand where

- `contact` goes to the encrypted vault; `covariates`, `categories` and `blocks` go to the registry. A column
  is in the vault or in the registry, never in both.
- `id` and `clusters` are turned into codes. They stand nowhere else, and no letter may use them.
- A letter may use every other named column. Columns that are named nowhere are ignored and never stored.
- `subgroups` are categories or blocks.

## How values are written: `[columns]` and `[formats]`

An export has its own headings and its own way of writing a day or an amount. Say it once, and lists, outcomes and
delivery reports are read so; `rct new NAME --list FILE` writes these tables from the list itself.

    [columns]
    name = "Owner Name"
    account = "Citation #"

    [formats]
    date = "M/D/YYYY"
    number = "$1,234.50"
    yes = ["paid"]
    columns = { account = "0000000", rate = "12.5%" }

- They are part of the plan: a value that is written otherwise is refused with its row, never guessed. After the lock
  `rct amend` changes them in the open.
- `M` and `D` take one or two digits, `MM` and `DD` two, `MMM` an English name of a month; `YY` is a year of this
  century. `YYYY-MM-DD` is always read. A time after the day is ignored.
- In a number the currency sign and the mark between thousands may be left out; `-$5` and `($5)` are below zero. With a
  percent sign in the sample each text needs one: `12.5%` is 0.125.
- Cells that a spreadsheet stores as dates or numbers, in whatever format they are shown, are taken as they are stored.
  In a column of text (an address, a category, the id) they are refused, unless `columns` says how they are to be
  written: then they read as that format writes them. Zeros, such as `00000` for ZIP codes, give digits their leading
  zeros back.
- In letters `{{ due | date }}` and `{{ amount | money }}` read what is written as declared.

## Who takes part: the language of `eligible`

    balance >= 25 and status == 'open' and not (district in ('7', '9') or `Last Bill` < '2025-06-01')

| you write | it means |
|---|---|
| `balance` | a column: letters, digits and `_`, not starting with a digit |
| `` `Account Balance` `` | a column with any other name, in back quotes (two back quotes stand for one) |
| `25`, `-0.5`, `1e6` | a number; no arithmetic |
| `'open'` | a text, in single quotes; `''` inside stands for one `'` |
| `==` `!=` `<` `<=` `>` `>=` | comparisons; `25 <= balance < 100` is allowed |
| `status in ('open', 'late')`, `not in` | one of a list of numbers, or of texts |
| `and` `or` `not` `( )` | `not` binds closest, then `and`, then `or` |

- A column that is compared with a number must hold a number in every row, whatever the rest of the condition
  says; a row where it doesn't is a defect.
- A column that is compared with a date (`'2025-06-01'`) must hold such a date or nothing in every row. An empty
  one counts as earlier than every date, and a warning says how many are: add `and last_bill != ''` to leave them out.
- Texts are compared exactly: case counts, white space at the ends does not. A value that no row has gives a
  warning with the values there are. By `<` `<=` `>` `>=` texts are compared letter by letter, with a warning;
  numbers in quotes are refused there, and everywhere for a column of `covariates`.
- Two columns compared by `==` or `!=` are texts, by `<` `<=` `>` `>=` numbers, unless the condition says
  otherwise elsewhere.
- `contact` columns and the `id` may not be used. Any other column of the file may, and isn't stored for it.
- At most 4,096 bytes and 50 levels of brackets.

## Rules that join keys

- Exactly one arm has `control = true`; there is at least one other.
- `blocks` stand where the scheme is blocked, `clusters` where it is clustered, and only there.
- `standard_errors` is HC2 where units are drawn, CR2 where clusters are.
- At least one outcome is primary; the first one decides.
- `analysis.date` is not before `start` + the longest window of a primary outcome.
- With `rows = "event"`, `missing` is `zero`: a unit without a row had no event. A window over events needs
  `date_column`. A MEASURED outcome with `rows = "unit"` can't be `zero`: a missing measurement is not zero.
- With `rows = "unit"` and `window_days`, who came after the window is a no (0) in the outcomes file, and keeps its row.
KINDS_JOIN
- An arm has `template` or `templates`; `templates` comes with `language`. Letters, and the pictures they
  name, are files under `templates/`.

## Examples that come with rct

"""


def definition_reference() -> str:
    """The whole page as Markdown."""
    parts = [HEAD]
    for name, field in TrialFile.model_fields.items():
        tables = [(name, "NAME")] if is_named_tables((name,)) else [(name,)]
        for path in tables:
            parts.append(_table(path, field) if table_at(path) else _pairs(name, field))
        if name == "power":
            parts.append(_table(("power", "outcomes", "NAME"), field))
    listed = "".join(f"- `{name}`: {title}\n" for name, title in examples().items())
    return (
        "\n".join(parts) + "\n" + _tail() + listed + "\nStart from one with `rct new NAME --from EXAMPLE`.\n"
    )


def _tail() -> str:
    joined = sorted((" or ".join(f"`{a}`" for a in kind.aggregates), kind.name) for kind in KINDS.values())
    rule = '- `aggregate` stands only with `rows = "event"`: ' + ", ".join(f"{a} for {n}" for a, n in joined)
    rule = textwrap.fill(f"{rule}.", 110, subsequent_indent="  ", break_on_hyphens=False)
    measured = " or ".join(kind.name for kind in KINDS.values() if not kind.zero_if_absent)
    return TAIL.replace("KINDS_JOIN", rule).replace("MEASURED", measured)


def _table(path: tuple[str, ...], field: FieldInfo) -> str:
    model = table_at(path)
    assert model is not None
    optional = "" if field.is_required() else " (may be left out)"
    lines = [f"## [{'.'.join(path)}]{optional}", "", (model.__doc__ or "").strip(), ""]
    lines += ["| key | what it means | what to write | if left out | example |", "|---|---|---|---|---|"]
    lines += [_row(path, key, inner) for key, inner in model.model_fields.items()]
    return "\n".join(lines) + "\n"


def _pairs(name: str, field: FieldInfo) -> str:
    """A table whose keys are names that the definition uses."""
    example = "\n".join(
        f"{toml_key(key)} = {toml(value)}" for key, value in (field.examples or [{}])[0].items()
    )
    return f"## [{name}] (may be left out)\n\n{field.description}\n\n```toml\n[{name}]\n{example}\n```\n"


def _row(path: tuple[str, ...], key: str, field: FieldInfo) -> str:
    name = ".".join((*path, key))
    default = DEFAULTS.get(name) or _default(field)
    cells = [
        f"`{key}`",
        field.description or "",
        expected(field),
        default,
        f"`{toml((field.examples or [''])[0])}`",
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value: Any = field.default
    if value is None:
        return "absent"
    return f"`{toml(value)}`" if not isinstance(value, BaseModel) else ""
