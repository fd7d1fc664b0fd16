"""Reading ease: sentences, words and syllables are those a person counts."""

from __future__ import annotations

import pytest

from rct.plain.ease import ease, sentences, syllables, words

COUNTED = {
    1: "the be pay paid bills late due used walked called date school through make whole rate rates none",
    2: "letter people paying water open wanted needed neighbors reading table little being value nation handed",
    3: "adopted following interval agreement everyone area example citizen department",
    4: "population information community percentages",
    5: "university administrative appreciated",
}


@pytest.mark.parametrize(("count", "text"), COUNTED.items())
def test_syllables_are_counted_as_spoken(count: int, text: str) -> None:
    wrong = {word: syllables(word) for word in text.split() if syllables(word) != count}
    assert not wrong, wrong


def test_sentences_end_where_a_reader_stops() -> None:
    text = "Dr. Reyes paid $1,250.50 at 3 p.m. today. “Is it late?” No!\nThis line goes on\nhere.\n\nA heading\n\nEnd"
    assert len(sentences(text)) == 6
    assert sentences("...") == []


def test_words_are_those_between_spaces() -> None:
    assert words("It’s two-thirds of $1,250, or 45.2%: paid.") == [
        "It’s",
        "two-thirds",
        "of",
        "$1,250,",
        "or",
        "45.2%",
        "paid",
    ]


def test_the_grade_is_the_published_formula() -> None:
    found = ease("The cat sat on the mat. It was fat.")
    assert (found.sentences, found.words, found.syllables) == (2, 9, 9)
    assert found.grade == pytest.approx(0.39 * 4.5 + 11.8 * 1 - 15.59)
    assert found.longest == "The cat sat on the mat."


def test_an_empty_text_has_no_grade() -> None:
    assert (ease("").grade, ease("—").words_per_sentence) == (0.0, 0.0)


def test_hard_prose_is_harder_than_plain_prose() -> None:
    plain = "Pay your bill by May 1. You can pay online or by phone. Call us if you need more time."
    hard = (
        "Notwithstanding any provision to the contrary, delinquent obligations constitute administrative "
        "liabilities, the remittance of which is immediately requisite."
    )
    assert ease(plain).grade < 5 < 15 < ease(hard).grade
