"""Python is told no in the words of the commands: an `RctError`, never an error of SQLite or of the system."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from rct.errors import RctError
from rct.registry.trouble import problem_of

P = ParamSpec("P")
T = TypeVar("T")


def refusing(function: Callable[P, T]) -> Callable[P, T]:
    """The same function; what the system or SQLite refuses inside it is raised as an `RctError`."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **options: P.kwargs) -> T:
        try:
            return function(*args, **options)
        except RctError:
            raise
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                raise
            raise RctError(problem) from error

    return wrapped
