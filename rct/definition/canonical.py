"""Canonical JSON: the same content always gives the same bytes, so that its hash means something.

RFC 8785 (Rundgren, Jordan, Erdtman 2020), restricted where programs disagree: no number with a fraction (it
goes in as decimal text, see `decimal_text`), whole numbers within ±(2^53 − 1), text in NFC and without lone
surrogates, keys without characters beyond U+FFFF (there byte order and UTF-16 order agree).
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

LARGEST = 2**53 - 1  # what every JSON reader holds exactly


class NotCanonicalError(ValueError):
    """No canonical form: a fraction, a huge number, a lone surrogate, a key twice, another type."""


def dumps(value: Any) -> str:
    """The canonical text of `value` (mappings, sequences, text, whole numbers, true, false, null).

    Text is put into NFC first: two spellings of the same words give the same bytes.
    Raises `NotCanonicalError`.
    """
    return json.dumps(
        _plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def loads(text: str) -> Any:
    """The value of a canonical text; `NotCanonicalError` unless `text` is just what `dumps` writes."""
    try:
        value = json.loads(
            text, object_pairs_hook=_once, parse_float=_no_fraction, parse_constant=_no_fraction
        )
        again = dumps(value)
    except NotCanonicalError:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonicalError(f"not JSON: {error}") from error
    if again != text:
        raise NotCanonicalError("JSON, but not in canonical form")
    return value


def decimal_text(number: float) -> str:
    """The shortest decimal text that reads back as `number`, no exponent: 40.0 → `40`, 1e-3 → `0.001`.

    The same number always gives the same text (`-0.0` is `0`). Raises `NotCanonicalError` for nan and inf.
    """
    if not math.isfinite(number):
        raise NotCanonicalError("a number must be finite")
    if isinstance(number, int):
        return str(number)
    text = format(Decimal(repr(number)), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise NotCanonicalError(f"a whole number beyond ±(2^53 - 1): {value}")
        return value
    if isinstance(value, Mapping):
        return _once([(_key(k), _plain(v)) for k, v in value.items()])
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(v) for v in value]
    raise NotCanonicalError(f"no canonical form for {type(value).__name__}")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise NotCanonicalError(f"a key must be text, not {type(key).__name__}")
    if any(ord(c) > 0xFFFF for c in key):
        raise NotCanonicalError("a key holds a character beyond U+FFFF")
    return _text(key)


def _text(text: str) -> str:
    if any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise NotCanonicalError("text holds a lone surrogate")
    return unicodedata.normalize("NFC", text)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotCanonicalError("a key stands twice")
    return found


def _no_fraction(text: str) -> Any:
    raise NotCanonicalError(f"a number with a fraction or exponent: {text}")
