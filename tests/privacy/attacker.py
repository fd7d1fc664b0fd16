"""A reader who is after a small count: takes every number that memo and appendix print, and works it out.

Written from what the documents say, not from how they are made: it reads appendix.json (or the tables of
appendix.html), sets up what anyone knows of counts, and bounds each hidden one by two linear programs of its
own. It knows: who was drawn to each arm; that levels add up; that a rate times its people is a count; that
in a difference in means an arm's rate is the control's plus the estimate; that df of a pooled regression are
people less coefficients; that Holm's p is a multiple of another p.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import linprog

Name = tuple[Any, ...]  # ("n" | "events", outcome, arm, subgroup, level) or ("drawn", arm, column, level)


@dataclass
class Knowledge:
    """Equations and intervals among counts, gathered from documents."""

    equations: list[tuple[dict[Name, float], float]] = field(default_factory=list)
    limits: dict[Name, tuple[float, float]] = field(default_factory=dict)

    def know(self, name: Name, low: float, high: float | None = None) -> None:
        old = self.limits.get(name, (0.0, np.inf))
        new = (max(old[0], low), min(old[1], low if high is None else high))
        assert new[0] <= new[1] + 1e-6, (name, old, new)
        self.limits[name] = new

    def equal(self, total: float, parts: Mapping[Name, float]) -> None:
        self.equations.append((dict(parts), total))

    def bounds(self, wanted: Iterable[Name]) -> dict[Name, tuple[float, float]]:
        """Least and greatest value of each, by linear programs over everything known."""
        names = sorted(
            {n for row, _ in self.equations for n in row} | set(self.limits) | set(wanted), key=repr
        )
        place = {name: i for i, name in enumerate(names)}
        matrix = np.zeros((len(self.equations), len(names)))
        for i, (row, _) in enumerate(self.equations):
            for name, weight in row.items():
                matrix[i, place[name]] = weight
        right = [total for _, total in self.equations]
        limits = [self.limits.get(name, (0.0, np.inf)) for name in names]
        found = {}
        for name in wanted:
            ends = []
            for sign in (1.0, -1.0):
                aim = np.zeros(len(names))
                aim[place[name]] = sign
                answer = linprog(aim, A_eq=matrix, b_eq=right, bounds=limits, method="highs")
                assert answer.status in (0, 3), answer.message
                ends.append(np.inf if answer.status == 3 else sign * answer.fun)
            found[name] = (float(np.ceil(ends[0] - 1e-6)), float(np.floor(ends[1] + 1e-6)))
        return found


def learn(appendix: Mapping[str, Any], structure: Mapping[str, Any]) -> Knowledge:
    """From appendix.json. `structure`: what the plan says, public too: arms, outcomes and their kinds, the
    levels of each category and planned subgroup, the estimator."""
    known = Knowledge()
    binary = {o for o, kind in structure["kinds"].items() if kind == "binary"}
    drawn = appendix["draw"]["units"]
    for arm, n in drawn.items():
        known.know(("drawn", arm, None, None), n)
        for column, levels in structure["levels"].items():
            known.equal(0, {("drawn", arm, column, v): 1 for v in levels} | {("drawn", arm, None, None): -1})
    for outcome in structure["kinds"]:
        for arm in drawn:
            _shape(known, outcome, arm, outcome in binary, structure)
    for row in appendix["outcomes"]:
        if row["observed"] is not None:
            known.know(("n", row["outcome"], row["arm"], None, None), row["observed"])
            known.know(("missing", row["outcome"], row["arm"], None, None), row["missing"])
    for cell in appendix["cells"]:
        where = (cell["outcome"], cell["arm"], cell["subgroup"], cell["level"])
        known.know(("n", *where), cell["n"])
        if cell["events"] is not None:
            known.know(("events", *where), cell["events"])
    for row in (appendix["balance"] or {"rows": []})["rows"]:
        column, _, level = row["covariate"].partition(" = ")
        for arm, mean in zip(drawn, row["means"], strict=True):
            if level and mean is not None:
                known.know(("drawn", arm, column, level), round(mean * drawn[arm]))
    for row in appendix["results"]:
        _row(known, row, structure)
    for event in appendix["log"]:
        _event(known, event, drawn)
    return known


def _shape(known: Knowledge, outcome: str, arm: str, binary: bool, structure: Mapping[str, Any]) -> None:
    places: list[tuple[Any, Any]] = [(None, None)]
    for column in structure["subgroups"] if outcome in structure["primary"] else ():
        levels = structure["levels"][column]
        places += [(column, level) for level in levels]
        for kind in ("n", "missing", *(("events", "others") if binary else ())):
            known.equal(
                0,
                {(kind, outcome, arm, column, v): 1 for v in levels} | {(kind, outcome, arm, None, None): -1},
            )
    for place in places:
        where = (outcome, arm, *place)
        known.equal(0, {("n", *where): 1, ("missing", *where): 1, ("drawn", arm, *place): -1})
        if binary:
            known.equal(0, {("events", *where): 1, ("others", *where): 1, ("n", *where): -1})


def _row(known: Knowledge, row: Mapping[str, Any], structure: Mapping[str, Any]) -> None:
    """What one row of results gives away: its counts, its rates, its degrees of freedom."""
    where = (row["subgroup"], row["level"])
    pair = (row["arm"], row["control"])
    arms = structure["arms"] if structure["estimator"] != "difference_in_means" else pair
    if row["term"] == "interaction":  # its counts are those of all levels that could be fitted
        for arm, n in zip(pair, (row["n_arm"], row["n_control"]), strict=True):
            if n is not None:
                levels = structure["levels"][row["subgroup"]]
                if row["estimate"] is not None:
                    levels = [v for v in levels if (row["outcome"], v) not in structure["unfitted"]]
                known.equal(n, {("n", row["outcome"], arm, row["subgroup"], v): 1 for v in levels})
        return
    for arm, n in zip(pair, (row["n_arm"], row["n_control"]), strict=True):
        if n is not None:
            known.know(("n", row["outcome"], arm, *where), n)
    for kind, column in (("n", "n"), ("missing", "n_missing")):
        if row[column] is not None:
            known.equal(row[column], {(kind, row["outcome"], arm, *where): 1 for arm in arms})
    if row["n_drawn"] is not None:
        known.equal(row["n_drawn"], {("drawn", arm, *where): 1 for arm in arms})
    if structure["estimator"] == "lin" and row["df"] is not None and not structure["covariates"]:
        # Arms crossed with nothing: a coefficient an arm.
        known.equal(row["df"] + len(arms), {("n", row["outcome"], arm, *where): 1 for arm in arms})
    plain = structure["estimator"] == "difference_in_means" or not structure["covariates"]
    if plain and structure["kinds"][row["outcome"]] == "binary" and row["mean_control"] is not None:
        rates = (row["mean_control"] + row["estimate"], row["mean_control"])
        for arm, n, rate in zip(pair, (row["n_arm"], row["n_control"]), rates, strict=True):
            if n is not None:
                known.know(("events", row["outcome"], arm, *where), round(rate * n))


def _event(known: Knowledge, event: Mapping[str, Any], drawn: Mapping[str, int]) -> None:
    """The log: how many values were loaded is how many were observed, where no file counts as zero."""
    body = json.loads(event["body"])
    if event["kind"] == "outcomes" and isinstance(body.get("new"), int):
        known.equal(
            body["new"],
            {("n", outcome, arm, None, None): 1 for outcome in body["outcomes"] for arm in drawn},
        )


def read_tables(page: str) -> dict[str, list[dict[str, str]]]:
    """Every table of an HTML page by its caption: rows as header -> text."""
    found = {}
    for table in re.findall(r"<table.*?</table>", page, flags=re.DOTALL):
        caption = _text(re.search(r"<caption[^>]*>(.*?)</caption>", table, re.DOTALL))
        rows = [
            [_text(c) for c in re.finditer(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
            for row in re.findall(r"<tr.*?</tr>", table, flags=re.DOTALL)
        ]
        if rows:
            found[caption] = [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]
    return found


def _text(found: re.Match[str] | None) -> str:
    return "" if found is None else html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip()


def holm_sources(row: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> list[float]:
    """Of which p-values of its family a printed adjusted one may be a multiple; [] if only of a hidden one."""
    family = [r for r in rows if r["family"] == row["family"]]
    return [
        r["p_value"]
        for r in family
        if r["p_value"]
        for k in range(1, len(family) + 1)
        if np.isclose(k * r["p_value"], row["p_adjusted"], rtol=1e-12, atol=0)
    ]


# --- tables that stand beside the results


def learn_beside(appendix: Mapping[str, Any], tables: Mapping[str, list[dict[str, str]]]) -> Knowledge:
    """From pieces, 'whom no mail reached', what residents said, and the log: ("returned", arm), ("said", kind, arm)
    and so on, with every total that one of them tells of another."""
    known = Knowledge()
    arms = appendix["draw"]["units"]
    statuses = {p["status"] for p in appendix["pieces"]}
    for p in appendix["pieces"]:
        known.know((p["status"], p["arm"]), *((0, p["drawn"]) if p["pieces"] is None else (p["pieces"],)))
    if statuses <= {"mailed", "returned", "stopped", "opted_out"}:  # nothing else is known of what came back
        for column in {r["column"] for r in appendix["equity"]["reach"]}:
            levels = {
                ("never", column, r["level"]): r["unreached"]
                for r in appendix["equity"]["reach"]
                if r["column"] == column
            }
            for name, n in levels.items():
                known.know(name, *((0, None) if n is None else (n,)))
                known.limits[name] = (known.limits[name][0], np.inf if n is None else n)
            known.equal(
                0,
                {
                    **dict.fromkeys(levels, 1.0),
                    **{("returned", a): -1.0 for a in arms if "returned" in statuses},
                },
            )
    _said(known, tables, arms)
    for event in appendix["log"]:
        body = json.loads(event["body"]) if event["body"].startswith("{") else {}
        for status, n in body.get("statuses", {}).items():
            known.equal(n, {(status, arm): 1.0 for arm in arms})
        for versions in body.get("versions", {}).values():
            assert not isinstance(versions, dict) or not {"opted_out", "returned"} & versions.keys()
    return known


def _said(known: Knowledge, tables: Mapping[str, list[dict[str, str]]], arms: Iterable[str]) -> None:
    """Everyone counted in a theme said something of its kind; and everyone of the kind stands in some theme."""
    themes = tables.get("Themes, by the number of people", [])
    by_arm = tables.get("People who said something, by arm", [])
    for kind in {row["Kind"] for row in by_arm}:
        names = [("said", kind, arm) for arm in arms]
        rows = [row for row in by_arm if row["Kind"] == kind]
        for name, row in zip(names, rows, strict=True):
            text = row["People"].replace(",", "")
            known.know(name, *((int(text),) if text.isdigit() else (0, int(row["Drawn"].replace(",", "")))))
        counts = [int(row["People"].replace(",", "")) for row in themes if row["Kind"] == kind]
        if len(counts) == 1:
            known.equal(counts[0], dict.fromkeys(names, 1.0))


def half_told(page: str) -> list[str]:
    """Events of which a part is printed beside their hash: the rest can be tried until the hash is met."""
    found = []
    for row in read_tables(page).get("Every event of this trial's chain", []):
        if not row["Body"].startswith("{") and not re.fullmatch(r"withheld: [a-z0-9 ]+", row["Body"]):
            found.append(row["Body"])
        if "withheld" in row["Body"] and row["Body"].startswith("{"):
            found.append(row["Body"])
    return found


def tried(text: str, holes: Mapping[str, range], hash: str) -> dict[str, int] | None:
    """Counts that make `text`, with a hole like {A} for each, the one that was hashed; None if no counts do."""
    import hashlib
    import itertools

    for values in itertools.product(*holes.values()):
        counts = dict(zip(holes, values, strict=True))
        filled = text
        for name, n in counts.items():
            filled = filled.replace(f"{{{name}}}", str(n))
        if hash == f"sha256:{hashlib.sha256(filled.encode()).hexdigest()}":
            return counts
    return None
