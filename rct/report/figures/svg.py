"""A matplotlib figure as an SVG that a page with a strict content security policy can hold.

Style attributes become presentation attributes, the style sheet and the metadata go, ids that nothing refers
to go, and the others get a prefix, so that several charts can stand on one page. The same figure gives the
same bytes.
"""

from __future__ import annotations

import io
import re
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager

from matplotlib import rc_context, rcdefaults, rcParams
from matplotlib.figure import Figure

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
FONT = "DejaVu Sans"
_REFERENCE = re.compile(r"#([A-Za-z0-9_.:-]+)")


@contextmanager
def settings() -> Iterator[None]:
    """matplotlib as it comes, whatever the machine's settings, with text kept as text and never as math."""
    with rc_context(), warnings.catch_warnings():
        # In HTML a label may hold characters that only the reader's fonts have.
        warnings.filterwarnings("ignore", message=r"Glyph \d+", category=UserWarning)
        rcdefaults()
        rcParams.update(
            {
                "svg.hashsalt": "rct",
                "svg.fonttype": "none",
                "font.family": FONT,
                "text.parse_math": False,
                "axes.unicode_minus": True,
            }
        )
        yield


def to_png(figure: Figure, dpi: int = 200) -> bytes:
    """The figure as a picture, the same bytes each time. Call inside `settings()`."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, facecolor="white", metadata={"Software": None})
    return buffer.getvalue()


def to_svg(figure: Figure, prefix: str) -> str:
    """The figure's SVG element. Call inside `settings()`."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    root = ET.fromstring(buffer.getvalue())
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{SVG}}}metadata", f"{{{SVG}}}style"):
                parent.remove(child)
    root.attrib.update({"stroke-linejoin": "round", "stroke-linecap": "butt"})
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    _plain_attributes(root, prefix)
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    return ET.tostring(root, encoding="unicode")


def _plain_attributes(root: ET.Element, prefix: str) -> None:
    used = {
        match.group(1)
        for element in root.iter()
        for value in element.attrib.values()
        for match in _REFERENCE.finditer(value)
        if value.startswith(("#", "url(#"))
    }
    for element in root.iter():
        for part in element.attrib.pop("style", "").split(";"):
            name, colon, value = part.partition(":")
            if colon:
                element.set(name.strip(), value.strip())
        if "font-family" in element.attrib:
            element.set("font-family", f"'{FONT}', Verdana, sans-serif")
        identifier = element.attrib.get("id")
        if identifier is not None and identifier not in used:
            del element.attrib["id"]
        for name, value in element.attrib.items():
            if name == "id":
                element.set(name, f"{prefix}-{value}")
            elif value.startswith(("#", "url(#")) and _REFERENCE.search(value).group(1) in used:  # type: ignore[union-attr]
                element.set(name, value.replace("#", f"#{prefix}-", 1))
