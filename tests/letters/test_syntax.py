"""What a letter's template may say: fields, conditions and a few filters; every escape and every attack is refused."""

from __future__ import annotations

import time

import pytest

from rct.definition.syntax import Fields, mistakes, used

FIELDS = Fields(["name", "street"], ["balance"], [("account", "The id stays in the office.")])

ESCAPES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ name.__class__ }}",
    "{{ name['__class__'] }}",
    "{{ '{0.__class__.__init__.__globals__}'.format(name) }}",
    "{{ '{x.__class__}'.format_map({'x': name}) }}",
    "{{ name | attr('__class__') }}",
    "{{ ('{0.__class__}' | attr('format'))(name) }}",
    "{% set ns = namespace(run='{}'.format) %}{{ ns.run(name) }}",
    "{{ {'a b': name} | xmlattr }}",
    "{{ name | urlize }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ self }}",
    "{{ self.__init__ }}",
    "{{ config }}",
    "{{ request }}",
    "{% import 'x' as y %}",
    "{% from 'x' import y %}",
    "{% include '/etc/passwd' %}",
    "{% include 'x' ignore missing %}",
    "{% extends 'base' %}",
    "{% macro f() %}{% endmacro %}{{ f.__globals__ }}",
    "{% call x() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% block a %}{% endblock %}",
    "{% with a = 1 %}{% endwith %}",
    "{{ name | safe }}",
    "{{ name | default('x') }}",
    "{{ name is defined }}",
    "{{ name | map(attribute='__class__') | list }}",
]
ATTACKS = [
    "{% for i in range(99999999) %}{% for j in range(99999999) %}x{% endfor %}{% endfor %}",
    "{{ range(99999999) | list }}",
    "{{ lipsum(99999999) }}",
    "{{ 9 ** (9 ** (9 ** 9)) }}",
    "{{ 'a' * 10000000000 }}",
    "{{ 'a' | center(9999999999) }}",
    "{{ [1] * 9999999999 }}",
    "{{ 1 << 99999999999 }}",
    "{{ 'x' | batch(99999999) }}",
    "{{ 'x' | indent(99999999) }}",
    "{{ '%99999999999d' % 1 }}",
    "{{ 'a' ~ 'a' }}",
    "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
    "{{ " + "not " * 15_000 + "1 }}",
    "{{ " + "-" * 50_000 + "1 }}",
    "{{ " + "9" * 6_000 + " }}",
    "{{ 1" + "+1" * 20_000 + " }}",
    "{{ name" + " | upper" * 7_000 + " }}",
    "{% if name %}" * 4_000 + "{% endif %}" * 4_000,
    "{{ 1 }}" * 9_000,
    "a" * 70_000,
]


@pytest.mark.parametrize("text", ESCAPES)
def test_published_sandbox_escapes_are_refused(text: str) -> None:
    found = mistakes(f"Dear friend,\n\n{text}\n", FIELDS)
    assert found
    assert found[0].line == 3


@pytest.mark.parametrize("text", ATTACKS)
def test_resource_attacks_are_refused_at_once(text: str) -> None:
    began = time.process_time()
    assert mistakes(text, FIELDS)
    assert time.process_time() - began < 2


def test_what_letters_need_is_allowed() -> None:
    text = (
        "Dear {{ name | title }}, you owe {{ balance | money }}.\n"
        "{% if balance > 100 and not street == '' %}A{% elif name or balance <= 5 %}B{% else %}{{ 'C' }}{% endif %}\n"
        "{# a note #}{% raw %}{{ shown as it is }}{% endraw %}"
    )
    assert mistakes(text, FIELDS) == []
    assert used(text) == ["name", "balance", "street"]


def test_an_unknown_field_is_named_with_what_was_meant() -> None:
    (found,) = mistakes("Hello\n\nDear {{ nmae }}", FIELDS)
    assert (found.code, found.line, found.found, found.fix) == (
        "template_field",
        3,
        "nmae",
        "Did you mean name?",
    )


def test_the_id_stays_out_and_the_message_says_why() -> None:
    (found,) = mistakes("{{ account }}", FIELDS)
    assert "stays in the office" in found.rule


def test_text_is_not_compared_with_a_number() -> None:
    assert mistakes("{% if name > 5 %}x{% endif %}", FIELDS)
    assert mistakes("{% if balance == '5' %}x{% endif %}", FIELDS)
    assert not mistakes("{% if balance == 5 %}x{% endif %}", FIELDS)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Dear {{ name", "}}"),
        ("{% if name", "%}"),
        ("{% if name %}x", "endif"),
        ("{{ balance | mony }}", "money"),
    ],
)
def test_a_slip_is_met_with_a_hint(text: str, hint: str) -> None:
    (found,) = mistakes(text, FIELDS)
    assert hint in found.fix


def test_every_mistake_is_listed_with_its_line() -> None:
    found = mistakes("{{ a }}\n{{ b }}\n{% if c %}{{ d }}{% endif %}", FIELDS)
    assert [(m.line, m.found) for m in found] == [(1, "a"), (2, "b"), (3, "c"), (3, "d")]
