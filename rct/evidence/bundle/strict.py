"""JSON from elsewhere: UTF-8, no key twice, no NaN, no number beyond a double, nothing deeper than 20."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, NoReturn

from rct.errors import stop

DEPTH = 20


def loads(data: bytes, file: str) -> Any:
    """The value. Raises RctError (`json`) that names the file and, where it is known, the line."""
    try:
        text = data.decode("utf-8")
        if _deeper(text):
            _refuse(file, f"it is nested deeper than {DEPTH}")
        return json.loads(
            text, object_pairs_hook=_once, parse_float=_finite, parse_int=_whole, parse_constant=_no_constant
        )
    except json.JSONDecodeError as error:
        _refuse(file, error.msg, error.lineno)
    except UnicodeDecodeError as error:
        _refuse(file, f"byte {error.start + 1} is not UTF-8")
    except _WrongError as error:
        _refuse(file, str(error))
    except RecursionError:
        _refuse(file, f"it is nested deeper than {DEPTH}")


class _WrongError(Exception):
    pass


def _refuse(file: str, what: str, line: int | None = None) -> NoReturn:
    stop("json", f"This is not strict JSON: {what}.", "Ask for the file again.", file=file, line=line)


def _deeper(text: str) -> bool:
    """Whether brackets outside of strings are nested too deep."""
    depth, inside, escaped = 0, False, False
    for c in text:
        if inside:
            if escaped:
                escaped = False
            elif c == "\\":
                escaped = True
            elif c == '"':
                inside = False
        elif c == '"':
            inside = True
        elif c in "[{":
            depth += 1
            if depth > DEPTH:
                return True
        elif c in "]}":
            depth -= 1
    return False


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(k for i, (k, _) in enumerate(pairs) if k in [p for p, _ in pairs[:i]])
        raise _WrongError(f"the key {twice[:50]!r} stands twice")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _WrongError("a number is too large")
    return number


def _whole(text: str) -> int:
    if len(text) > 17:
        raise _WrongError("a whole number is too large")
    return int(text)


def _no_constant(text: str) -> float:
    raise _WrongError(f"{text} is no number")
