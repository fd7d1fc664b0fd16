"""The example trials: right as they are, right when copied, their letters plain."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from rct import fs
from rct.definition import check_text, load, plan_json
from rct.definition.letters import read_letter
from rct.definition.shipped import add_keywords, example, examples, shift_dates
from rct.errors import RctError

NAMES = ["benefit-renewal", "court-reminders", "legislators-email", "water-bills"]
FIELD = re.compile(r"\{\{\s*(\w+)\s*(?:\|\s*(\w+)\s*)?\}\}")
STATEMENT = re.compile(r"\{%\s*(?:if (\w+) (?:==|!=|<|<=|>|>=) (?:\d+|'[^']*')|else|endif)\s*%\}")


def test_they_are_the_ones_we_say() -> None:
    assert list(examples()) == NAMES
    assert examples()["water-bills"] == "Which letter gets overdue water bills paid?"


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_trial_is_right_as_it_is(name: str) -> None:
    found = load(fs.shipped("trials") / name / "trial.toml", templates=fs.shipped("templates"))
    assert plan_json(found, fs.shipped("templates"))


def test_together_they_show_every_scheme_and_a_group_without_a_letter() -> None:
    found = [load(fs.shipped("trials") / n / "trial.toml", templates=fs.shipped("templates")) for n in NAMES]
    assert {t.design.scheme for t in found} == {"complete", "blocked", "clustered", "blocked_clustered"}
    water = found[NAMES.index("water-bills")]
    assert len(water.arms) == 4
    assert water.arms[water.control].template is None
    assert water.outcomes["amount_30"].aggregate == "sum"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("start", [date(2030, 2, 28), date(2024, 2, 29), date(1999, 1, 1)])
def test_a_copy_starts_when_asked_and_all_other_dates_move_with_it(
    name: str, start: date, tmp_path: Path
) -> None:
    original = load(fs.shipped("trials") / name / "trial.toml", templates=fs.shipped("templates"))
    copy = example(name, "our-trial", start, "practice")
    for path, data in copy.letters.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    found = check_text(copy.toml, "our-trial", templates=tmp_path)
    moved = start - original.trial.start
    assert found.trial.start == start
    assert found.analysis.date == original.analysis.date + moved
    if original.trial.retain_until is not None:
        assert found.trial.retain_until == original.trial.retain_until + moved
    assert found.practice
    assert all(path.startswith("our-trial/") for path in found.template_paths)
    assert found.outcomes == original.outcomes


def test_a_wrong_example_is_refused_with_the_nearest_and_a_strange_one_with_all() -> None:
    with pytest.raises(RctError) as raised:
        example("water-bill", "x", date(2026, 1, 12))
    assert raised.value.problems[0].fix == "Did you mean water-bills?"
    with pytest.raises(RctError) as raised:
        example("../../etc", "x", date(2026, 1, 12))
    assert "legislators-email" in raised.value.problems[0].fix


def test_a_date_that_would_leave_the_calendar_is_refused() -> None:
    with pytest.raises(RctError) as raised:
        example("water-bills", "x", date(9999, 12, 1))
    assert raised.value.problems[0].code == "bad_date"
    with pytest.raises(RctError):
        shift_dates("[trial]\n", date(2026, 1, 12))


def test_only_dates_change_when_dates_move() -> None:
    text = (
        '[trial]\nstart = 2026-01-12  # on 2026-01-12\ntitle = "2026-01-12"\n[analysis]\ndate = 2026-03-02\n'
    )
    assert shift_dates(text, date(2026, 1, 19)) == (
        '[trial]\nstart = 2026-01-19  # on 2026-01-12\ntitle = "2026-01-12"\n[analysis]\ndate = 2026-03-09\n'
    )


def test_keywords_are_added_once(right: str) -> None:
    once = add_keywords(right, "practice", "simulated")
    assert check_text(once, "water").trial.keywords == ["practice", "simulated"]
    assert add_keywords(once, "practice") == once
    assert check_text(add_keywords(once, "more"), "water").trial.keywords == ["practice", "simulated", "more"]


def letters(name: str) -> list[tuple[str, str]]:
    folder = fs.shipped("templates") / name
    return [
        (f.name, read_letter(fs.shipped("templates"), f"{name}/{f.name}"))
        for f in sorted(folder.glob("*.md"))
    ]


@pytest.mark.parametrize("name", ["benefit-renewal", "court-reminders", "water-bills"])
def test_a_letter_uses_only_named_columns_and_the_allowed_syntax(name: str) -> None:
    trial = load(fs.shipped("trials") / name / "trial.toml", templates=fs.shipped("templates"))
    for file, text in letters(name):
        used = [found[1] for pattern in (FIELD, STATEMENT) for found in pattern.finditer(text) if found[1]]
        assert used, file
        assert set(used) <= set(trial.letter_columns), file
        assert {found[2] for found in FIELD.finditer(text)} <= {None, "money", "date", "upper", "title"}, file
        assert not re.search(r"\{[{%#]", STATEMENT.sub("", FIELD.sub("", text))), file


def grade(text: str) -> float:
    """Flesch and Kincaid's (1975) reading grade, with a rough count of syllables."""
    sentences = [s for s in re.split(r"[.!?:]+|\n\s*\n|\n[-\d]", text) if re.search(r"[a-z]", s)]
    words = re.findall(r"[A-Za-z']+", text)
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e\b", "", w.lower())))) for w in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


@pytest.mark.parametrize("name", ["benefit-renewal", "court-reminders", "water-bills"])
def test_a_letter_reads_at_grade_eight_or_below(name: str) -> None:
    for file, text in letters(name):
        if not file.endswith(".es.md"):
            plain = FIELD.sub("Ann", STATEMENT.sub("", text))
            assert grade(plain.split("# ", 1)[-1]) <= 8, (file, grade(plain))


def test_a_day_written_out_in_a_letter_moves_with_the_start() -> None:
    shipped = dict(letters("water-bills"))
    copy = example("water-bills", "our-trial", date(2026, 2, 1))
    for file in ("current.md", "social.md", "parts.md"):
        assert "January 26, 2026" in shipped[file]
        text = copy.letters[f"our-trial/{file}"].decode()
        assert "February 15, 2026" in text
        assert "January" not in text
