"""The memo can be read: short sentences, easy words, no word of statistics."""

from __future__ import annotations

import re

import pytest
from report import cases

from rct.language import speaking
from rct.plain.ease import ease, sentences, words
from rct.report.memo.page import MemoView, view

# What leadership should not have to know. Small print and the appendix may use them; beside a figure that the rule
# does not look at, the word exploratory stands in its bracket.
STATISTICS = (
    r"p-values?|p =|p <|significan\w*|hypothes\w*|standard (?:error|deviation)s?|regress\w*|coefficients?|covariates?|"
    r"random\w*|chi-squared|degrees of freedom|confidence|statistic\w*|estimat\w*|null|treatment|variance|attrition|"
    r"sample ratio|intention to treat|control group|arms?|adjusted|clusters?|units?|omnibus|normali[sz]ed|power|"
    r"percentiles?|parameters?|heterogene\w*|confirmatory|exploratory|multiplicity|baseline|strat\w*"
)
FOUR = ["win", "null", "harm", "several"]


def running(memo: MemoView) -> str:
    return "\n\n".join(memo.running_text())


@pytest.mark.parametrize("name", FOUR)
def test_the_memo_reads_at_ninth_grade_with_sentences_of_twenty_words(name: str) -> None:
    found = ease(running(view(cases.all_memos()[name])))
    assert found.grade <= 9.0, found.grade
    assert found.words_per_sentence <= 20, found.longest


@pytest.mark.parametrize("name", list(cases.all_memos()))
def test_no_sentence_is_long_and_the_first_is_short(name: str) -> None:
    memo = view(cases.all_memos()[name])
    assert len(words(memo.answer)) <= 36
    # What the rule adds in brackets and labels from data apart, nothing runs on.
    told = re.sub(r"\([^)]*\)|“[^”]*”", "x", running(memo))
    longest = max(sentences(told), key=lambda s: len(words(s)))
    assert len(words(longest)) <= 26, longest


@pytest.mark.parametrize("name", list(cases.all_memos()))
def test_no_word_of_statistics_is_used(name: str) -> None:
    memo = view(cases.all_memos()[name])
    ours = re.sub(r"“[^”]*”|; exploratory\)", "", running(memo)).replace(
        cases.win().definition.trial.problem, ""
    )
    found = re.findall(rf"\b(?:{STATISTICS})\b", ours, flags=re.IGNORECASE)
    assert found == [], found


def test_spanish_sentences_are_short_too() -> None:
    for name in FOUR:
        with speaking("es"):
            found = ease(running(view(cases.all_memos()[name])))
        assert found.words_per_sentence <= 20, found.longest
