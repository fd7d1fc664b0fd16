"""The language of what people read: English sentences are the keys, one file a language holds the others.

`locale/CODE.po` is a gettext catalogue, as translators' tools write it, and all that a language needs: its sentences, and in
the header its locale, from which Babel knows its days, lists, numbers and money. `locale/CODE.toml` may stand beside it: the
words and rules by which letters in it are measured (`rct.language.reading`).

    t("Keep {control}.", control=…)            the sentence in the language spoken
    tn("{count} arm", "{count} arms", n)       in the form that goes with a count
    tell("With {n} units …", n=…)              in English, and it remembers how to be said again: `retold`
    phrase("in one draw")                      a constant, for `t(that)` later

Sentences have named places (`{arm}`); what goes into them is data and is never read as a template.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

from rct.errors import stop
from rct.language.catalogue import SOURCE, Language, codes, language_of

_current: ContextVar[Language] = ContextVar("language", default=SOURCE)


def languages() -> tuple[str, ...]:
    """Codes of the languages that documents can be written in: the code's own first."""
    return codes()


def require(code: str) -> None:
    """RctError where there is no catalogue of this language."""
    if code not in codes():
        stop(
            "memo_language",
            "There is no catalogue for this language.",
            f"Use one of: {', '.join(codes())}",
            field="--lang",
            found=code,
        )


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Every sentence made inside is in this language. RctError where there is no such catalogue."""
    require(code)
    token = _current.set(language_of(code))
    try:
        yield
    finally:
        _current.reset(token)


def spoken() -> Language:
    """The language being spoken."""
    return _current.get()


def others(*more: str) -> tuple[str, ...]:
    """Of these codes those that are not the source's, each once, sorted."""
    return tuple(sorted({*more} - {SOURCE.code}))


def suffix(code: str) -> str:
    """What stands behind a file's stem: nothing for the source language, else `.es`."""
    return "" if code == SOURCE.code else f".{code}"


def t(message: str, /, **values: object) -> str:
    """The sentence in the language spoken, with its values."""
    return _current.get().t(message, **values)


def tn(one: str, many: str, count: int, /, **values: object) -> str:
    """The sentence in the form that goes with the count; `{count}` is the count with separators."""
    return _current.get().tn(one, many, count, **values)


def phrase(message: str) -> str:
    """A constant as it is; it goes into the catalogues, for `t(constant)`."""
    return message


class Sentence(str):
    """An English sentence that remembers its template and values, so that it can be said in another language."""

    __slots__ = ("message", "values")
    message: str
    values: dict[str, object]


def tell(message: str, /, **values: object) -> Sentence:
    """The sentence in English, whatever is spoken: for what is stored or compared, and printed later by `retold`.

    A tuple among the values is a list of words: `a, b and c`.
    """
    sentence = Sentence(
        SOURCE.t(message, **{k: SOURCE.listed(v) if isinstance(v, tuple) else v for k, v in values.items()})
    )
    sentence.message, sentence.values = message, values
    return sentence


def together(*texts: str) -> Sentence:
    """Sentences that stand one behind the other."""
    sentence = Sentence(" ".join(texts))
    sentence.message, sentence.values = (
        " ".join(f"{{s{i}}}" for i in range(len(texts))),
        {f"s{i}": x for i, x in enumerate(texts)},
    )
    return sentence


def retold(text: str) -> str:
    """What `tell` made, in the language spoken; any other text as it is."""
    if not isinstance(text, Sentence):
        return text
    return t(text.message, **{key: _again(value) for key, value in text.values.items()})


def _again(value: object) -> object:
    if isinstance(value, tuple):
        return listed([retold(str(each)) for each in value])
    return retold(value) if isinstance(value, str) else value


def listed(items: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; `last` is and, or."""
    return _current.get().listed(items, last)


def day(value: date) -> str:
    """March 2, 2026, whatever the machine's language."""
    return _current.get().day(value)


def number(value: int | str) -> str:
    """A count, or a number as Python writes it (1,234.5), with the separators of the language spoken."""
    return _current.get().number(value if isinstance(value, str) else f"{value:,}")


__all__ = [
    "SOURCE", "Language", "Sentence", "codes", "day", "language_of", "languages", "listed", "number", "others", "phrase",
    "require", "retold", "speaking", "spoken", "suffix", "t", "tell", "tn", "together",
]  # fmt: skip
