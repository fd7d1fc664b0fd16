"""Each rule that joins keys: what breaks it, what is said, and which key is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rct.definition import Definition
from rct.errors import Problem

Broken = Callable[[str, str], Problem]
Mistakes = Callable[..., list[Problem]]

SOCIAL = "share = 2\n"
DATE = "date = 2026-03-02\n"

# (what stood there, what stands there now, code, field, in the rule, in the fix)
JOINED = [
    ("control = true\n", "", "no_control", "arms", "must be the control", "under [arms.current]"),
    (
        SOCIAL,
        "share = 2\ncontrol = true\n",
        "two_controls",
        "arms.social.control",
        "Only one arm",
        "Take control",
    ),
    ("[arms.social]", "[arms.Social]", "bad_name", "arms.Social", "1 to 64 of a-z", "[arms.social]"),
    ("[arms.social]", "[arms.nul]", "bad_name", "arms.nul", "device name", "the label may hold any words"),
    ("[outcomes.paid_30]", '[outcomes."30 days"]', "bad_name", "outcomes.30 days", "an outcome", "30_days"),
    (
        '"water/social.md"',
        '"water/socal.md"',
        "template_missing",
        "arms.social.template",
        "not there",
        "water/social.md?",
    ),
    (
        '"water/social.md"',
        '"../secret.md"',
        "outside_templates",
        "arms.social.template",
        "inside templates/",
        "..",
    ),
    (
        '"water/social.md"',
        '"/etc/passwd"',
        "outside_templates",
        "arms.social.template",
        "inside templates/",
        "..",
    ),
    (
        '"water/social.md"',
        '"water\\\\social.md"',
        "outside_templates",
        "arms.social.template",
        "inside",
        "with /",
    ),
    (
        '"water/social.md"',
        '"https://a.b/x.md"',
        "outside_templates",
        "arms.social.template",
        "no link",
        "Copy",
    ),
    (
        SOCIAL,
        'share = 2\ntemplates = { en = "water/social.md" }\nlanguage = "language"\n',
        "template_twice",
        "arms.social.templates",
        "`template` or `templates`",
        "one in each language",
    ),
    (
        SOCIAL,
        'share = 2\nlanguage = "language"\n',
        "language_alone",
        "arms.social.language",
        "has none",
        "Add",
    ),
    (
        'template = "water/social.md"',
        'templates = { en = "water/social.md" }',
        "no_language",
        "arms.social.templates",
        "needs `language`",
        'language = "language"',
    ),
    (
        'template = "water/social.md"',
        'templates = {}\nlanguage = "language"',
        "no_templates",
        "arms.social.templates",
        "at least one",
        "nothing is sent",
    ),
    (
        'template = "water/social.md"',
        'templates = { en = "water/social.md" }\nlanguage = "langage"',
        "unknown_column",
        "arms.social.language",
        "must be named",
        "Did you mean language?",
    ),
    (
        'template = "water/social.md"',
        'templates = { en = "water/social.md", es = "water/no.md" }\nlanguage = "language"',
        "template_missing",
        "arms.social.templates.es",
        "not there",
        "",
    ),
    ('["balance", ', '["balance", "balance", ', "column_twice", "frame.covariates", "2 times", "once"),
    (
        '"street"',
        '"late_last_year"',
        "column_twice",
        "frame.covariates",
        "encrypted in private/",
        "Take it out",
    ),
    ('"street"', '"district"', "column_twice", "design.blocks", "design.blocks", "Take it out"),
    (
        'covariates = ["balance"',
        'covariates = ["language"',
        "column_twice",
        "frame.categories",
        "and in categories",
        "",
    ),
    ('"late_last_year"', '"account"', "column_twice", "frame.covariates", "frame.id", "Take it out"),
    ('"street"', '"household"', "column_twice", "frame.contact", "design.clusters", "Take it out"),
    (
        'clusters = "household"',
        'clusters = "account"',
        "column_twice",
        "design.clusters",
        "frame.id",
        "Take it out",
    ),
    ('opt_out = "do_not_mail"', 'opt_out = "account"', "column_twice", "frame.opt_out", "frame.id", ""),
    ('opt_out = "do_not_mail"', 'opt_out = "street"', "column_twice", "frame.opt_out", "yes/no", ""),
    (
        'column = "paid"',
        'column = "account"',
        "column_twice",
        "outcomes.paid_30.column",
        "the id of a unit",
        "",
    ),
    ('column = "paid"', 'column = "household"', "column_twice", "outcomes.paid_30.column", "clusters", ""),
    (
        'date_column = "paid_on"',
        'date_column = "street"',
        "column_twice",
        "outcomes.paid_30.date_column",
        "contact",
        "",
    ),
    (
        'date_column = "paid_on"',
        'date_column = "paid"',
        "column_twice",
        "outcomes.paid_30.date_column",
        "same column",
        "",
    ),
    (
        'subgroups = ["language"]',
        'subgroups = ["langauge"]',
        "unknown_column",
        "analysis.subgroups",
        "neither",
        "language?",
    ),
    (
        'subgroups = ["language"]',
        'subgroups = ["balance"]',
        "unknown_column",
        "analysis.subgroups",
        "neither",
        "",
    ),
    (
        'blocks = ["district"]\n',
        "",
        "scheme_needs",
        "design.blocks",
        "needs design.blocks",
        'blocks = ["district"]',
    ),
    ('blocks = ["district"]', "blocks = []", "scheme_needs", "design.blocks", "needs design.blocks", ""),
    ('clusters = "household"\n', "", "scheme_needs", "design.clusters", "needs design.clusters", "household"),
    (
        '"blocked_clustered"',
        '"clustered"',
        "scheme_refuses",
        "design.blocks",
        "has no blocks",
        "blocked_clustered",
    ),
    (
        '"blocked_clustered"',
        '"blocked"',
        "scheme_refuses",
        "design.clusters",
        "has no clusters",
        "blocked_clustered",
    ),
    (
        DATE,
        DATE + 'standard_errors = "HC2"\n',
        "standard_errors_do_not_fit",
        "analysis.standard_errors",
        "whole clusters",
        "CR2",
    ),
    (
        'clusters = "household"\n',
        'clusters = "household"\nbeacon = "moon"\n',
        "bad_beacon_source",
        "design.beacon",
        "",
        "",
    ),
    (
        'clusters = "household"\n',
        f'clusters = "household"\nbeacon = "drand:{"0" * 64}"\n',
        "unknown_chain",
        "design.beacon",
        "",
        "quicknet",
    ),
    ("primary = true\n", "", "no_primary", "outcomes", "must be primary", "under [outcomes.paid_30]"),
    (
        'missing = "zero"',
        'missing = "drop"',
        "event_drop",
        "outcomes.paid_30.missing",
        "had no event",
        '"zero"',
    ),
    (
        'date_column = "paid_on"\n',
        "",
        "no_date_column",
        "outcomes.paid_30.date_column",
        "30 days",
        "date_column =",
    ),
    (
        'kind = "binary"',
        'kind = "binary"\naggregate = "sum"',
        "aggregate_kind",
        "outcomes.paid_30.aggregate",
        "a binary value",
        "use any",
    ),
    (
        'rows = "event"',
        'rows = "unit"\naggregate = "any"',
        "aggregate_unit",
        "outcomes.paid_30.aggregate",
        "several rows",
        'rows = "event"',
    ),
    ("date = 2026-03-02", "date = 2026-02-10", "date_too_early", "analysis.date", "2026-02-11", "or later"),
    (
        "start = 2026-01-12",
        "start = 2026-01-12\nend = 2026-01-11",
        "date_order",
        "trial.end",
        "before trial.start",
        "",
    ),
    (
        "start = 2026-01-12",
        "start = 2026-01-12\nretain_until = 2025-01-11",
        "date_order",
        "trial.retain_until",
        "before trial.start",
        "",
    ),
    (
        "status == 'open'\"",
        "name == 'Ann'\"",
        "eligible_personal",
        "frame.eligible",
        "frame.contact",
        "another column",
    ),
    (
        "status == 'open'\"",
        "account != '7'\"",
        "eligible_personal",
        "frame.eligible",
        "frame.id",
        "another column",
    ),
    (
        "status == 'open'\"",
        "status = 'open'\"",
        "bad_eligibility",
        "frame.eligible",
        "character 26",
        "Write ==",
    ),
]


@pytest.mark.parametrize(("old", "new", "code", "field", "rule", "fix"), JOINED, ids=lambda v: str(v)[:40])
def test_a_rule_that_joins_keys_names_the_key_to_change(
    broken: Broken, old: str, new: str, code: str, field: str, rule: str, fix: str
) -> None:
    found = broken(old, new)
    assert (found.code, found.field) == (code, field)
    assert rule in found.rule
    assert fix in found.fix


def test_a_measurement_cannot_count_as_zero(mistakes: Mistakes, right: str) -> None:
    text = right.replace('kind = "binary"', 'kind = "continuous"').replace('rows = "event"', 'rows = "unit"')
    assert [(p.code, p.field) for p in mistakes(text.replace("baseline = 0.42", "baseline = 60"))] == [
        ("measurement_zero", "outcomes.paid_30.missing")
    ]


def test_money_summed_over_events_can_be_zero(read: Callable[[str], Definition], right: str) -> None:
    outcome = read(right.replace('kind = "binary"', 'kind = "continuous"')).outcomes["paid_30"]
    assert (outcome.aggregate, outcome.missing) == ("sum", "zero")


def test_the_longest_window_of_the_primary_outcomes_counts_and_no_other(
    mistakes: Mistakes, read: Callable[[str], Definition], right: str
) -> None:
    later = '\n[outcomes.late]\nlabel = "Late"\nkind = "binary"\nwindow_days = 300\nmissing = "zero"\n'
    assert read(right + later).analysis.date.isoformat() == "2026-03-02"
    (found,) = mistakes(right + later + "primary = true\n")
    assert "outcomes.late" in found.rule
    assert "2026-11-08" in found.rule


def test_results_on_the_last_day_that_counts_are_allowed(
    read: Callable[[str], Definition], right: str
) -> None:
    assert read(right.replace("2026-03-02", "2026-02-11")).analysis.date.isoformat() == "2026-02-11"


def test_one_arm_is_no_comparison(mistakes: Mistakes, right: str) -> None:
    text = right[: right.index("[arms.social]")] + right[right.index("[frame]") :]
    assert [(p.code, p.field) for p in mistakes(text)] == [("too_few_arms", "arms")]


def test_power_of_clusters_is_refused_without_clusters(mistakes: Mistakes, right: str) -> None:
    text = right.replace('"blocked_clustered"', '"blocked"').replace('clusters = "household"\n', "")
    found = mistakes(text.replace("[power]", "[power]\nicc = 0.1\ncluster_size = 2\ncluster_size_cv = 1"))
    assert [(p.code, p.field) for p in found] == [
        ("scheme_refuses", f"power.{key}") for key in ("icc", "cluster_size", "cluster_size_cv")
    ]


def test_an_effect_that_lowers_a_share_is_measured_downwards(mistakes: Mistakes, right: str) -> None:
    text = right.replace("primary = true", 'primary = true\ndirection = "decrease"')
    (found,) = mistakes(text.replace("minimum_effect = 0.02", "minimum_effect = 0.5"))
    assert "can't fall by 0.5" in found.rule
