"""The sentences that rct/report asks a catalogue for, read off the code."""

from __future__ import annotations

import ast
from pathlib import Path

import rct.report

SOURCE = Path(rct.report.__file__).parent


def asked() -> dict[str, str | None]:
    """Message → its plural, or None. What is no plain text in the code can't be translated, and is an error."""
    found: dict[str, str | None] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("t", "tn")
            ):
                continue
            if path.name == "language.py":
                continue
            texts = _texts(node.args[0])
            assert texts, f"{path.name}:{node.lineno}: the message must be written out"
            for text in texts:
                found[text] = _texts(node.args[1])[0] if node.func.id == "tn" else None
    return found


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
