"""Lists as XLSX: bombs, far cells, formats, errors, formulas, archives that lie."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from xml.sax.saxutils import escape

from hostile.case import LISTED, Case
from hostile.ground import HEAD, people

AT = 5
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": f'{XML}<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{TYPES}.styles+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{TYPES}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'{XML}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{XML}<workbook {MAIN} xmlns:r="{DOCUMENT}"><sheets>'
    '<sheet name="list" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{XML}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{DOCUMENT}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId3" Type="{DOCUMENT}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    "xl/styles.xml": f'{XML}<styleSheet {MAIN}><numFmts count="1"><numFmt numFmtId="164" formatCode="00000"/></numFmts>'
    '<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="1"/>'
    '<xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="9" applyNumberFormat="1"/></cellXfs></styleSheet>',
    "xl/sharedStrings.xml": f"{XML}<sst {MAIN}/>",
}  # fmt: skip


def inline(text: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def sheet(rows: Sequence[Sequence[str]], more: str = "") -> str:
    """A sheet's XML from cells as XML."""
    body = "".join(f"<row>{''.join(row)}</row>" for row in rows)
    return f"{XML}<worksheet {MAIN}><sheetData>{body}{more}</sheetData></worksheet>"


def rows(*changes: tuple[int, int, str]) -> list[list[str]]:
    """Header and sound rows as cells; changes are (row, column, XML of a cell)."""
    made = [[inline(name) for name in HEAD]]
    made += [[inline(c) if i != 3 else f"<c><v>{c}</v></c>" for i, c in enumerate(row)] for row in people()]
    for row, column, xml in changes:
        made[row][column] = xml
    return made


def packed(parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 5, 9, 0, 0)), data, method)
    return out.getvalue()


def book(xml: str | None = None, **parts: str | bytes) -> bytes:
    """A workbook with this sheet; other parts replaced or added by name."""
    return packed({**PARTS, "xl/worksheets/sheet1.xml": xml or sheet(rows()), **parts})


def cell(column: int, xml: str) -> Callable[[], bytes]:
    return lambda: book(sheet(rows((AT, column, xml))))


def part(name: str, change: Callable[[str], str]) -> Callable[[], bytes]:
    return lambda: book(**{name: change(PARTS[name])})


def bomb(levels: int = 9) -> str:
    entities = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(levels)
    )
    return f'<?xml version="1.0"?><!DOCTYPE x [{entities}]>'


def _patched(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data
    return data.replace(old, new)


def _lying() -> bytes:
    """The directory says that the sheet has 100 bytes."""
    data = bytearray(book())
    at = data.index(b"PK\x01\x02")
    while data[at + 46 : at + 46 + data[at + 28]] != b"xl/worksheets/sheet1.xml":
        at = data.index(b"PK\x01\x02", at + 4)
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")
    return bytes(data)


def _encrypted() -> bytes:
    data = bytearray(book())
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 8] |= 1
    return bytes(data)


def _strings(text: str) -> str:
    return f"{XML}<sst {MAIN}><si><t>{text}</t></si></sst>"


def _many_times(size: int, n: int) -> bytes:
    """One long text that many cells refer to."""
    listed = rows()
    one = listed[1]
    listed = [listed[0], *([inline(f"B{i}"), '<c t="s"><v>0</v></c>', *one[2:]] for i in range(n))]
    return book(sheet(listed), **{"xl/sharedStrings.xml": _strings("x" * size)})


def cases() -> Iterator[Case]:
    make = partial(Case, "spreadsheets", suffix="xlsx")
    yield make("a sound workbook", book, stored={"name": "Person 5", "balance": 15.5})
    yield make(
        "a lone cell at XFD1048576",
        lambda: book(sheet(rows(), '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
        code=LISTED,
        seconds=30,
    )
    yield make(
        "a lone row far below",
        lambda: book(sheet(rows(), f'<row r="1048576">{"".join(rows()[1])}</row>').replace("A001", "Z1", 1)),
        code=LISTED,
        seconds=30,
    )
    yield make(
        "a cell beyond the last column",
        lambda: book(sheet(rows(), '<row r="90"><c r="XFE90"><v>1</v></c></row>')),
        code=LISTED,
    )
    yield make(
        "a row beyond the last",
        lambda: book(sheet(rows(), '<row r="1048577"><c><v>1</v></c></row>')),
        code=LISTED,
    )
    yield make(
        "a row of twenty digits",
        lambda: book(sheet(rows(), f'<row r="{"9" * 20}"><c><v>1</v></c></row>')),
        code=LISTED,
    )
    yield make(
        "a row numbered in other digits",
        lambda: book(sheet(rows(), '<row r="٩٩"><c><v>1</v></c></row>')),
        code=LISTED,
    )
    yield make(
        "rows out of order", lambda: book(sheet(rows(), '<row r="2"><c><v>1</v></c></row>')), code=LISTED
    )
    yield make(
        "a row of 16,384 cells",
        lambda: book(sheet(rows(), "<row>" + "<c><v>1</v></c>" * 16_384 + "</row>")),
        code=LISTED,
        row=25,
    )
    yield make(
        "an entity bomb in the sheet",
        lambda: book(
            sheet(rows((AT, 1, '<c t="inlineStr"><is><t>&j;</t></is></c>'))).replace(XML, bomb(), 1)
        ),
        code=LISTED,
    )
    yield make(
        "an entity bomb in the shared strings",
        lambda: book(**{"xl/sharedStrings.xml": bomb() + f"<sst {MAIN}><si><t>&j;</t></si></sst>"}),
        code=LISTED,
    )
    yield make(
        "an entity bomb in the types",
        part("[Content_Types].xml", lambda t: t.replace(XML, bomb())),
        code=LISTED,
    )
    yield make(
        "one entity of 1 MiB used 10,000 times",
        lambda: book(
            sheet(rows((AT, 1, f'<c t="inlineStr"><is><t>{"&a;" * 10_000}</t></is></c>'))).replace(
                XML, f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{"x" * (1 << 20)}">]>', 1
            )
        ),
        code=LISTED,
    )
    yield make(
        "an entity from a file",
        lambda: book(
            sheet(rows((AT, 1, '<c t="inlineStr"><is><t>&a;</t></is></c>'))).replace(
                XML, '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', 1
            )
        ),
        code=LISTED,
    )
    yield make(
        "a document type from the network",
        lambda: book(
            sheet(rows()).replace(XML, '<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd">', 1)
        ),
        code=LISTED,
    )
    yield make(
        "another workbook by link",
        lambda: book(**{"xl/externalLinks/externalLink1.xml": f"{XML}<externalLink {MAIN}/>"}),
        stored={"name": "Person 5"},
    )
    yield make(
        "a sheet on the network",
        part(
            "xl/_rels/workbook.xml.rels",
            lambda t: t.replace(
                'Target="worksheets/sheet1.xml"', 'Target="http://192.0.2.1/sheet1.xml" TargetMode="External"'
            ),
        ),
        code=LISTED,
    )
    yield make(
        "a sheet outside the archive",
        part(
            "xl/_rels/workbook.xml.rels",
            lambda t: t.replace("worksheets/sheet1.xml", "../../../../etc/passwd"),
        ),
        code=LISTED,
    )
    yield make(
        "100 MiB of nothing in 100 KiB", lambda: book(**{"xl/media/a.bin": b"\0" * (100 << 20)}), code=LISTED
    )
    yield make(
        "250 MiB in thirty parts",
        lambda: book(**{f"xl/media/{i}.bin": b"\0" * (8_500_000) for i in range(30)}),
        code=LISTED,
    )
    yield make("1,001 parts", lambda: book(**{f"xl/media/{i}.bin": b"" for i in range(1_001)}), code=LISTED)
    yield make("a part whose size is a lie", _lying, code=LISTED)
    yield make("parts encrypted", _encrypted, code=LISTED)
    yield make(
        "parts in bzip2",
        lambda: packed({**PARTS, "xl/worksheets/sheet1.xml": sheet(rows())}, zipfile.ZIP_BZIP2),
        code=LISTED,
    )
    yield make("cut in the middle", lambda: book()[: len(book()) // 2], code=LISTED)
    yield make("a broken checksum", lambda: _patched(book(), b"PK\x01\x02", b"PK\x01\x03"), code=LISTED)
    yield make("no workbook in it", lambda: packed({"a.txt": "hello"}), code=LISTED)
    yield make(
        "a document of Word",
        lambda: packed({"word/document.xml": "<w/>", "[Content_Types].xml": PARTS["[Content_Types].xml"]}),
        code=LISTED,
    )
    yield make(
        "an old .xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000), code=LISTED, suffix="xls"
    )
    yield make(
        "a part called ../../evil", lambda: book(**{"../../evil.xml": "<x/>"}), stored={"name": "Person 5"}
    )
    yield make(
        "a million cells nested",
        lambda: book(sheet(rows(), "<row>" + "<c>" * 100_000 + "</c>" * 100_000 + "</row>")),
        code=LISTED,
        seconds=30,
    )
    yield make(
        "an attribute of 20 MiB",
        lambda: book(sheet(rows(), f'<row spans="{"9" * (20 << 20)}"/>')),
        code=LISTED,
        seconds=30,
    )
    yield make(
        "one text of 1 MiB in 3,000 cells", lambda: _many_times(1 << 20, 3_000), code=LISTED, seconds=30
    )
    yield make("a text of 40,000 characters", cell(1, inline("x" * 40_000)), code=LISTED)
    for name, xml, code in (
        ("an error cell", '<c t="e"><v>#N/A</v></c>', LISTED),
        ("a formula with its value", '<c t="str"><f>A1&amp;""</f><v>X5</v></c>', None),
        ("a formula without a value", "<c><f>1+1</f></c>", LISTED),
        ("a number shown with zeros", '<c s="1"><v>123</v></c>', LISTED),
        ("a day", '<c s="2"><v>45000</v></c>', LISTED),
        ("a number of 16 digits", "<c><v>1234567890123456</v></c>", LISTED),
        ("a number in exponents", "<c><v>1.2345678901234567E+18</v></c>", LISTED),
        ("a whole number", "<c><v>123</v></c>", None),
        ("a whole number as a fraction", "<c><v>123.0</v></c>", None),
        ("an escape code as _x001B_", inline("A_x001B_[2J"), LISTED),
        ("a word that only looks escaped", inline("A_x001B"), None),
        ("a text that does not exist", '<c t="s"><v>99</v></c>', LISTED),
        ("a text of a number below nought", '<c t="s"><v>-1</v></c>', LISTED),
        ("an unknown kind of cell", '<c t="zz"><v>1</v></c>', LISTED),
        ("a style that does not exist", '<c s="999"><v>1</v></c>', LISTED),
        ("a cell that says yes", '<c t="b"><v>1</v></c>', None),
        ("a cell that says 7", '<c t="b"><v>7</v></c>', LISTED),
    ):
        stored: dict[str, object] = {
            "a formula with its value": {"account": "X5"}, "a whole number": {"account": "123"},
            "a whole number as a fraction": {"account": "123"}, "a word that only looks escaped": {"account": "A_x001B"},
            "a cell that says yes": {"account": "TRUE"},
        }.get(name, {})  # fmt: skip
        yield make(f"{name}, as an id", cell(0, xml), code=code, stored=stored)
    for value in ("1e400", "nan", "inf", "1_000", "１２", "0x10", "--1", ""):
        yield make(f"a number cell `{value}`", cell(3, f"<c><v>{value}</v></c>"), code=LISTED)
    yield make("a percentage as a covariate", cell(3, '<c s="3"><v>0.5</v></c>'), stored={"balance": 0.5})
