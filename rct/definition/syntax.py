"""What a letter may say in {{ … }} and {% … %}: an allow-list of Jinja's syntax, checked before anything is rendered.

Fields, constants, `if` with comparisons, `and`, `or`, `not`, and a few filters; nothing else of the language.
No loop, no call, no attribute: so a template can neither reach for anything nor take long. Everything that the
parser may raise on a hostile text is caught here and becomes a mistake with its line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rct.definition.keys import did_you_mean
from rct.definition.letters import MAX_LETTER
from rct.definition.readings import CLOSE, OPEN
from rct.errors import visible

if TYPE_CHECKING:
    from jinja2 import nodes

FILTERS = ("upper", "lower", "title", "capitalize", "trim", "date", "money")
_ORDER = {"lt", "lteq", "gt", "gteq"}
_COMPARED = {"eq", "ne", *_ORDER}
_TAKEN = {"self", "super", "loop", "caller", "varargs", "kwargs"}  # names that mean something else to Jinja
MAX_NODES = 5_000


@dataclass(frozen=True)
class Mistake:
    """One mistake in a template, at a line of its file (1-based; None where the parser gave none)."""

    code: str
    line: int | None
    rule: str
    fix: str
    found: str | None = None


@dataclass(frozen=True)
class Fields:
    """The columns that letters may use, which of them are numbers, and columns that must stay out with the reason."""

    text: Collection[str]
    numbers: Collection[str] = ()
    barred: Collection[tuple[str, str]] = ()

    @property
    def all(self) -> list[str]:
        return [*self.text, *self.numbers]


def mistakes(text: str, fields: Fields) -> list[Mistake]:
    """Every mistake in a letter's template syntax, in the order of the file; none if it may be used."""
    tree = _parse(text)
    if isinstance(tree, Mistake):
        return [tree]
    found = list(_SyntaxCheck(fields).run(tree))
    return sorted(found, key=lambda m: m.line or 0)


def used(text: str) -> list[str]:
    """The fields that a sound template names, in order, each once."""
    from jinja2 import nodes

    tree = _parse(text)
    if isinstance(tree, Mistake):
        raise ValueError(tree.rule)
    return list(dict.fromkeys(node.name for node in tree.find_all(nodes.Name)))


def _parse(text: str) -> nodes.Template | Mistake:
    from jinja2 import Environment, TemplateSyntaxError

    if len(text.encode()) > MAX_LETTER:
        return Mistake("template_size", None, "A letter has at most 64 KiB.", "Make it shorter.")
    for number, line in enumerate(text.split("\n"), start=1):
        if OPEN in line or CLOSE in line:
            rule = "The letter holds a character that is used inside (U+E000 or U+E001)."
            return Mistake("template_syntax", number, rule, "Type the line again.")
    try:
        # Only parsed here, never compiled or rendered: the environment has nothing to offer.
        return Environment(autoescape=False).parse(text)
    except TemplateSyntaxError as error:
        rule = f"This can't be read: {visible(str(error.message or 'wrong syntax'))}"
        return Mistake("template_syntax", error.lineno, rule, _hint(text, error.lineno))
    except (RecursionError, SyntaxError, ValueError, OverflowError, MemoryError, AssertionError):
        rule = "This can't be read as a letter: brackets, signs or numbers are too long or too deep."
        return Mistake(
            "template_syntax", None, rule, "Write fields as {{ name }} and conditions as {% if … %}."
        )


def _hint(text: str, line: int) -> str:
    lines = text.split("\n")
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    if "{{" in here and "}}" not in here:
        return "A field ends with }}: {{ name }}."
    if "{%" in here and "%}" not in here:
        return "A condition ends with %}: {% if balance > 100 %}."
    if "{% if" in text and "{% endif" not in text:
        return "Each {% if … %} needs an {% endif %}."
    return "A field is written {{ name }}, a condition {% if balance > 100 %} … {% else %} … {% endif %}."


class _SyntaxCheck:
    def __init__(self, fields: Fields):
        self._fields = fields
        self._numbers = set(fields.numbers)
        self._barred = dict(fields.barred)
        self._nodes = 0

    def run(self, tree: nodes.Template) -> Iterator[Mistake]:
        try:
            for node in tree.body:
                yield from self._statement(node)
        except RecursionError:
            rule = "A condition or a field is nested too deeply."
            yield Mistake("template_syntax", None, rule, "Write it in a simpler way.")

    def _statement(self, node: nodes.Node) -> Iterator[Mistake]:
        from jinja2 import nodes

        if self._full():
            yield from self._too_many(node)
            return
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                if not isinstance(part, nodes.TemplateData):
                    yield from self._value(part)
        elif isinstance(node, nodes.If):
            yield from self._value(node.test)
            for inner in (*node.body, *node.elif_, *node.else_):
                yield from self._statement(inner)
        else:
            yield self._refused(node)

    def _value(self, node: nodes.Node) -> Iterator[Mistake]:
        from jinja2 import nodes

        if self._full():
            yield from self._too_many(node)
            return
        if isinstance(node, nodes.Name):
            yield from self._name(node)
        elif isinstance(node, nodes.Const):
            if not isinstance(node.value, str | int | float | bool) or len(repr(node.value)) > 200:
                yield self._refused(node)
        elif isinstance(node, nodes.Not):
            yield from self._value(node.node)
        elif isinstance(node, nodes.And | nodes.Or):
            yield from self._value(node.left)
            yield from self._value(node.right)
        elif isinstance(node, nodes.Compare):
            yield from self._compare(node)
        elif isinstance(node, nodes.Filter):
            yield from self._filter(node)
        else:
            yield self._refused(node)

    def _full(self) -> bool:
        self._nodes += 1
        return self._nodes > MAX_NODES

    def _too_many(self, node: nodes.Node) -> Iterator[Mistake]:
        if self._nodes == MAX_NODES + 1:
            rule = f"A letter has at most {MAX_NODES:,} fields and conditions."
            yield Mistake("template_syntax", node.lineno, rule, "Make it shorter.")

    def _name(self, node: nodes.Name) -> Iterator[Mistake]:
        name = node.name
        if node.ctx == "load" and name in self._fields.all and name not in _TAKEN:
            return
        known = [n for n in self._fields.all if n not in _TAKEN]
        if name in self._barred:
            yield Mistake(
                "template_field", node.lineno, self._barred[name], "Use another column.", visible(name)
            )
            return
        rule = f"There is no field {visible(name)}: letters use the columns that [frame] and [design] name."
        listed = ", ".join(visible(k) for k in known) or "none; name the columns in contact"
        fix = did_you_mean(name, known) or f"Known here: {listed}."
        yield Mistake("template_field", node.lineno, rule, fix, visible(name))

    def _compare(self, node: nodes.Compare) -> Iterator[Mistake]:
        for side in (node.expr, *(op.expr for op in node.ops)):
            yield from self._value(side)
        left = self._kind(node.expr)
        for op in node.ops:
            right = self._kind(op.expr)
            if op.op not in _COMPARED:
                yield self._refused(op, node.lineno)
            elif left and right and left != right:
                rule = f"A {left} is compared with a {right}: that never holds."
                fix = "Numbers (frame.covariates) go with numbers, texts with 'text' in quotes."
                yield Mistake("template_syntax", node.lineno, rule, fix)
            left = right

    def _kind(self, node: nodes.Node) -> str | None:
        from jinja2 import nodes

        if isinstance(node, nodes.Const):
            return "text" if isinstance(node.value, str) else "number"
        if isinstance(node, nodes.Name) and node.name in self._fields.all:
            return "number" if node.name in self._numbers else "text"
        return "text" if isinstance(node, nodes.Filter) else None

    def _filter(self, node: nodes.Filter) -> Iterator[Mistake]:
        if node.node is None or node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            yield self._refused(node)
            return
        if node.name not in FILTERS:
            rule = f"There is no way to print a field called {visible(node.name)}."
            fix = did_you_mean(node.name, FILTERS) or f"Known here: {', '.join(FILTERS)}."
            yield Mistake("template_syntax", node.lineno, rule, fix, visible(node.name))
        yield from self._value(node.node)

    def _refused(self, node: nodes.Node, line: int | None = None) -> Mistake:
        what = type(node).__name__
        rule = "A letter may hold fields, {% if %} with comparisons, and a few filters; nothing else."
        fix = f"Known here: {{{{ name }}}}, {{{{ name | upper }}}}, {{% if balance > 100 %}}. Filters: {', '.join(FILTERS)}."
        return Mistake("template_syntax", line or node.lineno, rule, fix, what)
