"""trial.toml: what TOML readers trip over, numbers that are none, conditions that would not end, paths that lead out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from hostile.case import LISTED, Case
from hostile.ground import DEFINITION


def edited(old: str, new: str) -> Callable[[], bytes]:
    def make() -> bytes:
        assert DEFINITION.count(old) == 1, old
        return DEFINITION.replace(old, new).encode("utf-8", "surrogatepass")

    return make


def added(text: str, table: str = "[trial]") -> Callable[[], bytes]:
    return edited(f"{table}\n", f"{table}\n{text}\n")


def eligible(condition: str) -> Callable[[], bytes]:
    return added(
        f"eligible = {condition!r}" if "'" not in condition else f'eligible = "{condition}"', "[frame]"
    )


SHARE = 'label = "A letter"\n'
TITLE = '"Does a letter get bills paid?"'


def cases() -> Iterator[Case]:
    make = partial(Case, "trial.toml", door="definition", code=LISTED)
    yield make("a sound definition", lambda: DEFINITION.encode(), code=None)
    yield make("CRLF", lambda: DEFINITION.replace("\n", "\r\n").encode(), code=None)
    yield make("no byte", lambda: b"")
    yield make("a comment alone", lambda: b"# nothing\n")
    yield make("YAML", lambda: b"trial:\n  title: x\n")
    yield make("JSON", lambda: b'{"trial": {"title": "x"}}')
    yield make("a picture", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    yield make("a mark first", lambda: b"\xef\xbb\xbf" + DEFINITION.encode())
    yield make("UTF-16", lambda: DEFINITION.encode("utf-16"))
    yield make("Windows-1252", lambda: DEFINITION.replace("Ana", "José").encode("cp1252"))
    yield make("a NUL", edited(TITLE, '"a\0b"'))
    yield make("half a pair", edited(TITLE, '"a\ud800b"'))
    yield make("half a pair, escaped", edited(TITLE, '"a\\ud800b"'))
    yield make("5,000 brackets", added("keywords = " + "[" * 5_000 + "]" * 5_000))
    yield make("5,000 tables in one another", lambda: DEFINITION.encode() + b"[" + b"a." * 5_000 + b"a]\n")
    yield make("5,000 inline tables", added("x = " + "{a=" * 5_000 + "1" + "}" * 5_000))
    yield make("a number of 5,000 digits", edited(SHARE, SHARE + "share = " + "9" * 5_000 + "\n"))
    yield make("a number of 5,000 hex digits", edited(SHARE, SHARE + "share = 0x" + "f" * 5_000 + "\n"))
    yield make("1 MiB and a byte", lambda: DEFINITION.encode() + b"#" * ((1 << 20) + 1))
    yield make(
        "100,000 keys",
        lambda: DEFINITION.encode() + b"[x]\n" + b"".join(b"k%d=1\n" % i for i in range(80_000)),
        seconds=30,
    )
    yield make("a key of 500,000 letters", added("k" * 500_000 + " = 1"))
    yield make("a key twice", added('title = "again"'))
    yield make("a table twice", lambda: DEFINITION.encode() + b'[trial]\ntitle = "again"\n')
    yield make("a key with an escape code", added('"\\u001b[2J" = 1'))
    yield make("a key in look-alikes", edited('title = "Does', 't\u0456tle = "Does'))
    for name, value in {
        "true": "true",
        "a fraction": "1.5",
        "1e0": "1.0e0",
        "nan": "nan",
        "inf": "inf",
        "nought": "0",
        "below nought": "-1",
        "text": '"2"',
        "a list": "[2]",
        "a million and one": "1000001",
        "2^63": str(2**63),
        "in hex": "0x2",
    }.items():
        yield make(
            f"share = {name}",
            edited(SHARE, f"{SHARE}share = {value}\n"),
            code=None if name == "in hex" else LISTED,
        )
    for name, value in {
        "nan": "nan",
        "inf": "inf",
        "true": "true",
        "nought": "0.0",
        "text": '"0.05"',
        "one": "1",
        "1e-400": "1e-400",
    }.items():
        yield make(f"alpha = {name}", added(f"alpha = {value}", "[analysis]"))
    for name, value in {
        "nan": "nan",
        "-inf": "-inf",
        "true": "true",
        "text": '"1"',
        "a day": "2026-01-05",
    }.items():
        yield make(f"worthwhile = {name}", edited("worthwhile = 0.01", f"worthwhile = {value}"))
    yield make("control = 1", edited("control = true", "control = 1"))
    yield make(
        "a window of a billion days",
        edited(
            'missing = "zero"\n',
            'missing = "zero"\nrows = "event"\ndate_column = "d"\nwindow_days = 1000000000\n',
        ),
    )
    yield make("an escape code in the title", edited(TITLE, '"Pay \\u001b[31mnow"'))
    yield make("a reversal in the title", edited(TITLE, '"Pay \\u202ewon"'))
    yield make("a line break in the title", edited(TITLE, '"""Pay\nnow"""'))
    yield make("a blank title", edited(TITLE, '" \\u00a0 "'))
    yield make("a title of 900,000 letters", edited(TITLE, '"' + "x" * 900_000 + '"'))
    yield make(
        "markup in the title",
        edited(TITLE, "'<script>alert(1)</script> #read(\"x\") {{ 7*7 }} =1+1'"),
        code=None,
    )
    for name, value in {
        "the year 1": "0001-01-01",
        "a day that is none": "2026-02-30",
        "text": '"2026-01-05"',
        "a time": "09:00:00",
        "a moment": "2026-01-05T09:00:00Z",
        "the year 9999": "9999-12-31",
    }.items():
        yield make(f"date: {name}", lambda value=value: _dated(value))
    for arm in ("con", "A", "a b", "../x", "é", "a" * 65, "\\u001b", "", "__proto__"):
        yield make(
            f"an arm called `{arm[:10]}{'…' if arm[10:] else ''}`", edited("[arms.letter]", f'[arms."{arm}"]')
        )
    for path in (
        "../../../etc/passwd",
        "/etc/passwd",
        "letter.md\\u0000",
        "C:\\\\x.md",
        "..\\\\x.md",
        "",
        ".",
        "nul",
        "~/x.md",
        "letter.md/",
    ):
        yield make(f"a template at `{path}`", edited('template = "letter.md"', f'template = "{path}"'))
    for name, condition in {
        "a call": "__import__('os').system('id')",
        "an attribute": "balance.__class__",
        "a lambda": "(lambda: 1)()",
        "a power": "9 ** 9 ** 9 ** 9",
        "a contact column": "name == 'x'",
        "an unknown sign": "balance === 1",
        "nothing": "",
        "5,000 nots": "not " * 900 + "balance > 1",
        "900 brackets": "(" * 900 + "balance > 1" + ")" * 900,
        "over 4 kB": "balance > 1 or " * 400 + "balance > 1",
        "a comprehension": "[x for x in balance]",
        "a walrus": "(x := 1)",
        "a string of escapes": "language == '\\\\x1b'",
        "1_000": "balance > 1_000",
        "other digits": "balance > ٣",
        "nan": "balance > nan",
        "1e400": "balance > 1e400",
        "a reversal": "balance > 1 \u202e",
    }.items():
        yield make(f"eligible: {name}", eligible(condition))


def _dated(value: str) -> bytes:
    lines = [f"date = {value}" if line.startswith("date = ") else line for line in DEFINITION.split("\n")]
    return "\n".join(lines).encode()
