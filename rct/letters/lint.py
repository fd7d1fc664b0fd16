"""Is a letter plain? Measured, with what to change. Pure: lines of text in, figures and findings out.

Wanted: Flesch-Kincaid grade 6 to 8 (English; below 6 is fine too), Szigriszt-Pazos 55 or more (Spanish: Szigriszt
Pazos 1993, normal reading ease); sentences of at most 20 words on average and 25 at most; few in the passive; one
action, with a date and a way to ask; words that people use. The counts of syllables are by rule, so a figure near a
limit can lie on either side of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rct.letters import plain_words as known
from rct.plain.ease import ease, sentences, words

GRADE = 8.0
EASE = 55.0  # Szigriszt-Pazos, for Spanish
MEAN_WORDS, MOST_WORDS = 20, 25
PASSIVE = 0.2
_SPANISH_SYLLABLES = re.compile(r"[aeouáéíóúü]?[aeiouáéíóúü]", re.IGNORECASE)


@dataclass(frozen=True)
class Remark:
    """One thing to change (`mend`) or to know of."""

    code: str
    text: str
    mend: bool


@dataclass(frozen=True)
class Lint:
    """What was measured. `grade` is for English alone, `ease` for Spanish alone; `action` the first thing asked for,
    `late` where it stands in the second half. `officialese` pairs a word found with what people say.
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
    remarks: tuple[Remark, ...]
    days_only: bool = False  # a number of days is said, and no day
    reached: bool = True  # a number or an address is printed, not only "call us"

    @property
    def ok(self) -> bool:
        return not any(r.mend for r in self.remarks)


def lint(
    lines: Sequence[str],
    language: str = "en",
    *,
    has_date: bool = False,
    contact_around: bool = False,
    may_be_empty: Collection[str] = (),
) -> Lint:
    """Measure a letter's lines (a heading, paragraph or list item each; no address).

    `has_date`: a field of the letter is a date; `contact_around`: the letterhead names a phone, e-mail or web page;
    `may_be_empty`: fields that can print nothing. A language other than English and Spanish is measured by its
    sentences alone.
    """
    text = "\n\n".join(lines)
    # Headings, greetings and short items of a list are no sentences: they would make any letter look easy.
    prose = "\n\n".join(line for line in lines if line.rstrip("”\"')").endswith((".", "!", "?", "…"))) or text
    measured = ease(prose)
    said = sentences(prose)
    lengths = [len(words(s)) for s in said]
    passive = [s for s in said if _is_passive(s, language)]
    share = len(passive) / len(said) if said else 0.0
    grade = measured.grade if language == "en" else None
    spanish = _szigriszt(said) if language == "es" else None
    action, late = _action(sentences(text), language)
    remarks = [*_length(measured.words_per_sentence, said, lengths), *_hard(grade, spanish)]
    if share > PASSIVE:
        rule = f"{len(passive)} of {len(said)} sentences are in the passive; say who does it: {passive[0]}"
        remarks.append(Remark("passive", rule, True))
    dated = has_date or _has(known.DATES, text, language)
    reached = contact_around or re.search(known.REACHED, text) is not None
    contact = reached or _has(known.CONTACTS, text, language)
    remarks += _asks(language, action, late=late, dated=dated, contact=contact, reached=reached)
    official = _officialese(text, language)
    remarks += [_say(hits, plain) for hits, plain in official]
    if may_be_empty:
        rule = (
            f"Where the list has no value, nothing is printed for {', '.join(may_be_empty)}: read it without."
        )
        remarks.append(Remark("may_be_empty", rule, False))
    return Lint(
        language, len(said), measured.words, measured.words_per_sentence, max(lengths, default=0), share, grade, spanish,
        action, late, dated, contact, tuple((hits[0], plain) for hits, plain in official), tuple(may_be_empty),
        tuple(remarks), dated and not (has_date or _has(known.DAYS, text, language)), reached,
    )  # fmt: skip


def _length(mean: float, said: Sequence[str], lengths: Sequence[int]) -> list[Remark]:
    found = []
    if mean > MEAN_WORDS:
        found.append(
            Remark("long_sentences", f"A sentence has {mean:.0f} words on average; aim at 15.", True)
        )
    for sentence, n in zip(said, lengths, strict=True):
        if n > MOST_WORDS:
            found.append(Remark("long_sentence", f"{n} words, make two sentences of it: {sentence}", True))
    return found


def _hard(grade: float | None, spanish: float | None) -> list[Remark]:
    if grade is not None and grade > GRADE:
        rule = f"Reading grade {grade:.1f}; 6 to 8 is wanted. Use shorter words and sentences."
        return [Remark("grade", rule, True)]
    if spanish is not None and spanish < EASE:
        rule = (
            f"Reading ease {spanish:.0f} (Szigriszt-Pazos); {EASE:.0f} or more is wanted. Use shorter words."
        )
        return [Remark("grade", rule, True)]
    return []


def _asks(
    language: str, action: str | None, *, late: bool, dated: bool, contact: bool, reached: bool
) -> list[Remark]:
    if language not in known.ACTIONS:
        return []
    found = []
    if action is None:
        rule = "No sentence says what to do. Begin one with a verb: Pay …, Call …, Send …"
        found.append(Remark("no_action", rule, True))
    elif late:
        found.append(Remark("late_action", f"What to do comes late in the letter: {action}", False))
    if not dated:
        found.append(Remark("no_date", "No date or number of days says until when.", True))
    if not contact:
        found.append(Remark("no_contact", "Nothing says whom to ask, and how.", True))
    elif not reached:
        rule = "No phone number, web or e-mail address stands in the letter or in templates/letterhead.toml."
        found.append(Remark("no_number", rule, False))
    return found


def _has(patterns: Mapping[str, str], text: str, language: str) -> bool:
    return language in patterns and re.search(patterns[language], text, re.IGNORECASE) is not None


def _officialese(text: str, language: str) -> list[tuple[list[str], str]]:
    """Each word of the list with the times it was found, as written, and what people say."""
    found = []
    for word, plain in known.OFFICIALESE.get(language, {}).items():
        ending = "" if " " in word or language != "en" else r"(?:s|es|d|ed|ing)?"
        hits = re.findall(rf"(?<!\w){re.escape(word)}{ending}(?!\w)", text, re.IGNORECASE)
        if hits:
            found.append((hits, plain))
    return found


def _say(hits: Sequence[str], plain: str) -> Remark:
    times = "" if len(hits) == 1 else f" ({len(hits)} times)"
    return Remark("officialese", f"“{hits[0]}”{times}: people say “{plain}”.", True)


def _action(said: Sequence[str], language: str) -> tuple[str | None, bool]:
    """The first sentence that asks for something, and whether it stands in the second half."""
    verbs = "|".join(known.ACTIONS.get(language, ()))
    if not verbs:
        return None, False
    please = known.PLEASE[language]
    starts = re.compile(
        rf"^[^\w]*(?:[^.!?]{{0,40}}[,:;] )?(?:{please},? )?(?:{verbs})\b|\b{please}\b", re.IGNORECASE
    )
    for i, sentence in enumerate(said):
        if starts.search(sentence):
            return sentence, i >= max(3, len(said) / 2)
    return None, False


def _is_passive(sentence: str, language: str) -> bool:
    pattern = known.PASSIVE.get(language)
    if pattern is None:
        return False
    return any(
        hit.split()[-1].lower() not in known.NOT_PASSIVE[language]
        for hit in (m[0] for m in re.finditer(pattern, sentence, re.IGNORECASE))
    )


def _szigriszt(said: Sequence[str]) -> float:
    """206.835 - 62.3 syllables/words - words/sentences (Szigriszt Pazos 1993)."""
    counted = [word for sentence in said for word in words(sentence)]
    if not counted:
        return 100.0
    syllables = sum(max(1, len(_SPANISH_SYLLABLES.findall(word))) for word in counted)
    return 206.835 - 62.3 * syllables / len(counted) - len(counted) / len(said)
