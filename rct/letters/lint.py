"""Is a letter plain? Measured, with what to change. Pure: lines of text in, figures and findings out.

Wanted: Flesch-Kincaid grade 6 to 8 (English; below 6 is fine too), Szigriszt-Pazos 55 or more (Spanish: Szigriszt
Pazos 1993, normal reading ease); sentences of at most 20 words on average and 25 at most; few in the passive; one
action, with a date and a way to ask; words that people use. The counts of syllables are by rule, so a figure near a
limit can lie on either side of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rct.language import SOURCE
from rct.language.reading import LanguageWords, ReadabilityFormula, reading_of
from rct.plain.ease import ease, sentences, words

MEAN_WORDS, MOST_WORDS = 20, 25
PASSIVE = 0.2
_REACHED = re.compile(
    r"https?://|www\.|\b[\w.+-]+@[\w-]+\.\w+|\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b|\b\w+\.(?:gov|org|com|us|example)\b"
)


@dataclass(frozen=True)
class LintRemark:
    """One thing to change (`mend`) or to know of."""

    code: str
    text: str
    mend: bool


@dataclass(frozen=True)
class Lint:
    """What was measured. `grade` or `ease` is that of the language's formula; `action` the first thing asked for, `late`
    where it stands in the second half. `officialese` pairs a word found with what people say.
    """

    language: str
    sentences: int
    words: int
    words_per_sentence: float
    longest: int
    passive_share: float
    grade: float | None
    ease: float | None
    action: str | None
    late: bool
    dated: bool
    contact: bool
    officialese: tuple[tuple[str, str], ...]
    may_be_empty: tuple[str, ...]
    remarks: tuple[LintRemark, ...]
    days_only: bool = False  # a number of days is said, and no day
    reached: bool = True  # a number or an address is printed, not only "call us"

    @property
    def ok(self) -> bool:
        return not any(r.mend for r in self.remarks)


def lint(
    lines: Sequence[str],
    language: str = SOURCE.code,
    *,
    has_date: bool = False,
    contact_around: bool = False,
    may_be_empty: Collection[str] = (),
) -> Lint:
    """Measure a letter's lines (a heading, paragraph or list item each; no address).

    `has_date`: a field of the letter is a date; `contact_around`: the letterhead names a phone, e-mail or web page;
    `may_be_empty`: fields that can print nothing. A language without words of its own (`rct.language.reading`) is
    measured by its sentences alone.
    """
    text = "\n\n".join(lines)
    # Headings, greetings and short items of a list are no sentences: they would make any letter look easy.
    prose = "\n\n".join(line for line in lines if line.rstrip("”\"')").endswith((".", "!", "?", "…"))) or text
    known = reading_of(language)
    measured = ease(prose, language)
    said = sentences(prose)
    lengths = [len(words(s)) for s in said]
    passive = [s for s in said if _is_passive(s, known)]
    share = len(passive) / len(said) if said else 0.0
    action, late = _action(sentences(text), known)
    remarks = [
        *_length(measured.words_per_sentence, said, lengths),
        *_hard(measured.formula, measured.grade, measured.ease),
    ]
    if share > PASSIVE:
        rule = f"{len(passive)} of {len(said)} sentences are in the passive; say who does it: {passive[0]}"
        remarks.append(LintRemark("passive", rule, True))
    dated = has_date or _has(known.dates, text)
    reached = contact_around or _REACHED.search(text) is not None
    contact = reached or _has(known.contacts, text)
    remarks += _asks(known, action, late=late, dated=dated, contact=contact, reached=reached)
    official = _officialese(text, known)
    remarks += [_say(hits, plain) for hits, plain in official]
    if may_be_empty:
        rule = (
            f"Where the list has no value, nothing is printed for {', '.join(may_be_empty)}: read it without."
        )
        remarks.append(LintRemark("may_be_empty", rule, False))
    return Lint(
        language, len(said), measured.words, measured.words_per_sentence, max(lengths, default=0), share,
        measured.grade, measured.ease, action, late, dated, contact,
        tuple((hits[0], plain) for hits, plain in official), tuple(may_be_empty), tuple(remarks),
        dated and not (has_date or _has(known.days, text)), reached,
    )  # fmt: skip


def _length(mean: float, said: Sequence[str], lengths: Sequence[int]) -> list[LintRemark]:
    remarks = []
    if mean > MEAN_WORDS:
        remarks.append(
            LintRemark("long_sentences", f"A sentence has {mean:.0f} words on average; aim at 15.", True)
        )
    for sentence, n in zip(said, lengths, strict=True):
        if n > MOST_WORDS:
            remarks.append(
                LintRemark("long_sentence", f"{n} words, make two sentences of it: {sentence}", True)
            )
    return remarks


def _hard(formula: ReadabilityFormula | None, grade: float | None, easy: float | None) -> list[LintRemark]:
    if formula is None:
        return []
    if grade is not None and grade > formula.limit:
        rule = (
            f"Reading grade {grade:.1f}; 6 to {formula.limit:.0f} is wanted. Use shorter words and sentences."
        )
        return [LintRemark("grade", rule, True)]
    if easy is not None and easy < formula.limit:
        rule = f"Reading ease {easy:.0f} ({formula.name}); {formula.limit:.0f} or more is wanted. Use shorter words."
        return [LintRemark("grade", rule, True)]
    return []


def _asks(
    known: LanguageWords, action: str | None, *, late: bool, dated: bool, contact: bool, reached: bool
) -> list[LintRemark]:
    if known.asks is None:
        return []
    remarks = []
    if action is None:
        rule = "No sentence says what to do. Begin one with a verb: Pay …, Call …, Send …"
        remarks.append(LintRemark("no_action", rule, True))
    elif late:
        remarks.append(LintRemark("late_action", f"What to do comes late in the letter: {action}", False))
    if not dated:
        remarks.append(LintRemark("no_date", "No date or number of days says until when.", True))
    if not contact:
        remarks.append(LintRemark("no_contact", "Nothing says whom to ask, and how.", True))
    elif not reached:
        rule = "No phone number, web or e-mail address stands in the letter or in templates/letterhead.toml."
        remarks.append(LintRemark("no_number", rule, False))
    return remarks


def _has(pattern: re.Pattern[str] | None, text: str) -> bool:
    return pattern is not None and pattern.search(text) is not None


def _officialese(text: str, known: LanguageWords) -> list[tuple[list[str], str]]:
    """Each word of the list with the times it was found, as written, and what people say."""
    found = ((pattern.findall(text), plain) for pattern, plain in known.officialese)
    return [(hits, plain) for hits, plain in found if hits]


def _say(hits: Sequence[str], plain: str) -> LintRemark:
    times = "" if len(hits) == 1 else f" ({len(hits)} times)"
    return LintRemark("officialese", f"“{hits[0]}”{times}: people say “{plain}”.", True)


def _action(said: Sequence[str], known: LanguageWords) -> tuple[str | None, bool]:
    """The first sentence that asks for something, and whether it stands in the second half."""
    for i, sentence in enumerate(said):
        if known.asks is not None and known.asks.search(sentence):
            return sentence, i >= max(3, len(said) / 2)
    return None, False


def _is_passive(sentence: str, known: LanguageWords) -> bool:
    hits = known.passive.finditer(sentence) if known.passive is not None else ()
    return any(hit[0].split()[-1].lower() not in known.not_passive for hit in hits)
