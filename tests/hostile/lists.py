"""Lists, outcomes and mailed pieces as CSV: encodings, shapes, ids, numbers, dates."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence

from hostile.case import LISTED, Case
from hostile.ground import HEAD, people

AT = 5  # the data row that is spoilt
ACCOUNT, NAME, LANGUAGE, BALANCE, OPT_OUT = range(5)


def text(rows: Sequence[Sequence[str]], head: Sequence[str] = HEAD, **how: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", **how).writerows([head, *rows])  # type: ignore[arg-type]
    return out.getvalue()


def cells(*changes: tuple[int, int, str]) -> list[list[str]]:
    """The sound rows, cells replaced: (row from 1, column, value)."""
    rows = people()
    for row, column, value in changes:
        rows[row - 1][column] = value
    return rows


def cell(column: int, value: str) -> Callable[[], bytes]:
    return lambda: text(cells((AT, column, value))).encode()


def encoded(value: str, encoding: str, *, mark: bytes = b"", cut: int = 0) -> Callable[[], bytes]:
    def make() -> bytes:
        data = mark + text(cells((AT, NAME, value))).encode(encoding)
        return data[: len(data) - cut]

    return make


def raw(value: bytes) -> Callable[[], bytes]:
    """Bytes in place of a name, whatever they mean."""
    return lambda: text(cells((AT, NAME, "@@"))).encode().replace(b"@@", value)


def lines(change: Callable[[str], str]) -> Callable[[], bytes]:
    return lambda: change(text(people())).encode()


BOM8, BOM16LE, BOM16BE = b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"


def encodings() -> Iterator[Case]:
    kind = "encodings"
    name = "José Núñez"
    yield Case(kind, "UTF-8", encoded(name, "utf-8"), stored={"name": name})
    yield Case(kind, "UTF-8 with a mark", encoded(name, "utf-8", mark=BOM8), stored={"name": name})
    yield Case(kind, "UTF-16 LE with a mark", encoded(name, "utf-16-le", mark=BOM16LE), stored={"name": name})
    yield Case(kind, "UTF-16 BE with a mark", encoded(name, "utf-16-be", mark=BOM16BE), stored={"name": name})
    yield Case(
        kind, "UTF-16 beyond the first plane", encoded("𝒜nn 👩‍👧", "utf-16-le", mark=BOM16LE), code=LISTED
    )
    yield Case(kind, "UTF-16 without a mark", encoded(name, "utf-16-le"), code=LISTED)
    yield Case(
        kind, "UTF-16 cut in a character", encoded(name, "utf-16-le", mark=BOM16LE, cut=1), code=LISTED
    )
    yield Case(
        kind,
        "UTF-16 with half a pair",
        lambda: encoded("Ann@", "utf-16-le", mark=BOM16LE)().replace(b"@\0", b"\x00\xd8"),
        code=LISTED,
    )
    yield Case(kind, "UTF-32 with a mark", encoded(name, "utf-32-le", mark=b"\xff\xfe\0\0"), code=LISTED)
    yield Case(kind, "Windows-1252", encoded(name, "cp1252"), code=LISTED, row=AT)
    yield Case(
        kind,
        "Windows-1252, said so",
        encoded("José “Pepe” €", "cp1252"),
        stored={"name": "José “Pepe” €"},
        args=("--encoding", "windows-1252"),
    )
    yield Case(
        kind,
        "Windows-1252 with a byte that is none",
        raw(b"Ann\x81"),
        code=LISTED,
        args=("--encoding", "windows-1252"),
    )
    yield Case(kind, "Mac Roman", encoded(name, "mac_roman"), code=LISTED, row=AT)
    yield Case(kind, "Latin-1 with a C1 control", raw(b"Ann\x85"), code=LISTED, row=AT)
    yield Case(kind, "Shift JIS", encoded("山田", "shift_jis"), code=LISTED, row=AT)
    yield Case(kind, "GB 18030", encoded("山田", "gb18030"), code=LISTED, row=AT)
    yield Case(
        kind,
        "an encoding that is none",
        encoded(name, "cp1252"),
        code=LISTED,
        args=("--encoding", "ebcdic-cp-us-x"),
    )
    yield Case(
        kind, "an encoding that runs code", encoded(name, "cp1252"), code=LISTED, args=("--encoding", "rot13")
    )
    yield Case(kind, "UTF-8 overlong slash", raw(b"..\xc0\xaf"), code=LISTED, row=AT)
    yield Case(kind, "UTF-8 overlong NUL", raw(b"Ann\xc0\x80"), code=LISTED, row=AT)
    yield Case(kind, "UTF-8 surrogates (CESU-8)", raw(b"\xed\xa0\xbd\xed\xb1\xa9"), code=LISTED, row=AT)
    yield Case(kind, "UTF-8 of five bytes", raw(b"\xf8\x88\x80\x80\x80"), code=LISTED, row=AT)
    yield Case(kind, "UTF-8 beyond Unicode", raw(b"\xf4\x90\x80\x80"), code=LISTED, row=AT)
    yield Case(
        kind,
        "UTF-8 cut in a character",
        lambda: text(people()).encode() + "A999,José".encode()[:-1],
        code=LISTED,
    )
    yield Case(kind, "UTF-8 twice over", encoded("JosÃ©", "utf-8"), stored={"name": "JosÃ©"})
    yield Case(kind, "UTF-7", encoded("+AEE-nn", "utf-8"), stored={"name": "+AEE-nn"})
    yield Case(kind, "a NUL", raw(b"An\0n"), code=LISTED)
    yield Case(kind, "a mark within", raw(b"\xef\xbb\xbfAnn"), code=LISTED, row=AT, field="name")
    yield Case(kind, "U+2028 in a name", encoded("Ann\u2028Lee", "utf-8"), code=LISTED, row=AT, field="name")
    yield Case(kind, "U+0085 in a name", encoded("Ann\u0085Lee", "utf-8"), code=LISTED, row=AT, field="name")
    yield Case(kind, "U+001C in a name", encoded("Ann\u001cLee", "utf-8"), code=LISTED, row=AT, field="name")
    yield Case(
        kind, "an escape code in a name", encoded("Ann\x1b[2J", "utf-8"), code=LISTED, row=AT, field="name"
    )
    yield Case(
        kind, "a reversed name (U+202E)", encoded("Ann\u202eeel", "utf-8"), code=LISTED, row=AT, field="name"
    )
    yield Case(
        kind, "an unassigned character", encoded("Ann\u0378", "utf-8"), code=LISTED, row=AT, field="name"
    )
    yield Case(
        kind, "a character for private use", encoded("Ann\ue000", "utf-8"), code=LISTED, row=AT, field="name"
    )
    yield Case(kind, "decomposed letters", encoded("Jose\u0301", "utf-8"), stored={"name": "José"})
    yield Case(
        kind,
        "joiners of Persian and emoji",
        encoded("می\u200cخواهم", "utf-8"),
        stored={"name": "می\u200cخواهم"},
    )


def shapes() -> Iterator[Case]:
    kind = "CSV shapes"
    yield Case(kind, "no byte", lambda: b"", code=LISTED)
    yield Case(kind, "blank lines alone", lambda: b"\n\n \n\t\n", code=LISTED)
    yield Case(kind, "a mark alone", lambda: BOM8, code=LISTED)
    yield Case(kind, "a header alone", lines(lambda t: t.split("\n")[0] + "\n"), code=LISTED)
    yield Case(kind, "a header and blank lines", lines(lambda t: t.split("\n")[0] + "\n\n\n"), code=LISTED)
    yield Case(kind, "the header twice", lines(lambda t: t.split("\n")[0] + "\n" + t), code=LISTED, row=1)
    yield Case(
        kind, "two columns of one name", lines(lambda t: t.replace("language", "name", 1)), code=LISTED
    )
    yield Case(
        kind,
        "two columns of one name in two spellings",
        lambda: text([[*r, "", ""] for r in people()], (*HEAD, "é", "e\u0301")).encode(),
        code=LISTED,
    )
    yield Case(
        kind,
        "a missing column",
        lines(lambda t: t.replace("balance", "balanse", 1)),
        code=LISTED,
        field="balance",
    )
    yield Case(
        kind,
        "columns without a name",
        lambda: text([[*r, "x", "y"] for r in people()], (*HEAD, "", "")).encode(),
        stored={"name": "Person 5"},
    )
    yield Case(
        kind,
        "an escape code in an unused column's name",
        lambda: text([[*r, "x"] for r in people()], (*HEAD, "\x1b[31mred")).encode(),
        stored={"name": "Person 5"},
    )
    yield Case(
        kind,
        "a formula as an unused column's name",
        lambda: text([[*r, "x"] for r in people()], (*HEAD, "=cmd|'/c calc'!A0")).encode(),
        stored={"name": "Person 5"},
    )
    yield Case(
        kind,
        "a line break in a used column's name",
        lines(lambda t: t.replace("name", '"na\nme"', 1)),
        code=LISTED,
    )
    yield Case(
        kind,
        "a quote never closed",
        lines(lambda t: t.replace("Person 5", '"Person 5', 1)),
        code=LISTED,
        row=AT,
    )
    yield Case(
        kind,
        "a quote never closed in the last row",
        lines(lambda t: t.replace(f"Person {len(people())}", f'"Person {len(people())}', 1)),
        code=LISTED,
    )
    yield Case(
        kind,
        "a quote within a bare value",
        lines(lambda t: t.replace("Person 5", 'Person "5"', 1)),
        code=LISTED,
    )
    yield Case(
        kind,
        "a quoted value with a tail",
        lines(lambda t: t.replace("Person 5", '"Person 5"x', 1)),
        code=LISTED,
    )
    yield Case(
        kind,
        "quotes doubled",
        lines(lambda t: t.replace("Person 5", '"Person ""5"""', 1)),
        stored={"name": 'Person "5"'},
    )
    yield Case(
        kind,
        "a line break in a name",
        lines(lambda t: t.replace("Person 5", '"Person\n5"', 1)),
        code=LISTED,
        row=AT,
        field="name",
    )
    yield Case(
        kind,
        "a line break in an unused column",
        lambda: text([[*r, "a\nb"] for r in people()], (*HEAD, "note")).encode(),
        stored={"name": "Person 5"},
    )
    yield Case(kind, "a value too few", lines(lambda t: t.replace("Person 5,", "", 1)), code=LISTED, row=AT)
    yield Case(
        kind, "a value too many", lines(lambda t: t.replace("Person 5", "Person 5,x", 1)), code=LISTED, row=AT
    )
    yield Case(
        kind,
        "a comma at every line's end",
        lines(lambda t: t.replace("\n", ",\n")),
        stored={"name": "Person 5"},
    )
    yield Case(kind, "CRLF", lines(lambda t: t.replace("\n", "\r\n")), stored={"name": "Person 5"})
    yield Case(kind, "CR alone", lines(lambda t: t.replace("\n", "\r")), stored={"name": "Person 5"})
    yield Case(
        kind,
        "line ends mixed",
        lines(lambda t: t.replace("\n", "\r\n", 3).replace("\n", "\r", 1)),
        code=LISTED,
    )
    yield Case(kind, "no line end at the end", lines(lambda t: t.rstrip("\n")), stored={"name": "Person 5"})
    yield Case(kind, "semicolons", lines(lambda t: t.replace(",", ";")), stored={"name": "Person 5"})
    yield Case(kind, "tabs", lines(lambda t: t.replace(",", "\t")), stored={"name": "Person 5"})
    yield Case(
        kind,
        "semicolons and decimal commas",
        lines(lambda t: t.replace(",", ";").replace(".5", ",5")),
        code=LISTED,
        row=1,
        field="balance",
    )
    yield Case(kind, "a line 'sep=;'", lines(lambda t: "sep=;\n" + t.replace(",", ";")), code=LISTED)
    yield Case(kind, "words above the header", lines(lambda t: "List of accounts\n\n" + t), code=LISTED)
    yield Case(kind, "a field of 200,000 characters", cell(NAME, "x" * 200_000), code=LISTED)
    yield Case(
        kind,
        "an unused field of 200,000 characters",
        lambda: text(
            [[*r, "x" * (200_000 if i == 4 else 1)] for i, r in enumerate(people())], (*HEAD, "note")
        ).encode(),
        code=LISTED,
    )
    yield Case(
        kind,
        "10,000 columns",
        lambda: text(
            [[*r, *["x"] * 10_000] for r in people()], (*HEAD, *(f"c{i}" for i in range(10_000)))
        ).encode(),
        stored={"name": "Person 5"},
        seconds=20,
    )
    yield Case(
        kind, "a row of 1,000,000 commas", lines(lambda t: t + "," * 1_000_000 + "\n"), code=LISTED, row=25
    )
    yield Case(
        kind,
        "300,000 blank lines",
        lines(lambda t: t + "\n" * 300_000),
        stored={"name": "Person 5"},
        seconds=20,
    )
    yield Case(kind, "one line of 8 MiB", lambda: b"x" * (8 << 20), code=LISTED, seconds=20)
    yield Case(
        kind, "a million quotes", lambda: text(people()).encode() + b'"' * 1_000_001, code=LISTED, seconds=20
    )
    yield Case(kind, "a picture", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, code=LISTED)
    yield Case(
        kind, "a page of HTML", lambda: b"<html><table><tr><td>account</td></tr></table></html>", code=LISTED
    )


def ids() -> Iterator[Case]:
    kind = "ids"

    def two(one: str, other: str) -> Callable[[], bytes]:
        return lambda: text(cells((AT, ACCOUNT, one), (AT + 1, ACCOUNT, other))).encode()

    exact = {
        "leading zeros": "000123", "a word that is no NULL": "NULL", "a word that is no NA": "NA", "nan": "nan",
        "None": "None", "a formula": "=1+1", "a path": "../../etc/passwd", "SQL": "'; DROP TABLE event;--",
        "a template": "{{ 7*7 }}", "an emoji": "🏠7", "an apostrophe first": "'00123",
        "a digit of another script": "٣٤٥", "a hundred marks on one letter": "a" + "\u0335" * 100, "a percent sign": "%00%n",
    }  # fmt: skip
    for name, id in exact.items():
        yield Case(kind, name, cell(ACCOUNT, id), stored={"account": id})
    yield Case(kind, "spaces and a hard space around", cell(ACCOUNT, " \u00a0X1\t"), stored={"account": "X1"})
    alike = {
        "zeros": ("0123", "123"), "a point and zero": ("123", "123.0"), "case": ("ab1", "AB1"),
        "Cyrillic": ("A1", "\u04101"), "full width": ("12", "１２"), "O and zero": ("O1", "01"),
        "dashes": ("1-2", "1–2"), "a hard space within": ("1 2", "1\u00a02"),
    }  # fmt: skip
    for name, (one, other) in alike.items():
        yield Case(kind, f"two that differ by {name}", two(one, other), stored={"account": one}, warns=LISTED)
    yield Case(kind, "one id twice", two("X1", "X1"), code=LISTED, row=AT, field="account")
    yield Case(kind, "one id, composed and not", two("É1", "E\u03011"), code=LISTED, row=AT, field="account")
    yield Case(
        kind, "one id, with a hard space after", two("X1", "X1\u00a0"), code=LISTED, row=AT, field="account"
    )
    yield Case(kind, "no id", cell(ACCOUNT, ""), code=LISTED, row=AT, field="account")
    yield Case(kind, "spaces alone", cell(ACCOUNT, " \u00a0"), code=LISTED, row=AT, field="account")
    for name, id in {
        "a zero-width space": "1\u200b2",
        "a joiner": "1\u200d2",
        "a soft hyphen": "1\u00ad2",
        "a reversal": "1\u202e2",
        "a tab within": "1\t2",
        "a line break": "1\n2",
        "an escape code": "1\x1b[2J",
        "a tag character": "1\U000e0041",
        "a variation of an unassigned place": "1\U000e01f0",
    }.items():
        yield Case(kind, name, cell(ACCOUNT, id), code=LISTED, row=AT, field="account")
    yield Case(kind, "an id of 100,000 characters", cell(ACCOUNT, "9" * 100_000), code=LISTED)


def numbers() -> Iterator[Case]:
    kind = "numbers"
    for value in (
        "1_000", "٣٤", "१२", "１２", "inf", "-inf", "Infinity", "nan", "NaN", "1e400", "-1e999", "0x10", "0b1", "0o7", "1j",
        "1,5", "1 000", "1’000", "$5", "5%", "(5)", "−5", "--5", "+-5", ".5", "5.", "1e", "1e+", "e5", "1d5", "true",
        "½", "²", "Ⅻ", "1.2.3", "=5", "'5", "5\u200b", "\u202a5",
    ):  # fmt: skip
        yield Case(
            kind,
            f"`{value.encode('unicode_escape').decode() if not value.isprintable() else value}`",
            cell(BALANCE, value),
            code=LISTED,
            row=AT,
            field="balance",
        )
    large = cell(BALANCE, "1.7976931348623157e308")
    yield Case(kind, "`1.7976931348623157e308`", large, code=LISTED, row=AT, field="balance")
    yield Case(kind, "400 digits", cell(BALANCE, "9" * 400), code=LISTED, row=AT, field="balance")
    yield Case(kind, "100,000 digits", cell(BALANCE, "1" * 100_000), code=LISTED, row=AT, field="balance")
    yield Case(
        kind,
        "an exponent of 100,000 digits",
        cell(BALANCE, "1e" + "9" * 100_000),
        code=LISTED,
        row=AT,
        field="balance",
    )
    for value, number in {
        "+5": 5.0,
        "-0": 0.0,
        "007": 7.0,
        "1e3": 1000.0,
        "1E-3": 0.001,
        "1e-400": 0.0,
        "9007199254740993": 9007199254740992.0,
        "0.1": 0.1,
        "\u00a05 ": 5.0,
    }.items():
        yield Case(
            kind,
            f"`{value.strip(chr(160) + ' ')}`" + (" between hard spaces" if value[0] == chr(160) else ""),
            cell(BALANCE, value),
            stored={"balance": number},
        )


def answers() -> Iterator[Case]:
    kind = "yes and no"
    for value in ("maybe", "2", "ja", "yes!", "ＹＥＳ", "1.0", "-1", "on", "yes\u200b", "oui", "✓"):
        shown = value if value.isprintable() else value.encode("unicode_escape").decode()
        yield Case(kind, f"`{shown}`", cell(OPT_OUT, value), code=LISTED, row=AT, field="do_not_mail")


def outcomes() -> Iterator[Case]:
    kind = "outcomes"
    head = ("account", "paid", "amount")

    def rows(*changed: tuple[str, str, str]) -> Callable[[], bytes]:
        sound = [(f"A{i:03d}", str(i % 2), f"{i}.25") for i in range(1, 11)]
        return lambda: text([*changed, *sound], head).encode()

    def one(account: str = "A020", paid: str = "1", amount: str = "5") -> Callable[[], bytes]:
        return rows((account, paid, amount))

    where = {"door": "outcomes", "kind": kind}
    yield Case(name="a sound file", make=one(), **where)  # type: ignore[arg-type]
    for value in ("2", "maybe", "1_0", "１", "nan", "True!", "1.0"):
        yield Case(name=f"paid `{value}`", make=one(paid=value), code=LISTED, row=1, field="paid", **where)  # type: ignore[arg-type]
    for value in ("1,5", "inf", "nan", "1e400", "٣", "=1", "0x1", "1_0"):
        yield Case(
            name=f"amount `{value}`", make=one(amount=value), code=LISTED, row=1, field="amount", **where
        )  # type: ignore[arg-type]
    yield Case(name="no value", make=one(paid="", amount=""), **where)  # type: ignore[arg-type]
    yield Case(name="an unknown account", make=one("A999"), code=LISTED, row=1, field="account", **where)  # type: ignore[arg-type]
    yield Case(
        name="an account in other zeros", make=one("A20"), code=LISTED, row=1, field="account", **where
    )  # type: ignore[arg-type]
    yield Case(
        name="an account in Cyrillic", make=one("\u0410020"), code=LISTED, row=1, field="account", **where
    )  # type: ignore[arg-type]
    yield Case(name="an account twice", make=one("A001"), code=LISTED, row=1, field="account", **where)  # type: ignore[arg-type]
    yield Case(
        name="an account with an escape code",
        make=one("A020\x1b[2J"),
        code=LISTED,
        row=1,
        field="account",
        **where,
    )  # type: ignore[arg-type]
    yield Case(name="no account", make=one(""), code=LISTED, row=1, field="account", **where)  # type: ignore[arg-type]
    yield Case(name="no outcome's column", make=lambda: b"account,payed\nA001,1\n", code=LISTED, **where)  # type: ignore[arg-type]


def mailed() -> Iterator[Case]:
    kind = "mailed pieces"
    where = {"door": "mailed", "kind": kind}

    def pieces(*rows: str) -> Callable[[], bytes]:
        return lambda: "\n".join(["account,status,reason,date", *rows]).encode() + b"\n"

    def counts(*rows: str) -> Callable[[], bytes]:
        return lambda: "\n".join(["version,file,printed,mailed,spoilage", *rows]).encode() + b"\n"

    yield Case(name="a sound file", make=pieces("A001,opened,,"), **where)  # type: ignore[arg-type]
    for name, row, field in (
        ("a status that is none", "A001,flown,,", "status"),
        ("a status with an escape code", "A001,mailed\x1b[2J,,", "status"),
        ("a reason that is none", "A001,returned,=1+1,", "reason"),
        ("a day that is none", "A001,returned,moved,2026-02-30", "date"),
        ("a day in other digits", "A001,returned,moved,２０２６-01-01", "date"),
        ("a day of the month first", "A001,returned,moved,01/02/2026", "date"),
        ("a day to come", "A001,returned,moved,9999-12-31", "date"),
        ("the year nought", "A001,returned,moved,0000-01-01", "date"),
        ("an unknown account", "A999,returned,moved,", "account"),
        ("no account", ",returned,moved,", "account"),
    ):
        yield Case(name=name, make=pieces(row), code=LISTED, row=1, field=field, **where)  # type: ignore[arg-type]
    yield Case(
        name="a reference that is none",
        make=lambda: b"reference,status\nZZZZ-ZZZZ,mailed\n",
        code=LISTED,
        row=1,
        field="reference",
        **where,
    )  # type: ignore[arg-type]
    for value in ("-1", "1.5", "1e3", "1_0", "٣", "inf", "9" * 30, ""):
        yield Case(
            name=f"printed `{value[:6]}{'…' if value[6:] else ''}`",
            make=counts(f"A,12,{value},12,0", "B,12,12,12,0"),
            code=LISTED,
            row=1,
            field="printed",
            **where,
        )  # type: ignore[arg-type]
    yield Case(
        name="a version that is none",
        make=counts("A,12,12,12,0", "B,12,12,12,0", "C,12,12,12,0"),
        code=LISTED,
        field="version",
        **where,
    )  # type: ignore[arg-type]
    yield Case(name="neither counts nor pieces", make=lambda: b"a,b\n1,2\n", code=LISTED, **where)  # type: ignore[arg-type]


def cases() -> Iterator[Case]:
    for make in (encodings, shapes, ids, numbers, answers, outcomes, mailed):
        yield from make()
