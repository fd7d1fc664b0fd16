"""E-mails and text messages: subject and body of a filled template, their limits, and the way out that each must offer.

A text message is its template as it stands, without the spaces around it. An e-mail's template begins with a line
`Subject: …`; what follows is Markdown, handed over as plain text without its marks and as HTML. Values are put in last:
none is ever read as Markdown or HTML; in an address it is encoded, or is the whole of it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from rct.definition import Definition
from rct.definition.letters import pictures
from rct.definition.readings import BARE_ADDRESS, CLOSE, MARK, OPEN, markdown
from rct.errors import Problem
from rct.language.reading import readings
from rct.letters.addresses import filled_address, filled_bare
from rct.letters.compose import Composer
from rct.letters.plain_text import plain_text
from rct.letters.sample import read_sample, sample_fields
from rct.letters.segments import Length, length
from rct.letters.template import Filled
from rct.letters.words import UnfitValue

MOST_SEGMENTS = 10  # what carriers and gateways commonly pass on as one message
LONG_SUBJECT = 78  # a header line's recommended length: RFC 5322, 2.1.1
_SUBJECT = re.compile(r"\ASubject:[ \t]*(?P<subject>[^\n]*)(?:\n|\Z)")
_CODED_MARK = re.compile(f"{quote(OPEN)}([0-9]+){quote(CLOSE)}")
_HREF = re.compile(r'(?<= )href="([^"]*)"')
_CASED = {"sms"}  # a word that is texted back stands in capitals


@dataclass(frozen=True)
class Message:
    """One person's message. `subject` and `html` are empty for a text message."""

    text: str
    subject: str = ""
    html: str = ""


@dataclass(frozen=True)
class Sampled:
    """A template's message for the invented recipient: arm, language, and its length where it is a text message."""

    arm: str
    language: str
    message: Message
    length: Length | None


def message(filled: Filled, channel: str) -> Message:
    """The message of a filled template, for the channel email or sms. Raises `words.UnfitValue`."""
    if channel == "sms":
        return Message(_text(filled, filled.text.strip()))
    match = _SUBJECT.match(filled.text)
    body = (filled.text[match.end() :] if match else filled.text).strip() + "\n"
    subject = _text(filled, match["subject"].strip()) if match else ""
    return Message(plain_text(body, filled.values), subject, _html(filled, body))


def has_subject(text: str) -> bool:
    """Whether an e-mail's template begins with `Subject: …`, not empty."""
    match = _SUBJECT.match(text)
    return bool(match and match["subject"].strip())


def samples(composer: Composer) -> list[Sampled]:
    """Every template's message for the invented recipient. Raises `words.UnfitValue`."""
    definition = composer.definition
    sample = read_sample(composer.ws)
    sampleds = []
    for (arm, language), letter in composer.letters.items():
        filled = letter.fill(sample_fields(sample, definition, language, composer.links()))
        made = message(filled, definition.trial.channel)
        measured = length(made.text) if definition.trial.channel == "sms" else None
        sampleds.append(Sampled(arm, language, made, measured))
    return sampleds


def message_problems(composer: Composer) -> list[Problem]:
    """What an e-mail or text message of the trial lacks; none for letters."""
    if composer.definition.trial.channel not in ("email", "sms"):
        return []
    try:
        sampleds = samples(composer)
    except UnfitValue:
        sampleds = []  # the proof says which field the invented recipient lacks
    problems = [p for (arm, key), letter in composer.letters.items()
             for p in _template_problems(composer.definition, arm, key, letter.text)]  # fmt: skip
    return problems + [p for each in sampleds for p in _length_problems(composer.definition, each)]


def _template_problems(definition: Definition, arm: str, key: str, text: str) -> Iterator[Problem]:
    channel, file = definition.trial.channel, template_file(definition, arm, key)
    if channel == "email" and not has_subject(text):
        yield Problem(
            code="subject_missing",
            file=file,
            line=1,
            rule="An e-mail's template begins with its subject.",
            fix="Write as the first line, for example: Subject: Your water bill is due on March 2",
        )
    if not _ways_out(channel).search(text):
        fix = "Add a line such as: Reply STOP to get no more of these."
        if channel == "email":
            fix = "Add a line such as: To get no more of these, unsubscribe here or reply STOP."
        yield Problem(
            code="no_way_out",
            file=file,
            rule="Every message says how to get no more of them, and this one doesn't.",
            fix=fix,
        )
    for picture in pictures(text):
        yield Problem(
            code="picture_in_message",
            file=file,
            found=picture,
            rule="A picture under templates/ can't go into a message that another system sends.",
            fix="Take it out, or put it into that system's own template.",
        )


@cache
def _ways_out(channel: str) -> re.Pattern[str]:
    """A way out that a person can see, in any language that knows its words."""
    known = [each.outs[channel] for each in readings() if each.outs and channel in each.outs]
    return re.compile("|".join(known), 0 if channel in _CASED else re.IGNORECASE)


def _length_problems(definition: Definition, each: Sampled) -> Iterator[Problem]:
    file = template_file(definition, each.arm, each.language)
    if each.length is not None and each.length.segments > MOST_SEGMENTS:
        yield Problem(
            code="message_too_long",
            file=file,
            found=f"{each.length.segments} segments",
            rule=f"A text message of more than {MOST_SEGMENTS} segments is cut or refused on its way.",
            fix="Make it shorter.",
        )
    if len(each.message.subject) > LONG_SUBJECT:
        yield Problem(
            code="subject_too_long",
            file=file,
            found=f"{len(each.message.subject)} characters",
            rule=f"A subject of more than {LONG_SUBJECT} characters is cut where mail is read.",
            fix="Make it shorter.",
        )


def length_sentence(each: Sampled) -> str:
    """How long a text message is: `1 segment, 143 of 160 (GSM-7)`."""
    if each.length is None:
        return f"subject of {len(each.message.subject)} characters"
    found = each.length
    many = f"{found.segments} segment{'' if found.segments == 1 else 's'}"
    said = f"{many}, {found.units} of {found.room * found.segments} ({found.encoding})"
    if found.outside:
        said += f"; not in GSM-7: {' '.join(found.outside[:10])}"
    return said


def template_file(definition: Definition, arm: str, key: str) -> str:
    """The file of an arm's letter in a language."""
    of = definition.arms[arm]
    return f"templates/{of.template or (of.templates or {}).get(key, '')}"


def _text(filled: Filled, text: str) -> str:
    return MARK.sub(lambda m: filled.values[int(m[1])], filled_bare(text, filled.values))


def _html(filled: Filled, text: str) -> str:
    """The Markdown as HTML; values are escaped, in addresses encoded. Raises `UnfitValue`."""

    def linked(match: re.Match[str]) -> str:
        address = _CODED_MARK.sub(rf"{OPEN}\1{CLOSE}", html.unescape(match[1]))
        return f'href="{html.escape(filled_address(address, filled.values))}"'

    def written(match: re.Match[str]) -> str:
        return html.escape(filled_bare(html.unescape(match[0]), filled.values))

    made = BARE_ADDRESS.sub(written, _HREF.sub(linked, markdown(pictures=False).render(text)))
    return MARK.sub(lambda m: html.escape(filled.values[int(m[1])]), made)
