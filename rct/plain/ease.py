"""How hard a text is to read: words a sentence, syllables a word, and the Flesch-Kincaid grade of the two.

Kincaid, Fishburne, Rogers and Chissom (1975), Derivation of new readability formulas for Navy enlisted
personnel: 0.39 words/sentences + 11.8 syllables/words - 15.59. Made for English; in other languages only the
sentence length says something. Syllables are counted by rules with a list of exceptions, as every program
does that has no dictionary: right for about nine words in ten, and the errors of a page cancel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[$€£]?\d[\d,.:/-]*%?")
# A stop ends a sentence before white space or the end, with any closing quotes and brackets behind it.
_END = re.compile(r"(?<=[.!?…])[”’\"')\]]*(?:\s+|$)")
_ABBREVIATIONS = re.compile(
    r"\b(Mr|Mrs|Ms|Dr|St|Ave|Blvd|No|vs|e\.g|i\.e|a\.m|p\.m|U\.S|Inc|Jr|Sr|Dept)\.", re.I
)
_VOWELS = re.compile(r"[aeiouyáéíóúàèìòùâêîôûäëïöüæœ]+")
_APART = re.compile(
    r"(?<![tscgx])i[aou]|(?<![qg])u[ao]|(?<=[tc])iat|eo(?!u|p)|[aeouy]ing$|[aeiou]y(?=ing)|ism$"
)
_SILENT = re.compile(
    r"[^aeiouyl]e$|[aeiouy]le$|rle$"  # late, while; but little
    r"|[^aeiouylsxzcgh]es$|[aeiouy]les$"  # rates, rules; but wages, tables
    r"|[^aeiouytd]ed$"  # used; but wanted
    r"|[^aeiouy]e(?:ment|ful|less|ly)s?$"  # statement, useful
)
_EXCEPTIONS = {
    "area": 3, "being": 2, "business": 2, "create": 2, "created": 3, "department": 3, "done": 1, "due": 1,
    "element": 3, "elements": 3, "every": 2, "everybody": 4, "everyone": 3, "going": 2, "idea": 3, "ideas": 3,
    "neighbor": 2, "neighbors": 2, "neighbour": 2, "neighbours": 2, "people": 2, "period": 3, "science": 2,
    "someone": 2, "something": 2, "sometimes": 2, "special": 2, "value": 2, "various": 3, "whole": 1,
    "the": 1, "be": 1, "he": 1, "me": 1, "we": 1, "she": 1, "use": 1, "used": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Ease:
    """A text's sentences, words and syllables, and its longest sentence."""

    sentences: int
    words: int
    syllables: int
    longest: str

    @property
    def words_per_sentence(self) -> float:
        """Words a sentence; 0 for a text without words."""
        return self.words / self.sentences if self.sentences else 0.0

    @property
    def grade(self) -> float:
        """The Flesch-Kincaid grade: years of school in the United States; 0 for a text without words."""
        if not self.words:
            return 0.0
        return 0.39 * self.words_per_sentence + 11.8 * self.syllables / self.words - 15.59


def ease(text: str) -> Ease:
    """Measure a text. A line break alone ends no sentence; an empty line does."""
    said = sentences(text)
    counted = [(words(s), s) for s in said]
    return Ease(
        sentences=len(said),
        words=sum(len(w) for w, _ in counted),
        syllables=sum(syllables(word) for found, _ in counted for word in found),
        longest=max(counted, key=lambda pair: len(pair[0]))[1] if counted else "",
    )


def sentences(text: str) -> list[str]:
    """The sentences that hold a word. A heading or a line of a list is one if an empty line follows it."""
    found = []
    for part in re.split(r"\n\s*\n", text):
        line = _ABBREVIATIONS.sub(r"\1", " ".join(part.split()))
        found += [s.strip() for s in _END.split(line)]
    return [s for s in found if words(s)]


def words(text: str) -> list[str]:
    """Words and numbers, as a reader counts them: `it's`, `two-thirds` and `$1,250` are one each."""
    return _WORD.findall(text)


def syllables(word: str) -> int:
    """The syllables of one word, at least 1. A number counts as one: readers take it in at a glance."""
    if any(c.isdigit() for c in word):
        return 1
    parts = [p for p in re.split(r"[-’']", word.lower()) if len(p) > 1] or [word.lower()]
    return sum(_syllables(part) for part in parts)


def _syllables(word: str) -> int:
    if word in _EXCEPTIONS:
        return _EXCEPTIONS[word]
    count = len(_VOWELS.findall(word)) + len(_APART.findall(word)) - len(_SILENT.findall(word))
    return max(1, count)
