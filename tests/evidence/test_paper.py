"""Papers entered by hand: published tables met from their counts, contradictions flagged, bad files refused."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rct.errors import RctError
from rct.estimate import printed
from rct.evidence.library.paper import flags, from_paper
from rct.evidence.library.paper_table import p_printed, rounded
from rct.evidence.record import ResultLine

PAPERS = Path(__file__).parents[2] / "docs" / "papers"


def line_of(name: str, outcome: str) -> ResultLine:
    (line,) = [x for x in from_paper(PAPERS / name).lines if x.outcome == outcome]
    return line


def test_the_resume_audit_is_met_from_its_counts() -> None:
    """Bertrand and Mullainathan (2004), Table 1: 2,435 each, 9.65 and 6.45 percent, 3.20 apart, p = 0.0000."""
    evidence = from_paper(PAPERS / "resume-audit.toml")
    assert flags(evidence) == []
    line = line_of("resume-audit.toml", "callback")
    assert line.estimate == pytest.approx((235 - 157) / 2435, rel=1e-12)
    assert round(100 * line.estimate, 2) == 3.20
    assert line.p_value is not None
    assert f"{line.p_value:.4f}" == "0.0000"
    assert line.mean_control is not None
    assert round(100 * line.mean_control, 2) == 6.45
    se = math.sqrt(sum(p * (1 - p) / 2434 for p in (235 / 2435, 157 / 2435)))
    assert line.std_error == pytest.approx(se, rel=1e-12)
    assert "991–1013" in (evidence.citation or "")


@pytest.mark.parametrize(
    ("outcome", "points", "low", "high", "p"),
    [
        ("any_test", 8.1, None, 11.2, None),
        ("pap", 8.6, 5.0, 12.2, None),
        ("mammogram", 4.1, -0.9, 9.1, 0.106),
        ("colorectal", 4.3, -0.7, 9.4, 0.090),
    ],
)
def test_calls_and_letters_are_met_from_their_counts(
    outcome: str, points: float, low: float | None, high: float, p: float | None
) -> None:
    """Kiran and others (2018), Table 2: differences, intervals and chi-squared p-values as printed."""
    line = line_of("screening-calls.toml", outcome)
    assert line.estimate is not None
    assert line.conf_low is not None
    assert line.conf_high is not None
    assert round(100 * line.estimate, 1) == points
    assert low is None or round(100 * line.conf_low, 1) == low
    assert round(100 * line.conf_high, 1) == high
    assert p is None or (line.p_value is not None and round(line.p_value, 3) == p)


def test_what_a_published_table_misprints_is_flagged() -> None:
    told = flags(from_paper(PAPERS / "screening-calls.toml"))
    assert told == [
        "any_test, phone: a lower limit of 5.1 points is printed; the counts give 4.994 to 5.048.",
        "mammogram, phone: 27.8% is printed, but 164 of 591 is 27.7%.",
    ]


PAPER = """[paper]
title = "Reminders"
citation = "A and B (2020)"
where = "Table 1"
[arms.plain]
label = "Plain"
control = true
n = 1000
[arms.social]
label = "Social"
n = 1000
[arms.short]
label = "Short"
n = 500
[outcomes.paid]
label = "Paid"
kind = "binary"
direction = "increase"
primary = true
[outcomes.paid.arms]
plain = { percent = 40.0 }
social = { percent = 43.5 }
short = { events = 210 }
"""
MEANS = """[outcomes.amount]
label = "Amount paid"
kind = "continuous"
direction = "increase"
unit = "USD"
[outcomes.amount.arms]
plain = { mean = 50.1, sd = 20.0 }
social = { mean = 52.0, std_error = 0.65 }
[outcomes.amount.differences.short]
estimate = 1.0
low = -1.0
high = 3.0
"""


def paper(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "Late bills.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_counts_means_and_printed_differences(tmp_path: Path) -> None:
    evidence = from_paper(paper(tmp_path, PAPER + MEANS))
    assert evidence.name == "late-bills"
    by = {(x.outcome, x.arm): x for x in evidence.lines}
    assert by["paid", "social"].estimate == pytest.approx(0.035)
    assert by["paid", "short"].estimate == pytest.approx(0.02)
    assert by["paid", "short"].std_error == pytest.approx(math.sqrt(0.24 / 999 + 0.42 * 0.58 / 499))
    assert by["amount", "social"].std_error == pytest.approx(math.hypot(20 / math.sqrt(1000), 0.65))
    welch = stats.ttest_ind_from_stats(52, 0.65 * math.sqrt(1000), 1000, 50.1, 20, 1000, equal_var=False)
    assert by["amount", "social"].p_value == pytest.approx(welch.pvalue)
    assert by["amount", "short"].std_error == pytest.approx(2 / 1.959963984540054, rel=1e-9)
    assert {x.role for x in evidence.lines} == {"exploratory"}
    (shared,) = [c for c in evidence.covariances if c.outcome_a == "paid"]
    assert shared.value == pytest.approx(0.24 / 999)  # the variance of the control's own mean
    assert (shared.arm_a, shared.arm_b) == ("social", "short")


@pytest.mark.parametrize(
    ("added", "flag"),
    [
        ("social = { percent = 43.55 }", "no whole number of 1,000 people"),
        ("social = { events = 435, percent = 44.5 }", "435 of 1,000 is 43.5%"),
        ("[outcomes.paid.differences.social]\npoints = 4.5", "the counts give 3.500"),
        ("[outcomes.paid.differences.social]\npoints = 3.5\nstd_error = 3.2", "a standard error of 3.2"),
        ("[outcomes.paid.differences.social]\npoints = 3.5\np = 0.01", "p 0.01 is printed"),
        ('[outcomes.paid.differences.social]\npoints = 3.5\np = "<0.05"', "p <0.05 is printed"),
    ],
)
def test_a_figure_at_odds_with_its_counts_is_flagged(tmp_path: Path, added: str, flag: str) -> None:
    text = (
        PAPER.replace("social = { percent = 43.5 }", added) if added.startswith("social") else PAPER + added
    )
    (told,) = flags(from_paper(paper(tmp_path, text)))
    assert flag in told


@pytest.mark.parametrize(
    "added",
    ["points = 3.5\nstd_error = 2.2\nlow = -0.8\nhigh = 7.8\np = 0.11", "points = 3\np = 0.1", "points = 4"],
)
def test_rounding_of_print_is_no_contradiction(tmp_path: Path, added: str) -> None:
    assert flags(from_paper(paper(tmp_path, f"{PAPER}[outcomes.paid.differences.social]\n{added}\n"))) == []


def test_an_adjusted_figure_is_used_as_printed_and_held_against_itself(tmp_path: Path) -> None:
    added = (
        '[outcomes.paid.differences.social]\nbasis = "adjusted"\npoints = 3.1\nstd_error = 1.20\np = 0.2\n'
    )
    evidence = from_paper(paper(tmp_path, PAPER + added))
    (line,) = [x for x in evidence.lines if x.arm == "social"]
    assert (line.estimate, line.std_error) == pytest.approx((0.031, 0.012))
    (told,) = flags(evidence)
    assert "p 0.2 is printed" in told
    assert evidence.covariances == ()  # none is known between an adjusted and a recomputed estimate


@pytest.mark.parametrize(
    ("change", "code", "line"),
    [
        (("n = 500", "n = 1"), "paper_figures", 23),
        (("[paper]", "[papers]"), "unknown_key", 1),
        (("citation", "cite"), "unknown_key", 3),
        (("control = true\n", ""), "no_control", 5),
        (("n = 500", "n = 5e2"), "wrong_type", 14),
        (("percent = 40.0", "percent = 140"), "wrong_type", 21),
        (("percent = 40.0", 'percent = "40"'), "wrong_type", 21),
        (("events = 210", "events = 510"), "paper_figures", 23),
        (("short = {", "shirt = {"), "paper_figures", 23),
        (("events = 210", ""), "paper_figures", 23),
        (('kind = "binary"', 'kind = "yes"'), "wrong_type", 17),
        (("[arms.short]", "[arms.con]"), "bad_name", 12),
        (('title = "Reminders"', 'title = "Remin\\u202eders"'), "wrong_type", 2),
        (("plain = {", "plain = 3 #"), "wrong_type", 21),
    ],
)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, change: tuple[str, str], code: str, line: int
) -> None:
    assert PAPER.count(change[0]) == 1
    with pytest.raises(RctError) as error:
        from_paper(paper(tmp_path, PAPER.replace(*change)))
    found = {p.code: p.line for p in error.value.problems}
    assert code in found
    assert found[code] == line, error.value.problems


@pytest.mark.parametrize(
    "data", [b"\xff\xfea", b"a = [", b"a" * (1 << 21), b"a." * 100 + b"b = 1", b"[" * 5000]
)
def test_no_toml_is_no_traceback(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(data)
    with pytest.raises(RctError) as error:
        from_paper(path)
    assert {p.code for p in error.value.problems} == {"paper_unreadable"}


@given(st.integers(2, 3000), st.integers(2, 3000), st.data())
def test_what_a_table_prints_truly_is_never_flagged(n: int, m: int, data: st.DataObject) -> None:
    """Rounded to any number of decimals, the share is possible, and so are difference, error, interval and p."""
    a, b = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    decimals = data.draw(st.integers(0, 3))
    arm, control = printed.share(n, a), printed.share(m, b)
    told = f"{100 * a / n:.{decimals}f}"
    from decimal import Decimal

    assert a in printed.whole_events(n, rounded(Decimal(told)))
    found = printed.difference(arm, control)
    assert printed.meets(
        rounded(Decimal(f"{found.std_error:.{decimals}f}")), printed.usual_errors(arm, control)
    )
    if found.p_value is not None and found.conf_low is not None:
        assert printed.meets(p_printed(f"{found.p_value:.3f}"), printed.usual_p_values(arm, control))
        lows = [low for low, _ in printed.usual_intervals(arm, control, 0.95)]
        assert printed.meets(rounded(Decimal(f"{found.conf_low:.{decimals}f}")), lows)
