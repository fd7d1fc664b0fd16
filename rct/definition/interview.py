"""The questions of `rct new`, in order: what is asked, why, an example, a default.

`next_question` gives the first one that has no answer yet; later questions hang on earlier answers. Nothing
is read or printed here. Answers are text, as typed; `scaffold` makes trial.toml of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date

from rct.definition.answers import (
    CHOICE,
    COLUMN,
    COLUMNS,
    DATE,
    NUMBER,
    OF_100,
    POSITIVE,
    YES_NO,
    Answers,
    Question,
    columns,
    of_100,
    whole,
    yes,
)
from rct.definition.dates import usual_start
from rct.definition.eligible import compile as compile_condition
from rct.definition.model import MAX_WINDOW
from rct.design.schemes import fitting
from rct.errors import RctError, visible
from rct.kinds import KINDS, OutcomeKind, names

WORD = {"letter": "letter", "postcard": "postcard", "email": "e-mail", "sms": "text message"}
CONTACT = {
    "letter": "name, street, city, postcode",
    "postcard": "name, street, city, postcode",
    "email": "name, email",
    "sms": "name, phone",
}
MAX_VERSIONS = 20
IN_WORDS = (
    "title",
    "problem",
    "hypothesis",
    "owner",
    "analyst",
    "ethics",
    "outcome",
)  # what the plan says of the office
# Which answers hold columns of the list, and what each is called when two claim the same column.
COLUMN_KEYS = {
    "id": "the id",
    "contact": "names and addresses",
    "covariates": "the numbers",
    "blocks": "the blocks",
    "clusters": "what keeps people together",
    "opt_out": "the opt-out column",
    "column": "the outcome",
    "date_column": "the date of the outcome",
}
_MAY_SHARE = {frozenset(("covariates", "column")), frozenset(("blocks", "column"))}


def next_question(answers: Answers, today: date, person: str = "") -> Question | None:
    """The first question without an answer; None when the interview is over. `person` is who sits there."""
    return next((q for q in _questions(answers, today, person) if q.key not in answers), None)


def defaults(today: date, person: str = "", given: Answers | None = None) -> dict[str, str]:
    """`given`, and every other question answered with its default, as `rct new --yes` does."""
    answers = dict(given or {})
    while (question := next_question(answers, today, person)) is not None:
        answers[question.key] = question.default
    return answers


def unwritten(answers: Answers, asked: Collection[str], today: date, person: str = "") -> frozenset[str]:
    """The answers in words that nobody of the office has given: a default that nobody was `asked` about, or one that says
    only that nothing is written yet."""
    return frozenset(
        question.key
        for question in _questions(answers, today, person)
        if question.key in IN_WORDS
        and answers.get(question.key) == question.default
        and (question.unanswered or question.key not in asked)
    )


def _questions(answers: Answers, today: date, person: str) -> Iterator[Question]:
    yield from _about(person)
    if "channel" in answers:
        yield from _timing(WORD[answers["channel"]], today)
        yield from _versions(answers, WORD[answers["channel"]])
        yield from _list(answers)
        yield from _outcome(answers)
        yield from _worth(answers)


def _about(person: str) -> Iterator[Question]:
    yield Question(
        "title",
        "What do you want to find out? One line.",
        "It stands at the top of the plan and of the memo.",
        "Which letter gets overdue water bills paid?",
        "Which letter works better?",
    )
    yield Question(
        "problem",
        "What is the problem today, and for whom?",
        "Readers of the plan must know why this is worth a trial.",
        "One in three overdue bills is unpaid after a month, and late fees fall on the poor.",
        "Not written yet.",
        unanswered=True,
    )
    yield Question(
        "hypothesis",
        "What do you expect to happen, and why?",
        "Said before, it can't be made to fit afterwards.",
        "A letter that says most neighbors pay on time gets more bills paid.",
        "The new version works better than today's.",
    )
    yield Question(
        "channel",
        "How do you reach people?",
        "The plan and the vendor's files depend on it.",
        "letter",
        "letter",
        CHOICE,
        tuple(WORD.items()),
    )
    yield Question(
        "owner",
        "Who answers for the trial? Name and office.",
        "Leaders will ask this person.",
        "Dana Reyes, Water Department",
        person or "Not named yet",
        unanswered=not person,
    )
    yield Question(
        "analyst",
        "Who will run the analysis?",
        "Often the same person; a second pair of eyes is better.",
        "Sam Okafor, Innovation Team",
        person or "Not named yet",
        unanswered=not person,
    )
    yield Question(
        "ethics",
        "Why is it right to do this? Who has reviewed it?",
        "People don't choose to take part, so somebody must have thought of them.",
        "Reviewed by the city attorney; every version is true and nobody loses a service.",
        "Not reviewed yet.",
        unanswered=True,
    )


def _timing(word: str, today: date) -> Iterator[Question]:
    yield Question(
        "start",
        f"On which day does the {word} go out?",
        "All waiting is counted from this day.",
        "2026-01-12",
        usual_start(today).isoformat(),
        DATE,
    )
    yield Question(
        "wait",
        "How many days do people have before you count?",
        "Everyone gets the same time, and nobody looks at results before it is over.",
        "30",
        "30",
        whole(1, min(MAX_WINDOW, 3650)),
    )


def _versions(answers: Answers, word: str) -> Iterator[Question]:
    yield Question(
        "holdout",
        f"Will one group get no {word}, to compare with?",
        f"It shows what the {word} does at all. Without it you learn which version is better.",
        "no",
        "no",
        YES_NO,
    )
    if "holdout" not in answers:
        return
    least = 1 if yes(answers, "holdout") else 2
    yield Question(
        "versions",
        f"How many versions of the {word} will you send, today's included?",
        "Each version needs its share of people: with more versions, effects are harder to see.",
        "2",
        "2",
        whole(least, MAX_VERSIONS),
    )
    for number in range(1, int(answers.get("versions", "0")) + 1):
        first = number == 1
        yield Question(
            f"version_{number}",
            f"What do you call version {number}?" + (f" (today's {word})" if first else ""),
            "This name stands in the memo's chart.",
            f"Today's {word}" if first else "'Most neighbors pay on time'",
            f"Today's {word}" if first else f"New {word}" + ("" if number == 2 else f" {number - 1}"),
            also=_another_label(number),
        )


def _another_label(number: int) -> Callable[[str, Answers], str | None]:
    def judge(text: str, answers: Answers) -> str | None:
        for other in range(1, number):
            if answers.get(f"version_{other}", "").strip().casefold() == text.casefold():
                return f"Version {other} is called that already."
        return None

    return judge


def _list(answers: Answers) -> Iterator[Question]:
    yield Question(
        "id",
        "Which column of your list tells units apart (an account or case number)?",
        "rct turns it into a code; your own number never leaves the private folder.",
        "account",
        "id",
        COLUMN,
        also=_free("id"),
    )
    yield Question(
        "contact",
        "Which columns hold names and addresses?",
        "They are kept encrypted, apart from everything else.",
        "name, street, city, postcode",
        CONTACT[answers["channel"]],
        COLUMNS,
        optional=True,
        also=_free("contact"),
    )
    yield Question(
        "covariates",
        "Which columns hold numbers known before, such as last year's balance?",
        "They make the result more exact. None is fine.",
        "balance, late_last_year",
        "",
        COLUMNS,
        optional=True,
        also=_free("covariates"),
    )
    yield Question(
        "blocks",
        "Which columns sort people into groups that should each get every version, such as districts?",
        "Then no version lands by chance mostly in one district. None is fine.",
        "district",
        "",
        COLUMNS,
        optional=True,
        also=_free("blocks"),
    )
    yield Question(
        "clusters",
        "Do some units belong together, such as one household? Which column says so?",
        "They get the same version, so that neighbors don't compare two letters. None is fine.",
        "household",
        "",
        COLUMN,
        optional=True,
        also=_free("clusters"),
    )
    fit = fitting(
        blocks=bool(columns(answers.get("blocks", ""))), clusters=bool(answers.get("clusters", "").strip())
    )
    if len(fit) > 1:  # where one scheme alone goes with these columns there is nothing to ask
        usual = fit[0].name
        yield Question(
            "scheme",
            "How shall lots be drawn?",
            "More than one way goes with the groups that you named.",
            usual,
            usual,
            CHOICE,
            tuple((scheme.name, scheme.summary) for scheme in fit),
        )
    yield Question(
        "opt_out",
        "Which yes/no column says who asked to be left out?",
        "They are left out before the draw. None is fine.",
        "do_not_mail",
        "",
        COLUMN,
        optional=True,
        also=_free("opt_out"),
    )
    yield Question(
        "eligible",
        "Is everyone on the list part of the trial? If not, who is?",
        "A condition on columns; the rest is counted and left out. Leave it blank for everyone.",
        "balance >= 25 and status == 'open'",
        "",
        optional=True,
        also=_condition,
    )


def _free(key: str) -> Callable[[str, Answers], str | None]:
    """A column has one use (a number may also be measured again as the outcome)."""

    def judge(text: str, answers: Answers) -> str | None:
        named = columns(text)
        twice = next((name for name in named if named.count(name) > 1), None)
        if twice is not None:
            return f"{twice} stands there twice."
        for other, what in COLUMN_KEYS.items():
            if other != key and frozenset((key, other)) not in _MAY_SHARE:
                both = next((name for name in named if name in columns(answers.get(other, ""))), None)
                if both is not None:
                    return f"{both} is already {what}: a column has one use."
        return None

    return judge


def _condition(text: str, answers: Answers) -> str | None:
    try:
        used = compile_condition(text).columns
    except RctError as error:
        return " ".join(f"{p.rule.rstrip('.')}. {p.fix.rstrip('.')}." for p in error.problems)
    personal = [answers.get("id", "").strip(), *columns(answers.get("contact", ""))]
    bad = next((name for name in used if name in personal), None)
    return f"{visible(bad)} tells who a person is: it can't decide who takes part." if bad else None


def _outcome(answers: Answers) -> Iterator[Question]:
    wait = answers.get("wait", "30")
    yield Question(
        "outcome",
        "What counts as success? Say it as leaders will read it.",
        "The trial is judged by this one thing, agreed before.",
        "Paid in full within 30 days",
        f"Responded within {wait} days",
    )
    yield Question(
        "kind",
        "What kind of thing is it?",
        "Yes/no, amounts and counts are compared in different ways.",
        names()[0],
        names()[0],
        CHOICE,
        tuple((kind.name, kind.answer) for kind in KINDS.values()),
    )
    yield Question(
        "direction",
        "Which way is good?",
        "So that the memo says 'better' and 'worse' the right way round.",
        "increase",
        "increase",
        CHOICE,
        (("increase", "more is good"), ("decrease", "less is good")),
    )
    yield Question(
        "rows",
        "What is a line of the file with the outcomes?",
        "With a line for each event (a payment), rct adds up what falls in the waiting time.",
        "event",
        "unit",
        CHOICE,
        (("unit", "one person or account"), ("event", "one event, such as a payment")),
    )
    yield Question(
        "column",
        "Which column of that file holds it?",
        "rct reads only the columns that are named here.",
        "paid",
        "responded",
        COLUMN,
        also=_free("column"),
    )
    if answers.get("rows") == "event":
        yield Question(
            "date_column",
            "Which column holds the date of the event?",
            "Only events within the waiting time count.",
            "paid_on",
            "date",
            COLUMN,
            also=_free("date_column"),
        )
    kind = KINDS.get(answers.get("kind", ""))
    if answers.get("rows") == "unit" and kind is not None and kind.zero_if_absent:
        yield Question(
            "absent",
            "If someone is not in that file, does it mean 'no' (zero)?",
            "Say it before. If it means 'we don't know', they are left out and counted.",
            "yes",
            "yes",
            YES_NO,
        )


def _worth(answers: Answers) -> Iterator[Question]:
    yield Question(
        "benefit",
        "What is one more success worth to the city, in money?",
        "The memo can then say what the better version brings. Leave it blank if you can't say.",
        "40",
        "",
        POSITIVE,
        optional=True,
    )
    yield Question(
        "unit_cost",
        f"What does one {WORD[answers['channel']]} cost, all in?",
        "The memo can then say what one more success costs. Leave it blank if you can't say.",
        "0.64",
        "",
        POSITIVE,
        optional=True,
    )
    yield Question(
        "units",
        "About how many people or accounts will take part?",
        "rct tells you whether that is enough. Leave it blank if you don't know yet.",
        "20000",
        "",
        whole(2, 1_000_000_000),
        optional=True,
    )
    kind = KINDS.get(answers.get("kind", ""))
    if kind is not None:
        yield from _worth_share() if kind.share else _worth_mean(kind)


def _worth_share() -> Iterator[Question]:
    yield Question(
        "baseline",
        "Of 100 people, how many do it today?",
        "It tells how many people the trial needs. Last year's figure will do; 50 is the safe guess.",
        "42",
        "50",
        OF_100,
    )
    yield Question(
        "hope",
        "How many more (or fewer, if less is good) of 100 do you hope for?",
        "It tells whether the trial can find it. Such trials find 1 to 2 of 100 on average.",
        "2",
        "2",
        OF_100,
        also=_possible,
    )
    yield Question(
        "worthwhile",
        "From how many of 100 on would you adopt the new version for everyone?",
        "This is the rule that leaders agree to before they see results.",
        "1",
        "1",
        OF_100,
    )


def _possible(text: str, answers: Answers) -> str | None:
    base, hope = of_100(answers["baseline"]), of_100(text)
    reached = base + hope if answers.get("direction") == "increase" else base - hope
    return None if 0 < reached < 1 else "That is more than there are people: please give a smaller number."


def _worth_mean(kind: OutcomeKind) -> Iterator[Question]:
    yield Question(
        "baseline",
        "What is the average today?",
        "It tells how many people the trial needs. Leave it blank if you don't know.",
        "61",
        "",
        POSITIVE if kind.positive else NUMBER,
        optional=True,
    )
    if kind.asks_spread:
        yield Question(
            "sd",
            "How far apart are people? (the standard deviation, from last year's data)",
            "It tells how many people the trial needs. Leave it blank if you don't know.",
            "55",
            "",
            POSITIVE,
            optional=True,
        )
    yield Question(
        "hope",
        "By how much do you hope the average changes?",
        "It tells whether the trial can find it. Leave it blank if you don't know.",
        "5",
        "",
        POSITIVE,
        optional=True,
    )
    yield Question(
        "worthwhile",
        "From which change of the average on would you adopt the new version for everyone?",
        "This is the rule that leaders agree to before they see results.",
        "2",
        "1",
        POSITIVE,
    )
