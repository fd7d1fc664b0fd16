"""Templates of letters: each published escape from Jinja's sandbox, and what would take all time or memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from hostile.case import LISTED, Case

ESCAPES = {
    "CVE-2016-10745 (str.format)": "{{ '{0.__class__.__init__.__globals__}'.format(name) }}",
    "CVE-2019-10906 (format_map)": "{{ '{x.__class__}'.format_map({'x': name}) }}",
    "CVE-2020-28493 (urlize)": "{{ name | urlize }}",
    "CVE-2024-22195 (xmlattr, a space)": "{{ {'a onload=x': name} | xmlattr }}",
    "CVE-2024-34064 (xmlattr, a slash)": "{{ {'a/onload': name} | xmlattr }}",
    "CVE-2024-56326 (a stored format)": "{% set ns = namespace(run='{}'.format) %}{{ ns.run(name) }}",
    "CVE-2025-27516 (attr of format)": "{{ ('{0.__class__}' | attr('format'))(name) }}",
    "a class": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "a class by key": "{{ name['__class__'] }}",
    "a class by filter": "{{ name | attr('__class__') }}",
    "globals of cycler": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "globals of lipsum": "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "globals of a macro": "{% macro f() %}{% endmacro %}{{ f.__globals__ }}",
    "self": "{{ self._TemplateReference__context }}",
    "config": "{{ config.items() }}",
    "request": "{{ request.application.__globals__ }}",
    "map of an attribute": "{{ [name] | map(attribute='__class__') | list }}",
    "a file by include": "{% include '/etc/passwd' %}",
    "a file that may be missing": "{% include 'x' ignore missing %}",
    "a file by import (CVE-2024-56201)": "{% import '{0.__class__}.md' as y %}",
    "a file by extends": "{% extends '../trial.toml' %}",
    "safe": "{{ name | safe }}",
    "default": "{{ nobody | default('x') }}",
    "an unknown field": "{{ balanse }}",
    "the id": "{{ account }}",
    "marks used inside": "Dear \ue0001\ue001,",
}
EXHAUSTING = {
    "loops in loops": "{% for i in range(99999999) %}{% for j in range(99999999) %}x{% endfor %}{% endfor %}",
    "a range": "{{ range(99999999) | list }}",
    "lipsum": "{{ lipsum(99999999) }}",
    "batch": "{{ 'x' | batch(99999999) | list }}",
    "powers": "{{ 9 ** (9 ** (9 ** 9)) }}",
    "a long text": "{{ 'a' * 10000000000 }}",
    "center": "{{ 'a' | center(9999999999) }}",
    "a long list": "{{ [1] * 9999999999 }}",
    "a shift": "{{ 1 << 99999999999 }}",
    "indent": "{{ 'x' | indent(99999999) }}",
    "a width": "{{ '%99999999999d' % 1 }}",
    "replace": "{{ 'aaaa' | replace('a', 'aaaaaaaaaaaaaaaa') }}",
    "a macro that calls itself": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "5,000 brackets": "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
    "15,000 nots": "{{ " + "not " * 15_000 + "1 }}",
    "50,000 minuses": "{{ " + "-" * 50_000 + "1 }}",
    "6,000 digits": "{{ " + "9" * 6_000 + " }}",
    "20,000 sums": "{{ 1" + "+1" * 20_000 + " }}",
    "7,000 filters": "{{ name" + " | upper" * 7_000 + " }}",
    "4,000 conditions in one another": "{% if name %}" * 3_400 + "{% endif %}" * 3_400,
    "9,000 fields": "{{ name }}" * 6_500,
    "70,000 letters": "a" * 70_000,
    "60,000 brackets of a picture": "![" * 30_000,
    "60,000 stars": "*" * 60_000,
    "20,000 quotes in one another": "> " * 20_000 + "x",
    "a table of 30,000 bars": "|" * 30_000 + "\n" + "|-" * 15_000,
}
SYNTAX = {
    "a field never closed": "Dear {{ name",
    "a condition never closed": "{% if name %}Dear",
    "a comment never closed": "{# hello",
    "a bare brace": "Dear {{ }}",
    "HTML": "<script>alert(1)</script>",
    "a picture outside": "![x](../../private/key)",
    "a picture from the network": "![x](http://192.0.2.1/x.png)",
    "a link that runs": "[pay](javascript:alert(1))",
    "an escape code": "Dear \x1b[31m{{ name }}",
    "a reversal": "Dear \u202e{{ name }}",
    "a character that no font has": "Dear {{ name }} \U00013000",
}


def cases() -> Iterator[Case]:
    make = partial(Case, "templates", door="template", code=LISTED, suffix="md")
    head = "{{ name }}\nMain Street\n\n"
    for name, text in ESCAPES.items():
        yield make(f"escape: {name}", lambda text=text: (head + text + "\n").encode())
    for name, text in EXHAUSTING.items():
        yield make(f"without end: {name}", lambda text=text: (head + text + "\n").encode())
    for name, text in SYNTAX.items():
        yield make(name, lambda text=text: (head + text + "\n").encode())
    yield make("no byte", lambda: b"")
    yield make("Windows-1252", lambda: "Señor {{ name }}".encode("cp1252"))
    yield make("UTF-16", lambda: "Dear {{ name }}".encode("utf-16"))
    yield make("a NUL", lambda: b"Dear \0{{ name }}")
    yield make("a mark first", lambda: b"\xef\xbb\xbf{{ name }}\n1 Main Street\n\npay.\n")
