"""PDF through typst: fixed .typ files beside this one, and the document as JSON data. Built to PDF/UA-1.

No value becomes typst source. System fonts are off, packages have no folder, the time is the record's own: the
same record gives the same bytes. Pictures are handed over with the data, in memory: a command that dies here leaves
no temporary file behind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from rct.language import language_of
from rct.report.blocks import Doc, Letters, as_data
from rct.report.printers.glyphs import drawable
from rct.tables.glyphs import font_folder

_HERE = Path(__file__).parent / "typst"
_NO_PACKAGES = _HERE / "packages"  # there is no such folder, and no source of ours asks for a package
_NOT_FOR_TYPST = ("svg", "png")  # a chart has its own SVG for these fonts; pictures come beside it


def to_pdf(doc: Doc) -> bytes:
    """A plan as PDF."""
    letters = [p for block in doc.blocks if isinstance(block, Letters) for p in block.pictures]
    speech = language_of(doc.lang)
    data = {**as_data(doc), "page": speech.t("Page"), "of": speech.t("of")}
    return compiled("document.typ", data, doc.time, {p.name: p.png for p in letters})


def compiled(
    source: str, data: Mapping[str, Any], time: int, pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """One of the fixed .typ files with its data and pictures (by file name), as a tagged PDF."""
    made = _compiler(source, data, pictures).compile(format="pdf", pdf_standards="ua-1", timestamp=time)
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single PDF")
    return made


def first_page(
    source: str, data: Mapping[str, Any], ppi: float, pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """The same as a picture (PNG) of its one page."""
    made = _compiler(source, data, pictures).compile(format="png", ppi=ppi)
    if not isinstance(made, bytes):
        raise TypeError("typst gave more than one page")
    return made


def _compiler(source: str, data: Mapping[str, Any], pictures: Mapping[str, bytes] | None) -> typst.Compiler:
    given = {"data": _drawable(data), "pictures": {name: list(png) for name, png in (pictures or {}).items()}}
    return typst.Compiler(
        _HERE / source,
        root=_HERE,
        font_paths=_fonts(),
        sys_inputs={k: json.dumps(v, ensure_ascii=False, allow_nan=False) for k, v in given.items()},
        package_path=_NO_PACKAGES,
        package_cache_path=_NO_PACKAGES,
    )


@cache
def _fonts() -> typst.Fonts:
    """The fonts beside rct and typst's own, read once; none of the machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[font_folder()])


def unix(time: str) -> int:
    """A time of the log as Unix seconds."""
    return int(datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())


def _drawable(value: Any) -> Any:
    """Every text of the data with what no font has as its code; charts were drawn for these fonts already."""
    if isinstance(value, str):
        return drawable(value)
    if isinstance(value, Mapping):
        return {k: v if k == "svg_pdf" else _drawable(v) for k, v in value.items() if k not in _NOT_FOR_TYPST}
    if isinstance(value, (list, tuple)):
        return [_drawable(v) for v in value]
    return value
