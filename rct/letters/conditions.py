"""Which lines of a letter stand for everyone and which only under a condition: {% if … %}, as a proof must show it.

Each condition is turned, one after the other, into each of its answers, and what then comes or goes hangs on it. So a
proof also shows the lines that its invented recipient does not get.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment

from rct.letters.template import LetterTemplate
from rct.letters.words import plain

_WORDS = {
    "==": "is",
    "!=": "is not",
    ">=": "is at least",
    "<=": "is at most",
    ">": "is more than",
    "<": "is less than",
}
_NOT = {"==": "!=", "!=": "==", ">=": "<", "<=": ">", ">": "<=", "<": ">="}
_COMPARED = re.compile(r"==|!=|>=|<=|>|<")
_SEVERAL = re.compile(r"\b(?:and|or|not)\b")
_SENTENCE = re.compile(r"(?<=[.!?:])(?<!\b[0-9]\.) +(?=[A-ZÁÉÍÓÚÑ¿¡«“\"(])")


@dataclass(frozen=True)
class Stand:
    """One sentence, heading or list item of a letter: when it stands there ('' for always), and whether for the
    recipient at hand."""

    text: str
    only_if: str = ""
    printed: bool = True


def stands(letter: LetterTemplate, lines: Callable[[LetterTemplate], Sequence[str]]) -> list[Stand]:
    """Every line that the letter can have, in order; `lines` fills a letter and reads its lines.

    A condition inside a branch that the recipient does not get is left as it is; so is a value that a filter there
    can't take.
    """

    def read(text: str) -> list[str]:
        return sentences(
            lines(LetterTemplate(letter.path, text, letter.language, letter.currency, lenient=True))
        )

    base = read(letter.text)
    mine: list[list[str]] = [[] for _ in base]  # each line's own conditions
    others: dict[tuple[int, str], list[str]] = {}  # lines of other answers, by their place: their conditions
    for texts, words in _answers(letter.text):
        answers = [read(text) for text in texts]
        if base not in answers:
            continue
        chosen = answers.index(base)
        gone = [0] * len(base)
        for when, said in zip(words, answers, strict=True):
            for i1, i2, instead in _differing(base, said):
                for i in range(i1, i2):
                    gone[i] += 1
                for line in instead:
                    others.setdefault((i1, line), []).append(when)
        for conditions, n in zip(mine, gone, strict=True):
            if n == len(answers) - 1:
                conditions.append(words[chosen])
    return _in_order(base, mine, others)


def _in_order(
    base: Sequence[str], mine: Sequence[Sequence[str]], others: Mapping[tuple[int, str], Sequence[str]]
) -> list[Stand]:
    stands: list[Stand] = []
    for i in range(len(base) + 1):
        hidden = [(text, when) for (at, text), when in others.items() if at == i]
        stands += [Stand(text, " or ".join(dict.fromkeys(when)), printed=False) for text, when in hidden]
        if i < len(base):
            stands.append(Stand(base[i], " and ".join(dict.fromkeys(mine[i]))))
    return stands


def sentences(lines: Sequence[str]) -> list[str]:
    """Lines with each paragraph taken apart into its sentences."""
    return [part.strip() for line in lines for part in _SENTENCE.split(line) if part.strip()]


def _differing(a: Sequence[str], b: Sequence[str]) -> Iterator[tuple[int, int, Sequence[str]]]:
    """The runs of `a`, from and to, in whose place `b` has other lines, and those."""
    for what, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if what != "equal":
            yield i1, i2, b[j1:j2]


def _answers(text: str) -> list[tuple[list[str], list[str]]]:
    """For each `if` of the letter its answers: the letter's text with each forced, and each in words."""
    lexed = list(Environment().lex(text))
    kinds, tokens = [kind for _, kind, _ in lexed], [value for _, _, value in lexed]
    whole: list[list[tuple[int, int]]] = []
    open_: list[list[tuple[int, int]]] = []
    i = 0
    while i < len(tokens):
        if kinds[i] != "block_begin":
            i += 1
            continue
        end = kinds.index("block_end", i)
        name = next(k for k in range(i, end) if kinds[k] == "name")
        if tokens[name] == "if":
            open_.append([(name + 1, end)])
            whole.append(open_[-1])
        elif tokens[name] == "elif":
            open_[-1].append((name + 1, end))
        elif tokens[name] == "endif":
            open_.pop()
        i = end + 1
    found = []
    for spans in whole:
        conditions = [" ".join("".join(tokens[a:b]).split()) for a, b in spans]
        texts = [_forced(tokens, spans, k) for k in range(len(spans) + 1)]
        found.append((texts, [*(_said(c) for c in conditions), _otherwise(conditions)]))
    return found


def _forced(tokens: Sequence[str], spans: Sequence[tuple[int, int]], answer: int) -> str:
    """The text with the `answer`-th condition true and the others false; all false for the one behind the last."""
    made = list(tokens)
    for k, (a, b) in enumerate(spans):
        made[a:b] = [" true " if k == answer else " false ", *([""] * (b - a - 1))]
    return "".join(made)


def _said(condition: str) -> str:
    """`balance >= 100` as `balance is at least 100`; a field alone as `there is a value for plan`."""
    if re.fullmatch(r"\w+", condition):
        return f"there is a value for {plain(condition)}"
    return plain(_COMPARED.sub(lambda m: _WORDS[m[0]], condition))


def _otherwise(conditions: Sequence[str]) -> str:
    only = conditions[0]
    if len(conditions) == 1 and re.fullmatch(r"\w+", only):
        return f"there is no value for {plain(only)}"
    if len(conditions) == 1 and len(_COMPARED.findall(only)) == 1 and not _SEVERAL.search(only):
        return _said(_COMPARED.sub(lambda m: _NOT[m[0]], only))
    return f"this does not hold: {' or '.join(_said(c) for c in conditions)}"
