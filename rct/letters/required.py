"""What a letter or postcard must have before its plan is locked: somebody's address, and ours."""

from __future__ import annotations

from collections.abc import Iterator

from rct.definition import Definition
from rct.definition.rewrite import MARK, is_marked
from rct.errors import Problem, visible
from rct.letters.compose import KINDS, Composer
from rct.letters.letterhead import FILE
from rct.letters.messages import message_problems, template_file
from rct.letters.sample import read_sample, sample_fields
from rct.letters.words import UnfitValue

RETURN_ADDRESS = 'address = ["100 Main Street", "Springfield, IL 62701"]'


def sending_problems(composer: Composer) -> list[Problem]:
    """What the trial's letters, postcards, e-mails or text messages lack that each must have. None in arms without a
    template: others make what they get."""
    if KINDS[composer.definition.trial.channel] == "message":
        return message_problems(composer)
    return list(_post_problems(composer))


def _post_problems(composer: Composer) -> Iterator[Problem]:
    definition = composer.definition
    if not composer.letters or definition.practice or definition.simulated:
        return  # every page of these says so: nobody can mail one by mistake
    sample = read_sample(composer.ws)
    for arm, key in composer.letters:
        try:
            piece = composer.piece(arm, key, sample_fields(sample, definition, key, composer.links()), "")
        except UnfitValue:
            continue  # the proof says which field the invented recipient lacks
        if not piece.address:
            yield Problem(
                code="no_address",
                file=visible(template_file(definition, arm, key)),
                line=1,
                rule="The letter has no address: its first paragraph is to have a line for each part of it.",
                fix=f"Begin it with lines of their own for: {_address_of(definition)}",
            )
    yield from _letterhead_problems(composer)


def _address_of(definition: Definition) -> str:
    """The fields of an address, of the list's own contact columns."""
    contact = definition.frame.contact[:4] or ["name", "street", "city", "postcode"]
    return ", ".join(f"{{{{ {visible(column)} }}}}" for column in contact)


def _letterhead_problems(composer: Composer) -> Iterator[Problem]:
    head, shown = composer.head, composer.ws.shown(composer.ws.templates / FILE)
    if not head.address:
        yield Problem(
            code="no_return_address",
            file=shown,
            field="address",
            rule="A letter says where it comes from, and where it goes back to when it can't be delivered.",
            fix=f"Write into {shown}, for example: {RETURN_ADDRESS}",
        )
    for field, text in head.every_text():
        if is_marked(text):
            yield Problem(
                code="rewrite",
                file=shown,
                field=field,
                found=visible(text)[:80],
                rule="Nobody of your office has written or confirmed this yet.",
                fix=f"Write your own, or leave what is true; and take the word {MARK} away.",
            )
