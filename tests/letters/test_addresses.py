"""Links with a recipient's value: a whole address is taken as it is and leads where it says; anything else is refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pypdf
import pytest
from support import Road, definition

from rct.definition.links import Linked, linked, mistakes_of_addresses
from rct.letters.messages import message
from rct.letters.template import Filled, LetterTemplate
from rct.letters.tree import lines_of, read_tree
from rct.letters.words import UnfitValue
from rct.tables.values import parse_web_address

ARMS = """[arms.control]
label = "Today's"
control = true
template = "a.md"

[arms.social]
label = "Neighbors"
template = "b.md"
"""
FRAME = 'id = "account"\ncontact = ["name", "street", "email", "phone", "link"]'
HEADER = "account,name,street,email,phone,link\n"
GOOD = [f"https://x.example/{i}" for i in range(2, 8)]
HOSTILE = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<b>x</b>",
    'https://x.example/" onload="alert(1)',
    "https://x.example/'x",
    "https://x.example/a b",
    "https://x.example/<b>",
    "pay.example/p?id=6",
    "https://",
    "https://nobody@evil.example/",
    "https://https://x.example",
    "https:\\\\x.example",
    "//x.example",
    "[x]",
]


def road_with(tmp_path: Path, channel: str, first: str, second: str | None = None) -> Road:
    road = Road(tmp_path)
    for name, words in (("a.md", first), ("b.md", second or first)):
        (road.folder / "templates" / name).write_text(words, encoding="utf-8")
    text = definition(arms=ARMS, frame=FRAME)
    road.define(text.replace('channel = "letter"', f'channel = "{channel}"'))
    return road


def people(links: list[str]) -> str:
    rows = [
        f'{i:05d},"José & {i}",{i} Main St,p{i}@x.example,555 010-{i:04d},"{link}"'
        for i, link in enumerate(links)
    ]
    return HEADER + "\n".join(row.replace('\\"', '""') for row in rows) + "\n"


def html_of(text: str, *values: str, column: str = "v") -> str:
    fields = {f"{column}{i}": value for i, value in enumerate(values)}
    return message(LetterTemplate("x.md", text).fill(fields), "email").html


def drawn(road: Road, text: str) -> None:
    road.ok("lock", "bills", "--yes")
    road.ok("frame", "bills", road.file("list.csv", text))
    road.ok("draw", "bills", "--yes")


def sent(road: Road) -> list[dict[str, str]]:
    road.ok("handover", "bills")
    with (road.private / "bills" / "handover.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_personal_link_leads_where_the_list_says(tmp_path: Path) -> None:
    words = "Subject: Your bill\n\nDear {{ name }}, [Pay here]({{ link }}). Reply STOP.\n"
    road = road_with(tmp_path, "email", words)
    drawn(road, people([f"https://pay.example/p?id={i}&k=1" for i in range(6)]))
    for row in sent(road):
        number = int(row["id"])
        assert f'<a href="https://pay.example/p?id={number}&amp;k=1">Pay here</a>' in row["html"]
        assert f"Pay here (https://pay.example/p?id={number}&k=1)" in row["text"]
        assert f"Dear José &amp; {number}" in row["html"]


@pytest.mark.parametrize("link", HOSTILE)
def test_what_is_no_web_address_is_named_by_row_and_column_before_the_draw(tmp_path: Path, link: str) -> None:
    road = road_with(tmp_path, "email", "Subject: Hi\n\nDear {{ name }}, [Pay]({{ link }}). Reply STOP.\n")
    quoted = link.replace('"', '""')
    rows = people(
        ["https://x.example/1", "http://y.example", quoted, "https://x.example/2", "https://x.example/3"]
    )
    for problems in (
        road.no("check", "bills", "--frame", road.file("list.csv", rows), code=1),
        road.no("frame", "bills", road.root / "list.csv"),
    ):
        (problem,) = problems
        assert (problem["code"], problem["row"], problem["field"]) == ("not_an_address", 3, "link")
        assert problem["found"] is None, "contact columns are not shown"
    reason = ("--reason", "no address is known")
    assert road.ok("frame", "bills", road.root / "list.csv", "--refuse-bad-rows", *reason)["refused"] == 1


def test_an_empty_address_is_named_unless_the_letter_asks_for_it(tmp_path: Path) -> None:
    asks = (
        "Subject: Hi\n\n{{ name }} {% if link %}[Pay]({{ link }}){% else %}Call us{% endif %}. Reply STOP.\n"
    )
    road = road_with(tmp_path, "email", asks)
    file = road.file("list.csv", people(["https://x.example/1", "", "", *GOOD]))
    assert road.ok("check", "bills", "--frame", file)["ok"]
    blind = road.folder / "templates" / "b.md"
    blind.write_text("Subject: Hi\n\n{{ name }} [Pay]({{ link }}). Reply STOP.\n", encoding="utf-8")
    assert [p["row"] for p in road.no("check", "bills", "--frame", file, code=1)] == [2, 3]


def test_an_address_that_only_the_handover_can_judge_is_named_there(tmp_path: Path) -> None:
    """A link that a filter makes: its column is sound, what the letter makes of it isn't."""
    words = (
        "Subject: Hi\n\n{{ name }} [Pay]({{ link }}) [b]({{ 'javascript:alert(1)' | trim }}). Reply STOP.\n"
    )
    road = road_with(tmp_path, "email", words)
    drawn(road, people([f"https://x.example/{i}" for i in range(4)]))
    problems = road.no("handover", "bills")
    assert [(p["code"], p["row"]) for p in problems] == [("letter_value", i) for i in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("text", "values", "html"),
    [
        ("[a](https://x.example/?n={{ v0 }}&k=1)", ["J&J é/?"], '<a href="https://x.example/?n=J%26J%20%C3%A9%2F%3F&amp;k=1">a</a>'),
        ("[a](https://x.example/{{ v0 }})", ['"><script>'], '<a href="https://x.example/%22%3E%3Cscript%3E">a</a>'),
        ("[a](https://{{ v0 }}/pay)", ["x.example"], '<a href="https://x.example/pay">a</a>'),
        ("[a](https://{{ v0 }})", ["x.example/p?id=6"], '<a href="https://x.example/p?id=6">a</a>'),
        ("[a](mailto:{{ v0 }})", ["a+b@x.example"], '<a href="mailto:a%2Bb@x.example">a</a>'),
        ("[a](tel:{{ v0 }})", ["+1(555)010-0100"], '<a href="tel:+1(555)010-0100">a</a>'),
        ("<https://x.example/{{ v0 }}>", ["a b"], '<a href="https://x.example/a%20b">https://x.example/a%20b</a>'),
        ("see https://x.example/?a={{ v0 }}.", ["a b"], "see https://x.example/?a=a%20b."),
        ("[{{ v0 }}]({{ v1 }})", ["<b>", "https://x.example/'"[:-1]], '<a href="https://x.example/">&lt;b&gt;</a>'),
        ('[a](https://x.example "{{ v0 }}")', ['"x'], '<a href="https://x.example" title="&quot;x">a</a>'),
    ],
)  # fmt: skip
def test_values_in_addresses(text: str, values: list[str], html: str) -> None:
    assert html_of(text, *values) == f"<p>{html}</p>\n"


@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_makes_a_link_that_leads_elsewhere(value: str) -> None:
    with pytest.raises(UnfitValue):
        html_of("[a]({{ v0 }})", value)
    inside = html_of("[a](https://x.example/?q={{ v0 }})", value)
    assert inside.startswith('<p><a href="https://x.example/?q=')
    assert inside.count('"') == 2
    assert inside.count("<") == 4


def test_line_breaks_of_a_value_stay_harmless() -> None:
    made = message(Filled("Subject: \ue0000\ue001\n\n\ue0000\ue001", ("a\\r\\nBcc: x",)), "email")
    assert made.subject == "a\\r\\nBcc: x"
    letter = LetterTemplate("x.md", "Subject: {{ v }}\n\nHello [a](https://x.example/{{ v }})").fill(
        {"v": "a\r\nBcc: x"}
    )
    made = message(letter, "email")
    assert "\n" not in made.subject
    assert "\r" not in made.text + made.html


def test_a_text_message_encodes_what_stands_in_an_address(tmp_path: Path) -> None:
    words = "{{ name }}: https://x.example/?n={{ name }} or https://{{ link }} Reply STOP."
    road = road_with(tmp_path, "sms", words)
    bad = road.file("bad.csv", people(["pay.example/1", "pay.example/a b", "https://pay.example/2"]))
    assert [p["row"] for p in road.no("check", "bills", "--frame", bad, code=1) if p["row"]] == [2, 3]
    drawn(road, people([f"pay.example/p?id={i}" for i in range(4)]))
    for row in sent(road):
        number = int(row["id"])
        assert row["text"] == (
            f"José & {number}: https://x.example/?n=Jos%C3%A9%20%26%20{number} or "
            f"https://pay.example/p?id={number} Reply STOP."
        )


def test_on_paper_a_personal_link_is_printed_behind_its_words(tmp_path: Path) -> None:
    words = "{{ name }}\n{{ street }}\n\nDear {{ name }},\n\n"
    words += "[Pay here]({{ link }}) or [ask](https://x.example/?n={{ name }}).\n"
    road = road_with(tmp_path, "letter", words)
    bad = road.file("bad.csv", people(["https://x.example/1", "nowhere", *GOOD]))
    assert [p["row"] for p in road.no("check", "bills", "--frame", bad, code=1)] == [2]
    drawn(road, people([f"https://pay.example/{i}" for i in range(4)]))
    road.ok("letters", "bills")
    pdf = pypdf.PdfReader(road.private / "bills" / "letters" / "letters-0001.pdf")
    text = " ".join("\n".join(page.extract_text() for page in pdf.pages).split())
    for i in range(4):
        assert f"Pay here (pay.example/{i}) or ask (x.example/?n=Jos%C3%A9%20%26%20{i})." in text
    road.ok("proof", "bills")
    assert "Pay here (city.example/link)" in (road.out / "proofs" / "side-by-side.html").read_text(
        encoding="utf-8"
    )


def test_a_link_whose_words_are_its_address_is_printed_once() -> None:
    filled = LetterTemplate("x.md", "[{{ a }}]({{ a }}) [{{ b }}](https://{{ b }})").fill(
        {"a": "https://x.example/1", "b": "y.example"}
    )
    tree = read_tree(filled.text)
    assert lines_of(tree, tree.values(filled)) == ["https://x.example/1 y.example"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[a]({{ link }}/y)", "link_address"),
        ("[a]({{ link }}{{ name }})", "link_address"),
        ("{% if name %}x{% elif link %}[a]({{ link }}?x=1){% endif %}", "link_address"),
        ("[a]({{ balance }})", "link_address"),
        ("[a]({{ link }})", None),
        ("[a](https://x.example/{{ link }})", None),
        ("[a]({% if name %}https://a.example{% else %}https://b.example{% endif %})", None),
        ("{{ link }}/y", None),
    ],
)
def test_an_address_that_leads_nowhere_is_a_mistake_of_the_letter(text: str, code: str | None) -> None:
    found = mistakes_of_addresses(text, ["balance"])
    assert [m.code for m in found] == ([code] if code else [])


def test_which_columns_are_whole_addresses() -> None:
    text = "{% if a %}[x]({{ a }}){% elif b == 'x' %}[x]({{ c | trim }}){% else %}[x](https://{{ d }}){% endif %} {{ e }}"
    assert linked(text) == [Linked("a", "", True), Linked("c", "", False), Linked("d", "https://", False)]


def test_a_letter_of_endless_branches_is_refused_and_not_looked_at_for_ever(tmp_path: Path) -> None:
    branches = "".join(f"{{% elif name == '{i}' %}}x" for i in range(1_500))
    road = road_with(tmp_path, "letter", f"{{% if name %}}a{branches}{{% endif %}}\n" + "word " * 3_000)
    assert {p["code"] for p in road.no("check", "bills", code=1)} == {"template_syntax"}


@pytest.mark.parametrize(
    "text",
    [
        "https://x.example",
        "HTTP://x.example:8080/a?b=c&d=%20#e",
        "https://sub.x.example/é",
        " https://1.2.3.4/ ",
    ],
)
def test_web_addresses(text: str) -> None:
    assert parse_web_address(text) == text.strip()


@pytest.mark.parametrize(
    "text", [*HOSTILE, "", "https://x.example/\u200b", "https://x.example/\n", "https://localhost/"]
)
def test_no_web_addresses(text: str) -> None:
    assert parse_web_address(text) is None
