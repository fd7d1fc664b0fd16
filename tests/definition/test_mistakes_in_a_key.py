"""Each rule of a single key: what breaks it, what is said, and where."""

from __future__ import annotations

from collections.abc import Callable

import pytest

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
