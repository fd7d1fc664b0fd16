"""Whether staff's words for a theme hold the name or address of the person who said it.

Names are compared word by word: whoever codes 'Mrs Zyxwv wants to pay in parts' would carry her name into the registry.
Only the person's own: a theme that holds somebody else's can't be told from any other word.
"""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from rct.registry.optout import kind_of

NUMBER = re.compile(r"[0-9][0-9 ().\-]{5,}[0-9]")  # what may be a phone number in a text
_LONG_ID = (
    5  # characters of an id or number that is looked for in a text about nobody; shorter ones count things
)
LEAST = 3  # letters of a name that is looked for by itself; shorter ones are, behind a title

_ADDRESS = re.compile(
    r"address|street|road|city|town|zip|post|state|county|unit|apt|line|direcc|calle|ciudad|munic|c[oó]digo|estado",
    re.IGNORECASE,
)
_TITLES = frozenset("mr mrs ms miss mx dr sr sra srta señor señora senor senora don doña dona".split())

# Names that are words of every day as well. In themes they are nearly always the word: 'will pay in May', 'grace
# period', 'parking at the park'. They count as names behind a title, beside another of the person's names, and with a
# capital in the midst of a theme.
_WORDS = frozenset(
    """
    amber angel april art august austin baker ball bank banks bean bear bell berry best bill bird bishop black bond brave
    bright brown buck bush butler cain card case cash chance charity chase child christian church clay cook cross crystal
    daisy dallas dawn day days dean dot drew driver duke early earl english faith fast field fields fine fisher ford fox
    frank freeman french friday gates georgia german ginger good grace grant gray green grey guy hall hand hard hardy head
    high hill holland hope house hunter ivy jack jay joy judge june justice king lake lamb lane law laws lily little
    long love low major mark marks mason may mercy miles mill miller mills monday moody noble olive page paris park parker
    parks parson parsons pat patience pearl penny person pine pool poor porter post power powers price pride prince queen
    rain ray read reading reed rent rice rich river rivers rob rock rose ruby rush sale sales savage school self sellers
    sessions sharp short singer skip small snow speed spring stone street strong sue summer swift temple true turner
    violet virginia walker wall ward water waters way weeks west white will wills winter wise wolf wood woods young
    abril angel blanca blanco bravo bueno calle campo campos casa casas consuelo cruz domingo dolores esperanza flor
    flores franco fuente fuentes guerra iglesia iglesias leal luz mar mesa montes moreno paz pilar prado puente puentes
    puerta reyes rico rio rios rosa rubio sala salas santos socorro sol torre torres valle vega
    """.split()
)


@dataclass(frozen=True)
class Own:
    """What a person is called by, folded: the words of their names, and whole values as lines of words."""

    names: frozenset[str]
    lines: tuple[str, ...]


def own_of(contact: str) -> Own:
    """From a person's contact values, a JSON object of text."""
    names: set[str] = set()
    lines: list[str] = []
    for column, value in json.loads(contact).items():
        words = _words(value)
        if _letters("".join(words)) >= LEAST or len("".join(words)) > LEAST:
            lines.append(" ".join(words))
        street = [w for w in words if w.isalpha()]
        if len(street) > 1:
            lines.append(" ".join(street))  # the street without the number of the house
        if kind_of(column) is None and not _ADDRESS.search(column):
            names.update(words)
    return Own(frozenset(names), tuple(lines))


def tells(theme: str, own: Own) -> bool:
    """Whether `theme`, as it was typed, holds the person's name, or their address, e-mail or number as a whole."""
    words = _words(theme)
    said = f" {' '.join(words)} "
    if any(f" {line} " in said for line in own.lines):
        return True
    capital = [w[:1].isupper() for w in _parted(theme)]
    hits = [_is_name(word, own.names) for word in words]
    for i, word in enumerate(words):
        if not hits[i]:
            continue
        titled = i > 0 and words[i - 1] in _TITLES
        beside = any(hits[j] for j in (i - 1, i + 1) if 0 <= j < len(words))
        if titled or (beside and len(own.names) > 1):
            return True
        if _letters(word) >= LEAST and (not _common(word) or (i > 0 and capital[i])):
            return True
    return False


def naming(text: str, id: str, contact: Mapping[str, str]) -> str:
    """What of this one person a text about nobody holds: `a name`, `an address`, `an e-mail address`, `a number`, `an
    id`; empty for nothing.

    Everybody on the list is asked for, so that a word alone is no name here, nor a short id, a town or a ZIP code.
    """
    said = _words(text)
    line = f" {' '.join(said)} "
    names: set[str] = set()
    numbers = {_dialled(number) for number in NUMBER.findall(text)}
    for column, value in contact.items():
        words, kind = _words(value), kind_of(column)
        whole = bool(words) and f" {' '.join(words)} " in line
        if kind == "phone":
            if _dialled(value) in numbers:
                return "a number"
        elif kind == "email":
            if whole and "@" in value:
                return "an e-mail address"
        elif _ADDRESS.search(column):
            if whole and len(words) > 1 and any(c.isdigit() for c in value):
                return "an address"
        else:
            names.update(words)
    code = _words(id)
    if len("".join(code)) >= _LONG_ID and f" {' '.join(code)} " in line:
        return "an id"
    return "a name" if _beside(text, said, names) else ""


def _beside(text: str, said: list[str], names: set[str]) -> bool:
    """Whether two of a person's names stand side by side; two words of every day only where both have a capital."""
    capital = [w[:1].isupper() for w in _parted(text)]
    for i, (first, second) in enumerate(itertools.pairwise(said)):
        both = first != second and {first, second} <= names and _letters(first + second) > LEAST
        if both and ((capital[i] and capital[i + 1]) or not (_common(first) and _common(second))):
            return True
    return False


def _dialled(text: str) -> str:
    """A phone number's last ten digits: with or without its country, however it is written."""
    return "".join(c for c in text if c.isascii() and c.isdigit())[-10:]


def _is_name(word: str, names: frozenset[str]) -> bool:
    return word in names or (len(word) > LEAST and word.endswith("s") and word[:-1] in names)


def _common(word: str) -> bool:
    return word in _WORDS or word.removesuffix("s") in _WORDS


def _parted(text: str) -> list[str]:
    """Words as typed: a possessive or an apostrophe within parts nothing, any other mark does."""
    text = re.sub(r"['’ʼ]s\b", "", unicodedata.normalize("NFKC", text))
    return re.findall(r"[^\W_]+", re.sub(r"['’ʼ`´]", "", text))


def _words(text: str) -> list[str]:
    """The words, without case and accents."""
    return [_folded(word) for word in _parted(text)]


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def _letters(word: str) -> int:
    return sum(c.isalpha() for c in word)
