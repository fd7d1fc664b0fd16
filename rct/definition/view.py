"""The parts of a broken definition that can still be trusted.

A rule that joins keys must run although other keys are wrong, and must not run on a wrong one: it would
report the same mistake twice. `View.get` therefore gives a value only where its own key is right, and raises
`UnknownError` where it isn't; the rule that asked is then left out, all others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from rct.definition.explain import DefinitionMistake
from rct.definition.keys import KeyPath


class UnknownError(Exception):
    """The key asked for is wrong, so nothing can be said."""


class View:
    """The raw keys, without those that `broken` names."""

    def __init__(self, raw: Mapping[str, Any], broken: Iterable[KeyPath]):
        self._raw = raw
        self._broken = set(broken)

    def get(self, *path: str, default: Any = None) -> Any:
        """The value at `path`, `default` where the file doesn't have it; `UnknownError` where it is broken.

        A list with one wrong item is broken as a whole.
        """
        value: Any = self._raw
        if not self._broken:
            for part in path:
                if not isinstance(value, Mapping):
                    raise UnknownError
                if part not in value:
                    return default
                value = value[part]
            return value
        for i, part in enumerate(path):
            if path[: i + 1] in self._broken or not isinstance(value, Mapping):
                raise UnknownError
            if part not in value:
                return default
            value = value[part]
        if any(broken[: len(path)] == path and not isinstance(value, Mapping) for broken in self._broken):
            raise UnknownError
        return value

    def required(self, *path: str) -> Any:
        """As `get`; `UnknownError` where the file doesn't have it (that is reported already)."""
        value = self.get(*path)
        if value is None:
            raise UnknownError
        return value

    def names(self, *path: str) -> list[str]:
        """The names of the tables in `path` (arms, outcomes) that are tables."""
        try:
            tables = self.get(*path, default={})
        except UnknownError:
            return []
        return [k for k, v in tables.items() if isinstance(v, Mapping)] if isinstance(tables, Mapping) else []


Rule = Callable[..., Iterator[DefinitionMistake]]


def judge(rule: Rule, *arguments: Any) -> list[DefinitionMistake]:
    """What `rule` finds, as far as it can be judged."""
    mistakes: list[DefinitionMistake] = []
    try:
        for finding in rule(*arguments):
            mistakes.append(finding)  # what came before the unknown counts
    except UnknownError:
        pass
    return mistakes
