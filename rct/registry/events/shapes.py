"""The types that values of the log can have: how each is read, and what a page calls it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class UnfitError(ValueError):
    """A value that is not of its type; its text is the key that holds it."""


class Shape(Generic[T]):
    """A type of values. `words`: for the page. `read` gives the value, or raises `UnfitError`."""

    __slots__ = ("read", "words")

    def __init__(self, words: str, read: Callable[[Any], T]):
        self.words, self.read = words, read


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise UnfitError
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise UnfitError
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise UnfitError
    return value


def _day(value: Any) -> str:
    try:
        if date.fromisoformat(_text(value)).isoformat() == value:
            return str(value)
    except ValueError:
        pass
    raise UnfitError


TEXT = Shape("text", _text)
WHOLE = Shape("whole number", _whole)
FLAG = Shape("true or false", _flag)
DAY = Shape("date", _day)


def one_of(*texts: str) -> Shape[str]:
    """One of these texts."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in texts:
            raise UnfitError
        return value

    return Shape(", ".join(f"`{text}`" if text else "empty" for text in texts), read)


def matching(words: str, pattern: str) -> Shape[str]:
    """A text of this form, as a whole."""

    def read(value: Any) -> str:
        if re.fullmatch(pattern, _text(value)) is None:  # compiled when it is first asked for
            raise UnfitError
        return str(value)

    return Shape(words, read)


def maybe(shape: Shape[T]) -> Shape[T | None]:
    """A value, or null."""
    return Shape(f"{shape.words}, or null", lambda value: None if value is None else shape.read(value))


def several(shape: Shape[T], words: str = "") -> Shape[tuple[T, ...]]:
    """A list of such values."""

    def read(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list | tuple):
            raise UnfitError
        return tuple(map(shape.read, value))

    return Shape(words or f"list of {shape.words}", read)


def by_name(shape: Shape[T], words: str = "", *, holds: tuple[str, ...] = ()) -> Shape[Mapping[str, T]]:
    """An object with such a value by each name; `holds`: names that it can't lack."""

    def read(value: Any) -> Mapping[str, T]:
        if not isinstance(value, Mapping) or any(name not in value for name in holds):
            raise UnfitError
        return {_text(name): shape.read(each) for name, each in value.items()}

    return Shape(words or f"object: name to {shape.words}", read)
