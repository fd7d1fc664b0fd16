"""Estimators: pure functions from arrays to numbers. No files, no database, no terminal.

What needs numpy is loaded when it is asked for: the definition asks `rct.estimate.estimators` alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rct.called import calls

if TYPE_CHECKING:
    from rct.estimate.records import Estimate, Fit, Note, Sample
    from rct.estimate.registry import compare, estimate

__all__ = ["Estimate", "Fit", "Note", "Sample", "compare", "estimate"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "records" if name[0].isupper() else "registry"
    return getattr(import_module(f"{__name__}.{home}"), name)


calls(__name__, "rct.face.estimating", "estimate")
