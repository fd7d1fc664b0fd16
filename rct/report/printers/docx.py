"""The memo as a Word file: headings, a real table with a repeated header row, pictures with their alt text.

Written by python-docx, then packed anew with a fixed date, so that the same record gives the same bytes.
"""

from __future__ import annotations

import io
import math
import zipfile
from datetime import UTC, datetime

from docx import Document
from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shape import InlineShape
from docx.shared import Inches, Pt, RGBColor
from docx.text.paragraph import Paragraph

from rct.language import language_of
from rct.report.blocks import LetterPicture, TableBlock
from rct.report.memo.page import MemoView, Section
from rct.report.printers import docx_fit as fit

ZIP_TIME = (1980, 1, 1, 0, 0, 0)
PAPER = {"us-letter": (8.5, 11.0), "a4": (8.27, 11.69)}
MARGIN, TOP = 0.75, 0.5
INK = RGBColor(0x1A, 0x1A, 0x1A)


def to_docx(memo: MemoView, chart: bytes | None) -> bytes:
    """The memo; `chart` is its picture as PNG."""
    word = Document()
    for key, relation in list(word.part.package.rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            del word.part.package.rels[key]  # the empty page that python-docx's template shows of itself
    size = fit.fitting(memo, chart, _inner(memo), PAPER[memo.paper][1] - 2 * TOP)
    _set_up(word, memo, size)
    if memo.banner:
        _line(word, memo.banner, bold=True)
    _line(word, memo.eyebrow, size=fit.SMALL * size)
    word.add_heading(memo.title, 1)
    _line(word, memo.answer, bold=True, size=fit.ANSWER * size)
    verdict = _line(word, f"{memo.verdict}: ", bold=True)
    verdict.add_run(memo.lead)
    if memo.details:
        _line(word, " ".join(memo.details))
    if memo.picture and chart is not None:
        _picture(word.add_paragraph(), chart, memo.picture.alt, width=fit.chart_width(size, _inner(memo)))
        _line(word, memo.picture.caption, size=fit.SMALL * size)
    for section in memo.sections:
        _section(word, memo, section, size)
    for text in (*memo.notes, *memo.footer):
        _line(word, text, size=fit.TINY * size)
    raw = io.BytesIO()
    word.save(raw)
    return _dated(raw.getvalue())


def _set_up(word: Word, memo: MemoView, size: float) -> None:
    width, height = PAPER[memo.paper]
    page = word.sections[0]
    page.page_width, page.page_height = Inches(width), Inches(height)
    page.left_margin = page.right_margin = Inches(MARGIN)
    page.top_margin = page.bottom_margin = Inches(TOP)
    page.header_distance = page.footer_distance = Inches(0.2)
    when = datetime.fromtimestamp(memo.time, UTC).replace(tzinfo=None)
    about = word.core_properties
    about.title, about.language, about.author, about.comments = memo.title, memo.lang, "rct", ""
    about.created = about.modified = when
    about.last_modified_by = "rct"
    of = {"Normal": 1.0, "Heading 1": fit.TITLE, "Heading 2": fit.HEADING, "List Bullet": 1.0}
    for name, times in of.items():
        style = word.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = "Arial", _points(times * size), INK
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(theme), None)
        style.paragraph_format.line_spacing = 1.0
        style.paragraph_format.space_after = Pt(fit.SPACE)
        style.paragraph_format.space_before = _points(0.5 * size if name == "Heading 2" else 0)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), language_of(memo.lang).tag)
    word.styles["Normal"].element.get_or_add_rPr().append(language)


def _section(word: Word, memo: MemoView, section: Section, size: float) -> None:
    word.add_heading(section.title, 2)
    for text in section.texts:
        _line(word, text)
    if section.letters:
        _letters(word, memo, section.letters, size)
    if section.table:
        _table(word, section.table, fit.SMALL * size, _inner(memo))
    for text in section.bullets:
        word.add_paragraph(text, style="List Bullet")
    if section.checks:
        _checks(word, memo, section)


def _checks(word: Word, memo: MemoView, section: Section) -> None:
    """In two columns, each read down."""
    half = math.ceil(len(section.checks) / 2)
    made = word.add_table(rows=1, cols=2)
    for cell, part in zip(made.rows[0].cells, (section.checks[:half], section.checks[half:]), strict=True):
        for number, check in enumerate(part):
            said = cell.add_paragraph() if number else cell.paragraphs[0]
            said.add_run(f"{memo.mark(check)}: {check.title}.").bold = True
            said.add_run(f" {check.text}")


def _letters(word: Word, memo: MemoView, letters: tuple[LetterPicture, ...], size: float) -> None:
    """Side by side in a row without lines, each with its label and its own words; many in words alone."""
    _line(word, memo.apart, size=fit.SMALL * size).paragraph_format.keep_with_next = True
    across, pictured = fit.across(len(letters)), len(letters) <= fit.PICTURED
    made = word.add_table(rows=math.ceil(len(letters) / across), cols=across)
    for number, letter in enumerate(letters):
        said = made.cell(number // across, number % across).paragraphs[0]
        if pictured:
            width = fit.picture_width(size, len(letters), _inner(memo))
            _framed(_picture(said, fit.beginning(letter), letter.alt, width=width))
            said.add_run().add_break()
        label = said.add_run(letter.label)
        label.bold, label.font.size = True, _points(fit.SMALL * size)
        if letter.words:
            said.add_run().add_break()
            words = said.add_run(letter.words if len(letters) <= 2 else letter.brief)
            words.font.size = _points(fit.SMALL * size)


def _table(word: Word, table: TableBlock, size: float, inner: float) -> None:
    _line(word, table.caption, bold=True, size=size).paragraph_format.keep_with_next = True
    made = word.add_table(rows=1, cols=len(table.header), style="Table Grid")
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    made.rows[0]._tr.get_or_add_trPr().append(repeated)
    for row in (table.header, *table.rows):
        cells = made.rows[0].cells if row is table.header else made.add_row().cells
        for cell, text, right in zip(cells, row, table.right, strict=True):
            said = cell.paragraphs[0]
            run = said.add_run(text)
            run.font.size, run.bold = _points(size), row is table.header
            said.paragraph_format.space_after = Pt(0)
            if right:
                said.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    made.autofit = False
    for column, width in zip(made.columns, fit.columns(table, size, 72 * inner), strict=True):
        column.width = Pt(width)  # LibreOffice reads the column's, Word the cells'
        for cell in column.cells:
            cell.width = Pt(width)


def _line(word: Word, text: str, *, bold: bool = False, size: float | None = None) -> Paragraph:
    made = word.add_paragraph()
    run = made.add_run(text)
    run.bold = bold or None
    if size is not None:
        run.font.size = _points(size)
    return made


def _picture(into: Paragraph, png: bytes, alt: str, *, width: float) -> InlineShape:
    shape = into.add_run().add_picture(io.BytesIO(png), width=Inches(width))
    shape._inline.docPr.set("descr", alt)
    return shape


def _framed(shape: InlineShape) -> None:
    """A thin gray line around a picture."""
    line, fill, color = (OxmlElement(f"a:{tag}") for tag in ("ln", "solidFill", "srgbClr"))
    line.set("w", str(int(Pt(0.5))))
    color.set("val", "777777")
    fill.append(color)
    line.append(fill)
    shape._inline.graphic.graphicData.pic.spPr.append(line)


def _points(size: float) -> Pt:
    """Word knows half points."""
    return Pt(round(2 * size) / 2)


def _inner(memo: MemoView) -> float:
    return PAPER[memo.paper][0] - 2 * MARGIN


def _dated(data: bytes) -> bytes:
    """The same file with every entry at one fixed time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, ZIP_TIME)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(info, old.read(name))
    return packed.getvalue()
