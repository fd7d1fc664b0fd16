"""Word letters: with entities, macros, bombs, damage, and fields and links that are meant to run."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from functools import partial

from hostile.case import LISTED, Case

BODY = "word/document.xml"
TYPES = "[Content_Types].xml"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


def letter(
    body: str = "<w:p><w:r><w:t>Please pay.</w:t></w:r></w:p>", doctype: str = "", of: str = _DOCUMENT
) -> dict[str, str]:
    """The least parts of a Word file."""
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return {
        TYPES: f'{head}<Types xmlns="{package}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{BODY}" ContentType="{of}"/></Types>',
        "_rels/.rels": f'{head}<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="{BODY}"/></Relationships>',
        BODY: f'{head}{doctype}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
    }


def packed(parts: dict[str, str], more: Callable[[zipfile.ZipFile], None] = lambda archive: None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        more(archive)
    return out.getvalue()


def field(instruction: str, shown: str = "x") -> str:
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
    words = f"<w:r><w:instrText>{instruction}</w:instrText></w:r>"
    text = f"<w:r><w:t>{shown}</w:t></w:r>"
    return f"<w:p>{mark('begin')}{words}{mark('separate')}{text}{mark('end')}</w:p>"


def _parts(n: int) -> Callable[[zipfile.ZipFile], None]:
    return lambda archive: [archive.writestr(f"x{i}", "") for i in range(n)] and None


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {c} "{f"&{b};" * 10}">' for b, c in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip
FILES: dict[str, Callable[[], bytes]] = {
    "a plain letter": lambda: packed(letter()),
    "a billion laughs": lambda: packed(letter("<w:p><w:r><w:t>&i;</w:t></w:r></w:p>", LAUGHS)),
    "a file of the machine as an entity": lambda: packed(
        letter(
            "<w:p><w:r><w:t>&a;</w:t></w:r></w:p>", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        )
    ),
    "macros": lambda: packed(letter(of=_MACROS)),
    "an archive that unfolds to 101 MiB": lambda: packed(
        letter(), lambda a: a.writestr("x", b"\0" * (101 << 20))
    ),
    "1,001 parts": lambda: packed(letter(), _parts(1_001)),
    "20,000 parts of a line in one another": lambda: packed(
        letter("<w:p>" + "<w:ins>" * 20_000 + "</w:ins>" * 20_000 + "</w:p>")
    ),
    "no body": lambda: packed({**letter(), BODY: f'<w:document xmlns:w="{W}"/>'}),
    "no document": lambda: packed({k: v for k, v in letter().items() if k != BODY}),
    "no text": lambda: packed(letter("<w:p/>")),
    "half a file": lambda: packed(letter())[:300],
    "an old Word file": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "no byte": lambda: b"",
    "a command of a template as text": lambda: packed(
        letter("<w:p><w:r><w:t>{{ ''.__class__ }} {% include '/etc/passwd' %}</w:t></w:r></w:p>")
    ),
    "a merge field that is a command": lambda: packed(
        letter(field(' MERGEFIELD "a }}{% include x %}{{ b" '))
    ),
    "a link that runs": lambda: packed(letter(field(' HYPERLINK "javascript:alert(1)" '))),
    "a field that takes a file": lambda: packed(letter(field(' INCLUDETEXT "/etc/passwd" '))),
    "a field never closed": lambda: packed(letter(field(" DATE ").replace('"end"', '"begin"'))),
    "a list of level 2,000,000,000": lambda: packed(
        letter(
            '<w:p><w:pPr><w:numPr><w:ilvl w:val="2000000000"/><w:numId w:val="1"/></w:numPr></w:pPr>'
            "<w:r><w:t>x</w:t></w:r></w:p>"
        )
    ),
    "a level that is no number": lambda: packed(
        letter(
            '<w:p><w:pPr><w:numPr><w:ilvl w:val="x"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>'
        )
    ),
    "200,000 paragraphs": lambda: packed(letter("<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 200_000)),
    "a line of 2,000,000 stars": lambda: packed(
        letter(f"<w:p><w:r><w:t>{'*' * 2_000_000}</w:t></w:r></w:p>")
    ),
}


def cases() -> Iterator[Case]:
    make = partial(Case, "Word letters", door="word", code=LISTED, suffix="docx")
    for name, build in FILES.items():
        yield make(name, build)
