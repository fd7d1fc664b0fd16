"""How hard a text is to read: words a sentence, syllables a word, and the figure that its language's formula makes of them.

Formulas and rules for syllables are those of `rct.language.reading`: English has the Flesch-Kincaid grade, Spanish the
ease of Szigriszt Pazos. In a language without a formula only the sentence length says something.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rct.language import SOURCE
from rct.language.reading import LanguageWords, ReadabilityFormula, reading_of

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[$€£]?\d[\d,.:/-]*%?")
# A stop ends a sentence before white space or the end, with any closing quotes and brackets behind it.
_END = re.compile(r"(?<=[.!?…])[”’\"')\]]*(?:\s+|$)")
_ABBREVIATIONS = re.compile(
    r"\b(Mr|Mrs|Ms|Dr|St|Ave|Blvd|No|vs|e\.g|i\.e|a\.m|p\.m|U\.S|Inc|Jr|Sr|Dept)\.", re.I
)


@dataclass(frozen=True)
class Ease:
    """A text's sentences, words and syllables, its longest sentence, and the formula of its language."""

    sentences: int
    words: int
    syllables: int
    longest: str
    formula: ReadabilityFormula | None

    @property
    def words_per_sentence(self) -> float:
        """Words a sentence; 0 for a text without words."""
        return self.words / self.sentences if self.sentences else 0.0

    @property
    def grade(self) -> float | None:
        """Years of school that it takes to read the text, where the formula says that; 0 for a text without words."""
        return self._figure("grade", 0.0)

    @property
    def ease(self) -> float | None:
        """How easy it is, to 100, where the formula says that; 100 for a text without words."""
        return self._figure("ease", 100.0)

    def _figure(self, measure: str, of_nothing: float) -> float | None:
        if self.formula is None or self.formula.measure != measure:
            return None
        return self.formula.of(self.words, self.sentences, self.syllables) if self.words else of_nothing


def ease(text: str, language: str = SOURCE.code) -> Ease:
    """Measure a text. A line break alone ends no sentence; an empty line does."""
    reading = reading_of(language)
    lines = sentences(text)
    counted = [(words(s), s) for s in lines]
    return Ease(
        sentences=len(lines),
        words=sum(len(w) for w, _ in counted),
        syllables=sum(syllables(word, reading) for found, _ in counted for word in found),
        longest=max(counted, key=lambda pair: len(pair[0]))[1] if counted else "",
        formula=reading.formula,
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


def syllables(word: str, reading: LanguageWords | None = None) -> int:
    """The syllables of one word, at least 1. A number counts as one: readers take it in at a glance."""
    rules = (reading or reading_of(SOURCE.code)).syllables
    if rules is None or any(c.isdigit() for c in word):
        return 1
    parts = [p for p in re.split(r"[-’']", word.lower()) if len(p) > 1] or [word.lower()]
    return sum(rules.of(part) for part in parts)
