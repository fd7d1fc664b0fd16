"""HTML pages: one file, no script, nothing fetched, and a content security policy that says so.

Values are escaped by jinja2; the only trusted markup are the templates beside this file and the charts, which
matplotlib wrote and `rct.report.svg` cleaned.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from rct.report.blocks import Doc, as_data

_HERE = Path(__file__).parent / "html"
_PRINTED_MARK = (
    '@page { @top-center { content: "MARK"; font: bold 9pt Arial, sans-serif; } }\n'  # our own words only
)


def to_html(doc: Doc, *, contents: bool) -> bytes:
    """A plan or an appendix as a page."""
    return page(
        "document.html.j2", {"doc": as_data(doc), "contents": contents, "meta": doc.meta}, banner=doc.banner
    )


def page(
    template: str,
    values: Mapping[str, Any],
    *,
    banner: str | None,
    lang: str = "en",
    paper: str = "us-letter",
) -> bytes:
    """A template with its values. Charts come as text under `svg`; the template marks them as markup.

    The banner of a trial that isn't real stands on top, and when printed on every page.
    """
    style = (_HERE / "report.css").read_text(encoding="utf-8")
    if paper == "a4":
        style = style.replace("size: letter", "size: A4")
    if banner:
        style += _PRINTED_MARK.replace("MARK", banner)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["chart"] = Markup  # our own charts only
    environment.filters["png"] = _png
    text = environment.get_template(template).render(**values, style=Markup(style), policy=policy, lang=lang)
    return text.encode()


def _png(data: bytes) -> str:
    """A picture as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"
