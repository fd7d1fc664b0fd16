"""Each rule of a definition: what breaks it, what is said, and where."""

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
KEYS = [
    ("share = 2", "share = 0", "out_of_range", "arms.social.share", "from 1 to 1,000,000", ""),
    ("share = 2", "share = 1_000_001", "out_of_range", "arms.social.share", "from 1 to 1,000,000", ""),
    ("share = 2", "share = 1.5", "wrong_type", "arms.social.share", "a whole number", "write 3 and 2"),
    ("share = 2", "share = 2.0", "wrong_type", "arms.social.share", "a whole number", "whole number"),
    ("share = 2", "share = true", "wrong_type", "arms.social.share", "a whole number", "share = 2"),
    ("share = 2", 'share = "2"', "wrong_type", "arms.social.share", "a whole number", "without quotes"),
    (
        "share = 2",
        "shares = 2",
        "unknown_key",
        "arms.social.shares",
        "no key shares in [arms.social]",
        "mean share?",
    ),
    (
        "control = true",
        "control = 1",
        "wrong_type",
        "arms.current.control",
        "true or false",
        "control = true",
    ),
    ("unit_cost = 0.64", "unit_cost = -1", "out_of_range", "arms.social.unit_cost", "0 or more", "0.64"),
    ("unit_cost = 0.64", "unit_cost = inf", "out_of_range", "arms.social.unit_cost", "a number", ""),
    ("unit_cost = 0.64", "unit_cost = nan", "out_of_range", "arms.social.unit_cost", "a number", ""),
    (
        DATE,
        DATE + "alpha = 5\n",
        "out_of_range",
        "analysis.alpha",
        "above 0 and below 0.5",
        "0.05 is 5 percent",
    ),
    (DATE, DATE + "alpha = 0\n", "out_of_range", "analysis.alpha", "above 0", "0.05"),
    (DATE, DATE + "alpha = 0.95\n", "out_of_range", "analysis.alpha", "below 0.5", "0.05"),
    (DATE, DATE + "alpha = true\n", "wrong_type", "analysis.alpha", "a number", "0.05"),
    (DATE, DATE + 'estimator = "linn"\n', "not_a_choice", "analysis.estimator", '"lin"', "Did you mean lin?"),
    (DATE, DATE + 'multiplicity = "Holm"\n', "not_a_choice", "analysis.multiplicity", '"holm"', "mean holm?"),
    (
        'channel = "letter"',
        'channel = "e-mail"',
        "not_a_choice",
        "trial.channel",
        '"sms"',
        "Did you mean email?",
    ),
    (
        'channel = "letter"',
        "channel = 3",
        "wrong_type",
        "trial.channel",
        'one of "letter"',
        'channel = "letter"',
    ),
    ('ethics = "Reviewed."', 'ethics = ""', "blank", "trial.ethics", "must not be blank", "ethics ="),
    ('owner = "Dana"', 'owner = " \\t"', "blank", "trial.owner", "must not be blank", "owner ="),
    ('owner = "Dana"', "owner = 7", "wrong_type", "trial.owner", "text in quotes", "owner ="),
    ('owner = "Dana"', 'owner = "a\\nb"', "control_character", "trial.owner", "a line break", "one line"),
    ('owner = "Dana"', 'owner = "a\\u202Eb"', "control_character", "trial.owner", "hidden", "one line"),
    ('analyst = "Sam"\n', "", "missing_key", "trial.analyst", "is required", "Under [trial] write"),
    ("start = 2026-01-12", 'start = "2026-01-12"', "wrong_type", "trial.start", "a date", "without quotes"),
    (
        "start = 2026-01-12",
        "start = 2026-01-12T09:00:00",
        "wrong_type",
        "trial.start",
        "a date",
        "start = 2026-01-12",
    ),
    (
        "start = 2026-01-12",
        "start = 2026-02-30",
        "bad_date",
        "trial.start",
        "no day 2026-02-30",
        "2026-02-28",
    ),
    ("start = 2026-01-12", "start = 0026-01-12", "bad_date", "trial.start", "year 26", "Check the year"),
    (
        '["language"]\neligible',
        '"language"\neligible',
        "wrong_type",
        "frame.categories",
        "a list of texts",
        '["language"]',
    ),
    ("window_days = 30", "window_days = -1", "out_of_range", "outcomes.paid_30.window_days", "from 0", ""),
    (
        "window_days = 30",
        "window_days = 36501",
        "out_of_range",
        "outcomes.paid_30.window_days",
        "to 36,500",
        "",
    ),
    ("benefit = 40.0", "benefit = 0", "out_of_range", "outcomes.paid_30.benefit", "above 0", ""),
    ("worthwhile = 0.01", "worthwhile = 0", "out_of_range", "decision.worthwhile", "above 0", ""),
    (
        "worthwhile = 0.01",
        "worthwhile = 1",
        "out_of_range",
        "decision.worthwhile",
        "a share",
        "0.01 is one percentage",
    ),
    ("baseline = 0.42", "baseline = 42", "out_of_range", "power.baseline", "a share", "0.42 is 42 percent"),
    (
        "minimum_effect = 0.02",
        "minimum_effect = 0.6",
        "out_of_range",
        "power.minimum_effect",
        "can't rise",
        "smaller",
    ),
    (
        "minimum_effect = 0.02",
        "minimum_effect = -0.02",
        "out_of_range",
        "power.minimum_effect",
        "above 0",
        "",
    ),
    (
        "baseline = 0.42",
        "baseline = 0.42\npower = 80",
        "out_of_range",
        "power.power",
        "0.5 or more and below 1",
        "",
    ),
    (
        "baseline = 0.42",
        "baseline = 0.42\nsd = 3",
        "sd_of_binary",
        "power.sd",
        "follows from its baseline",
        "Take sd",
    ),
    (
        "worthwhile = 0.01",
        "worthwhile = 0.01\n[power.outcomes.paid]\nbaseline = 0.3",
        "unknown_outcome",
        "power.outcomes.paid",
        "primary outcome",
        "Did you mean paid_30?",
    ),
    ("[decision]\nworthwhile = 0.01\n", "", "missing_key", "decision", "[decision] is missing", "[decision]"),
    ("[power]", "[powr]", "unknown_key", "powr", "no table powr in the file", "Did you mean power?"),
]


@pytest.mark.parametrize(("old", "new", "code", "field", "rule", "fix"), KEYS, ids=lambda v: str(v)[:40])
def test_a_wrong_key_is_named_with_its_rule_and_what_to_do(
    broken: Broken, old: str, new: str, code: str, field: str, rule: str, fix: str
) -> None:
    found = broken(old, new)
    assert (found.code, found.field) == (code, field)
    assert rule in found.rule
    assert fix in found.fix


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


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(mistakes: Mistakes, right: str) -> None:
    text = (
        right.replace("start = 2026-01-12", "start = 2026-02-30")
        .replace("control = true", "control = 1")
        .replace("share = 2", "share = 1.5\nshar = 3")
        .replace("unit_cost = 0.64", 'unit_cost = "0.64"')
        .replace('"late_last_year"', '"account"')
        .replace('"blocked_clustered"', '"blocked_clusterd"')
        .replace("window_days = 30", "window_days = 1.5")
        .replace("worthwhile = 0.01", "worthwhile = 3")
    )
    found = mistakes(text, "../x")
    assert [(p.line, p.code) for p in found] == [
        (1, "bad_name"),
        (9, "bad_date"),
        (13, "wrong_type"),
        (19, "wrong_type"),
        (20, "unknown_key"),
        (21, "wrong_type"),
        (25, "column_twice"),
        (32, "not_a_choice"),
        (43, "wrong_type"),
        (56, "out_of_range"),
    ]
    assert {p.file for p in found} == {"trial.toml"}
    assert all(p.rule and p.column for p in found)


def test_a_rule_is_left_out_where_one_of_its_keys_is_wrong_already(mistakes: Mistakes, right: str) -> None:
    (found,) = mistakes(right.replace("start = 2026-01-12", 'start = "soon"'))
    assert found.field == "trial.start"  # and nothing about analysis.date, which hangs on it


@pytest.mark.parametrize(
    "name", ["../x", "", "Water", "con", "com1", "a" * 65, "-x", "a b", "wässer", "x.tmp"]
)
def test_a_name_that_is_no_safe_folder_is_refused(mistakes: Mistakes, right: str, name: str) -> None:
    (found,) = mistakes(right, name)
    assert found.code == "bad_name"
    assert "Rename the folder" in found.fix


def test_values_from_the_file_are_shown_without_their_control_characters(
    mistakes: Mistakes, right: str
) -> None:
    found = mistakes(right.replace('owner = "Dana"', 'owner = "\\u001B[31mred"\n"k\\u001Bey" = 1'))
    shown = " ".join(f"{p.rule} {p.fix} {p.found} {p.field}" for p in found)
    assert "\x1b" not in shown
    assert "U0000001B[31mred" in shown
    assert "k\\x1bey" in shown


def test_a_long_value_is_cut_when_shown(broken: Broken) -> None:
    assert len(broken('channel = "letter"', f'channel = "{"x" * 500}"').found or "") == 80


def test_an_empty_file_is_told_what_belongs_in_it(mistakes: Mistakes) -> None:
    found = mistakes("")
    assert [p.field for p in found] == ["trial", "arms", "frame", "outcomes", "analysis", "decision"]
    assert all(p.code == "missing_key" and p.line == 1 for p in found)


def test_tables_of_the_wrong_shape_are_named(mistakes: Mistakes) -> None:
    found = {
        p.field: p for p in mistakes("trial = 1\narms = [1]\noutcomes = 'x'\n[frame]\nid = 'a'\n[arms2]\n")
    }
    assert found["trial"].rule == "trial must be a table of its own."
    assert found["arms"].code == "wrong_type"
    assert found["arms2"].fix == "Did you mean arms?"


def test_a_letter_that_is_no_text_does_not_hide_the_one_beside_it(mistakes: Mistakes, right: str) -> None:
    many = 'templates = { en = 3, es = "water/no.md" }\nlanguage = "language"'
    found = mistakes(right.replace('template = "water/social.md"', many))
    assert {(p.code, p.field) for p in found} == {
        ("wrong_type", "arms.social.templates.en"),
        ("template_missing", "arms.social.templates.es"),
    }
