"""The letters' pictures that `rct proof` made, for the memo: those that its event names, byte for byte."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rct.definition.letters import LetterError, read_letter
from rct.definition.resolve import arm_templates
from rct.report.letters import Node, tree
from rct.report.record import Proof

if TYPE_CHECKING:
    from rct.definition import Definition
    from rct.registry.state import State
    from rct.registry.workspace import Workspace

LARGEST = 3 << 20  # bytes of one picture
FIRST_WORDS = 20  # of a letter, said in place of its picture


def proofs(ws: Workspace, found: State, definition: Definition) -> tuple[Proof, ...]:
    """A picture an arm, in the arms' order: the first language's, the first page. None: left out.

    A picture that isn't the one of the last `printed` event of proofs is no proof, and is left out too.
    """
    event = next((e for e in reversed(found.all("printed")) if e.body.get("of") == "proofs"), None)
    if event is None:
        return ()
    digests: dict[str, str] = event.body["files"]
    made = []
    for name, arm in definition.arms.items():
        file = next((f for f in sorted(digests) if _is_first_page(f, name)), None)
        path = None if file is None else ws.out(definition.name) / file
        if file is None or path is None or not path.is_file() or path.stat().st_size > LARGEST:
            continue
        png = path.read_bytes()
        if hashlib.sha256(png).hexdigest() == digests[file]:
            made.append(Proof(name, png, _first_words(ws, arm_templates(arm))))
    return tuple(made)


def _is_first_page(file: str, arm: str) -> bool:
    """letter-ARM.png, or letter-ARM.LANGUAGE.png; further pages end in their number."""
    return re.fullmatch(
        rf"proofs/letter-{re.escape(arm)}(\.[^/]+)?\.png", file
    ) is not None and not re.search(r"-\d+\.png$", file.removeprefix(f"proofs/letter-{arm}"))


def _first_words(ws: Workspace, templates: Sequence[str]) -> str:
    try:
        text = read_letter(ws.templates, templates[0]) if templates else ""
    except LetterError:
        return ""
    words = " ".join(_texts(tree(text))).split()
    return " ".join(words[:FIRST_WORDS]) + (" …" if len(words) > FIRST_WORDS else "")


def _texts(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        if node["t"] == "text":
            yield node["v"]
        yield from _texts(node.get("c", ()))
