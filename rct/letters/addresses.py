"""Values in web addresses: a whole one is taken as it is, a part of a longer one is percent-encoded. Pure.

So neither a space nor a & of a value breaks a link, and no value makes a link that leads anywhere but to the web.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from rct.definition.readings import BARE_ADDRESS, MARK, WHOLE
from rct.letters.words import UnfitValue
from rct.tables.values import parse_web_address

_SIGNS = {"mailto": "@", "tel": "+-.()"}
WANTED = "a whole web address (https://…, without spaces or quotes)"


def whole_address(value: str, scheme: str = "") -> str:
    """`value` behind `scheme` as an address. Raises `UnfitValue` for anything but http and https."""
    found = parse_web_address(scheme + value.strip())
    if found is None:
        raise UnfitValue(WANTED, value.strip())
    return found


def part_of_address(value: str, address: str = "") -> str:
    """`value` as a part of `address`: in those of mail and telephone their own signs stay."""
    return quote(value, safe=_SIGNS.get(address.partition(":")[0].lower(), ""))


def filled_address(address: str, values: Sequence[str]) -> str:
    """An address with its values put in. Raises `UnfitValue`."""
    if whole := WHOLE.fullmatch(address):
        return whole_address(values[int(whole["mark"])], whole["scheme"] or "")
    return MARK.sub(lambda m: part_of_address(values[int(m[1])], address), address)


def filled_bare(text: str, values: Sequence[str]) -> str:
    """A text in which the values inside https://… are put in; all other marks stay. Raises `UnfitValue`."""

    def said(match: re.Match[str]) -> str:
        address = match[0].rstrip(".,;:!?")
        return filled_address(address, values) + match[0][len(address) :]

    return BARE_ADDRESS.sub(said, text)
