"""How an office writes dates, numbers and yes or no: declared in the definition, never guessed when a file is read.

A date is declared as `M/D/YYYY`, a number by a sample (`$1,234.50`, `1.234,5`, `12.5%`), digits with zeros in front as
`0000000`. Each format reads what fits it and nothing else. What a spreadsheet stores as a number or a date is no text:
it is taken as it is stored, and shown as the format writes it where its column is read as text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cached_property
from itertools import pairwise

from rct.tables.values import TIME, TRIM, parse_date, parse_number, parse_yes_no

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
         "december")  # fmt: skip
_PARTS = re.compile(r"YYYY|YY|MMM|MM|M|DD|D|[^A-Za-z0-9]{1,2}")
_DIGITS = {
    "YYYY": ("year", "[0-9]{4}"),
    "YY": ("year", "[0-9]{2}"),
    "MMM": ("month", "[A-Za-z]{3,9}"),
    "MM": ("month", "[0-9]{2}"),
    "M": ("month", "[0-9]{1,2}"),
    "DD": ("day", "[0-9]{2}"),
    "D": ("day", "[0-9]{1,2}"),
}
_SAMPLE = re.compile(
    r"(?P<sign>[^\d\s.,()%-]{1,3}[ ]?)?(?P<body>[0-9][0-9.,' \u00a0\u202f]*)(?P<end>[ ]?(?:%|[^\d\s.,()-]{1,3}))?"
)
_GROUPED = re.compile(r"[0-9]{1,3}(?P<group>[.,' \u00a0\u202f])[0-9]{3}(?:(?P<point>[.,])(?P<after>[0-9]+))?")
_SIMPLE = re.compile(r"[0-9]+(?:(?P<point>[.,])(?P<after>[0-9]+))?")
_ZEROS = re.compile(r"0{2,20}")
_WIDE = Context(prec=60)  # the largest number has 31 digits, and decimals
_CENTURY = 2000  # of a year in two digits
DATES = "a day such as M/D/YYYY, DD.MM.YYYY, D-MMM-YYYY or YYYYMMDD: Y, M and D each once"
NUMBERS = "a sample such as $1,234.50, 1.234,50, 1 234,5, 1234.5 or 12.5%"
ANY = f"{DATES}; {NUMBERS}; or zeros, such as 0000000 for digits with zeros in front"


class FormatError(ValueError):
    """What was declared is no format; the text says what one looks like."""


@dataclass(frozen=True)
class DateFormat:
    """A day as `M/D/YYYY`. M and D take one or two digits, MM and DD two, MMM an English name, YY a year of this
    century. YYYY-MM-DD is read too, whatever is declared: it can't be mistaken. A time after the day is ignored."""

    pattern: str

    def __post_init__(self) -> None:
        parts = _PARTS.findall(self.pattern)
        names = [_DIGITS[part][0] for part in parts if part in _DIGITS]
        whole = "".join(parts) == self.pattern and sorted(names) == ["day", "month", "year"]
        marks = [i for i, part in enumerate(parts) if part in _DIGITS]
        unclear = any(
            later == earlier + 1 and parts[earlier] in ("M", "D", "MMM") for earlier, later in pairwise(marks)
        )
        if not whole or unclear or names[:2] == ["year", "day"] or len(parts) > 7:
            raise FormatError(DATES)

    @cached_property
    def _reads(self) -> re.Pattern[str]:
        read = "".join(
            f"(?P<{_DIGITS[part][0]}>{_DIGITS[part][1]})" if part in _DIGITS else re.escape(part)
            for part in _PARTS.findall(self.pattern)
        )
        return re.compile(read + TIME)

    def parse(self, text: str) -> date | None:
        """The day, or None for what is not written so."""
        text = text.strip(TRIM)
        plain = parse_date(text)
        if plain is not None:
            return plain
        found = self._reads.fullmatch(text)
        if found is None:
            return None
        year, month = int(found["year"]), found["month"]
        if not month.isdigit():
            name = month.lower()
            if name not in _FULL and name not in _MONTHS and name != "sept":
                return None
            month = str(_MONTHS.index(name[:3]) + 1)
        try:
            return date(year + _CENTURY if len(found["year"]) == 2 else year, int(month), int(found["day"]))
        except ValueError:
            return None

    def write(self, day: date) -> str:
        """The day as the format writes it."""
        shown = {
            "YYYY": f"{day.year:04}",
            "YY": f"{day.year % 100:02}",
            "MMM": _MONTHS[day.month - 1].title(),
            "MM": f"{day.month:02}",
            "M": str(day.month),
            "DD": f"{day.day:02}",
            "D": str(day.day),
        }
        return "".join(shown.get(part, part) for part in _PARTS.findall(self.pattern))

    def text(self, cell: str, kind: str | None) -> str | None:
        """The cell as a text of this format; None where it does not fit. `kind` is the spreadsheet's note, if any."""
        if not cell.strip(TRIM):
            return cell
        if kind == "date":
            day = parse_date(cell)
            return None if day is None else self.write(day)
        return cell if kind in (None, "number") and self.parse(cell) is not None else None


@dataclass(frozen=True)
class NumberFormat:
    """A number as the sample is written: its currency sign (a value may leave it out), what stands between thousands (a
    value may leave that out too), the decimal sign, and a percent sign, which a value must have: 12.5% is 0.125."""

    pattern: str

    def __post_init__(self) -> None:
        if self._parts is None:
            raise FormatError(NUMBERS)

    @cached_property
    def _parts(self) -> tuple[str, str, str, int] | None:
        """(sign of the currency, or %; between thousands; decimal sign; decimals of the sample)."""
        sample = _SAMPLE.fullmatch(self.pattern)
        if sample is None or (sample["sign"] and sample["end"]):
            return None
        sign = (sample["sign"] or sample["end"] or "").strip()
        body = sample["body"].rstrip()
        grouped, simple = _GROUPED.fullmatch(body), _SIMPLE.fullmatch(body)
        if grouped and grouped["point"] != grouped["group"]:
            if grouped["group"] in ".," and not grouped["point"]:
                return None  # 1,234 may be a thousand or one and a bit
            return sign, grouped["group"], grouped["point"] or ".", len(grouped["after"] or "")
        if simple and not (simple["point"] == "," and len(simple["after"]) == 3):
            return sign, "", simple["point"] or ".", len(simple["after"] or "")
        return None

    @cached_property
    def _reads(self) -> re.Pattern[str]:
        assert self._parts is not None
        sign, group, point, _ = self._parts
        between = "[ \u00a0\u202f]" if group in (" ", "\u00a0", "\u202f") else re.escape(group)
        whole = f"[0-9]{{1,3}}(?:{between}[0-9]{{3}})+|[0-9]+" if group else "[0-9]+"
        part = f"(?:{re.escape(point)}(?P<part>[0-9]+))?"
        if sign == "%":
            return re.compile(rf"(?P<minus>-)?(?P<whole>{whole}){part}[ ]?%")
        mark = rf"(?:{re.escape(sign)}[ ]?)?" if sign else ""
        end = rf"(?:[ ]?{re.escape(sign)})?" if sign else ""
        return re.compile(rf"(?P<open>\()?{mark}(?P<minus>-)?{mark}(?P<whole>{whole}){part}{end}(?(open)\))")

    def plain(self, text: str) -> str | None:
        """The number as `1234.5`, '' where there is none, None for what is not written so."""
        text = text.strip(TRIM)
        if not text:
            return ""
        found = self._reads.fullmatch(text)
        if found is None or (found.groupdict().get("open") and found["minus"]):
            return None
        whole = re.sub(r"[^0-9]", "", found["whole"])
        number = f"{whole}.{found['part']}" if found["part"] else whole
        if self._parts is not None and self._parts[0] == "%":
            number = format(Decimal(number) / 100, "f")
        return f"-{number}" if found["minus"] or found.groupdict().get("open") else number

    def write(self, value: Decimal) -> str:
        """The number as the sample is written, with its decimals."""
        assert self._parts is not None
        sign, group, point, decimals = self._parts
        value = value * 100 if sign == "%" else value
        value = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _WIDE)
        text = f"{abs(value):,.{decimals}f}".replace(",", "\x00").replace(".", point).replace("\x00", group)
        before = self.pattern[:1] not in "0123456789"
        space = " " if re.search(r"[0-9] [^0-9 ]|[^0-9 ] [0-9]", self.pattern) else ""
        shown = f"{sign}{space}{text}" if before and sign else f"{text}{space}{sign}"
        return f"-{shown}" if value < 0 else shown

    def text(self, cell: str, kind: str | None) -> str | None:
        """As `DateFormat.text`."""
        if not cell.strip(TRIM):
            return cell
        if kind in ("format", "number"):
            return None if parse_number(cell) is None else self.write(Decimal(cell.strip(TRIM)))
        return cell if kind is None and self.plain(cell) is not None else None


@dataclass(frozen=True)
class Zeros:
    """Digits with zeros in front, such as `00000` for a ZIP code: fewer digits get them back. A longer one with a dash
    (02138-1234) fits too."""

    pattern: str

    def __post_init__(self) -> None:
        if not _ZEROS.fullmatch(self.pattern):
            raise FormatError(ANY)

    def text(self, cell: str, kind: str | None) -> str | None:
        """As `DateFormat.text`."""
        if kind not in (None, "format", "number"):
            return None
        digits = cell.strip(TRIM)
        if not digits:
            return cell
        width = len(self.pattern)
        if re.fullmatch("[0-9]+", digits):
            return digits.zfill(width)
        return digits if re.fullmatch(f"[0-9]{{{width}}}-[0-9]+", digits) else None


Format = DateFormat | NumberFormat | Zeros


def format_of(pattern: str) -> Format:
    """The format of one column. Raises `FormatError`."""
    for kind in (Zeros, DateFormat, NumberFormat):
        try:
            return kind(pattern)
        except FormatError:
            continue
    raise FormatError(ANY)


@dataclass(frozen=True)
class FileFormats:
    """What is declared for all files of a trial: `date` and `number` for every column that is read as one, `yes` and
    `no` as words beside the usual, `columns` for single columns, by the definition's name."""

    date: DateFormat | None = None
    number: NumberFormat | None = None
    yes: frozenset[str] = frozenset()
    no: frozenset[str] = frozenset()
    columns: Mapping[str, Format] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        date: str | None = None,
        number: str | None = None,
        yes: Collection[str] = (),
        no: Collection[str] = (),
        columns: Mapping[str, str] | None = None,
    ) -> FileFormats:
        """From what the definition says. Raises `FormatError`."""
        return cls(
            None if date is None else DateFormat(date),
            None if number is None else NumberFormat(number),
            frozenset(word.strip(TRIM).casefold() for word in yes),
            frozenset(word.strip(TRIM).casefold() for word in no),
            {name: format_of(pattern) for name, pattern in (columns or {}).items()},
        )

    def __bool__(self) -> bool:
        return bool(self.date or self.number or self.yes or self.no or self.columns)

    @property
    def of_numbers(self) -> bool:
        """Whether what a spreadsheet stores as a number must be told from a text."""
        return self.number is not None or any(not isinstance(f, DateFormat) for f in self.columns.values())

    def date_of(self, column: str) -> DateFormat | None:
        """How the days of a column are written, where that is declared."""
        own = self.columns.get(column)
        return own if isinstance(own, DateFormat) else self.date

    def number_of(self, column: str) -> NumberFormat | None:
        """How the numbers of a column are written, where that is declared."""
        own = self.columns.get(column)
        return own if isinstance(own, NumberFormat) else self.number

    def yes_no(self, text: str) -> bool | None:
        """As `parse_yes_no`, with the declared words before the usual."""
        word = text.strip(TRIM).casefold()
        if word in self.yes:
            return True
        return False if word in self.no else parse_yes_no(text)


@dataclass(frozen=True)
class Layout:
    """How an office's own files are laid out: `columns` (the definition's name → the file's heading) and `formats`."""

    columns: Mapping[str, str] = field(default_factory=dict)
    formats: FileFormats = field(default_factory=FileFormats)
