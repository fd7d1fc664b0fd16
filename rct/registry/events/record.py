"""What a record of the log is made of: fields that are declared once, read strictly and written canonically.

A hash shows that a text was not changed, not that rct wrote it: whoever writes a chain anew can put anything into a
body. A record is only ever made of a body that has every field of its kind, each of its type, and none besides; so
what reads records never meets a key that isn't there, or a number that is a list.

Records are no dataclasses, for making thirty of these takes longer than all else that `rct status` imports.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform, overload

from rct.registry.events.shapes import TEXT, WHOLE, Shape, UnfitError

T = TypeVar("T")
OLDER = "written by an older rct"
GONE = "no longer written"
_REQUIRED: Any = object()


class Field:
    """One field of a record. `absent`: when a body may lack it; '' for one that always stands there."""

    __slots__ = ("absent", "default", "key", "meaning", "shape")

    def __init__(self, shape: Shape[Any], meaning: str, key: str, default: Any, absent: str):
        self.shape, self.meaning, self.key, self.default, self.absent = shape, meaning, key, default, absent


@overload
def field(shape: Shape[T], meaning: str, *, key: str = "") -> T: ...
@overload
def field(shape: Shape[T], meaning: str, *, key: str = "", default: T) -> T: ...
@overload
def field(shape: Shape[T], meaning: str, *, key: str = "", default: None, absent: str) -> T | None: ...
def field(
    shape: Shape[Any], meaning: str, *, key: str = "", default: Any = _REQUIRED, absent: str = ""
) -> Any:
    """Declare a field. `key`: its name in the body, where that is another. `absent`: when a body may lack it; it is
    None then. A `default` without that is what `rct.registry.change` fills in."""
    return Field(shape, meaning, key, default, absent)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
class Record:
    """Named values that never change. Fields that are left out of a body are None."""

    fields: ClassVar[Mapping[str, Field]] = {}

    def __init_subclass__(cls) -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
        for name, declared in own.items():
            delattr(cls, name)
            declared.key = declared.key or name
        cls.fields = {**own, **cls.fields}

    def __init__(self, **values: Any) -> None:
        for name, declared in self.fields.items():
            self.__dict__[name] = values.pop(name, declared.default)
            if self.__dict__[name] is _REQUIRED:
                raise TypeError(f"{type(self).__name__} lacks {name}")
        if values:
            raise TypeError(f"{type(self).__name__} has no {next(iter(values))}")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a record never changes: {name}")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.__dict__.items())})"

    def but(self, **changes: Any) -> Self:
        """The same record with other values."""
        return type(self)(**{**self.__dict__, **changes})

    def body(self) -> dict[str, Any]:
        """The record as the log holds it: by key, without what is left out."""
        return {
            declared.key: _plain(self.__dict__[name])
            for name, declared in self.fields.items()
            if not declared.absent or self.__dict__[name] is not None
        }

    @classmethod
    def read(cls, body: Any) -> Self:
        """The record of a body. Raises `UnfitError` that names the first key which is not as rct writes it."""
        if not isinstance(body, Mapping):
            raise UnfitError
        values = {}
        for name, declared in cls.fields.items():
            if declared.key in body:
                try:
                    values[name] = declared.shape.read(body[declared.key])
                except UnfitError:
                    raise UnfitError(declared.key) from None
            elif not declared.absent:
                raise UnfitError(declared.key)
        if len(values) < len(body):
            known = {declared.key for declared in cls.fields.values()}
            raise UnfitError(next(key for key in body if key not in known))
        return cls(**values)


class Body(Record):
    """The body of an event: what it says, and the marks of the change that wrote it.

    `kind` names it in the log, `when` says what brings it about, `chain` whose log it stands in.
    """

    kind: ClassVar[str] = ""
    when: ClassVar[str] = ""
    chain: ClassVar[str] = "trial"

    token: str = field(
        TEXT, "32 hex digits that tie the event to the files and vault rows written with it", default=""
    )
    rct: str = field(TEXT, "the version of rct that wrote it", default="")
    clock_back: int | None = field(
        WHOLE,
        "by how many seconds the clock stood behind the event before",
        default=None,
        absent="the clock did not go back",
    )

    def like(self, other: Body, *but: str) -> bool:
        """Whether another record says the same, whichever change wrote it. `but`: fields that may differ."""
        skip = {*Body.fields, *but}
        return type(self) is type(other) and all(
            self.__dict__[name] == other.__dict__[name] for name in self.fields if name not in skip
        )


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return value.body()
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value
