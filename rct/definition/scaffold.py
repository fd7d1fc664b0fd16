"""A commented trial.toml, and starter letters, from the answers of the interview."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rct.definition.answers import DATE, Answers, columns, day, of_100, yes
from rct.definition.dates import usual_results
from rct.definition.interview import WORD
from rct.definition.keys import toml
from rct.definition.rewrite import in_letter, marked
from rct.definition.schema import DIRECTIVE
from rct.design.schemes import fitting
from rct.errors import stop, visible
from rct.fs import is_name
from rct.kinds import KINDS, kind_of
from rct.tables.values import parse_number

WIDTH = 48  # where comments start


@dataclass(frozen=True)
class Version:
    """An arm of a new trial; `template` is None where nothing is sent."""

    name: str
    label: str
    control: bool
    template: str | None


def write_trial_toml(name: str, answers: Answers, unwritten: Collection[str] = ()) -> str:
    """trial.toml of the trial `name`, every key with a comment. It loads clean for any judged answers, but for the marks
    of those that are `unwritten`: words that nobody of the office has given yet.

    Raises `RctError` for a start that no trial can have: it may come from the command line, unjudged.
    """
    if not DATE.fits(answers["start"].strip()):
        fix = "Write year-month-day, for example 2026-01-12."
        stop(
            "bad_date",
            "A trial can't start on this day.",
            fix,
            field="start",
            found=visible(answers["start"]),
        )
    lines = [DIRECTIVE, f"# The trial {name}. Change what you like, then: rct check {name}", ""]
    answers = {key: marked(text.strip()) if key in unwritten else text for key, text in answers.items()}
    lines += _about(name, answers)
    for version in versions(name, answers):
        lines += _arm(version, answers)
    lines += _frame(answers) + _design(answers) + _outcome(answers) + _analysis(answers)
    lines += _power(answers) + _decision(answers)
    return "\n".join(lines)


def versions(name: str, answers: Answers) -> list[Version]:
    """The arms, the control first: no letter where there is a group without, else today's."""
    word = WORD[answers["channel"]]
    made: list[Version] = []
    if yes(answers, "holdout"):
        made.append(Version("none", f"No {word}", True, None))
    for number in range(1, int(answers["versions"]) + 1):
        label = answers[f"version_{number}"].strip()
        arm = _arm_name(label, number, word, [version.name for version in made])
        made.append(Version(arm, label, not made, f"{name}/{arm}.md"))
    return made


def starter_letters(name: str, answers: Answers, *, marks: bool = True) -> dict[str, str]:
    """{path under templates/: text} of a letter for each version, ready to be rewritten; `marks` says where."""
    mark = in_letter if marks else str
    contact = columns(answers["contact"])
    greeting = "Hello {{ name }}," if "name" in contact else "Hello,"
    letters = {}
    for version in versions(name, answers):
        if version.template is None:
            continue
        today = version.name == "current"
        what = mark(
            "Paste today's text here." if today else "Write the new text here: short words, one request."
        )
        title = mark("One line that says what this is about")
        if answers["channel"] == "sms":
            text = f"{greeting} {what} Reply STOP to end."
        elif answers["channel"] == "email":
            text = f"Subject: {title}\n\n{greeting}\n\n{what}\n\nTo get no more of these e-mails, reply STOP."
        else:
            text = f"{_address(contact, mark)}\n\n# {title}\n\n{greeting}\n\n{what}"
        letters[version.template] = f"{text}\n"
    return letters


def _address(contact: Sequence[str], mark: Callable[[str], str]) -> str:
    """The address paragraph of a letter: a line a column, the city and what follows it on one."""
    fields = [f"{{{{ {column} }}}}" for column in contact if column.isidentifier()]
    if len(fields) < 2 or not contact[0].isidentifier():
        return mark(
            "The address stands here, above all else: a line for each part, such as name, street, city."
        )
    if "city" in contact[1:-1]:
        at = fields.index("{{ city }}")
        fields[at:] = [", ".join(fields[at:])]
    return "\n".join(fields)


def _arm_name(label: str, number: int, word: str, taken: list[str]) -> str:
    """A short name that no other arm has: current, new, or made of the label's letters."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    plain = "_".join("".join(c if c.isalnum() else " " for c in plain).split())[:24].strip("_")
    if number == 1:
        plain = "current"
    elif label.startswith(f"New {word}") or not is_name(plain) or plain == "current":
        plain = "new"
    candidates = [plain, *(f"{plain}_{n}" for n in range(2, len(taken) + 3))]
    return next(candidate for candidate in candidates if candidate not in taken)


def _line(key: str, value: Any, comment: str) -> str:
    text = f"{key} = {toml(value)}"
    return f"{text.ljust(WIDTH - 1)} # {comment}" if len(text) < WIDTH else f"# {comment}\n{text}"


def _about(name: str, answers: Answers) -> list[str]:
    start, results = day(answers, "start"), usual_results(day(answers, "start"), int(answers["wait"]))
    lines = [
        "[trial]",
        _line("title", answers["title"].strip(), "the question, in one line"),
        _line("problem", answers["problem"].strip(), "what is wrong today, and for whom"),
        _line("hypothesis", answers["hypothesis"].strip(), "what you expect, and why"),
        _line("channel", answers["channel"], "letter, postcard, email or sms"),
        _line("owner", answers["owner"].strip(), "who answers for the trial"),
        _line("analyst", answers["analyst"].strip(), "who runs the analysis"),
        _line("ethics", answers["ethics"].strip(), "why it is right to do this; never blank"),
        _line("start", start, f"the day the {WORD[answers['channel']]} goes out: day 0"),
    ]
    keep = results + timedelta(days=182)
    lines.append(f"# retain_until = {keep}  # the day to delete names and addresses: rct forget {name}")
    return [*lines, ""]


def _arm(version: Version, answers: Answers) -> list[str]:
    lines = [f"[arms.{version.name}]", _line("label", version.label, "the name in the memo")]
    if version.control:
        lines.append(_line("control", True, "all others are compared with this one"))
    if version.template is None:
        lines.append("# no template: this group gets nothing")
    else:
        lines.append(_line("template", version.template, "the letter, under templates/"))
    lines.append(_line("share", 1, "2 would give it twice as many people as 1"))
    cost = answers["unit_cost"].strip()
    if cost and version.template is not None:
        lines.append(_line("unit_cost", _number(cost), "what one costs, all in"))
    return [*lines, ""]


def _frame(answers: Answers) -> list[str]:
    lines = ["[frame]", _line("id", answers["id"].strip(), "the column with your own number of a unit")]
    for key, comment in (
        ("contact", "names and addresses: encrypted, in private/"),
        ("covariates", "numbers known before: they sharpen the result"),
    ):
        lines.append(_line(key, columns(answers[key]), comment))
    if answers["opt_out"].strip():
        lines.append(_line("opt_out", answers["opt_out"].strip(), "yes/no: who asked to be left out"))
    if answers["eligible"].strip():
        lines.append(_line("eligible", answers["eligible"].strip(), "who takes part; the rest is counted"))
    else:
        lines.append(
            "# eligible = \"balance >= 25 and status == 'open'\"  # who takes part; absent: everyone"
        )
    return [*lines, ""]


def _design(answers: Answers) -> list[str]:
    blocks, clusters = columns(answers["blocks"]), answers["clusters"].strip()
    scheme = answers.get("scheme") or fitting(blocks=bool(blocks), clusters=bool(clusters))[0].name
    lines = ["[design]", _line("scheme", scheme, "how lots are drawn")]
    if blocks:
        lines.append(_line("blocks", blocks, "each of these groups gets every version"))
    if clusters:
        lines.append(_line("clusters", clusters, "these stay together in one version"))
    lines.append(_line("beacon", "none", "or public randomness, such as a lottery"))
    return [*lines, ""]


def _outcome(answers: Answers) -> list[str]:
    rows, kind, column = answers["rows"], kind_of(answers["kind"]), answers["column"].strip()
    name = _outcome_name(column, answers["wait"].strip())
    zero = rows == "event" or (kind.zero_if_absent and yes(answers, "absent"))
    lines = [
        f"[outcomes.{name}]",
        _line("label", answers["outcome"].strip(), "success, as leaders will read it"),
        _line("kind", kind.name, _kinds()),
        _line("primary", True, "the trial is judged by this"),
        _line("direction", answers["direction"], "which way is good"),
        _line("column", column, "its column in the outcomes file"),
        _line("rows", rows, "a row is a unit, or an event"),
    ]
    if rows == "event":
        lines.append(_line("date_column", answers["date_column"].strip(), "the column with the event's date"))
    lines.append(_line("window_days", int(answers["wait"]), "days that count, from the start on"))
    meaning = "not in the file: counts as zero" if zero else "not in the file: left out, and counted"
    lines.append(_line("missing", "zero" if zero else "drop", meaning))
    if answers["benefit"].strip():
        lines.append(_line("benefit", _number(answers["benefit"]), "what one more is worth, in money"))
    return [*lines, ""]


def _kinds() -> str:
    """The words that `kind` may hold; the first, which few outside statistics know, with what it means."""
    first, *others = KINDS.values()
    return ", ".join([f"{first.name} ({first.answer})", *(kind.name for kind in others)])


def _outcome_name(column: str, wait: str) -> str:
    plain = unicodedata.normalize("NFKD", column).encode("ascii", "ignore").decode().lower()
    plain = "_".join("".join(c if c.isalnum() else " " for c in plain).split())[:40]
    return f"{plain or 'outcome'}_{wait}"


def _analysis(answers: Answers) -> list[str]:
    results = usual_results(day(answers, "start"), int(answers["wait"]))
    return [
        "[analysis]",
        _line("alpha", 0.05, "accept a false alarm in 5 of 100 trials"),
        _line("multiplicity", "holm", "stricter, the more versions are compared"),
        _line("subgroups", [], "blocks or categories to compare effects in"),
        _line("date", results, "no result by version before this day"),
        "",
    ]


def _power(answers: Answers) -> list[str]:
    share = kind_of(answers["kind"]).share
    lines = ["[power]", _line("power", 0.8, "the wanted chance to find the effect")]
    for key, answer, comment in (
        ("baseline", "baseline", "today's figure"),
        ("minimum_effect", "hope", "the effect you hope for"),
        ("sd", "sd", "how far apart people are"),
    ):
        text = answers.get(answer, "").strip()
        if text:
            lines.append(_line(key, of_100(text) if share else _number(text), comment))
    if answers["units"].strip():
        lines.append(_line("units", int(answers["units"]), "how many you expect in all"))
    return [*lines, ""]


def _decision(answers: Answers) -> list[str]:
    text = answers["worthwhile"]
    least = of_100(text) if kind_of(answers["kind"]).share else _number(text)
    return ["[decision]", _line("worthwhile", least, "the least effect worth adopting"), ""]


def _number(text: str) -> float:
    """The number of a judged answer."""
    number = parse_number(text)
    if number is None:
        raise ValueError("an answer that was never judged")
    return number
