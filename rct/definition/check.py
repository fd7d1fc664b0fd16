"""Every rule that joins keys, run over the parts of a definition that are right in themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rct.definition import rules_columns, rules_formats, rules_outcomes, rules_shape
from rct.definition.explain import DefinitionMistake
from rct.definition.view import View, judge

POWER_CLUSTER_KEYS = ("icc", "cluster_size", "cluster_size_cv")


def cross_check(
    raw: Mapping[str, Any], broken: Iterable[DefinitionMistake], templates: Path | None
) -> list[DefinitionMistake]:
    """What breaks a rule that joins keys. `broken` are the keys known to be wrong in themselves.

    Letters are looked for only where `templates` is given. Pure but for that.
    """
    view = View(raw, [finding.path for finding in broken])
    mistakes = [*judge(rules_shape.texts, (), dict(raw)), *_shape(view, templates), *_columns(view)]
    mistakes += [*_outcomes(view), *_dates(view), *_power(view), *judge(rules_outcomes.worthwhile, view)]
    return mistakes


def _shape(view: View, templates: Path | None) -> list[DefinitionMistake]:
    mistakes = judge(rules_shape.names, view, "arms", "an arm")
    mistakes += judge(rules_shape.names, view, "outcomes", "an outcome")
    mistakes += judge(rules_shape.control, view)
    mistakes += judge(rules_shape.values, view)
    for arm in view.names("arms"):
        mistakes += judge(rules_shape.languages, view, arm)
        if templates is not None:
            mistakes += judge(rules_shape.letters, view, arm, templates)
    if templates is not None:
        mistakes += judge(rules_shape.survey, view, templates)
    return mistakes


def _columns(view: View) -> list[DefinitionMistake]:
    mistakes: list[DefinitionMistake] = []
    for path in rules_columns.LISTS:
        mistakes += judge(rules_columns.twice_in_a_list, view, path)
    for path in rules_columns.REGISTRY:
        mistakes += judge(rules_columns.contact_apart, view, path)
    mistakes += judge(rules_columns.number_or_text, view)
    for special in rules_columns.ONLY_HERE:
        for path in (*rules_columns.LISTS, ("frame", "opt_out")):
            mistakes += judge(rules_columns.only_there, view, special, path)
    mistakes += judge(rules_columns.only_there, view, ("frame", "id"), ("design", "clusters"))
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
        mistakes += judge(rule, view)
    return mistakes


def _outcomes(view: View) -> list[DefinitionMistake]:
    mistakes = judge(rules_outcomes.primary, view)
    for name in view.names("outcomes"):
        for rule in (
            rules_outcomes.aggregate,
            rules_outcomes.missing,
            rules_outcomes.survey,
            rules_outcomes.window,
        ):
            mistakes += judge(rule, view, name)
        for key in ("column", "date_column"):
            mistakes += judge(rules_outcomes.outcome_columns, view, name, key)
    return mistakes


def _dates(view: View) -> list[DefinitionMistake]:
    mistakes: list[DefinitionMistake] = []
    for path in (("trial", "start"), ("trial", "end"), ("trial", "retain_until"), ("analysis", "date")):
        mistakes += judge(rules_outcomes.plausible_date, view, *path)
    for key in ("end", "retain_until"):
        mistakes += judge(rules_outcomes.not_before_start, view, key)
    return mistakes + judge(rules_outcomes.analysis_date, view)


def _power(view: View) -> list[DefinitionMistake]:
    mistakes = judge(rules_outcomes.power_outcomes, view)
    for key in POWER_CLUSTER_KEYS:
        mistakes += judge(rules_outcomes.power_clusters, view, key)
    mistakes += judge(rules_outcomes.first_expectations, view)
    for name in view.names("power", "outcomes"):
        mistakes += judge(rules_outcomes.expectations, view, ("power", "outcomes", name), name)
    return mistakes
