"""`make language`: bring a language's catalogue to the sentences of the code, or begin one.

What was translated stays; what the code no longer says goes; what is new has no translation yet, and is said in English.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from rct.language import catalogue

CODE = Path(__file__).parent.parent
KEYWORDS = {"t": None, "tn": (1, 2), "tell": None, "phrase": None}


def sentences() -> Iterator[str | tuple[str, str]]:
    """Every sentence of the code once, with its plural where it has one."""
    seen = set()
    for _, _, found, _, _ in extract_from_dir(CODE, [("**.py", "python")], keywords=KEYWORDS):
        message = (str(found[0]), str(found[1])) if isinstance(found, tuple | list) else str(found)
        one = message if isinstance(message, str) else message[0]
        if one not in seen:
            seen.add(one)
            yield message


def renewed(old: Catalog) -> Catalog:
    """The catalogue with every sentence of the code, translated where `old` translates it."""
    catalog = Catalog(
        locale=old.locale or old.locale_identifier, header_comment=old.header_comment, charset="utf-8"
    )
    catalog.mime_headers = [
        ("Plural-Forms", old.plural_forms)
    ]  # a catalogue may have fewer forms than Babel knows of
    for message in sentences():
        known = old.get(message if isinstance(message, str) else message[0])
        catalog.add(message, known.string if known is not None else None)
    return catalog


def written(catalog: Catalog) -> bytes:
    """The catalogue as a file: without the times of its making, so that the same sentences give the same bytes."""
    body = io.BytesIO()
    write_po(body, catalog, width=110, no_location=True, omit_header=True)
    comment = "".join(f"{line}\n" for line in catalog.header_comment.splitlines())
    plural = f"nplurals={catalog.num_plurals}; plural={catalog.plural_expr};"
    header = (
        f"Language: {catalog.locale_identifier}",
        "Content-Type: text/plain; charset=UTF-8",
        f"Plural-Forms: {plural}",
    )
    told = "".join(f'"{line}\\n"\n' for line in header)
    return f'{comment}msgid ""\nmsgstr ""\n{told}\n'.encode() + body.getvalue().strip() + b"\n"


def main(code: str, locale: str = "") -> None:
    """Write locale/CODE.po. `locale` (fr_CA) is needed for a language that is new."""
    path = catalogue.HERE / f"{code}.po"
    if path.exists():
        with path.open("rb") as file:
            old = read_po(file)
    else:
        old = Catalog(locale=locale or code, header_comment=f"# {locale or code}")
    path.write_bytes(written(renewed(old)))


if __name__ == "__main__":
    main(*sys.argv[1:])
