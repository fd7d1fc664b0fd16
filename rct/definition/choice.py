"""A key that holds one of the words of a registry: as a `Literal` of them, but asked anew each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema


@dataclass(frozen=True)
class OneOf:
    """Stands in `Annotated[str, OneOf(words)]`; `words` gives the words that are known now, in order."""

    words: Callable[[], tuple[str, ...]]

    def check(self, value: Any) -> str:
        """`value`, if it is one of the words. Raises pydantic's own error of a `Literal`."""
        from pydantic_core import PydanticKnownError

        words = self.words()
        if isinstance(value, str) and value in words:
            return value
        *first, last = (repr(word) for word in words)
        raise PydanticKnownError("literal_error", {"expected": " or ".join([", ".join(first), last])})

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"enum": list(self.words()), "type": "string"}
