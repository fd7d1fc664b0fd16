"""HTML pages: nothing fetched from elsewhere, and a content security policy that says so.

Plan, memo and appendix are one file each, without script. A page of a portfolio (`rct.evidence`) has its own
templates, may hold one script of ours, and shows pictures that lie beside it.

Values are escaped by jinja2; the only trusted markup are the templates beside this file and the charts, which
matplotlib wrote and `rct.report.figures.svg` cleaned.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from rct.language import SOURCE, language_of
from rct.report.blocks import Doc, as_data

_HERE = Path(__file__).parent / "html"
_BESIDE = "'self' file: data:"  # a page opened from a folder has no origin that 'self' could mean
_PRINTED_MARK = (
    '@page { @top-center { content: "MARK"; font: bold 9pt Arial, sans-serif; } }\n'  # our own words only
)


def to_html(doc: Doc, *, contents: bool) -> bytes:
    """A plan or an appendix as a page."""
    return page(
        "document.html.j2",
        {
            "doc": as_data(doc),
            "contents": language_of(doc.lang).t("Contents") if contents else "",
            "meta": doc.meta,
        },
        banner=doc.banner,
        lang=doc.lang,
        paper=doc.paper,
    )


def page(
    template: str,
    values: Mapping[str, Any],
    *,
    banner: str | None,
    lang: str = SOURCE.code,
    paper: str = "us-letter",
    folder: Path | None = None,
    more_style: str = "",
    script: str = "",
) -> bytes:
    """A template with its values. Charts come as text under `svg`; the template marks them as markup.

    The banner of a trial that isn't real stands on top, and when printed on every page. With a `folder` the template
    lies there, and pictures may lie beside the page.
    """
    style = _style() + more_style
    if paper == "a4":
        style = style.replace("size: letter", "size: A4")
    if banner:
        style += _PRINTED_MARK.replace("MARK", banner)
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; img-src {'data:' if folder is None else _BESIDE}; "
        + (f"script-src '{_digest(script)}'; " if script else "")
        + "base-uri 'none'; form-action 'none'"
    )
    text = (
        _environment(folder)
        .get_template(template)
        .render(**values, style=Markup(style), script=Markup(script), policy=policy, lang=lang)
    )
    return text.encode()


@cache
def _style() -> str:
    return (_HERE / "report.css").read_text(encoding="utf-8")


@cache
def _environment(folder: Path | None) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([*([folder] if folder else []), _HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["chart"] = Markup  # our own charts only
    environment.filters["png"] = _png
    return environment


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _png(data: bytes) -> str:
    """A picture as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"
