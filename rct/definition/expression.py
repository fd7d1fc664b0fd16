"""The words of the eligibility language, and the tree they make. `eligible.py` says what the tree means.

    condition  = both { "or" both }
    both       = single { "and" single }
    single     = "not" single | "(" condition ")" | comparison
    comparison = value op value { op value }  |  column [ "not" ] "in" "(" constant { "," constant } ")"
    value      = column | number | 'text'
    op         = == != < <= > >=

A column name of letters, digits and _ stands as it is; any other, or one that is a word of the language, in
back quotes: `Account Balance`. In a text, '' is one quotation mark. Nothing is ever given to Python's parser.

Read by hand: most of the reader is what it says of a mistake. A parser made from the grammar (lark) took as many lines,
220 ms more to start, and knew less of what was meant: one in seven broken conditions got a poorer sentence.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import NoReturn

from rct.errors import visible

MAX_BYTES = 4096
MAX_DEPTH = 50
WORDS = frozenset(("and", "or", "not", "in"))
LITERALS = frozenset(("true", "false", "none", "null"))  # a column of that name stands in back quotes
COMPARE = frozenset(("==", "!=", "<", "<=", ">", ">="))

_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n\u00a0]+)"
    r"|(?P<number>[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![\w.])"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<quoted>`(?:[^`]|``)+`)"
    r"|(?P<word>[^\W\d]\w*)"
    r"|(?P<op>==|!=|<=|>=|<(?!>)|>|[(),])"
)


class ExpressionError(ValueError):
    """The text is no condition: `rule`, `fix`, and `at`, the character where it goes wrong (from 1)."""

    def __init__(self, rule: str, fix: str, at: int, found: str):
        super().__init__(rule)
        self.rule, self.fix, self.at, self.found = rule, fix, at, found


@dataclass(frozen=True)
class ColumnReference:
    name: str
    at: int


@dataclass(frozen=True)
class Constant:
    """A number or a text, and where it stands."""

    value: float | str
    at: int


@dataclass(frozen=True)
class Compare:
    left: ColumnReference | Constant
    op: str
    right: ColumnReference | Constant


@dataclass(frozen=True)
class Among:
    """`column in (…)`; `negated` for `not in`."""

    column: ColumnReference
    values: tuple[Constant, ...]
    negated: bool


@dataclass(frozen=True)
class Not:
    inner: Node


@dataclass(frozen=True)
class Every:
    """All of `parts` hold (and)."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Some:
    """One of `parts` holds (or)."""

    parts: tuple[Node, ...]


Node = Compare | Among | Not | Every | Some


@dataclass(frozen=True)
class Token:
    kind: str  # number, text, column, word, literal, op, end
    text: str
    at: int


def read(text: str) -> Node:
    """The tree of a condition of at most 4 kB and 50 levels. Raises `ExpressionError`."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise ExpressionError(
            "A condition has at most 4,096 bytes.", "Prepare a yes/no column instead.", 1, ""
        )
    return _Parser(_tokens(text)).whole()


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            _no_token(text, at)
        kind, word = str(match.lastgroup), match[0]
        if kind == "text":
            tokens.append(Token("text", _plain(word[1:-1].replace("''", "'")), at + 1))
        elif kind == "quoted":
            tokens.append(Token("column", _plain(word[1:-1].replace("``", "`")), at + 1))
        elif kind == "word":
            kind = "word" if word in WORDS else "literal" if word.lower() in LITERALS else "column"
            tokens.append(Token(kind, _plain(word), at + 1))
        elif kind != "space":
            tokens.append(Token(kind, word, at + 1))
        at = match.end()
    return [*tokens, Token("end", "", len(text) + 1)]


def _plain(text: str) -> str:
    """As values of a file are read: NFC, without U+0009, U+0020 and U+00A0 at the ends."""
    return unicodedata.normalize("NFC", text).strip("\t \u00a0")


def _no_token(text: str, at: int) -> NoReturn:
    rest, c = text[at:], text[at]
    found = visible(rest[:20])
    if c == "'":
        raise ExpressionError("A text that starts with ' has no end.", "Close it with '.", at + 1, found)
    if c == "`":
        fix = "Write a column's name between two back quotes: `Account Balance`."
        raise ExpressionError("A column name that starts with ` has no end, or is empty.", fix, at + 1, found)
    hints = {
        '"': "Put texts in single quotes: 'open'.",
        "“": "Put texts in straight single quotes: 'open'.",
        "”": "Put texts in straight single quotes: 'open'.",
        "‘": "Put texts in straight single quotes: 'open'.",
        "’": "Put texts in straight single quotes: 'open'.",
        "=": "Write == for 'is equal to'.",
        "<": "Write != for 'is not equal to'.",
        "!": "Write != for 'is not equal to', or the word not.",
        "&": "Write the word and.",
        "|": "Write the word or.",
        "[": "Write lists in round brackets: status in ('open', 'late').",
        "≤": "Write <= for 'at most'.",
        "≥": "Write >= for 'at least'.",
        "≠": "Write != for 'is not equal to'.",
    }
    if c.isdigit() or c in "+-.":
        fix = "Write numbers as 25 or 0.5; arithmetic is not part of the language."
    else:
        fix = hints.get(c, "Known are columns, numbers, 'text', == != < <= > >= in and or not ( ).")
    raise ExpressionError(f"{visible(c)} can't stand here.", fix, at + 1, found)


class _Parser:
    def __init__(self, tokens: list[Token]):
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        tree = self._condition()
        if self._peek.kind != "end":
            if self._is(")"):
                self._wrong("This bracket was never opened.", "Take it out, or open it with ( before.")
            self._wrong("Two conditions must be joined by the word and, or by the word or.")
        return tree

    @property
    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._peek
        self._next += 1
        return token

    def _is(self, *texts: str) -> bool:
        return self._peek.kind in ("op", "word") and self._peek.text in texts

    def _wrong(self, rule: str, fix: str = "", token: Token | None = None) -> NoReturn:
        token = token or self._peek
        low = token.text.lower()
        if token.kind == "column" and low in WORDS:
            fix = f"Write {low} in small letters."
        elif token.kind == "end":
            rule = f"The condition ends too early. {rule}"
        elif not fix:
            fix = "For example: balance >= 25 and status == 'open'"
        raise ExpressionError(rule, fix, token.at, visible(token.text))

    def _condition(self) -> Node:
        parts = [self._both()]
        while self._is("or"):
            self._take()
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _both(self) -> Node:
        parts = [self._single()]
        while self._is("and"):
            self._take()
            parts.append(self._single())
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _single(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._wrong(
                f"Brackets and not go at most {MAX_DEPTH} levels deep.", "Write the condition more simply."
            )
        if self._is("not"):
            self._take()
            node: Node = Not(self._single())
        elif self._is("("):
            opened = self._take()
            node = self._condition()
            if not self._is(")"):
                self._wrong(f"The bracket opened at character {opened.at} is not closed here.", "Write ).")
            self._take()
        else:
            node = self._comparison()
        self._depth -= 1
        return node

    def _comparison(self) -> Node:
        left = self._value()
        if isinstance(left, ColumnReference) and (self._is("in") or self._is("not")):
            return self._among(left)
        parts: list[Node] = []
        while self._peek.kind == "op" and self._peek.text in COMPARE:
            op = self._take()
            right = self._value()
            if isinstance(left, Constant) and isinstance(right, Constant):
                rule = "A comparison of two constants says nothing about the file."
                raise ExpressionError(rule, "Name a column on one side.", op.at, op.text)
            parts.append(Compare(left, op.text, right))
            left = right
        if not parts:
            what = f"the column {visible(left.name)}" if isinstance(left, ColumnReference) else "a value"
            self._wrong(f"After {what}, a comparison must follow: == != < <= > >= or in.")
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _among(self, column: ColumnReference) -> Node:
        negated = self._is("not")
        if negated:
            self._take()
        if not self._is("in"):
            self._wrong("After not, in must follow here.", "For example: status not in ('closed', 'void')")
        self._take()
        if not self._is("("):
            self._wrong("After in a list must follow.", "For example: status in ('open', 'late')")
        self._take()
        values = [self._constant()]
        while self._is(","):
            self._take()
            values.append(self._constant())
        if not self._is(")"):
            self._wrong(
                "The list after in is not closed here.", "Write ) after the last value, commas between."
            )
        self._take()
        first = values[0]
        for value in values[1:]:
            if isinstance(value.value, str) is not isinstance(first.value, str):
                rule = "A list holds numbers or texts, not both."
                raise ExpressionError(
                    rule, "Put all in quotes, or none.", value.at, visible(str(value.value))
                )
        return Among(column, tuple(values), negated)

    def _constant(self) -> Constant:
        token = self._peek
        value = self._value()
        if isinstance(value, ColumnReference):
            self._wrong("A list after in holds numbers or 'texts'.", "Put texts in single quotes.", token)
        return value

    def _value(self) -> ColumnReference | Constant:
        token = self._take()
        if token.kind == "number":
            number = float(token.text)
            if abs(number) == float("inf"):
                raise ExpressionError(
                    "A number is too large.", "Write a number of usual size.", token.at, token.text
                )
            return Constant(number, token.at)
        if token.kind == "text":
            return Constant(token.text, token.at)
        if token.kind == "column" and token.text:
            return ColumnReference(token.text, token.at)
        if token.kind == "literal":
            fix = "Compare with what stands in the file: 'yes' or 1."
            self._wrong(f"{token.text} is no value here: a file holds texts.", fix, token)
        self._wrong("A column, a number or a 'text' must stand here.", token=token)
