"""The memo for machines: what its page says, word for word, in its order. The portfolio's pages are made from it.

Letters' pictures are PNG in base64, the chart is the SVG of the page.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

VERSION = 1
_OF_PRINT = ("running", "time", "paper")  # what only the PDF asks for
_OF_LETTER = ("label", "alt", "words", "brief")


def memo_json(data: Mapping[str, Any], name: str, head: str) -> bytes:
    """One UTF-8 object, ASCII-escaped, ending in LF. data: as `memo_data` gives it; head: of the analysis in the log."""
    picture = data["picture"]
    told = {
        "rct_memo": VERSION,
        "name": name,
        "head": head,
        **{key: value for key, value in data.items() if key not in _OF_PRINT},
        "picture": picture and {key: picture[key] for key in ("svg", "alt", "caption")},
        "sections": [{**section, "letters": _letters(section)} for section in data["sections"]],
    }
    return (json.dumps(told, allow_nan=False, indent=1) + "\n").encode("ascii")


def _letters(section: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            **{key: letter[key] for key in _OF_LETTER},
            "png": base64.b64encode(letter["png"]).decode("ascii"),
        }
        for letter in section["letters"]
    ]
