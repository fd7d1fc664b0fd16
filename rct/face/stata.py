"""Data and commands for Stata, whose own commands give the plain designs; the others are named in the do-file."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

CROSSED = frozenset(
    {"means", "lin"}
)  # formulas that are a regression saturated with strata, or crossed with columns
LABEL = 80  # characters of a variable's label
HEAD = """* The confirmatory lines of the results again, in Stata {version} or newer. rct's tests run the scripts for R and
* Python; this one is written by the same rules, and no test has run it. Compare what it prints with its comments.
* A variable s1, s2, ... holds the stratum of each unit of one fit; it is missing where the unit is not in it.
version {version}
use data.dta, clear
"""


def dta(columns: Sequence[tuple[str, str, Sequence[Any]]]) -> bytes:
    """A dataset (format 118: UTF-8) from names, meanings and values."""
    table = pd.DataFrame(
        {
            name: pd.Series(list(values), dtype=object if any(isinstance(v, str) for v in values) else float)
            for name, _, values in columns
        }
    )
    out = io.BytesIO()
    labels = {name: meaning[:LABEL] for name, meaning, _ in columns}
    table.to_stata(out, write_index=False, version=118, variable_labels=labels)
    return out.getvalue()


def do_file(listed: Sequence[Mapping[str, Any]]) -> bytes:
    """A command for each line that Stata's own commands give, and a comment for each of the others."""
    parts = [HEAD.format(version=18 if any(x["clustered"] for x in listed) else 16)]
    for number, one in enumerate(listed, start=1):
        where = " ".join(_plain(one[k]) for k in ("outcome", "arm", "term", "level") if one[k])
        parts.append(f"\n* line {number}: {where}\n")
        why = one["why_not"] or _not_in_stata(one)
        if why:
            parts.append(f"* not reproduced here: {_plain(why)}\n")
            continue
        parts.append(
            f"* rct: {one['estimate']} (standard error {one['std_error']}, df {one['df']}, p {one['p_value']})\n"
        )
        parts += [f"{command}\n" for command in ("preserve", *_commands(one), "restore")]
    return "".join(parts).encode()


def _plain(text: object) -> str:
    """A text that can't end the comment it stands in."""
    return " ".join(str(text).split()).replace("*/", "").replace("/*", "").replace("///", "")


def _not_in_stata(one: Mapping[str, Any]) -> str | None:
    if one["term"] == "interaction":
        return "the difference of two lines above; its error is the root of the sum of their squares"
    if one["method"] in ("pairs_of_clusters", "lin_pairs", "means_clustered", "lin_block_effects"):
        return f"no command of Stata gives it ({one['method']}); use --to r or --to csv"
    return None


def _commands(one: Mapping[str, Any]) -> Iterator[str]:
    """Stata's commands for one line. A saturated regression at the mean of its centered strata is the weighted difference of
    means, and its HC2 is Neyman's variance; strata with a single unit in a cell have no HC2, and Stata then says so."""
    yield f"keep if !missing({one['sample']})"
    yield f'generate byte z = arm == "{one["arm"]}"'
    errors = "vce(hc2 cluster, dfadjust)" if one["clustered"] else "vce(hc2)"
    if one["clustered"]:
        yield "egen long cluster_number = group(cluster)"
        errors = "vce(hc2 cluster_number, dfadjust)"
    x = str(one["x"] or "").split()
    if one["method"] == "means" and not one["blocked"]:
        yield f'keep if inlist(arm, "{one["arm"]}", "{one["control"]}")'
        yield f"ttest {one['y']}, by(z) unequal"
        return
    yield f'egen int a = group(arm) if arm != "{one["control"]}"'
    yield "replace a = 0 if missing(a)"
    yield f"quietly tabulate {one['sample']}, generate(stratum_)"
    yield "drop stratum_1"
    if one["method"] not in CROSSED:
        weights = ""
        if one["weighted"]:
            yield f"bysort {one['sample']}: generate double w = _N"
            yield f"bysort {one['sample']} arm: replace w = w / _N"
            weights = " [aweight = w]"
        yield "capture unab strata : stratum_*"
        yield f"regress {one['y']} i.a {' '.join(x)} `strata'{weights}, {errors}"
    else:
        yield "capture unab strata : stratum_*"
        yield f"foreach v in {' '.join(x)} `strata' {{"
        yield "    summarize `v', meanonly"
        yield "    replace `v' = `v' - r(mean)"
        yield "    local crossed `crossed' c.`v'"
        yield "}"
        if one["method"] == "means":
            yield f'keep if inlist(arm, "{one["arm"]}", "{one["control"]}")'
        yield f"regress {one['y']} i.a##(`crossed'), {errors}"
    yield "tabulate a arm if z, missing  // the coefficient of this a is the line"
