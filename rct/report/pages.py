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


def to_html(doc: Doc, *, contents: bool) -> bytes:
    """A plan or an appendix as a page."""
    values = {"doc": as_data(doc), "contents": contents, "meta": doc.meta, "marks": marks(doc.banner)}
    return page("document.html.j2", values)


def marks(banner: str | None) -> str:
    """The classes that print a mark on every page of a trial that isn't real."""
    return "".join(f" {word}" for word in ("practice", "simulated") if word in (banner or "").lower())


def page(template: str, values: Mapping[str, Any]) -> bytes:
    """A template with its values. Charts come as text under `svg`; the template marks them as markup."""
    style = (_HERE / "report.css").read_text(encoding="utf-8")
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
    text = environment.get_template(template).render(**values, style=Markup(style), policy=policy)
    return text.encode()
