"""`rct export`: a trial's pseudonymous rows, a codebook, and a script that gets its confirmatory lines again without rct.

Written into private/NAME/export/, 0600 and all at once: the rows are people's, whatever their names are.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rct import fs
from rct.analysis.data import covariate_columns, outcome_values
from rct.analysis.due import require_open
from rct.analysis.planned import planned
from rct.analysis.reproducing import FitPart, Place, ReproducedRow, lines, parts
from rct.analysis.stored import current, require_untouched
from rct.definition import Definition
from rct.design.tickets import COLUMN_SEPARATOR
from rct.errors import stop
from rct.face.stata import do_file, dta
from rct.registry import state, store
from rct.registry.results import Result
from rct.registry.trial import opened
from rct.registry.workspace import Workspace

SCRIPTS = {
    "csv": ("analysis.py", "analysis.R"),
    "r": ("analysis.R",),
    "parquet": ("analysis.py",),
    "stata": ("analysis.do",),
}
DATA = {"csv": "data.csv", "r": "data.csv", "parquet": "data.parquet", "stata": "data.dta"}
TOLD = ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high", "p_adjusted", "conf_level")
LONGEST = 28  # characters of a name: Stata allows 32
# Names that the scripts give to columns of their own, and words of Stata's.
TAKEN = frozenset(
    "s y z a w e g m strata crossed cluster_number byte double float if in int long str strl using with".split()
)


@dataclass(frozen=True)
class ExportColumn:
    """A column of the data. `role`: unit, block, cluster, arm, prob, outcome, covariate, category, indicator, stratum."""

    name: str
    role: str
    meaning: str
    values: Sequence[Any]


@dataclass(frozen=True)
class Exported:
    """folder and files as they are printed; lines: confirmatory ones; without: those that no script gets again."""

    folder: str
    files: tuple[str, ...]
    rows: int
    lines: int
    without: tuple[str, ...]


def export(ws: Workspace, name: str, kind: str) -> Exported:
    """Write the data of the last analysis for one kind of program. RctError before the date, or without an analysis."""
    _require_package(kind)
    with opened(ws, name) as trial:
        state.require(trial.state, drawn=True, open=False, people=False)
        definition = trial.definition
        require_open(trial.state, definition)
        at = current(trial)
        require_untouched(at, outcomes=True)
        frame, arms, outcomes = at.frame, at.arms, at.outcomes
        rows, drawn = at.rows, store.read_assignment(at.db, name)
        gone = planned(at).lost()
    known = parts(definition, frame, arms, outcomes)
    told = list(lines(definition, rows, known))
    columns = list(_columns(definition, frame, drawn, outcomes, known))
    names = {(c.role, c.meaning): c.name for c in columns}
    listed = [_listed(one, definition, known, names, _sizes(rows, gone)) for one in told]
    fits = [_fit(part, names) for part in known.values()]
    files = {
        DATA[kind]: _data(kind, columns),
        "fits.csv": _csv(fits),
        "codebook.csv": _csv([{"column": c.name, "role": c.role, "meaning": c.meaning} for c in columns]),
        **{script: _script(script, listed) for script in SCRIPTS[kind]},
        "lines.csv": _csv(listed),
    }
    folder = ws.private_trial(name) / "export"
    with fs.whole_folder(folder, private=True) as new:
        for file, data in files.items():
            fs.write_new(new / file, data, private=True)
    without = tuple(_without(one) for one in told if one.why_not is not None)
    return Exported(ws.shown(folder), tuple(sorted(files)), len(drawn), len(told), without)


def _require_package(kind: str) -> None:
    if kind == "parquet" and importlib.util.find_spec("pyarrow") is None:
        stop(
            "needs_a_package",
            "Parquet needs the Python package pyarrow, and it is not installed.",
            "Install it (pip install pyarrow), or use --to csv.",
            field="--to",
        )


def _columns(
    definition: Definition,
    frame: store.Frame,
    drawn: Sequence[store.Assigned],
    outcomes: Any,
    known: Mapping[Place, FitPart],
) -> Iterator[ExportColumn]:
    """The data's columns, in order of unit: an older registry's rows lie in the order of the city's own list."""
    order = sorted(range(len(frame.units)), key=frame.units.__getitem__)
    at = np.array(order)
    by_unit = {row.unit: row for row in drawn}
    of = [by_unit[frame.units[i]] for i in order]
    taken = set(TAKEN)

    def named(text: str, before: str = "") -> str:
        return _name(before + text, taken)

    yield ExportColumn(named("unit"), "unit", "pseudonym", [r.unit for r in of])
    yield ExportColumn(
        named("block"), "block", "block of the draw", [r.block.replace(COLUMN_SEPARATOR, " / ") for r in of]
    )
    yield ExportColumn(named("cluster"), "cluster", "pseudonym of the cluster", [r.cluster for r in of])
    yield ExportColumn(
        named("arm"), "arm", f"arm drawn; the control is {definition.control}", [r.arm for r in of]
    )
    yield ExportColumn(named("prob"), "prob", "probability of the arm drawn", [float(r.prob) for r in of])
    for outcome, values in outcomes.items():
        y = outcome_values(definition, frame, outcome, values)[at]
        yield ExportColumn(
            named(outcome), "outcome", outcome, [None if math.isnan(v) else v for v in y.tolist()]
        )
    for column in frame.columns.values():
        if column.kind != "covariate":
            yield ExportColumn(named(column.name), "category", column.name, [column.values[i] for i in order])
    names, x = covariate_columns(frame, every_level=False)
    for j, covariate in enumerate(names):
        kind = frame.columns.get(covariate)
        role = "covariate" if kind is not None and kind.kind == "covariate" else "indicator"
        yield ExportColumn(named(covariate, "x_"), role, covariate, x[at, j].tolist())
    for number, part in enumerate(known.values(), start=1):
        stratum = np.full(len(order), -1, dtype=np.int64)
        stratum[: len(part.stratum)] = part.stratum
        values = [None if s < 0 else s + 1 for s in stratum[at].tolist()]
        yield ExportColumn(named(f"s{number}"), "stratum", _said(part.place), values)


def _said(place: Place) -> str:
    return " / ".join(p for p in place if p is not None)


def _name(text: str, taken: set[str]) -> str:
    """A name that R, Python and Stata can all use, not taken yet."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", text)[:LONGEST] or "v"
    name = name if name[0].isalpha() else f"v{name}"[:LONGEST]
    free, i = name, 2
    while free.casefold() in taken:
        free, i = f"{name}_{i}", i + 1
    taken.add(free.casefold())
    return free


def _sizes(rows: Sequence[Result], lost: int) -> dict[str, int]:
    """How many lines each family has that p-values are adjusted in, with those that an amendment took out."""
    found: dict[str, int] = {}
    for family in dict.fromkeys(r.family for r in rows if r.family):
        members = [r for r in rows if r.family == family]
        each = len(members) // len({r.outcome for r in members})
        found[family] = len(members) + each * lost
    return found


def _listed(
    one: ReproducedRow,
    definition: Definition,
    known: Mapping[Place, FitPart],
    names: Mapping[tuple[str, str], str],
    sizes: Mapping[str, int],
) -> dict[str, Any]:
    """A row of lines.csv."""
    row, part = one.row, known.get(one.part)
    if part is None and one.why_not is None:
        raise AssertionError("a line with an estimate has a fit")
    return {
        **{key: getattr(row, key) for key in ("outcome", "arm", "control", "term", "subgroup", "level")},
        "y": names["outcome", row.outcome],
        "sample": None if part is None else names["stratum", _said(part.place)],
        **(
            {"method": None, "weighted": None, "x": None, "x_means": None}
            if part is None
            else _how(part, names)
        ),
        "blocked": int(bool(definition.design.blocks)),
        "clustered": int(definition.clustered),
        "against": None if one.against is None else names["stratum", _said(one.against)],
        "among": " ".join(names["stratum", _said(p)] for p in one.among) or None,
        "why_not": one.why_not,
        **{key: getattr(row, key) for key in TOLD},
        "family": row.family,
        "family_size": None if row.family is None else sizes[row.family],
    }


def _fit(part: FitPart, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    return {"sample": names["stratum", _said(part.place)], **_how(part, names)}


def _how(part: FitPart, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    def columns(given: Sequence[str]) -> str | None:
        return " ".join(names.get(("covariate", n)) or names["indicator", n] for n in given) or None

    return {
        "method": part.method,
        "weighted": int(part.weighted),
        "x": columns(part.x),
        "x_means": columns(part.x_means),
    }


def _without(one: ReproducedRow) -> str:
    row = one.row
    where = " ".join(part for part in (row.outcome, row.arm, row.term, row.level) if part)
    return f"{where}: {one.why_not}"


def _data(kind: str, columns: Sequence[ExportColumn]) -> bytes:
    if DATA[kind] == "data.csv":
        return _csv(
            [
                dict(zip([c.name for c in columns], row, strict=True))
                for row in zip(*(c.values for c in columns), strict=True)
            ]
        )
    if kind == "stata":
        return dta([(c.name, c.meaning, c.values) for c in columns])
    import pandas as pd

    out = io.BytesIO()
    pd.DataFrame({c.name: list(c.values) for c in columns}).to_parquet(out, index=False)
    return out.getvalue()


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """UTF-8, LF; null is empty; numbers as the shortest text that reads back."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows[0] if rows else ())
    writer.writerows(["" if v is None else v for v in row.values()] for row in rows)
    return text.getvalue().encode()


def _script(
    name: str,
    listed: Sequence[Mapping[str, Any]],
) -> bytes:
    if name == "analysis.do":
        return do_file(listed)
    return (Path(__file__).with_name("scripts") / name).read_bytes()
