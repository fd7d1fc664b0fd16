"""Every rule that joins keys, run over the parts of a definition that are right in themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rct.definition import rules_columns, rules_formats, rules_outcomes, rules_shape
from rct.definition.explain import Finding
from rct.definition.view import View, judge

POWER_CLUSTER_KEYS = ("icc", "cluster_size", "cluster_size_cv")


def cross_check(raw: Mapping[str, Any], broken: Iterable[Finding], templates: Path | None) -> list[Finding]:
    """What breaks a rule that joins keys. `broken` are the keys known to be wrong in themselves.

    Letters are looked for only where `templates` is given. Pure but for that.
    """
    view = View(raw, [finding.path for finding in broken])
    found = [*judge(rules_shape.texts, (), dict(raw)), *_shape(view, templates), *_columns(view)]
    found += [*_outcomes(view), *_dates(view), *_power(view), *judge(rules_outcomes.worthwhile, view)]
    return found


def _shape(view: View, templates: Path | None) -> list[Finding]:
    found = judge(rules_shape.names, view, "arms", "an arm")
    found += judge(rules_shape.names, view, "outcomes", "an outcome")
    found += judge(rules_shape.control, view)
    for arm in view.names("arms"):
        found += judge(rules_shape.languages, view, arm)
        if templates is not None:
            found += judge(rules_shape.letters, view, arm, templates)
    if templates is not None:
        found += judge(rules_shape.survey, view, templates)
    return found


def _columns(view: View) -> list[Finding]:
    found: list[Finding] = []
    for path in rules_columns.LISTS:
        found += judge(rules_columns.twice_in_a_list, view, path)
    for path in rules_columns.REGISTRY:
        found += judge(rules_columns.contact_apart, view, path)
    found += judge(rules_columns.number_or_text, view)
    for special in rules_columns.ONLY_HERE:
        for path in (*rules_columns.LISTS, ("frame", "opt_out")):
            found += judge(rules_columns.only_there, view, special, path)
    found += judge(rules_columns.only_there, view, ("frame", "id"), ("design", "clusters"))
    for rule in (
        rules_columns.opt_out_apart,
        rules_columns.eligible,
        rules_columns.beacon,
        rules_columns.subgroups,
        rules_columns.scheme,
        rules_columns.estimator,
        rules_columns.standard_errors,
        rules_columns.block_weights,
        rules_formats.formats,
        rules_formats.words,
        rules_formats.headings,
        rules_formats.known_columns,
    ):
        found += judge(rule, view)
    return found


def _outcomes(view: View) -> list[Finding]:
    found = judge(rules_outcomes.primary, view)
    for name in view.names("outcomes"):
        for rule in (
            rules_outcomes.aggregate,
            rules_outcomes.missing,
            rules_outcomes.survey,
            rules_outcomes.window,
        ):
            found += judge(rule, view, name)
        for key in ("column", "date_column"):
            found += judge(rules_outcomes.outcome_columns, view, name, key)
    return found


def _dates(view: View) -> list[Finding]:
    found: list[Finding] = []
    for path in (("trial", "start"), ("trial", "end"), ("trial", "retain_until"), ("analysis", "date")):
        found += judge(rules_outcomes.plausible_date, view, *path)
    for key in ("end", "retain_until"):
        found += judge(rules_outcomes.not_before_start, view, key)
    return found + judge(rules_outcomes.analysis_date, view)


def _power(view: View) -> list[Finding]:
    found = judge(rules_outcomes.power_outcomes, view)
    for key in POWER_CLUSTER_KEYS:
        found += judge(rules_outcomes.power_clusters, view, key)
    found += judge(rules_outcomes.first_expectations, view)
    for name in view.names("power", "outcomes"):
        found += judge(rules_outcomes.expectations, view, ("power", "outcomes", name), name)
    return found
