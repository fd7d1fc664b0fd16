"""How plain each letter is, as the plan prints it: what `rct lint` measured of the very letters that are locked."""

from __future__ import annotations

from collections.abc import Sequence

from rct.errors import visible
from rct.language import listed, number, spoken, t
from rct.language.reading import readings
from rct.letters.lint import MEAN_WORDS, MOST_WORDS, PASSIVE, Lint
from rct.report.blocks import Block, Bullets, Para, TableBlock
from rct.report.record import LetterRecord
from rct.report.words import numbers as show
from rct.report.words.phrases import prose, quoted


def plainness(letters: Sequence[LetterRecord]) -> list[Block]:
    """A table with a row a letter, then what each asks for and which words to mend; nothing where none is sent."""
    measured = [(letter, letter.lint) for letter in letters if letter.lint is not None]
    if not measured:
        return []
    header = (
        *(t("Letter"), t("Reading"), t("Sentences"), t("Words each"), t("Longest")),
        *(t("Passive"), t("Date"), t("Contact")),
    )
    rows = tuple(
        (
            visible(letter.path),
            _reading(lint),
            number(lint.sentences),
            show.decimal(lint.words_per_sentence, 1),
            number(lint.longest),
            show.percent(lint.passive_share, 0),
            _dated(lint),
            _contact(lint),
        )
        for letter, lint in measured
    )
    right = (False, False, True, True, True, True, False, False)
    return [
        Para(_wanted()),
        TableBlock(t("How plain each letter is"), header, rows, right),
        Bullets(tuple(_told(letter.path, lint) for letter, lint in measured)),
    ]


def _wanted() -> str:
    """What a letter is held to, in every language that has a formula."""
    by_formula = []
    for each in readings():
        if each.formula is not None:
            values = {
                "name": each.formula.name,
                "limit": show.decimal(each.formula.limit, 0),
                "language": spoken().named(each.code),
            }
            by_formula.append(
                t("a {name} grade of 6 to {limit} in {language} (below is fine)", **values)
                if each.formula.measure == "grade"
                else t("a {name} ease of {limit} or more in {language}", **values)
            )
    return t(
        "Wanted: {formulas}; sentences of at most {mean} words on average and {most} at most; at most {share} of them in "
        "the passive; an action, a date and a way to ask. Syllables and passives are counted by rule. Measured at the "
        "lock, with an invented recipient's values.",
        formulas=", ".join(by_formula),
        mean=MEAN_WORDS,
        most=MOST_WORDS,
        share=show.percent(PASSIVE, 0),
    )


def _reading(lint: Lint) -> str:
    if lint.grade is not None:
        low = lint.grade < 1
        return t("grade 1 or below") if low else t("grade {grade}", grade=show.decimal(lint.grade, 1))
    if lint.ease is not None:
        return t("ease {ease}", ease=show.decimal(lint.ease, 0))
    return t("not measured")


def _dated(lint: Lint) -> str:
    if not lint.dated:
        return t("none")
    return t("days only, no date") if lint.days_only else t("yes")


def _contact(lint: Lint) -> str:
    if not lint.contact:
        return t("none")
    return t("yes") if lint.reached else t("no number printed")


def _told(path: str, lint: Lint) -> str:
    if lint.action is None:
        asks = t("It asks for nothing.")
    else:
        asks = t("It asks: {action}", action=quoted(lint.action))
        if lint.action[-1] not in ".!?":
            asks += "."  # a heading ends without one
        if lint.late:
            asks += " " + t("That comes late in the letter.")
    sentences = [f"{visible(path)}: {asks}"]
    if lint.officialese:
        words = [
            t("{word} (people say {plain})", word=quoted(hit), plain=quoted(plain))
            for hit, plain in lint.officialese
        ]
        sentences.append(t("Officialese: {words}.", words=listed(words)))
    else:
        sentences.append(t("No officialese was found."))
    if lint.may_be_empty:
        fields = listed([prose(field) for field in lint.may_be_empty], "or")
        sentences.append(
            t(
                "Where the list has no {fields}, the letter leaves a gap there: read it once without.",
                fields=fields,
            )
        )
    return " ".join(sentences)
