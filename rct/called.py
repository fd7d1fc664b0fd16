"""Packages that bear the name of a function of the public face: `rct.draw(…)` draws, and `rct.draw.lots` stays a module.

Python sets a package's modules as its attributes once they are loaded, so a function `rct.draw` would be there until the
first command loads `rct/draw/`, and gone from then on. So the package itself can be called.
"""

from __future__ import annotations

import inspect
import sys
from importlib import import_module
from types import ModuleType
from typing import Any


def calls(package: str, home: str, function: str) -> None:
    """Let `package` be called as `function` of the module `home`, which is loaded when that is done."""

    def target() -> Any:
        return getattr(import_module(home), function)

    class Called(ModuleType):
        def __call__(self, *args: Any, **options: Any) -> Any:
            return target()(*args, **options)

        @property
        def __signature__(self) -> inspect.Signature:
            return inspect.signature(target())

    sys.modules[package].__class__ = Called
